//! Blurs a picture of 256 by 128 bytes `n` times: each pixel with its neighbours, by weights of 1, 2 and 1, along both
//! axes. The compiler turns the loops into vectors.

#![no_std]
#![no_main]

use wasmote_kernels::{Buffer, Random, mix};

const WIDTH: usize = 256;
const HEIGHT: usize = 128;
static PICTURE: Buffer<u8, { WIDTH * HEIGHT }> = Buffer::new(0);
static ROWS: Buffer<u8, { WIDTH * HEIGHT }> = Buffer::new(0);

fn weigh(before: u8, here: u8, after: u8) -> u8 {
    ((u16::from(before) + 2 * u16::from(here) + u16::from(after) + 2) >> 2) as u8
}

/// Blurs a row. Its ends have no neighbour and stay.
fn along(row: &[u8; WIDTH], out: &mut [u8; WIDTH]) {
    out[0] = row[0];
    for x in 1..WIDTH - 1 {
        out[x] = weigh(row[x - 1], row[x], row[x + 1]);
    }
    out[WIDTH - 1] = row[WIDTH - 1];
}

/// Blurs a row with those above and below it.
fn across(above: &[u8; WIDTH], row: &[u8; WIDTH], below: &[u8; WIDTH], out: &mut [u8; WIDTH]) {
    for x in 0..WIDTH {
        out[x] = weigh(above[x], row[x], below[x]);
    }
}

#[unsafe(no_mangle)]
extern "C" fn run(n: i32) -> i64 {
    // SAFETY: taken once in each run.
    let (picture, rows) = unsafe { (PICTURE.take(), ROWS.take()) };
    let mut random = Random::new(0x85eb_ca6b);
    picture.fill_with(|| random.next() as u8);
    let (picture, _) = picture.as_chunks_mut::<WIDTH>();
    let (rows, _) = rows.as_chunks_mut::<WIDTH>();
    for _ in 0..n {
        for (row, out) in picture.iter().zip(rows.iter_mut()) {
            along(row, out);
        }
        for (window, out) in rows.windows(3).zip(&mut picture[1..]) {
            across(&window[0], &window[1], &window[2], out);
        }
        picture[0] = rows[0];
        picture[HEIGHT - 1] = rows[HEIGHT - 1];
    }
    picture.as_flattened().iter().fold(0, |sum, &byte| mix(sum, u64::from(byte))) as i64
}
