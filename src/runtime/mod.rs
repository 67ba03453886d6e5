//! What lives in a store (spec, Execution > Runtime Structure).
//!
//! ```text
//!   store.rs        Instances: owns everything below, gives handles
//!   code.rs         code of a module and where its functions are entered
//!   counts.rs       how often ops were executed (feature `count-ops`)
//!   instance.rs     InstanceInst, laid out for the executor
//!   instantiate.rs  allocates and initialises an instance
//!   pages.rs        bytes of memories, zeroed lazily
//!   func.rs memory.rs table.rs global.rs   FuncInst MemoryInst TableInst GlobalInst
//! ```
//!
//! Everything has a stable address: the executor follows raw pointers (I6).

#![allow(unsafe_code, reason = "instances refer to each other by address")]

pub(crate) mod code;
#[cfg(feature = "count-ops")]
pub(crate) mod counts;
pub(crate) mod func;
pub(crate) mod global;
pub(crate) mod instance;
pub(crate) mod instantiate;
pub(crate) mod memory;
pub(crate) mod pages;
pub(crate) mod store;
pub(crate) mod table;
