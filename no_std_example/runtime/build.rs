//! Translates the modules that the firmware contains, and passes the memory map of the part to the linker.

#[path = "../build/memory.rs"]
mod memory;

use std::{error::Error, fs};

use wasmote::{Config, Engine};

fn main() -> Result<(), Box<dyn Error>> {
    let out = memory::pass_to_linker(256, 64)?;
    println!("cargo::rerun-if-changed=../build/memory.rs");
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
