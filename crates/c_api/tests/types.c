/* Types, vectors and reflection. */
#include "check.h"

static bool is_name(const wasm_name_t *name, const char *expected) {
    return name->size == strlen(expected) && !memcmp(name->data, expected, name->size);
}

static void value_types(void) {
    static const wasm_valkind_t KINDS[] = {WASM_I32, WASM_I64, WASM_F32, WASM_F64, WASM_EXTERNREF, WASM_FUNCREF, WASMOTE_V128};
    for (size_t i = 0; i < sizeof(KINDS); i++) {
        wasm_valtype_t *type = wasm_valtype_new(KINDS[i]), *copy = wasm_valtype_copy(type);
        wasm_valtype_delete(type);
        CHECK(wasm_valtype_kind(copy) == KINDS[i]);
        CHECK(wasm_valtype_is_ref(copy) == (KINDS[i] >= 128) && wasm_valtype_is_num(copy) == (KINDS[i] < 128));
        wasm_valtype_delete(copy);
    }
    CHECK(!wasm_valtype_new(77));
}

static void vectors(void) {
    wasm_valtype_vec_t types, copy, empty, nulls;
    wasm_valtype_t *elements[] = {wasm_valtype_new_i32(), NULL, wasm_valtype_new_f64()};
    wasm_valtype_vec_new(&types, 3, elements);
    wasm_valtype_vec_copy(&copy, &types);
    CHECK(copy.size == 3 && copy.data != types.data && copy.data[0] != types.data[0] && !copy.data[1]);
    wasm_valtype_vec_delete(&types);
    CHECK(types.size == 0 && !types.data);
    wasm_valtype_vec_delete(&types);
    CHECK(wasm_valtype_kind(copy.data[2]) == WASM_F64);
    wasm_valtype_vec_delete(&copy);
    wasm_valtype_vec_new_empty(&empty);
    CHECK(empty.size == 0);
    wasm_valtype_vec_delete(&empty);
    wasm_valtype_vec_new_uninitialized(&nulls, 4);
    CHECK(nulls.size == 4 && !nulls.data[3]);
    wasm_valtype_vec_delete(&nulls);

    wasm_name_t name;
    wasm_name_new_from_string(&name, "name");
    CHECK(is_name(&name, "name"));
    wasm_name_delete(&name);
    wasm_name_new_from_string_nt(&name, "name");
    CHECK(name.size == 5 && !name.data[4]);
    wasm_name_delete(&name);
    wasm_name_new_uninitialized(&name, 0);
    CHECK(name.size == 0);
}

static void item_types(void) {
    wasm_functype_t *func = wasm_functype_new_3_2(wasm_valtype_new_i32(), wasm_valtype_new_i64(), wasm_valtype_new_f32(),
                                                  wasm_valtype_new_f64(), wasm_valtype_new_funcref());
    CHECK(wasm_functype_params(func)->size == 3 && wasm_functype_results(func)->size == 2);
    CHECK(wasm_valtype_kind(wasm_functype_params(func)->data[1]) == WASM_I64);
    CHECK(wasm_valtype_kind(wasm_functype_results(func)->data[1]) == WASM_FUNCREF);
    wasm_externtype_t *item = wasm_functype_as_externtype(func);
    CHECK(wasm_externtype_kind(item) == WASM_EXTERN_FUNC && wasm_externtype_as_functype(item) == func);
    CHECK(!wasm_externtype_as_tabletype(item) && !wasm_externtype_as_memorytype_const(item));
    wasm_externtype_t *copy = wasm_externtype_copy(item);
    wasm_functype_delete(func);
    CHECK(wasm_functype_params(wasm_externtype_as_functype(copy))->size == 3);

    wasm_name_t module, name;
    wasm_name_new_from_string(&module, "m");
    wasm_name_new_from_string(&name, "n");
    wasm_importtype_t *import = wasm_importtype_new(&module, &name, copy), *same = wasm_importtype_copy(import);
    wasm_importtype_delete(import);
    CHECK(is_name(wasm_importtype_module(same), "m") && is_name(wasm_importtype_name(same), "n"));
    CHECK(wasm_externtype_kind(wasm_importtype_type(same)) == WASM_EXTERN_FUNC);
    wasm_importtype_delete(same);

    wasm_limits_t limits = {2, 5}, wrong = {6, 5}, open = {1, wasm_limits_max_default}, huge = {0, 70000};
    wasm_tabletype_t *table = wasm_tabletype_new(wasm_valtype_new_externref(), &limits);
    CHECK(wasm_tabletype_limits(table)->min == 2 && wasm_tabletype_limits(table)->max == 5);
    CHECK(wasm_valtype_kind(wasm_tabletype_element(table)) == WASM_EXTERNREF);
    wasm_name_new_from_string(&name, "t");
    wasm_exporttype_t *export = wasm_exporttype_new(&name, wasm_tabletype_as_externtype(table));
    CHECK(is_name(wasm_exporttype_name(export), "t"));
    wasm_exporttype_delete(export);
    CHECK(!wasm_tabletype_new(wasm_valtype_new_i32(), &limits));
    CHECK(!wasm_tabletype_new(wasm_valtype_new_funcref(), &wrong));

    wasm_memorytype_t *memory = wasm_memorytype_new(&open);
    CHECK(wasm_memorytype_limits(memory)->max == wasm_limits_max_default);
    wasm_memorytype_delete(memory);
    CHECK(!wasm_memorytype_new(&wrong) && !wasm_memorytype_new(&huge));

    wasm_globaltype_t *global = wasm_globaltype_new(wasm_valtype_new_f32(), WASM_VAR);
    CHECK(wasm_globaltype_mutability(global) == WASM_VAR);
    CHECK(wasm_valtype_kind(wasm_globaltype_content(global)) == WASM_F32);
    wasm_globaltype_delete(global);
}

static void reflection(void) {
    static const char TEXT[] = "(module (import \"a\" \"b\" (func (param v128))) (import \"\" \"g\" (global (mut i64)))"
                               " (tag (export \"tag\") (param i32)) (memory (export \"m\") 1 9)"
                               " (table (export \"t\") i64 3 funcref) (func (export \"f\") (result anyref) unreachable))";
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    wasm_module_t *module = module_of(store, TEXT);
    wasm_importtype_vec_t imports;
    wasm_module_imports(module, &imports);
    CHECK(imports.size == 2 && is_name(wasm_importtype_name(imports.data[0]), "b"));
    const wasm_functype_t *func = wasm_externtype_as_functype_const(wasm_importtype_type(imports.data[0]));
    CHECK(wasm_valtype_kind(wasm_functype_params(func)->data[0]) == WASMOTE_V128);
    wasm_importtype_vec_delete(&imports);
    wasm_exporttype_vec_t exports;
    wasm_module_exports(module, &exports);
    CHECK(exports.size == 4 && is_name(wasm_exporttype_name(exports.data[0]), "tag"));
    CHECK(wasm_externtype_kind(wasm_exporttype_type(exports.data[0])) == WASMOTE_EXTERN_TAG);
    const wasm_memorytype_t *memory = wasm_externtype_as_memorytype_const(wasm_exporttype_type(exports.data[1]));
    CHECK(wasm_memorytype_limits(memory)->min == 1 && wasm_memorytype_limits(memory)->max == 9);
    const wasm_functype_t *last = wasm_externtype_as_functype_const(wasm_exporttype_type(exports.data[3]));
    CHECK(wasm_valtype_kind(wasm_functype_results(last)->data[0]) == WASMOTE_OTHERREF);
    wasm_exporttype_vec_delete(&exports);
    wasm_module_delete(module);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
}

int main(void) {
    value_types();
    vectors();
    item_types();
    reflection();
    return 0;
}
