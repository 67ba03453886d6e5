//! The programs. A report contains computed values and kinds of errors, but not messages: the engines differ in
//! them.

mod bounds;
mod calls;
mod linking;
mod stores;
mod system;

use super::engine::Error;

/// A program. It returns its report, or its error.
pub type Program = fn() -> Result<String, Error>;

/// All programs with their names.
pub const PROGRAMS: &[(&str, Program)] = &[
    ("hello", stores::hello),
    ("memory", stores::memory),
    ("limits", bounds::limits),
    ("fuel", bounds::fuel),
    ("resumable", bounds::resumable),
    ("resumable fuel", bounds::resumable_fuel),
    ("linking", linking::linking),
    ("link errors", linking::link_errors),
    ("calls", calls::calls),
    ("call errors", calls::call_errors),
    ("tables", stores::tables),
    ("globals", stores::globals),
    ("host errors", calls::host_errors),
    ("traps", calls::traps),
    ("reentrancy", calls::reentrancy),
    ("references", stores::references),
    ("hooks", calls::hooks),
    ("modules", linking::modules),
    ("arguments", system::arguments),
    ("directories", system::directories),
    ("streams", system::streams),
];
