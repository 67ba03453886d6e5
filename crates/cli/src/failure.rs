//! How a command fails: what went wrong, where, and what to do.

use std::{
    fmt::{self, Write as _},
    io::{self, Write as _},
};

use wasmote::{
    Error, ErrorKind, HostError, TrapCode,
    errors::{InstantiationError, MemoryError, TableError},
};

/// Exit statuses.
pub(crate) mod status {
    /// All is well.
    pub(crate) const SUCCESS: i32 = 0;
    /// A file is missing or invalid, a script fails, or the like.
    pub(crate) const FAILURE: i32 = 1;
    /// The command line is wrong.
    pub(crate) const USAGE: i32 = 2;
    /// The program trapped: what a shell shows for a process that aborts.
    pub(crate) const TRAP: i32 = 134;
}

/// Why a command failed.
#[derive(Debug)]
pub(crate) struct Failure {
    status: i32,
    /// Empty if there is nothing to say.
    what: String,
    place: Option<String>,
    hints: Vec<String>,
}

impl Failure {
    /// A failure with the exit status 1.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { status: status::FAILURE, what: what.into(), place: None, hints: Vec::new() }
    }

    /// The command line asks for something that cannot be.
    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self { status: status::USAGE, ..Self::new(what) }
    }

    /// An end that needs no words.
    fn silent(status: i32) -> Self {
        Self { status, ..Self::new("") }
    }

    /// The failure of running code in `context`: a trap, the end of the program, or an error.
    pub(crate) fn of_call(context: &str, error: &Error) -> Self {
        if let Some(status) = error.i32_exit_status() {
            return Self::silent(status);
        }
        if let Some(HostOutputError(error)) = error.downcast_ref() {
            return Self::of_output(error);
        }
        let Some(code) = error.as_trap_code() else {
            let mut failure = Self::new(format!("{context} failed: {error}"));
            failure.hints.extend(hint_of_limit(error.kind()).map(Into::into));
            return failure;
        };
        let mut failure = Self { status: status::TRAP, ..Self::new(format!("{context} trapped: {error}")) };
        let hint = match code {
            TrapCode::UnreachableCodeReached => "compilers translate a panic or an abort to this instruction",
            TrapCode::StackOverflow => "calls nest too deeply: is there a recursion without end?",
            TrapCode::OutOfFuel => "if the program is right, give it more with `--fuel`",
            TrapCode::OutOfSystemMemory => "`--max-memory` lets the program know earlier that there is no more",
            _ => return failure,
        };
        failure.hints.push(hint.into());
        failure
    }

    fn of_output(error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            // The reader has seen enough, as `head` does.
            return Self::silent(status::SUCCESS);
        }
        Self::new(format!("cannot write to standard output: {error}"))
    }

    /// Adds where it went wrong.
    pub(crate) fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// Adds what to do.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds what to do, if there is something.
    pub(crate) fn maybe_hint(mut self, hint: Option<String>) -> Self {
        self.hints.extend(hint);
        self
    }

    /// Says on standard error what went wrong; the result is the exit status.
    pub(crate) fn report(&self) -> i32 {
        if !self.what.is_empty() {
            // There is nobody to tell if this fails.
            let _ = write!(io::stderr().lock(), "{self}");
        }
        self.status
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = |label: &str, text: &str| {
            // Further lines stand below the first.
            let mut indented = String::new();
            for (i, part) in text.trim_end().lines().enumerate() {
                let margin = if i == 0 { "" } else { "\n         " };
                write!(indented, "{margin}{part}")?;
            }
            writeln!(f, "{label}: {indented}")
        };
        line("error", &self.what)?;
        if let Some(place) = &self.place {
            line("  where", place)?;
        }
        self.hints.iter().try_for_each(|hint| line("   hint", hint))
    }
}

impl From<io::Error> for Failure {
    /// The failure to write to standard output: errors of files say which file, see `source`.
    fn from(error: io::Error) -> Self {
        Self::of_output(&error)
    }
}

/// What to do when a limit does not allow to make an instance.
fn hint_of_limit(error: &ErrorKind) -> Option<&'static str> {
    match error {
        ErrorKind::Instantiation(InstantiationError::FailedToInstantiateMemory(
            MemoryError::ResourceLimiterDeniedAllocation,
        )) => Some("a memory is larger from the start than `--max-memory` allows"),
        ErrorKind::Instantiation(InstantiationError::FailedToInstantiateTable(
            TableError::ResourceLimiterDeniedAllocation,
        )) => Some("a table is larger from the start than `--max-table-elements` allows"),
        _ => None,
    }
}

/// A host function cannot write to standard output.
#[derive(Debug)]
pub(crate) struct HostOutputError(pub(crate) io::Error);

impl fmt::Display for HostOutputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl HostError for HostOutputError {}
