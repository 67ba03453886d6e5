//! Assembles the plugins of the firmware: every `.wat` of this folder to the `.wasm` beside it.
//! With `--check` it writes nothing, and fails if a `.wasm` differs from its source.

use std::{env, error::Error, fs, path::Path, process::ExitCode};

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let check = env::args().any(|arg| arg == "--check");
    let mut stale = false;
    for entry in fs::read_dir(env!("CARGO_MANIFEST_DIR"))? {
        let source = entry?.path();
        if source.extension().is_some_and(|extension| extension == "wat") {
            stale |= !assemble(&source, check)?;
        }
    }
    Ok(if stale { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Assembles one plugin, or checks its `.wasm`. Returns whether the `.wasm` is up to date.
fn assemble(source: &Path, check: bool) -> Result<bool, Box<dyn Error>> {
    let wasm = wat::parse_file(source)?;
    let target = source.with_extension("wasm");
    let name = target.file_name().unwrap_or_default().display();
    if !check {
        fs::write(&target, &wasm)?;
        println!("{name}: {} bytes", wasm.len());
        return Ok(true);
    }
    let fresh = fs::read(&target).is_ok_and(|existing| existing == wasm);
    if !fresh {
        eprintln!("{name} is not what its source says: run `cargo run` in no_std_example/plugins");
    }
    Ok(fresh)
}
