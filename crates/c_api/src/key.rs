//! Identities: what C attaches to something is found by them, whatever reference C has.

use wasmote::{Func, Global, Instance, Memory, Table};

/// What is in a store and has an identity there.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    Func(Func),
    Global(Global),
    Table(Table),
    Memory(Memory),
    Instance(Instance),
    /// The address of a module or of a trap
    Address(usize),
}
