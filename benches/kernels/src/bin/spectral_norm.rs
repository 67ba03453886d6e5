//! The spectral norm of an infinite matrix, cut to `n` by `n` (at most 512), by two power iterations.

#![no_std]
#![no_main]

use wasmote_kernels::{Buffer, mix};

const MAX: usize = 512;
static U: Buffer<f64, MAX> = Buffer::new(0.0);
static V: Buffer<f64, MAX> = Buffer::new(0.0);
static T: Buffer<f64, MAX> = Buffer::new(0.0);

fn element(i: usize, j: usize) -> f64 {
    1.0 / ((i + j) * (i + j + 1) / 2 + i + 1) as f64
}

fn times(v: &[f64], out: &mut [f64]) {
    for (i, out) in out.iter_mut().enumerate() {
        *out = v.iter().enumerate().fold(0.0, |sum, (j, x)| sum + element(i, j) * x);
    }
}

fn transposed_times(v: &[f64], out: &mut [f64]) {
    for (i, out) in out.iter_mut().enumerate() {
        *out = v.iter().enumerate().fold(0.0, |sum, (j, x)| sum + element(j, i) * x);
    }
}

#[unsafe(no_mangle)]
extern "C" fn run(n: i32) -> i64 {
    let n = (n as usize).min(MAX);
    // SAFETY: taken once in each run.
    let (u, v, t) = unsafe { (U.take(), V.take(), T.take()) };
    let (u, v, t) = (&mut u[..n], &mut v[..n], &mut t[..n]);
    u.fill(1.0);
    for _ in 0..2 {
        times(u, t);
        transposed_times(t, v);
        times(v, t);
        transposed_times(t, u);
    }
    u.iter().chain(v.iter()).fold(0, |sum, value| mix(sum, value.to_bits())) as i64
}
