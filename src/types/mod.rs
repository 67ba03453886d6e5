//! Types of Wasm values and of what modules import and export (spec, Structure > Types).

mod external;
mod func;
mod global;
pub(crate) mod layout;
mod memory;
mod table;
mod value;

pub use external::ExternType;
pub use func::FuncType;
pub use global::{GlobalType, Mutability};
pub use memory::{MemoryType, MemoryTypeBuilder};
pub use table::TableType;
pub use value::{F32, F64, RefType, V128, ValType};
