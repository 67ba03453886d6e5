//! `wasmote addr2line`: finds what places in internal code come from.

use std::io::Write;

use wasmote::{Engine, WasmBacktraceDetails};

use crate::{
    args::Addr2lineArgs,
    failure::{Failure, call, status},
    output::Output,
    source::Source,
};

/// Runs the command and returns the exit status.
pub(crate) fn addr2line(args: &Addr2lineArgs, mut output: Output) -> Result<i32, Failure> {
    let source = Source::read(&args.file)?;
    if source.is_artefact() {
        let failure = Failure::usage(format!("{} is an artefact, which has no bodies", source.name()));
        return Err(failure.hint("name the module that it was made of"));
    }
    let proposals = args.features.proposals();
    let mut config = proposals.config();
    config.consume_fuel(args.fuel).wasm_backtrace_details(WasmBacktraceDetails::Enable);
    let engine = Engine::new(&config);
    let module = source.module(&engine, &proposals)?;
    for (number, &(func, place)) in args.places.iter().enumerate() {
        let frame = module.frame_info(func, place);
        let frame = frame.ok_or_else(|| Failure::usage(format!("{} defines no function {func}", source.name())))?;
        writeln!(output, "{}", call(number, &frame))?;
    }
    output.flush()?;
    Ok(status::SUCCESS)
}
