//! The library's error type.

use alloc::{boxed::Box, string::String};
use core::{any::Any, fmt};

use crate::{
    errors::{
        EnforcedLimitsError, FuelError, FuncError, GlobalError, InstantiationError, IrError,
        LimitsError, LinkerError, MemoryError, ReadError, ResumableHostTrapError,
        ResumableOutOfFuelError, TableError, TranslationError, WasmError,
    },
    trap::TrapCode,
};

/// An error of the embedder's own, as host functions return it.
pub trait HostError: 'static + fmt::Display + fmt::Debug + Any + Send + Sync {}

/// What went wrong. One machine word; [`Error::kind`] tells more.
pub struct Error {
    kind: Box<ErrorKind>,
}

const _: () = assert!(size_of::<Error>() == size_of::<*const ()>());

impl Error {
    /// An error with a message.
    pub fn new<T>(message: T) -> Self
    where
        T: Into<String>,
    {
        Self::from_kind(ErrorKind::Message(message.into().into_boxed_str()))
    }

    /// An error of the embedder.
    pub fn host<E>(host_error: E) -> Self
    where
        E: HostError,
    {
        Self::from_kind(ErrorKind::Host(Box::new(host_error)))
    }

    /// The end of a program with an exit status, as WASI's `proc_exit` asks for it.
    #[must_use]
    pub fn i32_exit(status: i32) -> Self {
        Self::from_kind(ErrorKind::I32ExitStatus(status))
    }

    #[cold]
    fn from_kind(kind: ErrorKind) -> Self {
        Self {
            kind: Box::new(kind),
        }
    }

    /// What kind of error this is.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// The trap, if this is one.
    #[must_use]
    pub fn as_trap_code(&self) -> Option<TrapCode> {
        self.kind.as_trap_code()
    }

    /// The exit status, if this is the end of a program.
    #[must_use]
    pub fn i32_exit_status(&self) -> Option<i32> {
        self.kind.as_i32_exit_status()
    }

    /// The embedder's error of type `T`, if this is one.
    #[must_use]
    pub fn downcast_ref<T>(&self) -> Option<&T>
    where
        T: HostError,
    {
        let error: &dyn Any = self.kind.as_host()?;
        error.downcast_ref()
    }

    /// The embedder's error of type `T`, if this is one.
    pub fn downcast_mut<T>(&mut self) -> Option<&mut T>
    where
        T: HostError,
    {
        let error: &mut dyn Any = self.kind.as_host_mut()?;
        error.downcast_mut()
    }

    /// The embedder's error of type `T`, if this is one.
    #[must_use]
    pub fn downcast<T>(self) -> Option<T>
    where
        T: HostError,
    {
        let error: Box<dyn Any> = self.kind.into_host()?;
        error.downcast().ok().map(|error| *error)
    }

    /// The error for bytes that are malformed or do not validate.
    pub(crate) fn invalid_wasm(message: &str, offset: usize, func: Option<u32>) -> Self {
        WasmError::new(message, offset, func).into()
    }

    /// The error for an operator that the library does not support.
    pub(crate) fn unsupported_operator(operator: &str, offset: usize, func: u32) -> Self {
        let message = alloc::format!("unsupported operator `{operator}`");
        WasmError::new(&message, offset, Some(func)).into()
    }

    /// The error for a function whose frame would be too large.
    pub(crate) fn too_many_slots(slots: usize) -> Self {
        TranslationError::TooManySlots { slots }.into()
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error").field("kind", &self.kind).finish()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl core::error::Error for Error {}

/// What kind of error an [`Error`] is.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Wasm code trapped.
    TrapCode(TrapCode),
    /// A message
    Message(Box<str>),
    /// The program ended with this status.
    I32ExitStatus(i32),
    /// An error of the embedder
    Host(Box<dyn HostError>),
    /// A host function failed in a resumable call that was not resumed.
    ResumableHostTrap(ResumableHostTrapError),
    /// The fuel ran out in a resumable call that was not resumed.
    ResumableOutOfFuel(ResumableOutOfFuelError),
    /// An operation on a global
    Global(GlobalError),
    /// An operation on a memory
    Memory(MemoryError),
    /// An operation on a table
    Table(TableError),
    /// A definition in a linker
    Linker(LinkerError),
    /// Instantiation of a module
    Instantiation(InstantiationError),
    /// Fuel metering
    Fuel(FuelError),
    /// A function call
    Func(FuncError),
    /// Reading a module
    Read(ReadError),
    /// Malformed or invalid Wasm
    Wasm(WasmError),
    /// Translation of a function
    Translation(TranslationError),
    /// A limit that the embedder has set
    UserLimits(EnforcedLimitsError),
    /// A limit of this library
    ImplementationLimits(LimitsError),
    /// Internal code
    Ir(IrError),
    /// The text format
    #[cfg(feature = "wat")]
    Wat(crate::errors::WatError),
}

impl ErrorKind {
    /// The trap, if this is one or means one.
    #[must_use]
    pub fn as_trap_code(&self) -> Option<TrapCode> {
        match self {
            Self::TrapCode(code) => Some(*code),
            Self::ResumableOutOfFuel(_) | Self::Fuel(FuelError::OutOfFuel { .. }) => Some(TrapCode::OutOfFuel),
            Self::Memory(MemoryError::OutOfBoundsAccess) => Some(TrapCode::MemoryOutOfBounds),
            Self::Memory(MemoryError::OutOfSystemMemory) | Self::Table(TableError::OutOfSystemMemory) => {
                Some(TrapCode::OutOfSystemMemory)
            }
            Self::Table(
                TableError::InitOutOfBounds
                | TableError::FillOutOfBounds
                | TableError::CopyOutOfBounds
                | TableError::SetOutOfBounds,
            ) => Some(TrapCode::TableOutOfBounds),
            _ => None,
        }
    }

    /// The exit status, if this is the end of a program.
    #[must_use]
    pub fn as_i32_exit_status(&self) -> Option<i32> {
        if let Self::I32ExitStatus(status) = self { Some(*status) } else { None }
    }

    /// The embedder's error, if this is one.
    #[must_use]
    pub fn as_host(&self) -> Option<&dyn HostError> {
        match self {
            Self::Host(error) => Some(error.as_ref()),
            Self::ResumableHostTrap(error) => error.host_error().kind().as_host(),
            _ => None,
        }
    }

    /// The embedder's error, if this is one.
    pub fn as_host_mut(&mut self) -> Option<&mut dyn HostError> {
        match self {
            Self::Host(error) => Some(error.as_mut()),
            Self::ResumableHostTrap(error) => error.host_error_mut().kind.as_host_mut(),
            _ => None,
        }
    }

    /// The embedder's error, if this is one.
    #[must_use]
    pub fn into_host(self) -> Option<Box<dyn HostError>> {
        match self {
            Self::Host(error) => Some(error),
            Self::ResumableHostTrap(error) => error.into_host_error().kind.into_host(),
            _ => None,
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TrapCode(error) => error.fmt(f),
            Self::Message(message) => message.fmt(f),
            Self::I32ExitStatus(status) => write!(f, "exited with i32 exit status {status}"),
            Self::Host(error) => error.fmt(f),
            Self::ResumableHostTrap(error) => error.fmt(f),
            Self::ResumableOutOfFuel(error) => error.fmt(f),
            Self::Global(error) => error.fmt(f),
            Self::Memory(error) => error.fmt(f),
            Self::Table(error) => error.fmt(f),
            Self::Linker(error) => error.fmt(f),
            Self::Instantiation(error) => error.fmt(f),
            Self::Fuel(error) => error.fmt(f),
            Self::Func(error) => error.fmt(f),
            Self::Read(error) => error.fmt(f),
            Self::Wasm(error) => error.fmt(f),
            Self::Translation(error) => error.fmt(f),
            Self::UserLimits(error) => error.fmt(f),
            Self::ImplementationLimits(error) => error.fmt(f),
            Self::Ir(error) => error.fmt(f),
            #[cfg(feature = "wat")]
            Self::Wat(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ErrorKind {}

macro_rules! from {
    ($($(#[$attr:meta])* $variant:ident($ty:ty);)*) => { $(
        $(#[$attr])*
        impl From<$ty> for Error {
            #[cold]
            fn from(error: $ty) -> Self {
                Self::from_kind(ErrorKind::$variant(error))
            }
        } )*
    };
}

from! {
    TrapCode(TrapCode);
    Global(GlobalError);
    Memory(MemoryError);
    Table(TableError);
    Linker(LinkerError);
    Instantiation(InstantiationError);
    Fuel(FuelError);
    Func(FuncError);
    Read(ReadError);
    Wasm(WasmError);
    Translation(TranslationError);
    UserLimits(EnforcedLimitsError);
    ImplementationLimits(LimitsError);
    Ir(IrError);
    ResumableHostTrap(ResumableHostTrapError);
    ResumableOutOfFuel(ResumableOutOfFuelError);
    #[cfg(feature = "wat")]
    Wat(crate::errors::WatError);
}
