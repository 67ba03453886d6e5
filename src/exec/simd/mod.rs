//! Vectors in machine registers, and the semantics of vector operators in terms of the target's instructions.
//!
//! `baseline` has a function for every vector operator: that of the target's instructions where there is one, and the
//! portable one of `numerics::vector` otherwise. The tests compare both, bit by bit.
//!
//! ```text
//!   x86_64/sse2.rs  every x86-64 processor has these instructions
//!   x86_64/v2.rs    the level x86-64-v2, up to SSE 4.2; for rows that the op table marks `level v2`
//!   neon.rs         every aarch64 processor with vectors has these instructions
//! ```

#[cfg(all(vector_register, target_arch = "aarch64"))]
pub(crate) mod neon;
#[cfg(test)]
mod tests;
#[cfg(all(vector_register, target_arch = "x86_64"))]
mod x86_64;

use crate::numerics::vector::Vector;

#[cfg(not(vector_register))]
pub(crate) use crate::numerics::vector as baseline;
#[cfg(all(vector_register, target_arch = "aarch64"))]
pub(crate) use neon as baseline;
#[cfg(all(vector_register, target_arch = "x86_64", not(target_feature = "sse4.2")))]
pub(crate) use x86_64::sse2 as baseline;
#[cfg(all(any(tail_dispatch, test), vector_register, target_arch = "x86_64"))]
pub(crate) use x86_64::v2;
#[cfg(all(vector_register, target_arch = "x86_64", target_feature = "sse4.2"))]
pub(crate) use x86_64::v2 as baseline;

/// The machine register that holds a vector.
#[cfg(all(vector_register, target_arch = "x86_64"))]
pub(crate) type Register = core::arch::x86_64::__m128i;
/// The machine register that holds a vector.
#[cfg(all(vector_register, target_arch = "aarch64"))]
pub(crate) type Register = core::arch::aarch64::uint8x16_t;

/// Returns the vector in a register.
#[cfg(vector_register)]
#[inline(always)]
pub(crate) fn vector(register: Register) -> Vector {
    // SAFETY: I12: a register is 16 bytes, lane 0 first, as on all little-endian targets; any bytes are a vector.
    Vector::from_bytes(unsafe { core::mem::transmute::<Register, [u8; 16]>(register) })
}

/// Returns the register that holds a vector.
#[cfg(vector_register)]
#[inline(always)]
pub(crate) fn register(vector: Vector) -> Register {
    // SAFETY: I12: as for `vector`.
    unsafe { core::mem::transmute::<[u8; 16], Register>(vector.to_bytes()) }
}

/// Returns the register that holds zeros.
#[cfg(vector_register)]
#[inline(always)]
pub(crate) fn zero() -> Register {
    register(Vector::default())
}

/// Returns whether the processor has the instructions of `v2`.
#[cfg(all(any(tail_dispatch, test), vector_register, target_arch = "x86_64"))]
pub(crate) fn has_v2() -> bool {
    x86_64::has_v2()
}
