//! `wasmote compile`: translates a module to an artefact.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use wasmote::{CompilationMode, Engine, Module};

use crate::{
    args::{CompileArgs, InstructionSet},
    failure::{Failure, status},
    output::Output,
    source::{STDIN, Source},
};

/// What the library of this program translates to.
const BUILT: InstructionSet = if cfg!(feature = "small") { InstructionSet::Small } else { InstructionSet::Full };

/// Runs the command and returns the exit status.
pub(crate) fn compile(args: &CompileArgs, mut output: Output) -> Result<i32, Failure> {
    let source = Source::read(&args.file)?;
    let name = source.name();
    if source.is_artefact() {
        return Err(Failure::usage(format!("{name} is an artefact already")));
    }
    let target = target(args)?;
    if let Some(set) = args.target.filter(|&set| set != BUILT) {
        let (set, action) = match set {
            InstructionSet::Small => ("small", "build it with `--features small`"),
            InstructionSet::Full => ("full", "build it without `--features small`"),
        };
        return Err(Failure::usage(format!("this program has no translator for the target `{set}`")).hint(action));
    }
    let proposals = args.features.proposals();
    let mut config = proposals.config();
    config.consume_fuel(args.fuel).ignore_custom_sections(args.strip).compilation_mode(CompilationMode::Eager);
    if args.no_floats {
        config.floats(false);
    }
    let engine = Engine::new(&config);
    let module = source.module(&engine, &proposals)?;
    let artefact = module.serialize().map_err(|error| Failure::new(format!("{name}: {error}")))?;
    if args.check {
        Module::deserialize_checked(&engine, artefact.clone())
            .map_err(|error| Failure::new(format!("the artefact of {name} is refused: {error}")))?;
    }
    let failed = |error| Failure::new(format!("cannot write {}: {error}", target.display()));
    fs::write(&target, &artefact).map_err(failed)?;
    let ratio = artefact.len() as f64 / source.bytes().len() as f64;
    writeln!(output, "{}: {} bytes, {ratio:.2} for each of the module", target.display(), artefact.len())?;
    output.flush()?;
    Ok(status::SUCCESS)
}

/// Returns the path of the artefact.
fn target(args: &CompileArgs) -> Result<PathBuf, Failure> {
    match &args.output {
        Some(path) => Ok(path.clone()),
        None if args.file == Path::new(STDIN) => Err(Failure::usage("name the artefact with `-o FILE`")),
        None => Ok(args.file.with_extension("wmo")),
    }
}
