//! The board: its clock, and the use of its flash and stack.

use cortex_m::peripheral::{SYST, syst::SystClkSource};

/// The vectors of interrupts, by number. The firmware enables none; without this list the table would have room for 240.
// SAFETY: the section is that of the vectors of interrupts, which begins with that of number 0.
#[unsafe(link_section = ".vector_table.interrupts")]
// SAFETY: the linker script and the crate `cortex-m-rt` expect the vectors under this name.
#[unsafe(no_mangle)]
pub static __INTERRUPTS: [unsafe extern "C" fn(); 1] = [DefaultHandler];

unsafe extern "C" {
    /// Handles interrupts without a handler of their own; from `cortex-m-rt`.
    fn DefaultHandler();
    /// Start and end of the initialized variables in RAM, and of their copy in flash; from `link.x`.
    static __sdata: u32;
    static __edata: u32;
    static __sidata: u32;
    /// Lowest and highest address of the stack; from `link.x`.
    static _stack_end: u32;
    static _stack_start: u32;
}

/// The pattern with which the reset handler fills the stack (feature `paint-stack` of `cortex-m-rt`).
const PAINT: u32 = 0xcccc_cccc;

/// Returns the bytes of flash that the firmware occupies: vector table, code, constants, initial values.
pub fn flash_size() -> usize {
    // Flash begins at address 0 and ends with the initial values of variables.
    let data = &raw const __edata as usize - &raw const __sdata as usize;
    &raw const __sidata as usize + data
}

/// Returns the most bytes of stack that have been in use since the reset.
pub fn stack_peak() -> usize {
    let top = &raw const _stack_start;
    let mut word = &raw const _stack_end;
    while word < top {
        // SAFETY: the linker script reserves the words between the two addresses for the stack,
        // and gives both an alignment of four bytes.
        if unsafe { word.read_volatile() } != PAINT {
            break;
        }
        word = word.wrapping_add(1);
    }
    top as usize - word as usize
}

/// A stopwatch on the core's timer, which counts down from 2^24 - 1: cycles on a real part, and
/// 25 ticks per microsecond of emulated time in QEMU.
pub struct Stopwatch {
    timer: SYST,
}

impl Stopwatch {
    /// Takes the timer and starts it.
    pub fn new(mut timer: SYST) -> Self {
        timer.set_clock_source(SystClkSource::Core);
        timer.set_reload(0x00ff_ffff);
        timer.clear_current();
        timer.enable_counter();
        Self { timer }
    }

    /// Runs `work` and returns its result with the ticks it took, at most 2^24 - 1.
    pub fn measure<R>(&mut self, work: impl FnOnce() -> R) -> (R, u32) {
        self.timer.clear_current();
        let begin = SYST::get_current();
        let result = work();
        (result, begin.wrapping_sub(SYST::get_current()) & 0x00ff_ffff)
    }
}
