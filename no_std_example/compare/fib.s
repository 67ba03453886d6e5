@ The module, as it is in flash.
    .section .rodata
    .global fib_wasm
    .global fib_wasm_end
    .balign 4
fib_wasm:
    .incbin "fib.wasm"
fib_wasm_end:
    .balign 4
