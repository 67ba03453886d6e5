//! The product of two `n` by `n` matrices of `f32`, `n` at most 160. The compiler turns the inner loop into vectors.

#![no_std]
#![no_main]

use wasmote_kernels::{Buffer, mix};

const MAX: usize = 160;
static A: Buffer<f32, { MAX * MAX }> = Buffer::new(0.0);
static B: Buffer<f32, { MAX * MAX }> = Buffer::new(0.0);
static C: Buffer<f32, { MAX * MAX }> = Buffer::new(0.0);

#[unsafe(no_mangle)]
extern "C" fn run(n: i32) -> i64 {
    let n = (n as usize).clamp(1, MAX);
    // SAFETY: taken once in each run.
    let (a, b, c) = unsafe { (A.take(), B.take(), C.take()) };
    for i in 0..n * n {
        a[i] = (i % 97) as f32 * 0.3 - 11.0;
        b[i] = (i % 89) as f32 * 0.7 - 7.0;
    }
    for (row, factors) in c[..n * n].chunks_exact_mut(n).zip(a[..n * n].chunks_exact(n)) {
        row.fill(0.0);
        for (&factor, other) in factors.iter().zip(b[..n * n].chunks_exact(n)) {
            for (sum, &value) in row.iter_mut().zip(other) {
                *sum += factor * value;
            }
        }
    }
    c[..n * n].iter().fold(0, |sum, value| mix(sum, u64::from(value.to_bits()))) as i64
}
