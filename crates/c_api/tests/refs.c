/* References: identity, pointers of the host and their finalizers, ways through Wasm, and orders of deletion. */
#include "check.h"

static int finalized;

static void finalize(void *pointer) { finalized += (int)(intptr_t)pointer; }

static wasm_trap_t *identity(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    wasm_val_copy(&results->data[0], &args->data[0]);
    return NULL;
}

static const char TEXT[] = "(module (import \"\" \"f\" (func $f (param externref) (result externref)))"
                           " (global (export \"g\") (mut externref) (ref.null extern)) (table (export \"t\") 2 externref)"
                           " (func (export \"pass\") (param externref) (result externref) (call $f (local.get 0)))"
                           " (func (export \"convert\") (result externref) (extern.convert_any (ref.i31 (i32.const 7))))"
                           " (func (export \"unconvert\") (param externref) (result i32)"
                           "  (i31.get_u (ref.cast i31ref (any.convert_extern (local.get 0))))))";

/* Passes a reference through Wasm, which keeps nothing of it. */
static wasm_ref_t *pass(const wasm_instance_t *instance, const char *name, wasm_ref_t *ref, bool with_argument) {
    wasm_extern_t *item = export_of(instance, name);
    wasm_val_t values[] = {WASM_REF_VAL(ref)}, answers[] = {WASM_INIT_VAL};
    wasm_val_vec_t args = {with_argument ? 1 : 0, values}, results = WASM_ARRAY_VEC(answers);
    no_trap(wasm_func_call(wasm_extern_as_func(item), &args, &results));
    wasm_extern_delete(item);
    CHECK(answers[0].kind == WASM_EXTERNREF);
    return answers[0].of.ref;
}

static void through_wasm(wasm_store_t *store, wasm_instance_t *instance, wasm_func_t *func) {
    CHECK(!pass(instance, "pass", NULL, true));

    wasm_foreign_t *foreign = wasm_foreign_new(store);
    wasm_foreign_set_host_info_with_finalizer(foreign, (void *)1, finalize);
    for (int i = 0; i < 1000; i++) {
        wasm_ref_t *back = pass(instance, "pass", wasm_foreign_as_ref(foreign), true);
        CHECK(wasm_ref_same(back, wasm_foreign_as_ref(foreign)) && wasm_ref_get_host_info(back) == (void *)1);
        CHECK(wasm_ref_as_foreign(back) && !wasm_ref_as_func(back) && !wasm_ref_as_extern(back));
        wasm_ref_delete(back);
    }
    wasm_foreign_delete(foreign);
    CHECK(finalized == 0);

    /* Anything can be an `externref`. */
    wasm_ref_t *refs[] = {wasm_func_as_ref(func), wasm_instance_as_ref(instance), wasm_trap_as_ref(trap_with(store, "t"))};
    for (size_t i = 0; i < 3; i++) {
        wasm_ref_t *back = pass(instance, "pass", refs[i], true);
        CHECK(wasm_ref_same(back, refs[i]));
        wasm_ref_delete(back);
    }
    wasm_ref_delete(refs[2]);

    wasm_ref_t *converted = pass(instance, "convert", NULL, false);
    CHECK(converted && !wasm_ref_as_func(converted) && !wasm_ref_get_host_info(converted));
    wasm_ref_delete(converted);
}

static void in_items(wasm_store_t *store, wasm_instance_t *instance) {
    wasm_foreign_t *foreign = wasm_foreign_new(store);
    wasm_extern_t *global = export_of(instance, "g"), *table = export_of(instance, "t");
    wasm_val_t value = WASM_REF_VAL(wasm_foreign_as_ref(foreign)), copy;
    wasm_global_set(wasm_extern_as_global(global), &value);
    wasm_global_get(wasm_extern_as_global(global), &copy);
    CHECK(copy.kind == WASM_EXTERNREF && wasm_ref_same(copy.of.ref, value.of.ref));
    CHECK(wasm_table_set(wasm_extern_as_table(table), 1, copy.of.ref));
    wasm_val_delete(&copy);
    CHECK(!copy.of.ref);
    wasm_ref_t *element = wasm_table_get(wasm_extern_as_table(table), 1);
    CHECK(wasm_ref_same(element, wasm_foreign_as_ref(foreign)));
    wasm_ref_delete(element);
    wasm_extern_delete(global);
    wasm_extern_delete(table);
    wasm_foreign_delete(foreign);
}

static void host_info(wasm_instance_t *instance, wasm_func_t *func) {
    wasm_func_t *copy = wasm_func_copy(func);
    CHECK(wasm_func_same(func, copy) && func != copy);
    CHECK(!wasm_func_get_host_info(func));
    wasm_func_set_host_info(func, (void *)5);
    CHECK(wasm_func_get_host_info(copy) == (void *)5);
    wasm_func_set_host_info_with_finalizer(copy, (void *)10, finalize);
    CHECK(wasm_ref_get_host_info(wasm_func_as_ref(func)) == (void *)10 && finalized == 0);
    wasm_func_set_host_info_with_finalizer(copy, (void *)100, finalize);
    CHECK(finalized == 10);
    wasm_func_delete(copy);
    CHECK(finalized == 10);
    wasm_instance_set_host_info_with_finalizer(instance, (void *)1000, finalize);
    CHECK(!wasm_ref_same(wasm_func_as_ref(func), wasm_instance_as_ref(instance)));
    CHECK(wasm_extern_as_func(wasm_func_as_extern(func)) == func && !wasm_extern_as_memory(wasm_func_as_extern(func)));
    CHECK(wasm_ref_as_instance(wasm_instance_as_ref(instance)) == instance);

    /* The same function, by another way. */
    wasm_extern_t *one = export_of(instance, "pass"), *other = export_of(instance, "pass");
    CHECK(wasm_extern_same(one, other) && one != other);
    wasm_extern_delete(one);
    wasm_extern_delete(other);
}

/* What is beside stores is finalized with the last reference. */
static void counted(wasm_store_t *store) {
    finalized = 0;
    wasm_module_t *module = module_of(store, "(module)"), *copy = wasm_module_copy(module);
    wasm_module_set_host_info_with_finalizer(module, (void *)1, finalize);
    wasm_module_delete(module);
    CHECK(finalized == 0 && wasm_module_get_host_info(copy) == (void *)1);
    wasm_module_delete(copy);
    CHECK(finalized == 1);
    wasm_trap_t *trap = trap_with(store, "trap");
    wasm_trap_set_host_info_with_finalizer(trap, (void *)2, finalize);
    wasm_trap_delete(trap);
    CHECK(finalized == 3);
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    /* The store keeps its engine. */
    wasm_engine_delete(engine);
    wasm_functype_t *type = wasm_functype_new_1_1(wasm_valtype_new_externref(), wasm_valtype_new_externref());
    wasm_func_t *func = wasm_func_new(store, type, identity);
    wasm_functype_delete(type);
    wasm_extern_t *items[] = {wasm_func_as_extern(func)};
    wasm_extern_vec_t imports = WASM_ARRAY_VEC(items);
    wasm_instance_t *instance = instance_of(store, TEXT, &imports);

    through_wasm(store, instance, func);
    in_items(store, instance);
    host_info(instance, func);
    wasm_func_delete(func);
    finalized = 0;
    /* A reference keeps the store. */
    wasm_store_delete(store);
    CHECK(finalized == 0);
    wasm_ref_t *null = pass(instance, "pass", NULL, true);
    CHECK(!null);
    wasm_instance_delete(instance);
    CHECK(finalized == 1101);

    engine = wasm_engine_new();
    store = wasm_store_new(engine);
    counted(store);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return 0;
}
