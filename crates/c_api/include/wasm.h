/**
 * \file wasm.h
 *
 * The standard C API of WebAssembly engines, as Wasmote implements it. Programs written for the standard header compile
 * with this one, and link with the same library. `wasmote.h` has what the standard leaves out.
 *
 * OWNERSHIP. `own` marks what changes hands. The caller owns a result that is marked, and deletes it with the function
 * `wasm_…_delete` of its type. An argument that is marked belongs to the library from then on. An argument named `out` is
 * room for a result. Whoever owns a vector owns its elements. Everything else is borrowed for the time of the call; a result
 * that is not marked is part of an argument, and lives as long.
 *
 * REFERENCES. The types of what lives in a store, from `wasm_func_t` to `wasm_instance_t`, are references: handles that are
 * counted. A copy refers to the same thing. A thing lives as long as its store, and a store as long as a reference into it
 * or the store's own handle: they can be deleted in any order. Conversions such as `wasm_func_as_extern` return the same
 * handle under another type. Those in the other direction return null if it is of another kind.
 *
 * THREADS. Engines and shared modules can be used by several threads at once. A store, with every reference into it, every
 * trap and every frame of it, is used by one thread at a time: threads may take turns if they synchronize.
 *
 * CALLBACKS may use the store that they are called from, and call Wasm. They must not throw C++ exceptions or jump out
 * (`longjmp`). A finalizer must not use the library.
 *
 * NULL is no argument unless the description allows it.
 */
#ifndef WASM_H
#define WASM_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** How functions are declared. On Windows: `LIBWASM_STATIC` is defined where the static library is linked. */
#ifndef WASM_API_EXTERN
#if defined(_WIN32) && !defined(__MINGW32__) && !defined(LIBWASM_STATIC)
#define WASM_API_EXTERN __declspec(dllimport)
#else
#define WASM_API_EXTERN
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define own

typedef char byte_t;
typedef float float32_t;
typedef double float64_t;

/* What the kinds of types have in common. */

#define WASM_DECLARE_OWN(name)                                                                                     \
    typedef struct wasm_##name##_t wasm_##name##_t;                                                                \
    WASM_API_EXTERN void wasm_##name##_delete(own wasm_##name##_t *);

#define WASM_DECLARE_VEC(name, pointer)                                                                            \
    typedef struct wasm_##name##_vec_t {                                                                           \
        size_t size;                                                                                               \
        wasm_##name##_t pointer *data;                                                                             \
    } wasm_##name##_vec_t;                                                                                         \
    WASM_API_EXTERN void wasm_##name##_vec_new_empty(own wasm_##name##_vec_t *out);                                \
    WASM_API_EXTERN void wasm_##name##_vec_new_uninitialized(own wasm_##name##_vec_t *out, size_t size);           \
    WASM_API_EXTERN void wasm_##name##_vec_new(own wasm_##name##_vec_t *out, size_t size,                          \
                                               own wasm_##name##_t pointer const elements[]);                      \
    WASM_API_EXTERN void wasm_##name##_vec_copy(own wasm_##name##_vec_t *out, const wasm_##name##_vec_t *from);    \
    WASM_API_EXTERN void wasm_##name##_vec_delete(own wasm_##name##_vec_t *);

#define WASM_DECLARE_TYPE(name)                                                                                    \
    WASM_DECLARE_OWN(name)                                                                                         \
    WASM_DECLARE_VEC(name, *)                                                                                      \
    WASM_API_EXTERN own wasm_##name##_t *wasm_##name##_copy(const wasm_##name##_t *);

/* `same` tells whether two references refer to the same thing. A pointer of the host can be attached to the thing, not to
   the handle: every reference to it finds the pointer. The finalizer is called with it once the thing is no longer there,
   or another pointer is attached. */
#define WASM_DECLARE_REF_BASE(name)                                                                                \
    WASM_DECLARE_OWN(name)                                                                                         \
    WASM_API_EXTERN own wasm_##name##_t *wasm_##name##_copy(const wasm_##name##_t *);                              \
    WASM_API_EXTERN bool wasm_##name##_same(const wasm_##name##_t *, const wasm_##name##_t *);                     \
    WASM_API_EXTERN void *wasm_##name##_get_host_info(const wasm_##name##_t *);                                    \
    WASM_API_EXTERN void wasm_##name##_set_host_info(wasm_##name##_t *, void *);                                   \
    WASM_API_EXTERN void wasm_##name##_set_host_info_with_finalizer(wasm_##name##_t *, void *, void (*)(void *));

#define WASM_DECLARE_REF(name)                                                                                     \
    WASM_DECLARE_REF_BASE(name)                                                                                    \
    WASM_API_EXTERN wasm_ref_t *wasm_##name##_as_ref(wasm_##name##_t *);                                           \
    WASM_API_EXTERN wasm_##name##_t *wasm_ref_as_##name(wasm_ref_t *);                                             \
    WASM_API_EXTERN const wasm_ref_t *wasm_##name##_as_ref_const(const wasm_##name##_t *);                         \
    WASM_API_EXTERN const wasm_##name##_t *wasm_ref_as_##name##_const(const wasm_ref_t *);

/* ---- Bytes and names ---- */

typedef byte_t wasm_byte_t;
WASM_DECLARE_VEC(byte, )

/** A name: UTF-8, without a zero at its end unless it is said. */
typedef wasm_byte_vec_t wasm_name_t;

#define wasm_name wasm_byte_vec
#define wasm_name_new wasm_byte_vec_new
#define wasm_name_new_empty wasm_byte_vec_new_empty
#define wasm_name_new_uninitialized wasm_byte_vec_new_uninitialized
#define wasm_name_new_new_uninitialized wasm_byte_vec_new_uninitialized
#define wasm_name_copy wasm_byte_vec_copy
#define wasm_name_delete wasm_byte_vec_delete

/** Makes a name of a string, without its zero. */
static inline void wasm_name_new_from_string(own wasm_name_t *out, const char *string) {
    wasm_byte_vec_new(out, strlen(string), string);
}

/** Makes a name of a string with its zero, as messages of traps have it. */
static inline void wasm_name_new_from_string_nt(own wasm_name_t *out, const char *string) {
    wasm_byte_vec_new(out, strlen(string) + 1, string);
}

/* ---- Engines and stores ---- */

/** What an engine is configured with. `wasmote.h` has the setters. */
WASM_DECLARE_OWN(config)
WASM_API_EXTERN own wasm_config_t *wasm_config_new(void);

/** Code and types. Stores and modules keep their engine, so it can be deleted before them. */
WASM_DECLARE_OWN(engine)
WASM_API_EXTERN own wasm_engine_t *wasm_engine_new(void);
/** Null stands for the default configuration. */
WASM_API_EXTERN own wasm_engine_t *wasm_engine_new_with_config(own wasm_config_t *);

/** Owns instances and their items. */
WASM_DECLARE_OWN(store)
WASM_API_EXTERN own wasm_store_t *wasm_store_new(wasm_engine_t *);

/* ---- Types ---- */

/** Whether a global can change: `WASM_CONST` or `WASM_VAR`. */
typedef uint8_t wasm_mutability_t;
enum wasm_mutability_enum { WASM_CONST, WASM_VAR };

/** The least and the greatest size: pages of a memory, elements of a table. Larger sizes of 64-bit items are cut off. */
typedef struct wasm_limits_t {
    uint32_t min;
    uint32_t max;
} wasm_limits_t;

/** The greatest size of what has none. */
static const uint32_t wasm_limits_max_default = 0xffffffff;

/** The kind of a value. `wasmote.h` has kinds of types beyond the standard. */
typedef uint8_t wasm_valkind_t;
enum wasm_valkind_enum { WASM_I32, WASM_I64, WASM_F32, WASM_F64, WASM_EXTERNREF = 128, WASM_FUNCREF };

WASM_DECLARE_TYPE(valtype)
/** Returns null if there is no such kind. */
WASM_API_EXTERN own wasm_valtype_t *wasm_valtype_new(wasm_valkind_t);
WASM_API_EXTERN wasm_valkind_t wasm_valtype_kind(const wasm_valtype_t *);

static inline bool wasm_valkind_is_num(wasm_valkind_t kind) { return kind < WASM_EXTERNREF; }
static inline bool wasm_valkind_is_ref(wasm_valkind_t kind) { return kind >= WASM_EXTERNREF; }
static inline bool wasm_valtype_is_num(const wasm_valtype_t *type) {
    return wasm_valkind_is_num(wasm_valtype_kind(type));
}
static inline bool wasm_valtype_is_ref(const wasm_valtype_t *type) {
    return wasm_valkind_is_ref(wasm_valtype_kind(type));
}

WASM_DECLARE_TYPE(functype)
WASM_API_EXTERN own wasm_functype_t *wasm_functype_new(own wasm_valtype_vec_t *params, own wasm_valtype_vec_t *results);
WASM_API_EXTERN const wasm_valtype_vec_t *wasm_functype_params(const wasm_functype_t *);
WASM_API_EXTERN const wasm_valtype_vec_t *wasm_functype_results(const wasm_functype_t *);

WASM_DECLARE_TYPE(globaltype)
WASM_API_EXTERN own wasm_globaltype_t *wasm_globaltype_new(own wasm_valtype_t *, wasm_mutability_t);
WASM_API_EXTERN const wasm_valtype_t *wasm_globaltype_content(const wasm_globaltype_t *);
WASM_API_EXTERN wasm_mutability_t wasm_globaltype_mutability(const wasm_globaltype_t *);

WASM_DECLARE_TYPE(tabletype)
/** Returns null if the elements are no references, or the limits are out of order. */
WASM_API_EXTERN own wasm_tabletype_t *wasm_tabletype_new(own wasm_valtype_t *, const wasm_limits_t *);
WASM_API_EXTERN const wasm_valtype_t *wasm_tabletype_element(const wasm_tabletype_t *);
WASM_API_EXTERN const wasm_limits_t *wasm_tabletype_limits(const wasm_tabletype_t *);

WASM_DECLARE_TYPE(memorytype)
/** Returns null if the limits are out of order or more than 65536 pages. */
WASM_API_EXTERN own wasm_memorytype_t *wasm_memorytype_new(const wasm_limits_t *);
WASM_API_EXTERN const wasm_limits_t *wasm_memorytype_limits(const wasm_memorytype_t *);

/** The kind of what can be imported and exported. */
typedef uint8_t wasm_externkind_t;
enum wasm_externkind_enum { WASM_EXTERN_FUNC, WASM_EXTERN_GLOBAL, WASM_EXTERN_TABLE, WASM_EXTERN_MEMORY };

WASM_DECLARE_TYPE(externtype)
WASM_API_EXTERN wasm_externkind_t wasm_externtype_kind(const wasm_externtype_t *);

#define WASM_DECLARE_EXTERNTYPE(name)                                                                              \
    WASM_API_EXTERN wasm_externtype_t *wasm_##name##_as_externtype(wasm_##name##_t *);                             \
    WASM_API_EXTERN wasm_##name##_t *wasm_externtype_as_##name(wasm_externtype_t *);                               \
    WASM_API_EXTERN const wasm_externtype_t *wasm_##name##_as_externtype_const(const wasm_##name##_t *);           \
    WASM_API_EXTERN const wasm_##name##_t *wasm_externtype_as_##name##_const(const wasm_externtype_t *);

WASM_DECLARE_EXTERNTYPE(functype)
WASM_DECLARE_EXTERNTYPE(globaltype)
WASM_DECLARE_EXTERNTYPE(tabletype)
WASM_DECLARE_EXTERNTYPE(memorytype)

#undef WASM_DECLARE_EXTERNTYPE

WASM_DECLARE_TYPE(importtype)
WASM_API_EXTERN own wasm_importtype_t *wasm_importtype_new(own wasm_name_t *module, own wasm_name_t *name,
                                                           own wasm_externtype_t *);
WASM_API_EXTERN const wasm_name_t *wasm_importtype_module(const wasm_importtype_t *);
WASM_API_EXTERN const wasm_name_t *wasm_importtype_name(const wasm_importtype_t *);
WASM_API_EXTERN const wasm_externtype_t *wasm_importtype_type(const wasm_importtype_t *);

WASM_DECLARE_TYPE(exporttype)
WASM_API_EXTERN own wasm_exporttype_t *wasm_exporttype_new(own wasm_name_t *, own wasm_externtype_t *);
WASM_API_EXTERN const wasm_name_t *wasm_exporttype_name(const wasm_exporttype_t *);
WASM_API_EXTERN const wasm_externtype_t *wasm_exporttype_type(const wasm_exporttype_t *);

/* ---- Values and references ---- */

struct wasm_ref_t;

/** A value. A reference may be null; its kind may be `WASM_EXTERNREF` for a function as well, where the type says more. */
typedef struct wasm_val_t {
    wasm_valkind_t kind;
    union {
        int32_t i32;
        int64_t i64;
        float32_t f32;
        float64_t f64;
        struct wasm_ref_t *ref;
    } of;
} wasm_val_t;

/** Deletes the reference that the value owns, if it is one. */
WASM_API_EXTERN void wasm_val_delete(own wasm_val_t *);
WASM_API_EXTERN void wasm_val_copy(own wasm_val_t *out, const wasm_val_t *);
WASM_DECLARE_VEC(val, )

WASM_DECLARE_REF_BASE(ref)

/* ---- Traps ---- */

/** A call that was under way. */
WASM_DECLARE_OWN(frame)
WASM_DECLARE_VEC(frame, *)
WASM_API_EXTERN own wasm_frame_t *wasm_frame_copy(const wasm_frame_t *);

struct wasm_instance_t;

/** The instance of the function, which belongs to the frame; null if it is not known. */
WASM_API_EXTERN struct wasm_instance_t *wasm_frame_instance(const wasm_frame_t *);
/** The index of the function in its module. */
WASM_API_EXTERN uint32_t wasm_frame_func_index(const wasm_frame_t *);
/** Where the call was in its function, and in the module: in bytes; 0 if it is not known. */
WASM_API_EXTERN size_t wasm_frame_func_offset(const wasm_frame_t *);
WASM_API_EXTERN size_t wasm_frame_module_offset(const wasm_frame_t *);

/** A message, with a zero at its end. */
typedef wasm_name_t wasm_message_t;

/** Why a call did not return. */
WASM_DECLARE_REF(trap)
WASM_API_EXTERN own wasm_trap_t *wasm_trap_new(wasm_store_t *, const wasm_message_t *);
WASM_API_EXTERN void wasm_trap_message(const wasm_trap_t *, own wasm_message_t *out);
/** The innermost call of a Wasm function; null if none was under way. */
WASM_API_EXTERN own wasm_frame_t *wasm_trap_origin(const wasm_trap_t *);
/** The calls of Wasm functions that were under way, innermost first: at most 64 of each call of the host. */
WASM_API_EXTERN void wasm_trap_trace(const wasm_trap_t *, own wasm_frame_vec_t *out);

/* ---- Foreign objects ---- */

/** An object of the host, which Wasm code can hold as an `externref`. */
WASM_DECLARE_REF(foreign)
WASM_API_EXTERN own wasm_foreign_t *wasm_foreign_new(wasm_store_t *);

/* ---- Modules ---- */

WASM_DECLARE_REF(module)

/** A module for other threads. */
WASM_DECLARE_OWN(shared_module)
WASM_API_EXTERN own wasm_shared_module_t *wasm_module_share(const wasm_module_t *);
/** Returns null if the store has another engine. */
WASM_API_EXTERN own wasm_module_t *wasm_module_obtain(wasm_store_t *, const wasm_shared_module_t *);

/** Returns null if the bytes are no valid module. `wasmote_module_new` says why. */
WASM_API_EXTERN own wasm_module_t *wasm_module_new(wasm_store_t *, const wasm_byte_vec_t *binary);
WASM_API_EXTERN bool wasm_module_validate(wasm_store_t *, const wasm_byte_vec_t *binary);
/** The imports and exports, in the order of the module. */
WASM_API_EXTERN void wasm_module_imports(const wasm_module_t *, own wasm_importtype_vec_t *out);
WASM_API_EXTERN void wasm_module_exports(const wasm_module_t *, own wasm_exporttype_vec_t *out);
/** Writes the module with its translated code. Empty if that is not possible. */
WASM_API_EXTERN void wasm_module_serialize(const wasm_module_t *, own wasm_byte_vec_t *out);
/** Reads what `wasm_module_serialize` wrote. The bytes are checked, whoever wrote them. Returns null if they are of another
    version or configuration, or damaged. */
WASM_API_EXTERN own wasm_module_t *wasm_module_deserialize(wasm_store_t *, const wasm_byte_vec_t *);

/* ---- Functions ---- */

WASM_DECLARE_REF(func)

/** A function of the host. It writes a value to each place of `results`, or returns a trap. */
typedef own wasm_trap_t *(*wasm_func_callback_t)(const wasm_val_vec_t *args, own wasm_val_vec_t *results);
typedef own wasm_trap_t *(*wasm_func_callback_with_env_t)(void *env, const wasm_val_vec_t *args,
                                                          own wasm_val_vec_t *results);

WASM_API_EXTERN own wasm_func_t *wasm_func_new(wasm_store_t *, const wasm_functype_t *, wasm_func_callback_t);
/** `finalizer` may be null. It is called with `env` when the store is gone. */
WASM_API_EXTERN own wasm_func_t *wasm_func_new_with_env(wasm_store_t *, const wasm_functype_t *type,
                                                        wasm_func_callback_with_env_t, void *env,
                                                        void (*finalizer)(void *));
WASM_API_EXTERN own wasm_functype_t *wasm_func_type(const wasm_func_t *);
WASM_API_EXTERN size_t wasm_func_param_arity(const wasm_func_t *);
WASM_API_EXTERN size_t wasm_func_result_arity(const wasm_func_t *);
/** Calls a function. `results` has a place for each result, which is written only if null is returned. Null stands for an
    empty vector. */
WASM_API_EXTERN own wasm_trap_t *wasm_func_call(const wasm_func_t *, const wasm_val_vec_t *args,
                                                wasm_val_vec_t *results);

/* ---- Globals ---- */

WASM_DECLARE_REF(global)
/** Returns null if the value has another type. */
WASM_API_EXTERN own wasm_global_t *wasm_global_new(wasm_store_t *, const wasm_globaltype_t *, const wasm_val_t *);
WASM_API_EXTERN own wasm_globaltype_t *wasm_global_type(const wasm_global_t *);
WASM_API_EXTERN void wasm_global_get(const wasm_global_t *, own wasm_val_t *out);
/** Changes nothing if the global is constant, or the value of another type. */
WASM_API_EXTERN void wasm_global_set(wasm_global_t *, const wasm_val_t *);

/* ---- Tables ---- */

WASM_DECLARE_REF(table)
typedef uint32_t wasm_table_size_t;
/** `init` may be null. Returns null if it is of another type, or the table would be too large. */
WASM_API_EXTERN own wasm_table_t *wasm_table_new(wasm_store_t *, const wasm_tabletype_t *, wasm_ref_t *init);
WASM_API_EXTERN own wasm_tabletype_t *wasm_table_type(const wasm_table_t *);
/** Returns null for a null element, and outside of the table. */
WASM_API_EXTERN own wasm_ref_t *wasm_table_get(const wasm_table_t *, wasm_table_size_t index);
/** The reference may be null. Returns false outside of the table, and if the reference is of another type. */
WASM_API_EXTERN bool wasm_table_set(wasm_table_t *, wasm_table_size_t index, wasm_ref_t *);
WASM_API_EXTERN wasm_table_size_t wasm_table_size(const wasm_table_t *);
WASM_API_EXTERN bool wasm_table_grow(wasm_table_t *, wasm_table_size_t delta, wasm_ref_t *init);

/* ---- Memories ---- */

WASM_DECLARE_REF(memory)
typedef uint32_t wasm_memory_pages_t;
static const size_t MEMORY_PAGE_SIZE = 0x10000;
/** Returns null if there is not enough memory. */
WASM_API_EXTERN own wasm_memory_t *wasm_memory_new(wasm_store_t *, const wasm_memorytype_t *);
WASM_API_EXTERN own wasm_memorytype_t *wasm_memory_type(const wasm_memory_t *);
/** The address of the first byte. It changes when the memory grows. */
WASM_API_EXTERN byte_t *wasm_memory_data(wasm_memory_t *);
WASM_API_EXTERN size_t wasm_memory_data_size(const wasm_memory_t *);
WASM_API_EXTERN wasm_memory_pages_t wasm_memory_size(const wasm_memory_t *);
WASM_API_EXTERN bool wasm_memory_grow(wasm_memory_t *, wasm_memory_pages_t delta);

/* ---- Items ---- */

WASM_DECLARE_REF(extern)
WASM_DECLARE_VEC(extern, *)
WASM_API_EXTERN wasm_externkind_t wasm_extern_kind(const wasm_extern_t *);
WASM_API_EXTERN own wasm_externtype_t *wasm_extern_type(const wasm_extern_t *);

#define WASM_DECLARE_EXTERN(name)                                                                                  \
    WASM_API_EXTERN wasm_extern_t *wasm_##name##_as_extern(wasm_##name##_t *);                                     \
    WASM_API_EXTERN wasm_##name##_t *wasm_extern_as_##name(wasm_extern_t *);                                       \
    WASM_API_EXTERN const wasm_extern_t *wasm_##name##_as_extern_const(const wasm_##name##_t *);                   \
    WASM_API_EXTERN const wasm_##name##_t *wasm_extern_as_##name##_const(const wasm_extern_t *);

WASM_DECLARE_EXTERN(func)
WASM_DECLARE_EXTERN(global)
WASM_DECLARE_EXTERN(table)
WASM_DECLARE_EXTERN(memory)

#undef WASM_DECLARE_EXTERN

/* ---- Instances ---- */

WASM_DECLARE_REF(instance)
/** Makes an instance, and runs its start function. `imports` are in the order of the module. If that fails, returns null and
    puts the reason into `trap`, which may be null. */
WASM_API_EXTERN own wasm_instance_t *wasm_instance_new(wasm_store_t *, const wasm_module_t *,
                                                       const wasm_extern_vec_t *imports, own wasm_trap_t **trap);
/** The exports, in the order of the module. */
WASM_API_EXTERN void wasm_instance_exports(const wasm_instance_t *, own wasm_extern_vec_t *out);

/* ---- Short forms ---- */

#define WASM_EMPTY_VEC {0, NULL}
#define WASM_ARRAY_VEC(array) {sizeof(array) / sizeof(*(array)), array}

#define WASM_I32_VAL(value) {.kind = WASM_I32, .of = {.i32 = value}}
#define WASM_I64_VAL(value) {.kind = WASM_I64, .of = {.i64 = value}}
#define WASM_F32_VAL(value) {.kind = WASM_F32, .of = {.f32 = value}}
#define WASM_F64_VAL(value) {.kind = WASM_F64, .of = {.f64 = value}}
#define WASM_REF_VAL(value) {.kind = WASM_EXTERNREF, .of = {.ref = value}}
#define WASM_INIT_VAL {.kind = WASM_EXTERNREF, .of = {.ref = NULL}}

/** A pointer as an integer value, and back. */
static inline void wasm_val_init_ptr(own wasm_val_t *out, void *pointer) {
    if (sizeof(void *) == 4) {
        out->kind = WASM_I32;
        out->of.i32 = (int32_t)(intptr_t)pointer;
    } else {
        out->kind = WASM_I64;
        out->of.i64 = (int64_t)(intptr_t)pointer;
    }
}
static inline void *wasm_val_ptr(const wasm_val_t *value) {
    return sizeof(void *) == 4 ? (void *)(intptr_t)value->of.i32 : (void *)(intptr_t)value->of.i64;
}

static inline own wasm_valtype_t *wasm_valtype_new_i32(void) { return wasm_valtype_new(WASM_I32); }
static inline own wasm_valtype_t *wasm_valtype_new_i64(void) { return wasm_valtype_new(WASM_I64); }
static inline own wasm_valtype_t *wasm_valtype_new_f32(void) { return wasm_valtype_new(WASM_F32); }
static inline own wasm_valtype_t *wasm_valtype_new_f64(void) { return wasm_valtype_new(WASM_F64); }
static inline own wasm_valtype_t *wasm_valtype_new_externref(void) { return wasm_valtype_new(WASM_EXTERNREF); }
static inline own wasm_valtype_t *wasm_valtype_new_funcref(void) { return wasm_valtype_new(WASM_FUNCREF); }

/* `wasm_functype_new_M_N` makes the type of functions with M parameters and N results. */

#define WASM_FUNCTYPE_NEW(m, n, signature, params_, results_)                                                      \
    static inline own wasm_functype_t *wasm_functype_new_##m##_##n signature {                                     \
        wasm_valtype_t *types[m + n + 1] = {params_ results_ NULL};                                                \
        wasm_valtype_vec_t params, results;                                                                        \
        wasm_valtype_vec_new(&params, m, types);                                                                   \
        wasm_valtype_vec_new(&results, n, types + m);                                                              \
        return wasm_functype_new(&params, &results);                                                               \
    }
#define WASM_P(name) own wasm_valtype_t *name
#define WASM_T1(a) a,
#define WASM_T2(a, b) a, b,
#define WASM_T3(a, b, c) a, b, c,

WASM_FUNCTYPE_NEW(0, 0, (void), , )
WASM_FUNCTYPE_NEW(1, 0, (WASM_P(p1)), WASM_T1(p1), )
WASM_FUNCTYPE_NEW(2, 0, (WASM_P(p1), WASM_P(p2)), WASM_T2(p1, p2), )
WASM_FUNCTYPE_NEW(3, 0, (WASM_P(p1), WASM_P(p2), WASM_P(p3)), WASM_T3(p1, p2, p3), )
WASM_FUNCTYPE_NEW(0, 1, (WASM_P(r1)), , WASM_T1(r1))
WASM_FUNCTYPE_NEW(1, 1, (WASM_P(p1), WASM_P(r1)), WASM_T1(p1), WASM_T1(r1))
WASM_FUNCTYPE_NEW(2, 1, (WASM_P(p1), WASM_P(p2), WASM_P(r1)), WASM_T2(p1, p2), WASM_T1(r1))
WASM_FUNCTYPE_NEW(3, 1, (WASM_P(p1), WASM_P(p2), WASM_P(p3), WASM_P(r1)), WASM_T3(p1, p2, p3), WASM_T1(r1))
WASM_FUNCTYPE_NEW(0, 2, (WASM_P(r1), WASM_P(r2)), , WASM_T2(r1, r2))
WASM_FUNCTYPE_NEW(1, 2, (WASM_P(p1), WASM_P(r1), WASM_P(r2)), WASM_T1(p1), WASM_T2(r1, r2))
WASM_FUNCTYPE_NEW(2, 2, (WASM_P(p1), WASM_P(p2), WASM_P(r1), WASM_P(r2)), WASM_T2(p1, p2), WASM_T2(r1, r2))
WASM_FUNCTYPE_NEW(3, 2, (WASM_P(p1), WASM_P(p2), WASM_P(p3), WASM_P(r1), WASM_P(r2)), WASM_T3(p1, p2, p3),
                  WASM_T2(r1, r2))

#undef WASM_FUNCTYPE_NEW
#undef WASM_P
#undef WASM_T1
#undef WASM_T2
#undef WASM_T3

#undef own

#ifdef __cplusplus
}
#endif

#endif
