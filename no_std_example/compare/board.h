/* The emulated board for programs in C: what src/board.rs and src/heap.rs are for firmware in Rust. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The module that is measured: plugins/fib.wasm. */
extern const uint8_t fib_wasm[];
extern const uint8_t fib_wasm_end[];

/* Loads the module and returns the Fibonacci number of `n`, or -1. To be defined by the program. */
int32_t fib(int32_t n);
