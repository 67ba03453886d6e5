/**
 * \file wasmote.h
 *
 * What Wasmote has beyond the standard `wasm.h`: settings, errors with kinds, limits, fuel, a linker, WASI, memories of the
 * host, and calls that can be resumed. The rules at the top of `wasm.h` on ownership, references, threads and callbacks hold
 * here as well.
 *
 * A function that can fail returns `own wasm_trap_t *`: null if it succeeded, otherwise the reason. Names are strings in
 * UTF-8 with a zero at their end. Constants are of the types `uint8_t` and of the enumerations beside them.
 */
#ifndef WASMOTE_H
#define WASMOTE_H

#include "wasm.h"

#ifdef __cplusplus
extern "C" {
#endif

#define own

/** The version of the library, such as "0.1.0". */
WASM_API_EXTERN const char *wasmote_version(void);

/* ---- Types beyond the standard ---- */

enum wasmote_valkind_enum {
    /** A vector. Functions that take or return one cannot be called from here: `wasm_val_t` has 8 bytes. */
    WASMOTE_V128 = 4,
    /** A reference that is neither a `funcref` nor an `externref`. */
    WASMOTE_OTHERREF = 130
};

enum wasmote_externkind_enum {
    /** A tag of exceptions. */
    WASMOTE_EXTERN_TAG = 4
};

/* ---- Configuration ---- */

/** Switches a part of WebAssembly by its name: "simd", "tail-call", "memory64". Returns false if there is no such part, or it
    cannot be switched so. README.md has the list of names. */
WASM_API_EXTERN bool wasmote_config_feature(wasm_config_t *, const char *name, bool enable);

/** Whether code uses up fuel. Default: no. */
WASM_API_EXTERN void wasmote_config_consume_fuel(wasm_config_t *, bool enable);
/** Whether traps have frames. Default: yes. */
WASM_API_EXTERN void wasmote_config_backtrace(wasm_config_t *, bool enable);
/** Whether all NaNs that code computes have the same bits. Default: no. */
WASM_API_EXTERN void wasmote_config_nan_canonicalization(wasm_config_t *, bool enable);
/** Whether modules do not keep their custom sections. Default: no. */
WASM_API_EXTERN void wasmote_config_ignore_custom_sections(wasm_config_t *, bool enable);
/** Whether modules may have a start function. Default: yes. */
WASM_API_EXTERN void wasmote_config_allow_start_fn(wasm_config_t *, bool enable);

/** The height of the stack of values in bytes, which limits how deep calls within Wasm nest. Default: 1 MiB. */
WASM_API_EXTERN void wasmote_config_max_stack_height(wasm_config_t *, size_t bytes);
/** How deep calls of the host into Wasm nest, through functions of the host. Default: 256. */
WASM_API_EXTERN void wasmote_config_max_recursion_depth(wasm_config_t *, size_t calls);

/** When functions are validated and translated. */
enum wasmote_compilation_mode_enum {
    /** Both when the module is made. */
    WASMOTE_EAGER,
    /** Validated when the module is made, translated at the first call. The default. */
    WASMOTE_LAZY_TRANSLATION,
    /** Both at the first call. */
    WASMOTE_LAZY
};
/** Returns false if there is no such mode. */
WASM_API_EXTERN bool wasmote_config_compilation_mode(wasm_config_t *, uint8_t mode);

/** Sets of limits on modules that are not trusted. */
enum wasmote_enforced_limits_enum {
    /** Those of the library alone. The default. */
    WASMOTE_LIMITS_NONE,
    WASMOTE_LIMITS_STRICT,
    WASMOTE_LIMITS_CHAIN,
    WASMOTE_LIMITS_FIRMWARE
};
/** Returns false if there is no such set. */
WASM_API_EXTERN bool wasmote_config_enforced_limits(wasm_config_t *, uint8_t limits);

/* ---- Errors ---- */

/** What kind of failure a trap is. */
enum wasmote_trap_kind_enum {
    /** None of these. */
    WASMOTE_ERROR_OTHER,
    /** Code trapped: `wasmote_trap_code` says how. */
    WASMOTE_ERROR_TRAP,
    /** A program ended itself: `wasmote_trap_exit_status` has its status. */
    WASMOTE_ERROR_EXIT,
    /** A function of the host failed. */
    WASMOTE_ERROR_HOST,
    /** No code has caught an exception. */
    WASMOTE_ERROR_EXCEPTION,
    /** A module is malformed or invalid. */
    WASMOTE_ERROR_MODULE,
    /** Imports do not fit, a name is defined already, or a segment is out of bounds. */
    WASMOTE_ERROR_LINK,
    /** A limit is exceeded. */
    WASMOTE_ERROR_LIMIT,
    /** Values do not fit the type of a function. */
    WASMOTE_ERROR_CALL,
    /** An artefact is damaged, or of another version or configuration. */
    WASMOTE_ERROR_ARTEFACT,
    /** The library has a fault. */
    WASMOTE_ERROR_PANIC
};

/** The cause of a trap of code. */
enum wasmote_trap_code_enum {
    WASMOTE_TRAP_UNREACHABLE = 1,
    WASMOTE_TRAP_MEMORY_OUT_OF_BOUNDS,
    WASMOTE_TRAP_TABLE_OUT_OF_BOUNDS,
    WASMOTE_TRAP_INDIRECT_CALL_TO_NULL,
    WASMOTE_TRAP_INTEGER_DIVISION_BY_ZERO,
    WASMOTE_TRAP_INTEGER_OVERFLOW,
    WASMOTE_TRAP_BAD_CONVERSION_TO_INTEGER,
    WASMOTE_TRAP_STACK_OVERFLOW,
    WASMOTE_TRAP_BAD_SIGNATURE,
    WASMOTE_TRAP_OUT_OF_FUEL,
    WASMOTE_TRAP_GROWTH_LIMITED,
    WASMOTE_TRAP_OUT_OF_SYSTEM_MEMORY,
    WASMOTE_TRAP_NULL_REFERENCE,
    WASMOTE_TRAP_HEAP_MISALIGNED,
    WASMOTE_TRAP_ATOMIC_WAIT_NON_SHARED_MEMORY,
    WASMOTE_TRAP_INTERRUPT,
    WASMOTE_TRAP_ARRAY_OUT_OF_BOUNDS,
    WASMOTE_TRAP_CAST_FAILURE,
    WASMOTE_TRAP_ALLOCATION_TOO_LARGE,
    WASMOTE_TRAP_GC_HEAP_OUT_OF_MEMORY
};

WASM_API_EXTERN uint8_t wasmote_trap_kind(const wasm_trap_t *);
/** Returns 0 if the trap is not of code. */
WASM_API_EXTERN uint8_t wasmote_trap_code(const wasm_trap_t *);
/** Returns false, and writes nothing, if no program has ended itself. */
WASM_API_EXTERN bool wasmote_trap_exit_status(const wasm_trap_t *, int32_t *out);
/** The name of the function, which belongs to the frame; null if it is not known. */
WASM_API_EXTERN const char *wasmote_frame_func_name(const wasm_frame_t *);

/* ---- Modules ---- */

/** Makes a module of binary Wasm. `*out` is null if that fails. */
WASM_API_EXTERN own wasm_trap_t *wasmote_module_new(wasm_engine_t *, const uint8_t *wasm, size_t size,
                                                    own wasm_module_t **out);
WASM_API_EXTERN own wasm_trap_t *wasmote_module_validate(wasm_engine_t *, const uint8_t *wasm, size_t size);
/** Makes a module of an artefact, which is checked. */
WASM_API_EXTERN own wasm_trap_t *wasmote_module_deserialize(wasm_engine_t *, const uint8_t *artefact, size_t size,
                                                            own wasm_module_t **out);
/** Makes a module of an artefact whose code is not checked. The bytes must be as `wasm_module_serialize` or
    `wasmote compile` wrote them: others can do anything to this process. */
WASM_API_EXTERN own wasm_trap_t *wasmote_module_deserialize_trusted(wasm_engine_t *, const uint8_t *artefact,
                                                                    size_t size, own wasm_module_t **out);
/** Turns the text format into binary Wasm. */
WASM_API_EXTERN own wasm_trap_t *wasmote_wat2wasm(const char *text, size_t size, own wasm_byte_vec_t *out);

/* ---- What a store may use ---- */

/** Fuel that is left. These return false if the engine does not meter fuel, or less is left than is consumed. */
WASM_API_EXTERN bool wasmote_store_set_fuel(wasm_store_t *, uint64_t fuel);
WASM_API_EXTERN bool wasmote_store_get_fuel(const wasm_store_t *, uint64_t *out);
WASM_API_EXTERN bool wasmote_store_consume_fuel(wasm_store_t *, uint64_t fuel);

/** No limit, or the usual one. */
#define WASMOTE_NO_LIMIT SIZE_MAX

/** Limits on what a store allocates. */
typedef struct wasmote_limits_t {
    /** Bytes of one memory, and of all memories together. */
    size_t memory_size;
    size_t total_memory_size;
    /** Elements of one table, and of all tables together. */
    size_t table_elements;
    size_t total_table_elements;
    /** Bytes of the heap that is collected; usually as for a memory. */
    size_t gc_heap_size;
    /** How many there may be; usually 10,000 each. */
    size_t instances;
    size_t tables;
    size_t memories;
    /** Whether growth beyond a limit traps. Usually it returns -1. */
    bool trap_on_grow_failure;
} wasmote_limits_t;

/** An initializer with no limits: `wasmote_limits_t limits = WASMOTE_LIMITS_INIT;` */
#define WASMOTE_LIMITS_INIT                                                                                        \
    {WASMOTE_NO_LIMIT, WASMOTE_NO_LIMIT, WASMOTE_NO_LIMIT, WASMOTE_NO_LIMIT, WASMOTE_NO_LIMIT,                     \
     WASMOTE_NO_LIMIT, WASMOTE_NO_LIMIT, WASMOTE_NO_LIMIT, false}

/** Sets the limits. What is there already stays. Returns false while a function of the host is under way. */
WASM_API_EXTERN bool wasmote_store_limit(wasm_store_t *, const wasmote_limits_t *);

/* ---- Instances and memories ---- */

/** Returns the export of this name, or null. */
WASM_API_EXTERN own wasm_extern_t *wasmote_instance_export(const wasm_instance_t *, const char *name);
/** Returns an export of the instance that has called the function of the host which is under way, or null. */
WASM_API_EXTERN own wasm_extern_t *wasmote_caller_export(wasm_store_t *, const char *name);

/** Copies bytes out of a memory, or into it. Returns false, without effect on the memory, if they are out of bounds. */
WASM_API_EXTERN bool wasmote_memory_read(const wasm_memory_t *, uint64_t offset, void *to, size_t size);
WASM_API_EXTERN bool wasmote_memory_write(wasm_memory_t *, uint64_t offset, const void *from, size_t size);

/** Makes a memory in a buffer of the host, up to whose size it can grow. The buffer must stay until the store and every
    reference into it are gone. Meanwhile the host may access it between calls, and in functions that are called. */
WASM_API_EXTERN own wasm_trap_t *wasmote_memory_new_in(wasm_store_t *, const wasm_memorytype_t *, uint8_t *buffer,
                                                       size_t size, own wasm_memory_t **out);

/* ---- Linkers ---- */

/** Defines imports by name. One thread at a time uses a linker, and it fits every store of its engine as long as no item
    of a store is defined in it. */
typedef struct wasmote_linker_t wasmote_linker_t;
WASM_API_EXTERN own wasmote_linker_t *wasmote_linker_new(wasm_engine_t *);
WASM_API_EXTERN void wasmote_linker_delete(own wasmote_linker_t *);
/** Whether names can be defined again. Default: no. */
WASM_API_EXTERN void wasmote_linker_allow_shadowing(wasmote_linker_t *, bool allow);

WASM_API_EXTERN own wasm_trap_t *wasmote_linker_define(wasmote_linker_t *, const char *module, const char *name,
                                                       const wasm_extern_t *);

/** A function of the host, which gets the store that it is called in for the time of the call. */
typedef own wasm_trap_t *(*wasmote_callback_t)(void *env, wasm_store_t *, const wasm_val_vec_t *args,
                                               own wasm_val_vec_t *results);
/** Defines a function for every store. `finalizer` may be null. It is called with `env` when nothing can call the function
    any longer. Stores in several threads call it at the same time. */
WASM_API_EXTERN own wasm_trap_t *wasmote_linker_define_func(wasmote_linker_t *, const char *module, const char *name,
                                                            const wasm_functype_t *, wasmote_callback_t, void *env,
                                                            void (*finalizer)(void *));
/** Defines all exports of an instance as names of `module`. */
WASM_API_EXTERN own wasm_trap_t *wasmote_linker_define_instance(wasmote_linker_t *, const char *module,
                                                                const wasm_instance_t *);
/** Defines WASI, preview 1 and snapshot 0. */
WASM_API_EXTERN own wasm_trap_t *wasmote_linker_define_wasi(wasmote_linker_t *);

/** Makes an instance with the definitions, and runs its start function. As for `wasm_instance_new`. */
WASM_API_EXTERN own wasm_instance_t *wasmote_linker_instantiate(const wasmote_linker_t *, wasm_store_t *,
                                                                const wasm_module_t *, own wasm_trap_t **trap);

/* ---- WASI ---- */

/** What a program sees of this process: nothing, unless it is added. */
typedef struct wasmote_wasi_t wasmote_wasi_t;
WASM_API_EXTERN own wasmote_wasi_t *wasmote_wasi_new(void);
WASM_API_EXTERN void wasmote_wasi_delete(own wasmote_wasi_t *);

/** Adds an argument; the first one is the name of the program. */
WASM_API_EXTERN void wasmote_wasi_arg(wasmote_wasi_t *, const char *arg);
/** Adds a variable of the environment. */
WASM_API_EXTERN void wasmote_wasi_env(wasmote_wasi_t *, const char *name, const char *value);
WASM_API_EXTERN void wasmote_wasi_inherit_args(wasmote_wasi_t *);
WASM_API_EXTERN void wasmote_wasi_inherit_env(wasmote_wasi_t *);
WASM_API_EXTERN void wasmote_wasi_inherit_stdin(wasmote_wasi_t *);
WASM_API_EXTERN void wasmote_wasi_inherit_stdout(wasmote_wasi_t *);
WASM_API_EXTERN void wasmote_wasi_inherit_stderr(wasmote_wasi_t *);
/** Bytes that the program reads from standard input. */
WASM_API_EXTERN void wasmote_wasi_stdin_bytes(wasmote_wasi_t *, const uint8_t *data, size_t size);
/** Shows a directory to the program. Paths do not lead out of it. */
WASM_API_EXTERN own wasm_trap_t *wasmote_wasi_preopen_dir(wasmote_wasi_t *, const char *host_path,
                                                          const char *guest_path, bool read_only);
/** Makes random numbers follow from a seed. */
WASM_API_EXTERN void wasmote_wasi_seeded_random(wasmote_wasi_t *, uint64_t seed);

/** Output that is kept in memory, up to 64 MiB. */
typedef struct wasmote_output_t wasmote_output_t;
WASM_API_EXTERN own wasmote_output_t *wasmote_wasi_capture_stdout(wasmote_wasi_t *);
WASM_API_EXTERN own wasmote_output_t *wasmote_wasi_capture_stderr(wasmote_wasi_t *);
WASM_API_EXTERN void wasmote_output_delete(own wasmote_output_t *);
/** Removes and returns what was written. */
WASM_API_EXTERN void wasmote_output_take(const wasmote_output_t *, own wasm_byte_vec_t *out);

/** Gives a store what its program sees. */
WASM_API_EXTERN own wasm_trap_t *wasmote_store_set_wasi(wasm_store_t *, own wasmote_wasi_t *);

/* ---- Calls that can be resumed ---- */

/** A call that was interrupted: a function of the host returned a trap, or fuel ran out. */
typedef struct wasmote_call_t wasmote_call_t;

/** Begins a call. Returns null when it has ended: `*trap` is null then if it succeeded, and `results` are written. Otherwise
    the call was interrupted. The vectors are as for `wasm_func_call`; arguments are only read. */
WASM_API_EXTERN own wasmote_call_t *wasmote_func_start(const wasm_func_t *, const wasm_val_vec_t *args,
                                                       wasm_val_vec_t *results, own wasm_trap_t **trap);
/** Gives the call up. */
WASM_API_EXTERN void wasmote_call_delete(own wasmote_call_t *);
/** The least fuel with which the call goes on; 0 if fuel is not why it was interrupted. */
WASM_API_EXTERN uint64_t wasmote_call_required_fuel(const wasmote_call_t *);
/** The trap that a function of the host returned; null if fuel ran out. */
WASM_API_EXTERN own wasm_trap_t *wasmote_call_trap(const wasmote_call_t *);
/** Goes on, as if the function of the host had returned `values`; they may be null if fuel ran out. Ends as
    `wasmote_func_start`. */
WASM_API_EXTERN own wasmote_call_t *wasmote_call_resume(own wasmote_call_t *, const wasm_val_vec_t *values,
                                                        wasm_val_vec_t *results, own wasm_trap_t **trap);

#undef own

#ifdef __cplusplus
}
#endif

#endif
