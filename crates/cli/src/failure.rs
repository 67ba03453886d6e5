//! Failures of commands: the message, the place, hints, and the exit status.

use std::{
    fmt,
    io::{self, Write as _},
    time::Duration,
};

use anstyle::{AnsiColor, Style};
use wasmote::{
    Error, ErrorKind, FrameInfo, HostError, TrapCode,
    errors::{InstantiationError, MemoryError, TableError},
};

use crate::names::{escape, escape_lines};

/// Exit statuses.
pub(crate) mod status {
    /// All is well.
    pub(crate) const SUCCESS: i32 = 0;
    /// A file is missing or invalid, or a script fails.
    pub(crate) const FAILURE: i32 = 1;
    /// The command line is wrong.
    pub(crate) const USAGE: i32 = 2;
    /// The time of the program is up. The command `timeout` returns the same status.
    pub(crate) const TIMEOUT: i32 = 124;
    /// The program trapped. A shell shows the same status for a process that aborts.
    pub(crate) const TRAP: i32 = 134;
}

/// The greatest number of calls that are shown, the innermost first.
const MAX_CALLS: usize = 20;

/// Why a command failed.
#[derive(Debug)]
pub(crate) struct Failure {
    status: i32,
    /// Empty if nothing is to be printed
    what: String,
    place: Option<String>,
    /// The active calls of Wasm functions, one in each line, innermost first
    calls: Option<String>,
    hints: Vec<String>,
}

impl Failure {
    /// Creates a failure with the exit status 1.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { status: status::FAILURE, what: what.into(), place: None, calls: None, hints: Vec::new() }
    }

    /// Creates a failure of the command line, with the exit status 2.
    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self { status: status::USAGE, ..Self::new(what) }
    }

    /// Creates a failure without a message.
    fn silent(status: i32) -> Self {
        Self { status, ..Self::new("") }
    }

    /// Creates the failure of a program that exits with this code. Systems keep the low 8 bits of a status. A code that does
    /// not fit is reported, and is never a success.
    fn of_exit(code: i32) -> Self {
        match code & 0xff {
            bits if bits == code => Self::silent(code),
            bits => {
                let status = if bits == 0 { status::FAILURE } else { bits };
                let what = format!("the program exited with the code {code}, which does not fit an exit status");
                Self { status, ..Self::new(what) }
            }
        }
    }

    /// Converts an error of code that ran in `context`: a trap, the exit of the program, or another error.
    pub(crate) fn of_call(context: &str, error: &Error) -> Self {
        if let Some(status) = error.i32_exit_status() {
            return Self::of_exit(status);
        }
        if let Some(HostOutputError(error)) = error.downcast_ref() {
            return Self::of_output(error);
        }
        if let Some(&TimeIsUp(time)) = error.downcast_ref() {
            return Self::of_timeout(context, time);
        }
        if let Some(stop) = error.downcast_ref::<HostTrap>() {
            let what = format!("{context} trapped: {stop}");
            return Self { status: status::TRAP, calls: calls(error), ..Self::new(what) };
        }
        if error.thrown_exception().is_some() {
            let what = format!("{context} trapped: {error}");
            return Self { status: status::TRAP, calls: calls(error), ..Self::new(what) };
        }
        let Some(code) = error.as_trap_code() else {
            let mut failure = Self { calls: calls(error), ..Self::new(format!("{context} failed: {error}")) };
            failure.hints.extend(hint_of_limit(error.kind()).map(Into::into));
            return failure;
        };
        let what = format!("{context} trapped: {error}");
        let mut failure = Self { status: status::TRAP, calls: calls(error), ..Self::new(what) };
        let hint = match code {
            TrapCode::UnreachableCodeReached => "compilers translate a panic or an abort to this instruction",
            TrapCode::StackOverflow => "calls nest too deeply; the recursion may be infinite",
            TrapCode::OutOfFuel => "a larger `--fuel` lets the program run longer",
            TrapCode::OutOfSystemMemory => {
                "with `--max-memory`, the program learns earlier that there is no more memory"
            }
            TrapCode::GcHeapOutOfMemory => {
                "structs, arrays and exceptions take more than `--max-gc-heap` or `--max-memory` allows"
            }
            _ => return failure,
        };
        failure.hints.push(hint.into());
        failure
    }

    /// Creates the failure of something that took longer than `--timeout` allows.
    pub(crate) fn of_timeout(context: &str, time: Duration) -> Self {
        let what = format!("{context} was stopped: the time is up, `--timeout` allows {time:?}");
        Self { status: status::TIMEOUT, ..Self::new(what) }
    }

    fn of_output(error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            // A reader like `head` has seen enough.
            return Self::silent(status::SUCCESS);
        }
        Self::new(format!("cannot write to standard output: {error}"))
    }

    /// Adds the place of the failure.
    pub(crate) fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// Adds a hint.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds a hint, if there is one.
    pub(crate) fn maybe_hint(mut self, hint: Option<String>) -> Self {
        self.hints.extend(hint);
        self
    }

    /// Prints the failure on standard error and returns the exit status.
    pub(crate) fn report(&self) -> i32 {
        if !self.what.is_empty() {
            // A failure to print cannot be reported.
            let _ = write!(anstream::stderr().lock(), "{self}");
        }
        self.status
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = |style: Style, label: &str, text: &str| {
            // Further lines are indented like the first.
            let mut indented = String::new();
            for (i, part) in text.trim_end().lines().enumerate() {
                let margin = if i == 0 { "" } else { "\n         " };
                indented.push_str(margin);
                indented.push_str(&escape_lines(part));
            }
            writeln!(f, "{style}{label}:{style:#} {indented}")
        };
        line(AnsiColor::Red.on_default().bold(), "error", &self.what)?;
        if let Some(place) = &self.place {
            line(Style::new().bold(), "  where", place)?;
        }
        if let Some(calls) = &self.calls {
            line(Style::new().bold(), "  calls", calls)?;
        }
        self.hints.iter().try_for_each(|hint| line(AnsiColor::Cyan.on_default().bold(), "   hint", hint))
    }
}

impl From<io::Error> for Failure {
    /// Converts an error of standard output. Errors of files name the file, see `source`.
    fn from(error: io::Error) -> Self {
        Self::of_output(&error)
    }
}

/// Describes a call, in the format of wasmtime: the offset in the module, the names of module and function, and the places in
/// the source.
pub(crate) fn call(number: usize, frame: &FrameInfo) -> String {
    use fmt::Write as _;
    let mut text = format!("{number:3}: ");
    // Nothing that is written to a string fails.
    if let Some(offset) = frame.module_offset() {
        let _ = write!(text, "{offset:#8x} - ");
    }
    let name = match frame.func_name() {
        Some(name) => escape(name),
        None => format!("<wasm function {}>", frame.func_index()),
    };
    if frame.symbols().is_empty() {
        let module = frame.module_name().map_or_else(|| "<unknown>".into(), escape);
        let _ = write!(text, "{module}!{name}");
    }
    for (i, symbol) in frame.symbols().iter().enumerate() {
        if i > 0 {
            text.push_str("\n              - ");
        }
        match symbol.name() {
            Some(symbol) => text.push_str(&escape(symbol)),
            None if i == 0 => text.push_str(&name),
            None => text.push_str("<inlined function>"),
        }
        if let Some(file) = symbol.file() {
            let _ = write!(text, "\n                    at {}", escape(file));
            for number in [symbol.line(), symbol.line().and(symbol.column())].into_iter().flatten() {
                let _ = write!(text, ":{number}");
            }
        }
    }
    text
}

/// Lists the calls of Wasm functions that were active when an error occurred, one in each line.
fn calls(error: &Error) -> Option<String> {
    let backtrace = error.wasm_backtrace()?;
    let frames = backtrace.frames();
    let mut lines: Vec<_> = frames.iter().take(MAX_CALLS).enumerate().map(|(i, frame)| call(i, frame)).collect();
    match frames.len().saturating_sub(MAX_CALLS) {
        _ if lines.is_empty() => return None,
        _ if backtrace.is_truncated() => lines.push("and many more".into()),
        0 => {}
        more => lines.push(format!("and {more} more")),
    }
    Some(lines.join("\n"))
}

/// Returns a hint for an instance that exceeds a limit from the start.
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

/// A host function could not write to standard output.
#[derive(Debug)]
pub(crate) struct HostOutputError(pub(crate) io::Error);

impl fmt::Display for HostOutputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl HostError for HostOutputError {}

/// A host function ends the program like a trap.
#[derive(Debug)]
pub(crate) struct HostTrap(pub(crate) String);

impl fmt::Display for HostTrap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HostError for HostTrap {}

/// The program used up the time that `--timeout` allows.
#[derive(Debug)]
pub(crate) struct TimeIsUp(pub(crate) Duration);

impl fmt::Display for TimeIsUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the time is up: the program may run for {:?}", self.0)
    }
}

impl HostError for TimeIsUp {}
