//! `wasmote validate`: checks whether modules are valid.

use std::io::Write;

use wasmote::Engine;

use crate::{
    args::ValidateArgs,
    failure::{Failure, status},
    output::Output,
    progress::Progress,
    source::{Source, file_name},
};

/// Runs the command and returns the exit status.
pub(crate) fn validate(args: &ValidateArgs, mut output: Output) -> Result<i32, Failure> {
    let proposals = args.features.proposals();
    let engine = Engine::new(&proposals.config());
    let mut result = status::SUCCESS;
    let progress = Progress::of(args.files.len());
    for path in &args.files {
        let name = file_name(path);
        progress.next(name.clone());
        let valid = Source::read(path).and_then(|source| source.validate(&engine, &proposals));
        progress.done(|| match valid {
            Ok(()) => writeln!(output, "{name}: valid").and_then(|()| output.show()),
            Err(failure) => {
                // Keeps the order of the files if both streams go to the same place.
                output.flush()?;
                result = failure.report();
                Ok(())
            }
        })?;
    }
    output.flush()?;
    Ok(result)
}
