//! Translates the module that the firmware contains, and passes the memory map of the emulated board to the linker.

use std::{env, error::Error, fs, path::PathBuf};

use wasmote::{Config, Engine};

/// The board `virt` of QEMU loads the whole program into RAM, which begins here.
const MAP: &str = "ENTRY(start)
SECTIONS
{
  . = 0x80000000;
  .text : { KEEP(*(.init)) *(.text .text.*) }
  .rodata : { *(.rodata .rodata.*) *(.srodata .srodata.*) }
  .data : { *(.data .data.*) *(.sdata .sdata.*) }
  .bss : { *(.sbss .sbss.*) *(.bss .bss.*) }
  . = ALIGN(16);
  . += 16K;
  stack_top = .;
  /DISCARD/ : { *(.eh_frame*) }
}
";

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("virt.x"), MAP)?;
    println!("cargo::rustc-link-search={}", out.display());
    if env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "riscv32") {
        println!("cargo::rustc-link-arg-bins=-Tvirt.x");
    }
    let path = "../plugins/fib.wasm";
    let artefact = Engine::new(&Config::default()).precompile_module(&fs::read(path)?)?;
    fs::write(out.join("fib.wmo"), artefact)?;
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={path}");
    Ok(())
}
