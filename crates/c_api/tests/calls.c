/* Calls in both directions, and what ends them: values of each type, nesting, mismatches, traps and their frames. */
#include "check.h"

static wasm_store_t *store;
static wasm_instance_t *instance;
static int freed;

static void free_env(void *env) { freed += *(int *)env; }

/* Returns its parameters in reverse. */
static wasm_trap_t *reverse(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    CHECK(args->size == 4 && results->size == 4);
    for (size_t i = 0; i < 4; i++) results->data[i] = args->data[3 - i];
    return NULL;
}

/* Calls Wasm again until the number is 0, and grows a memory on the way, which `run` then finds grown. */
static wasm_trap_t *nest(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    int32_t left = args->data[0].of.i32;
    CHECK(*(int *)env == 42);
    if (left < 0) return trap_with(store, "below zero");
    wasm_extern_t *memory = export_of(instance, "memory");
    CHECK(wasm_memory_grow(wasm_extern_as_memory(memory), 1));
    wasm_extern_delete(memory);
    int32_t result = 0;
    if (left > 0) {
        wasm_trap_t *trap = call(instance, "run", 1, left - 1, 0, &result);
        if (trap) return trap;
    }
    results->data[0] = (wasm_val_t)WASM_I32_VAL(result + left);
    return NULL;
}

/* Writes a result of a wrong type. */
static wasm_trap_t *lie(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    (void)args;
    results->data[0] = (wasm_val_t)WASM_F64_VAL(1.0);
    return NULL;
}

static const char TEXT[] =
    "(module"
    "  (import \"\" \"reverse\" (func $reverse (param i32 i64 f32 f64) (result f64 f32 i64 i32)))"
    "  (import \"\" \"nest\" (func $nest (param i32) (result i32)))"
    "  (import \"\" \"lie\" (func $lie (result i32)))"
    "  (memory (export \"memory\") 0)"
    "  (func (export \"reverse\") (param i32 i64 f32 f64) (result f64 f32 i64 i32)"
    "    (call $reverse (local.get 0) (local.get 1) (local.get 2) (local.get 3)))"
    "  (func (export \"run\") (param i32) (result i32)"
    "    (call $nest (local.get 0)) (drop (i32.load (i32.const 65532))))"
    "  (func (export \"lie\") (result i32) (call $lie))"
    "  (func $inner (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0)))"
    "  (func $outer (export \"div\") (param i32) (result i32) (call $inner (local.get 0)))"
    "  (func (export \"vector\") (result v128) (v128.const i64x2 1 2)))";

static void values(void) {
    wasm_extern_t *item = export_of(instance, "reverse");
    wasm_func_t *func = wasm_extern_as_func(item);
    CHECK(wasm_func_param_arity(func) == 4 && wasm_func_result_arity(func) == 4);
    wasm_functype_t *type = wasm_func_type(func);
    CHECK(wasm_valtype_kind(wasm_functype_params(type)->data[2]) == WASM_F32);
    wasm_functype_delete(type);
    wasm_val_t in[] = {WASM_I32_VAL(-1), WASM_I64_VAL(INT64_MIN), WASM_F32_VAL(0.5f), WASM_F64_VAL(-2.0)}, out[4];
    wasm_val_vec_t args = WASM_ARRAY_VEC(in), results = WASM_ARRAY_VEC(out);
    no_trap(wasm_func_call(func, &args, &results));
    CHECK(out[0].kind == WASM_F64 && out[0].of.f64 == -2.0 && out[1].kind == WASM_F32 && out[1].of.f32 == 0.5f);
    CHECK(out[2].kind == WASM_I64 && out[2].of.i64 == INT64_MIN && out[3].kind == WASM_I32 && out[3].of.i32 == -1);
    /* Fewer places than results, and none. */
    wasm_val_vec_t one = {1, out};
    out[0].of.i64 = 0;
    out[1] = (wasm_val_t)WASM_I32_VAL(77);
    no_trap(wasm_func_call(func, &args, &one));
    CHECK(out[0].of.f64 == -2.0 && out[1].of.i32 == 77);
    no_trap(wasm_func_call(func, &args, NULL));

    in[1] = (wasm_val_t)WASM_I32_VAL(0);
    CHECK(traps(wasm_func_call(func, &args, &results), "a value of type i64 was expected"));
    args.size = 3;
    wasm_trap_t *trap = wasm_func_call(func, &args, &results);
    CHECK(trap && wasmote_trap_kind(trap) == WASMOTE_ERROR_CALL);
    CHECK(traps(trap, "4 parameters, not 3"));
    CHECK(traps(wasm_func_call(func, NULL, &results), "4 parameters, not 0"));
    wasm_extern_delete(item);
    CHECK(traps(call(instance, "lie", 0, 0, 0, NULL), "a value of type i32 was expected"));
    CHECK(traps(call(instance, "vector", 0, 0, 0, NULL), "v128"));
}

static void nesting(void) {
    CHECK(value_of(instance, "run", 1, 10, 0) == 55);
    CHECK(traps(call(instance, "run", 1, -1, 0, NULL), "below zero"));
    /* Calls nest until the limit of the engine, which is no end of the store. */
    CHECK(traps(call(instance, "run", 1, 100000, 0, NULL), "call stack exhausted"));
    CHECK(value_of(instance, "run", 1, 2, 0) == 3);
}

static void frames(void) {
    wasm_trap_t *trap = call(instance, "div", 1, 0, 0, NULL);
    CHECK(wasmote_trap_kind(trap) == WASMOTE_ERROR_TRAP);
    CHECK(wasmote_trap_code(trap) == WASMOTE_TRAP_INTEGER_DIVISION_BY_ZERO);
    int32_t status = 7;
    CHECK(!wasmote_trap_exit_status(trap, &status) && status == 7);
    wasm_frame_t *origin = wasm_trap_origin(trap), *copy = wasm_frame_copy(origin);
    wasm_frame_delete(origin);
    CHECK(wasm_frame_func_index(copy) == 6 && !strcmp(wasmote_frame_func_name(copy), "inner"));
    wasm_frame_vec_t trace, again;
    wasm_trap_trace(trap, &trace);
    CHECK(trace.size == 2 && wasm_frame_func_index(trace.data[1]) == 7);
    CHECK(wasm_frame_func_offset(copy) > 0 && wasm_frame_module_offset(copy) > wasm_frame_func_offset(copy));
    CHECK(wasm_frame_module_offset(trace.data[1]) > wasm_frame_module_offset(copy));
    wasm_frame_vec_copy(&again, &trace);
    wasm_frame_vec_delete(&trace);
    CHECK(!strcmp(wasmote_frame_func_name(again.data[1]), "outer"));
    wasm_frame_vec_delete(&again);
    wasm_frame_delete(copy);
    CHECK(traps(trap, "integer divide by zero"));

    /* A trap that passes through functions of the host keeps its identity, and has all frames. */
    trap = call(instance, "run", 1, -1, 0, NULL);
    CHECK(wasmote_trap_kind(trap) == WASMOTE_ERROR_HOST && wasmote_trap_code(trap) == 0);
    wasm_trap_trace(trap, &trace);
    CHECK(trace.size == 1);
    wasm_frame_vec_delete(&trace);
    wasm_trap_delete(trap);

    trap = trap_with(store, "alone");
    CHECK(!wasm_trap_origin(trap));
    wasm_trap_trace(trap, &trace);
    CHECK(trace.size == 0);
    CHECK(traps(trap, "alone"));
}

static void imports(void) {
    wasm_module_t *module = module_of(store, "(module (import \"a\" \"f\" (func)) (import \"a\" \"m\" (memory 1)))");
    wasm_extern_t *items[] = {export_of(instance, "div"), export_of(instance, "memory"), NULL};
    wasm_extern_vec_t few = {1, items}, wrong = {2, items}, null = {2, items + 1};
    wasm_trap_t *trap = NULL;
    CHECK(!wasm_instance_new(store, module, NULL, NULL));
    CHECK(!wasm_instance_new(store, module, &few, &trap) && traps(trap, "2 imports, not 1"));
    CHECK(!wasm_instance_new(store, module, &wrong, &trap));
    CHECK(wasmote_trap_kind(trap) == WASMOTE_ERROR_LINK);
    wasm_trap_delete(trap);
    CHECK(!wasm_instance_new(store, module, &null, &trap));
    wasm_trap_delete(trap);
    wasm_extern_delete(items[0]);
    wasm_extern_delete(items[1]);

    /* Items of another store, and modules of another engine. */
    wasm_engine_t *other_engine = wasm_engine_new();
    wasm_store_t *other = wasm_store_new(other_engine);
    wasm_instance_t *elsewhere = instance_of(other, "(module (func (export \"f\")))", NULL);
    wasm_extern_t *foreign[] = {export_of(elsewhere, "f"), export_of(elsewhere, "f")};
    wasm_extern_vec_t others = WASM_ARRAY_VEC(foreign);
    CHECK(!wasm_instance_new(store, module, &others, &trap) && traps(trap, "import 0 belongs to another store"));
    CHECK(!wasm_instance_new(other, module, &others, &trap) && traps(trap, "another engine"));
    wasm_extern_delete(foreign[0]);
    wasm_extern_delete(foreign[1]);
    wasm_instance_delete(elsewhere);
    wasm_store_delete(other);
    wasm_engine_delete(other_engine);
    wasm_module_delete(module);

    wasm_module_t *start = module_of(store, "(module (func $s unreachable) (start $s))");
    CHECK(!wasm_instance_new(store, start, NULL, &trap));
    CHECK(wasmote_trap_code(trap) == WASMOTE_TRAP_UNREACHABLE);
    wasm_frame_t *origin = wasm_trap_origin(trap);
    CHECK(origin && wasm_frame_func_index(origin) == 0);
    wasm_frame_delete(origin);
    wasm_trap_delete(trap);
    wasm_module_delete(start);
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    store = wasm_store_new(engine);
    wasm_valtype_t *params[] = {wasm_valtype_new_i32(), wasm_valtype_new_i64(), wasm_valtype_new_f32(), wasm_valtype_new_f64()};
    wasm_valtype_t *outs[] = {wasm_valtype_new_f64(), wasm_valtype_new_f32(), wasm_valtype_new_i64(), wasm_valtype_new_i32()};
    wasm_valtype_vec_t in, out;
    wasm_valtype_vec_new(&in, 4, params);
    wasm_valtype_vec_new(&out, 4, outs);
    wasm_functype_t *four = wasm_functype_new(&in, &out);
    wasm_functype_t *one = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
    wasm_functype_t *none = wasm_functype_new_0_1(wasm_valtype_new_i32());
    int env = 42;
    wasm_func_t *funcs[] = {wasm_func_new(store, four, reverse), wasm_func_new_with_env(store, one, nest, &env, free_env),
                            wasm_func_new(store, none, lie)};
    wasm_functype_delete(four);
    wasm_functype_delete(one);
    wasm_functype_delete(none);
    wasm_extern_t *items[] = {wasm_func_as_extern(funcs[0]), wasm_func_as_extern(funcs[1]), wasm_func_as_extern(funcs[2])};
    wasm_extern_vec_t all = WASM_ARRAY_VEC(items);
    instance = instance_of(store, TEXT, &all);
    for (size_t i = 0; i < 3; i++) wasm_func_delete(funcs[i]);

    values();
    nesting();
    frames();
    imports();

    wasm_instance_delete(instance);
    CHECK(freed == 0);
    wasm_store_delete(store);
    CHECK(freed == 42);
    wasm_engine_delete(engine);
    return 0;
}
