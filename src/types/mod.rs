//! Types of Wasm values and of what modules import and export (spec, Structure > Types).

mod composite;
mod external;
mod func;
mod global;
pub(crate) mod heap;
pub(crate) mod kinds;
pub(crate) mod layout;
mod memory;
#[cfg(heap)]
pub(crate) mod object;
pub(crate) mod repr;
mod table;
mod value;
#[cfg(feature = "wasmi-defaults")]
mod wasmi;

pub use composite::{ArrayType, FieldType, StorageType, StructType, TagType};
pub use external::ExternType;
pub use func::FuncType;
pub(crate) use func::Owner;
pub use global::{GlobalType, Mutability};
pub use heap::{HeapType, RefType, TypeId};
pub use memory::{MemoryType, MemoryTypeBuilder};
pub use table::TableType;
pub use value::{F32, F64, V128, ValType};
