//! The memory map of a part, for the linker.

use std::{env, error::Error, fs, path::PathBuf};

/// Writes the memory map of a part with these sizes in KiB, and passes it to the linker, which refuses a firmware that does not
/// fit. Flash and RAM begin where they do on the emulated board, which has 4 MiB of each. Returns the folder for files of the build.
pub fn pass_to_linker(flash: u32, ram: u32) -> Result<PathBuf, Box<dyn Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let map = format!(
        "MEMORY
{{
  FLASH : ORIGIN = 0x00000000, LENGTH = {flash}K
  RAM : ORIGIN = 0x20000000, LENGTH = {ram}K
}}
"
    );
    fs::write(out.join("memory.x"), map)?;
    // The names of interrupt handlers: there are none, since the board has a vector for none (`src/board.rs`).
    fs::write(out.join("device.x"), "")?;
    println!("cargo::rustc-link-search={}", out.display());
    println!("cargo::rustc-link-arg-bins=-Tlink.x");
    println!("cargo::rerun-if-changed=build.rs");
    Ok(out)
}
