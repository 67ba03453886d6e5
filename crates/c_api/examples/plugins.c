/* A host of plugins: one linker for all of them, a store for each, strings in both directions, and one plugin that fails
 * without harm to the others. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasmote.h>

/* A plugin exports its memory, a buffer for the name of the guest, and `greet`, which calls `host.say`. */
#define PLUGIN(greeting, body)                                                                                     \
    "(module"                                                                                                      \
    "  (import \"host\" \"say\" (func $say (param i32 i32)))"                                                      \
    "  (memory (export \"memory\") 1)"                                                                             \
    "  (global (export \"buffer\") i32 (i32.const 1024))"                                                          \
    "  (data (i32.const 0) \"" greeting "\")"                                                                      \
    "  (func (export \"greet\") (param $length i32) " body "))"

static const char *const PLUGINS[] = {
    PLUGIN("Hello, ", "(call $say (i32.const 0) (i32.const 7)) (call $say (i32.const 1024) (local.get $length))"),
    PLUGIN("", "(call $say (i32.const 65000) (i32.const 1000))"),
    PLUGIN("Moin, ", "(call $say (i32.const 0) (i32.const 6)) (call $say (i32.const 1024) (local.get $length))"),
};

static void check(wasm_trap_t *trap) {
    if (!trap) return;
    wasm_message_t message;
    wasm_trap_message(trap, &message);
    fprintf(stderr, "%s\n", message.data);
    wasm_byte_vec_delete(&message);
    wasm_trap_delete(trap);
    exit(1);
}

static wasm_trap_t *failure(wasm_store_t *store, const char *reason) {
    wasm_message_t message;
    wasm_name_new_from_string_nt(&message, reason);
    wasm_trap_t *trap = wasm_trap_new(store, &message);
    wasm_byte_vec_delete(&message);
    return trap;
}

/* Prints a string in the memory of the plugin that calls. Nothing that the plugin passes is trusted. */
static wasm_trap_t *say(void *count, wasm_store_t *store, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    (void)results;
    char text[256];
    uint32_t start = (uint32_t)args->data[0].of.i32, length = (uint32_t)args->data[1].of.i32;
    wasm_extern_t *item = wasmote_caller_export(store, "memory");
    wasm_memory_t *memory = item ? wasm_extern_as_memory(item) : NULL;
    bool read = memory && length <= sizeof(text) && wasmote_memory_read(memory, start, text, length);
    if (item) wasm_extern_delete(item);
    if (!read) return failure(store, "say: not a string of at most 256 bytes in the memory");
    printf("%.*s", (int)length, text);
    ++*(int *)count;
    return NULL;
}

/* Puts a name into the buffer of a plugin, and lets it greet. */
static wasm_trap_t *greet(wasm_instance_t *instance, const char *name) {
    wasm_extern_t *memory = wasmote_instance_export(instance, "memory");
    wasm_extern_t *buffer = wasmote_instance_export(instance, "buffer");
    wasm_extern_t *func = wasmote_instance_export(instance, "greet");
    wasm_val_t address;
    wasm_global_get(wasm_extern_as_global(buffer), &address);
    wasmote_memory_write(wasm_extern_as_memory(memory), (uint32_t)address.of.i32, name, strlen(name));
    wasm_val_t length[] = {WASM_I32_VAL((int32_t)strlen(name))};
    wasm_val_vec_t args = WASM_ARRAY_VEC(length);
    wasm_trap_t *trap = wasm_func_call(wasm_extern_as_func(func), &args, NULL);
    wasm_extern_delete(memory);
    wasm_extern_delete(buffer);
    wasm_extern_delete(func);
    return trap;
}

int main(void) {
    int said = 0;
    wasm_engine_t *engine = wasm_engine_new();
    wasmote_linker_t *linker = wasmote_linker_new(engine);
    wasm_functype_t *type = wasm_functype_new_2_0(wasm_valtype_new_i32(), wasm_valtype_new_i32());
    check(wasmote_linker_define_func(linker, "host", "say", type, say, &said, NULL));
    wasm_functype_delete(type);

    for (size_t i = 0; i < sizeof(PLUGINS) / sizeof(*PLUGINS); i++) {
        wasm_byte_vec_t binary;
        check(wasmote_wat2wasm(PLUGINS[i], strlen(PLUGINS[i]), &binary));
        wasm_module_t *module;
        check(wasmote_module_new(engine, (const uint8_t *)binary.data, binary.size, &module));
        wasm_byte_vec_delete(&binary);
        wasm_store_t *store = wasm_store_new(engine);
        wasm_trap_t *trap = NULL;
        wasm_instance_t *instance = wasmote_linker_instantiate(linker, store, module, &trap);
        check(trap);
        trap = greet(instance, "world!\n");
        if (trap) {
            wasm_message_t message;
            wasm_trap_message(trap, &message);
            printf("plugin %zu failed: %s\n", i, message.data);
            wasm_byte_vec_delete(&message);
            wasm_trap_delete(trap);
        }
        wasm_instance_delete(instance);
        wasm_store_delete(store);
        wasm_module_delete(module);
    }
    printf("%d strings\n", said);
    wasmote_linker_delete(linker);
    wasm_engine_delete(engine);
    return 0;
}
