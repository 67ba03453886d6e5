//! The product of two `n` by `n` matrices of `f64`, `n` at most 160.

#![no_std]
#![no_main]

use wasmote_kernels::{Buffer, mix};

const MAX: usize = 160;
static A: Buffer<f64, { MAX * MAX }> = Buffer::new(0.0);
static B: Buffer<f64, { MAX * MAX }> = Buffer::new(0.0);
static C: Buffer<f64, { MAX * MAX }> = Buffer::new(0.0);

#[unsafe(no_mangle)]
extern "C" fn run(n: i32) -> i64 {
    let n = (n as usize).min(MAX);
    // SAFETY: taken once in each run.
    let (a, b, c) = unsafe { (A.take(), B.take(), C.take()) };
    for i in 0..n * n {
        a[i] = (i % 97) as f64 * 0.5 - 11.0;
        b[i] = (i % 89) as f64 * 0.25 - 7.0;
    }
    for i in 0..n {
        for j in 0..n {
            let mut sum = 0.0;
            for k in 0..n {
                sum += a[i * n + k] * b[k * n + j];
            }
            c[i * n + j] = sum;
        }
    }
    c[..n * n].iter().fold(0, |sum, value| mix(sum, value.to_bits())) as i64
}
