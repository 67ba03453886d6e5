//! Traps: why running code stopped (spec, Execution > Runtime Structure > Results).

use core::fmt;

/// Why Wasm code trapped.
///
/// ```
/// use wasmote::{Engine, Linker, Module, Store, TrapCode};
///
/// # fn main() -> Result<(), wasmote::Error> {
/// let engine = Engine::default();
/// let module = Module::new(
///     &engine,
///     r#"(module (func (export "div") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1))))"#,
/// )?;
/// let mut store = Store::new(&engine, ());
/// let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module)?;
/// let div = instance.get_typed_func::<(i32, i32), i32>(&store, "div")?;
/// let error = div.call(&mut store, (1, 0)).unwrap_err();
/// assert_eq!(error.as_trap_code(), Some(TrapCode::IntegerDivisionByZero));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
#[non_exhaustive]
pub enum TrapCode {
    /// `unreachable` was executed.
    UnreachableCodeReached = 1,
    /// A load, store or bulk operator went outside of a memory or a data segment.
    MemoryOutOfBounds = 2,
    /// A table operator or an indirect call went outside of a table or an element segment.
    TableOutOfBounds = 3,
    /// An indirect call met a null reference.
    IndirectCallToNull = 4,
    /// An integer was divided by zero.
    IntegerDivisionByZero = 5,
    /// The result of a division or a conversion does not fit its type.
    IntegerOverflow = 6,
    /// NaN was converted to an integer.
    BadConversionToInteger = 7,
    /// Calls nest too deeply for the value stack.
    StackOverflow = 8,
    /// An indirect call met a function of another type.
    BadSignature = 9,
    /// The fuel is used up.
    OutOfFuel = 10,
    /// A resource limiter made a growth beyond its limit trap.
    GrowthOperationLimited = 11,
    /// The system has no more memory.
    OutOfSystemMemory = 12,
    /// An operator that needs a reference met null.
    NullReference = 13,
    /// The address of an atomic operator was not a multiple of its width.
    HeapMisaligned = 14,
    /// `memory.atomic.wait32` or `memory.atomic.wait64` was executed on a memory that is not shared.
    AtomicWaitNonSharedMemory = 15,
    /// Code was interrupted: by an [`InterruptHandle`](crate::InterruptHandle), because the engine's epoch has reached the
    /// store's deadline ([`Store::set_epoch_deadline`](crate::Store::set_epoch_deadline)), or in a wait because the time for waits is
    /// up. Without the crate feature `std` nothing could end a wait in a memory, so each one ends by this.
    Interrupt = 16,
    /// An operator went outside of an array.
    ArrayOutOfBounds = 17,
    /// A reference was cast to a type that it does not have.
    CastFailure = 18,
    /// An array was to be made that is larger than any heap.
    AllocationTooLarge = 19,
    /// The heap of the store has no room for an object, although everything that can no longer be reached was freed.
    GcHeapOutOfMemory = 20,
}

impl TrapCode {
    /// Returns a description, in the words of the official test suite if it has some.
    #[must_use]
    pub fn trap_message(&self) -> &'static str {
        match self {
            Self::UnreachableCodeReached => "wasm `unreachable` instruction executed",
            Self::MemoryOutOfBounds => "out of bounds memory access",
            Self::TableOutOfBounds => "undefined element: out of bounds table access",
            Self::IndirectCallToNull => "uninitialized element",
            Self::IntegerDivisionByZero => "integer divide by zero",
            Self::IntegerOverflow => "integer overflow",
            Self::BadConversionToInteger => "invalid conversion to integer",
            Self::StackOverflow => "call stack exhausted",
            Self::BadSignature => "indirect call type mismatch",
            Self::OutOfFuel => "all fuel consumed by WebAssembly",
            Self::GrowthOperationLimited => "growth operation limited",
            Self::OutOfSystemMemory => "out of system memory",
            Self::NullReference => "null reference",
            Self::HeapMisaligned => "unaligned atomic",
            Self::AtomicWaitNonSharedMemory => "expected shared memory",
            Self::Interrupt => "interrupt",
            Self::ArrayOutOfBounds => "out of bounds array access",
            Self::CastFailure => "cast failure",
            Self::AllocationTooLarge => "allocation size too large",
            Self::GcHeapOutOfMemory => "GC heap out of memory",
        }
    }
}

impl fmt::Display for TrapCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.trap_message())
    }
}

impl core::error::Error for TrapCode {}

/// The error for a number that is not the number of a trap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidTrapCode;

impl fmt::Display for InvalidTrapCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("invalid trap code")
    }
}

impl core::error::Error for InvalidTrapCode {}

impl TryFrom<u8> for TrapCode {
    type Error = InvalidTrapCode;

    fn try_from(code: u8) -> Result<Self, InvalidTrapCode> {
        Ok(match code {
            1 => Self::UnreachableCodeReached,
            2 => Self::MemoryOutOfBounds,
            3 => Self::TableOutOfBounds,
            4 => Self::IndirectCallToNull,
            5 => Self::IntegerDivisionByZero,
            6 => Self::IntegerOverflow,
            7 => Self::BadConversionToInteger,
            8 => Self::StackOverflow,
            9 => Self::BadSignature,
            10 => Self::OutOfFuel,
            11 => Self::GrowthOperationLimited,
            12 => Self::OutOfSystemMemory,
            13 => Self::NullReference,
            14 => Self::HeapMisaligned,
            15 => Self::AtomicWaitNonSharedMemory,
            16 => Self::Interrupt,
            17 => Self::ArrayOutOfBounds,
            18 => Self::CastFailure,
            19 => Self::AllocationTooLarge,
            20 => Self::GcHeapOutOfMemory,
            _ => return Err(InvalidTrapCode),
        })
    }
}

impl From<TrapCode> for u8 {
    fn from(code: TrapCode) -> Self {
        code as Self
    }
}

#[cfg(test)]
mod tests {
    use super::TrapCode;

    #[test]
    fn numbers_and_back() {
        for number in 1..=20 {
            let code = TrapCode::try_from(number).unwrap();
            assert_eq!(u8::from(code), number);
        }
        assert!(TrapCode::try_from(0).is_err());
        assert!(TrapCode::try_from(21).is_err());
    }
}
