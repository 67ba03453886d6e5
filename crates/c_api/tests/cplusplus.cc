/* The C++ header: ownership of values and vectors, functions of the host, exceptions, and traps. */
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <wasm.hh>
#include <wasmote.h>

#define CHECK(condition)                                                                                           \
    do {                                                                                                           \
        if (!(condition)) {                                                                                        \
            std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                   \
            std::exit(1);                                                                                          \
        }                                                                                                          \
    } while (0)

using namespace wasm;

static const char TEXT[] = "(module (import \"\" \"half\" (func $half (param i32) (result i32)))"
                           " (import \"\" \"pass\" (func $pass (param externref) (result externref)))"
                           " (func (export \"half\") (param i32) (result i32) (call $half (local.get 0)))"
                           " (func (export \"pass\") (param externref) (result externref) (call $pass (local.get 0)))"
                           " (memory (export \"m\") 1 2) (global (export \"g\") (mut i64) (i64.const 7)))";

static own<Trap> half(const vec<Val> &args, vec<Val> &results) {
    if (args[0].i32() % 2) throw std::runtime_error("an odd number");
    results[0] = Val::i32(args[0].i32() / 2);
    return nullptr;
}

static own<Trap> pass(void *env, const vec<Val> &args, vec<Val> &results) {
    ++*static_cast<int *>(env);
    results[0] = args[0].copy();
    return nullptr;
}

static int finalized;

int main() {
    auto engine = Engine::make();
    auto store = Store::make(engine.get());
    wasm_byte_vec_t binary;
    CHECK(!wasmote_wat2wasm(TEXT, sizeof(TEXT) - 1, &binary));
    auto bytes = vec<byte_t>::make(binary.size, binary.data);
    wasm_byte_vec_delete(&binary);
    CHECK(Module::validate(store.get(), bytes));
    auto module = Module::make(store.get(), bytes);
    CHECK(module && module->imports().size() == 2 && module->exports()[3]->type()->kind() == ExternKind::GLOBAL);

    int passed = 0;
    auto half_type = FuncType::make(ownvec<ValType>::make(ValType::make(ValKind::I32)),
                                    ownvec<ValType>::make(ValType::make(ValKind::I32)));
    CHECK(half_type->params().size() == 1 && half_type->results()[0]->kind() == ValKind::I32);
    auto half_func = Func::make(store.get(), half_type.get(), half);
    auto pass_type = FuncType::make(ownvec<ValType>::make(ValType::make(ValKind::EXTERNREF)),
                                    ownvec<ValType>::make(ValType::make(ValKind::EXTERNREF)));
    auto pass_func = Func::make(store.get(), pass_type.get(), pass, &passed, [](void *env) { finalized = *static_cast<int *>(env); });
    auto imports = vec<Extern *>::make(half_func.get(), pass_func.get());
    own<Trap> trap;
    auto instance = Instance::make(store.get(), module.get(), imports, &trap);
    CHECK(instance && !trap);
    auto none = vec<Extern *>::make();
    CHECK(!Instance::make(store.get(), module.get(), none, &trap) && trap && trap->message().size() > 1);

    auto exports = instance->exports();
    auto args = vec<Val>::make(Val::i32(8)), results = vec<Val>::make_uninitialized(1);
    CHECK(!exports[0]->func()->call(args, results) && results[0].i32() == 4);
    args[0] = Val::make(uint32_t(3));
    trap = exports[0]->func()->call(args, results);
    CHECK(trap && std::string(trap->message().get()) == "an odd number" && trap->origin()->func_index() == 2);
    CHECK(trap->trace().size() == 1);

    auto foreign = Foreign::make(store.get());
    foreign->set_host_info(&passed);
    args[0] = Val::ref(foreign->copy());
    CHECK(!exports[1]->func()->call(args, results) && passed == 1);
    CHECK(results[0].ref()->same(foreign.get()) && results[0].ref()->get_host_info() == &passed);
    auto moved = std::move(results[0]);
    CHECK(!results[0].ref() && moved.copy().ref()->same(foreign.get()));

    auto memory = exports[2]->memory();
    CHECK(memory && !exports[2]->func() && memory->size() == 1 && memory->grow(1) && !memory->grow(1));
    memory->data()[5] = 5;
    CHECK(memory->data_size() == 2 * Memory::page_size && memory->type()->limits().max == 2);
    exports[3]->global()->set(Val::i64(9));
    CHECK(exports[3]->global()->get().get<int64_t>() == 9);
    auto copy = Module::deserialize(store.get(), module->serialize());
    CHECK(copy && Module::obtain(store.get(), copy->share().get()));
    CHECK(!vec<Val>::invalid() && vec<Val>::make());
    return 0;
}
