//! The kernels: programs, their amounts of work, and their results.
//!
//! The benchmarks of the library and `benches/peers` include this file by its path. Every module exports
//! `run(n: i32) -> i64`. `build.sh` builds them from `src/bin`, `src/simd` and `wat`.

/// A program to measure, and the work to measure it with.
pub(crate) struct Kernel {
    /// The name of its files, without extension.
    pub(crate) name: &'static str,
    /// The module.
    pub(crate) wasm: &'static [u8],
    /// Whether a compiler emitted it.
    pub(crate) compiled: bool,
    /// The amount of work: 10 to 60 ms for an interpreter on a server of 2020.
    pub(crate) n: i32,
    /// The result of `run(n)`.
    pub(crate) expected: i64,
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

/// All kernels that every engine can run.
#[rustfmt::skip]
pub(crate) const KERNELS: &[Kernel] = kernels![
    wat  fib_recursive  (30)        = 832040;
    wat  fib_iterative  (6_000_000) = -7790723415012744704;
    wat  count_local    (8_000_000) = 8000000;
    wat  count_global   (5_000_000) = 5000000;
    wat  count_param    (5_000_000) = 15000000;
    wat  globals        (1_200_000) = 461206646249480589;
    wat  bulk_memory    (150_000)   = 4854974198108363776;
    wat  host_calls     (1_000_000) = 891552081650097888;
    wat  call_indirect  (1_500_000) = 9158136417592075806;
    wat  tail_calls     (3_000_000) = -5348995121413967871;
    wat  shift_xor      (1_200_000) = -6688086612275598854;
    rust sha256         (8_000)     = -6897033411457403396;
    rust blake2         (10_000)    = 662455324444264050;
    rust matmul         (160)       = -6311613903442601241;
    rust nbody          (80_000)    = -7838312290900260982;
    rust mandelbrot     (320)       = -6198869982975653417;
    rust spectral_norm  (500)       = 3978283299464021122;
    rust sieve          (1_000_000) = 8603454227633635238;
    rust quicksort      (65_536)    = -8931477241897718404;
    rust sort_indirect  (8_192)     = 7214283272117967124;
    rust json           (2_000)     = 1731709249405019100;
    rust word_count     (100_000)   = -8558180193467963560;
    rust lz             (250_000)   = -3850165826657234895;
    rust bytecode_vm    (6_000)     = 8074558267031697161;
];

/// The kernels of vectors.
///
/// `tests/simd_kernels` has the same programs without vectors, and compares.
#[rustfmt::skip]
pub(crate) const SIMD_KERNELS: &[Kernel] = kernels![
    wat  dot_f32        (1_000)     = 7621459292222121506;
    wat  alpha_blend    (200)       = -7823213914056572171;
    wat  stripe_hash    (800)       = 6771275240833574776;
    rust memchr         (1_000)     = 1071471751909082133;
    rust blur           (30)        = -3069850550430174039;
    rust chacha20       (120)       = 4062144537294655398;
    rust blake3         (5_000)     = 8045663911097109789;
    rust utf8           (400)       = -4945499085917135687;
    rust base64         (250)       = -144566797284271202;
    rust matmul_f32     (160)       = 8581765435765851918;
];

/// The kernels of garbage collection and exceptions.
///
/// `tests/gc_kernels` has the same programs in Rust, and compares. Its `WASMOTE_WRITE_KERNELS=1` builds them from `wat/gc`.
#[rustfmt::skip]
pub(crate) const GC_KERNELS: &[Kernel] = kernels![
    wat  binary_trees   (14)        = 262136;
    wat  list_walk      (5_000)     = 2497500000;
    wat  closures       (500_000)   = -6871230021331936182;
    wat  insertion_sort (3_000)     = 50102792345905;
    wat  hash_map       (500_000)   = 61538046;
    wat  throw_near     (200_000)   = 4317596606759788128;
    wat  throw_far      (20_000)    = 1207809573096955152;
];

/// The function `host.mix` that some kernels import.
pub(crate) fn mix(a: i64, b: i32) -> i64 {
    a.wrapping_mul(31).wrapping_add(i64::from(b))
}

/// A function that only converts its parameter, to measure calls from the host.
pub(crate) const EMPTY_CALL: &[u8] = include_bytes!("wasm/empty_call.wasm");

/// A module with an import, a memory, a table, a global and segments, to measure instantiation.
pub(crate) const SMALL: &[u8] = include_bytes!("wasm/small.wasm");
