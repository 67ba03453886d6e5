//! What the embedder holds (spec, Appendix > Embedding). Names and signatures follow `wasmi`, so
//! that moving over is a change of import.

pub(crate) mod call;
pub(crate) mod caller;
pub(crate) mod context;
pub(crate) mod definitions;
pub(crate) mod engine;
pub(crate) mod external;
pub(crate) mod func;
pub(crate) mod global;
pub(crate) mod host;
pub(crate) mod host_func;
pub(crate) mod host_funcs;
#[cfg(feature = "inspect")]
pub(crate) mod inspect;
pub(crate) mod instance;
pub(crate) mod instance_pre;
pub(crate) mod linker;
pub(crate) mod linker_builder;
pub(crate) mod memory;
pub(crate) mod module;
pub(crate) mod own_stack;
pub(crate) mod resume;
pub(crate) mod store;
pub(crate) mod table;
pub(crate) mod typed;
pub(crate) mod value;
pub(crate) mod wasm_ty;
