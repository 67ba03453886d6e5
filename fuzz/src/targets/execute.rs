//! Modules that may loop and grow, with limits: no panic, no hang, no more memory than allowed.

use wasmote::LimiterError;
use wasmote::{
    CompilationMode, Config, Engine, Error, Extern, ExternType, Func, Global, Instance, Memory, Module, Proposal, Ref,
    ResourceLimiter, Store, Table, Tag, Val,
};
use wasmote_bombs::heap::ThisThread;
use wasmote_generate::Random;

use crate::{
    inputs::{choices, seed_of, show},
    mutate, smith, tally,
};

/// Fuel of a call.
const FUEL: u64 = 100_000;
/// The most bytes of all memories together.
const MEMORY: usize = 8 << 20;
/// The most elements of all tables together.
const ELEMENTS: usize = 20_000;
/// The most bytes on the heap at one time: memories, tables, a value stack, and what the module's bytes are turned into.
const HEAP: isize = 64 << 20;

/// Makes an input: a module with changes, or choices of wasm-smith.
pub fn input(random: &mut Random) -> Vec<u8> {
    match random.below(3) {
        0 => mutate::module(random),
        _ => choices(random),
    }
}

/// Runs an input: a module if it begins like one, otherwise choices of which wasm-smith makes one.
///
/// # Panics
///
/// If a limit is exceeded.
pub fn run(data: &[u8]) {
    let seed = seed_of(data);
    let mut random = Random(seed);
    let made;
    let wasm = if data.starts_with(b"\0asm") {
        data
    } else {
        let Some(wasm) = smith::any(data, random.number()) else { return };
        made = wasm;
        &made
    };
    let ((), cost) = ThisThread::measure(|| execute(wasm, &mut random));
    assert!(cost.peak < HEAP + 64 * wasm.len() as isize, "{} bytes on the heap\n{}", cost.peak, show(wasm));
}

/// Counts what all memories and tables have, and refuses what exceeds the limits.
struct Limits {
    memory: usize,
    elements: usize,
}

impl ResourceLimiter for Limits {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> Result<bool, LimiterError> {
        let sum = self.memory.saturating_add(desired.saturating_sub(current));
        let fits = sum <= MEMORY;
        if fits {
            self.memory = sum;
        }
        Ok(fits)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> Result<bool, LimiterError> {
        let sum = self.elements.saturating_add(desired.saturating_sub(current));
        let fits = sum <= ELEMENTS;
        if fits {
            self.elements = sum;
        }
        Ok(fits)
    }

    fn instances(&self) -> usize {
        4
    }

    fn tables(&self) -> usize {
        16
    }

    fn memories(&self) -> usize {
        16
    }
}

fn import(store: &mut Store<Limits>, ty: &ExternType) -> Result<Extern, Error> {
    Ok(match ty {
        ExternType::Func(ty) => {
            let results = ty.clone();
            Func::new(store, ty.clone(), move |_, _, out| {
                for (out, ty) in out.iter_mut().zip(results.results()) {
                    *out = Val::default(*ty);
                }
                Ok(())
            })
            .into()
        }
        ExternType::Memory(ty) => Memory::new(store, *ty)?.into(),
        ExternType::Table(ty) => Table::new(store, *ty, Ref::null(ty.element()))?.into(),
        ExternType::Global(ty) => Global::with_ty(store, *ty, Val::default(ty.content()))?.into(),
        ExternType::Tag(ty) => Tag::new(store, ty)?.into(),
        _ => return Err(Error::new("nothing of this kind can be made")),
    })
}

/// Returns a configuration with all proposals that code under test may use.
pub(super) fn config() -> Config {
    let mut config = Config::default();
    for &proposal in Proposal::ALL {
        // A thread may wait without end for another one to notify it.
        config.proposal(proposal, proposal != Proposal::Threads);
    }
    config
}

pub(super) fn execute(wasm: &[u8], random: &mut Random) {
    let mut config = config();
    let mode = random.pick(&[CompilationMode::Eager, CompilationMode::LazyTranslation, CompilationMode::Lazy]);
    config
        .compilation_mode(mode)
        .portable_dispatch(random.once_in(2))
        .consume_fuel(true)
        .gc_stress(random.once_in(4))
        .set_max_stack_height(random.pick(&[4 << 10, 64 << 10, 1 << 20]));
    let engine = Engine::new(&config);
    let Ok(module) = Module::new(&engine, wasm) else { return };
    exercise(&engine, &module, FUEL, random);
}

/// Makes instances of a module, and calls what they export, within limits. The engine meters fuel, of which each call gets
/// `fuel`.
pub(super) fn exercise(engine: &Engine, module: &Module, fuel: u64, random: &mut Random) {
    let mut store = Store::new(engine, Limits { memory: 0, elements: 0 });
    store.limiter(|limits| limits);
    tally::add("modules", 1);
    for _ in 0..2 {
        set_fuel(&mut store, fuel);
        let imports: Result<Vec<_>, _> = module.imports().map(|import_| import(&mut store, import_.ty())).collect();
        let Ok(imports) = imports else { return };
        let Ok(instance) = Instance::new(&mut store, module, &imports) else { return };
        let exports: Vec<Extern> = instance.exports(&store).map(wasmote::Export::into_extern).collect();
        for func in exports.iter().filter_map(|export| export.into_func()).take(20) {
            set_fuel(&mut store, fuel);
            call(&mut store, func, fuel, random);
            sizes(&store, &exports);
        }
    }
}

fn set_fuel(store: &mut Store<Limits>, fuel: u64) {
    store.set_fuel(fuel).expect("the engine meters fuel");
}

/// Calls a function with random arguments. If its fuel runs out, the call may go on once.
fn call(store: &mut Store<Limits>, func: Func, fuel: u64, random: &mut Random) {
    let ty = func.ty(&*store);
    let inputs: Vec<Val> = ty
        .params()
        .iter()
        .map(|ty| match Val::default(*ty) {
            Val::I32(_) => Val::I32(random.integer() as i32),
            Val::I64(_) => Val::I64(random.integer() as i64),
            Val::F64(_) => Val::from(f64::from_bits(random.number())),
            value => value,
        })
        .collect();
    let mut outputs: Vec<Val> = ty.results().iter().map(|ty| Val::default(*ty)).collect();
    if random.once_in(2) {
        let result = func.call(&mut *store, &inputs, &mut outputs);
        tally::add(if result.is_ok() { "calls that return" } else { "calls that trap" }, 1);
        return;
    }
    let call = func.call_resumable(&mut *store, &inputs, &mut outputs);
    if let Ok(wasmote::ResumableCall::OutOfFuel(call)) = call {
        tally::add("calls out of fuel", 1);
        set_fuel(store, call.required_fuel().clamp(fuel, 10 * fuel));
        if random.once_in(2) {
            drop(call.resume(&mut *store, &mut outputs));
        }
    }
}

/// Checks that memories and tables are within their limits.
fn sizes(store: &Store<Limits>, exports: &[Extern]) {
    for export in exports {
        match export {
            Extern::Memory(memory) => {
                let len = memory.data_size(store);
                assert!(len <= MEMORY, "a memory of {len} bytes");
            }
            Extern::Table(table) => assert!(table.size(store) <= ELEMENTS as u64, "a table of {}", table.size(store)),
            _ => {}
        }
    }
}
