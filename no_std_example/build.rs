//! Passes the memory map of the part to the linker.

use std::{env, error::Error, fs, path::PathBuf};

/// 1 MiB of flash and 128 KiB of RAM, like many Cortex-M4 parts; the emulated board has 4 MiB
/// of each at these addresses. The linker refuses a firmware that does not fit.
const MEMORY: &str = "MEMORY
{
  FLASH : ORIGIN = 0x00000000, LENGTH = 1M
  RAM : ORIGIN = 0x20000000, LENGTH = 128K
}
";

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("memory.x"), MEMORY)?;
    println!("cargo::rustc-link-search={}", out.display());
    println!("cargo::rustc-link-arg-bins=-Tlink.x");
    println!("cargo::rerun-if-changed=build.rs");
    Ok(())
}
