//! `wasmote-fuzz`: runs fuzz targets from a seed, as an ordinary program.
//!
//! The input of iteration `i` is made of the number `seed + i` alone. So what a run finds is a number, and
//! `wasmote-fuzz TARGET --seed NUMBER --iterations 1` finds it again.

use std::{
    cell::RefCell,
    fs,
    panic::{self, AssertUnwindSafe},
    path::PathBuf,
    process::ExitCode,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};

use clap::Parser;
use wasmote_bombs::heap::{Counting, ThisThread};
use wasmote_fuzz::{
    seeds, tally,
    targets::{TARGETS, Target},
};
use wasmote_generate::Random;

/// The targets watch how much of the heap a module takes.
#[global_allocator]
static ALLOCATOR: Counting<ThisThread> = Counting::new();

/// A run with so many iterations has done all that a target is for.
const ENOUGH: u64 = 500;

/// The longest that one iteration may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs fuzz targets of Wasmote from a seed. Without a target, lists them.
#[derive(Parser)]
struct Args {
    /// The name of a target, or `all`
    target: Option<String>,
    /// Inputs to run instead of made ones, such as those that libFuzzer has saved
    files: Vec<PathBuf>,
    /// The number of the first iteration
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// How many iterations to run at most [default: 1000, or unlimited with --seconds]
    #[arg(long)]
    iterations: Option<u64>,
    /// Stops after this time
    #[arg(long)]
    seconds: Option<u64>,
    /// Goes on after a finding
    #[arg(long)]
    keep_going: bool,
    /// Prints the number of each iteration before it runs, in case it ends the process
    #[arg(long)]
    verbose: bool,
    /// Writes the input of iteration `--seed` to a file and does not run it
    #[arg(long)]
    write: Option<PathBuf>,
    /// Writes seeds and dictionaries for libFuzzer into a folder
    #[arg(long)]
    write_seeds: Option<PathBuf>,
}

/// The iteration that runs now plus one, or 0.
static CURRENT: AtomicU64 = AtomicU64::new(0);
/// When it began, in milliseconds after the start.
static BEGUN: AtomicU64 = AtomicU64::new(0);

thread_local! {
    static MESSAGE: RefCell<String> = const { RefCell::new(String::new()) };
}

fn main() -> ExitCode {
    let args = Args::parse();
    match start(&args) {
        Ok(findings) => ExitCode::from(u8::from(findings > 0)),
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}

/// Returns the number of findings.
fn start(args: &Args) -> Result<u64, String> {
    if let Some(folder) = &args.write_seeds {
        return seeds::write(folder).map(|()| 0).map_err(|error| format!("{}: {error}", folder.display()));
    }
    let Some(name) = &args.target else {
        for target in TARGETS {
            println!("{:<14}{}", target.name, target.about);
        }
        return Ok(0);
    };
    let targets: Vec<_> = TARGETS.iter().filter(|target| name == "all" || target.name == name).collect();
    let Some(target) = targets.first() else {
        let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        return Err(format!("there is no target {name:?}; the targets are {}", names.join(", ")));
    };
    if let Some(path) = &args.write {
        let input = (target.input)(&mut Random(args.seed));
        return fs::write(path, input).map(|()| 0).map_err(|error| format!("{}: {error}", path.display()));
    }
    panic::set_hook(Box::new(|info| {
        // The targets expect some panics, so nothing is printed here.
        let backtrace = std::backtrace::Backtrace::capture();
        MESSAGE.with(|message| *message.borrow_mut() = format!("{info}\n{backtrace}"));
    }));
    if !args.files.is_empty() {
        return files(target, &args.files);
    }
    let start = Instant::now();
    thread::spawn(move || watch(start));
    Ok(targets.iter().map(|target| iterate(target, args, start)).sum())
}

fn files(target: &Target, files: &[PathBuf]) -> Result<u64, String> {
    let mut findings = 0;
    for path in files {
        let input = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        if let Err(message) = run(target, &input) {
            println!("{}: {message}", path.display());
            findings += 1;
        }
    }
    Ok(findings)
}

/// Ends the process if an iteration hangs.
fn watch(start: Instant) {
    loop {
        thread::sleep(Duration::from_secs(1));
        let (current, begun) = (CURRENT.load(Relaxed), BEGUN.load(Relaxed));
        let took = start.elapsed().saturating_sub(Duration::from_millis(begun));
        if current > 0 && took > PATIENCE {
            println!("iteration {} has not ended after {} s", current - 1, took.as_secs());
            std::process::exit(3);
        }
    }
}

fn iterate(target: &Target, args: &Args, start: Instant) -> u64 {
    let most = args.iterations.unwrap_or(if args.seconds.is_some() { u64::MAX } else { 1000 });
    let begin = Instant::now();
    let (mut done, mut findings) = (0, 0);
    while done < most && args.seconds.is_none_or(|seconds| begin.elapsed().as_secs() < seconds) {
        let number = args.seed.wrapping_add(done);
        if args.verbose {
            println!("{} {number}", target.name);
        }
        BEGUN.store(start.elapsed().as_millis() as u64, Relaxed);
        CURRENT.store(number.wrapping_add(1), Relaxed);
        let input = (target.input)(&mut Random(number));
        let result = run(target, &input);
        CURRENT.store(0, Relaxed);
        done += 1;
        if let Err(message) = result {
            findings += 1;
            println!("{message}");
            println!("finding: wasmote-fuzz {} --seed {number} --iterations 1\n", target.name);
            if !args.keep_going {
                break;
            }
        }
    }
    let seconds = begin.elapsed().as_secs();
    println!("{}: {done} executions from seed {} in {seconds} s, {findings} findings", target.name, args.seed);
    let counts = tally::take();
    let shown: Vec<_> = counts.iter().map(|(what, count)| format!("{count} {what}")).collect();
    println!("    {}", shown.join(", "));
    // A run of this length that never did what it is for tests nothing.
    if done >= ENOUGH {
        for missing in target.counts.iter().filter(|what| !counts.contains_key(**what)) {
            println!("finding: {} never had {missing}", target.name);
            findings += 1;
        }
    }
    findings
}

/// Runs an input. Returns the message of the panic if there is one.
fn run(target: &Target, input: &[u8]) -> Result<(), String> {
    let result = panic::catch_unwind(AssertUnwindSafe(|| (target.run)(input)));
    result.map_err(|_| MESSAGE.with(RefCell::take))
}
