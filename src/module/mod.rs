//! A decoded module: data only. `binary` fills it, `translate`, `runtime` and `api` read it.

#![forbid(unsafe_code)]

pub(crate) mod body;
pub(crate) mod bytes;
pub(crate) mod const_expr;
pub(crate) mod data;
pub(crate) mod embedded;
pub(crate) mod env;
pub(crate) mod group;
pub(crate) mod positions;
pub(crate) mod registry;
#[cfg(heap)]
pub(crate) mod rtt;
#[cfg(heap)]
pub(crate) mod safepoints;
pub(crate) mod segment;
#[cfg(any(feature = "serialize", feature = "verify"))]
pub(crate) mod type_list;
pub(crate) mod types;
