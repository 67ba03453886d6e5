//! `wasmote validate`: says of modules whether they are valid.

use std::io::Write;

use wasmote::Engine;

use crate::{
    args::ValidateArgs,
    failure::{Failure, status},
    output::Output,
    source::Source,
};

/// Runs the command; the result is the exit status.
pub(crate) fn validate(args: &ValidateArgs, mut output: Output) -> Result<i32, Failure> {
    let proposals = args.features.proposals();
    let engine = Engine::new(&proposals.config());
    let mut result = status::SUCCESS;
    for path in &args.files {
        match Source::read(path).and_then(|source| source.validate(&engine, &proposals)) {
            Ok(()) => writeln!(output, "{}: valid", path.display())?,
            Err(failure) => {
                // Keeps the order of the files where both streams go to the same place.
                output.flush()?;
                result = failure.report();
            }
        }
    }
    output.flush()?;
    Ok(result)
}
