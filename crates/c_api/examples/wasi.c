/* Runs a WASI program: wasi PROGRAM.wasm [ARGUMENTS]. The program sees the current directory, which it cannot change. */
#include <stdio.h>
#include <stdlib.h>
#include <wasmote.h>

/* Returns the status for the end of a program. */
static int status_of(wasm_trap_t *trap) {
    int32_t status = 0;
    if (!trap) return 0;
    if (!wasmote_trap_exit_status(trap, &status)) {
        wasm_message_t message;
        wasm_frame_vec_t trace;
        wasm_trap_message(trap, &message);
        wasm_trap_trace(trap, &trace);
        fprintf(stderr, "%s\n", message.data);
        for (size_t i = 0; i < trace.size; i++) {
            const char *name = wasmote_frame_func_name(trace.data[i]);
            fprintf(stderr, "  in function %u %s\n", (unsigned)wasm_frame_func_index(trace.data[i]), name ? name : "");
        }
        wasm_frame_vec_delete(&trace);
        wasm_byte_vec_delete(&message);
        status = 134;
    }
    wasm_trap_delete(trap);
    return status;
}

static uint8_t *read_file(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END)) return NULL;
    long length = ftell(file);
    rewind(file);
    uint8_t *bytes = length < 0 ? NULL : malloc((size_t)length + 1);
    *size = bytes ? fread(bytes, 1, (size_t)length, file) : 0;
    fclose(file);
    return bytes;
}

int main(int argc, char **argv) {
    size_t size = 0;
    uint8_t *bytes = argc > 1 ? read_file(argv[1], &size) : NULL;
    if (!bytes) {
        fprintf(stderr, "usage: wasi PROGRAM.wasm [ARGUMENTS]\n");
        return 2;
    }
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    wasm_module_t *module = NULL;
    wasm_trap_t *trap = wasmote_module_new(engine, bytes, size, &module);
    free(bytes);

    wasmote_wasi_t *wasi = wasmote_wasi_new();
    for (int i = 1; i < argc; i++) wasmote_wasi_arg(wasi, argv[i]);
    wasmote_wasi_inherit_stdin(wasi);
    wasmote_wasi_inherit_stdout(wasi);
    wasmote_wasi_inherit_stderr(wasi);
    if (!trap) trap = wasmote_wasi_preopen_dir(wasi, ".", "/", true);
    wasm_trap_t *refused = wasmote_store_set_wasi(store, wasi);
    if (refused) {
        if (trap) wasm_trap_delete(refused);
        else trap = refused;
    }

    wasmote_linker_t *linker = wasmote_linker_new(engine);
    if (!trap) trap = wasmote_linker_define_wasi(linker);
    wasm_instance_t *instance = trap ? NULL : wasmote_linker_instantiate(linker, store, module, &trap);
    if (instance) {
        wasm_extern_t *start = wasmote_instance_export(instance, "_start");
        wasm_func_t *func = start ? wasm_extern_as_func(start) : NULL;
        if (func) trap = wasm_func_call(func, NULL, NULL);
        else fprintf(stderr, "the module exports no function `_start`\n");
        if (start) wasm_extern_delete(start);
        wasm_instance_delete(instance);
    }
    int status = status_of(trap);

    wasmote_linker_delete(linker);
    if (module) wasm_module_delete(module);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return status;
}
