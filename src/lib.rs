#![no_std]
#![deny(unsafe_code)]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[macro_use]
mod ir;
mod binary;
mod module;
mod translate;
mod numerics;
mod config;
mod costs;
mod error;
pub mod errors;
mod limits;
mod trap;
mod types;
