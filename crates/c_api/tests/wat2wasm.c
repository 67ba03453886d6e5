/* Turns the text format on standard input into binary Wasm on standard output. */
#include <stdio.h>
#include <stdlib.h>
#include <wasmote.h>

int main(void) {
    static char text[1 << 20];
    size_t size = fread(text, 1, sizeof(text), stdin);
    wasm_byte_vec_t binary;
    wasm_trap_t *trap = wasmote_wat2wasm(text, size, &binary);
    if (trap) {
        wasm_message_t message;
        wasm_trap_message(trap, &message);
        fprintf(stderr, "%s\n", message.data);
        wasm_byte_vec_delete(&message);
        wasm_trap_delete(trap);
        return 1;
    }
    size_t written = fwrite(binary.data, 1, binary.size, stdout);
    int status = written == binary.size ? 0 : 1;
    wasm_byte_vec_delete(&binary);
    return status;
}
