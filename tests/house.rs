//! The architecture as a test: which room of the library may use which, where `unsafe` may stand,
//! how files are named and how long they may be.
//!
//! Comments, literals and whatever is compiled for tests only are taken out of a source before it
//! is judged.

use std::{
    collections::BTreeSet,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

/// Each room with the rooms it may use besides itself.
const ARROWS: &[(&str, &[&str])] = &[
    ("lib", &["api", "config", "error", "limits", "load", "trap", "types"]),
    ("api", &["config", "error", "exec", "ir", "limits", "load", "module", "runtime", "trap", "types"]),
    ("load", &["binary", "config", "error", "module", "runtime", "translate"]),
    ("exec", &["error", "ir", "module", "numerics", "runtime", "trap", "types"]),
    ("binary", &["config", "error", "module", "types", "validate"]),
    ("translate", &["config", "error", "ir", "module", "trap", "types", "validate"]),
    ("validate", &["config", "error", "module", "types"]),
    ("runtime", &["config", "error", "ir", "limits", "module", "trap", "types"]),
    ("module", &["config", "error", "ir", "types"]),
    ("ir", &["types"]),
    ("numerics", &["trap"]),
    ("limits", &["error"]),
    ("config", &[]),
    ("error", &["trap", "types"]),
    ("trap", &[]),
    ("types", &[]),
];

/// The rooms that may contain `unsafe`.
const UNSAFE_ROOMS: &[&str] = &["ir", "runtime", "exec"];

/// Files of other rooms that may contain `unsafe`: where a store's data type is erased and found again, and
/// where `Module::new_unchecked` is declared.
const UNSAFE_FILES: &[&str] = &["api/host.rs", "api/module.rs"];

/// How many lines above an `unsafe` block its `SAFETY:` may begin.
const SAFETY_DISTANCE: usize = 6;

/// Names that say nothing about what a file holds.
const EMPTY_NAMES: &[&str] = &["utils", "helpers", "common", "misc"];

/// The most lines a file may have.
const MAX_LINES: usize = 900;

/// Files that a program writes may be longer.
const GENERATED: &[&str] = &["ir/generated/sequences.rs"];

/// A file of the library.
struct Source {
    /// Below `src`, with `/`.
    name: String,
    text: String,
    /// `text` without comments, literals and test code; the lines are the same.
    code: String,
}

impl Source {
    fn new(name: &str, text: &str) -> Self {
        Self { name: name.to_owned(), text: text.to_owned(), code: without_tests(without_prose(text)) }
    }

    /// The room this file stands in: the directory or the file right below `src`.
    fn room(&self) -> &str {
        let first = self.name.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    fn stem(&self) -> &str {
        let last = self.name.rsplit('/').next().unwrap_or_default();
        last.strip_suffix(".rs").unwrap_or(last)
    }

    /// The line of the byte at `position`, from 1.
    fn line(&self, position: usize) -> usize {
        self.code[..position].matches('\n').count() + 1
    }

    /// Where `word` stands in the code as a word of its own.
    fn words<'a>(&'a self, word: &'a str) -> impl Iterator<Item = usize> + 'a {
        let code = self.code.as_bytes();
        self.code.match_indices(word).map(|(at, _)| at).filter(move |&at| {
            let before = at.checked_sub(1).map(|i| code[i]);
            let after = code.get(at + word.len()).copied();
            !before.is_some_and(is_word) && !after.is_some_and(is_word)
        })
    }

    /// What stands behind `crate::`, with its place: names of items right below the root, or `*`.
    fn imports(&self) -> Vec<(usize, String)> {
        let mut found = Vec::new();
        for at in self.words("crate") {
            let Some(path) = self.code[at + "crate".len()..].trim_start().strip_prefix("::") else {
                continue;
            };
            heads(path.trim_start(), &mut |head| found.push((at, head.to_owned())));
        }
        found
    }
}

fn is_word(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric()
}

/// Calls `each` with the first name of each path of a use tree, `a::b` or `{a::b, c::{d, e}, *}`.
fn heads(tree: &str, each: &mut dyn FnMut(&str)) {
    let Some(group) = tree.strip_prefix('{') else {
        let end = tree.bytes().position(|b| !is_word(b)).unwrap_or(tree.len());
        return each(if end == 0 { &tree[..tree.len().min(1)] } else { &tree[..end] });
    };
    let (mut depth, mut begin) = (0, 0);
    for (at, c) in group.char_indices() {
        if depth == 0 && matches!(c, ',' | '}') {
            let item = group[begin..at].trim();
            if !item.is_empty() {
                heads(item, each);
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
}

/// Blanks comments and the contents of string and character literals.
fn without_prose(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let len = match rest {
            [b'/', b'/', ..] => rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len()),
            [b'/', b'*', ..] => block_comment(rest),
            [b'"', ..] => string(rest),
            [b'r', b'"' | b'#', ..] if at == 0 || !is_word(bytes[at - 1]) || bytes[at - 1] == b'b' => raw_string(rest),
            // A lifetime has no second quote where a character would.
            [b'\'', b'\\', ..] => 3 + rest[3..].iter().position(|&b| b == b'\'').map_or(rest.len() - 3, |end| end + 1),
            [b'\'', ..] => character(&text[at + 1..]),
            _ => 0,
        };
        for byte in &mut code[at..at + len] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at += len.max(1);
    }
    String::from_utf8(code).expect("whole characters are blanked")
}

fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        match rest[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] if depth == 1 => return at + 2,
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    rest.len()
}

fn string(rest: &[u8]) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// The length of `r"…"` or `r#"…"#`, 0 for a raw identifier.
fn raw_string(rest: &[u8]) -> usize {
    let hashes = rest[1..].iter().take_while(|&&b| b == b'#').count();
    if rest.get(1 + hashes) != Some(&b'"') {
        return 0;
    }
    let mut end = vec![b'#'; hashes + 1];
    end[0] = b'"';
    let body = &rest[2 + hashes..];
    body.windows(end.len()).position(|w| w == end).map_or(rest.len(), |at| 2 + hashes + at + end.len())
}

/// The length of a character literal whose first quote stands before `rest`, 0 for a lifetime.
fn character(rest: &str) -> usize {
    let mut chars = rest.chars();
    match (chars.next(), chars.next()) {
        (Some(c), Some('\'')) => c.len_utf8() + 2,
        _ => 0,
    }
}

/// Blanks each item behind `#[cfg(test)]` or `#[cfg(all(test, …))]`.
fn without_tests(code: String) -> String {
    let mut bytes = code.into_bytes();
    for attribute in [&b"#[cfg(test)]"[..], b"#[cfg(all(test,"] {
        let mut at = 0;
        while at + attribute.len() <= bytes.len() {
            if bytes[at..].starts_with(attribute) {
                let end = at + item(&bytes[at..]);
                bytes[at..end].iter_mut().filter(|b| **b != b'\n').for_each(|b| *b = b' ');
            }
            at += 1;
        }
    }
    String::from_utf8(bytes).expect("whole characters are blanked")
}

/// The length of an item with its attributes: up to its `;` or the end of its `{…}`.
fn item(rest: &[u8]) -> usize {
    let (mut braces, mut brackets) = (0_u32, 0_u32);
    for (at, byte) in rest.iter().enumerate() {
        match byte {
            b'{' => braces += 1,
            b'}' if braces <= 1 => return at + 1,
            b'}' => braces -= 1,
            b'[' | b'(' => brackets += 1,
            b']' | b')' => brackets = brackets.saturating_sub(1),
            b';' if braces == 0 && brackets == 0 => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// All sources of the library, except files that hold tests only.
fn library() -> Vec<Source> {
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
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    assert!(files.len() > 30, "only {} sources found in {}", files.len(), root.display());
    files
        .iter()
        .filter(|path| path.file_stem().is_some_and(|stem| stem != "tests"))
        .map(|path| {
            let name = path.strip_prefix(&root).expect("a file below the root");
            let name = name.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
            Source::new(&name, &fs::read_to_string(path).expect("the source is text"))
        })
        .collect()
}

/// What `source` uses and must not.
fn forbidden_arrows(source: &Source) -> Vec<String> {
    let room = source.room();
    let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == room) else {
        return vec![format!("{}: `{room}` is no room of the house", source.name)];
    };
    let mut found = Vec::new();
    for (at, import) in source.imports() {
        let to = import.as_str();
        if to != room && !allowed.contains(&to) {
            found.push(format!("{}:{}: `{room}` must not use `crate::{import}`", source.name, source.line(at)));
        }
    }
    found
}

/// Uses of everything in a parent or in the root.
fn globs(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    for at in source.words("use") {
        let tree = source.code[at..].split(';').next().unwrap_or_default();
        let tree: String = tree.split_whitespace().collect();
        if tree.contains("super::*") || tree.contains("crate::*") || tree.contains("super::{*") {
            found.push(format!("{}:{}: use of `*`", source.name, source.line(at)));
        }
    }
    for (at, import) in source.imports() {
        if import == "*" {
            found.push(format!("{}:{}: use of `crate::*`", source.name, source.line(at)));
        }
    }
    found
}

/// `unsafe` at a wrong place, and blocks and impls that do not say why they are sound.
fn careless_unsafe(source: &Source) -> Vec<String> {
    let allowed = UNSAFE_ROOMS.contains(&source.room()) || UNSAFE_FILES.contains(&source.name.as_str());
    let lines: Vec<&str> = source.text.lines().collect();
    let mut found = Vec::new();
    for at in source.words("unsafe") {
        let line = source.line(at);
        if !allowed {
            found.push(format!("{}:{line}: `unsafe` in `{}`", source.name, source.room()));
        }
        let next = source.code[at + "unsafe".len()..].trim_start();
        if next.starts_with('{') || next.starts_with("impl") {
            let above = &lines[(line - 1).saturating_sub(SAFETY_DISTANCE)..line - 1];
            if !above.iter().any(|text| text.contains("// SAFETY:")) {
                found.push(format!("{}:{line}: no `SAFETY:` within {SAFETY_DISTANCE} lines above", source.name));
            }
        }
    }
    found
}

/// Asserts that `judge` has nothing to say about any source.
fn assert_house(judge: fn(&Source) -> Vec<String>) {
    let mut report = String::new();
    for complaint in library().iter().flat_map(judge) {
        writeln!(report, "  {complaint}").expect("a string takes all");
    }
    assert!(report.is_empty(), "the house is not in order:\n{report}");
}

#[test]
fn rooms_use_only_what_is_below_them() {
    assert_house(forbidden_arrows);
}

#[test]
fn the_table_of_rooms_has_no_circle() {
    // Takes the rooms away that use none of those left, until there is none left.
    let mut left: BTreeSet<&str> = ARROWS.iter().map(|(room, _)| *room).collect();
    while !left.is_empty() {
        let before = left.len();
        for (room, uses) in ARROWS {
            if !uses.iter().any(|used| left.contains(used)) {
                left.remove(room);
            }
        }
        assert!(left.len() < before, "a circle within {left:?}");
    }
}

#[test]
fn imports_name_what_they_import() {
    assert_house(globs);
}

#[test]
fn unsafe_code_stays_in_its_rooms_and_says_why_it_is_sound() {
    assert_house(careless_unsafe);
}

#[test]
fn files_open_with_what_they_are_and_have_a_name_and_a_size() {
    assert_house(|source| {
        let mut found = Vec::new();
        if !source.text.starts_with("//!") {
            found.push(format!("{}: does not open with `//!`", source.name));
        }
        if source.name.split('/').any(|part| EMPTY_NAMES.contains(&part)) || EMPTY_NAMES.contains(&source.stem()) {
            found.push(format!("{}: the name says nothing", source.name));
        }
        let lines = source.text.lines().count();
        if lines > MAX_LINES && !GENERATED.contains(&&*source.name) {
            found.push(format!("{}: {lines} lines, more than {MAX_LINES}", source.name));
        }
        found
    });
}

#[test]
fn the_judge_sees_through_groups_macros_comments_and_literals() {
    let source = Source::new(
        "ir/sample.rs",
        r##"
            // crate::api and unsafe {
            /* crate::api /* nested */ unsafe { */
            use crate::{
                exec::{machine::Vm, stack},
                types::ValType, module,
            };
            fn f<'a>(c: char) -> bool { c == '"' || c == '\'' || c == '{' || "\" crate::api" == r#"" unsafe { "# }
            macro_rules! m { () => { $crate::runtime::x() } }
            pub(crate) fn g() { crate::ir::ops::h(); not_crate::api::x() }
            #[cfg(test)]
            mod tests { use super::*; use crate::api; fn t() { unsafe {} } }
            fn after() { crate::binary::load() }
        "##,
    );
    let names: Vec<_> = source.imports().into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, ["exec", "types", "module", "runtime", "ir", "binary"]);
    let forbidden = forbidden_arrows(&source);
    assert_eq!(forbidden.len(), 4, "{forbidden:?}");
    assert!(forbidden[3].starts_with("ir/sample.rs:13: "), "{forbidden:?}");
    assert!(globs(&source).is_empty());
    assert!(careless_unsafe(&source).is_empty());
}

#[test]
fn the_judge_sees_globs_and_bare_unsafe() {
    let source = Source::new(
        "exec/sample.rs",
        "use super::*;\nuse crate::{*};\n// SAFETY: I1.\nfn f() { unsafe {} }\n\n\n\n\n\n\nfn g() { unsafe {} }\nunsafe impl Send for S {}\n",
    );
    assert_eq!(globs(&source).len(), 2, "{:?}", globs(&source));
    let careless = careless_unsafe(&source);
    assert_eq!(careless.len(), 2, "{careless:?}");
    assert!(careless[0].starts_with("exec/sample.rs:11: "), "{careless:?}");
    let source = Source::new("api/sample.rs", "// SAFETY: none.\nfn f() { unsafe {} }\n");
    assert_eq!(careless_unsafe(&source).len(), 1);
}
