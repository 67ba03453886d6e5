//! The module that the sequences use, and its host function, which calls back, grows and fails.

use wasmote::{Caller, Error, Extern, ExternRef, Func, Linker, Nullable, Ref, V128, Val};
use wasmote_generate::Random;

/// The bytes at the start of its memory.
pub(super) const IMAGE: &[u8] = b"what the module begins with";

/// The first value of its global.
pub(super) const GLOBAL: i64 = 77;

/// The result of a function that found something changed.
pub(super) const CHANGED: i32 = 0x5a5a_5a5a;

/// Calls of the host, in every way in which code can call, between accesses that see whether memory, table and global
/// are still what they were. A result of -1 says that they are not.
pub(super) const GUEST: &str = r#"(module
    (import "host" "act" (func $act (param i32) (result i32)))
    (import "host" "pass" (func $pass (param v128 externref) (result externref v128)))
    (type $unary (func (param i32) (result i32)))
    (memory (export "memory") 1 6)
    (table $table (export "table") 4 40 funcref)
    (table $objects (export "objects") 2 20 externref)
    (global $g (export "g") (mut i64) (i64.const 77))
    (data (i32.const 0) "what the module begins with")
    (data $later "0123456789")
    (elem (table $table) (i32.const 0) func $act $run)
    (elem declare func $tail)
    (func $run (export "run") (param $x i32) (result i32) (local $kept i64)
        (local.set $kept (i64.extend_i32_u (local.get $x)))
        (i32.store (i32.const 1000) (i32.add (i32.load (i32.const 1000)) (i32.const 1)))
        (drop (call $act (local.get $x)))
        ;; The last bytes of the memory are there, however much it grew meanwhile.
        (i32.store (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 4)) (local.get $x))
        (if (i32.ne (i32.load (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 4))) (local.get $x))
            (then (return (i32.const 0x5a5a5a5a))))
        (if (i64.ne (local.get $kept) (i64.extend_i32_u (local.get $x))) (then (return (i32.const 0x5a5a5a5a))))
        (i32.load8_u (i32.const 0)))
    (func $tail (export "tail") (param i32) (result i32) (return_call $act (local.get 0)))
    (func (export "indirect") (param i32) (result i32)
        (i32.add
            (call_indirect $table (type $unary)
                (local.get 0) (i32.rem_u (local.get 0) (table.size $table)))
            (i32.load8_u (i32.const 1))))
    (func (export "tail_indirect") (param i32) (result i32)
        (return_call_indirect $table (type $unary)
            (local.get 0) (i32.rem_u (local.get 0) (i32.const 2))))
    (func (export "grow") (param i32) (result i32)
        (drop (table.grow $table (ref.func $tail) (i32.and (local.get 0) (i32.const 7))))
        (drop (table.grow $objects (ref.null extern) (i32.and (local.get 0) (i32.const 3))))
        (memory.grow (i32.and (local.get 0) (i32.const 1))))
    (func (export "vectors") (param i32) (result i32) (local $object externref) (local $vector v128)
        (call $pass (i32x4.splat (local.get 0)) (table.get $objects (i32.const 0)))
        local.set $vector
        local.set $object
        (table.set $objects (i32.const 1) (local.get $object))
        (v128.store (i32.const 2000) (local.get $vector))
        (if (i32.eqz (i32x4.all_true (i32x4.eq (v128.load (i32.const 2000)) (i32x4.splat (local.get 0)))))
            (then (return (i32.const 0x5a5a5a5a))))
        (i32.const 0))
    (func (export "copy") (param i32) (result i32)
        (memory.init $later (i32.and (local.get 0) (i32.const 4095)) (i32.const 0) (i32.const 10))
        (memory.copy (i32.const 5000) (local.get 0) (i32.const 3000))
        (memory.fill (i32.const 9000) (local.get 0) (i32.and (local.get 0) (i32.const 0xffff)))
        (data.drop $later)
        (global.set $g (i64.add (global.get $g) (i64.const 1)))
        (i32.const 0))
    (func $deep (export "deep") (param i32) (result i32)
        (i32.add (call $deep (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))
    (func (export "spin") (param i32) (result i32) (local $i i32)
        (loop $again
            (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100000))))
        (local.get $i))
    (func (export "trap") (param i32) (result i32)
        (i32.div_u (call $act (local.get 0)) (i32.const 0)))
    (func (export "outside") (param i32) (result i32)
        (drop (call $act (local.get 0)))
        (drop (i32.load (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 3))))
        (i32.const 0x5a5a5a5a)))"#;

/// The exports that take and return an i32.
pub(super) const CALLS: [&str; 12] =
    ["run", "tail", "indirect", "tail_indirect", "grow", "vectors", "copy", "deep", "spin", "trap", "outside", "run"];

/// The data of a store.
pub(super) struct Data {
    pub(super) random: Random,
    /// How many calls of the host function are in progress
    pub(super) depth: u32,
    /// How often the host function may still call back
    pub(super) budget: u32,
    pub(super) limits: wasmote::StoreLimits,
    /// Whether calls may be kept to go on later: then the host's errors suspend them.
    pub(super) fails: u64,
}

/// Returns a linker with the host's functions.
pub(super) fn linker(engine: &wasmote::Engine) -> Linker<Data> {
    let mut linker = Linker::new(engine);
    linker.func_wrap("host", "act", act).expect("a new name");
    linker.func_wrap("host", "pass", pass).expect("a new name");
    linker
}

fn act(mut caller: Caller<'_, Data>, value: i32) -> Result<i32, Error> {
    if caller.data().budget == 0 || caller.data().depth > 20 {
        return Ok(value);
    }
    caller.data_mut().budget -= 1;
    caller.data_mut().depth += 1;
    let result = something(&mut caller, value);
    caller.data_mut().depth -= 1;
    result
}

/// Returns what it was given, the other way round.
fn pass(
    mut caller: Caller<'_, Data>,
    vector: V128,
    object: Nullable<ExternRef>,
) -> Result<(Nullable<ExternRef>, V128), Error> {
    something(&mut caller, 1)?;
    Ok((object, vector))
}

fn something(caller: &mut Caller<'_, Data>, value: i32) -> Result<i32, Error> {
    let choice = caller.data_mut().random.below(14);
    let number = caller.data_mut().random.integer();
    match choice {
        0 | 1 => {
            let name = caller.data_mut().random.pick(&CALLS);
            let func = export(caller, name).and_then(Extern::into_func).ok_or(Error::new("no function"))?;
            let result = typed(caller, func, number as i32)?;
            assert_ne!(result, CHANGED, "{name} found something changed");
            Ok(result)
        }
        2 => {
            let memory = export(caller, "memory").and_then(Extern::into_memory).ok_or(Error::new("no memory"))?;
            let before = memory.data(&*caller).len();
            if memory.grow(&mut *caller, number & 1).is_ok() {
                let bytes = memory.data(&*caller);
                assert!(bytes[before..].iter().all(|byte| *byte == 0), "a new page is not zero");
            }
            Ok(value)
        }
        3 => {
            let table = export(caller, "table").and_then(Extern::into_table).ok_or(Error::new("no table"))?;
            let func = export(caller, "tail").and_then(Extern::into_func).ok_or(Error::new("no function"))?;
            let _ = table.grow(&mut *caller, number & 3, Ref::from(func));
            let _ = table.set(&mut *caller, 2 + number % 4, Ref::from(func));
            Ok(value)
        }
        4 => {
            let objects = export(caller, "objects").and_then(Extern::into_table).ok_or(Error::new("no table"))?;
            let object = ExternRef::new(&mut *caller, number);
            let _ = objects.set(&mut *caller, number % 3, Ref::from(object));
            assert_eq!(object.data(&*caller).downcast_ref::<u64>(), Some(&number));
            Ok(value)
        }
        5 => {
            let memory = export(caller, "memory").and_then(Extern::into_memory).ok_or(Error::new("no memory"))?;
            let at = 3000 + number as usize % 500;
            memory.write(&mut *caller, at, &number.to_le_bytes()).expect("inside of the memory");
            let mut back = [0; 8];
            memory.read(&*caller, at, &mut back).expect("inside of the memory");
            assert_eq!(back, number.to_le_bytes());
            Ok(value)
        }
        6 => {
            let global = export(caller, "g").and_then(Extern::into_global).ok_or(Error::new("no global"))?;
            global.set(&mut *caller, Val::I64(number as i64)).expect("a mutable global of this type");
            assert_eq!(global.get(&*caller).i64(), Some(number as i64));
            assert!(global.set(&mut *caller, Val::I32(1)).is_err());
            Ok(value)
        }
        7 => {
            if let Ok(left) = caller.get_fuel() {
                caller.set_fuel(left / 2)?;
            }
            Ok(value)
        }
        8 => {
            // A call that is suspended and dropped, or goes on at once.
            let func = export(caller, "run").and_then(Extern::into_func).ok_or(Error::new("no function"))?;
            let mut out = [Val::I32(0)];
            let call = func.call_resumable(&mut *caller, &[Val::I32(value)], &mut out)?;
            if let wasmote::ResumableCall::HostTrap(trap) = call {
                if number & 1 == 0 {
                    drop(trap.resume(&mut *caller, &[Val::I32(value)], &mut out)?);
                }
            }
            Ok(value)
        }
        9 => {
            // A function of the host that is made here and called through the table.
            let table = export(caller, "table").and_then(Extern::into_table).ok_or(Error::new("no table"))?;
            let func = Func::wrap(&mut *caller, |value: i32| value ^ 1);
            let _ = table.set(&mut *caller, 3, Ref::from(func));
            assert_eq!(typed(caller, func, value)?, value ^ 1);
            Ok(value)
        }
        10 => Err(Error::i32_exit(value)),
        11 if caller.data().fails > 0 => Err(Error::new("the host gives up")),
        _ => Ok(value),
    }
}

fn export(caller: &Caller<'_, Data>, name: &str) -> Option<Extern> {
    caller.get_export(name)
}

fn typed(caller: &mut Caller<'_, Data>, func: Func, value: i32) -> Result<i32, Error> {
    func.typed::<i32, i32>(&*caller)?.call(&mut *caller, value)
}
