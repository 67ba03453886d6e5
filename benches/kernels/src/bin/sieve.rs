//! The primes below `n` (at most 1,000,000) with the sieve of Eratosthenes.

#![no_std]
#![no_main]

use wasmote_kernels::{Buffer, mix};

const MAX: usize = 1_000_000;
static COMPOSITE: Buffer<bool, MAX> = Buffer::new(false);

#[unsafe(no_mangle)]
extern "C" fn run(n: i32) -> i64 {
    let n = (n as usize).min(MAX);
    // SAFETY: taken once in each run.
    let composite = unsafe { &mut COMPOSITE.take()[..n] };
    composite.fill(false);
    let mut sum = 0;
    for i in 2..n {
        if composite[i] {
            continue;
        }
        sum = mix(sum, i as u64);
        let mut j = i * i;
        while j < n {
            composite[j] = true;
            j += i;
        }
        // The square of larger primes is beyond the end, and beyond the 32 bits of a `usize`.
        if i >= 1000 {
            for (i, _) in composite.iter().enumerate().skip(i + 1).filter(|(_, composite)| !**composite) {
                sum = mix(sum, i as u64);
            }
            break;
        }
    }
    sum as i64
}
