//! Programs that test implementations of WASI, run with the program `wasmote`: those of `WebAssembly/wasi-testsuite`, and the
//! preview-1 programs of wasmtime, which `ci/wasi-suites.sh` compiles.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::{Duration, SystemTime},
};

use serde_json::Value;

use crate::packages::{self, Failure, at};

/// The number of preview-1 programs in `WebAssembly/wasi-testsuite`.
const TESTSUITE: usize = 72;

/// Programs of wasmtime that fail, each with its reason.
const KNOWN: &[(&str, &str)] = &[
    ("p1_cli_hostcall_fuel", "it tests an option of the program `wasmtime`"),
    (
        "p1_dir_fd_op_failures",
        "reading a directory is EISDIR here, as in POSIX; WebAssembly/wasi-testsuite accepts both errors",
    ),
    ("p1_directory_seek", "seeking in a directory is EISDIR here; WebAssembly/wasi-testsuite accepts both errors"),
    ("p1_file_allocate", "`fd_allocate` is supported here"),
    ("p1_path_filestat", "files that are written synchronously are supported here"),
    (
        "p1_poll_oneoff_files",
        "a descriptor that is not open is the error of its event, as specified, and not of the whole poll",
    ),
    ("p1_stdio_isatty", "it needs a terminal"),
];

/// Programs of wasmtime that get a second, read-only directory with a file in it.
const READ_ONLY: [&str; 3] =
    ["p1_file_truncation_readonly", "p1_file_hardlink_across_perms", "p1_file_rename_across_perms"];

/// What a program is run with, and what it must do.
#[derive(Default)]
struct Case {
    /// Options of `wasmote run`.
    options: Vec<String>,
    args: Vec<String>,
    exit_code: i32,
    stdout: Option<String>,
}

/// Runs the programs of a checkout of `WebAssembly/wasi-testsuite` in which they are compiled.
///
/// # Errors
///
/// If one fails, or their number is another.
pub(crate) fn testsuite(root: &Path, checkout: &Path) -> Result<(), Failure> {
    let runner = Runner::new(root)?;
    let mut outcomes = BTreeMap::new();
    for language in ["assemblyscript", "c", "rust"] {
        let directory = checkout.join("tests").join(language).join("testsuite/wasm32-wasip1");
        for path in programs(&directory)? {
            let case = runner.specified(&directory, &path)?;
            outcomes.insert(format!("{language}/{}", stem(&path)), runner.check(&path, &case)?);
        }
    }
    report(&outcomes, TESTSUITE, &[])
}

/// Runs the preview-1 programs of wasmtime in a directory.
///
/// # Errors
///
/// If one fails that is not known to fail, or the other way round.
pub(crate) fn wasmtime(root: &Path, directory: &Path) -> Result<(), Failure> {
    let runner = Runner::new(root)?;
    let mut outcomes = BTreeMap::new();
    let programs = programs(directory)?;
    for path in &programs {
        let name = stem(path);
        let mut case = Case {
            options: vec![format!("--dir={}::.", runner.workspace()?.display()), "--env=ERRNO_MODE_UNIX=1".into()],
            args: vec![".".into()],
            ..Case::default()
        };
        case.options.push(format!("--argv0={name}"));
        match &*name {
            "p1_cli_much_stdout" => case.args = ["much", "10000"].map(str::to_owned).into(),
            "p1_stat_extreme_host_mtime" => runner.extreme_time()?,
            _ => {}
        }
        if READ_ONLY.contains(&&*name) {
            let directory = runner.read_only()?;
            case.options.push(format!("--dir={}::readonly:ro", directory.display()));
        }
        outcomes.insert(name, runner.check(path, &case)?);
    }
    report(&outcomes, programs.len(), KNOWN)
}

/// Prints which programs failed and why, and compares that with what is known.
fn report(outcomes: &BTreeMap<String, Option<String>>, count: usize, known: &[(&str, &str)]) -> Result<(), Failure> {
    let mut wrong = Vec::new();
    for (name, failure) in outcomes {
        let reason = known.iter().find(|(known, _)| known == name);
        match (failure, reason) {
            (Some(_), Some((_, reason))) => println!("{name} fails, as is known: {reason}"),
            (Some(failure), None) => wrong.push(format!("{name}: {failure}")),
            (None, Some(_)) => wrong.push(format!("{name} passes and is listed as failing")),
            (None, None) => {}
        }
    }
    let passed = outcomes.values().filter(|failure| failure.is_none()).count();
    println!("{passed} of {} programs passed", outcomes.len());
    if outcomes.len() != count || count == 0 {
        wrong.push(format!("there are {} programs, not {count}", outcomes.len()));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

/// Returns the modules in a directory, by name.
fn programs(directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(directory).map_err(at(directory))?;
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "wasm"));
    paths.sort();
    Ok(paths)
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// Runs programs, each with directories of its own.
struct Runner {
    /// The program `wasmote`.
    wasmote: PathBuf,
    /// Where directories of programs are made.
    scratch: PathBuf,
}

impl Runner {
    /// Builds `wasmote`.
    fn new(root: &Path) -> Result<Self, Failure> {
        let output = Command::new("cargo")
            .args(["build", "--package", "wasmote-cli", "--message-format", "json"])
            .current_dir(root)
            .stderr(Stdio::inherit())
            .output()
            .map_err(|error| format!("cargo: {error}"))?;
        let messages = String::from_utf8_lossy(&output.stdout);
        let built = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let wasmote = built.filter_map(|message| message["executable"].as_str().map(PathBuf::from)).next_back();
        let scratch = root.join("target/packages/wasi");
        Ok(Self { wasmote: wasmote.ok_or("cargo built no program")?, scratch })
    }

    /// Makes an empty directory.
    fn workspace(&self) -> Result<PathBuf, Failure> {
        self.empty("workspace")
    }

    /// Makes a directory with a file that programs may not write.
    fn read_only(&self) -> Result<PathBuf, Failure> {
        let directory = self.empty("readonly")?;
        let file = directory.join("test.txt");
        fs::write(&file, "read only test file\n").map_err(at(&file))?;
        Ok(directory)
    }

    /// Puts a file into the workspace whose times are as far in the future as the system lets them be.
    fn extreme_time(&self) -> Result<(), Failure> {
        let path = self.scratch.join("workspace/extreme.dat");
        fs::write(&path, "hello").map_err(at(&path))?;
        let file = fs::File::options().write(true).open(&path).map_err(at(&path))?;
        let extreme = SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 40);
        // A file system may refuse it; the program runs all the same.
        let _ = file.set_times(fs::FileTimes::new().set_modified(extreme).set_accessed(extreme));
        Ok(())
    }

    fn empty(&self, name: &str) -> Result<PathBuf, Failure> {
        let directory = self.scratch.join(name);
        if directory.exists() {
            fs::remove_dir_all(&directory).map_err(at(&directory))?;
        }
        fs::create_dir_all(&directory).map_err(at(&directory))?;
        Ok(directory)
    }

    /// Reads what the test suite specifies for a program, and copies the directory that it needs.
    fn specified(&self, directory: &Path, program: &Path) -> Result<Case, Failure> {
        let mut case = Case::default();
        let path = program.with_extension("json");
        let Ok(text) = fs::read_to_string(&path) else { return Ok(case) };
        let specification: Value =
            serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        case.args = specification["args"].as_array().into_iter().flatten().map(text).collect();
        for (name, value) in specification["env"].as_object().into_iter().flatten() {
            case.options.push(format!("--env={name}={}", text(value)));
        }
        if let Some(name) = specification["root"].as_str() {
            let copied = self.workspace()?;
            packages::copy(&directory.join(name), &copied, &|_, text| text)?;
            // Empty directories are no files of a checkout.
            for needed in ["writeable", "fopendir.dir"] {
                if directory.join(name).join(needed).is_dir() {
                    fs::create_dir_all(copied.join(needed)).map_err(at(&copied))?;
                }
            }
            case.options.push(format!("--dir={}::/", copied.display()));
        }
        case.exit_code = specification["exit_code"].as_i64().and_then(|code| code.try_into().ok()).unwrap_or(0);
        case.stdout = specification["stdout"].as_str().map(str::to_owned);
        Ok(case)
    }

    /// Runs a program; returns what is wrong.
    fn check(&self, program: &Path, case: &Case) -> Result<Option<String>, Failure> {
        let Output { status, stdout, stderr } = Command::new(&self.wasmote)
            .args(["run", "--timeout=60s"])
            .args(&case.options)
            .arg(program)
            .args(&case.args)
            .stdin(Stdio::null())
            .output()
            .map_err(at(&self.wasmote))?;
        let (stdout, stderr) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
        if status.code() != Some(case.exit_code) {
            return Ok(Some(format!("{status}, not {}\n{stdout}{stderr}", case.exit_code)));
        }
        let wrong = case.stdout.as_ref().filter(|expected| stdout != expected.as_str());
        Ok(wrong.map(|expected| format!("it prints {stdout:?}, not {expected:?}")))
    }
}
