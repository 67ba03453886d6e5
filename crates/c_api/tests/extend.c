/* What `wasmote.h` has: settings, fuel, limits, linkers, WASI, and calls that are resumed. */
#include "check.h"

static wasm_module_t *load(wasm_engine_t *engine, const char *text) {
    wasm_byte_vec_t binary = assemble(text);
    wasm_module_t *module = NULL;
    no_trap(wasmote_module_new(engine, (uint8_t *)binary.data, binary.size, &module));
    wasm_byte_vec_delete(&binary);
    return module;
}

static void settings(void) {
    wasm_config_t *config = wasm_config_new();
    CHECK(!wasmote_config_feature(config, "no such thing", true));
    CHECK(wasmote_config_feature(config, "simd", false) && wasmote_config_feature(config, "wide-arithmetic", true));
    CHECK(wasmote_config_compilation_mode(config, WASMOTE_EAGER) && !wasmote_config_compilation_mode(config, 9));
    CHECK(wasmote_config_enforced_limits(config, WASMOTE_LIMITS_CHAIN) && !wasmote_config_enforced_limits(config, 9));
    wasmote_config_backtrace(config, false);
    wasmote_config_nan_canonicalization(config, true);
    wasmote_config_ignore_custom_sections(config, true);
    wasmote_config_allow_start_fn(config, false);
    wasmote_config_max_recursion_depth(config, 3);
    wasm_engine_t *engine = wasm_engine_new_with_config(config);
    wasm_store_t *store = wasm_store_new(engine);
    wasm_byte_vec_t binary = assemble("(module (func (result v128) (v128.const i64x2 0 0)))");
    CHECK(!wasm_module_validate(store, &binary));
    wasm_byte_vec_delete(&binary);
    binary = assemble("(module (func (param i64 i64) (result i64 i64) (i64.mul_wide_s (local.get 0) (local.get 1))))");
    CHECK(wasm_module_validate(store, &binary));
    wasm_byte_vec_delete(&binary);
    wasm_instance_t *instance = instance_of(store, "(module (func (export \"f\") unreachable))", NULL);
    wasm_trap_t *trap = call(instance, "f", 0, 0, 0, NULL);
    CHECK(!wasm_trap_origin(trap));
    wasm_trap_delete(trap);
    uint64_t fuel;
    CHECK(!wasmote_store_set_fuel(store, 1) && !wasmote_store_get_fuel(store, &fuel));
    wasm_instance_delete(instance);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    wasm_config_delete(wasm_config_new());
    wasm_engine_delete(wasm_engine_new_with_config(NULL));
    CHECK(strchr(wasmote_version(), '.'));
}

static wasm_trap_t *ask(void *env, wasm_store_t *store, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    (void)results;
    if (args->data[0].of.i32 == 0) return trap_with(store, "asked");
    ++*(int *)env;
    results->data[0] = (wasm_val_t)WASM_I32_VAL(args->data[0].of.i32 * 10);
    return NULL;
}

static const char RESUMABLE[] = "(module (import \"host\" \"ask\" (func $ask (param i32) (result i32)))"
                                " (func (export \"run\") (param i32) (result i32)"
                                "  (i32.add (call $ask (local.get 0)) (call $ask (i32.const 2))))"
                                " (func (export \"count\") (param i32) (result i32) (local $i i32)"
                                "  (loop $again (local.set $i (i32.add (local.get $i) (i32.const 1)))"
                                "   (br_if $again (i32.lt_u (local.get $i) (local.get 0)))) (local.get $i)))";

static void resumed_calls(wasm_engine_t *engine, const wasmote_linker_t *linker) {
    wasm_store_t *store = wasm_store_new(engine);
    CHECK(wasmote_store_set_fuel(store, 1000));
    wasm_module_t *module = load(engine, RESUMABLE);
    wasm_trap_t *trap = NULL;
    wasm_instance_t *instance = wasmote_linker_instantiate(linker, store, module, &trap);
    no_trap(trap);
    wasm_module_delete(module);
    wasm_extern_t *run = export_of(instance, "run"), *count = export_of(instance, "count");

    wasm_val_t in[] = {WASM_I32_VAL(0)}, out[] = {WASM_INIT_VAL}, answer[] = {WASM_I32_VAL(5)}, wrong[] = {WASM_I64_VAL(5)};
    wasm_val_vec_t args = WASM_ARRAY_VEC(in), results = WASM_ARRAY_VEC(out), value = WASM_ARRAY_VEC(answer), bad = WASM_ARRAY_VEC(wrong);
    wasmote_call_t *call = wasmote_func_start(wasm_extern_as_func(run), &args, &results, &trap);
    CHECK(call && !trap && wasmote_call_required_fuel(call) == 0);
    CHECK(traps(wasmote_call_trap(call), "asked"));
    /* The store can be used meanwhile. */
    CHECK(value_of(instance, "run", 1, 1, 0) == 30);
    call = wasmote_call_resume(call, &value, &results, &trap);
    CHECK(!call && !trap && out[0].kind == WASM_I32 && out[0].of.i32 == 25);
    call = wasmote_func_start(wasm_extern_as_func(run), &args, &results, &trap);
    CHECK(!wasmote_call_resume(call, &bad, &results, &trap) && traps(trap, "a value of type i32 was expected"));
    call = wasmote_func_start(wasm_extern_as_func(run), &args, &results, &trap);
    wasmote_call_delete(call);

    in[0].of.i32 = 5000;
    call = wasmote_func_start(wasm_extern_as_func(count), &args, &results, &trap);
    int times = 0;
    while (call) {
        CHECK(!trap && !wasmote_call_trap(call) && wasmote_call_required_fuel(call) > 0 && ++times < 1000);
        wasmote_store_set_fuel(store, wasmote_call_required_fuel(call) + 1000);
        call = wasmote_call_resume(call, NULL, &results, &trap);
    }
    CHECK(!trap && times > 3 && out[0].of.i32 == 5000);
    uint64_t fuel;
    CHECK(wasmote_store_get_fuel(store, &fuel) && wasmote_store_consume_fuel(store, fuel));
    CHECK(!wasmote_store_consume_fuel(store, 1));
    in[0].of.i32 = 10;
    trap = wasm_func_call(wasm_extern_as_func(count), &args, &results);
    CHECK(wasmote_trap_code(trap) == WASMOTE_TRAP_OUT_OF_FUEL);
    wasm_trap_delete(trap);
    args.size = 0;
    CHECK(!wasmote_func_start(wasm_extern_as_func(count), &args, &results, &trap) && traps(trap, "1 parameters, not 0"));
    wasm_extern_delete(run);
    wasm_extern_delete(count);
    wasm_instance_delete(instance);
    wasm_store_delete(store);
}

static int freed;
static void free_env(void *env) { freed += *(int *)env; }

static void linkers(void) {
    wasm_config_t *config = wasm_config_new();
    wasmote_config_consume_fuel(config, true);
    wasm_engine_t *engine = wasm_engine_new_with_config(config);
    wasmote_linker_t *linker = wasmote_linker_new(engine);
    int asked = 0;
    wasm_functype_t *type = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
    no_trap(wasmote_linker_define_func(linker, "host", "ask", type, ask, &asked, free_env));
    wasm_trap_t *trap = wasmote_linker_define_func(linker, "host", "ask", type, ask, &asked, free_env);
    CHECK(wasmote_trap_kind(trap) == WASMOTE_ERROR_LINK && freed == asked);
    wasm_trap_delete(trap);
    wasm_functype_delete(type);
    resumed_calls(engine, linker);
    CHECK(asked == 3);

    /* An instance whose exports others import, under shadowed names. */
    wasm_store_t *store = wasm_store_new(engine);
    wasmote_store_set_fuel(store, 100000);
    wasm_instance_t *instance = instance_of(store, "(module (func (export \"ask\") (param i32) (result i32) (i32.const 9)))", NULL);
    wasm_extern_t *item = export_of(instance, "ask");
    CHECK(traps(wasmote_linker_define(linker, "host", "ask", item), "host"));
    wasmote_linker_allow_shadowing(linker, true);
    no_trap(wasmote_linker_define(linker, "host", "ask", item));
    no_trap(wasmote_linker_define_instance(linker, "other", instance));
    CHECK(freed == 3);
    wasm_extern_delete(item);
    wasm_module_t *module = load(engine, RESUMABLE);
    wasm_instance_t *user = wasmote_linker_instantiate(linker, store, module, &trap);
    no_trap(trap);
    CHECK(value_of(user, "run", 1, 0, 0) == 18);
    wasm_instance_delete(user);
    wasm_module_delete(module);
    module = load(engine, "(module (import \"nobody\" \"nothing\" (func)))");
    CHECK(!wasmote_linker_instantiate(linker, store, module, &trap) && traps(trap, "nobody"));
    wasm_module_delete(module);
    wasm_instance_delete(instance);
    wasmote_linker_delete(linker);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
}

static wasm_trap_t *try_to_limit(void *env, wasm_store_t *store, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    (void)args, (void)results;
    *(bool *)env = wasmote_store_limit(store, &(wasmote_limits_t)WASMOTE_LIMITS_INIT);
    CHECK(!wasmote_caller_export(store, "nothing"));
    wasm_extern_t *memory = wasmote_caller_export(store, "memory");
    CHECK(memory && wasm_extern_kind(memory) == WASM_EXTERN_MEMORY);
    wasm_extern_delete(memory);
    return NULL;
}

static void limits(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    wasmote_limits_t limits = WASMOTE_LIMITS_INIT;
    limits.memory_size = 2 * MEMORY_PAGE_SIZE;
    limits.memories = 1;
    limits.table_elements = 3;
    CHECK(wasmote_store_limit(store, &limits));
    CHECK(!wasmote_caller_export(store, "memory"));
    wasmote_linker_t *linker = wasmote_linker_new(engine);
    bool limited = true;
    wasm_functype_t *type = wasm_functype_new_0_0();
    no_trap(wasmote_linker_define_func(linker, "", "limit", type, try_to_limit, &limited, NULL));
    wasm_functype_delete(type);
    wasm_module_t *module = load(engine, "(module (import \"\" \"limit\" (func $limit)) (memory (export \"memory\") 1) (table 3 funcref)"
                                         " (func (export \"grow\") (param i32) (result i32) (memory.grow (local.get 0)))"
                                         " (func (export \"limit\") (call $limit)))");
    wasm_trap_t *trap = NULL;
    wasm_instance_t *instance = wasmote_linker_instantiate(linker, store, module, &trap);
    no_trap(trap);
    CHECK(value_of(instance, "grow", 1, 1, 0) == 1 && value_of(instance, "grow", 1, 1, 0) == -1);
    no_trap(call(instance, "limit", 0, 0, 0, NULL));
    CHECK(!limited);
    CHECK(!wasmote_linker_instantiate(linker, store, module, &trap));
    wasm_trap_delete(trap);
    limits.trap_on_grow_failure = true;
    CHECK(wasmote_store_limit(store, &limits));
    trap = call(instance, "grow", 1, 1, 0, NULL);
    CHECK(wasmote_trap_code(trap) == WASMOTE_TRAP_GROWTH_LIMITED);
    wasm_trap_delete(trap);
    wasm_limits_t table_limits = {4, 4};
    wasm_tabletype_t *table = wasm_tabletype_new(wasm_valtype_new_funcref(), &table_limits);
    CHECK(!wasm_table_new(store, table, NULL));
    wasm_tabletype_delete(table);
    wasm_module_delete(module);
    wasm_instance_delete(instance);
    wasmote_linker_delete(linker);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
}

/* Writes its first argument and what it reads, then ends with status 3. */
static const char PROGRAM[] =
    "(module"
    "  (import \"wasi_snapshot_preview1\" \"args_get\" (func $args_get (param i32 i32) (result i32)))"
    "  (import \"wasi_snapshot_preview1\" \"fd_read\" (func $read (param i32 i32 i32 i32) (result i32)))"
    "  (import \"wasi_snapshot_preview1\" \"fd_write\" (func $write (param i32 i32 i32 i32) (result i32)))"
    "  (import \"wasi_snapshot_preview1\" \"proc_exit\" (func $exit (param i32)))"
    "  (memory (export \"memory\") 1)"
    "  (func $put (param i32 i32)"
    "    (i32.store (i32.const 0) (local.get 0)) (i32.store (i32.const 4) (local.get 1))"
    "    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))"
    "  (func (export \"_start\")"
    "    (drop (call $args_get (i32.const 16) (i32.const 64)))"
    "    (call $put (i32.load (i32.const 16)) (i32.const 4))"
    "    (i32.store (i32.const 0) (i32.const 512)) (i32.store (i32.const 4) (i32.const 100))"
    "    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))"
    "    (call $put (i32.const 512) (i32.load (i32.const 8)))"
    "    (call $exit (i32.const 3))))";

static void wasi(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    wasmote_linker_t *linker = wasmote_linker_new(engine);
    no_trap(wasmote_linker_define_wasi(linker));
    wasmote_wasi_t *config = wasmote_wasi_new();
    wasmote_wasi_arg(config, "prog");
    wasmote_wasi_env(config, "NAME", "value");
    wasmote_wasi_seeded_random(config, 1);
    wasmote_wasi_stdin_bytes(config, (const uint8_t *)"input", 5);
    CHECK(traps(wasmote_wasi_preopen_dir(config, "/no/such/directory", "/", true), "/no/such/directory"));
    no_trap(wasmote_wasi_preopen_dir(config, "/", "/", true));
    wasmote_output_t *output = wasmote_wasi_capture_stdout(config), *errors = wasmote_wasi_capture_stderr(config);
    no_trap(wasmote_store_set_wasi(store, config));
    wasm_module_t *module = load(engine, PROGRAM);
    wasm_trap_t *trap = NULL;
    wasm_instance_t *instance = wasmote_linker_instantiate(linker, store, module, &trap);
    no_trap(trap);
    trap = call(instance, "_start", 0, 0, 0, NULL);
    int32_t status = 0;
    CHECK(wasmote_trap_kind(trap) == WASMOTE_ERROR_EXIT && wasmote_trap_exit_status(trap, &status) && status == 3);
    wasm_trap_delete(trap);
    wasm_byte_vec_t written;
    wasmote_output_take(output, &written);
    CHECK(written.size == 9 && !memcmp(written.data, "proginput", 9));
    wasm_byte_vec_delete(&written);
    wasmote_output_take(errors, &written);
    CHECK(written.size == 0);
    wasmote_output_delete(output);
    wasmote_output_delete(errors);

    /* Without a configuration, a program sees nothing. */
    wasm_store_t *bare = wasm_store_new(engine);
    wasm_instance_t *other = wasmote_linker_instantiate(linker, bare, module, &trap);
    no_trap(trap);
    trap = call(other, "_start", 0, 0, 0, NULL);
    CHECK(wasmote_trap_kind(trap) == WASMOTE_ERROR_EXIT);
    wasm_trap_delete(trap);
    config = wasmote_wasi_new();
    wasmote_wasi_env(config, "a=b", "c");
    CHECK(traps(wasmote_store_set_wasi(bare, config), "a=b"));
    wasmote_wasi_delete(wasmote_wasi_new());
    wasm_instance_delete(other);
    wasm_store_delete(bare);
    wasm_module_delete(module);
    wasm_instance_delete(instance);
    wasmote_linker_delete(linker);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
}

int main(void) {
    settings();
    linkers();
    limits();
    wasi();
    return 0;
}
