//! The programs. What they report contains what they computed and which kinds of errors they met,
//! but no messages: those are each engine's own.

mod bounds;
mod calls;
mod linking;
mod stores;

use super::engine::Error;

/// A program: what it reports, or what went wrong.
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
];
