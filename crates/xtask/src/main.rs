//! The everyday commands of this repository, as `cargo xtask COMMAND`.
//!
//! Each command starts the programs that do the work and prints how it starts them, so that they can be started without
//! it too. `.ci/run` and the scripts in `ci/` do not need it.

mod api;
mod downstreams;
mod packages;
mod signature;
mod wasi;
mod wasmi_tests;

use std::{
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use clap::{Parser, Subcommand};

/// The everyday commands of this repository.
#[derive(Parser)]
#[command(bin_name = "cargo xtask", disable_help_subcommand = true)]
enum Task {
    /// Runs every check, or only these steps of `.ci/run`
    Ci {
        /// Names of scripts in `ci/`: `fmt`, `clippy`, `test`, …
        steps: Vec<String>,
    },
    /// Formats all sources
    Fmt,
    /// Runs the tests that most changes need: units, architecture, translation, fused ops, API, the spec suite
    Test {
        /// Optimizes: threaded dispatch, if this target has it
        #[arg(long)]
        release: bool,
        /// Optimizes and uses the loop-switch
        #[arg(long, conflicts_with = "release")]
        portable: bool,
    },
    /// Runs the scripts of a checkout of the official test suite (`WebAssembly/testsuite`)
    Testsuite {
        /// The checkout
        directory: String,
        /// A checkout of wasmtime, some of whose own scripts run as well
        #[arg(long)]
        wasmtime: Option<String>,
    },
    /// Writes what is generated from the sources: snapshots of translated code, the reference of the ops
    Bless,
    /// Compares results with wasmi on random modules
    Differential {
        /// The number of modules of each kind
        #[arg(default_value_t = 1000)]
        modules: u64,
        /// The number of the first one
        #[arg(long, default_value_t = 0)]
        first: u64,
        /// Only modules of nested expressions, which are dense in vectors and in operators that are fused
        #[arg(long)]
        expressions: bool,
        /// Optimizes: faster, and compares threaded dispatch too, if this target has it
        #[arg(long)]
        release: bool,
    },
    /// Compares validation with the parser's on random and changed modules
    Validation {
        /// The number of modules
        #[arg(default_value_t = 10_000)]
        modules: u64,
        /// The number of the first one
        #[arg(long, default_value_t = 0)]
        first: u64,
    },
    /// Runs a fuzz target, or all of them, from a seed
    Fuzz {
        /// The name of a target
        #[arg(default_value = "all")]
        target: String,
        /// The number of inputs for each target
        #[arg(long, default_value_t = 1000)]
        iterations: u64,
        /// The number of the first one
        #[arg(long, default_value_t = 0)]
        seed: u64,
    },
    /// Runs the integration tests of wasmi, taken from its published sources, against `crates/wasmi-shim`
    WasmiTests,
    /// Compares the public names and signatures of wasmi with those here, and what differs with docs/guide/src/wasmi-differences.md
    WasmiApi {
        /// `wasmi` or `wasmi_wasi`
        name: Option<String>,
    },
    /// Builds and tests programs of others that use wasmi against `crates/wasmi-shim`, in pinned versions
    Downstreams {
        /// The name of a package
        name: Option<String>,
    },
    /// Runs programs that test implementations of WASI; `ci/wasi-suites.sh` compiles those of wasmtime
    Wasi {
        /// A checkout of WebAssembly/wasi-testsuite with compiled programs (its branch `prod/testsuite-base`)
        #[arg(long)]
        testsuite: Option<PathBuf>,
        /// A directory of compiled preview-1 programs of wasmtime
        #[arg(long)]
        wasmtime: Option<PathBuf>,
    },
    /// Measures the kernels beside other engines
    Bench {
        #[command(subcommand)]
        what: Bench,
    },
    /// Builds the firmware example and runs it in an emulator
    Firmware,
    /// Compares the public API with that of a released version (needs `cargo install cargo-semver-checks`)
    Semver {
        /// A tag or a commit
        #[arg(default_value = "v0.1.0")]
        baseline: String,
    },
}

#[derive(Subcommand)]
enum Bench {
    /// Kernels in Wasmote and wasmi
    Kernels {
        /// How often each engine runs each kernel
        #[arg(long, default_value_t = 9)]
        rounds: u32,
    },
    /// Kernels of vectors in Wasmote and wasmi
    Simd {
        /// How often each engine runs each kernel
        #[arg(long, default_value_t = 9)]
        rounds: u32,
    },
    /// Kernels with metering of fuel, with epochs, and without: the table ends with the geometric means of the ratios
    Metering {
        /// How often each kernel runs each way
        #[arg(long, default_value_t = 15)]
        rounds: u32,
    },
    /// Loading, linking and memory; fetches modules
    Startup {
        /// The least number of rounds
        #[arg(long, default_value_t = 4)]
        rounds: u32,
    },
    /// Draws the charts of the documentation from its tables
    Charts,
}

/// A program to start: its words, and variables of its environment.
struct Step {
    words: Vec<String>,
    variables: Vec<(&'static str, String)>,
}

fn step(words: &str) -> Step {
    Step { words: words.split_whitespace().map(str::to_owned).collect(), variables: Vec::new() }
}

impl Step {
    fn arg(mut self, arg: String) -> Self {
        self.words.push(arg);
        self
    }

    fn var(mut self, name: &'static str, value: String) -> Self {
        self.variables.push((name, value));
        self
    }

    /// Prints the command and runs it in the root of the repository; returns whether it succeeded.
    fn run(&self, root: &Path) -> bool {
        let variables = self.variables.iter().map(|(name, value)| format!("{name}={value} "));
        println!("$ {}{}", variables.collect::<String>(), self.words.join(" "));
        let (program, args) = self.words.split_first().expect("a step names a program");
        let variables = self.variables.iter().map(|(name, value)| (name, value));
        match Command::new(program).args(args).envs(variables).current_dir(root).status() {
            Ok(status) => status.success(),
            Err(error) => {
                eprintln!("error: {program}: {error}");
                false
            }
        }
    }
}

/// The tests that most changes need.
const TESTS: &str = "--lib --test house --test translation --test fusions --test api --test spec";

/// The program that measures engines side by side.
const PEERS: &str = "cargo run --release --manifest-path benches/peers/Cargo.toml --no-default-features --features";

impl Task {
    /// Runs the task; returns whether it succeeded.
    fn run(self, root: &Path) -> bool {
        let outcome = match self {
            Self::WasmiTests => wasmi_tests::run(root),
            Self::Wasi { testsuite, wasmtime } => [
                testsuite.map(|directory| wasi::testsuite(root, &directory)),
                wasmtime.map(|directory| wasi::wasmtime(root, &directory)),
            ]
            .into_iter()
            .flatten()
            .collect(),
            Self::WasmiApi { name } => api::run(root, name.as_deref()),
            Self::Downstreams { name } => downstreams::run(root, name.as_deref()),
            task => return task.steps().iter().all(|step| step.run(root)),
        };
        if let Err(failure) = &outcome {
            eprintln!("error: {failure}");
        }
        outcome.is_ok()
    }

    /// Returns the programs that do the task, if other programs do all of it.
    fn steps(self) -> Vec<Step> {
        match self {
            Self::WasmiTests | Self::Wasi { .. } | Self::WasmiApi { .. } | Self::Downstreams { .. } => Vec::new(),
            Self::Ci { steps } => vec![steps.into_iter().fold(step(".ci/run"), Step::arg)],
            Self::Fmt => vec![step("ci/fmt.sh --fix")],
            Self::Test { release: true, .. } => vec![step(&format!("cargo test --release {TESTS}"))],
            Self::Test { portable: true, .. } => {
                vec![step(&format!("cargo test --release --features portable-dispatch {TESTS}"))]
            }
            Self::Test { .. } => vec![step(&format!("cargo test {TESTS}"))],
            Self::Testsuite { directory, wasmtime } => {
                let step = step("cargo test --test spec").var("WASMOTE_TESTSUITE", absolute(&directory));
                vec![match wasmtime {
                    Some(wasmtime) => step.var("WASMOTE_WASMTIME", absolute(&wasmtime)),
                    None => step,
                }]
            }
            Self::Bless => vec![
                step("cargo test --quiet --test translation").var("INSTA_UPDATE", "always".to_owned()),
                step("cargo test --quiet --lib isa_doc").var("WASMOTE_WRITE_ISA", "1".to_owned()),
            ],
            Self::Differential { modules, first, expressions, release } => {
                let release = if release { " --release" } else { "" };
                let filter = if expressions { " nested_expressions" } else { "" };
                vec![
                    step(&format!("cargo test{release} --test differential{filter}"))
                        .var("WASMOTE_DIFFERENTIAL_SEEDS", modules.to_string())
                        .var("WASMOTE_DIFFERENTIAL_FIRST", first.to_string()),
                ]
            }
            Self::Validation { modules, first } => vec![
                step("cargo test --test validation")
                    .var("WASMOTE_VALIDATION_CASES", modules.to_string())
                    .var("WASMOTE_VALIDATION_FIRST", first.to_string()),
            ],
            Self::Fuzz { target, iterations, seed } => vec![
                step("cargo run --release --manifest-path fuzz/Cargo.toml --")
                    .arg(target)
                    .arg(format!("--iterations={iterations}"))
                    .arg(format!("--seed={seed}")),
            ],
            Self::Bench { what: Bench::Kernels { rounds } } => {
                vec![step(&format!("{PEERS} wasmote,wasmi -- --rounds {rounds}"))]
            }
            Self::Bench { what: Bench::Metering { rounds } } => {
                vec![step(&format!(
                    "{PEERS} wasmote -- --engines wasmote,wasmote-fuel,wasmote-epochs --rounds {rounds}"
                ))]
            }
            Self::Bench { what: Bench::Simd { rounds } } => {
                vec![step(&format!("{PEERS} wasmote,wasmi,simd -- --simd --rounds {rounds}"))]
            }
            Self::Bench { what: Bench::Startup { rounds } } => {
                vec![step(&format!("{PEERS} startup -- --startup --rounds {rounds}"))]
            }
            Self::Bench { what: Bench::Charts } => vec![step(&format!("{PEERS} charts -- --charts docs"))],
            Self::Firmware => vec![step("no_std_example/run.sh")],
            Self::Semver { baseline } => {
                vec![step("cargo semver-checks --package wasmote --baseline-rev").arg(baseline)]
            }
        }
    }
}

/// A path of the caller's, as seen from the root of the repository.
fn absolute(path: &str) -> String {
    std::path::absolute(path).map_or_else(|_| path.to_owned(), |path| path.display().to_string())
}

fn main() -> ExitCode {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here.ancestors().nth(2).unwrap_or(here);
    if Task::parse().run(root) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
