//! Draws the Mandelbrot set with characters: `mandelbrot(columns: i32) -> i32` prints the picture line by
//! line and returns how many points belong to the set.
//!
//! `build.sh` compiles it to `mandelbrot.wasm`.

#![no_std]

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    /// Prints `len` bytes of text at `ptr`.
    fn print_str(ptr: *const u8, len: usize);
}

const SHADES: &[u8] = b" .:-=+*#%@";
const MAX_COLUMNS: usize = 400;
const MAX_STEPS: u32 = 200;

/// Returns the steps after which `c` leaves the set; `None` if it stays.
fn escape(re: f64, im: f64) -> Option<u32> {
    let (mut x, mut y) = (0.0, 0.0);
    for step in 0..MAX_STEPS {
        (x, y) = (x * x - y * y + re, 2.0 * x * y + im);
        if x * x + y * y > 4.0 {
            return Some(step);
        }
    }
    None
}

#[unsafe(no_mangle)]
extern "C" fn mandelbrot(columns: i32) -> i32 {
    let columns = (columns.max(1) as usize).min(MAX_COLUMNS);
    // A character is about twice as high as it is wide.
    let lines = columns.div_ceil(2);
    let mut line = [b'\n'; MAX_COLUMNS + 1];
    let mut inside = 0;
    for row in 0..lines {
        for (column, shade) in line[..columns].iter_mut().enumerate() {
            let re = column as f64 / columns as f64 * 3.0 - 2.25;
            let im = row as f64 / lines as f64 * 3.0 - 1.5;
            *shade = match escape(re, im) {
                Some(step) => SHADES[(step as usize).min(SHADES.len() - 2)],
                None => {
                    inside += 1;
                    SHADES[SHADES.len() - 1]
                }
            };
        }
        // SAFETY: the first `columns` bytes and one more are in the array.
        unsafe { print_str(line.as_ptr(), columns + 1) };
        line[columns] = b'\n';
    }
    inside
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
