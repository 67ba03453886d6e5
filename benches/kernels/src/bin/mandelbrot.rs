//! The Mandelbrot set on a grid of `n` by `n` points, at most 50 iterations for each.

#![no_std]
#![no_main]

use wasmote_kernels::mix;

fn iterations(cx: f64, cy: f64) -> u32 {
    let (mut x, mut y) = (0.0f64, 0.0f64);
    for i in 0..50 {
        let (xx, yy) = (x * x, y * y);
        if xx + yy > 4.0 {
            return i;
        }
        y = 2.0 * x * y + cy;
        x = xx - yy + cx;
    }
    50
}

#[unsafe(no_mangle)]
extern "C" fn run(n: i32) -> i64 {
    let step = 1.0 / f64::from(n);
    let mut sum = 0;
    for row in 0..n {
        let cy = f64::from(row) * step * 2.0 - 1.0;
        let mut line = 0;
        for column in 0..n {
            line += u64::from(iterations(f64::from(column) * step * 3.0 - 2.0, cy));
        }
        sum = mix(sum, line);
    }
    sum as i64
}
