//! Quicksort of `n` numbers (at most 65,536), the comparison compiled into it.

#![no_std]
#![no_main]

use wasmote_kernels::{Buffer, Random, mix};

static NUMBERS: Buffer<i32, 65_536> = Buffer::new(0);

fn quicksort(mut numbers: &mut [i32]) {
    while numbers.len() > 12 {
        let last = numbers.len() - 1;
        let middle = last / 2;
        if numbers[middle] < numbers[0] {
            numbers.swap(middle, 0);
        }
        if numbers[last] < numbers[0] {
            numbers.swap(last, 0);
        }
        if numbers[last] < numbers[middle] {
            numbers.swap(last, middle);
        }
        let pivot = numbers[middle];
        let (mut i, mut j) = (0, last);
        loop {
            while numbers[i] < pivot {
                i += 1;
            }
            while numbers[j] > pivot {
                j -= 1;
            }
            if i >= j {
                break;
            }
            numbers.swap(i, j);
            i += 1;
            j -= 1;
        }
        let (low, high) = numbers.split_at_mut(i);
        // Recursion into the smaller part bounds the depth by the logarithm of the length.
        if low.len() < high.len() {
            quicksort(low);
            numbers = high;
        } else {
            quicksort(high);
            numbers = low;
        }
    }
    for i in 1..numbers.len() {
        let number = numbers[i];
        let mut j = i;
        while j > 0 && numbers[j - 1] > number {
            numbers[j] = numbers[j - 1];
            j -= 1;
        }
        numbers[j] = number;
    }
}

#[unsafe(no_mangle)]
extern "C" fn run(n: i32) -> i64 {
    // SAFETY: taken once in each run.
    let numbers = unsafe { NUMBERS.take() };
    let n = (n as usize).min(numbers.len());
    let numbers = &mut numbers[..n];
    let mut random = Random::new(0x1234_5678);
    for number in numbers.iter_mut() {
        *number = random.next() as i32;
    }
    quicksort(numbers);
    let sorted = numbers.windows(2).all(|pair| pair[0] <= pair[1]);
    numbers.iter().fold(u64::from(sorted), |sum, &number| mix(sum, number as u64)) as i64
}
