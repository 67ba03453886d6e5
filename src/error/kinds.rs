//! The kinds of errors, each a closed set for one kind of operation.

use alloc::{boxed::Box, string::String};
use core::fmt;

use crate::{
    error::names::Escaped,
    types::{ExternType, FuncType, GlobalType, MemoryType, MemoryTypeBuilder, TableType},
};

macro_rules! error_enum {
    ($(#[$doc:meta])* $name:ident { $( $(#[$vdoc:meta])* $variant:ident $({ $($(#[$fdoc:meta])* $field:ident: $ty:ty),* })? => $text:literal, )* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $( $(#[$vdoc])* $variant $({ $($(#[$fdoc])* $field: $ty),* })?, )* }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                #[allow(unused_doc_comments, reason = "variants that depend on features have their attributes here too")]
                match self { $( $(#[$vdoc])* Self::$variant $({ $($field),* })? => write!(f, $text), )* }
            }
        }

        impl core::error::Error for $name {}
    };
}

error_enum! {
    /// Errors of operations on memories.
    MemoryError {
        /// The system has no more memory.
        OutOfSystemMemory => "out of system memory",
        /// The memory would exceed its maximum.
        OutOfBoundsGrowth => "out of bounds memory growth",
        /// Bytes outside of the memory were accessed.
        OutOfBoundsAccess => "out of bounds memory access",
        /// Limits or page size are not those of a valid memory type.
        InvalidMemoryType => "invalid memory type",
        /// The static buffer is smaller than the memory's minimum.
        InvalidStaticBufferSize => "the static buffer is smaller than the memory's minimum size",
        /// The store's limiter does not allow the size.
        ResourceLimiterDeniedAllocation => "a resource limiter denied to allocate or grow the memory",
        /// The minimum size cannot be addressed.
        MinimumSizeOverflow => "the minimum size of the memory cannot be addressed",
        /// The maximum size cannot be addressed.
        MaximumSizeOverflow => "the maximum size of the memory cannot be addressed",
        /// Fuel does not suffice.
        OutOfFuel {
            /// The amount needed
            required_fuel: u64
        } => "not enough fuel: {required_fuel} needed",
    }
}

error_enum! {
    /// Errors of operations on tables.
    #[non_exhaustive]
    TableError {
        /// The system has no more memory.
        OutOfSystemMemory => "out of system memory",
        /// The minimum size cannot be addressed.
        MinimumSizeOverflow => "the minimum size of the table cannot be addressed",
        /// The maximum size cannot be addressed.
        MaximumSizeOverflow => "the maximum size of the table cannot be addressed",
        /// The store's limiter does not allow the size.
        ResourceLimiterDeniedAllocation => "a resource limiter denied to allocate or grow the table",
        /// The table would exceed its maximum.
        GrowOutOfBounds => "out of bounds table growth",
        /// Elements outside of table or segment were accessed.
        InitOutOfBounds => "out of bounds table access: `table.init`",
        /// Elements outside of the table were accessed.
        FillOutOfBounds => "out of bounds table access: `table.fill`",
        /// An element outside of the table was accessed.
        SetOutOfBounds => "out of bounds table access: `table.set`",
        /// Elements outside of a table were accessed.
        CopyOutOfBounds => "out of bounds table access: `table.copy`",
        /// The table would have more elements than the library allows.
        TooManyElements => "a table can have at most 10,000,000 elements",
        /// The value has another type than the elements.
        ElementTypeMismatch => "the table's element type does not match",
        /// The value is a reference of another store, or of a scope that has ended.
        #[cfg(host_refs)]
        InvalidReference {
            /// What is wrong with it
            error: RefError
        } => "{error}",
        /// Fuel does not suffice.
        OutOfFuel {
            /// The amount needed
            required_fuel: u64
        } => "not enough fuel: {required_fuel} needed",
    }
}

error_enum! {
    /// Errors of operations on globals.
    #[non_exhaustive]
    GlobalError {
        /// The global cannot be written.
        ImmutableWrite => "an immutable global was written",
        /// The value has another type than the global.
        TypeMismatch => "the value's type does not match the global's type",
        /// The value is a reference of another store, or of a scope that has ended.
        #[cfg(host_refs)]
        InvalidReference {
            /// What is wrong with it
            error: RefError
        } => "{error}",
    }
}

#[cfg(host_refs)]
error_enum! {
    /// Errors of operations on references and on what they refer to.
    #[non_exhaustive]
    RefError {
        /// The reference belongs to another store, or to the same one before a reset.
        OtherStore => "the reference belongs to another store",
        /// The scope of the reference has ended.
        ScopeEnded => "the scope of the reference has ended",
        /// There are more or fewer values than fields.
        MismatchingFieldLen => "encountered an incorrect number of fields",
        /// A value has another type than the field or the elements.
        MismatchingFieldType => "encountered an incorrect field type",
        /// There is no field at that index.
        FieldOutOfBounds => "out of bounds field access",
        /// There is no element at that index.
        ElementOutOfBounds => "out of bounds array access",
        /// The field, or the elements, cannot be written.
        ImmutableWrite => "an immutable field was written",
    }
}

error_enum! {
    /// Errors of fuel metering.
    FuelError {
        /// The engine's configuration has no fuel metering.
        FuelMeteringDisabled => "fuel metering is disabled",
        /// The fuel does not suffice.
        OutOfFuel {
            /// The amount needed
            required_fuel: u64
        } => "not enough fuel: {required_fuel} needed",
    }
}

impl FuelError {
    /// Returns [`FuelError::FuelMeteringDisabled`].
    #[must_use]
    pub fn fuel_metering_disabled() -> Self {
        Self::FuelMeteringDisabled
    }

    /// Returns [`FuelError::OutOfFuel`] with the amount needed.
    #[must_use]
    pub fn out_of_fuel(required_fuel: u64) -> Self {
        Self::OutOfFuel { required_fuel }
    }
}

error_enum! {
    /// Errors of function calls, before anything runs.
    FuncError {
        /// There is no exported function of that name.
        ExportedFuncNotFound => "could not find the exported function",
        /// A parameter has another type.
        MismatchingParameterType => "encountered an incorrect parameter type",
        /// There are more or fewer parameters.
        MismatchingParameterLen => "encountered an incorrect number of parameters",
        /// A result has another type.
        MismatchingResultType => "encountered an incorrect result type",
        /// There are more or fewer results.
        MismatchingResultLen => "encountered an incorrect number of results",
    }
}

error_enum! {
    /// Errors of code that has to wait in a call that cannot be suspended.
    #[non_exhaustive]
    AsyncError {
        /// An asynchronous host function was called, but no call that led to it is asynchronous.
        CallNotAsync => "an asynchronous host function needs an asynchronous call: `call_async` or `instantiate_async`",
        /// An asynchronous host function was called by code that a host function has called. That host function is in the way: it
        /// cannot be suspended, unless it is asynchronous itself and calls with `call_async`.
        HostFrame => "an asynchronous host function was called below a host function that cannot be suspended",
        /// The code has to yield at its deadline, but the call is not asynchronous.
        YieldNotAsync => "code has to yield at its deadline, which needs an asynchronous call: `call_async`",
    }
}

error_enum! {
    /// Errors of reading a module.
    ReadError {
        /// The stream ended early.
        EndOfStream => "encountered an unexpected end of the stream",
        /// Reading failed.
        UnknownError => "encountered an unknown error while reading",
    }
}

error_enum! {
    /// Errors of internal code.
    #[non_exhaustive]
    IrError {
        /// Internal code is malformed.
        Malformed => "malformed internal code",
    }
}

error_enum! {
    /// Errors of artefacts, which hold modules that were translated before.
    #[non_exhaustive]
    ArtefactError {
        /// The bytes are not an artefact.
        NoArtefact => "not an artefact",
        /// Another version of the library wrote the artefact.
        OtherVersion {
            /// The version of its format
            version: u16
        } => "the artefact has version {version} of the format, which this library does not read",
        /// The artefact was made for another set of internal ops.
        OtherOps => "the artefact was made by another version of the library",
        /// The artefact charges fuel in another way than the engine does.
        OtherFuel {
            /// Whether it charges any
            metered: bool
        } => "the artefact charges fuel differently than the engine (metered: {metered})",
        /// The artefact and the engine differ in whether NaNs are canonical.
        OtherNans {
            /// Whether those of the artefact are
            canonical: bool
        } => "the artefact has canonical NaNs if and only if the engine has not (artefact: {canonical})",
        /// The code needs something that this build of the library lacks: a feature of the crate, as a rule.
        NotBuilt {
            /// What it needs
            what: &'static str
        } => "the artefact needs `{what}`, which this library was built without",
        /// The module has something that artefacts cannot have.
        Unsupported {
            /// What it has
            what: &'static str
        } => "artefacts with `{what}` are not supported yet",
        /// The code needs a proposal that the configuration has switched off.
        SwitchedOff {
            /// The proposal
            what: &'static str
        } => "the artefact needs `{what}`, which the configuration has switched off",
        /// The bytes are malformed, or what they say is not valid.
        Malformed {
            /// Where, in bytes from the beginning of the artefact
            offset: usize
        } => "malformed artefact at offset {offset:#x}",
        /// Bytes have changed since the artefact was written.
        Damaged => "the artefact is damaged: its checksum is wrong",
        /// The code of a function could break the safety of memory, read what it has not written, or evade fuel.
        Unsafe {
            /// The index of the function
            func: u32
        } => "function {func} of the artefact is not safe to run",
        /// The checks of the code would take too much work.
        TooComplex => "the artefact is too complex to be checked",
    }
}

error_enum! {
    /// Limits of the translator.
    #[non_exhaustive]
    TranslationError {
        /// A function needs more slots than its frame can have.
        TooManySlots {
            /// The number of slots that it needs at least
            slots: usize,
            /// Its index
            func: u32
        } => "function {func} needs {slots} slots, more than a frame can have (65535)",
        /// The module has no code to translate.
        NotTranslated => "the function is not translated",
        /// The module has a start function, which the configuration forbids.
        DisallowedStartFn => "the module has a start function, which the configuration forbids",
    }
}

error_enum! {
    /// Limits of this library.
    #[non_exhaustive]
    LimitsError {
        /// The store has no more room for handles.
        TooManyInstanceHandles => "too many instances, functions, memories, tables or globals in one store",
        /// A table is larger than this library allows.
        TableTooBig => "the table is too big",
        /// The module is larger than 4 GiB.
        ModuleTooBig => "the module is too big",
        /// The modules of the engine define more types than it has numbers for.
        TooManyTypes => "too many types in one engine",
        /// The system has no more memory.
        OutOfSystemMemory => "out of system memory",
    }
}

error_enum! {
    /// Limits that the embedder has set with `EnforcedLimits`.
    #[non_exhaustive]
    EnforcedLimitsError {
        /// There are too many globals.
        TooManyGlobals {
            /// The limit
            limit: u32
        } => "the module exceeds the limit of {limit} globals",
        /// There are too many tables.
        TooManyTables {
            /// The limit
            limit: u32
        } => "the module exceeds the limit of {limit} tables",
        /// There are too many functions.
        TooManyFunctions {
            /// The limit
            limit: u32
        } => "the module exceeds the limit of {limit} functions",
        /// There are too many memories.
        TooManyMemories {
            /// The limit
            limit: u32
        } => "the module exceeds the limit of {limit} memories",
        /// There are too many element segments.
        TooManyElementSegments {
            /// The limit
            limit: u32
        } => "the module exceeds the limit of {limit} element segments",
        /// There are too many data segments.
        TooManyDataSegments {
            /// The limit
            limit: u32
        } => "the module exceeds the limit of {limit} data segments",
        /// A function type has too many parameters.
        TooManyParameters {
            /// The limit
            limit: usize
        } => "a function type exceeds the limit of {limit} parameters",
        /// A function type has too many results.
        TooManyResults {
            /// The limit
            limit: usize
        } => "a function type exceeds the limit of {limit} results",
        /// The module has too many bytes.
        TooManyBytes {
            /// The limit
            limit: u32
        } => "the module exceeds the limit of {limit} bytes",
        /// There are too many types.
        TooManyTypes {
            /// The limit
            limit: u32
        } => "the module exceeds the limit of {limit} types",
        /// There are too many imports.
        TooManyImports {
            /// The limit
            limit: u32
        } => "the module exceeds the limit of {limit} imports",
        /// There are too many exports.
        TooManyExports {
            /// The limit
            limit: u32
        } => "the module exceeds the limit of {limit} exports",
        /// Functions have too few bytes on average.
        MinAvgBytesPerFunction {
            /// The limit
            limit: u32,
            /// The average
            avg: u32
        } => "the module has {avg} bytes per function on average, fewer than the limit of {limit}",
    }
}

// Here because `types` does not use `error`.
impl MemoryTypeBuilder {
    /// The memory type.
    ///
    /// # Errors
    ///
    /// If the limits contradict each other or the address type, or the page size is not allowed.
    pub fn build(self) -> Result<MemoryType, MemoryError> {
        self.checked().ok_or(MemoryError::InvalidMemoryType)
    }
}

/// The error with which a resource limiter makes a growth trap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimiterError {
    /// The limiter does not allow the size.
    ResourceLimiterDeniedAllocation,
}

impl fmt::Display for LimiterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a resource limiter denied to allocate or grow")
    }
}

impl core::error::Error for LimiterError {}

impl From<LimiterError> for MemoryError {
    fn from(_: LimiterError) -> Self {
        Self::ResourceLimiterDeniedAllocation
    }
}

impl From<LimiterError> for TableError {
    fn from(_: LimiterError) -> Self {
        Self::ResourceLimiterDeniedAllocation
    }
}

/// Module and name of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportName {
    module: Box<str>,
    name: Box<str>,
}

impl ImportName {
    /// The import `name` of module `module`.
    #[must_use]
    pub fn new(module: &str, name: &str) -> Self {
        Self { module: module.into(), name: name.into() }
    }

    /// The module's name.
    #[must_use]
    pub fn module(&self) -> &str {
        &self.module
    }

    /// The name within the module.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for ImportName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::{}", Escaped(&self.module), Escaped(&self.name))
    }
}

/// Errors of a linker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkerError {
    /// The name is defined already.
    DuplicateDefinition {
        /// The name
        import_name: ImportName,
    },
    /// An import is not defined.
    MissingDefinition {
        /// The name
        name: ImportName,
        /// What the module needs
        ty: ExternType,
    },
    /// An import is defined with another type.
    InvalidTypeDefinition {
        /// The name
        name: ImportName,
        /// What the module needs
        expected: ExternType,
        /// What is defined
        found: ExternType,
    },
}

impl fmt::Display for LinkerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DuplicateDefinition { import_name } => {
                write!(f, "duplicate definition of `{import_name}`")
            }
            Self::MissingDefinition { name, ty } => {
                write!(f, "unknown import: `{name}` has not been defined: the module needs {ty}")
            }
            Self::InvalidTypeDefinition { name, expected, found } => {
                write!(f, "incompatible import type: `{name}` is {found} but the module needs {expected}")
            }
        }
    }
}

impl core::error::Error for LinkerError {}

/// Errors of instantiation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InstantiationError {
    /// There are more or fewer imports than the module has.
    MismatchedNumberOfImports {
        /// What the module needs
        expected: usize,
        /// What was given
        actual: usize,
    },
    /// An import is of another kind.
    ImportTypeMismatch {
        /// The name
        name: ImportName,
        /// What the module needs
        expected: ExternType,
        /// What was given
        actual: ExternType,
    },
    /// A global has another type.
    GlobalTypeMismatch {
        /// The name
        name: ImportName,
        /// What the module needs
        expected: GlobalType,
        /// What was given
        actual: GlobalType,
    },
    /// A function has another type.
    FuncTypeMismatch {
        /// The name
        name: ImportName,
        /// What the module needs
        expected: FuncType,
        /// What was given
        actual: FuncType,
    },
    /// A table has another type.
    TableTypeMismatch {
        /// The name
        name: ImportName,
        /// What the module needs
        expected: TableType,
        /// What was given
        actual: TableType,
    },
    /// A memory has another type.
    MemoryTypeMismatch {
        /// The name
        name: ImportName,
        /// What the module needs
        expected: MemoryType,
        /// What was given
        actual: MemoryType,
    },
    /// An active element segment does not fit its table.
    ElementSegmentDoesNotFit {
        /// Index of the table
        table: u32,
        /// Index of the first element
        table_index: u64,
        /// Number of elements
        len: u32,
    },
    /// The module has a start function, which the configuration does not allow.
    UnexpectedStartFn {
        /// Index of the function
        index: u32,
    },
    /// The store's limiter allows no more instances.
    TooManyInstances,
    /// The store's limiter allows no more tables.
    TooManyTables,
    /// The store's limiter allows no more memories.
    TooManyMemories,
    /// A memory cannot be made.
    FailedToInstantiateMemory(MemoryError),
    /// A table cannot be made.
    FailedToInstantiateTable(TableError),
}

impl fmt::Display for InstantiationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MismatchedNumberOfImports { expected, actual } => {
                write!(f, "the module has {expected} imports but {actual} were given")
            }
            Self::ImportTypeMismatch { name, expected, actual } => {
                write!(f, "incompatible import type: `{name}` is {actual} but the module needs {expected}")
            }
            Self::GlobalTypeMismatch { name, expected, actual } => write!(
                f,
                "incompatible import type: `{name}` is {} but the module needs {}",
                ExternType::from(*actual),
                ExternType::from(*expected)
            ),
            Self::FuncTypeMismatch { name, expected, actual } => {
                write!(f, "incompatible import type: `{name}` is func {actual} but the module needs func {expected}")
            }
            Self::TableTypeMismatch { name, expected, actual } => write!(
                f,
                "incompatible import type: `{name}` is {} but the module needs {}",
                ExternType::from(*actual),
                ExternType::from(*expected)
            ),
            Self::MemoryTypeMismatch { name, expected, actual } => write!(
                f,
                "incompatible import type: `{name}` is {} but the module needs {}",
                ExternType::from(*actual),
                ExternType::from(*expected)
            ),
            Self::ElementSegmentDoesNotFit { table, table_index, len } => {
                write!(f, "out of bounds table access: {len} elements at {table_index} do not fit table {table}")
            }
            Self::UnexpectedStartFn { index } => {
                write!(f, "the module has a start function (index {index}), which the configuration does not allow")
            }
            Self::TooManyInstances => f.write_str("the limiter allows no more instances"),
            Self::TooManyTables => f.write_str("the limiter allows no more tables"),
            Self::TooManyMemories => f.write_str("the limiter allows no more memories"),
            Self::FailedToInstantiateMemory(error) => write!(f, "failed to instantiate a memory: {error}"),
            Self::FailedToInstantiateTable(error) => write!(f, "failed to instantiate a table: {error}"),
        }
    }
}

impl core::error::Error for InstantiationError {}

/// An error of a module that is malformed or invalid, or uses a feature that is not supported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WasmError {
    message: String,
    offset: usize,
    func: Option<u32>,
}

impl WasmError {
    pub(crate) fn new(message: &str, offset: usize, func: Option<u32>) -> Self {
        Self { message: message.into(), offset, func }
    }

    /// Returns what is wrong.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns the offset in the module's bytes.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Returns the index, among all functions, of the function that contains the error, if a function does.
    #[must_use]
    pub fn func_index(&self) -> Option<u32> {
        self.func
    }
}

impl fmt::Display for WasmError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at offset {:#x}", self.message, self.offset)?;
        if let Some(func) = self.func {
            write!(f, ", in function {func}")?;
        }
        f.write_str(")")
    }
}

impl core::error::Error for WasmError {}

/// An error of text that is not a module.
#[cfg(feature = "wat")]
#[derive(Debug)]
pub struct WatError(wat::Error);

#[cfg(feature = "wat")]
impl WatError {
    pub(crate) fn new(error: wat::Error) -> Self {
        Self(error)
    }
}

#[cfg(feature = "wat")]
impl fmt::Display for WatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(feature = "wat")]
impl core::error::Error for WatError {}
