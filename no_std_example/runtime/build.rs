//! Translates the modules that the firmware contains, and passes the memory map of the part to the linker.

use std::{env, error::Error, fs, path::PathBuf};

use wasmote::{Config, Engine};

/// 256 KiB of flash and 64 KiB of RAM. The linker refuses a firmware that does not fit.
const MEMORY: &str = "MEMORY
{
  FLASH : ORIGIN = 0x00000000, LENGTH = 256K
  RAM : ORIGIN = 0x20000000, LENGTH = 64K
}
";

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("memory.x"), MEMORY)?;
    println!("cargo::rustc-link-search={}", out.display());
    println!("cargo::rustc-link-arg-bins=-Tlink.x");
    println!("cargo::rerun-if-changed=build.rs");
    // The engine in the firmware must charge fuel in the same way.
    for (name, metered) in [("fib", false), ("smoothing", true)] {
        let path = format!("../plugins/{name}.wasm");
        let mut config = Config::default();
        config.wasm_custom_page_sizes(true).consume_fuel(metered).ignore_custom_sections(true);
        let artefact = Engine::new(&config).precompile_module(&fs::read(&path)?)?;
        fs::write(out.join(format!("{name}.wmo")), artefact)?;
        println!("cargo::rerun-if-changed={path}");
    }
    Ok(())
}
