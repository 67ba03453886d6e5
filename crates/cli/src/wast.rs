//! `wasmote wast`: runs spec scripts.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use wasmote_wast::{Runner, Tally};

use crate::{
    args::{Mode, WastArgs},
    failure::{Failure, status},
    output::Output,
    source::read_file,
};

/// Runs the command; the result is the exit status.
pub(crate) fn wast(args: &WastArgs, mut output: Output) -> Result<i32, Failure> {
    let mut config = args.features.proposals().config();
    args.execution.apply(&mut config);
    config.consume_fuel(args.fuel);
    let runner = Runner::new(&config).validates_lazily(args.execution.mode == Mode::Lazy);

    let scripts = scripts(&args.paths)?;
    let mut total = Tally::default();
    let mut failed_scripts = 0;
    for path in &scripts {
        let name = path.display();
        let script = match read_file(path).map(String::from_utf8) {
            Ok(Ok(script)) => script,
            Ok(Err(error)) => {
                let offset = error.utf8_error().valid_up_to();
                output.flush()?;
                let what = format!("{name} is no spec script: it is not UTF-8");
                Failure::new(what).at(format!("byte offset {offset:#x} ({offset})")).report();
                failed_scripts += 1;
                continue;
            }
            Err(failure) => {
                output.flush()?;
                failure.report();
                failed_scripts += 1;
                continue;
            }
        };
        let report = runner.run(&script);
        let tally = report.total();
        writeln!(output, "{name}: {tally}")?;
        for failure in report.failures() {
            writeln!(output, "  {name}:{failure}")?;
        }
        output.show()?;
        total.add(tally);
        failed_scripts += usize::from(tally.failed > 0);
    }
    let plural = if scripts.len() == 1 { "" } else { "s" };
    writeln!(output, "total: {} script{plural}, {failed_scripts} with failures: {total}", scripts.len())?;
    output.flush()?;
    Ok(if failed_scripts == 0 { status::SUCCESS } else { status::FAILURE })
}

/// The scripts that are named and those in the directories that are.
fn scripts(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut scripts = Vec::new();
    for path in paths {
        if !path.is_dir() {
            scripts.push(path.clone());
            continue;
        }
        let before = scripts.len();
        collect(path, &mut scripts)?;
        if scripts.len() == before {
            return Err(Failure::new(format!("there is no *.wast in the directory {}", path.display())));
        }
    }
    Ok(scripts)
}

/// Adds the scripts in a directory and in those below it, sorted.
fn collect(dir: &Path, scripts: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let failed = |error| Failure::new(format!("cannot read the directory {}: {error}", dir.display()));
    let mut entries = Vec::new();
    for entry in fs::read_dir(dir).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        // Links to directories are not followed: they can lead in a circle.
        entries.push((entry.path(), entry.file_type().map_err(failed)?.is_dir()));
    }
    entries.sort();
    for (path, is_dir) in entries {
        if is_dir {
            collect(&path, scripts)?;
        } else if path.extension().is_some_and(|extension| extension == "wast") {
            scripts.push(path);
        }
    }
    Ok(())
}
