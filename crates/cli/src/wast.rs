//! `wasmote wast`: runs spec scripts.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use wasmote_wast::{Runner, Tally};

use crate::{
    args::{Mode, WastArgs},
    failure::{Failure, status},
    names::escape_lines,
    output::Output,
    progress::Progress,
    source::{file_name, read_file},
};

/// Runs the command and returns the exit status.
pub(crate) fn wast(args: &WastArgs, mut output: Output) -> Result<i32, Failure> {
    let mut config = args.features.proposals().config();
    let mode = args.execution.apply(&mut config, Mode::LazyTranslation);
    config.consume_fuel(args.fuel);
    let runner = Runner::new(&config).validates_lazily(mode == Mode::Lazy);

    let scripts = scripts(&args.paths)?;
    let mut total = Tally::default();
    let mut failed_scripts = 0;
    let progress = Progress::of(scripts.len());
    for path in &scripts {
        let name = file_name(path);
        progress.next(name.clone());
        let report = read_script(path, &name).map(|script| runner.run(&script));
        progress.done(|| -> io::Result<()> {
            let report = match report {
                Ok(report) => report,
                Err(failure) => {
                    output.flush()?;
                    failure.report();
                    failed_scripts += 1;
                    return Ok(());
                }
            };
            let tally = report.total();
            writeln!(output, "{name}: {tally}")?;
            for failure in report.failures() {
                writeln!(output, "  {name}:{}", escape_lines(&failure.to_string()))?;
            }
            total.add(tally);
            failed_scripts += usize::from(tally.failed > 0);
            output.show()
        })?;
    }
    drop(progress);
    let plural = if scripts.len() == 1 { "" } else { "s" };
    writeln!(output, "total: {} script{plural}, {failed_scripts} with failures: {total}", scripts.len())?;
    output.flush()?;
    Ok(if failed_scripts == 0 { status::SUCCESS } else { status::FAILURE })
}

/// Reads the text of a script.
fn read_script(path: &Path, name: &str) -> Result<String, Failure> {
    String::from_utf8(read_file(path)?).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let what = format!("{name} is not a spec script: it is not UTF-8");
        Failure::new(what).at(format!("byte offset {offset:#x} ({offset})"))
    })
}

/// Returns the named scripts and those in the named directories.
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
            return Err(Failure::new(format!("the directory {} contains no *.wast file", path.display())));
        }
    }
    Ok(scripts)
}

/// Adds the scripts in a directory and its subdirectories, sorted.
fn collect(dir: &Path, scripts: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let failed = |error| Failure::new(format!("cannot read the directory {}: {error}", dir.display()));
    let mut entries = Vec::new();
    for entry in fs::read_dir(dir).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        // Links to directories are not followed, because they can form a cycle.
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
