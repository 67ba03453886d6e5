//! Hash tables: those of `hashbrown`, or, in builds for size without the standard library (`lean`), ones that take a tenth of the
//! flash.

#[cfg(any(lean, test))]
#[cfg_attr(not(lean), allow(dead_code, reason = "other builds only test it"))]
mod lean;

#[cfg(not(lean))]
pub(crate) use hashbrown::{DefaultHashBuilder, HashMap, HashTable, hash_table::Entry};
#[cfg(lean)]
pub(crate) use lean::{DefaultHashBuilder, Entry, HashMap, HashTable};
