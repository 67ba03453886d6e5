//! Accesses to bytes that other threads may access at the same time: the plain loads and stores of shared memories.
//!
//! To Rust, two plain accesses that race are undefined behaviour. So none of these is one:
//!
//! * On x86-64 and aarch64 each load and each store is one instruction, in inline assembly. The compiler knows nothing of
//!   it but its effect, and the processor never tears an aligned one.
//! * Elsewhere they are relaxed atomic accesses: one if the address is aligned, or else one for each byte. So are they where
//!   Miri or a sanitizer watches the program, which then sees a plain access of Rust that races with one of these.
//!
//! WebAssembly asks for no more: a plain access that is aligned and not wider than the architecture's words is not torn
//! (threads proposal, Relaxed Memory Model > Tearing), and there is no order among them.

#[cfg(not(assembly_accesses))]
use portable as word;

/// Reads `N` bytes.
///
/// # Safety
///
/// I13: they lie in a memory, and other threads access them as this file and `atomic.rs` do, if at all.
#[inline(always)]
pub(crate) unsafe fn read<const N: usize>(from: *const u8) -> [u8; N] {
    let mut bytes = [0; N];
    let to = bytes.as_mut_ptr();
    // SAFETY: I13, promised by the caller; `bytes` has `N` bytes.
    unsafe {
        match N {
            1 => to.write(word::read1(from)),
            2 => to.cast::<[u8; 2]>().write(word::read2(from).to_ne_bytes()),
            4 => to.cast::<[u8; 4]>().write(word::read4(from).to_ne_bytes()),
            8 => to.cast::<[u8; 8]>().write(word::read8(from).to_ne_bytes()),
            16 => to.cast::<[u8; 16]>().write(word::read16(from)),
            _ => read_to(from, to, N),
        }
    }
    bytes
}

/// Writes `N` bytes.
///
/// # Safety
///
/// I13: they lie in a memory, and other threads access them as this file and `atomic.rs` do, if at all.
#[inline(always)]
pub(crate) unsafe fn write<const N: usize>(to: *mut u8, bytes: [u8; N]) {
    let from = bytes.as_ptr();
    // SAFETY: I13, promised by the caller; `bytes` has `N` bytes.
    unsafe {
        match N {
            1 => word::write1(to, from.read()),
            2 => word::write2(to, u16::from_ne_bytes(from.cast::<[u8; 2]>().read())),
            4 => word::write4(to, u32::from_ne_bytes(from.cast::<[u8; 4]>().read())),
            8 => word::write8(to, u64::from_ne_bytes(from.cast::<[u8; 8]>().read())),
            16 => word::write16(to, from.cast::<[u8; 16]>().read()),
            _ => write_from(to, from, N),
        }
    }
}

/// Reads `count` bytes to memory that only this thread accesses.
///
/// # Safety
///
/// I13: the bytes at `from` lie in a memory. `to` can be written, and overlaps none of them.
pub(crate) unsafe fn read_to(from: *const u8, to: *mut u8, count: usize) {
    let words = count / 8 * 8;
    // SAFETY: I13, promised by the caller, for all `count` bytes.
    unsafe {
        for at in (0..words).step_by(8) {
            to.add(at).cast::<u64>().write_unaligned(word::read8(from.add(at)));
        }
        for at in words..count {
            to.add(at).write(word::read1(from.add(at)));
        }
    }
}

/// Writes `count` bytes from memory that no other thread writes to.
///
/// # Safety
///
/// I13: the bytes at `to` lie in a memory. `from` can be read, and overlaps none of them.
pub(crate) unsafe fn write_from(to: *mut u8, from: *const u8, count: usize) {
    let words = count / 8 * 8;
    // SAFETY: I13, promised by the caller, for all `count` bytes.
    unsafe {
        for at in (0..words).step_by(8) {
            word::write8(to.add(at), from.add(at).cast::<u64>().read_unaligned());
        }
        for at in words..count {
            word::write1(to.add(at), from.add(at).read());
        }
    }
}

/// Writes `count` bytes that are all `byte`.
///
/// # Safety
///
/// I13: the bytes lie in a memory.
pub(crate) unsafe fn fill(to: *mut u8, byte: u8, count: usize) {
    let words = count / 8 * 8;
    // SAFETY: I13, promised by the caller, for all `count` bytes.
    unsafe {
        for at in (0..words).step_by(8) {
            word::write8(to.add(at), u64::from_ne_bytes([byte; 8]));
        }
        for at in words..count {
            word::write1(to.add(at), byte);
        }
    }
}

/// Copies `count` bytes between memories, or within one; both ranges may overlap.
///
/// # Safety
///
/// I13: both ranges lie in memories.
pub(crate) unsafe fn copy(from: *const u8, to: *mut u8, count: usize) {
    let words = count / 8 * 8;
    // SAFETY: I13, promised by the caller, for both ranges of `count` bytes.
    unsafe {
        let copy8 = |at: usize| word::write8(to.add(at), word::read8(from.add(at)));
        let copy1 = |at: usize| word::write1(to.add(at), word::read1(from.add(at)));
        // Each word is read before it is overwritten: from the end that leads into the other range.
        if to.cast_const() <= from {
            (0..words).step_by(8).for_each(copy8);
            (words..count).for_each(copy1);
        } else {
            (words..count).rev().for_each(copy1);
            (0..words).step_by(8).rev().for_each(copy8);
        }
    }
}

/// One instruction for each access.
#[cfg(all(assembly_accesses, target_arch = "x86_64"))]
mod word {
    use core::arch::{asm, x86_64::__m128i};

    macro_rules! accesses {
        ($($ty:ty: $read:ident $load:literal, $write:ident $store:literal, $class:ident as $register:ty;)*) => { $(
            #[inline(always)]
            pub(super) unsafe fn $read(from: *const u8) -> $ty {
                let value: $register;
                // SAFETY: I13: the assembly reads these bytes, in one instruction.
                unsafe { asm!($load, value = out($class) value, at = in(reg) from, options(nostack, preserves_flags, readonly)) };
                value as $ty
            }

            #[inline(always)]
            pub(super) unsafe fn $write(to: *mut u8, value: $ty) {
                // SAFETY: I13: the assembly writes these bytes, in one instruction.
                unsafe { asm!($store, value = in($class) value, at = in(reg) to, options(nostack, preserves_flags)) };
            } )*
        };
    }

    accesses! {
        u16: read2 "movzx {value:e}, word ptr [{at}]", write2 "mov word ptr [{at}], {value:x}", reg as u32;
        u32: read4 "mov {value:e}, dword ptr [{at}]", write4 "mov dword ptr [{at}], {value:e}", reg as u32;
        u64: read8 "mov {value}, qword ptr [{at}]", write8 "mov qword ptr [{at}], {value}", reg as u64;
    }

    #[inline(always)]
    pub(super) unsafe fn read1(from: *const u8) -> u8 {
        let value: u32;
        // SAFETY: I13: the assembly reads this byte, in one instruction.
        unsafe {
            asm!("movzx {value:e}, byte ptr [{at}]", value = out(reg) value, at = in(reg) from, options(nostack, preserves_flags, readonly));
        };
        value as u8
    }

    #[inline(always)]
    pub(super) unsafe fn write1(to: *mut u8, value: u8) {
        // SAFETY: I13: the assembly writes this byte, in one instruction.
        unsafe {
            asm!("mov byte ptr [{at}], {value}", value = in(reg_byte) value, at = in(reg) to, options(nostack, preserves_flags));
        };
    }

    #[inline(always)]
    pub(super) unsafe fn read16(from: *const u8) -> [u8; 16] {
        let value: __m128i;
        // SAFETY: I13: the assembly reads these bytes, in one instruction. Both types are sixteen bytes.
        unsafe {
            asm!("movdqu {value}, xmmword ptr [{at}]", value = out(xmm_reg) value, at = in(reg) from, options(nostack, preserves_flags, readonly));
            core::mem::transmute::<__m128i, [u8; 16]>(value)
        }
    }

    #[inline(always)]
    pub(super) unsafe fn write16(to: *mut u8, value: [u8; 16]) {
        // SAFETY: I13: the assembly writes these bytes, in one instruction. Both types are sixteen bytes.
        unsafe {
            let value = core::mem::transmute::<[u8; 16], __m128i>(value);
            asm!("movdqu xmmword ptr [{at}], {value}", value = in(xmm_reg) value, at = in(reg) to, options(nostack, preserves_flags));
        };
    }
}

/// One instruction for each access.
#[cfg(all(assembly_accesses, target_arch = "aarch64"))]
mod word {
    use core::arch::{aarch64::uint8x16_t, asm};

    macro_rules! accesses {
        ($($ty:ty: $read:ident $load:literal, $write:ident $store:literal, $class:ident as $register:ty;)*) => { $(
            #[inline(always)]
            pub(super) unsafe fn $read(from: *const u8) -> $ty {
                let value: $register;
                // SAFETY: I13: the assembly reads these bytes, in one instruction.
                unsafe { asm!($load, value = out($class) value, at = in(reg) from, options(nostack, preserves_flags, readonly)) };
                value as $ty
            }

            #[inline(always)]
            pub(super) unsafe fn $write(to: *mut u8, value: $ty) {
                let value = value as $register;
                // SAFETY: I13: the assembly writes these bytes, in one instruction.
                unsafe { asm!($store, value = in($class) value, at = in(reg) to, options(nostack, preserves_flags)) };
            } )*
        };
    }

    accesses! {
        u8: read1 "ldrb {value:w}, [{at}]", write1 "strb {value:w}, [{at}]", reg as u32;
        u16: read2 "ldrh {value:w}, [{at}]", write2 "strh {value:w}, [{at}]", reg as u32;
        u32: read4 "ldr {value:w}, [{at}]", write4 "str {value:w}, [{at}]", reg as u32;
        u64: read8 "ldr {value}, [{at}]", write8 "str {value}, [{at}]", reg as u64;
    }

    #[inline(always)]
    pub(super) unsafe fn read16(from: *const u8) -> [u8; 16] {
        let value: uint8x16_t;
        // SAFETY: I13: the assembly reads these bytes, in one instruction. Both types are sixteen bytes.
        unsafe {
            asm!("ldr {value:q}, [{at}]", value = out(vreg) value, at = in(reg) from, options(nostack, preserves_flags, readonly));
            core::mem::transmute::<uint8x16_t, [u8; 16]>(value)
        }
    }

    #[inline(always)]
    pub(super) unsafe fn write16(to: *mut u8, value: [u8; 16]) {
        // SAFETY: I13: the assembly writes these bytes, in one instruction. Both types are sixteen bytes.
        unsafe {
            let value = core::mem::transmute::<[u8; 16], uint8x16_t>(value);
            asm!("str {value:q}, [{at}]", value = in(vreg) value, at = in(reg) to, options(nostack, preserves_flags));
        };
    }
}

/// A relaxed atomic access, or one for each byte.
#[cfg(any(test, not(assembly_accesses)))]
mod portable {
    use core::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, Ordering::Relaxed};

    macro_rules! accesses {
        ($($ty:ty, $atomic:ty: $read:ident $write:ident;)*) => { $(
            #[inline(always)]
            pub(super) unsafe fn $read(from: *const u8) -> $ty {
                let place = from.cast_mut().cast::<$ty>();
                // SAFETY: I13: the bytes lie in a memory, and the address is aligned where it has to be.
                unsafe {
                    if place.is_aligned() {
                        return <$atomic>::from_ptr(place).load(Relaxed);
                    }
                    <$ty>::from_ne_bytes(read_bytes(from))
                }
            }

            #[inline(always)]
            pub(super) unsafe fn $write(to: *mut u8, value: $ty) {
                let place = to.cast::<$ty>();
                // SAFETY: I13: the bytes lie in a memory, and the address is aligned where it has to be.
                unsafe {
                    if place.is_aligned() {
                        return <$atomic>::from_ptr(place).store(value, Relaxed);
                    }
                    write_bytes(to, value.to_ne_bytes());
                }
            } )*
        };
    }

    accesses! {
        u16, AtomicU16: read2 write2;
        u32, AtomicU32: read4 write4;
    }
    #[cfg(target_has_atomic = "64")]
    accesses! {
        u64, core::sync::atomic::AtomicU64: read8 write8;
    }

    #[cfg(not(target_has_atomic = "64"))]
    #[inline(always)]
    pub(super) unsafe fn read8(from: *const u8) -> u64 {
        // SAFETY: I13: the bytes lie in a memory.
        u64::from_ne_bytes(unsafe { read_bytes(from) })
    }

    #[cfg(not(target_has_atomic = "64"))]
    #[inline(always)]
    pub(super) unsafe fn write8(to: *mut u8, value: u64) {
        // SAFETY: I13: the bytes lie in a memory.
        unsafe { write_bytes(to, value.to_ne_bytes()) };
    }

    #[inline(always)]
    pub(super) unsafe fn read1(from: *const u8) -> u8 {
        // SAFETY: I13: the byte lies in a memory.
        let [byte] = unsafe { read_bytes(from) };
        byte
    }

    #[inline(always)]
    pub(super) unsafe fn write1(to: *mut u8, value: u8) {
        // SAFETY: I13: the byte lies in a memory.
        unsafe { write_bytes(to, [value]) };
    }

    #[inline(always)]
    pub(super) unsafe fn read16(from: *const u8) -> [u8; 16] {
        // SAFETY: I13: the bytes lie in a memory.
        unsafe { read_bytes(from) }
    }

    #[inline(always)]
    pub(super) unsafe fn write16(to: *mut u8, value: [u8; 16]) {
        // SAFETY: I13: the bytes lie in a memory.
        unsafe { write_bytes(to, value) };
    }

    /// Reads bytes one by one.
    unsafe fn read_bytes<const N: usize>(from: *const u8) -> [u8; N] {
        // SAFETY: I13: the bytes lie in a memory.
        core::array::from_fn(|at| unsafe { AtomicU8::from_ptr(from.add(at).cast_mut()).load(Relaxed) })
    }

    /// Writes bytes one by one.
    unsafe fn write_bytes<const N: usize>(to: *mut u8, bytes: [u8; N]) {
        for (at, byte) in bytes.into_iter().enumerate() {
            // SAFETY: I13: the bytes lie in a memory.
            unsafe { AtomicU8::from_ptr(to.add(at)).store(byte, Relaxed) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{copy, fill, read, read_to, write, write_from};

    fn bytes() -> [u8; 40] {
        core::array::from_fn(|i| i as u8 + 1)
    }

    fn read_back<const N: usize>() {
        let mut memory = bytes();
        for at in 0..=memory.len() - N {
            // SAFETY: I13: `N` bytes from `at` on lie in the array, which nobody else accesses.
            unsafe {
                assert_eq!(read::<N>(memory.as_ptr().add(at)), memory[at..at + N]);
                let mut expected = bytes();
                expected[at..at + N].fill(0xa5);
                write(memory.as_mut_ptr().add(at), [0xa5; N]);
                assert_eq!(memory, expected);
            }
            memory = bytes();
        }
    }

    #[test]
    fn accesses_of_all_widths_at_all_alignments() {
        read_back::<1>();
        read_back::<2>();
        read_back::<4>();
        read_back::<8>();
        read_back::<16>();
        read_back::<11>();
    }

    /// What other targets do is the same.
    #[test]
    fn accesses_without_assembly() {
        use super::portable;
        for at in 0..24 {
            let mut memory = bytes();
            let place = memory.as_mut_ptr().wrapping_add(at);
            // SAFETY: I13: the bytes lie in the array, which nobody else accesses.
            unsafe {
                assert_eq!(portable::read1(place).to_ne_bytes(), read(place));
                assert_eq!(portable::read2(place).to_ne_bytes(), read(place));
                assert_eq!(portable::read4(place).to_ne_bytes(), read(place));
                assert_eq!(portable::read8(place).to_ne_bytes(), read(place));
                assert_eq!(portable::read16(place), read(place));
                portable::write16(place, [1; 16]);
                assert_eq!(read(place), [1; 16]);
                portable::write8(place, u64::MAX);
                portable::write4(place, 0x0202_0202);
                portable::write2(place, 0x0303);
                portable::write1(place, 4);
                let mut expected = bytes();
                expected[at..at + 16].copy_from_slice(&[4, 3, 2, 2, 255, 255, 255, 255, 1, 1, 1, 1, 1, 1, 1, 1]);
                assert_eq!(memory, expected);
            }
        }
    }

    #[test]
    fn ranges_that_overlap_are_copied_as_if_at_once() {
        for (from, to, count) in [
            (0, 0, 40),
            (0, 1, 39),
            (1, 0, 39),
            (3, 12, 27),
            (12, 3, 27),
            (0, 20, 20),
            (0, 7, 17),
            (7, 0, 17),
            (5, 9, 3),
        ] {
            let (mut memory, mut expected) = (bytes(), bytes());
            expected.copy_within(from..from + count, to);
            // SAFETY: I13: both ranges lie in the array, which nobody else accesses.
            unsafe { copy(memory.as_ptr().add(from), memory.as_mut_ptr().add(to), count) };
            assert_eq!(memory, expected, "{from} {to} {count}");
        }
    }

    #[test]
    fn bytes_go_in_and_out() {
        for count in 0..30 {
            let (mut memory, mut out) = ([0; 40], [0; 40]);
            // SAFETY: I13: the ranges lie in the arrays, which nobody else accesses.
            unsafe {
                write_from(memory.as_mut_ptr().add(3), bytes().as_ptr(), count);
                read_to(memory.as_ptr().add(3), out.as_mut_ptr(), count);
                assert_eq!(out[..count], bytes()[..count]);
                assert!(memory[count + 3..].iter().chain(&out[count..]).all(|&byte| byte == 0));
                fill(memory.as_mut_ptr().add(1), 9, count);
            }
            assert!(memory[0] == 0 && memory[1..=count].iter().all(|&byte| byte == 9));
        }
    }
}
