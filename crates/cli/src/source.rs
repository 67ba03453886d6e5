//! Reading modules and artefacts from files.

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use wasmote::{Config, Engine, Error, ErrorKind, Module, errors::ArtefactError};

use crate::{failure::Failure, funcs::Funcs, proposals::Proposals, text};

/// The first bytes of every Wasm binary.
const MAGIC: &[u8] = b"\0asm";
/// Magic number and version: no binary is shorter.
const HEADER_LEN: usize = 8;
/// The upper half of the version of a component.
const COMPONENT: &[u8] = &[1, 0];

/// A module in its binary form, or as an artefact.
pub(crate) struct Source {
    path: PathBuf,
    bytes: Vec<u8>,
    /// The text that the bytes were made of
    text: Option<String>,
    /// Whether the bytes are an artefact
    is_artefact: bool,
}

/// The path that means standard input.
pub(crate) const STDIN: &str = "-";

/// Returns the name of a file for messages.
pub(crate) fn file_name(path: &Path) -> String {
    if path == Path::new(STDIN) { "standard input".into() } else { path.display().to_string() }
}

/// Reads a file, or standard input. Empty files and directories are failures.
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, Failure> {
    let name = file_name(path);
    if path.is_dir() {
        return Err(Failure::new(format!("{name} is a directory")).hint("name a file in it"));
    }
    let bytes = if path == Path::new(STDIN) {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(path)
    };
    let bytes = bytes.map_err(|error| Failure::new(format!("cannot read {name}: {error}")))?;
    if bytes.is_empty() {
        return Err(Failure::new(format!("{name} is empty")));
    }
    Ok(bytes)
}

impl Source {
    /// Reads a module from a file, binary or text.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let bytes = read_file(path)?;
        if Engine::detect_precompiled(&bytes).is_some() {
            return Ok(Self { path: path.into(), bytes, text: None, is_artefact: true });
        }
        let is_begun = MAGIC.starts_with(&bytes);
        if !bytes.starts_with(MAGIC) && !is_begun {
            let (bytes, text) = encode(path, bytes)?;
            return Ok(Self { path: path.into(), bytes, text: Some(text), is_artefact: false });
        }
        let name = file_name(path);
        if bytes.len() < HEADER_LEN {
            let what = format!("{name} is truncated: a Wasm binary has at least {HEADER_LEN} bytes");
            return Err(Failure::new(what).at(format!("byte offset {0:#x} ({0}), the end of the file", bytes.len())));
        }
        if &bytes[6..HEADER_LEN] == COMPONENT {
            let failure = Failure::new(format!("{name} is a component, not a module")).at("byte offset 0x4 (4)");
            return Err(failure.hint("compile to a core module, for example with the target wasm32-unknown-unknown"));
        }
        Ok(Self { path: path.into(), bytes, text: None, is_artefact: false })
    }

    /// Returns the bytes of the binary form.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the path of the file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the name of the file for messages.
    pub(crate) fn name(&self) -> String {
        file_name(&self.path)
    }

    /// Whether this is an artefact of `wasmote compile`.
    pub(crate) fn is_artefact(&self) -> bool {
        self.is_artefact
    }

    /// Creates a module. The code of an artefact is checked.
    pub(crate) fn module(&self, engine: &Engine, proposals: &Proposals) -> Result<Module, Failure> {
        if self.is_artefact {
            let module = Module::deserialize_checked(engine, self.bytes.clone());
            return module.map_err(|error| Failure::new(format!("{}: {error}", self.name())));
        }
        Module::new(engine, &self.bytes).map_err(|error| self.invalid(&error, proposals))
    }

    /// Creates a module of an artefact to look at it, whether its code charges fuel or not.
    pub(crate) fn inspect(&self, proposals: &Proposals) -> Result<Module, Failure> {
        let mut config = proposals.config();
        let load = |config: &Config| Module::deserialize_checked(&Engine::new(config), self.bytes.clone());
        let mut module = load(&config);
        if let Err(error) = &module
            && let ErrorKind::Artefact(ArtefactError::OtherFuel { metered: true }) = error.kind()
        {
            module = load(config.consume_fuel(true));
        }
        module.map_err(|error| Failure::new(format!("{}: {error}", self.name())))
    }

    /// Validates the whole module.
    pub(crate) fn validate(&self, engine: &Engine, proposals: &Proposals) -> Result<(), Failure> {
        if self.is_artefact {
            return self.inspect(proposals).map(drop);
        }
        Module::validate(engine, &self.bytes).map_err(|error| self.invalid(&error, proposals))
    }

    /// Returns the failure for an invalid module.
    pub(crate) fn invalid(&self, error: &Error, proposals: &Proposals) -> Failure {
        let name = self.name();
        let ErrorKind::Wasm(error) = error.kind() else {
            return Failure::new(format!("{name}: {error}"));
        };
        let offset = error.offset();
        let form = if self.text.is_some() { " of the binary form" } else { "" };
        let mut place = format!("byte offset {offset:#x} ({offset}){form}");
        if let Some(func) = error.func_index() {
            place += &format!(", in function {}", Funcs::of(&self.bytes).describe(func));
            let found = |text: &String| text::place_of(text, &self.bytes, func, offset as u64);
            if let Some((line, column)) = self.text.as_ref().and_then(found) {
                place = format!("{name}:{line}:{column}, {place}");
            }
        }
        let failure = Failure::new(format!("{name} is invalid: {}", error.message())).at(place);
        if error.message().starts_with("unexpected end") && self.text.is_none() {
            let len = self.bytes.len();
            return failure.hint(format!("the file has {len} bytes: it is truncated, or a length in it is wrong"));
        }
        failure.maybe_hint(proposals.advice(&self.bytes))
    }
}

/// Converts text to the binary form. Returns both.
fn encode(path: &Path, text: Vec<u8>) -> Result<(Vec<u8>, String), Failure> {
    let name = file_name(path);
    let neither = || {
        Failure::new(format!("{name} is neither a Wasm binary nor Wasm text"))
            .hint("a binary begins with the bytes 00 61 73 6d (`\\0asm`), text with `(module`")
    };
    let text = String::from_utf8(text).map_err(|_| neither())?;
    let bytes = wat::Parser::new().parse_str(Some(path), &text).map_err(|error| {
        // A file that does not begin like Wasm text gets no message about syntax.
        if !text.trim_start().starts_with(['(', ';']) {
            return neither();
        }
        // The message contains file, line, column and the line itself.
        let failure = Failure::new(format!("{name} is malformed text: {error}"));
        let is_script = ["(assert_", "(invoke", "(register"].iter().any(|directive| text.contains(directive));
        if is_script { failure.hint("this looks like a spec script: run it with `wasmote wast`") } else { failure }
    })?;
    Ok((bytes, text))
}
