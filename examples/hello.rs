//! The shortest way to run Wasm: a module as text, a host function, a typed call.
//!
//! `cargo run --example hello`

use wasmote::{Caller, Engine, Error, Linker, Module, Store};

fn main() -> Result<(), Error> {
    let wat = r#"
        (module
            (import "host" "hello" (func $hello (param i32)))
            (func (export "run") (call $hello (i32.const 3))))
    "#;
    let engine = Engine::default();
    let module = Module::new(&engine, wat)?;

    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "hello", |caller: Caller<'_, &str>, times: i32| {
        println!("Hello {times} times, {}", caller.data());
    })?;

    let mut store = Store::new(&engine, "world");
    let instance = linker.instantiate_and_start(&mut store, &module)?;
    instance.get_typed_func::<(), ()>(&store, "run")?.call(&mut store, ())
}
