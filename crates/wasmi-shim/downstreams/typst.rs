//! Documents of Typst that call plugins.

use typst::{
    Library, LibraryExt, World,
    diag::{FileError, FileResult},
    foundations::{Bytes, Datetime, Duration},
    layout::PagedDocument,
    syntax::{FileId, Source},
    text::{Font, FontBook},
    utils::LazyHash,
};

/// A plugin after the protocol of Typst: `twice` returns its argument twice, `count` how often `bump` was called, `fail` an
/// error, `crash` traps, `lanes` adds the bytes of its argument as a vector.
const PLUGIN: &str = r#"(module
    (import "typst_env" "wasm_minimal_protocol_send_result_to_host" (func $send (param i32 i32)))
    (import "typst_env" "wasm_minimal_protocol_write_args_to_buffer" (func $args (param i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "0")
    (data (i32.const 16) "it went wrong")
    (func (export "twice") (param $len i32) (result i32)
        (call $args (i32.const 1024))
        (memory.copy (i32.add (i32.const 1024) (local.get $len)) (i32.const 1024) (local.get $len))
        (call $send (i32.const 1024) (i32.mul (local.get $len) (i32.const 2)))
        (i32.const 0))
    (func (export "bump") (result i32)
        (i32.store8 (i32.const 0) (i32.add (i32.load8_u (i32.const 0)) (i32.const 1)))
        (call $send (i32.const 0) (i32.const 0))
        (i32.const 0))
    (func (export "count") (result i32)
        (call $send (i32.const 0) (i32.const 1))
        (i32.const 0))
    (func (export "fail") (result i32)
        (call $send (i32.const 16) (i32.const 13))
        (i32.const 1))
    (func (export "crash") (result i32)
        unreachable)
    (func (export "lanes") (param $len i32) (result i32)
        (call $args (i32.const 1024))
        (v128.store (i32.const 1024)
            (i8x16.add (v128.load (i32.const 1024)) (v128.const i8x16 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1)))
        (call $send (i32.const 1024) (local.get $len))
        (i32.const 0)))"#;

/// A vector operator of the proposal that Typst switches off.
const RELAXED: &str = r#"(module
    (memory (export "memory") 1)
    (func (export "f") (result v128)
        (i8x16.relaxed_swizzle (v128.const i64x2 0 0) (v128.const i64x2 0 0))))"#;

struct Document {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    main: Source,
}

impl World for Document {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() { Ok(self.main.clone()) } else { Err(FileError::NotSource) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let text = if format!("{id:?}").contains("relaxed") { RELAXED } else { PLUGIN };
        Ok(Bytes::new(wat::parse_str(text).unwrap()))
    }

    fn font(&self, _: usize) -> Option<Font> {
        None
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

/// Compiles a document; returns what went wrong.
fn compile(text: &str) -> Result<(), String> {
    let document = Document {
        library: LazyHash::new(Library::default()),
        book: LazyHash::new(FontBook::new()),
        main: Source::detached(text),
    };
    let compiled = typst::compile::<PagedDocument>(&document);
    compiled.output.map(|_| ()).map_err(|errors| errors.iter().map(|error| error.message.to_string()).collect())
}

#[test]
fn the_engine_is_the_shim() {
    assert!(wasmi::FEATURES.contains(&"wasmi-defaults"));
}

#[test]
fn functions_take_and_return_bytes() {
    compile(
        r#"#let p = plugin("plugin.wasm")
        #assert.eq(str(p.twice(bytes("ab"))), "abab")
        #assert.eq(str(p.lanes(bytes("HAL"))), "IBM")
        #for i in range(50) { assert.eq(p.twice(bytes((i,))), bytes((i, i))) }"#,
    )
    .unwrap();
}

#[test]
fn transitions_leave_the_plugin_before_them_alone() {
    compile(
        r#"#let base = plugin("plugin.wasm")
        #let one = plugin.transition(base.bump)
        #let two = plugin.transition(one.bump)
        #assert.eq(str(base.count()), "0")
        #assert.eq(str(one.count()), "1")
        #assert.eq(str(two.count()), "2")"#,
    )
    .unwrap();
}

#[test]
fn errors_and_traps_are_reported() {
    let call = |call: &str| compile(&format!("#let p = plugin(\"plugin.wasm\")\n#p.{call}")).unwrap_err();
    assert!(call("fail()").contains("plugin errored with: it went wrong"), "{}", call("fail()"));
    let crash = call("crash()");
    assert!(crash.contains("plugin panicked") && crash.contains("unreachable"), "{crash}");
    assert!(call("twice()").contains("takes 1 argument"), "{}", call("twice()"));
}

#[test]
fn relaxed_vector_operators_are_refused() {
    let error = compile("#plugin(\"relaxed.wasm\")").unwrap_err();
    assert!(error.contains("failed to load WebAssembly module"), "{error}");
}
