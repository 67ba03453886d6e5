//! Heapsort of `n` records (at most 32,768) by each of three comparators, called through a table.

#![no_std]
#![no_main]

use core::hint::black_box;
use wasmote_kernels::{Buffer, Random, mix};

#[derive(Clone, Copy)]
struct Record {
    key: u32,
    weight: u32,
}

type Less = fn(&Record, &Record) -> bool;

static RECORDS: Buffer<Record, 32_768> = Buffer::new(Record { key: 0, weight: 0 });

fn by_key(a: &Record, b: &Record) -> bool {
    a.key < b.key
}

fn by_weight(a: &Record, b: &Record) -> bool {
    (a.weight, b.key) < (b.weight, a.key)
}

fn by_distance(a: &Record, b: &Record) -> bool {
    a.key.abs_diff(0x8000_0000) < b.key.abs_diff(0x8000_0000)
}

static COMPARATORS: [Less; 3] = [by_key, by_weight, by_distance];

fn sift_down(records: &mut [Record], mut root: usize, less: Less) {
    loop {
        let mut child = 2 * root + 1;
        if child >= records.len() {
            return;
        }
        if child + 1 < records.len() && less(&records[child], &records[child + 1]) {
            child += 1;
        }
        if !less(&records[root], &records[child]) {
            return;
        }
        records.swap(root, child);
        root = child;
    }
}

#[inline(never)]
fn heapsort(records: &mut [Record], less: Less) {
    for root in (0..records.len() / 2).rev() {
        sift_down(records, root, less);
    }
    for end in (1..records.len()).rev() {
        records.swap(0, end);
        sift_down(&mut records[..end], 0, less);
    }
}

#[unsafe(no_mangle)]
extern "C" fn run(n: i32) -> i64 {
    // SAFETY: taken once in each run.
    let records = unsafe { RECORDS.take() };
    let n = (n as usize).min(records.len());
    let records = &mut records[..n];
    let mut random = Random::new(0x2545_f491);
    for record in records.iter_mut() {
        *record = Record { key: random.next(), weight: random.below(64) };
    }
    let mut sum = 0;
    for &less in black_box(&COMPARATORS) {
        heapsort(records, less);
        let sorted = records.windows(2).all(|pair| !less(&pair[1], &pair[0]));
        sum = records.iter().fold(mix(sum, u64::from(sorted)), |sum, record| mix(sum, u64::from(record.key)));
    }
    sum as i64
}
