/* What the tests have in common: `CHECK`, and the way from the text format to an instance. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <wasmote.h>

/* Ends the test unless the condition holds. Not `assert`, which a build may leave out. */
#define CHECK(condition)                                                                                           \
    do {                                                                                                           \
        if (!(condition)) {                                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                        \
            exit(1);                                                                                               \
        }                                                                                                          \
    } while (0)

/* Ends the test with the message if there is a trap. */
static inline void no_trap(wasm_trap_t *trap) {
    if (!trap) return;
    wasm_message_t message;
    wasm_trap_message(trap, &message);
    fprintf(stderr, "unexpected trap: %s\n", message.data);
    exit(1);
}

/* Whether there is a trap whose message contains `part`. Deletes it. */
static inline bool traps(wasm_trap_t *trap, const char *part) {
    if (!trap) return false;
    wasm_message_t message;
    wasm_trap_message(trap, &message);
    bool found = message.data[message.size - 1] == 0 && strstr(message.data, part);
    if (!found) fprintf(stderr, "the message is: %s\n", message.data);
    wasm_byte_vec_delete(&message);
    wasm_trap_delete(trap);
    return found;
}

static inline wasm_byte_vec_t assemble(const char *text) {
    wasm_byte_vec_t binary;
    no_trap(wasmote_wat2wasm(text, strlen(text), &binary));
    return binary;
}

static inline wasm_module_t *module_of(wasm_store_t *store, const char *text) {
    wasm_byte_vec_t binary = assemble(text);
    wasm_module_t *module = wasm_module_new(store, &binary);
    wasm_byte_vec_delete(&binary);
    CHECK(module);
    return module;
}

static inline wasm_instance_t *instance_of(wasm_store_t *store, const char *text, const wasm_extern_vec_t *imports) {
    wasm_module_t *module = module_of(store, text);
    wasm_trap_t *trap = NULL;
    wasm_instance_t *instance = wasm_instance_new(store, module, imports, &trap);
    no_trap(trap);
    CHECK(instance);
    wasm_module_delete(module);
    return instance;
}

/* Returns an export; the caller owns it. */
static inline wasm_extern_t *export_of(const wasm_instance_t *instance, const char *name) {
    wasm_extern_t *item = wasmote_instance_export(instance, name);
    CHECK(item);
    return item;
}

/* Calls an exported function with up to two integers; returns its integer, or 0 if it has no result. */
static inline wasm_trap_t *call(const wasm_instance_t *instance, const char *name, size_t count, int32_t a, int32_t b,
                                int32_t *result) {
    wasm_extern_t *item = export_of(instance, name);
    wasm_val_t values[] = {WASM_I32_VAL(a), WASM_I32_VAL(b)}, answers[] = {WASM_I32_VAL(0)};
    wasm_val_vec_t args = {count, values}, results = WASM_ARRAY_VEC(answers);
    wasm_trap_t *trap = wasm_func_call(wasm_extern_as_func(item), &args, &results);
    if (result) *result = answers[0].of.i32;
    wasm_extern_delete(item);
    return trap;
}

static inline int32_t value_of(const wasm_instance_t *instance, const char *name, size_t count, int32_t a, int32_t b) {
    int32_t result;
    no_trap(call(instance, name, count, a, b, &result));
    return result;
}

static inline wasm_trap_t *trap_with(wasm_store_t *store, const char *text) {
    wasm_message_t message;
    wasm_name_new_from_string_nt(&message, text);
    wasm_trap_t *trap = wasm_trap_new(store, &message);
    wasm_byte_vec_delete(&message);
    return trap;
}

#endif
