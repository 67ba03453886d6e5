//! Packages under `target/` made of what the registry has: sources that are run here and committed nowhere.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// What fails, in words.
pub(crate) type Failure = String;

/// Explains a failed operation on `path`.
pub(crate) fn at(path: &Path) -> impl Fn(io::Error) -> Failure {
    move |error| format!("{}: {error}", path.display())
}

/// Returns the directory of the sources of a package of the registry, which cargo fetches if need be.
///
/// `version` is exact.
///
/// # Errors
///
/// If cargo fails.
pub(crate) fn source(root: &Path, name: &str, version: &str) -> Result<PathBuf, Failure> {
    let asking = root.join("target/packages/asking");
    let manifest = format!(
        "[package]\nname = \"asking\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n{name} = \
         {{ version = \"={version}\", default-features = false }}\n"
    );
    write(&asking.join("Cargo.toml"), &manifest)?;
    write(&asking.join("src/lib.rs"), "")?;
    let output = Command::new("cargo")
        .args(["metadata", "--format-version", "1"])
        .current_dir(&asking)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo cannot fetch {name} {version}"));
    }
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata: {error}"))?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let manifest = packages
        .filter(|package| package["name"] == name && package["version"] == version)
        .find_map(|package| package["manifest_path"].as_str());
    let directory = manifest.and_then(|manifest| Path::new(manifest).parent());
    directory.map(Path::to_path_buf).ok_or_else(|| format!("cargo does not name the directory of {name} {version}"))
}

/// Writes a file, and the directories above it, if it does not have that text yet.
///
/// # Errors
///
/// If the system does not let it.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    if fs::read_to_string(path).is_ok_and(|found| found == text) {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(at(parent))?;
    }
    fs::write(path, text).map_err(at(path))
}

/// Copies a directory with all that is in it. `edit` may change the text of a file, by its path in the directory.
///
/// # Errors
///
/// If the system does not let it.
pub(crate) fn copy(from: &Path, to: &Path, edit: &dyn Fn(&Path, String) -> String) -> Result<(), Failure> {
    copy_in(from, to, Path::new(""), edit)
}

fn copy_in(from: &Path, to: &Path, inside: &Path, edit: &dyn Fn(&Path, String) -> String) -> Result<(), Failure> {
    let directory = from.join(inside);
    for entry in fs::read_dir(&directory).map_err(at(&directory))? {
        let entry = entry.map_err(at(&directory))?;
        let inside = inside.join(entry.file_name());
        let (source, target) = (from.join(&inside), to.join(&inside));
        if entry.path().is_dir() {
            copy_in(from, to, &inside, edit)?;
            continue;
        }
        match fs::read_to_string(&source) {
            Ok(text) => write(&target, &edit(&inside, text))?,
            // Not a text.
            Err(_) => {
                fs::create_dir_all(target.parent().unwrap_or(to)).map_err(at(&target))?;
                fs::copy(&source, &target).map_err(at(&source))?;
            }
        }
    }
    Ok(())
}

/// Runs `cargo` with these words and variables in `directory`, prints how, and returns what it wrote to its standard output, and whether it
/// succeeded.
///
/// # Errors
///
/// If it cannot be started.
pub(crate) fn cargo(
    directory: &Path,
    target: &Path,
    words: &[&str],
    variables: &[(&str, &str)],
) -> Result<(String, bool), Failure> {
    let assigned: String = variables.iter().map(|(name, value)| format!(" {name}={value}")).collect();
    println!(
        "$ cd {} && CARGO_TARGET_DIR={}{assigned} cargo {}",
        directory.display(),
        target.display(),
        words.join(" ")
    );
    let output = Command::new("cargo")
        .args(words)
        .env("CARGO_TARGET_DIR", target)
        // What debug information takes would be most of it.
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("CARGO_INCREMENTAL", "0")
        .envs(variables.iter().copied())
        .current_dir(directory)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo: {error}"))?;
    Ok((String::from_utf8_lossy(&output.stdout).into_owned(), output.status.success()))
}

/// The outcome of each test, of what `cargo test` printed: its name and whether it passed. Ignored tests are left out.
pub(crate) fn outcomes(printed: &str) -> Vec<(&str, bool)> {
    fn outcome(line: &str) -> Option<(&str, bool)> {
        let (name, outcome) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
        match outcome {
            "ok" => Some((name, true)),
            "FAILED" => Some((name, false)),
            _ => None,
        }
    }
    printed.lines().filter_map(outcome).collect()
}

/// Compares the outcomes of tests with what is known to fail, each with a reason, and prints the difference.
///
/// # Errors
///
/// If another test fails, one of these passes or does not exist, or the number of tests is not `count`.
pub(crate) fn judge(printed: &str, count: usize, known: &[(&str, &str)]) -> Result<(), Failure> {
    let outcomes = outcomes(printed);
    let mut wrong = Vec::new();
    for &(name, passed) in &outcomes {
        match (passed, known.iter().find(|(known, _)| *known == name)) {
            (false, None) => wrong.push(format!("{name} fails")),
            (false, Some((_, reason))) => println!("{name} fails, as is known: {reason}"),
            (true, Some(_)) => wrong.push(format!("{name} passes and is listed as failing")),
            (true, None) => {}
        }
    }
    for (name, _) in known {
        if !outcomes.iter().any(|(found, _)| found == name) {
            wrong.push(format!("{name} is listed as failing and was not run"));
        }
    }
    if outcomes.len() != count {
        wrong.push(format!("{} tests ran, not {count}", outcomes.len()));
    }
    let passed = outcomes.iter().filter(|(_, passed)| *passed).count();
    println!("{passed} of {} tests passed", outcomes.len());
    if wrong.is_empty() {
        return Ok(());
    }
    // What the tests themselves said.
    println!("{printed}");
    Err(wrong.join("\n"))
}
