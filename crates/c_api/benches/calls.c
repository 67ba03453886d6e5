/* The cost of a call through the C API in both directions: `calls [NANOSECONDS_IN NANOSECONDS_OUT]`. With numbers, fails if a
 * call of Wasm by the host, or of the host by Wasm, takes longer. Uses the standard header alone, so that it measures any engine
 * that has it. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <wasm.h>

/* (module (import "" "f" (func $f (param i64 i32) (result i64)))
 *   (func (export "in") (param i32) (result i64) (i64.extend_i32_u (local.get 0)))
 *   (func (export "out") (param i32) (result i64) (local $sum i64)
 *     (loop $l (local.set $sum (call $f (local.get $sum) (local.get 0)))
 *       (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get $sum))) */
static const unsigned char MODULE[] = {
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x0c, 0x02, 0x60, 0x02, 0x7e, 0x7f, 0x01, 0x7e, 0x60, 0x01,
    0x7f, 0x01, 0x7e, 0x02, 0x06, 0x01, 0x00, 0x01, 0x66, 0x00, 0x00, 0x03, 0x03, 0x02, 0x01, 0x01, 0x07, 0x0c, 0x02,
    0x02, 0x69, 0x6e, 0x00, 0x01, 0x03, 0x6f, 0x75, 0x74, 0x00, 0x02, 0x0a, 0x22, 0x02, 0x05, 0x00, 0x20, 0x00, 0xad,
    0x0b, 0x1a, 0x01, 0x01, 0x7e, 0x03, 0x40, 0x20, 0x01, 0x20, 0x00, 0x10, 0x00, 0x21, 0x01, 0x20, 0x00, 0x41, 0x01,
    0x6b, 0x22, 0x00, 0x0d, 0x00, 0x0b, 0x20, 0x01, 0x0b, 0x00, 0x1d, 0x04, 0x6e, 0x61, 0x6d, 0x65, 0x01, 0x04, 0x01,
    0x00, 0x01, 0x66, 0x02, 0x08, 0x01, 0x02, 0x01, 0x01, 0x03, 0x73, 0x75, 0x6d, 0x03, 0x06, 0x01, 0x02, 0x01, 0x00,
    0x01, 0x6c,
};

static wasm_trap_t *add(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    results->data[0].kind = WASM_I64;
    results->data[0].of.i64 = args->data[0].of.i64 + args->data[1].of.i32;
    return NULL;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* Calls `func` so often with `argument`; returns the nanoseconds of one call, and checks the last result. */
static double measure(const wasm_func_t *func, int times, int32_t argument, int64_t expected) {
    wasm_val_t in[] = {WASM_I32_VAL(argument)}, out[] = {WASM_INIT_VAL};
    wasm_val_vec_t args = WASM_ARRAY_VEC(in), results = WASM_ARRAY_VEC(out);
    double start = now();
    for (int i = 0; i < times; i++) {
        if (wasm_func_call(func, &args, &results)) exit(1);
    }
    double time = (now() - start) / times;
    if (out[0].of.i64 != expected) {
        fprintf(stderr, "wrong result\n");
        exit(1);
    }
    return time;
}

int main(int argc, char **argv) {
    enum { ROUNDS = 3000, CALLS = 1000 };
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    wasm_byte_vec_t binary;
    wasm_byte_vec_new(&binary, sizeof(MODULE), (const char *)MODULE);
    wasm_module_t *module = wasm_module_new(store, &binary);
    wasm_byte_vec_delete(&binary);
    wasm_functype_t *type = wasm_functype_new_2_1(wasm_valtype_new_i64(), wasm_valtype_new_i32(), wasm_valtype_new_i64());
    wasm_func_t *host = wasm_func_new(store, type, add);
    wasm_functype_delete(type);
    wasm_extern_t *items[] = {wasm_func_as_extern(host)};
    wasm_extern_vec_t imports = WASM_ARRAY_VEC(items), exports;
    wasm_instance_t *instance = module ? wasm_instance_new(store, module, &imports, NULL) : NULL;
    if (!instance) return 1;
    wasm_instance_exports(instance, &exports);
    const wasm_func_t *in = wasm_extern_as_func(exports.data[0]), *out = wasm_extern_as_func(exports.data[1]);

    /* The least of many short rounds: what else the machine does only adds time. */
    double best_in = 1e9, best_out = 1e9;
    for (int i = 0; i < ROUNDS; i++) {
        double time = measure(in, CALLS, 7, 7);
        if (time < best_in) best_in = time;
        time = measure(out, 1, CALLS, (int64_t)CALLS * (CALLS + 1LL) / 2) / CALLS;
        if (time < best_out) best_out = time;
    }
    printf("host calls Wasm: %.1f ns\nWasm calls host: %.1f ns\n", best_in, best_out);

    wasm_extern_vec_delete(&exports);
    wasm_instance_delete(instance);
    wasm_func_delete(host);
    wasm_module_delete(module);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return argc == 3 && (best_in > atof(argv[1]) || best_out > atof(argv[2]));
}
