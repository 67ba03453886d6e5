/* Globals, tables, memories and modules. */
#include <pthread.h>

#include "check.h"

static wasm_trap_t *negate(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    results->data[0] = (wasm_val_t)WASM_I32_VAL(-args->data[0].of.i32);
    return NULL;
}

static void globals(wasm_store_t *store) {
    wasm_instance_t *instance =
        instance_of(store, "(module (global (export \"c\") i64 (i64.const 5)) (global (export \"v\") (mut f32) (f32.const 1)))", NULL);
    wasm_extern_t *constant = export_of(instance, "c"), *variable = export_of(instance, "v");
    wasm_val_t value, new_value = WASM_F32_VAL(2.5f), wrong = WASM_I32_VAL(3);
    wasm_global_get(wasm_extern_as_global(constant), &value);
    CHECK(value.kind == WASM_I64 && value.of.i64 == 5);
    wasm_global_set(wasm_extern_as_global(constant), &value);
    wasm_global_set(wasm_extern_as_global(variable), &new_value);
    wasm_global_set(wasm_extern_as_global(variable), &wrong);
    wasm_global_get(wasm_extern_as_global(variable), &value);
    CHECK(value.kind == WASM_F32 && value.of.f32 == 2.5f);
    wasm_globaltype_t *type = wasm_global_type(wasm_extern_as_global(variable));
    CHECK(wasm_globaltype_mutability(type) == WASM_VAR);
    CHECK(!wasm_global_new(store, type, &wrong));
    wasm_global_t *made = wasm_global_new(store, type, &new_value);
    CHECK(made && !wasm_global_same(made, wasm_extern_as_global(variable)));
    wasm_global_delete(made);
    wasm_globaltype_delete(type);
    wasm_extern_delete(constant);
    wasm_extern_delete(variable);
    wasm_instance_delete(instance);
}

static void tables(wasm_store_t *store) {
    static const char TEXT[] = "(module (table (export \"t\") 2 6 funcref) (elem (i32.const 1) $f)"
                               " (func $f (export \"f\") (param i32) (result i32) (local.get 0))"
                               " (func (export \"call\") (param i32 i32) (result i32)"
                               "  (call_indirect (param i32) (result i32) (local.get 0) (local.get 1))))";
    wasm_instance_t *instance = instance_of(store, TEXT, NULL);
    wasm_extern_t *item = export_of(instance, "t"), *f = export_of(instance, "f");
    wasm_table_t *table = wasm_extern_as_table(item);
    CHECK(wasm_table_size(table) == 2 && !wasm_table_get(table, 0) && !wasm_table_get(table, 2));
    wasm_ref_t *element = wasm_table_get(table, 1);
    CHECK(wasm_ref_same(element, wasm_extern_as_ref(f)));
    CHECK(wasm_table_set(table, 0, element) && !wasm_table_set(table, 2, element));
    wasm_ref_delete(element);
    CHECK(value_of(instance, "call", 2, 8, 0) == 8);
    CHECK(wasm_table_set(table, 0, NULL) && traps(call(instance, "call", 2, 8, 0, NULL), "uninitialized element"));

    wasm_functype_t *type = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
    wasm_func_t *host = wasm_func_new(store, type, negate);
    wasm_functype_delete(type);
    CHECK(wasm_table_grow(table, 3, wasm_func_as_ref(host)) && wasm_table_size(table) == 5);
    wasm_func_delete(host);
    CHECK(value_of(instance, "call", 2, 8, 4) == -8);
    CHECK(!wasm_table_grow(table, 2, NULL) && wasm_table_grow(table, 0, NULL) && wasm_table_size(table) == 5);
    wasm_foreign_t *foreign = wasm_foreign_new(store);
    CHECK(!wasm_table_set(table, 0, wasm_foreign_as_ref(foreign)));
    wasm_foreign_delete(foreign);
    wasm_tabletype_t *table_type = wasm_table_type(table);
    CHECK(wasm_tabletype_limits(table_type)->max == 6);
    wasm_table_t *made = wasm_table_new(store, table_type, wasm_extern_as_ref(f));
    element = wasm_table_get(made, wasm_table_size(made) - 1);
    CHECK(element);
    wasm_ref_delete(element);
    wasm_table_delete(made);
    wasm_tabletype_delete(table_type);
    wasm_extern_delete(item);
    wasm_extern_delete(f);
    wasm_instance_delete(instance);
}

static void memories(wasm_store_t *store) {
    static const char TEXT[] = "(module (memory (export \"m\") 1 3) (data (i32.const 4) \"wasm\")"
                               " (func (export \"load\") (param i32) (result i32) (i32.load8_u (local.get 0))))";
    wasm_instance_t *instance = instance_of(store, TEXT, NULL);
    wasm_extern_t *item = export_of(instance, "m");
    wasm_memory_t *memory = wasm_extern_as_memory(item);
    CHECK(wasm_memory_size(memory) == 1 && wasm_memory_data_size(memory) == MEMORY_PAGE_SIZE);
    CHECK(!memcmp(wasm_memory_data(memory) + 4, "wasm", 4));
    wasm_memory_data(memory)[9] = 99;
    CHECK(value_of(instance, "load", 1, 9, 0) == 99);
    CHECK(wasm_memory_grow(memory, 2) && !wasm_memory_grow(memory, 1) && wasm_memory_size(memory) == 3);
    CHECK(!memcmp(wasm_memory_data(memory) + 4, "wasm", 4));
    char bytes[4];
    CHECK(wasmote_memory_read(memory, 4, bytes, 4) && !memcmp(bytes, "wasm", 4));
    CHECK(wasmote_memory_write(memory, 3 * MEMORY_PAGE_SIZE - 4, bytes, 4));
    CHECK(!wasmote_memory_write(memory, 3 * MEMORY_PAGE_SIZE - 3, bytes, 4));
    CHECK(!wasmote_memory_read(memory, UINT64_MAX, bytes, 4) && wasmote_memory_read(memory, 0, NULL, 0));
    wasm_memorytype_t *type = wasm_memory_type(memory);
    CHECK(wasm_memorytype_limits(type)->min == 1 && wasm_memorytype_limits(type)->max == 3);
    wasm_memory_t *made = wasm_memory_new(store, type);
    CHECK(wasm_memory_size(made) == 1);
    wasm_memory_delete(made);

    /* A memory in a buffer of the host. */
    uint8_t *buffer = calloc(2, MEMORY_PAGE_SIZE);
    wasm_memory_t *hosted = NULL;
    no_trap(wasmote_memory_new_in(store, type, buffer, 2 * MEMORY_PAGE_SIZE, &hosted));
    wasm_extern_t *items[] = {wasm_memory_as_extern(hosted)};
    wasm_extern_vec_t imports = WASM_ARRAY_VEC(items);
    wasm_instance_t *user = instance_of(store, "(module (memory (import \"\" \"m\") 1 3) (data (i32.const 7) \"!\"))", &imports);
    CHECK(buffer[7] == '!' && wasm_memory_grow(hosted, 1) && !wasm_memory_grow(hosted, 1));
    CHECK((uint8_t *)wasm_memory_data(hosted) == buffer);
    wasm_memory_t *small = NULL;
    CHECK(traps(wasmote_memory_new_in(store, type, buffer, 100, &small), "") && !small);
    wasm_instance_delete(user);
    wasm_memory_delete(hosted);
    wasm_memorytype_delete(type);
    wasm_extern_delete(item);
    wasm_instance_delete(instance);
    wasm_store_delete(store);
    free(buffer);
}

static void modules(wasm_engine_t *engine, wasm_store_t *store) {
    wasm_byte_vec_t binary = assemble("(module (func (export \"f\") (result i32) (i32.const 6)))"), artefact;
    CHECK(wasm_module_validate(store, &binary));
    wasm_module_t *module = wasm_module_new(store, &binary);
    wasm_module_serialize(module, &artefact);
    CHECK(artefact.size > 0);
    wasm_module_delete(module);
    module = wasm_module_deserialize(store, &artefact);
    CHECK(module);
    wasm_instance_t *instance = wasm_instance_new(store, module, NULL, NULL);
    CHECK(value_of(instance, "f", 0, 0, 0) == 6);
    wasm_instance_delete(instance);
    wasm_module_delete(module);
    no_trap(wasmote_module_deserialize_trusted(engine, (uint8_t *)artefact.data, artefact.size, &module));
    wasm_module_delete(module);

    for (size_t i = 0; i < artefact.size; i++) {
        artefact.data[i] ^= 0x55;
        CHECK(!wasm_module_deserialize(store, &artefact));
        artefact.data[i] ^= 0x55;
    }
    CHECK(!wasm_module_deserialize(store, &binary) && !wasm_module_new(store, &artefact));
    wasm_byte_vec_delete(&artefact);

    binary.data[binary.size - 1] = 0x7f;
    CHECK(!wasm_module_validate(store, &binary) && !wasm_module_new(store, &binary));
    module = NULL;
    wasm_trap_t *trap = wasmote_module_new(engine, (uint8_t *)binary.data, binary.size, &module);
    CHECK(trap && !module && wasmote_trap_kind(trap) == WASMOTE_ERROR_MODULE);
    CHECK(traps(trap, "offset"));
    CHECK(traps(wasmote_module_validate(engine, NULL, 0), ""));
    wasm_byte_vec_delete(&binary);
    wasm_byte_vec_t text = {8, (char *)"(module)"};
    CHECK(!wasm_module_new(store, &text));
    CHECK(traps(wasmote_wat2wasm("(module", 7, &binary), "expected") && binary.size == 0);
}

typedef struct task {
    wasm_engine_t *engine;
    const wasm_shared_module_t *module;
    int32_t input, output;
} task_t;

static void *work(void *argument) {
    task_t *task = argument;
    for (int i = 0; i < 20; i++) {
        wasm_store_t *store = wasm_store_new(task->engine);
        wasm_module_t *module = wasm_module_obtain(store, task->module);
        wasm_instance_t *instance = wasm_instance_new(store, module, NULL, NULL);
        wasm_module_delete(module);
        task->output = value_of(instance, "square", 1, task->input, 0);
        wasm_instance_delete(instance);
        wasm_store_delete(store);
    }
    return NULL;
}

static void threads(wasm_engine_t *engine, wasm_store_t *store) {
    enum { COUNT = 8 };
    wasm_module_t *module =
        module_of(store, "(module (func (export \"square\") (param i32) (result i32) (i32.mul (local.get 0) (local.get 0))))");
    wasm_shared_module_t *shared = wasm_module_share(module);
    wasm_module_delete(module);
    pthread_t ids[COUNT];
    task_t tasks[COUNT];
    for (int i = 0; i < COUNT; i++) {
        tasks[i] = (task_t){engine, shared, i, -1};
        CHECK(!pthread_create(&ids[i], NULL, work, &tasks[i]));
    }
    for (int i = 0; i < COUNT; i++) {
        CHECK(!pthread_join(ids[i], NULL));
        CHECK(tasks[i].output == i * i);
    }
    wasm_engine_t *other = wasm_engine_new();
    wasm_store_t *elsewhere = wasm_store_new(other);
    CHECK(!wasm_module_obtain(elsewhere, shared));
    wasm_store_delete(elsewhere);
    wasm_engine_delete(other);
    wasm_shared_module_delete(shared);
}

/* Threads may take turns with a store and its references. */
static void *take_turn(void *instance) {
    CHECK(value_of(instance, "f", 0, 0, 0) == 6);
    wasm_instance_delete(instance);
    return NULL;
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    globals(store);
    tables(store);
    modules(engine, store);
    threads(engine, store);
    wasm_instance_t *instance = instance_of(store, "(module (func (export \"f\") (result i32) (i32.const 6)))", NULL);
    wasm_store_delete(store);
    pthread_t id;
    CHECK(!pthread_create(&id, NULL, take_turn, instance) && !pthread_join(id, NULL));
    memories(wasm_store_new(engine));
    wasm_engine_delete(engine);
    return 0;
}
