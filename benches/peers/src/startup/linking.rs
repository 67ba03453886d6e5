//! Linking and instantiating: a linker of 60 functions of the host, and a module that imports 20 of them.

use super::clock::Clock;
use crate::{
    engine::Result,
    measure::{Outcome, interleaved, repeated},
};
use std::time::Duration;

/// The number of host functions.
const FUNCTIONS: usize = 60;
/// The number of host functions that the module imports.
const IMPORTED: usize = 20;

/// The measurements of each engine.
pub const ROWS: [(&str, [Measure; 2]); 5] = [
    ("a linker of 60 functions", [wasmi::linker, wasmote::linker]),
    ("instantiate and call, `InstancePre`", [wasmi::instantiate, wasmote_pre]),
    ("instantiate and call, `InstancePre` and `Store::reset`", [wasmi::instantiate, wasmote_in_one_store]),
    ("instantiate and call, `Linker`", [wasmi::instantiate, wasmote::instantiate]),
    ("instantiate and call, 60 functions linked each time", [wasmi::all, wasmote::all]),
];

/// Returns the time of an operation that is repeated by the given number.
pub type Measure = fn(&[u8], u32) -> Result<Duration>;

/// The outcomes of each row, of `wasmi` and of `wasmote`, in seconds.
pub fn measure(rounds: usize) -> Vec<(&'static str, Vec<Outcome>)> {
    let wasm = module();
    let row = |(name, engines): (&'static str, [Measure; 2])| {
        let wasm = &wasm;
        let runs = engines.map(|engine| Ok(repeated(move |times| engine(wasm, times).map(Some))));
        (name, interleaved(runs.into(), rounds))
    };
    ROWS.into_iter().map(row).collect()
}

/// Returns the names of the functions.
fn names() -> Vec<String> {
    (0..FUNCTIONS).map(|i| format!("function_{i}")).collect()
}

/// Makes a module that imports every third function, calls one of them and adds one.
fn module() -> Vec<u8> {
    let section = |id: u8, content: Vec<u8>| {
        let len = content.len();
        [vec![id, len as u8 | 0x80, (len >> 7) as u8], content].concat()
    };
    let import = |i: usize| {
        let name = format!("function_{}", 3 * i);
        [vec![4], b"host".to_vec(), vec![name.len() as u8], name.into_bytes(), vec![0, 0]].concat()
    };
    let imports = (0..IMPORTED).flat_map(import);
    let body = [0, 0x20, 0, 0x20, 1, 0x10, 3, 0x41, 1, 0x6a, 0x0b];
    [
        b"\0asm\x01\0\0\0".to_vec(),
        section(1, vec![1, 0x60, 2, 0x7f, 0x7f, 1, 0x7f]),
        section(2, std::iter::once(IMPORTED as u8).chain(imports).collect()),
        section(3, vec![1, 0]),
        section(4, vec![1, 0x70, 0, 4]),
        section(5, vec![1, 0, 1]),
        section(6, vec![1, 0x7f, 1, 0x41, 0, 0x0b]),
        section(7, [vec![1, 3], b"run".to_vec(), vec![0, IMPORTED as u8]].concat()),
        section(9, vec![1, 0, 0x41, 0, 0x0b, 1, IMPORTED as u8]),
        section(10, [vec![1, body.len() as u8], body.to_vec()].concat()),
        section(11, [vec![1, 0, 0x41, 16, 0x0b, 5], b"hello".to_vec()].concat()),
    ]
    .concat()
}

/// The engines with the API of `wasmi`: one adapter, compiled against each of their crates.
macro_rules! adapter {
    ($krate:ident) => {
        mod $krate {
            //! The adapter for this crate.

            use super::{Clock, Duration, Result, names};
            use ::$krate::{Engine, Instance, Linker, Module, Store};

            pub(super) fn link(engine: &Engine, names: &[String]) -> Result<Linker<i32>> {
                let mut linker = Linker::new(engine);
                for name in names {
                    linker.func_wrap("host", name, |a: i32, b: i32| a.wrapping_add(b))?;
                }
                Ok(linker)
            }

            pub(super) fn call(store: &mut Store<i32>, instance: Instance) -> Result<()> {
                let run = instance.get_typed_func::<(i32, i32), i32>(&*store, "run")?;
                if run.call(store, (20, 21))? == 42 { Ok(()) } else { Err("a wrong result".into()) }
            }

            pub(super) fn linker(_: &[u8], times: u32) -> Result<Duration> {
                let (engine, names) = (Engine::default(), names());
                let start = Clock::start();
                for _ in 0..times {
                    link(&engine, &names)?;
                }
                Ok(start.elapsed())
            }

            pub(super) fn instantiate(wasm: &[u8], times: u32) -> Result<Duration> {
                let engine = Engine::default();
                let (linker, module) = (link(&engine, &names())?, Module::new(&engine, wasm)?);
                let start = Clock::start();
                for _ in 0..times {
                    let mut store = Store::new(&engine, 0);
                    let instance = linker.instantiate_and_start(&mut store, &module)?;
                    call(&mut store, instance)?;
                }
                Ok(start.elapsed())
            }

            pub(super) fn all(wasm: &[u8], times: u32) -> Result<Duration> {
                let (engine, names) = (Engine::default(), names());
                let module = Module::new(&engine, wasm)?;
                let start = Clock::start();
                for _ in 0..times {
                    let linker = link(&engine, &names)?;
                    let mut store = Store::new(&engine, 0);
                    let instance = linker.instantiate_and_start(&mut store, &module)?;
                    call(&mut store, instance)?;
                }
                Ok(start.elapsed())
            }
        }
    };
}

adapter!(wasmi);
adapter!(wasmote);

fn wasmote_pre(wasm: &[u8], times: u32) -> Result<Duration> {
    use ::wasmote::{Engine, Module, Store};
    let engine = Engine::default();
    let pre = wasmote::link(&engine, &names())?.instantiate_pre(&Module::new(&engine, wasm)?)?;
    let start = Clock::start();
    for _ in 0..times {
        let mut store = Store::new(&engine, 0);
        let instance = pre.instantiate(&mut store)?;
        wasmote::call(&mut store, instance)?;
    }
    Ok(start.elapsed())
}

fn wasmote_in_one_store(wasm: &[u8], times: u32) -> Result<Duration> {
    use ::wasmote::{Engine, Module, Store};
    let engine = Engine::default();
    let pre = wasmote::link(&engine, &names())?.instantiate_pre(&Module::new(&engine, wasm)?)?;
    let mut store = Store::new(&engine, 0);
    let start = Clock::start();
    for _ in 0..times {
        store.reset();
        let instance = pre.instantiate(&mut store)?;
        wasmote::call(&mut store, instance)?;
    }
    Ok(start.elapsed())
}
