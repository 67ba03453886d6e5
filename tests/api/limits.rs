//! Resource limiters.

use wasmote::{
    Caller, Error, Extern, LimiterError, Linker, Memory, MemoryType, Ref, RefType, ResourceLimiter, Store, StoreLimits,
    StoreLimitsBuilder, Table, TableType, TrapCode,
    errors::{ErrorKind, InstantiationError, MemoryError, TableError},
};

use crate::{call_i32, engines, instance, linked, try_linked};

const PAGE: usize = 65536;

const GROWING: &str = r#"(module (memory (export "memory") 1 20) (table $t (export "table") 2 20 funcref)
    (func (export "memory_grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "table_grow") (param i32) (result i32) (table.grow $t (ref.null func) (local.get 0)))
    (func (export "sizes") (result i32) (i32.add (memory.size) (i32.mul (i32.const 100) (table.size $t)))))"#;

fn limited(engine: &wasmote::Engine, limits: StoreLimits) -> Store<StoreLimits> {
    let mut store = Store::new(engine, limits);
    store.limiter(|limits| limits);
    store
}

#[test]
fn growth_beyond_a_limit_fails() {
    for engine in engines() {
        let limits = StoreLimitsBuilder::new().memory_size(4 * PAGE + 100).table_elements(5).build();
        let mut store = limited(&engine, limits);
        let instance = instance(&mut store, GROWING);
        assert_eq!(call_i32(&mut store, instance, "memory_grow", &[4]).unwrap(), -1);
        assert_eq!(call_i32(&mut store, instance, "memory_grow", &[3]).unwrap(), 1);
        assert_eq!(call_i32(&mut store, instance, "memory_grow", &[1]).unwrap(), -1);
        assert_eq!(call_i32(&mut store, instance, "memory_grow", &[0]).unwrap(), 4);
        assert_eq!(call_i32(&mut store, instance, "memory_grow", &[-1]).unwrap(), -1);
        assert_eq!(call_i32(&mut store, instance, "table_grow", &[4]).unwrap(), -1);
        assert_eq!(call_i32(&mut store, instance, "table_grow", &[3]).unwrap(), 2);
        assert_eq!(call_i32(&mut store, instance, "table_grow", &[1]).unwrap(), -1);
        assert_eq!(call_i32(&mut store, instance, "table_grow", &[0]).unwrap(), 5);
        assert_eq!(call_i32(&mut store, instance, "sizes", &[]).unwrap(), 504);
        let (memory, table) =
            (instance.get_memory(&store, "memory").unwrap(), instance.get_table(&store, "table").unwrap());
        assert!(memory.grow(&mut store, 1).is_err());
        assert!(table.grow(&mut store, 1, Ref::null(RefType::Func)).is_err());
        assert_eq!(call_i32(&mut store, instance, "sizes", &[]).unwrap(), 504);
    }
}

#[test]
fn growth_beyond_a_limit_traps() {
    for engine in engines() {
        let limits = StoreLimitsBuilder::new().memory_size(4 * PAGE).table_elements(5).trap_on_grow_failure(true);
        let mut store = limited(&engine, limits.build());
        let instance = instance(&mut store, GROWING);
        for (name, delta) in [("memory_grow", 4), ("table_grow", 4), ("memory_grow", -1), ("table_grow", -1)] {
            let error = call_i32(&mut store, instance, name, &[delta]).unwrap_err();
            assert_eq!(error.as_trap_code(), Some(TrapCode::GrowthOperationLimited), "{name} {delta}");
        }
        assert_eq!(call_i32(&mut store, instance, "memory_grow", &[3]).unwrap(), 1);
        assert_eq!(call_i32(&mut store, instance, "table_grow", &[3]).unwrap(), 2);
        let memory = instance.get_memory(&store, "memory").unwrap();
        assert_eq!(memory.grow(&mut store, 1), Err(MemoryError::ResourceLimiterDeniedAllocation));
        let table = instance.get_table(&store, "table").unwrap();
        let denied = Err(TableError::ResourceLimiterDeniedAllocation);
        assert_eq!(table.grow(&mut store, 1, Ref::null(RefType::Func)), denied);
        assert_eq!(call_i32(&mut store, instance, "sizes", &[]).unwrap(), 504);
    }
}

#[test]
fn numbers_of_things() {
    for engine in engines() {
        let linker = Linker::new(&engine);
        let mut store = limited(&engine, StoreLimitsBuilder::new().instances(2).tables(1).memories(1).build());
        let kind = |result: Result<_, Error>| match result.map(drop).unwrap_err().kind() {
            ErrorKind::Instantiation(error) => error.clone(),
            kind => panic!("{kind:?}"),
        };
        assert_eq!(
            kind(try_linked(&mut store, &linker, "(module (memory 1) (memory 1))")),
            InstantiationError::TooManyMemories
        );
        assert_eq!(
            kind(try_linked(&mut store, &linker, "(module (table 1 funcref) (table 1 funcref))")),
            InstantiationError::TooManyTables
        );
        try_linked(&mut store, &linker, "(module (memory 1) (table 1 funcref))").unwrap();
        assert_eq!(
            kind(try_linked(&mut store, &linker, "(module (memory 1))")),
            InstantiationError::TooManyMemories,
            "the store has one already"
        );
        try_linked(&mut store, &linker, "(module)").unwrap();
        assert_eq!(kind(try_linked(&mut store, &linker, "(module)")), InstantiationError::TooManyInstances);
    }
}

#[test]
fn first_sizes_are_limited_too() {
    for engine in engines() {
        let linker = Linker::new(&engine);
        let mut store = limited(&engine, StoreLimitsBuilder::new().memory_size(PAGE).table_elements(5).build());
        assert!(try_linked(&mut store, &linker, "(module (memory 2))").is_err());
        assert!(try_linked(&mut store, &linker, "(module (table 6 funcref))").is_err());
        assert!(Memory::new(&mut store, MemoryType::new(2, None)).is_err());
        let null = Ref::null(RefType::Func);
        assert!(Table::new(&mut store, TableType::new(RefType::Func, 6, None), null).is_err());
        try_linked(&mut store, &linker, "(module (memory 1) (table 5 funcref))").unwrap();
    }
}

/// Records the requests.
struct Witness {
    asked: Vec<(usize, usize, Option<usize>)>,
    failed: usize,
    allow: bool,
}

impl ResourceLimiter for Witness {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool, LimiterError> {
        self.asked.push((current, desired, maximum));
        Ok(self.allow)
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool, LimiterError> {
        self.asked.push((current, desired, maximum));
        Ok(self.allow)
    }

    fn memory_grow_failed(&mut self, _error: &MemoryError) -> Result<(), LimiterError> {
        self.failed += 1;
        Ok(())
    }

    fn table_grow_failed(&mut self, _error: &TableError) -> Result<(), LimiterError> {
        self.failed += 1;
        Ok(())
    }

    fn instances(&self) -> usize {
        10
    }

    fn tables(&self) -> usize {
        10
    }

    fn memories(&self) -> usize {
        10
    }
}

#[test]
fn limiters_are_asked() {
    for engine in engines() {
        let mut store = Store::new(&engine, (String::new(), Witness { asked: vec![], failed: 0, allow: true }));
        store.limiter(|data| &mut data.1);
        let instance = instance(&mut store, GROWING);
        let mut asked = std::mem::take(&mut store.data_mut().1.asked);
        asked.sort_unstable();
        assert_eq!(asked, [(0, 2, Some(20)), (0, PAGE, Some(20 * PAGE))]);
        assert_eq!(call_i32(&mut store, instance, "memory_grow", &[2]).unwrap(), 1);
        assert_eq!(call_i32(&mut store, instance, "table_grow", &[3]).unwrap(), 2);
        let asked = std::mem::take(&mut store.data_mut().1.asked);
        assert_eq!(asked, [(PAGE, 3 * PAGE, Some(20 * PAGE)), (2, 5, Some(20))]);
        assert_eq!(store.data().1.failed, 0);
        assert_eq!(call_i32(&mut store, instance, "memory_grow", &[50]).unwrap(), -1);
        assert_eq!(call_i32(&mut store, instance, "table_grow", &[50]).unwrap(), -1);
        assert_eq!(store.data().1.failed, 2, "the limiter hears of growth that fails beyond its maximum");
        store.data_mut().1.allow = false;
        assert_eq!(call_i32(&mut store, instance, "memory_grow", &[1]).unwrap(), -1);
        assert_eq!(call_i32(&mut store, instance, "table_grow", &[1]).unwrap(), -1);
        assert_eq!(call_i32(&mut store, instance, "sizes", &[]).unwrap(), 503);
    }
}

#[test]
fn limits_changed_by_a_host_function() {
    for engine in engines() {
        let limits = StoreLimitsBuilder::new().memory_size(PAGE).build();
        let mut store = limited(&engine, limits);
        let mut linker = Linker::new(&engine);
        linker
            .func_wrap("host", "raise", |mut caller: Caller<'_, StoreLimits>| -> Result<(), Error> {
                *caller.data_mut() = StoreLimitsBuilder::new().memory_size(3 * PAGE).build();
                let memory = caller.get_export("m").and_then(Extern::into_memory).ok_or(Error::new("no memory"))?;
                memory.grow(&mut caller, 1)?;
                Ok(())
            })
            .unwrap();
        let instance = linked(
            &mut store,
            &linker,
            r#"(module (import "host" "raise" (func $raise)) (memory (export "m") 1)
                (func (export "run") (result i32)
                    (memory.grow (i32.const 1)) (call $raise)
                    (i32.add (i32.mul (i32.const 100) (memory.grow (i32.const 1))))
                    (i32.add (i32.mul (i32.const 10) (memory.grow (i32.const 1))))))"#,
        );
        assert_eq!(call_i32(&mut store, instance, "run", &[]).unwrap(), -1 + 200 - 10);
    }
}

/// Records the requested sizes, and allows all.
#[derive(Default)]
struct Asked(Vec<(usize, usize, Option<usize>)>);

impl ResourceLimiter for Asked {
    fn memory_growing(&mut self, now: usize, desired: usize, maximum: Option<usize>) -> Result<bool, LimiterError> {
        self.0.push((now, desired, maximum));
        Ok(true)
    }
    fn table_growing(&mut self, now: usize, desired: usize, maximum: Option<usize>) -> Result<bool, LimiterError> {
        self.0.push((now, desired, maximum));
        Ok(true)
    }
    fn instances(&self) -> usize {
        usize::MAX
    }
    fn tables(&self) -> usize {
        usize::MAX
    }
    fn memories(&self) -> usize {
        usize::MAX
    }
}

#[test]
fn a_limiter_is_told_the_size_asked_for_even_beyond_the_maximum() {
    for engine in engines() {
        let mut store = Store::new(&engine, Asked::default());
        store.limiter(|asked| asked);
        let instance = instance(&mut store, GROWING);
        for (name, delta, asked) in [
            ("memory_grow", 5, (PAGE, 6 * PAGE, Some(20 * PAGE))),
            ("memory_grow", 15, (6 * PAGE, 21 * PAGE, Some(20 * PAGE))),
            ("memory_grow", 1 << 15, (6 * PAGE, ((1 << 15) + 6) * PAGE, Some(20 * PAGE))),
            ("table_grow", 19, (2, 21, Some(20))),
        ] {
            call_i32(&mut store, instance, name, &[delta]).unwrap();
            assert_eq!(store.data().0.last(), Some(&asked), "{name} {delta}");
        }
    }
}
