//! Sequences of calls of the API: several stores and engines, handles of another store or from before a reset, host
//! functions that call back, growth, suspended calls that go on late or never.
//!
//! A handle of another store must be refused, by the panic that the documentation promises. Everything else must not
//! panic. Nothing of a former use of a store may be readable after its reset.

mod guest;
mod references;

use std::panic::{self, AssertUnwindSafe, catch_unwind};

use wasmote::{
    CompilationMode, Config, Engine, Error, Extern, ExternRef, Func, Global, Instance, InstancePre, Memory, MemoryType,
    Module, Mutability, Nullable, Ref, RefType, ResumableCall, Store, StoreLimitsBuilder, Table, TableType, TypedFunc,
    Val, ValType,
};
use wasmote_generate::Random;

use crate::{inputs::seed_of, tally};
use guest::{CALLS, CHANGED, Data, GLOBAL, GUEST, IMAGE};

/// Makes an input.
pub fn input(random: &mut Random) -> Vec<u8> {
    let len = random.pick(&[8, 40, 150]);
    random.bytes(len)
}

/// Runs an input.
///
/// # Panics
///
/// If the API breaks its contract.
pub fn run(data: &[u8]) {
    let mut random = Random(seed_of(data));
    let steps = data.len().min(200);
    if random.once_in(3) {
        let mut references = references::References::new(&mut random);
        for _ in 0..steps {
            references.step(&mut random);
        }
        return references.finish();
    }
    let mut world = World::new(&mut random);
    for _ in 0..steps {
        world.step(&mut random);
    }
}

/// A store, or a former use of one: its number, and how often it was reset.
type Owner = (usize, u32);

/// Something that belongs to a use of a store.
#[derive(Clone)]
struct Owned<T> {
    owner: Owner,
    item: T,
}

struct Slot {
    store: Store<Data>,
    engine: usize,
    resets: u32,
}

/// An instance that a linker has prepared, and the number of its engine.
struct Prepared {
    engine: usize,
    pre: InstancePre<Data>,
}

#[derive(Default)]
struct Handles {
    instances: Vec<Owned<Instance>>,
    funcs: Vec<Owned<Func>>,
    typed: Vec<Owned<TypedFunc<i32, i32>>>,
    memories: Vec<Owned<Memory>>,
    tables: Vec<Owned<Table>>,
    globals: Vec<Owned<Global>>,
    objects: Vec<Owned<(ExternRef, u64)>>,
    suspended: Vec<Owned<ResumableCall>>,
}

struct World {
    prepared: Vec<Prepared>,
    slots: Vec<Slot>,
    handles: Handles,
}

/// Does something with a handle that may belong to another store. If it does, this must be refused.
fn guarded<R>(what: &str, foreign: bool, action: impl FnOnce() -> R) -> Option<R> {
    if !foreign {
        return Some(action());
    }
    tally::add("foreign handles", 1);
    // libFuzzer has a hook that ends the process.
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let result = catch_unwind(AssertUnwindSafe(action));
    panic::set_hook(hook);
    match result {
        Ok(_) => panic!("{what}: a foreign handle is accepted"),
        Err(panic) => {
            let message = panic
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
                .unwrap_or_default();
            let expected = message.contains("another store") || message.contains("the same engine");
            assert!(expected, "{what}: a foreign handle panics with: {message}");
            None
        }
    }
}

/// Returns a handle, usually one of this owner.
fn pick<T: Clone>(random: &mut Random, list: &[Owned<T>], owner: Owner) -> Option<Owned<T>> {
    if random.once_in(4) {
        return list.get(random.index(list.len())).cloned();
    }
    let own = list.iter().filter(|handle| handle.owner == owner);
    own.clone().nth(random.index(own.count())).cloned()
}

impl World {
    fn new(random: &mut Random) -> Self {
        let mut prepared = Vec::new();
        for fuel in [false, true] {
            let mut config = Config::default();
            let mode = random.pick(&[CompilationMode::Eager, CompilationMode::LazyTranslation, CompilationMode::Lazy]);
            config
                .compilation_mode(mode)
                .portable_dispatch(random.once_in(2))
                .consume_fuel(fuel)
                .set_max_recursion_depth(random.pick(&[1, 3, 40]))
                .set_max_cached_stacks(random.pick(&[0, 1, 2]))
                .set_max_stack_height(16 << 10);
            let engine = Engine::new(&config);
            let module = Module::new(&engine, GUEST).expect("a valid module");
            let pre = guest::linker(&engine).instantiate_pre(&module).expect("all imports are defined");
            prepared.push(Prepared { engine: usize::from(fuel), pre });
        }
        let mut world = Self { prepared, slots: Vec::new(), handles: Handles::default() };
        for engine in [0, 1, 1] {
            let store = world.store(engine, random);
            world.slots.push(Slot { store, engine, resets: 0 });
        }
        for slot in 0..world.slots.len() {
            world.instantiate(slot, random);
        }
        world
    }

    fn store(&self, engine: usize, random: &mut Random) -> Store<Data> {
        let limits = StoreLimitsBuilder::new().memory_size(4 << 16).table_elements(30).instances(40).build();
        let data = Data { random: Random(random.number()), depth: 0, budget: 0, limits, fails: random.below(2) };
        let mut store = Store::new(self.prepared[engine].pre.module().engine(), data);
        store.limiter(|data| &mut data.limits);
        store
    }

    /// Returns who owns what a store makes now.
    fn owner(&self, slot: usize) -> Owner {
        (slot, self.slots[slot].resets)
    }

    /// Gives the host's functions something to do, and code some fuel.
    fn arm(&mut self, slot: usize, random: &mut Random) {
        let Slot { store, engine, .. } = &mut self.slots[slot];
        let data = store.data_mut();
        data.budget = random.below(12) as u32;
        data.depth = 0;
        if *engine == 1 {
            store.set_fuel(random.pick(&[0, 50, 3000, 100_000])).expect("the engine meters fuel");
        } else {
            assert!(store.set_fuel(1).is_err());
        }
    }

    /// Makes an instance and checks that it has nothing but what the module says.
    fn instantiate(&mut self, slot: usize, random: &mut Random) {
        let owner = self.owner(slot);
        let which = if random.once_in(10) { random.index(2) } else { self.slots[slot].engine };
        self.arm(slot, random);
        let Prepared { engine, pre } = &self.prepared[which];
        let Slot { store, engine: own, .. } = &mut self.slots[slot];
        let made = guarded("instantiate", engine != own, || pre.instantiate(&mut *store));
        let Some(Ok(instance)) = made else { return };
        let memory = instance.get_memory(&*store, "memory").expect("an export");
        let bytes = memory.data(&*store);
        assert_eq!(bytes.len(), 1 << 16);
        assert!(bytes.starts_with(IMAGE), "the data segment is missing");
        assert!(bytes[IMAGE.len()..].iter().all(|byte| *byte == 0), "the memory is not empty");
        let table = instance.get_table(&*store, "table").expect("an export");
        assert_eq!(table.size(&*store), 4);
        let nulls = (0..4).map(|index| table.get(&*store, index).map(|element| element.is_null()));
        assert!(nulls.eq([Some(false), Some(false), Some(true), Some(true)]), "the table is not as it begins");
        let objects = instance.get_table(&*store, "objects").expect("an export");
        assert_eq!(objects.size(&*store), 2);
        assert!((0..2).all(|index| objects.get(&*store, index).is_some_and(|element| element.is_null())));
        let global = instance.get_global(&*store, "g").expect("an export");
        assert_eq!(global.get(&*store).i64(), Some(GLOBAL));
        self.handles.instances.push(Owned { owner, item: instance });
        self.handles.memories.push(Owned { owner, item: memory });
        self.handles.tables.push(Owned { owner, item: table });
        self.handles.tables.push(Owned { owner, item: objects });
        self.handles.globals.push(Owned { owner, item: global });
        let name = random.pick(&CALLS);
        let func = instance.get_func(&*store, name).expect("an export");
        self.handles.funcs.push(Owned { owner, item: func });
        let typed = func.typed::<i32, i32>(&*store).expect("a function of this type");
        self.handles.typed.push(Owned { owner, item: typed });
    }

    fn step(&mut self, random: &mut Random) {
        let slot = random.index(self.slots.len());
        match random.below(24) {
            0 => {
                self.slots[slot].store.reset();
                self.slots[slot].resets += 1;
            }
            1 => {
                let store = self.store(self.slots[slot].engine, random);
                self.slots[slot].store = store;
                self.slots[slot].resets += 1;
            }
            2 | 3 => self.instantiate(slot, random),
            4..8 => self.call(slot, random),
            8..11 => self.suspend(slot, random),
            11..14 => self.resume(slot, random),
            14..16 => self.memory(slot, random),
            16..18 => self.table(slot, random),
            18 | 19 => self.global(slot, random),
            20 => self.object(slot, random),
            21 => self.link(slot, random),
            22 => self.mistype(slot, random),
            _ => self.exports(slot, random),
        }
    }

    fn call(&mut self, slot: usize, random: &mut Random) {
        self.arm(slot, random);
        let owner = self.owner(slot);
        let value = random.integer() as i32;
        let store = &mut self.slots[slot].store;
        let result = if random.once_in(2) {
            let Some(func) = pick(random, &self.handles.typed, owner) else { return };
            guarded("typed call", func.owner != owner, || func.item.call(&mut *store, value))
        } else {
            let Some(func) = pick(random, &self.handles.funcs, owner) else { return };
            let mut out = [Val::I32(0)];
            guarded("call", func.owner != owner, || {
                func.item.call(&mut *store, &[Val::I32(value)], &mut out).map(|()| out[0].i32().expect("an i32"))
            })
        };
        if let Some(result) = &result {
            tally::add(if result.is_ok() { "calls that return" } else { "calls that fail" }, 1);
        }
        if let Some(Ok(result)) = result {
            assert_ne!(result, CHANGED, "a function found something changed");
        }
    }

    fn suspend(&mut self, slot: usize, random: &mut Random) {
        self.arm(slot, random);
        let owner = self.owner(slot);
        let Some(func) = pick(random, &self.handles.funcs, owner) else { return };
        let store = &mut self.slots[slot].store;
        let mut out = [Val::I32(0)];
        let input = [Val::I32(random.integer() as i32)];
        let call =
            guarded("resumable call", func.owner != owner, || func.item.call_resumable(&mut *store, &input, &mut out));
        if let Some(Ok(call)) = call
            && !matches!(call, ResumableCall::Finished)
        {
            tally::add("suspended calls", 1);
            self.handles.suspended.push(Owned { owner, item: call });
        }
    }

    /// Goes on with a suspended call, or drops it.
    fn resume(&mut self, slot: usize, random: &mut Random) {
        if self.handles.suspended.is_empty() {
            return;
        }
        let own = self.owner(slot);
        let mine = self.handles.suspended.iter().position(|call| call.owner == own).filter(|_| !random.once_in(4));
        let which = mine.unwrap_or(random.index(self.handles.suspended.len()));
        let Owned { owner, item } = self.handles.suspended.swap_remove(which);
        if random.once_in(4) {
            drop(item);
            return;
        }
        self.arm(slot, random);
        let foreign = owner != own;
        let store = &mut self.slots[slot].store;
        let mut out = [Val::I32(0)];
        let next = match item {
            ResumableCall::HostTrap(trap) => {
                if !foreign {
                    let ty = trap.host_func().ty(&*store);
                    // Sometimes the wrong number or types of results.
                    let ok = !random.once_in(8);
                    let results: Vec<Val> =
                        if ok { ty.results().iter().map(|ty| Val::default(*ty)).collect() } else { vec![Val::I64(1)] };
                    let result = trap.resume(&mut *store, &results, &mut out);
                    assert!(ok || result.is_err(), "results of a wrong type are accepted");
                    Some(result)
                } else {
                    guarded("resume", true, || trap.resume(&mut *store, &[Val::I32(1)], &mut out))
                }
            }
            ResumableCall::OutOfFuel(call) => guarded("resume with fuel", foreign, || {
                // There may be too little.
                call.resume(&mut *store, &mut out)
            }),
            ResumableCall::Finished => None,
        };
        tally::add("resumed calls", matches!(next, Some(Ok(_))).into());
        if let Some(Ok(call)) = next
            && !matches!(call, ResumableCall::Finished)
        {
            self.handles.suspended.push(Owned { owner: own, item: call });
        }
    }

    fn memory(&mut self, slot: usize, random: &mut Random) {
        let owner = self.owner(slot);
        let store = &mut self.slots[slot].store;
        let Some(memory) = pick(random, &self.handles.memories, owner).filter(|_| !random.once_in(6)) else {
            let made = Memory::new(&mut *store, MemoryType::new(random.below(6) as u32, Some(6)));
            if let Ok(memory) = made {
                assert!(memory.data(&*store).iter().all(|byte| *byte == 0), "a new memory is not zero");
                self.handles.memories.push(Owned { owner, item: memory });
            }
            return;
        };
        let (foreign, memory) = (memory.owner != owner, memory.item);
        let number = random.integer();
        match random.below(4) {
            0 => {
                let before = (!foreign).then(|| memory.data(&*store).len());
                let grown = guarded("Memory::grow", foreign, || memory.grow(&mut *store, number % 4));
                if let (Some(Ok(pages)), Some(before)) = (grown, before) {
                    assert_eq!(pages << 16, before as u64);
                    let bytes = memory.data(&*store);
                    assert!(bytes[before..].iter().all(|byte| *byte == 0), "a new page is not zero");
                    assert!(bytes.len() <= 4 << 16, "the limit is exceeded");
                }
            }
            1 => {
                let _ = guarded("Memory::write", foreign, || {
                    let len = memory.data_size(&*store);
                    let at = number as usize;
                    let result = memory.write(&mut *store, at, &[1, 2, 3]);
                    assert_eq!(result.is_ok(), at.checked_add(3).is_some_and(|end| end <= len));
                });
            }
            2 => {
                let _ = guarded("Memory::data", foreign, || {
                    let bytes = memory.data_mut(&mut *store);
                    if let Some(last) = bytes.last_mut() {
                        *last ^= 0xff;
                    }
                });
            }
            _ => {
                let _ = guarded("Memory::ty", foreign, || memory.ty(&*store).minimum() <= memory.size(&*store));
            }
        }
    }

    fn table(&mut self, slot: usize, random: &mut Random) {
        let owner = self.owner(slot);
        // Of the same store or of another one.
        let func = pick(random, &self.handles.funcs, owner);
        let other = pick(random, &self.handles.tables, owner);
        let store = &mut self.slots[slot].store;
        let Some(table) = pick(random, &self.handles.tables, owner).filter(|_| !random.once_in(6)) else {
            let size = random.below(40) as u32;
            let Some(func) = func else { return };
            let made = guarded("Table::new", func.owner != owner, || {
                Table::new(&mut *store, TableType::new(RefType::Func, size, None), Ref::from(func.item))
            });
            if let Some(Ok(table)) = made {
                assert!(size <= 30, "the limit is exceeded");
                assert!((0..u64::from(size)).all(|i| table.get(&*store, i).is_some_and(|func| func.is_non_null())));
                self.handles.tables.push(Owned { owner, item: table });
            }
            return;
        };
        let (foreign, table) = (table.owner != owner, table.item);
        let index = random.below(40);
        match random.below(5) {
            0 => {
                let _ = guarded("Table::get", foreign, || {
                    assert_eq!(table.get(&*store, index).is_some(), index < table.size(&*store));
                });
            }
            1 => {
                let Some(func) = func else { return };
                let of_funcs = !foreign && table.ty(&*store).element() == RefType::Func;
                // An element of a wrong type or beyond the end may be refused before its store is looked at.
                let inside = !foreign && index < table.size(&*store);
                let either = foreign || (func.owner != owner && of_funcs && inside);
                if !foreign && func.owner != owner && !either {
                    return;
                }
                let result = guarded("Table::set", either, || table.set(&mut *store, index, Ref::from(func.item)));
                if let Some(result) = result {
                    assert_eq!(result.is_ok(), of_funcs && inside, "{result:?}");
                }
            }
            2 => {
                let before = (!foreign).then(|| table.size(&*store));
                let null = |store: &Store<Data>| Ref::null(table.ty(store).element());
                let grown = guarded("Table::grow", foreign, || {
                    let null = null(store);
                    table.grow(&mut *store, index % 8, null)
                });
                if let (Some(Ok(size)), Some(before)) = (grown, before) {
                    assert_eq!(size, before);
                    assert!(table.size(&*store) <= 30, "the limit is exceeded");
                    assert!((before..table.size(&*store)).all(|i| table.get(&*store, i).is_some_and(|e| e.is_null())));
                }
            }
            3 => {
                let Some(other) = other else { return };
                let foreign = foreign || other.owner != owner;
                let _ = guarded("Table::copy", foreign, || {
                    let _ = Table::copy(&mut *store, &table, index, &other.item, index / 2, index % 5);
                });
            }
            _ => {
                let _ = guarded("Table::fill", foreign, || {
                    let null = Ref::null(table.ty(&*store).element());
                    let fits = index + index % 3 <= table.size(&*store);
                    assert_eq!(table.fill(&mut *store, index, null, index % 3).is_ok(), fits);
                });
            }
        }
    }

    fn global(&mut self, slot: usize, random: &mut Random) {
        let owner = self.owner(slot);
        let func = pick(random, &self.handles.funcs, owner);
        let store = &mut self.slots[slot].store;
        match (random.below(4), pick(random, &self.handles.globals, owner)) {
            (0, _) => {
                let Some(func) = func else { return };
                let made = guarded("Global::new", func.owner != owner, || {
                    Global::new(&mut *store, Val::from(func.item), Mutability::Var)
                });
                if let Some(global) = made {
                    self.handles.globals.push(Owned { owner, item: global });
                }
            }
            (1, Some(global)) => {
                let number = random.number() as i64;
                let _ = guarded("Global::set", global.owner != owner, || {
                    let ty = global.item.ty(&*store).content();
                    let result = global.item.set(&mut *store, Val::I64(number));
                    assert_eq!(result.is_ok(), ty == ValType::I64);
                    if result.is_ok() {
                        assert_eq!(global.item.get(&*store).i64(), Some(number));
                    }
                });
            }
            (_, Some(global)) => {
                let _ = guarded("Global::get", global.owner != owner, || global.item.get(&*store));
            }
            _ => {}
        }
    }

    fn object(&mut self, slot: usize, random: &mut Random) {
        let owner = self.owner(slot);
        let store = &mut self.slots[slot].store;
        let Some(object) = pick(random, &self.handles.objects, owner).filter(|_| !random.once_in(3)) else {
            let number = random.number();
            let object = ExternRef::new(&mut *store, number);
            self.handles.objects.push(Owned { owner, item: (object, number) });
            return;
        };
        let foreign = object.owner != owner;
        let _ = guarded("ExternRef::data", foreign, || {
            assert_eq!(object.item.0.data(&*store).downcast_ref::<u64>(), Some(&object.item.1));
        });
        let host = Func::wrap(&mut *store, |_: Nullable<ExternRef>| {});
        let _ = guarded("an externref as an argument", foreign, || {
            host.call(&mut *store, &[Val::from(object.item.0)], &mut [])
        });
    }

    /// Instantiates a module that imports something, perhaps of another store.
    fn link(&mut self, slot: usize, random: &mut Random) {
        let owner = self.owner(slot);
        let Slot { store, engine, .. } = &mut self.slots[slot];
        let engine = self.prepared[*engine].pre.module().engine().clone();
        let (wat, item): (_, Option<Owned<Extern>>) = match random.below(4) {
            0 => (
                r#"(module (import "" "" (memory 0)) (data (i32.const 100) "x"))"#,
                pick(random, &self.handles.memories, owner).map(|owned| owned.map(Extern::from)),
            ),
            1 => (
                r#"(module (import "" "" (table 0 funcref)))"#,
                pick(random, &self.handles.tables, owner).map(|owned| owned.map(Extern::from)),
            ),
            2 => (
                r#"(module (import "" "" (global (mut i64))))"#,
                pick(random, &self.handles.globals, owner).map(|owned| owned.map(Extern::from)),
            ),
            _ => (
                r#"(module (import "" "" (func $f (param i32) (result i32)))
                    (func (drop (call $f (i32.const 9)))) (start 1))"#,
                pick(random, &self.handles.funcs, owner).map(|owned| owned.map(Extern::from)),
            ),
        };
        let Some(item) = item else { return };
        let module = Module::new(&engine, wat).expect("a valid module");
        let mut linker = wasmote::Linker::new(&engine);
        linker.define("", "", item.item).expect("a new name");
        store.data_mut().budget = 0;
        let _: Option<Result<Instance, Error>> = guarded("Linker::instantiate_and_start", item.owner != owner, || {
            linker.instantiate_and_start(&mut *store, &module)
        });
    }

    /// Calls with the wrong number or types of arguments and results.
    fn mistype(&mut self, slot: usize, random: &mut Random) {
        let owner = self.owner(slot);
        let store = &mut self.slots[slot].store;
        let Some(func) = pick(random, &self.handles.funcs, owner).filter(|func| func.owner == owner) else { return };
        let func = func.item;
        let one = [Val::I32(1)];
        assert!(func.call(&mut *store, &[], &mut [Val::I32(0)]).is_err());
        assert!(func.call(&mut *store, &one, &mut []).is_err());
        assert!(func.call(&mut *store, &[Val::F32(1.0.into())], &mut [Val::I32(0)]).is_err());
        assert!(func.call(&mut *store, &[one[0].clone(), one[0].clone()], &mut [Val::I32(0)]).is_err());
        assert!(func.call_resumable(&mut *store, &[], &mut []).is_err());
        assert!(func.typed::<i64, i32>(&*store).is_err());
        assert!(func.typed::<(i32, i32), i32>(&*store).is_err());
        assert!(func.typed::<i32, ()>(&*store).is_err());
    }

    fn exports(&mut self, slot: usize, random: &mut Random) {
        let owner = self.owner(slot);
        let store = &mut self.slots[slot].store;
        let Some(instance) = pick(random, &self.handles.instances, owner) else { return };
        let name = random.pick(&CALLS);
        let found = guarded("Instance::get_func", instance.owner != owner, || {
            assert_eq!(instance.item.exports(&*store).count(), 15);
            assert!(instance.item.get_func(&*store, "nothing").is_none());
            instance.item.get_func(&*store, name).expect("an export")
        });
        if let Some(func) = found {
            self.handles.funcs.push(Owned { owner, item: func });
        }
    }
}

impl<T> Owned<T> {
    fn map<U>(self, map: impl FnOnce(T) -> U) -> Owned<U> {
        Owned { owner: self.owner, item: map(self.item) }
    }
}
