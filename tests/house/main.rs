//! The architecture as a test: which room of the library may use which, which files may use each other, where `unsafe`
//! may be, how files are named, and how long files and functions may be.
//!
//! The table of rooms is read out of ARCHITECTURE.md. Comments, literals and whatever is compiled for tests only are
//! taken out of a source before it is judged.

mod circles;
mod lexer;
mod rooms;
mod source;

use std::{collections::BTreeSet, fmt::Write};

use circles::Graph;
use rooms::{Architecture, Row};
use source::{Source, sources};

/// The rooms that may contain `unsafe`.
const UNSAFE_ROOMS: &[&str] = &["ir", "runtime", "exec"];

/// Files of other rooms that may contain `unsafe`: where a store's data type is erased and found again, where
/// `Module::new_unchecked` is declared, and where artefacts are loaded that the caller vouches for.
const UNSAFE_FILES: &[&str] = &["src/api/host.rs", "src/api/module.rs", "src/api/precompiled.rs"];

/// The crate that is a border to C as a whole. Its `unsafe` names the invariants in the table of its `lib.rs`.
const C_BORDER: &str = "crates/c_api/src/";

/// How many lines above an `unsafe` block its `SAFETY:` may begin.
const SAFETY_DISTANCE: usize = 6;

/// Names that do not say what a file holds.
const EMPTY_NAMES: &[&str] = &["utils", "helpers", "common", "misc"];

/// The most lines of a file.
const MAX_LINES: usize = 800;

/// The most lines of a function.
const MAX_FUNCTION_LINES: usize = 100;

/// Functions that are longer, with the reason.
const LONG_FUNCTIONS: &[(&str, &str, &str)] = &[];

/// Circles between files, with the reason why they stay.
const CIRCLES: &[(&[&str], &str)] =
    &[(&["crates/wast/src/pattern.rs", "crates/wast/src/show.rs"], "patterns are shown, and values matched")];

/// The sources of the crates beside the library, by crate.
const CRATES: &[&str] = &["c_api", "cli", "compat", "generate", "programs", "tune", "wasi", "wast", "xtask"];

fn library() -> Vec<Source> {
    let sources = sources("src");
    assert!(sources.len() > 30, "only {} sources found", sources.len());
    sources
}

/// All sources: those of the library, of the crates beside it, and of the fuzz targets.
fn everything() -> Vec<Source> {
    let crates = CRATES.iter().flat_map(|name| sources(&format!("crates/{name}/src")));
    library().into_iter().chain(crates).chain(sources("fuzz/src")).collect()
}

/// Asserts that there are no complaints.
fn assert_order(complaints: impl IntoIterator<Item = String>) {
    let mut report = String::new();
    for complaint in complaints {
        writeln!(report, "  {complaint}").expect("a string takes everything");
    }
    assert!(report.is_empty(), "the house is not in order:\n{report}");
}

/// The rooms that `source` uses, with the place of each use.
fn uses<'a>(source: &'a Source, graph: &Graph<'a>) -> Vec<(usize, String)> {
    let room = source.room();
    let used = source.used().into_iter().filter_map(|used| {
        // A name of the root is judged by the file that defines it.
        let to =
            graph.file(&used.names).map_or_else(|| used.names.first().cloned(), |file| Some(file.room().to_owned()));
        to.map(|to| (used.at, to))
    });
    used.filter(|(_, to)| to != room && to != "lib").collect()
}

/// What `source` uses and must not.
fn forbidden_arrows(source: &Source, graph: &Graph<'_>, table: &[Row]) -> Vec<String> {
    let room = source.room();
    if room == "lib" {
        return Vec::new();
    }
    let Some(row) = table.iter().find(|row| row.rooms.iter().any(|name| name == room)) else {
        return vec![format!("{}: `{room}` is not in the table of rooms", source.path)];
    };
    let forbidden = uses(source, graph).into_iter().filter(|(_, to)| !row.uses.contains(to));
    forbidden.map(|(at, to)| format!("{}:{}: `{room}` must not use `{to}`", source.path, source.line(at))).collect()
}

#[test]
fn rooms_use_only_what_is_below_them() {
    let (library, table) = (library(), Architecture::read().rooms());
    let graph = Graph::new(&library);
    assert_order(library.iter().flat_map(|source| forbidden_arrows(source, &graph, &table)));
}

#[test]
fn the_table_of_rooms_allows_only_what_is_used() {
    let (library, table) = (library(), Architecture::read().rooms());
    let graph = Graph::new(&library);
    let mut complaints = Vec::new();
    for Row { rooms, uses: allowed } in &table {
        let sources = library.iter().filter(|source| rooms.iter().any(|room| room == source.room()));
        let used: BTreeSet<String> = sources.flat_map(|source| uses(source, &graph)).map(|(_, to)| to).collect();
        let unused = allowed.iter().filter(|to| !used.contains(*to));
        complaints.extend(unused.map(|to| format!("{rooms:?} may use `{to}` and does not")));
        let missing = rooms.iter().filter(|room| !library.iter().any(|source| source.room() == *room));
        complaints.extend(missing.map(|room| format!("there is no room `{room}`")));
    }
    assert_order(complaints);
}

#[test]
fn the_table_of_rooms_has_no_circle() {
    let table = Architecture::read().rooms();
    // Removes the rows that use none of those left, until none is left.
    let mut left: Vec<&Row> = table.iter().collect();
    while !left.is_empty() {
        let rooms: BTreeSet<&String> = left.iter().flat_map(|row| &row.rooms).collect();
        let before = left.len();
        left.retain(|row| row.uses.iter().any(|used| rooms.contains(used)));
        assert!(left.len() < before, "a circle within {rooms:?}");
    }
}

#[test]
fn files_do_not_use_each_other_in_circles() {
    let mut complaints = Vec::new();
    let mut accepted: Vec<&[&str]> = CIRCLES.iter().map(|(files, _)| *files).collect();
    let crates = CRATES.iter().map(|name| sources(&format!("crates/{name}/src")));
    for sources in crates.chain([library()]) {
        for circle in Graph::new(&sources).circles() {
            match accepted.iter().position(|files| *files == circle) {
                Some(i) => drop(accepted.remove(i)),
                None => complaints.push(format!("a circle: {circle:?}")),
            }
        }
    }
    complaints.extend(accepted.iter().map(|files| format!("no longer a circle: {files:?}")));
    assert_order(complaints);
}

/// Uses of everything in a parent or in the root.
fn globs(source: &Source) -> Vec<String> {
    // What the rows of the op table name is imported where they are expanded, once in each module of a row.
    let globs = source
        .used()
        .into_iter()
        .filter(|used| used.names.last().is_some_and(|name| name == "*") && !used.names.contains(&"scope".into()));
    globs.map(|used| format!("{}:{}: use of `*`", source.path, source.line(used.at))).collect()
}

#[test]
fn imports_name_what_they_import() {
    // A file of intrinsics names a hundred of them, and has the portable operators but those that it defines.
    let named = everything().into_iter().filter(|source| !source.path.starts_with("src/exec/simd/"));
    assert_order(named.collect::<Vec<_>>().iter().flat_map(globs));
}

/// `unsafe` at a wrong place, and blocks and impls whose comment does not say by which invariant they are sound.
fn careless_unsafe(source: &Source, invariants: &BTreeSet<String>) -> Vec<String> {
    let room_allows = source.path.starts_with("src/") && UNSAFE_ROOMS.contains(&source.room());
    let allowed = room_allows || source.path.starts_with(C_BORDER) || UNSAFE_FILES.contains(&source.path.as_str());
    let mut found = Vec::new();
    for at in source.words("unsafe") {
        let line = source.line(at);
        if !allowed {
            found.push(format!("{}:{line}: `unsafe` in `{}`", source.path, source.room()));
        }
        let next = source.code[at + "unsafe".len()..].trim_start();
        if next.starts_with('{') || next.starts_with("impl") {
            match source.safety(line, SAFETY_DISTANCE) {
                None => {
                    found.push(format!("{}:{line}: no `SAFETY:` within {SAFETY_DISTANCE} lines above", source.path));
                }
                Some(text) => {
                    let words: BTreeSet<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).collect();
                    if !invariants.iter().any(|number| words.contains(&**number)) {
                        found.push(format!("{}:{line}: `SAFETY:` names no invariant", source.path));
                    }
                }
            }
        }
    }
    found
}

#[test]
fn unsafe_code_stays_in_its_rooms_and_names_its_invariant() {
    let everything = everything();
    let invariants = Architecture::read().invariants();
    let root = everything.iter().find(|source| source.path == format!("{C_BORDER}lib.rs")).expect("the crate's root");
    let of_border = |line: &str| Some(line.strip_prefix("//! | C")?.split_once(' ')?.0.to_owned());
    let border: BTreeSet<String> = root.text.lines().filter_map(of_border).map(|number| format!("C{number}")).collect();
    assert!(border.len() > 3, "the table of {C_BORDER}lib.rs was read as {border:?}");
    assert_order(everything.iter().flat_map(|source| {
        careless_unsafe(source, if source.path.starts_with(C_BORDER) { &border } else { &invariants })
    }));
}

#[test]
fn files_open_with_what_they_are_and_have_a_name_and_a_size() {
    assert_order(everything().iter().flat_map(|source| {
        let mut found = Vec::new();
        if !source.text.starts_with("//!") {
            found.push(format!("{}: does not open with `//!`", source.path));
        }
        if source.name().split(['/', '.']).any(|part| EMPTY_NAMES.contains(&part)) {
            found.push(format!("{}: the name says nothing", source.path));
        }
        let lines = source.text.lines().count();
        if lines > MAX_LINES && !source.text.lines().take(3).any(|line| line.contains("@generated")) {
            found.push(format!("{}: {lines} lines, more than {MAX_LINES}", source.path));
        }
        found
    }));
}

#[test]
fn functions_are_short() {
    let mut accepted: Vec<(&str, &str)> = LONG_FUNCTIONS.iter().map(|(file, name, _)| (*file, *name)).collect();
    let mut complaints = Vec::new();
    for source in &everything() {
        for (at, name, lines) in source.functions() {
            if lines <= MAX_FUNCTION_LINES {
                continue;
            }
            match accepted.iter().position(|long| *long == (&*source.path, name)) {
                Some(i) => drop(accepted.remove(i)),
                None => complaints.push(format!("{}:{}: `{name}` has {lines} lines", source.path, source.line(at))),
            }
        }
    }
    complaints.extend(accepted.iter().map(|long| format!("no longer a long function: {long:?}")));
    assert_order(complaints);
}

// ---- the judge itself

fn names(source: &Source) -> Vec<String> {
    source.used().into_iter().map(|used| used.names.join("::")).collect()
}

#[test]
fn the_judge_sees_through_groups_macros_comments_and_literals() {
    let source = Source::new(
        "src/ir/sample.rs",
        r##"
            // crate::api and unsafe {
            /* crate::api /* nested */ unsafe { */
            use crate::{
                exec::{machine::Vm, stack::{self, Stack}},
                types::ValType, module,
            };
            fn f<'a>(c: char) -> bool { c == '"' || c == '\'' || c == '{' || "\" crate::api" == r#"" unsafe { "# }
            macro_rules! m { () => { $crate::runtime::x() } }
            pub(crate) fn g() { crate::ir::ops::h::<u8>(); not_crate::api::x() }
            #[cfg(test)]
            mod tests { use super::*; use crate::api; fn t() { unsafe {} } }
            fn after() { super::super::binary::load(); super::ops::x() }
        "##,
    );
    let expected = [
        "exec::machine::Vm",
        "exec::stack",
        "exec::stack::Stack",
        "types::ValType",
        "module",
        "runtime::x",
        "ir::ops::h",
        "binary::load",
        "ir::ops::x",
    ];
    assert_eq!(names(&source), expected);
    let table = [Row { rooms: vec!["ir".into()], uses: vec!["types".into(), "module".into()] }];
    let files = [source];
    let forbidden = forbidden_arrows(&files[0], &Graph::new(&files), &table);
    assert_eq!(forbidden.len(), 5, "{forbidden:?}");
    assert!(forbidden[4].starts_with("src/ir/sample.rs:13: "), "{forbidden:?}");
    assert!(globs(&files[0]).is_empty());
    assert!(careless_unsafe(&files[0], &BTreeSet::new()).is_empty());
}

#[test]
fn the_judge_sees_globs_and_bare_unsafe() {
    let invariants: BTreeSet<String> = ["I1".to_owned()].into();
    let source = Source::new(
        "src/exec/sample.rs",
        "use super::*;\nuse crate::{*};\n// SAFETY: I1.\nfn f() { unsafe {} }\n\n\n\n\n\n\nfn g() { unsafe {} }\nunsafe impl Send for S {}\n// SAFETY: I11.\nfn h() { unsafe {} }",
    );
    assert_eq!(globs(&source).len(), 2, "{:?}", globs(&source));
    let careless = careless_unsafe(&source, &invariants);
    assert_eq!(careless.len(), 3, "{careless:?}");
    assert!(careless[0].starts_with("src/exec/sample.rs:11: "), "{careless:?}");
    assert!(careless[2].ends_with("names no invariant"), "{careless:?}");
    let source = Source::new("src/api/sample.rs", "// SAFETY: I1.\nfn f() { unsafe {} }\n");
    assert_eq!(careless_unsafe(&source, &invariants).len(), 1);
}

#[test]
fn the_judge_sees_circles_through_exports() {
    let files = [
        Source::new("src/a/mod.rs", "mod b;\nmod c;\npub(crate) use b::B;\npub(crate) use self::c::C;"),
        Source::new("src/a/b.rs", "use crate::a::C;\npub(crate) struct B;"),
        Source::new("src/a/c.rs", "fn f() { crate::a::B::g() }\npub(crate) struct C;"),
        Source::new("src/d.rs", "use crate::a::{B, C};"),
    ];
    let graph = Graph::new(&files);
    assert_eq!(graph.circles(), [vec!["src/a/b.rs", "src/a/c.rs"]]);
    assert_eq!(graph.arrows()["src/d.rs"], ["src/a/b.rs", "src/a/c.rs"].into());
    let files = [
        Source::new("src/a.rs", "use super::b::B;"),
        Source::new("src/b.rs", "use crate::c::C;"),
        Source::new("src/c.rs", "use crate::d::D;"),
    ];
    assert!(Graph::new(&files).circles().is_empty());
}

#[test]
fn the_judge_measures_functions() {
    let source = Source::new("src/a.rs", "fn f() {\n\n}\ntrait T { fn g(); fn h() { { } } }\ntype F = fn();\n");
    assert_eq!(
        source.functions().iter().map(|&(_, name, lines)| (name, lines)).collect::<Vec<_>>(),
        [("f", 3), ("h", 1)]
    );
}
