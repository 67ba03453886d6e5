//! What the embedder holds (spec, Appendix > Embedding). Names and signatures follow `wasmi`, so
//! that moving over is a change of import.

pub(crate) mod definitions;
pub(crate) mod engine;
pub(crate) mod func;
pub(crate) mod global;
pub(crate) mod host;
pub(crate) mod host_func;
#[cfg(feature = "inspect")]
pub(crate) mod inspect;
pub(crate) mod instance;
pub(crate) mod instance_pre;
pub(crate) mod linker;
pub(crate) mod linker_builder;
pub(crate) mod memory;
pub(crate) mod module;
pub(crate) mod resume;
pub(crate) mod store;
pub(crate) mod table;
pub(crate) mod typed;
pub(crate) mod value;
