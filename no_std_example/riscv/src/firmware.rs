//! The firmware: start, heap, the module, end of the emulation.

use core::{arch::global_asm, mem::MaybeUninit, panic::PanicInfo};

use critical_section::RawRestoreState;
use embedded_alloc::LlffHeap;
use wasmote::{Config, Engine, Error, Instance, Module, Store};

global_asm!(".section .init", ".global start", "start:", "la sp, stack_top", "j main");

/// Writing these values here ends the emulation, with success or not.
const END: *mut u32 = 0x0010_0000 as *mut u32;
const PASSED: u32 = 0x5555;
const FAILED: u32 = 0x1_3333;

#[global_allocator]
static HEAP: LlffHeap = LlffHeap::empty();

/// There is one hart, and no interrupt is enabled.
struct OneHart;
critical_section::set_impl!(OneHart);

// SAFETY: nothing else runs.
unsafe impl critical_section::Impl for OneHart {
    unsafe fn acquire() -> RawRestoreState {
        false
    }

    unsafe fn release(_: RawRestoreState) {}
}

/// Bytes at an address that code can run from. `include_bytes!` alone does not align them.
#[repr(C, align(8))]
struct Artefact<T: ?Sized> {
    bytes: T,
}

static FIB: &Artefact<[u8]> = &Artefact { bytes: *include_bytes!(concat!(env!("OUT_DIR"), "/fib.wmo")) };

/// Computes the Fibonacci number of 20.
fn fib() -> Result<i32, Error> {
    let mut config = Config::default();
    config.set_min_stack_height(1024).set_max_stack_height(1024).set_max_cached_stacks(1);
    let engine = Engine::new(&config);
    // SAFETY: the build script has written the artefact.
    let module = unsafe { Module::deserialize_static(&engine, &FIB.bytes) }?;
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[])?;
    instance.get_typed_func::<i32, i32>(&store, "fib")?.call(&mut store, 20)
}

fn end(passed: bool) -> ! {
    loop {
        // SAFETY: the board has a register there.
        unsafe { END.write_volatile(if passed { PASSED } else { FAILED }) };
    }
}

// SAFETY: no other function has this name; the code at the start jumps here.
#[unsafe(no_mangle)]
extern "C" fn main() -> ! {
    const SIZE: usize = 16 * 1024;
    static mut MEMORY: [MaybeUninit<u8>; SIZE] = [MaybeUninit::uninit(); SIZE];
    // SAFETY: `MEMORY` is named nowhere else, so the heap is its only user; it is not empty.
    unsafe { HEAP.init(&raw mut MEMORY as usize, SIZE) };
    let passed = matches!(fib(), Ok(6765)) && HEAP.used() == 0;
    end(passed)
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    end(false)
}
