//! The kernels: what the benchmarks run, with how much work and with which result.
//!
//! Included by path, by the benchmarks of the library and by `benches/peers`. Every module exports
//! `run(n: i32) -> i64`; the sources stand in `src/bin` and `wat`, and `build.sh` builds them.

/// A program to measure, and the work to measure it with.
pub struct Kernel {
    /// The name of its files, without extension.
    pub name: &'static str,
    /// The module.
    pub wasm: &'static [u8],
    /// If a compiler wrote it, rather than a hand.
    pub compiled: bool,
    /// How much work: 10 to 60 ms for an interpreter on a server of 2020.
    pub n: i32,
    /// What `run(n)` returns.
    pub expected: i64,
}

macro_rules! kernels {
    ($($kind:ident $name:ident ($n:literal) = $expected:literal;)*) => {
        &[$(Kernel {
            name: stringify!($name),
            wasm: include_bytes!(concat!("wasm/", stringify!($name), ".wasm")),
            compiled: matches!(stringify!($kind).as_bytes(), b"rust"),
            n: $n,
            expected: $expected,
        }),*]
    };
}

/// All kernels.
#[rustfmt::skip]
pub const KERNELS: &[Kernel] = kernels![
    wat  fib_recursive  (27)        = 0;
    wat  fib_iterative  (3_000_000) = 0;
    wat  count_local    (8_000_000) = 0;
    wat  count_global   (5_000_000) = 0;
    wat  count_param    (5_000_000) = 0;
    wat  globals        (1_000_000) = 0;
    wat  bulk_memory    (10_000)    = 0;
    wat  host_calls     (500_000)   = 0;
    rust sha256         (2_000)     = 0;
    rust blake2         (2_000)     = 0;
    rust matmul         (100)       = 0;
    rust nbody          (20_000)    = 0;
    rust mandelbrot     (120)       = 0;
    rust spectral_norm  (200)       = 0;
    rust sieve          (500_000)   = 0;
    rust quicksort      (32_768)    = 0;
    rust sort_indirect  (4_096)     = 0;
    rust json           (200)       = 0;
    rust word_count     (50_000)    = 0;
    rust lz             (100_000)   = 0;
    rust bytecode_vm    (10_000)    = 0;
];

/// The function `host.mix` that some kernels import.
pub fn mix(a: i64, b: i32) -> i64 {
    a.wrapping_mul(31).wrapping_add(i64::from(b))
}

/// A function that only converts its parameter: what a call from the host costs.
pub const EMPTY_CALL: &[u8] = include_bytes!("wasm/empty_call.wasm");

/// A module with an import, a memory, a table, a global and segments: what an instance costs.
pub const SMALL: &[u8] = include_bytes!("wasm/small.wasm");
