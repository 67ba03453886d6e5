//! A program with debug information. `ci/places.sh --write` makes program.rs.wasm of it.
#![no_std]

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// Registers of a device, which is not there.
struct Device {
    address: usize,
}

impl Device {
    #[inline(always)]
    fn register(&self, index: usize) -> i32 {
        let register = (self.address + 4 * index) as *const i32;
        unsafe { register.read_volatile() } // register
    }

    #[inline(never)]
    fn sum(&self, count: usize) -> i32 {
        let mut sum = 0;
        for index in 0..count {
            sum += self.register(index); // sum
        }
        sum
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn run(count: usize) -> i32 {
    let device = Device { address: 0x7fff_0000 };
    1 + device.sum(count) // run
}
