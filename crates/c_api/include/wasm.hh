/**
 * \file wasm.hh
 *
 * The standard C++ API of WebAssembly engines over `wasm.h`: programs written for the standard header compile with this one.
 * Everything is inline, so it works with any compiler and any library of C++17.
 *
 * `own<T>` owns a handle and deletes it; a `T *` borrows one. `vec<T>` owns its elements. The rules of `wasm.h` on
 * references and threads hold. An exception that leaves a function of the host becomes a trap with its message.
 */
#ifndef WASM_HH
#define WASM_HH

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <limits>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include "wasm.h"

namespace wasm {

/* ---- Ownership ---- */

/** Deletes what an `own` owns. */
class destroyer {
public:
    template <class T> void operator()(T *pointer) { pointer->destroy(); }
};

template <class T> using own = std::unique_ptr<T, destroyer>;
template <class T> own<T> make_own(T *pointer) { return own<T>(pointer); }

/** A vector of fixed size. One that is invalid is none at all: a result that could not be made. Its layout is that of the
    vectors of C, so that those can be read in place. */
template <class T> class vec {
    static constexpr size_t INVALID = SIZE_MAX;

    size_t size_;
    std::unique_ptr<T[]> data_;

    explicit vec(size_t size) : size_(size), data_(size ? new T[size]() : nullptr) {}
    vec(size_t size, T *data) : size_(size), data_(data) {}

public:
    using elem_type = T;

    vec(vec &&that) noexcept : size_(std::exchange(that.size_, INVALID)), data_(std::move(that.data_)) {}
    vec &operator=(vec &&that) noexcept {
        size_ = std::exchange(that.size_, INVALID);
        data_ = std::move(that.data_);
        return *this;
    }

    explicit operator bool() const { return size_ != INVALID; }
    size_t size() const { return size_; }
    const T *get() const { return data_.get(); }
    T *get() { return data_.get(); }
    T *release() {
        size_ = INVALID;
        return data_.release();
    }
    void reset() {
        size_ = INVALID;
        data_.reset();
    }
    void reset(vec &that) { *this = std::move(that); }

    T &operator[](size_t index) {
        assert(index < size_);
        return data_[index];
    }
    const T &operator[](size_t index) const {
        assert(index < size_);
        return data_[index];
    }

    /** Copies elements that are values. */
    vec copy() const {
        vec made(size_);
        for (size_t i = 0; i < size_; ++i) made.data_[i] = data_[i];
        return made;
    }
    /** Copies elements that are owned. */
    vec deep_copy() const {
        vec made(size_);
        for (size_t i = 0; i < size_; ++i) made.data_[i] = data_[i]->copy();
        return made;
    }

    static vec make_uninitialized(size_t size = 0) { return vec(size); }
    static vec make() { return vec(0); }
    static vec make(size_t size, T init[]) {
        vec made(size);
        for (size_t i = 0; i < size; ++i) made.data_[i] = std::move(init[i]);
        return made;
    }
    static vec<char> make(std::string text) { return vec<char>::make(text.size(), text.data()); }
    /** With a zero at the end. */
    static vec<char> make_nt(std::string text) { return vec<char>::make(text.size() + 1, text.data()); }
    template <class... Ts> static vec make(Ts &&...args) {
        T data[] = {std::forward<Ts>(args)...};
        return make(sizeof...(Ts), data);
    }
    static vec adopt(size_t size, T data[]) { return vec(size, data); }
    static vec invalid() { return vec(INVALID, nullptr); }
};

template <class T> using ownvec = vec<own<T>>;

/* ---- Between C and C++ ---- */

namespace detail {

/* A class here has no data: its objects are those of C, and `this` is the handle. */
#define WASM_HANDLE(Name, name)                                                                                    \
    friend class destroyer;                                                                                        \
    void destroy() { wasm_##name##_delete(c()); }                                                                  \
                                                                                                                   \
protected:                                                                                                         \
    Name() = delete;                                                                                               \
    ~Name() = default;                                                                                             \
                                                                                                                   \
public:                                                                                                            \
    wasm_##name##_t *c() { return reinterpret_cast<wasm_##name##_t *>(this); }                                     \
    const wasm_##name##_t *c() const { return reinterpret_cast<const wasm_##name##_t *>(this); }                   \
    static Name *of(wasm_##name##_t *handle) { return reinterpret_cast<Name *>(handle); }                          \
    static const Name *of(const wasm_##name##_t *handle) { return reinterpret_cast<const Name *>(handle); }

#define WASM_COPY(Name, name)                                                                                      \
    own<Name> copy() const { return own<Name>(of(wasm_##name##_copy(c()))); }

/** Takes the elements of a vector of handles, and frees the vector. */
template <class T, class V> ownvec<T> take(V *from, void (*free)(V *)) {
    auto made = ownvec<T>::make_uninitialized(from->size);
    for (size_t i = 0; i < from->size; ++i) {
        made[i].reset(T::of(from->data[i]));
        from->data[i] = nullptr;
    }
    free(from);
    return made;
}

/** Gives the elements away, in a vector of C. */
template <class T, class V, class E> V give(ownvec<T> &&from, void (*make)(V *, size_t, E *const *)) {
    auto elements = vec<E *>::make_uninitialized(from.size());
    for (size_t i = 0; i < from.size(); ++i) elements[i] = from[i].release()->c();
    V made;
    make(&made, elements.size(), elements.get());
    return made;
}

inline vec<byte_t> take(wasm_byte_vec_t *from) {
    auto made = vec<byte_t>::make(from->size, from->data);
    wasm_byte_vec_delete(from);
    return made;
}

inline wasm_byte_vec_t lend(const vec<byte_t> &from) {
    return {from.size(), const_cast<byte_t *>(from.get())};
}

inline wasm_byte_vec_t give(const vec<byte_t> &from) {
    wasm_byte_vec_t made;
    wasm_byte_vec_new(&made, from.size(), from.get());
    return made;
}

template <class T, class V> const T &in_place(const V *from) {
    static_assert(sizeof(T) == sizeof(V), "vectors of C++ have the layout of those of C");
    return *reinterpret_cast<const T *>(from);
}

} // namespace detail

/* ---- Engines and stores ---- */

class Config {
    WASM_HANDLE(Config, config)
    static own<Config> make() { return own<Config>(of(wasm_config_new())); }
};

class Engine {
    WASM_HANDLE(Engine, engine)
    static own<Engine> make(own<Config> &&config = Config::make()) {
        return own<Engine>(of(wasm_engine_new_with_config(config ? config.release()->c() : nullptr)));
    }
};

class Store {
    WASM_HANDLE(Store, store)
    static own<Store> make(Engine *engine) { return own<Store>(of(wasm_store_new(engine->c()))); }
};

/* ---- Types ---- */

enum class Mutability : uint8_t { CONST, VAR };

struct Limits {
    uint32_t min;
    uint32_t max;
    Limits(uint32_t min, uint32_t max = std::numeric_limits<uint32_t>::max()) : min(min), max(max) {}
};

enum class ValKind : uint8_t { I32, I64, F32, F64, EXTERNREF = 128, FUNCREF };
inline bool is_num(ValKind kind) { return kind < ValKind::EXTERNREF; }
inline bool is_ref(ValKind kind) { return kind >= ValKind::EXTERNREF; }

class ValType {
    WASM_HANDLE(ValType, valtype)
    WASM_COPY(ValType, valtype)
    static own<ValType> make(ValKind kind) { return own<ValType>(of(wasm_valtype_new(uint8_t(kind)))); }
    ValKind kind() const { return ValKind(wasm_valtype_kind(c())); }
    bool is_num() const { return wasm::is_num(kind()); }
    bool is_ref() const { return wasm::is_ref(kind()); }
};

enum class ExternKind : uint8_t { FUNC, GLOBAL, TABLE, MEMORY };

class FuncType;
class GlobalType;
class TableType;
class MemoryType;

class ExternType {
    WASM_HANDLE(ExternType, externtype)
    WASM_COPY(ExternType, externtype)
    ExternKind kind() const { return ExternKind(wasm_externtype_kind(c())); }
    inline FuncType *func();
    inline GlobalType *global();
    inline TableType *table();
    inline MemoryType *memory();
    inline const FuncType *func() const;
    inline const GlobalType *global() const;
    inline const TableType *table() const;
    inline const MemoryType *memory() const;
};

class FuncType : public ExternType {
    WASM_HANDLE(FuncType, functype)
    WASM_COPY(FuncType, functype)
    static own<FuncType> make(ownvec<ValType> &&params = ownvec<ValType>::make(),
                              ownvec<ValType> &&results = ownvec<ValType>::make()) {
        auto in = detail::give<ValType, wasm_valtype_vec_t, wasm_valtype_t>(std::move(params), wasm_valtype_vec_new);
        auto out = detail::give<ValType, wasm_valtype_vec_t, wasm_valtype_t>(std::move(results), wasm_valtype_vec_new);
        return own<FuncType>(of(wasm_functype_new(&in, &out)));
    }
    const ownvec<ValType> &params() const { return detail::in_place<ownvec<ValType>>(wasm_functype_params(c())); }
    const ownvec<ValType> &results() const { return detail::in_place<ownvec<ValType>>(wasm_functype_results(c())); }
};

class GlobalType : public ExternType {
    WASM_HANDLE(GlobalType, globaltype)
    WASM_COPY(GlobalType, globaltype)
    static own<GlobalType> make(own<ValType> &&content, Mutability mutability) {
        return own<GlobalType>(of(wasm_globaltype_new(content.release()->c(), uint8_t(mutability))));
    }
    const ValType *content() const { return ValType::of(wasm_globaltype_content(c())); }
    Mutability mutability() const { return Mutability(wasm_globaltype_mutability(c())); }
};

class TableType : public ExternType {
    WASM_HANDLE(TableType, tabletype)
    WASM_COPY(TableType, tabletype)
    static own<TableType> make(own<ValType> &&element, Limits limits) {
        wasm_limits_t both = {limits.min, limits.max};
        return own<TableType>(of(wasm_tabletype_new(element.release()->c(), &both)));
    }
    const ValType *element() const { return ValType::of(wasm_tabletype_element(c())); }
    const Limits &limits() const { return detail::in_place<Limits>(wasm_tabletype_limits(c())); }
};

class MemoryType : public ExternType {
    WASM_HANDLE(MemoryType, memorytype)
    WASM_COPY(MemoryType, memorytype)
    static own<MemoryType> make(Limits limits) {
        wasm_limits_t both = {limits.min, limits.max};
        return own<MemoryType>(of(wasm_memorytype_new(&both)));
    }
    const Limits &limits() const { return detail::in_place<Limits>(wasm_memorytype_limits(c())); }
};

#define WASM_EXTERNTYPE_AS(Name, name)                                                                             \
    inline Name##Type *ExternType::name() { return Name##Type::of(wasm_externtype_as_##name##type(c())); }         \
    inline const Name##Type *ExternType::name() const {                                                            \
        return Name##Type::of(wasm_externtype_as_##name##type_const(c()));                                         \
    }
WASM_EXTERNTYPE_AS(Func, func)
WASM_EXTERNTYPE_AS(Global, global)
WASM_EXTERNTYPE_AS(Table, table)
WASM_EXTERNTYPE_AS(Memory, memory)
#undef WASM_EXTERNTYPE_AS

using Name = vec<byte_t>;

class ImportType {
    WASM_HANDLE(ImportType, importtype)
    WASM_COPY(ImportType, importtype)
    static own<ImportType> make(Name &&module, Name &&name, own<ExternType> &&type) {
        auto first = detail::give(module), second = detail::give(name);
        return own<ImportType>(of(wasm_importtype_new(&first, &second, type.release()->c())));
    }
    const Name &module() const { return detail::in_place<Name>(wasm_importtype_module(c())); }
    const Name &name() const { return detail::in_place<Name>(wasm_importtype_name(c())); }
    const ExternType *type() const { return ExternType::of(wasm_importtype_type(c())); }
};

class ExportType {
    WASM_HANDLE(ExportType, exporttype)
    WASM_COPY(ExportType, exporttype)
    static own<ExportType> make(Name &&name, own<ExternType> &&type) {
        auto text = detail::give(name);
        return own<ExportType>(of(wasm_exporttype_new(&text, type.release()->c())));
    }
    const Name &name() const { return detail::in_place<Name>(wasm_exporttype_name(c())); }
    const ExternType *type() const { return ExternType::of(wasm_exporttype_type(c())); }
};

/* ---- References and values ---- */

class Ref {
    WASM_HANDLE(Ref, ref)
    WASM_COPY(Ref, ref)
    bool same(const Ref *that) const { return wasm_ref_same(c(), that->c()); }
    void *get_host_info() const { return wasm_ref_get_host_info(c()); }
    void set_host_info(void *info, void (*finalizer)(void *) = nullptr) {
        wasm_ref_set_host_info_with_finalizer(c(), info, finalizer);
    }
};

/** A value, which owns its reference if it is one. Its layout is that of `wasm_val_t`. */
class Val {
    ValKind kind_;
    union impl {
        int32_t i32;
        int64_t i64;
        float32_t f32;
        float64_t f64;
        wasm::Ref *ref;
    } impl_;

public:
    Val() : kind_(ValKind::EXTERNREF) { impl_.ref = nullptr; }
    explicit Val(int32_t value) : kind_(ValKind::I32) { impl_.i32 = value; }
    explicit Val(int64_t value) : kind_(ValKind::I64) { impl_.i64 = value; }
    explicit Val(float32_t value) : kind_(ValKind::F32) { impl_.f32 = value; }
    explicit Val(float64_t value) : kind_(ValKind::F64) { impl_.f64 = value; }
    explicit Val(own<Ref> &&value) : kind_(ValKind::EXTERNREF) { impl_.ref = value.release(); }
    Val(Val &&that) noexcept : kind_(that.kind_), impl_(that.impl_) { that.forget(); }
    ~Val() { reset(); }
    Val &operator=(Val &&that) noexcept {
        reset(that);
        return *this;
    }

    static Val i32(int32_t value) { return Val(value); }
    static Val i64(int64_t value) { return Val(value); }
    static Val f32(float32_t value) { return Val(value); }
    static Val f64(float64_t value) { return Val(value); }
    static Val ref(own<Ref> &&value) { return Val(std::move(value)); }
    template <class T> static Val make(T value) {
        if constexpr (std::is_same_v<T, uint32_t>) return Val(static_cast<int32_t>(value));
        else if constexpr (std::is_same_v<T, uint64_t>) return Val(static_cast<int64_t>(value));
        else return Val(value);
    }
    template <class T> static Val make(own<T> &&value) { return Val(own<Ref>(value.release())); }

    bool is_num() const { return wasm::is_num(kind_); }
    bool is_ref() const { return wasm::is_ref(kind_); }
    ValKind kind() const { return kind_; }
    int32_t i32() const { return assert(kind_ == ValKind::I32), impl_.i32; }
    int64_t i64() const { return assert(kind_ == ValKind::I64), impl_.i64; }
    float32_t f32() const { return assert(kind_ == ValKind::F32), impl_.f32; }
    float64_t f64() const { return assert(kind_ == ValKind::F64), impl_.f64; }
    wasm::Ref *ref() const { return assert(is_ref()), impl_.ref; }
    template <class T> T get() const {
        if constexpr (std::is_same_v<T, int32_t> || std::is_same_v<T, uint32_t>) return static_cast<T>(i32());
        else if constexpr (std::is_same_v<T, int64_t> || std::is_same_v<T, uint64_t>) return static_cast<T>(i64());
        else if constexpr (std::is_same_v<T, float32_t>) return f32();
        else if constexpr (std::is_same_v<T, float64_t>) return f64();
        else return ref();
    }
    own<wasm::Ref> release_ref() {
        assert(is_ref());
        return own<wasm::Ref>(std::exchange(impl_.ref, nullptr));
    }
    Val copy() const {
        Val made;
        wasm_val_copy(reinterpret_cast<wasm_val_t *>(&made), reinterpret_cast<const wasm_val_t *>(this));
        return made;
    }
    void reset() {
        if (is_ref()) release_ref();
    }
    void reset(Val &that) {
        if (this == &that) return;
        reset();
        kind_ = that.kind_;
        impl_ = that.impl_;
        that.forget();
    }

private:
    void forget() {
        if (is_ref()) impl_.ref = nullptr;
    }
};
static_assert(sizeof(Val) == sizeof(wasm_val_t), "values of C++ have the layout of those of C");

/* ---- Traps ---- */

/** A message, with a zero at its end. */
using Message = vec<byte_t>;

class Instance;

class Frame {
    WASM_HANDLE(Frame, frame)
    WASM_COPY(Frame, frame)
    Instance *instance() const { return reinterpret_cast<Instance *>(wasm_frame_instance(c())); }
    uint32_t func_index() const { return wasm_frame_func_index(c()); }
    size_t func_offset() const { return wasm_frame_func_offset(c()); }
    size_t module_offset() const { return wasm_frame_module_offset(c()); }
};

class Trap : public Ref {
    WASM_HANDLE(Trap, trap)
    WASM_COPY(Trap, trap)
    static own<Trap> make(Store *store, const Message &message) {
        auto text = detail::lend(message);
        return own<Trap>(of(wasm_trap_new(store->c(), &text)));
    }
    Message message() const {
        wasm_message_t text;
        wasm_trap_message(c(), &text);
        return detail::take(&text);
    }
    own<Frame> origin() const { return own<Frame>(Frame::of(wasm_trap_origin(c()))); }
    ownvec<Frame> trace() const {
        wasm_frame_vec_t frames;
        wasm_trap_trace(c(), &frames);
        return detail::take<Frame>(&frames, wasm_frame_vec_delete);
    }
};

/* ---- Modules and foreign objects ---- */

template <class T> class Shared;
class Module;

template <> class Shared<Module> {
    WASM_HANDLE(Shared, shared_module)
};

class Module : public Ref {
    WASM_HANDLE(Module, module)
    WASM_COPY(Module, module)
    static bool validate(Store *store, const vec<byte_t> &binary) {
        auto bytes = detail::lend(binary);
        return wasm_module_validate(store->c(), &bytes);
    }
    static own<Module> make(Store *store, const vec<byte_t> &binary) {
        auto bytes = detail::lend(binary);
        return own<Module>(of(wasm_module_new(store->c(), &bytes)));
    }
    ownvec<ImportType> imports() const {
        wasm_importtype_vec_t types;
        wasm_module_imports(c(), &types);
        return detail::take<ImportType>(&types, wasm_importtype_vec_delete);
    }
    ownvec<ExportType> exports() const {
        wasm_exporttype_vec_t types;
        wasm_module_exports(c(), &types);
        return detail::take<ExportType>(&types, wasm_exporttype_vec_delete);
    }
    own<Shared<Module>> share() const { return own<Shared<Module>>(Shared<Module>::of(wasm_module_share(c()))); }
    static own<Module> obtain(Store *store, const Shared<Module> *shared) {
        return own<Module>(of(wasm_module_obtain(store->c(), shared->c())));
    }
    vec<byte_t> serialize() const {
        wasm_byte_vec_t bytes;
        wasm_module_serialize(c(), &bytes);
        return detail::take(&bytes);
    }
    static own<Module> deserialize(Store *store, const vec<byte_t> &artefact) {
        auto bytes = detail::lend(artefact);
        return own<Module>(of(wasm_module_deserialize(store->c(), &bytes)));
    }
};

class Foreign : public Ref {
    WASM_HANDLE(Foreign, foreign)
    WASM_COPY(Foreign, foreign)
    static own<Foreign> make(Store *store) { return own<Foreign>(of(wasm_foreign_new(store->c()))); }
};

/* ---- Items ---- */

class Func;
class Global;
class Table;
class Memory;

class Extern : public Ref {
    WASM_HANDLE(Extern, extern)
    WASM_COPY(Extern, extern)
    ExternKind kind() const { return ExternKind(wasm_extern_kind(c())); }
    own<ExternType> type() const { return own<ExternType>(ExternType::of(wasm_extern_type(c()))); }
    inline Func *func();
    inline Global *global();
    inline Table *table();
    inline Memory *memory();
    inline const Func *func() const;
    inline const Global *global() const;
    inline const Table *table() const;
    inline const Memory *memory() const;
};

class Func : public Extern {
    WASM_HANDLE(Func, func)
    WASM_COPY(Func, func)
    using callback = own<Trap> (*)(const vec<Val> &, vec<Val> &);
    using callback_with_env = own<Trap> (*)(void *, const vec<Val> &, vec<Val> &);

    static own<Func> make(Store *store, const FuncType *type, callback call) {
        return make(store, type, new Host{call, nullptr, nullptr, nullptr, store});
    }
    static own<Func> make(Store *store, const FuncType *type, callback_with_env call, void *env,
                          void (*finalizer)(void *) = nullptr) {
        return make(store, type, new Host{nullptr, call, env, finalizer, store});
    }
    own<FuncType> type() const { return own<FuncType>(FuncType::of(wasm_func_type(c()))); }
    size_t param_arity() const { return wasm_func_param_arity(c()); }
    size_t result_arity() const { return wasm_func_result_arity(c()); }
    own<Trap> call(const vec<Val> &args, vec<Val> &results) const {
        wasm_val_vec_t in = {args.size(), reinterpret_cast<wasm_val_t *>(const_cast<Val *>(args.get()))};
        wasm_val_vec_t out = {results.size(), reinterpret_cast<wasm_val_t *>(results.get())};
        return own<Trap>(Trap::of(wasm_func_call(c(), &in, &out)));
    }

private:
    /** A function of the host, with one of the two kinds of callbacks. */
    struct Host {
        callback plain;
        callback_with_env with_env;
        void *env;
        void (*finalizer)(void *);
        Store *store;

        static void free(void *host) {
            auto self = static_cast<Host *>(host);
            if (self->finalizer) self->finalizer(self->env);
            delete self;
        }
        own<Trap> run(const vec<Val> &args, vec<Val> &results) const {
            return plain ? plain(args, results) : with_env(env, args, results);
        }
        static wasm_trap_t *call(void *host, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
            auto self = static_cast<const Host *>(host);
            auto &in = detail::in_place<vec<Val>>(args);
            auto &out = const_cast<vec<Val> &>(detail::in_place<vec<Val>>(results));
#if defined(__cpp_exceptions)
            try {
                return to_c(self->run(in, out));
            } catch (const std::exception &error) {
                return to_c(Trap::make(self->store, Message::make_nt(error.what())));
            } catch (...) {
                return to_c(Trap::make(self->store, Message::make_nt("a function of the host threw an exception")));
            }
#else
            return to_c(self->run(in, out));
#endif
        }
        static wasm_trap_t *to_c(own<Trap> trap) { return trap ? trap.release()->c() : nullptr; }
    };

    static own<Func> make(Store *store, const FuncType *type, Host *host) {
        return own<Func>(of(wasm_func_new_with_env(store->c(), type->c(), Host::call, host, Host::free)));
    }
};

class Global : public Extern {
    WASM_HANDLE(Global, global)
    WASM_COPY(Global, global)
    static own<Global> make(Store *store, const GlobalType *type, const Val &value) {
        return own<Global>(of(wasm_global_new(store->c(), type->c(), reinterpret_cast<const wasm_val_t *>(&value))));
    }
    own<GlobalType> type() const { return own<GlobalType>(GlobalType::of(wasm_global_type(c()))); }
    Val get() const {
        Val value;
        wasm_global_get(c(), reinterpret_cast<wasm_val_t *>(&value));
        return value;
    }
    void set(const Val &value) { wasm_global_set(c(), reinterpret_cast<const wasm_val_t *>(&value)); }
};

class Table : public Extern {
    WASM_HANDLE(Table, table)
    WASM_COPY(Table, table)
    using size_t = uint32_t;

    static own<Table> make(Store *store, const TableType *type, const Ref *init = nullptr) {
        return own<Table>(of(wasm_table_new(store->c(), type->c(), ref(init))));
    }
    own<TableType> type() const { return own<TableType>(TableType::of(wasm_table_type(c()))); }
    own<Ref> get(size_t index) const { return own<Ref>(Ref::of(wasm_table_get(c(), index))); }
    bool set(size_t index, const Ref *value) { return wasm_table_set(c(), index, ref(value)); }
    size_t size() const { return wasm_table_size(c()); }
    bool grow(size_t delta, const Ref *init = nullptr) { return wasm_table_grow(c(), delta, ref(init)); }

private:
    static wasm_ref_t *ref(const Ref *ref) { return ref ? const_cast<wasm_ref_t *>(ref->c()) : nullptr; }
};

class Memory : public Extern {
    WASM_HANDLE(Memory, memory)
    WASM_COPY(Memory, memory)
    using pages_t = uint32_t;
    static const size_t page_size = 0x10000;

    static own<Memory> make(Store *store, const MemoryType *type) {
        return own<Memory>(of(wasm_memory_new(store->c(), type->c())));
    }
    own<MemoryType> type() const { return own<MemoryType>(MemoryType::of(wasm_memory_type(c()))); }
    byte_t *data() const { return wasm_memory_data(const_cast<wasm_memory_t *>(c())); }
    size_t data_size() const { return wasm_memory_data_size(c()); }
    pages_t size() const { return wasm_memory_size(c()); }
    bool grow(pages_t delta) { return wasm_memory_grow(c(), delta); }
};

#define WASM_EXTERN_AS(Name, name)                                                                                 \
    inline Name *Extern::name() { return Name::of(wasm_extern_as_##name(c())); }                                   \
    inline const Name *Extern::name() const { return Name::of(wasm_extern_as_##name##_const(c())); }
WASM_EXTERN_AS(Func, func)
WASM_EXTERN_AS(Global, global)
WASM_EXTERN_AS(Table, table)
WASM_EXTERN_AS(Memory, memory)
#undef WASM_EXTERN_AS

/* ---- Instances ---- */

class Instance : public Ref {
    WASM_HANDLE(Instance, instance)
    WASM_COPY(Instance, instance)
    static own<Instance> make(Store *store, const Module *module, const vec<Extern *> &imports,
                              own<Trap> *trap = nullptr) {
        wasm_extern_vec_t items = {imports.size(), reinterpret_cast<wasm_extern_t **>(const_cast<Extern **>(imports.get()))};
        wasm_trap_t *reason = nullptr;
        own<Instance> made(of(wasm_instance_new(store->c(), module->c(), &items, &reason)));
        own<Trap> failure(Trap::of(reason));
        if (trap) *trap = std::move(failure);
        return made;
    }
    ownvec<Extern> exports() const {
        wasm_extern_vec_t items;
        wasm_instance_exports(c(), &items);
        return detail::take<Extern>(&items, wasm_extern_vec_delete);
    }
};

#undef WASM_HANDLE
#undef WASM_COPY

} // namespace wasm

#endif
