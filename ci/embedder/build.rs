//! Makes the binary module that the program runs.

use std::{env, error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=src/loops.wat");
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("loops.wasm"), wat::parse_file("src/loops.wat")?)?;
    Ok(())
}
