//! Passes the memory map of the part to the linker.

#[path = "build/memory.rs"]
mod memory;

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    // Like many Cortex-M4 parts.
    memory::pass_to_linker(1024, 128)?;
    println!("cargo::rerun-if-changed=build/memory.rs");
    Ok(())
}
