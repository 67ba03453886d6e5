//! The library's error type, and what errors hold.
//!
//! ```text
//!   mod.rs        Error, and which kinds there are
//!   kinds.rs      the errors of each kind of operation
//!   host.rs       errors of the embedder's host functions
//!   memory.rs     allocations whose failure is an error
//!   exception.rs  exceptions that no code has caught
//!   backtrace.rs  the calls that were in progress
//!   coredump.rs   the frames of these calls
//!   names.rs      how messages show names of modules
//! ```

pub(crate) mod backtrace;
#[cfg(feature = "coredump")]
pub(crate) mod coredump;
#[cfg(feature = "exceptions")]
pub(crate) mod exception;
pub(crate) mod host;
pub(crate) mod kinds;
pub(crate) mod memory;
pub(crate) mod names;

use alloc::{boxed::Box, string::String};
use core::{any::Any, fmt};

#[cfg(feature = "coredump")]
use crate::error::coredump::WasmCoreDump;
#[cfg(feature = "exceptions")]
use crate::error::exception::ThrownException;
use crate::{
    error::{
        backtrace::WasmBacktrace,
        host::HostError,
        kinds::{
            ArtefactError, AsyncError, EnforcedLimitsError, FuelError, FuncError, GlobalError, InstantiationError,
            IrError, LimitsError, LinkerError, MemoryError, ReadError, TableError, TranslationError, WasmError,
        },
    },
    trap::TrapCode,
};

/// What went wrong. One machine word; [`Error::kind`] tells more.
///
/// ```
/// use wasmote::{Engine, Linker, Module, Store, TrapCode};
///
/// # fn main() -> Result<(), wasmote::Error> {
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"(module (func (export "run") unreachable))"#)?;
/// let mut store = Store::new(&engine, ());
/// let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module)?;
/// let run = instance.get_typed_func::<(), ()>(&store, "run")?;
/// let error = run.call(&mut store, ()).unwrap_err();
/// assert_eq!(error.as_trap_code(), Some(TrapCode::UnreachableCodeReached));
///
/// let error = instance.get_typed_func::<(), ()>(&store, "nothing").unwrap_err();
/// assert_eq!(error.to_string(), "could not find the exported function: `nothing`");
/// # Ok(())
/// # }
/// ```
pub struct Error {
    inner: Box<Inner>,
}

struct Inner {
    kind: ErrorKind,
    backtrace: Option<Box<WasmBacktrace>>,
    #[cfg(feature = "coredump")]
    dump: Option<Box<WasmCoreDump>>,
    /// The store whose calls the backtrace ends with.
    traced_in: Option<usize>,
    /// Whether an asynchronous call that gets the error waits, rather than ends.
    suspends: bool,
    /// What the error is about, if the kind does not say so.
    subject: Option<Box<str>>,
}

const _: () = assert!(size_of::<Error>() == size_of::<*const ()>());

impl Error {
    /// Makes an error with a message.
    pub fn new<T>(message: T) -> Self
    where
        T: Into<String>,
    {
        Self::from_kind(ErrorKind::Message(message.into().into_boxed_str()))
    }

    /// Makes an error of a host error.
    pub fn host<E>(host_error: E) -> Self
    where
        E: HostError,
    {
        Self::from_kind(ErrorKind::Host(Box::new(host_error)))
    }

    /// Makes the error that ends a program with an exit status, for WASI's `proc_exit`.
    #[must_use]
    pub fn i32_exit(status: i32) -> Self {
        Self::from_kind(ErrorKind::I32ExitStatus(status))
    }

    #[cold]
    fn from_kind(kind: ErrorKind) -> Self {
        let inner = Inner {
            kind,
            backtrace: None,
            #[cfg(feature = "coredump")]
            dump: None,
            traced_in: None,
            suspends: false,
            subject: None,
        };
        Self { inner: Box::new(inner) }
    }

    /// Adds to the message what the error is about. Builds without the loader leave it out: what formats it would take some
    /// KiB of flash.
    #[cold]
    pub(crate) fn about(mut self, subject: fmt::Arguments<'_>) -> Self {
        if !cfg!(any(feature = "loader", feature = "std")) {
            return self;
        }
        self.inner.subject = Some(alloc::fmt::format(subject).into_boxed_str());
        self
    }

    /// Returns the calls of Wasm functions that were in progress when the error occurred, if there were any and the
    /// configuration has [`Config::wasm_backtrace`](crate::Config::wasm_backtrace) on.
    #[must_use]
    pub fn wasm_backtrace(&self) -> Option<&WasmBacktrace> {
        self.inner.backtrace.as_deref()
    }

    /// The backtrace to add the calls of a store to; `None` if they were added where the error arose.
    pub(crate) fn backtrace_in(&mut self, store: usize) -> Option<&mut WasmBacktrace> {
        let before = self.inner.traced_in.replace(store);
        if before == Some(store) { None } else { Some(self.inner.backtrace.get_or_insert_default()) }
    }

    /// Adds a core dump of a store, unless there is one.
    #[cfg(feature = "coredump")]
    pub(crate) fn dump_in(&mut self, store: usize) -> Option<&mut WasmCoreDump> {
        if self.inner.dump.is_some() {
            return None;
        }
        Some(self.inner.dump.insert(Box::new(WasmCoreDump::new(store))))
    }

    /// Returns the kind of the error.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.inner.kind
    }

    /// Returns the trap code, if the error is a trap.
    #[must_use]
    pub fn as_trap_code(&self) -> Option<TrapCode> {
        self.inner.kind.as_trap_code()
    }

    /// Returns the exception, if the error is one that no Wasm code has caught.
    #[cfg(feature = "exceptions")]
    #[must_use]
    pub fn thrown_exception(&self) -> Option<&ThrownException> {
        if let ErrorKind::Exception(exception) = &self.inner.kind { Some(exception) } else { None }
    }

    /// Returns nothing: this build has no exceptions.
    #[cfg(not(feature = "exceptions"))]
    #[expect(clippy::unused_self, reason = "as if there were exceptions")]
    pub(crate) fn thrown_exception(&self) -> Option<core::convert::Infallible> {
        None
    }

    /// Makes the error that asks an asynchronous call to wait for a host function. To every other call it is the error that there
    /// is a host function in the way.
    pub(crate) fn suspension() -> Self {
        let mut error = Self::from(AsyncError::HostFrame);
        error.inner.suspends = true;
        error
    }

    /// Makes the error end all calls that get it from now on.
    pub(crate) fn end_suspension(&mut self) {
        self.inner.suspends = false;
    }

    /// Whether the error asks an asynchronous call to wait for a host function.
    pub(crate) fn is_suspension(&self) -> bool {
        self.inner.suspends
    }

    /// Returns the exit status, if the error ends a program.
    #[must_use]
    pub fn i32_exit_status(&self) -> Option<i32> {
        self.inner.kind.as_i32_exit_status()
    }

    /// Returns the host error of type `T`, if this is one. With the crate feature `coredump`, returns the core dump of the error, if
    /// it has one and `T` is `WasmCoreDump`.
    #[must_use]
    pub fn downcast_ref<T>(&self) -> Option<&T>
    where
        T: HostError,
    {
        #[cfg(feature = "coredump")]
        if let Some(dump) = &self.inner.dump {
            let dump: &dyn Any = &**dump;
            if let Some(dump) = dump.downcast_ref() {
                return Some(dump);
            }
        }
        let error: &dyn Any = self.inner.kind.as_host()?;
        error.downcast_ref()
    }

    /// Returns the host error of type `T`, if this is one.
    pub fn downcast_mut<T>(&mut self) -> Option<&mut T>
    where
        T: HostError,
    {
        let error: &mut dyn Any = self.inner.kind.as_host_mut()?;
        error.downcast_mut()
    }

    /// Returns the host error of type `T`, if this is one.
    #[must_use]
    pub fn downcast<T>(self) -> Option<T>
    where
        T: HostError,
    {
        let error: Box<dyn Any> = self.inner.kind.into_host()?;
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
    pub(crate) fn too_many_slots(slots: usize, func: u32) -> Self {
        TranslationError::TooManySlots { slots, func }.into()
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, backtrace, subject, .. } = &*self.inner;
        let mut debug = f.debug_struct("Error");
        debug.field("kind", kind);
        if let Some(subject) = subject {
            debug.field("subject", subject);
        }
        if let Some(backtrace) = backtrace {
            debug.field("backtrace", backtrace);
        }
        debug.finish()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.kind.fmt(f)?;
        match &self.inner.subject {
            Some(subject) => write!(f, ": {subject}"),
            None => Ok(()),
        }
    }
}

impl core::error::Error for Error {}

/// The kind of an [`Error`].
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Wasm code trapped.
    TrapCode(TrapCode),
    /// Wasm code or the host threw an exception, which no Wasm code has caught.
    #[cfg(feature = "exceptions")]
    Exception(crate::error::exception::ThrownException),
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
    /// Code that has to wait, in a call that cannot be suspended
    Async(AsyncError),
    /// An operation on a reference
    #[cfg(host_refs)]
    Ref(crate::error::kinds::RefError),
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
    /// An artefact
    Artefact(ArtefactError),
    /// The text format
    #[cfg(feature = "wat")]
    Wat(crate::error::kinds::WatError),
}

impl ErrorKind {
    /// Returns the trap code, if the error is a trap or corresponds to one.
    #[must_use]
    pub fn as_trap_code(&self) -> Option<TrapCode> {
        match self {
            Self::TrapCode(code) => Some(*code),
            Self::ResumableOutOfFuel(_)
            | Self::Fuel(FuelError::OutOfFuel { .. })
            | Self::Memory(MemoryError::OutOfFuel { .. })
            | Self::Table(TableError::OutOfFuel { .. }) => Some(TrapCode::OutOfFuel),
            Self::Memory(MemoryError::OutOfBoundsAccess | MemoryError::OutOfBoundsGrowth) => {
                Some(TrapCode::MemoryOutOfBounds)
            }
            Self::Table(TableError::ElementTypeMismatch) => Some(TrapCode::BadSignature),
            Self::Memory(MemoryError::OutOfSystemMemory) | Self::Table(TableError::OutOfSystemMemory) => {
                Some(TrapCode::OutOfSystemMemory)
            }
            Self::Table(
                TableError::InitOutOfBounds
                | TableError::FillOutOfBounds
                | TableError::CopyOutOfBounds
                | TableError::GrowOutOfBounds
                | TableError::SetOutOfBounds,
            ) => Some(TrapCode::TableOutOfBounds),
            _ => None,
        }
    }

    /// Returns the exit status, if the error ends a program.
    #[must_use]
    pub fn as_i32_exit_status(&self) -> Option<i32> {
        if let Self::I32ExitStatus(status) = self { Some(*status) } else { None }
    }

    /// Returns the host error, if this is one.
    #[must_use]
    pub fn as_host(&self) -> Option<&dyn HostError> {
        match self {
            Self::Host(error) => Some(error.as_ref()),
            Self::ResumableHostTrap(error) => error.host_error().kind().as_host(),
            _ => None,
        }
    }

    /// Returns the host error, if this is one.
    pub fn as_host_mut(&mut self) -> Option<&mut dyn HostError> {
        match self {
            Self::Host(error) => Some(error.as_mut()),
            Self::ResumableHostTrap(error) => error.host_error_mut().inner.kind.as_host_mut(),
            _ => None,
        }
    }

    /// Returns the host error, if this is one.
    #[must_use]
    pub fn into_host(self) -> Option<Box<dyn HostError>> {
        match self {
            Self::Host(error) => Some(error),
            Self::ResumableHostTrap(error) => error.into_host_error().inner.kind.into_host(),
            _ => None,
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TrapCode(error) => error.fmt(f),
            #[cfg(feature = "exceptions")]
            Self::Exception(error) => error.fmt(f),
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
            Self::Async(error) => error.fmt(f),
            #[cfg(host_refs)]
            Self::Ref(error) => error.fmt(f),
            Self::Read(error) => error.fmt(f),
            Self::Wasm(error) => error.fmt(f),
            Self::Translation(error) => error.fmt(f),
            Self::UserLimits(error) => error.fmt(f),
            Self::ImplementationLimits(error) => error.fmt(f),
            Self::Ir(error) => error.fmt(f),
            Self::Artefact(error) => error.fmt(f),
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
            #[inline(never)]
            fn from(error: $ty) -> Self {
                Self::from_kind(ErrorKind::$variant(error))
            }
        } )*
    };
}

from! {
    TrapCode(TrapCode);
    #[cfg(feature = "exceptions")]
    Exception(crate::error::exception::ThrownException);
    Global(GlobalError);
    Memory(MemoryError);
    Table(TableError);
    Linker(LinkerError);
    Instantiation(InstantiationError);
    Fuel(FuelError);
    Func(FuncError);
    Async(AsyncError);
    #[cfg(host_refs)]
    Ref(crate::error::kinds::RefError);
    Read(ReadError);
    Wasm(WasmError);
    Translation(TranslationError);
    UserLimits(EnforcedLimitsError);
    ImplementationLimits(LimitsError);
    Ir(IrError);
    Artefact(ArtefactError);
    ResumableHostTrap(ResumableHostTrapError);
    ResumableOutOfFuel(ResumableOutOfFuelError);
    #[cfg(feature = "wat")]
    Wat(crate::error::kinds::WatError);
}

/// A host function failed in a resumable call.
#[derive(Debug)]
pub struct ResumableHostTrapError {
    error: Error,
}

impl ResumableHostTrapError {
    /// The host function's error.
    #[must_use]
    pub fn host_error(&self) -> &Error {
        &self.error
    }

    pub(crate) fn host_error_mut(&mut self) -> &mut Error {
        &mut self.error
    }

    /// The host function's error.
    #[must_use]
    pub fn into_host_error(self) -> Error {
        self.error
    }
}

impl fmt::Display for ResumableHostTrapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl core::error::Error for ResumableHostTrapError {}

/// The fuel ran out in a resumable call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResumableOutOfFuelError {
    required_fuel: u64,
}

impl ResumableOutOfFuelError {
    /// Returns the amount of fuel that the call needs to continue.
    #[must_use]
    pub fn required_fuel(&self) -> u64 {
        self.required_fuel
    }
}

impl fmt::Display for ResumableOutOfFuelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ran out of fuel: {} needed to go on", self.required_fuel)
    }
}

impl core::error::Error for ResumableOutOfFuelError {}

#[cfg(test)]
mod tests {
    use alloc::{boxed::Box, string::ToString};
    use core::fmt;

    use super::{Error, ErrorKind, HostError};
    use crate::{
        error::kinds::{FuelError, MemoryError, TableError},
        trap::TrapCode,
    };

    #[derive(Debug, PartialEq)]
    struct Refused(u32);

    impl fmt::Display for Refused {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "refused {}", self.0)
        }
    }

    impl HostError for Refused {}

    #[derive(Debug)]
    struct Other;

    impl fmt::Display for Other {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("other")
        }
    }

    impl HostError for Other {}

    #[test]
    fn host_errors_come_back() {
        let mut error = Error::host(Refused(1));
        assert!(error.downcast_ref::<Other>().is_none());
        error.downcast_mut::<Refused>().unwrap().0 = 2;
        assert_eq!(error.to_string(), "refused 2");
        assert_eq!(error.downcast::<Refused>(), Some(Refused(2)));
        assert_eq!(Error::host(Other).downcast::<Refused>(), None);
        let boxed: Box<dyn HostError> = Box::new(Refused(3));
        assert!(boxed.is::<Refused>() && !boxed.is::<Other>());
        let boxed = boxed.downcast::<Other>().unwrap_err();
        assert_eq!(*boxed.downcast::<Refused>().unwrap(), Refused(3));
    }

    #[test]
    fn errors_that_mean_traps() {
        let code = |error: Error| error.as_trap_code();
        assert_eq!(code(TrapCode::StackOverflow.into()), Some(TrapCode::StackOverflow));
        let fuel = Some(TrapCode::OutOfFuel);
        assert_eq!(code(FuelError::OutOfFuel { required_fuel: 1 }.into()), fuel);
        assert_eq!(code(MemoryError::OutOfFuel { required_fuel: 1 }.into()), fuel);
        assert_eq!(code(TableError::OutOfFuel { required_fuel: 1 }.into()), fuel);
        assert_eq!(code(MemoryError::OutOfBoundsAccess.into()), Some(TrapCode::MemoryOutOfBounds));
        assert_eq!(code(TableError::GrowOutOfBounds.into()), Some(TrapCode::TableOutOfBounds));
        assert_eq!(code(FuelError::FuelMeteringDisabled.into()), None);
        assert_eq!(code(Error::new("no trap")), None);
    }

    #[test]
    fn exits_and_messages() {
        assert_eq!(Error::i32_exit(7).i32_exit_status(), Some(7));
        assert_eq!(Error::new("plain").to_string(), "plain");
        assert_eq!(Error::new("plain").i32_exit_status(), None);
    }

    #[test]
    fn invalid_wasm_says_where() {
        let error = Error::invalid_wasm("type mismatch", 0x2a, Some(3));
        assert_eq!(error.to_string(), "type mismatch (at offset 0x2a, in function 3)");
        let ErrorKind::Wasm(error) = error.kind() else { panic!("not an error of the module: {error:?}") };
        assert_eq!((error.message(), error.offset(), error.func_index()), ("type mismatch", 0x2a, Some(3)));
        assert_eq!(Error::invalid_wasm("magic", 0, None).to_string(), "magic (at offset 0x0)");
    }
}
