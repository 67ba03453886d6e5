//! What the firmwares share: the heap, output without formatting, and artefacts in flash.

#![no_std]

#[path = "../../src/board.rs"]
pub mod board;
#[path = "../../src/heap.rs"]
pub mod heap;

use core::panic::PanicInfo;

use cortex_m_semihosting::{debug, hio};

/// Bytes in flash at an address that code can run from. `include_bytes!` alone does not align them.
#[repr(C, align(8))]
pub struct Artefact<T: ?Sized> {
    /// The bytes.
    pub bytes: T,
}

/// Includes an artefact that the build script has made.
#[macro_export]
macro_rules! artefact {
    ($name:literal) => {{
        static ARTEFACT: &$crate::Artefact<[u8]> =
            &$crate::Artefact { bytes: *include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".wmo")) };
        &ARTEFACT.bytes
    }};
}

/// Prints a text and a number. `core::fmt` would take some KiB of flash.
pub fn print(text: &str, number: u32) {
    let mut digits = [b'\n'; 11];
    let (mut at, mut rest) = (digits.len() - 1, number);
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if let Ok(mut out) = hio::hstdout() {
        // An emulator that does not listen is no reason to stop.
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.write_all(&digits[at..]));
    }
}

/// Prints what the firmware used, and ends the emulation.
pub fn finish(passed: bool) -> ! {
    print("flash: ", board::flash_size() as u32);
    print("heap: peak ", heap::peak() as u32);
    print("heap: left ", heap::used() as u32);
    print("stack: peak ", board::stack_peak() as u32);
    loop {
        debug::exit(if passed { debug::EXIT_SUCCESS } else { debug::EXIT_FAILURE });
    }
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {
        debug::exit(debug::EXIT_FAILURE);
    }
}
