/* Bounds what code that is not trusted can use: time by fuel, memory and tables by limits. */
#include <stdio.h>
#include <stdlib.h>
#include <wasmote.h>

static const char TEXT[] =
    "(module"
    "  (memory 1)"
    "  (func (export \"spin\") (loop $again (br $again)))"
    "  (func (export \"hoard\") (param i32) (result i32) (memory.grow (local.get 0)))"
    "  (func $deep (export \"deep\") (call $deep)))";

static void check(wasm_trap_t *trap) {
    if (!trap) return;
    wasm_message_t message;
    wasm_trap_message(trap, &message);
    fprintf(stderr, "%s\n", message.data);
    wasm_byte_vec_delete(&message);
    wasm_trap_delete(trap);
    exit(1);
}

/* Calls an export, and tells what came of it. */
static void try_it(wasm_instance_t *instance, const char *name, wasm_val_vec_t *args, wasm_val_vec_t *results) {
    wasm_extern_t *item = wasmote_instance_export(instance, name);
    wasm_trap_t *trap = wasm_func_call(wasm_extern_as_func(item), args, results);
    if (trap) {
        wasm_message_t message;
        wasm_trap_message(trap, &message);
        printf("%s: %s (code %u)\n", name, message.data, (unsigned)wasmote_trap_code(trap));
        wasm_byte_vec_delete(&message);
        wasm_trap_delete(trap);
    } else {
        printf("%s: returned", name);
        for (size_t i = 0; i < results->size; i++) printf(" %d", (int)results->data[i].of.i32);
        printf("\n");
    }
    wasm_extern_delete(item);
}

int main(void) {
    wasm_config_t *config = wasm_config_new();
    wasmote_config_consume_fuel(config, true);
    wasmote_config_enforced_limits(config, WASMOTE_LIMITS_STRICT);
    wasmote_config_max_stack_height(config, 64 * 1024);
    wasm_engine_t *engine = wasm_engine_new_with_config(config);
    wasm_store_t *store = wasm_store_new(engine);
    wasmote_limits_t limits = WASMOTE_LIMITS_INIT;
    limits.memory_size = 4 * MEMORY_PAGE_SIZE;
    limits.instances = 1;
    wasmote_store_limit(store, &limits);
    wasmote_store_set_fuel(store, 1000000);

    wasm_byte_vec_t binary;
    check(wasmote_wat2wasm(TEXT, sizeof(TEXT) - 1, &binary));
    wasm_module_t *module;
    check(wasmote_module_new(engine, (const uint8_t *)binary.data, binary.size, &module));
    wasm_byte_vec_delete(&binary);
    wasm_trap_t *trap = NULL;
    wasm_instance_t *instance = wasm_instance_new(store, module, NULL, &trap);
    check(trap);

    wasm_val_t page[] = {WASM_I32_VAL(1)}, many[] = {WASM_I32_VAL(100)}, result[] = {WASM_INIT_VAL};
    wasm_val_vec_t one = WASM_ARRAY_VEC(page), hundred = WASM_ARRAY_VEC(many), results = WASM_ARRAY_VEC(result);
    wasm_val_vec_t none = WASM_EMPTY_VEC;
    try_it(instance, "hoard", &one, &results);
    try_it(instance, "hoard", &hundred, &results);
    try_it(instance, "deep", &none, &none);
    try_it(instance, "spin", &none, &none);
    uint64_t fuel;
    if (wasmote_store_get_fuel(store, &fuel)) printf("fuel left: %llu\n", (unsigned long long)fuel);

    wasm_instance_delete(instance);
    wasm_module_delete(module);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return 0;
}
