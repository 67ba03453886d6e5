//! Everything that lives in a store (spec, Execution > Runtime Structure).
//!
//! ```text
//!   instances.rs    Instances: owns everything in a store, returns handles
//!   code.rs         the code of a module: where its functions are entered, which function an address belongs to
//!   eager.rs        the compact code of all functions, translated with the module or in place in an artefact
//!   counts.rs       how often ops were executed (feature `count-ops`)
//!   instance.rs     InstanceInst and FuncInst, laid out for the executor
//!   instantiate.rs  allocates and initialises an instance    constants.rs  evaluates constant expressions for it
//!   pages.rs        the bytes of memories, zeroed lazily
//!   meter.rs        payment for work that depends on an amount
//!   growth.rs       whether a memory may have a size
//!   shared.rs       the bytes of shared memories, which several stores have (feature `threads`)
//!   racy.rs         accesses that may race        atomic.rs   atomic ones
//!   parking.rs      threads that wait
//!   fuel.rs         the fuel of a store, and the slices that code has of it
//!   interruption.rs what interrupts code
//!   heap/           structs, arrays and exceptions (features `gc` and `exceptions`)
//!   exceptions.rs   exceptions of the host (feature `exceptions`)
//!   objects.rs      objects as the host accesses them
//!   safepoints.rs   which slots of frames hold references
//!   positions.rs    which operators code comes from     symbols.rs  which lines of sources (feature `addr2line`)
//!   memory.rs table.rs global.rs tag.rs   MemoryInst TableInst GlobalInst TagInst
//! ```
//!
//! Everything has a stable address: the executor follows raw pointers (I6).

#![allow(unsafe_code, reason = "instances refer to each other by address")]

#[cfg(feature = "threads")]
pub(crate) mod atomic;
pub(crate) mod code;
mod constants;
#[cfg(feature = "count-ops")]
pub(crate) mod counts;
pub(crate) mod eager;
#[cfg(feature = "exceptions")]
pub(crate) mod exceptions;
pub(crate) mod fuel;
pub(crate) mod global;
pub(crate) mod growth;
#[cfg(heap)]
pub(crate) mod heap;
pub(crate) mod instance;
pub(crate) mod instances;
pub(crate) mod instantiate;
pub(crate) mod interruption;
pub(crate) mod memory;
pub(crate) mod meter;
#[cfg(host_refs)]
pub(crate) mod objects;
pub(crate) mod pages;
#[cfg(all(feature = "threads", feature = "std"))]
pub(crate) mod parking;
mod positions;
#[cfg(feature = "threads")]
pub(crate) mod racy;
#[cfg(heap)]
pub(crate) mod safepoints;
#[cfg(feature = "threads")]
pub(crate) mod shared;
#[cfg(feature = "addr2line")]
mod symbols;
pub(crate) mod table;
#[cfg(feature = "exceptions")]
pub(crate) mod tag;
