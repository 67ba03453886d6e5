//! The host of Typst's plugins: documents that load plugins are evaluated, without being laid out.

use comemo::Track;
use typst_eval::{eval, eval_closure, eval_string};
use typst_library::{
    Library, LibraryBuilder, World,
    diag::{FileError, FileResult},
    engine::{Route, Sink, Traced},
    foundations::{Bytes, Datetime, Duration, NativeRuleMap},
    routines::Routines,
    text::{Font, FontBook},
};
use typst_syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst_utils::LazyHash;

static ROUTINES: Routines = Routines {
    rules: NativeRuleMap::new,
    eval_string,
    eval_closure,
    realize: |_, _, _, _, _, _| unreachable!("nothing is laid out"),
    layout_frame: |_, _, _, _, _| unreachable!("nothing is laid out"),
    html_module: || typst_library::foundations::Module::anonymous(typst_library::foundations::Scope::new()),
    html_mathml_body: |_, _| unreachable!("nothing is exported"),
    html_span_filled: |_, _| unreachable!("nothing is exported"),
};

/// A document, and the plugin beside it.
struct Files {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    document: Source,
    plugin: Bytes,
}

fn file(name: &str) -> FileId {
    FileId::new(RootedPath::new(VirtualRoot::Project, VirtualPath::new(name).unwrap()))
}

impl World for Files {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    fn main(&self) -> FileId {
        self.document.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.document.id() { Ok(self.document.clone()) } else { Err(FileError::NotSource) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == file("/plugin.wasm") { Ok(self.plugin.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn font(&self, _: usize) -> Option<Font> {
        None
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

/// Evaluates a document that has the plugin `p`; returns the first error.
fn evaluate(plugin: &str, document: &str) -> Result<(), String> {
    let text = format!("#let p = plugin(\"plugin.wasm\")\n{document}");
    let world = Files {
        library: LazyHash::new(LibraryBuilder::from_routines(&ROUTINES).build()),
        book: LazyHash::new(FontBook::new()),
        document: Source::new(file("/main.typ"), text),
        plugin: Bytes::new(wat::parse_str(plugin).unwrap()),
    };
    let world: &dyn World = &world;
    let mut sink = Sink::new();
    let traced = Traced::default();
    let source = world.source(world.main()).unwrap();
    let outcome =
        eval(world.track(), world.library(), traced.track(), sink.track_mut(), Route::default().track(), &source);
    outcome.map(|_| ()).map_err(|errors| errors[0].message.to_string())
}

/// Functions of the protocol between Typst and plugins.
const PROTOCOL: &str = r#"
    (import "typst_env" "wasm_minimal_protocol_write_args_to_buffer" (func $args (param i32)))
    (import "typst_env" "wasm_minimal_protocol_send_result_to_host" (func $send (param i32 i32)))
    (memory (export "memory") 1)
"#;

fn plugin(functions: &str) -> String {
    format!("(module {PROTOCOL} {functions})")
}

#[test]
fn bytes_go_in_and_out() {
    let plugin = plugin(
        r#"(data (i32.const 0) "Hello")
        (func (export "hello") (result i32) (call $send (i32.const 0) (i32.const 5)) (i32.const 0))
        (func (export "join") (param i32 i32) (result i32)
            (call $args (i32.const 100))
            (call $send (i32.const 100) (i32.add (local.get 0) (local.get 1))) (i32.const 0))"#,
    );
    evaluate(
        &plugin,
        r#"
        #assert.eq(str(p.hello()), "Hello")
        #assert.eq(p.join(bytes("ab"), bytes("cde")), bytes("abcde"))
        #for n in range(200) { assert.eq(str(p.join(bytes(str(n)), bytes("."))), str(n) + ".") }
        "#,
    )
    .unwrap();
    let error = evaluate(&plugin, r#"#p.join(bytes("ab"))"#).unwrap_err();
    assert!(error.contains("takes 2 arguments, but 1 was given"), "{error}");
    let error = evaluate(&plugin, r#"#assert.eq(str(p.hello()), "other")"#).unwrap_err();
    assert!(error.contains("Hello"), "{error}");
}

#[test]
fn a_transition_leaves_the_original() {
    let plugin = plugin(
        r#"(func (export "count") (result i32) (call $send (i32.const 8) (i32.load (i32.const 0))) (i32.const 0))
        (func (export "add") (param i32) (result i32)
            (i32.store8 (i32.add (i32.const 8) (i32.load (i32.const 0))) (i32.const 120))
            (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
            (i32.const 0))"#,
    );
    evaluate(
        &plugin,
        r#"
        #let once = plugin.transition(p.add, bytes("."))
        #let twice = plugin.transition(once.add, bytes("."))
        #assert.eq(str(p.count()), "")
        #assert.eq(str(once.count()), "x")
        #assert.eq(str(twice.count()), "xx")
        "#,
    )
    .unwrap();
}

#[test]
fn errors_say_what_happened() {
    let plugin = plugin(
        r#"(data (i32.const 0) "it went wrong")
        (func (export "fail") (result i32) (call $send (i32.const 0) (i32.const 13)) (i32.const 1))
        (func (export "panic") (result i32) unreachable)
        (func (export "outside") (result i32) (call $send (i32.const 65530) (i32.const 7)) (i32.const 0))
        (func (export "float") (param f32) (result i32) (i32.const 0))"#,
    );
    for (call, expected) in [
        ("#p.fail()", "plugin errored with: it went wrong"),
        ("#p.panic()", "plugin panicked: wasm `unreachable` instruction executed"),
        ("#p.outside()", "plugin tried to read out of bounds"),
        (r#"#p.float(bytes("a"))"#, "has a parameter that is not a 32-bit integer"),
    ] {
        let error = evaluate(&plugin, call).unwrap_err();
        assert!(error.contains(expected), "{call}: {error}");
    }
    let error = evaluate("(module)", "").unwrap_err();
    assert!(error.contains("plugin does not export its memory"), "{error}");
}

#[test]
fn plugins_may_use_vectors_but_not_relaxed_ones() {
    let with = |operator: &str| {
        plugin(&format!(
            r#"(func (export "run") (result i32)
                (v128.store (i32.const 0) ({operator} (i8x16.splat (i32.const 65)) (i8x16.splat (i32.const 1))))
                (call $send (i32.const 0) (i32.const 16)) (i32.const 0))"#
        ))
    };
    evaluate(&with("i8x16.add"), r#"#assert.eq(str(p.run()), "B" * 16)"#).unwrap();
    let error = evaluate(&with("i8x16.relaxed_swizzle"), "").unwrap_err();
    assert!(error.contains("failed to load WebAssembly module"), "{error}");
}
