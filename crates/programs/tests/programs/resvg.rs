//! resvg: floats that have to be exact to the last bit.

use wasmote::{CompilationMode, Module};
use wasmote_programs::{Outcome, Program, catalog, engine, run, sha256, unless_offline};
use wasmote_wasi::{MemoryFileSystem, WasiCtxBuilder};

const CIRCLE: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><circle cx="32" cy="32" r="24" fill="teal"/></svg>"#;
const SCENE: &str = include_str!("svg/scene.svg");

/// Runs a program on a directory `/w` with the files of these tests; none if there is no network.
fn svg(program: &Program, args: &[&str], stdin: &str) -> Option<(Outcome, MemoryFileSystem)> {
    let bytes = unless_offline(program.bytes())?;
    let module = Module::new(&engine(CompilationMode::LazyTranslation), bytes).unwrap();
    let files = MemoryFileSystem::new();
    files.write("circle.svg", CIRCLE).unwrap();
    files.write("scene.svg", SCENE).unwrap();
    files.write("bad.svg", r#"<svg xmlns="http://www.w3.org/2000/svg"><rect></svg>"#).unwrap();
    let mut ctx = WasiCtxBuilder::new();
    ctx.arg(program.name).args(args.iter().copied()).stdin_bytes(stdin).preopened_memory(&files, "/w");
    Some((run(&module, &mut ctx).unwrap(), files))
}

/// Checks that a program prints nothing and writes a picture of this length and checksum.
#[track_caller]
fn renders(args: &[&str], len: usize, checksum: &str) {
    let args = [args, &["/w/out.png"]].concat();
    let Some((outcome, files)) = svg(&catalog::RESVG, &args, "") else { return };
    assert_eq!(outcome.parts(), (0, String::new(), String::new()));
    let picture = files.read("out.png").unwrap();
    assert_eq!((picture.len(), sha256(&picture).as_str()), (len, checksum));
}

#[test]
fn resvg_says_its_version() {
    let Some((outcome, _)) = svg(&catalog::RESVG, &["--version"], "") else { return };
    assert_eq!(outcome.parts(), (0, "0.31.0\n".into(), String::new()));
}

#[test]
fn resvg_renders_a_circle() {
    renders(&["/w/circle.svg"], 937, "81ea1c7d37c18f1ae9c285c49c64e93f6657437c3840519b3d4cb79071f7a10b");
}

/// Gradients, a blur, a mask, a pattern, a clip path and dashes.
#[test]
#[ignore = "large"]
fn resvg_renders_a_scene() {
    renders(&["/w/scene.svg"], 15599, "d9652e134f293644c81405a48f9d3472314d55fb7c98f65c6116af085b3c18de");
}

#[test]
#[ignore = "large"]
fn resvg_scales_and_fills_the_background() {
    renders(
        &["--width", "50", "--background", "white", "/w/scene.svg"],
        2037,
        "d9ce5174db4c43afa5204a9112ebd328e00d97c38650522f71c5be545ad2eebb",
    );
}

#[test]
fn resvg_reports_files_that_are_missing_or_bad() {
    for (file, message) in [
        ("/w/none.svg", "Error: failed to open the provided file.\n"),
        ("/w/bad.svg", "Error: expected 'rect' tag, not 'svg' at 1:47.\n"),
    ] {
        let Some((outcome, _)) = svg(&catalog::RESVG, &[file, "/w/out.png"], "") else { return };
        assert_eq!(outcome.parts(), (1, String::new(), message.into()));
    }
}

#[test]
fn usvg_simplifies_standard_input() {
    let input =
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"><rect width="3" height="2" fill="red"/></svg>"#;
    let expected = r##"<svg width="4" height="4" viewBox="0 0 4 4" xmlns="http://www.w3.org/2000/svg">
    <defs/>
    <path fill="#ff0000" stroke="none" d="M 0 0 L 3 0 L 3 2 L 0 2 Z"/>
</svg>
"##;
    let Some((outcome, _)) = svg(&catalog::USVG, &["-", "-c"], input) else { return };
    assert_eq!(outcome.parts(), (0, expected.into(), String::new()));
}

#[test]
fn usvg_simplifies_a_scene() {
    let Some((outcome, files)) = svg(&catalog::USVG, &["/w/scene.svg", "/w/simple.svg"], "") else { return };
    assert_eq!(outcome.parts(), (0, String::new(), String::new()));
    let simple = files.read("simple.svg").unwrap();
    let expected = (2604, "e5f12b30ffb911bc3429300f3df4c906350877d8b99bf7245798db240e73cbca");
    assert_eq!((simple.len(), sha256(&simple).as_str()), expected);
}
