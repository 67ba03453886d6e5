//! `wasmote-tune count`: the profile of a module.

use std::{fs, path::Path};

use wasmote::{CodeOp, Config, Engine, Module};

#[cfg(feature = "run")]
use crate::runs;
use crate::{
    Result,
    args::CountArgs,
    profile::{Names, Profile, of_module},
};

/// The factor by which each loop around an op multiplies its count.
const LOOP_WEIGHT: u64 = 6;
/// The greatest number of loops that count.
const MAX_LOOPS: u32 = 3;

/// Runs the command.
///
/// # Errors
///
/// If the module cannot be read, is invalid or cannot be run, or the profile cannot be written.
pub(crate) fn count(args: &CountArgs) -> Result<()> {
    let mut names = Names::new(false);
    let wasm = binary(&args.file, &read(&args.file)?)?;
    let mut config = Config::default();
    config.consume_fuel(args.fuel);
    let engine = Engine::new(&config);
    let module = Module::new(&engine, &wasm)?;
    let name = name(&args.file);
    #[cfg(feature = "run")]
    let profile = if args.run.run {
        runs::profile_of_run(&args.run, &name, &module, &wasm, &mut names)?
    } else {
        of_code(name, &module, &wasm, args.loops, &mut names)?
    };
    #[cfg(not(feature = "run"))]
    let profile = of_code(name, &module, &wasm, args.loops, &mut names)?;
    let path = &args.output;
    fs::write(path, profile.save(&names)).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    Ok(())
}

/// Reads a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()).into())
}

/// Returns the binary form of a module.
pub(crate) fn binary(path: &Path, bytes: &[u8]) -> Result<Vec<u8>> {
    let binary = wat::parse_bytes(bytes).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(binary.into_owned())
}

/// The name of a program: that of its file, without the extension.
pub(crate) fn name(path: &Path) -> String {
    path.file_stem().map_or_else(|| "-".into(), |stem| stem.to_string_lossy().into_owned())
}

/// Returns the profile of a module's code. With `loops`, ops in loops have greater counts.
pub(crate) fn of_code(name: String, module: &Module, wasm: &[u8], loops: bool, names: &mut Names) -> Result<Profile> {
    let weight = |op: CodeOp| if loops { LOOP_WEIGHT.pow(op.loops.min(MAX_LOOPS)) } else { 1 };
    let count = |func| Ok(module.ops(func)?.into_iter().map(|op| (op, weight(op))).collect());
    of_module(name, wasm, count, names)
}
