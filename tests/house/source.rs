//! Sources and what they say: paths that they use, functions, `unsafe` and the comments above it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::lexer::{is_word, without_prose, without_tests};

/// A source file of the library or of a crate beside it.
pub(crate) struct Source {
    /// The path below the repository, with `/`: `src/exec/machine.rs`.
    pub(crate) path: String,
    /// The text of the file.
    pub(crate) text: String,
    /// `text` without comments, literals and test code; the lines are the same.
    pub(crate) code: String,
}

/// A path in code, such as `crate::types::ValType`, as the names between `::`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Used {
    /// Where the path begins in the code.
    pub(crate) at: usize,
    /// The names from the root of the crate on; the last one may be `*`.
    pub(crate) names: Vec<String>,
    /// Whether a `pub use` makes the last name known here too.
    pub(crate) exported: bool,
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned(), code: without_tests(without_prose(text)) }
    }

    /// The path below `src` of its crate.
    pub(crate) fn name(&self) -> &str {
        self.path.split_once("src/").map_or(&self.path, |(_, name)| name)
    }

    /// The room that the file is in: the directory or the file right below `src`.
    pub(crate) fn room(&self) -> &str {
        let first = self.name().split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// The module that the file is, as names from the root of its crate on.
    pub(crate) fn module(&self) -> Vec<&str> {
        let name = self.name().strip_suffix(".rs").unwrap_or(self.name());
        let mut names: Vec<&str> = name.split('/').collect();
        if matches!(names.last(), Some(&"mod" | &"lib" | &"main")) {
            names.pop();
        }
        names
    }

    /// The line of the byte at `position`, from 1.
    pub(crate) fn line(&self, position: usize) -> usize {
        self.code[..position].matches('\n').count() + 1
    }

    /// Where `word` occurs in the code as a word of its own.
    pub(crate) fn words<'a>(&'a self, word: &'a str) -> impl Iterator<Item = usize> + 'a {
        let code = self.code.as_bytes();
        self.code.match_indices(word).map(|(at, _)| at).filter(move |&at| {
            let before = at.checked_sub(1).map(|i| code[i]);
            let after = code.get(at + word.len()).copied();
            !before.is_some_and(is_word) && !after.is_some_and(is_word)
        })
    }

    /// All paths that begin with `crate`, `self` or `super`, and those of `use` in this module's children.
    pub(crate) fn used(&self) -> Vec<Used> {
        let mut found = Vec::new();
        let module = self.module();
        for (word, from) in [("crate", &module[..0]), ("self", &module[..])] {
            for at in self.words(word) {
                self.paths_from(at, at + word.len(), from, &mut found);
            }
        }
        for at in self.words("super") {
            // `super::super::x`: the first one is the place of the path, and each goes one module up.
            if self.code[..at].trim_end().ends_with("super::") {
                continue;
            }
            let (mut end, mut from) = (at, &module[..]);
            while let Some(rest) = self.code[end..].trim_start().strip_prefix("super") {
                from = &from[..from.len().saturating_sub(1)];
                end = self.code.len() - rest.len();
                let Some(after) = rest.trim_start().strip_prefix("::") else { break };
                if !after.trim_start().starts_with("super") {
                    break;
                }
                end = self.code.len() - after.len();
            }
            self.paths_from(at, end, from, &mut found);
        }
        for at in self.words("use") {
            let tree = self.code[at + "use".len()..].trim_start();
            let is_path = |name: &str| ["crate", "self", "super", "core", "alloc", "std"].contains(&name);
            let first: String = tree.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            if !first.is_empty() && !is_path(&first) && self.declares(&first) {
                let exported = self.is_exported(at);
                leaves(tree, &module, &mut |names| found.push(Used { at, names, exported }));
            }
        }
        found
    }

    /// Adds the paths of the use tree that follows `::` at `end`, which are in the module `from`.
    fn paths_from(&self, at: usize, end: usize, from: &[&str], found: &mut Vec<Used>) {
        if let Some(tree) = self.code[end..].trim_start().strip_prefix("::") {
            let exported = self.is_exported(at);
            leaves(tree.trim_start(), from, &mut |names| found.push(Used { at, names, exported }));
        }
    }

    /// Whether the statement before `at` is a `pub use`.
    fn is_exported(&self, at: usize) -> bool {
        let begin = self.code[..at].rfind([';', '}', ']']).map_or(0, |i| i + 1);
        let statement = self.code[begin..].trim_start();
        statement.starts_with("pub") && statement.split_once("use").is_some_and(|(before, _)| before.len() < 20)
    }

    /// Whether the file has a `mod` of this name in a file of its own.
    fn declares(&self, name: &str) -> bool {
        self.words("mod").any(|at| {
            self.code[at + "mod".len()..]
                .trim_start()
                .strip_prefix(name)
                .is_some_and(|rest| rest.trim_start().starts_with(';'))
        })
    }

    /// The functions with a body: where each begins, its name and its number of lines.
    pub(crate) fn functions(&self) -> Vec<(usize, &str, usize)> {
        let mut found = Vec::new();
        for at in self.words("fn") {
            let rest = &self.code[at + "fn".len()..];
            let name = rest.trim_start();
            let len = name.bytes().position(|b| !is_word(b)).unwrap_or(name.len());
            // A body before any `;`: otherwise it is a declaration or a type.
            let Some(open) = rest.find(['{', ';']).filter(|&i| rest.as_bytes()[i] == b'{' && len > 0) else { continue };
            let mut depth = 0_usize;
            let close = rest[open..].bytes().position(|byte| {
                match byte {
                    b'{' => depth += 1,
                    b'}' => depth -= 1,
                    _ => {}
                }
                depth == 0
            });
            let end = close.map_or(rest.len(), |close| open + close);
            found.push((at, &name[..len], rest[..end].matches('\n').count() + 1));
        }
        found
    }

    /// The comment directly above line `line` (from 1) that begins with `SAFETY:`, at most `distance` lines above.
    pub(crate) fn safety(&self, line: usize, distance: usize) -> Option<String> {
        let lines: Vec<&str> = self.text.lines().take(line - 1).collect();
        let first = lines.iter().rposition(|text| text.contains("// SAFETY:"))?;
        if lines.len() - first > distance {
            return None;
        }
        let comment = lines[first..].iter().map(|text| text.trim()).take_while(|text| text.starts_with("//"));
        Some(comment.collect::<Vec<_>>().join(" "))
    }
}

/// Calls `each` with the names of each path of a use tree, `a::b` or `{a::b, c::{d, e}, *}`, after those of `from`.
fn leaves(tree: &str, from: &[&str], each: &mut dyn FnMut(Vec<String>)) {
    let mut names: Vec<&str> = from.to_vec();
    let mut rest = tree;
    loop {
        if let Some(group) = rest.strip_prefix('{') {
            let (mut depth, mut begin) = (0_usize, 0);
            for (at, c) in group.char_indices() {
                if depth == 0 && matches!(c, ',' | '}') {
                    let item = group[begin..at].trim();
                    if !item.is_empty() {
                        leaves(item, &names, each);
                    }
                    begin = at + 1;
                }
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => return,
                    '}' => depth -= 1,
                    _ => {}
                }
            }
            return;
        }
        let len = rest.bytes().position(|b| !is_word(b)).unwrap_or(rest.len());
        let name = if len == 0 { &rest[..rest.len().min(1)] } else { &rest[..len] };
        if name != "self" && (len > 0 || name == "*") {
            names.push(name);
        }
        match rest[len..].trim_start().strip_prefix("::") {
            Some(after) if len > 0 && after.trim_start().starts_with(|c: char| is_path_start(c)) => {
                rest = after.trim_start();
            }
            _ => break,
        }
    }
    each(names.into_iter().map(str::to_owned).collect());
}

/// Whether a path may go on with this after `::`: not with the arguments of a generic function.
fn is_path_start(c: char) -> bool {
    c == '{' || c == '*' || c == '_' || c.is_ascii_alphanumeric()
}

/// All sources below `directory` of the repository, except files that hold tests only.
pub(crate) fn sources(directory: &str) -> Vec<Source> {
    fn collect(dir: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(dir).expect("the directory can be read") {
            let path = entry.expect("the entry can be read").path();
            if path.is_dir() {
                collect(&path, files);
            } else if path.extension().is_some_and(|e| e == "rs") {
                files.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(&root.join(directory), &mut files);
    files.sort();
    files
        .iter()
        .filter(|path| path.file_stem().is_some_and(|stem| stem != "tests"))
        .map(|path| {
            let name = path.strip_prefix(root).expect("a file below the root");
            let name = name.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
            Source::new(&name, &fs::read_to_string(path).expect("the source is text"))
        })
        .collect()
}
