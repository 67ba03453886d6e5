//! Yosys: synthesizes hardware. It throws and catches exceptions.

use wasmote::{CompilationMode, Module};
use wasmote_programs::{Outcome, catalog, engine, run, sha256, unless_offline};
use wasmote_wasi::{MemoryFileSystem, WasiCtxBuilder};

/// Runs commands of Yosys on files in memory; none if there is no network.
fn yosys(files: &MemoryFileSystem, commands: &str) -> Option<Outcome> {
    let bytes = unless_offline(catalog::YOSYS.bytes())?;
    let module = Module::new(&engine(CompilationMode::LazyTranslation), bytes).unwrap();
    let share = catalog::YOSYS_PACKAGE.directory().unwrap().join(catalog::YOSYS_SHARE);
    let mut ctx = WasiCtxBuilder::new();
    ctx.args(["yosys", "-Q", "-T", "-p", commands]);
    ctx.preopened_dir_read_only(share, "/share").unwrap();
    ctx.preopened_memory(files, "/w").preopened_memory(&MemoryFileSystem::new(), "/tmp");
    Some(run(&module, &mut ctx).unwrap())
}

const COUNTER: &str = "module top(input clk, input rst, input up, output reg [3:0] count, output zero);
  assign zero = count == 0;
  always @(posedge clk)
    if (rst) count <= 0;
    else if (up) count <= count + 1;
    else count <= count - 1;
endmodule
";

/// The checksum is that of wasmtime 50.0.1, with the same files.
#[test]
#[ignore = "large"]
fn synthesizes_a_counter() {
    let files = MemoryFileSystem::new();
    files.write("counter.v", COUNTER).unwrap();
    let commands = "read_verilog /w/counter.v; synth -top top; write_json /w/counter.json";
    let Some(outcome) = yosys(&files, commands) else { return };
    assert_eq!((outcome.status, outcome.stderr_text().as_str()), (0, ""));
    assert_eq!(
        sha256(&files.read("counter.json").unwrap()),
        "31dc6581496a89ac9cd4f0ffbfdb704cadd49c0952b13b1ff8e986e76e9af335"
    );
}

/// An error in the source is an exception inside.
#[test]
#[ignore = "large"]
fn reports_errors() {
    let files = MemoryFileSystem::new();
    files.write("wrong.v", "module top(input a);\n  assign b = ;\nendmodule\n").unwrap();
    let Some(outcome) = yosys(&files, "read_verilog /w/wrong.v") else { return };
    assert_eq!(outcome.status, 1);
    assert!(outcome.stderr_text().contains("/w/wrong.v:2: ERROR: syntax error"), "{outcome:?}");
}
