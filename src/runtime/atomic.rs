//! Atomic accesses to memories (threads proposal): what the atomic operators do at an address, sequentially consistent.
//!
//! All of them are those of [`core::sync::atomic`]. On targets without atomic accesses to 64 bits, a lock that all of them
//! share makes them atomic.
//!
//! Addresses in a memory are multiples of the width. Those of the host may not be if the memory is not shared, since it can
//! begin anywhere; then nobody else accesses it, and plain accesses do.

use crate::runtime::racy;
#[cfg(target_has_atomic = "64")]
use core::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering::SeqCst};

/// An integer of the width of an atomic access.
pub(crate) trait Atomic: Copy + Eq {
    /// Extends the number by zeros.
    fn extend(self) -> u64;
    /// Takes the low bits of a number.
    fn wrap(value: u64) -> Self;

    /// Loads.
    ///
    /// # Safety
    ///
    /// I13: the bytes lie in a memory; `place` is aligned if the memory is shared.
    unsafe fn load(place: *mut Self) -> Self;
    /// Stores.
    ///
    /// # Safety
    ///
    /// The same as for `load`.
    unsafe fn store(place: *mut Self, value: Self);
    /// Stores `replacement` if the value is `expected`. Returns the former value.
    ///
    /// # Safety
    ///
    /// The same as for `load`.
    unsafe fn cmpxchg(place: *mut Self, expected: Self, replacement: Self) -> Self;
    /// Stores the sum. Returns the former value.
    ///
    /// # Safety
    ///
    /// The same as for `load`.
    unsafe fn add(place: *mut Self, value: Self) -> Self;
    /// Stores the difference. Returns the former value.
    ///
    /// # Safety
    ///
    /// The same as for `load`.
    unsafe fn sub(place: *mut Self, value: Self) -> Self;
    /// Stores the conjunction. Returns the former value.
    ///
    /// # Safety
    ///
    /// The same as for `load`.
    unsafe fn and(place: *mut Self, value: Self) -> Self;
    /// Stores the disjunction. Returns the former value.
    ///
    /// # Safety
    ///
    /// The same as for `load`.
    unsafe fn or(place: *mut Self, value: Self) -> Self;
    /// Stores the exclusive disjunction. Returns the former value.
    ///
    /// # Safety
    ///
    /// The same as for `load`.
    unsafe fn xor(place: *mut Self, value: Self) -> Self;
    /// Stores the value. Returns the former value.
    ///
    /// # Safety
    ///
    /// The same as for `load`.
    unsafe fn xchg(place: *mut Self, value: Self) -> Self;
}

/// Reads a value, and writes the one that `change` makes of it, if it makes one. Not atomically.
///
/// # Safety
///
/// I13: the bytes lie in a memory, and nobody else accesses them meanwhile other than as `racy.rs` does.
#[inline(always)]
unsafe fn change<const N: usize>(place: *mut u8, change: impl FnOnce([u8; N]) -> Option<[u8; N]>) -> [u8; N] {
    // SAFETY: I13, promised by the caller.
    unsafe {
        let old = racy::read::<N>(place);
        if let Some(new) = change(old) {
            racy::write(place, new);
        }
        old
    }
}

/// Defines a method that stores what `$plain` computes, which `$fast` does natively.
#[cfg(target_has_atomic = "64")]
macro_rules! modify {
    ($atomic:ident; $($name:ident $fast:ident $plain:expr;)*) => { $(
        #[inline(always)]
        unsafe fn $name(place: *mut Self, value: Self) -> Self {
            // SAFETY: I13, promised by the caller; an address that is not aligned is in a memory that is not shared.
            unsafe {
                if !place.is_aligned() {
                    return Self::from_le_bytes(change(place.cast(), |old| Some($plain(Self::from_le_bytes(old), value).to_le_bytes())));
                }
                let place = $atomic::from_ptr(place);
                if cfg!(target_endian = "little") {
                    return place.$fast(value, SeqCst);
                }
                let modify = |old| Some($plain(Self::from_le(old), value).to_le());
                match place.fetch_update(SeqCst, SeqCst, modify) {
                    Ok(old) | Err(old) => Self::from_le(old),
                }
            }
        } )*
    };
}

/// The same with a lock.
#[cfg(not(target_has_atomic = "64"))]
macro_rules! modify {
    ($atomic:ident; $($name:ident $fast:ident $plain:expr;)*) => { $(
        #[inline(never)]
        unsafe fn $name(place: *mut Self, value: Self) -> Self {
            let _locked = LOCK.lock();
            // SAFETY: I13, promised by the caller; all atomic accesses hold the lock.
            unsafe {
                Self::from_le_bytes(change(place.cast(), |old| Some($plain(Self::from_le_bytes(old), value).to_le_bytes())))
            }
        } )*
    };
}

/// Makes accesses atomic.
#[cfg(not(target_has_atomic = "64"))]
static LOCK: spin::Mutex<()> = spin::Mutex::new(());

macro_rules! integers {
    ($($ty:ident $atomic:ident;)*) => { $(
        impl Atomic for $ty {
            #[inline(always)]
            fn extend(self) -> u64 {
                u64::from(self)
            }

            #[inline(always)]
            fn wrap(value: u64) -> Self {
                value as Self
            }

            #[cfg(target_has_atomic = "64")]
            #[inline(always)]
            unsafe fn load(place: *mut Self) -> Self {
                // SAFETY: I13, promised by the caller; an address that is not aligned is in a memory that is not shared.
                unsafe {
                    if !place.is_aligned() {
                        return Self::from_le_bytes(change(place.cast(), |_| None));
                    }
                    Self::from_le($atomic::from_ptr(place).load(SeqCst))
                }
            }

            #[cfg(target_has_atomic = "64")]
            #[inline(always)]
            unsafe fn store(place: *mut Self, value: Self) {
                // SAFETY: I13, promised by the caller; an address that is not aligned is in a memory that is not shared.
                unsafe {
                    if !place.is_aligned() {
                        change(place.cast(), |_| Some(value.to_le_bytes()));
                        return;
                    }
                    $atomic::from_ptr(place).store(value.to_le(), SeqCst);
                }
            }

            #[cfg(target_has_atomic = "64")]
            #[inline(always)]
            unsafe fn cmpxchg(place: *mut Self, expected: Self, replacement: Self) -> Self {
                // SAFETY: I13, promised by the caller; an address that is not aligned is in a memory that is not shared.
                unsafe {
                    if !place.is_aligned() {
                        let replace = |old| (old == expected.to_le_bytes()).then(|| replacement.to_le_bytes());
                        return Self::from_le_bytes(change(place.cast(), replace));
                    }
                    let place = $atomic::from_ptr(place);
                    match place.compare_exchange(expected.to_le(), replacement.to_le(), SeqCst, SeqCst) {
                        Ok(old) | Err(old) => Self::from_le(old),
                    }
                }
            }

            #[cfg(not(target_has_atomic = "64"))]
            #[inline(never)]
            unsafe fn load(place: *mut Self) -> Self {
                let _locked = LOCK.lock();
                // SAFETY: I13, promised by the caller; all atomic accesses hold the lock.
                Self::from_le_bytes(unsafe { change(place.cast(), |_| None) })
            }

            #[cfg(not(target_has_atomic = "64"))]
            #[inline(never)]
            unsafe fn store(place: *mut Self, value: Self) {
                let _locked = LOCK.lock();
                // SAFETY: I13, promised by the caller; all atomic accesses hold the lock.
                unsafe { change(place.cast(), |_| Some(value.to_le_bytes())) };
            }

            #[cfg(not(target_has_atomic = "64"))]
            #[inline(never)]
            unsafe fn cmpxchg(place: *mut Self, expected: Self, replacement: Self) -> Self {
                let _locked = LOCK.lock();
                let replace = |old| (old == expected.to_le_bytes()).then(|| replacement.to_le_bytes());
                // SAFETY: I13, promised by the caller; all atomic accesses hold the lock.
                Self::from_le_bytes(unsafe { change(place.cast(), replace) })
            }

            modify! { $atomic;
                add fetch_add Self::wrapping_add;
                sub fetch_sub Self::wrapping_sub;
                and fetch_and |a, b| a & b;
                or fetch_or |a, b| a | b;
                xor fetch_xor |a, b| a ^ b;
                xchg swap |_, b| b;
            }
        } )*
    };
}

integers! {
    u8 AtomicU8;
    u16 AtomicU16;
    u32 AtomicU32;
    u64 AtomicU64;
}

/// The functions by name, for the op table.
macro_rules! by_name {
    ($($name:ident)*) => { $(
        #[doc = concat!("Does what [`Atomic::", stringify!($name), "`] does.")]
        ///
        /// # Safety
        ///
        /// The same as for the method.
        #[inline(always)]
        pub(crate) unsafe fn $name<T: Atomic>(place: *mut T, value: T) -> T {
            // SAFETY: I13, promised by the caller.
            unsafe { T::$name(place, value) }
        } )*
    };
}

by_name! { add sub and or xor xchg }

#[cfg(test)]
mod tests {
    use super::Atomic;

    /// At each address, aligned or not.
    fn operate<T: Atomic + core::fmt::Debug>() {
        let mut memory = [0_u64; 4];
        for at in 0..16 {
            let place = memory.as_mut_ptr().wrapping_byte_add(at).cast::<T>();
            let value = |value: u64| T::wrap(value);
            // SAFETY: I13: the bytes lie in the array, which nobody else accesses.
            unsafe {
                T::store(place, value(0x0102_0304_0506_07f0));
                assert_eq!(place.cast::<u8>().read(), 0xf0, "little-endian");
                assert_eq!(T::add(place, value(0x20)), value(0x0102_0304_0506_07f0));
                assert_eq!(T::sub(place, value(1)), value(0x0102_0304_0506_0810));
                assert_eq!(T::and(place, value(0xfe)), value(0x0102_0304_0506_080f));
                assert_eq!(T::or(place, value(0x31)), value(0x0e));
                assert_eq!(T::xor(place, value(0xff)), value(0x3f));
                assert_eq!(T::xchg(place, value(7)), value(0xc0));
                assert_eq!(T::cmpxchg(place, value(8), value(9)), value(7));
                assert_eq!(T::cmpxchg(place, value(7), value(9)), value(7));
                assert_eq!(T::load(place).extend(), 9);
                T::store(place, value(0));
            }
            assert_eq!(memory, [0; 4]);
        }
    }

    #[test]
    fn operations_of_all_widths_at_all_alignments() {
        operate::<u8>();
        operate::<u16>();
        operate::<u32>();
        operate::<u64>();
    }
}
