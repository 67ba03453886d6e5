/* Calls a function of a module, which calls a function of the host.
 *
 * Build: cc hello.c $(pkg-config --cflags --libs wasmote)
 */
#include <stdio.h>
#include <stdlib.h>
#include <wasmote.h>

static const char TEXT[] =
    "(module"
    "  (import \"host\" \"price\" (func $price (param i32) (result i32)))"
    "  (func (export \"total\") (param i32 i32) (result i32)"
    "    (i32.add (call $price (local.get 0)) (call $price (local.get 1)))))";

static wasm_trap_t *price(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    int32_t item = args->data[0].of.i32;
    printf("The host tells the price of item %d.\n", (int)item);
    results->data[0] = (wasm_val_t)WASM_I32_VAL(item * 5);
    return NULL;
}

/* Ends the program if there is a trap. */
static void check(wasm_trap_t *trap) {
    if (!trap) return;
    wasm_message_t message;
    wasm_trap_message(trap, &message);
    fprintf(stderr, "%s\n", message.data);
    wasm_byte_vec_delete(&message);
    wasm_trap_delete(trap);
    exit(1);
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);

    wasm_byte_vec_t binary;
    check(wasmote_wat2wasm(TEXT, sizeof(TEXT) - 1, &binary));
    wasm_module_t *module;
    check(wasmote_module_new(engine, (const uint8_t *)binary.data, binary.size, &module));
    wasm_byte_vec_delete(&binary);

    wasm_functype_t *type = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
    wasm_func_t *host = wasm_func_new(store, type, price);
    wasm_functype_delete(type);

    wasm_extern_t *imported[] = {wasm_func_as_extern(host)};
    wasm_extern_vec_t imports = WASM_ARRAY_VEC(imported);
    wasm_trap_t *trap = NULL;
    wasm_instance_t *instance = wasm_instance_new(store, module, &imports, &trap);
    check(trap);

    wasm_extern_t *total = wasmote_instance_export(instance, "total");
    wasm_val_t values[] = {WASM_I32_VAL(2), WASM_I32_VAL(3)}, sum[] = {WASM_INIT_VAL};
    wasm_val_vec_t args = WASM_ARRAY_VEC(values), results = WASM_ARRAY_VEC(sum);
    check(wasm_func_call(wasm_extern_as_func(total), &args, &results));
    printf("Together: %d\n", (int)sum[0].of.i32);

    wasm_extern_delete(total);
    wasm_instance_delete(instance);
    wasm_func_delete(host);
    wasm_module_delete(module);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return 0;
}
