//! Memories: the embedder's access, and growth while running code has their addresses.

use wasmote::{
    Caller, Config, Engine, Error, Extern, Linker, Memory, MemoryType, Store, TrapCode, Val,
    errors::{ErrorKind, MemoryError},
};

use crate::{call, call_i32, engines, engines_with, instance, linked, memory};

#[test]
fn access_from_the_host() {
    for engine in engines() {
        let mut store = Store::new(&engine, String::from("data"));
        let instance = instance(&mut store, r#"(module (memory (export "m") 1 3) (data (i32.const 10) "abc"))"#);
        let memory = memory(&store, instance, "m");
        assert_eq!((memory.size(&store), memory.data_size(&store)), (1, 65536));
        assert_eq!((memory.ty(&store).minimum(), memory.ty(&store).maximum()), (1, Some(3)));
        let mut bytes = [0; 3];
        memory.read(&store, 10, &mut bytes).unwrap();
        assert_eq!(&bytes, b"abc");
        memory.write(&mut store, 65533, b"xyz").unwrap();
        assert_eq!(&memory.data(&store)[65533..], b"xyz");
        for offset in [65534, 65537, usize::MAX] {
            assert_eq!(memory.read(&store, offset, &mut bytes), Err(MemoryError::OutOfBoundsAccess));
            assert_eq!(memory.write(&mut store, offset, b"123"), Err(MemoryError::OutOfBoundsAccess));
        }
        assert_eq!(&memory.data(&store)[65533..], b"xyz", "nothing of a write out of bounds is written");
        memory.read(&store, 65536, &mut []).unwrap();
        memory.data_mut(&mut store)[0] = 7;
        let (bytes, data) = memory.data_and_store_mut(&mut store);
        data.push(char::from(bytes[0] + b'0'));
        assert_eq!(store.data(), "data7");
        assert_eq!(memory.grow(&mut store, 0).unwrap(), 1);
        assert_eq!(memory.grow(&mut store, 2).unwrap(), 1);
        assert_eq!((memory.size(&store), memory.ty(&store).maximum()), (3, Some(3)));
        assert_eq!(memory.grow(&mut store, 1), Err(MemoryError::OutOfBoundsGrowth));
        assert_eq!(memory.data(&store)[0], 7);
        assert_eq!(memory.data_ptr(&store).cast_const(), memory.data(&store).as_ptr());
        assert!(memory.data(&store)[65536..].iter().all(|&byte| byte == 0));
    }
}

/// Two memories, each written before and read after a call of the host, at both ends.
const TWO: &str = r#"(module
    (import "host" "grow" (func $grow (param i32)))
    (memory $a (export "a") 1) (memory $b (export "b") 1)
    (func (export "grow_a") (param i32) (result i32) (memory.grow $a (local.get 0)))
    (func (export "grow_b") (param i32) (result i32) (memory.grow $b (local.get 0)))
    (func (export "run") (param i32) (result i64) (local $last_a i32) (local $last_b i32)
        (i32.store $a (i32.const 8) (i32.const 1))
        (i32.store $b (i32.const 8) (i32.const 20))
        (call $grow (local.get 0))
        (local.set $last_a (i32.sub (i32.mul (memory.size $a) (i32.const 65536)) (i32.const 4)))
        (local.set $last_b (i32.sub (i32.mul (memory.size $b) (i32.const 65536)) (i32.const 4)))
        (i32.store $a (local.get $last_a) (i32.const 300))
        (i32.store $b (local.get $last_b) (i32.const 4000))
        (i64.extend_i32_u
            (i32.add (i32.add (i32.load $a (i32.const 8)) (i32.load $b (i32.const 8)))
                (i32.add (i32.load $a (local.get $last_a)) (i32.load $b (local.get $last_b)))))
        (i64.add (i64.mul (i64.const 1000000) (i64.extend_i32_u (memory.size $a))))
        (i64.add (i64.mul (i64.const 100000000) (i64.extend_i32_u (memory.size $b)))))
    (func (export "oob_a") (call $grow (i32.const 3))
        (drop (i32.load $a (i32.sub (i32.mul (memory.size $a) (i32.const 65536)) (i32.const 3)))))
    (func (export "oob_b") (call $grow (i32.const 3))
        (drop (i32.load $b (i32.sub (i32.mul (memory.size $b) (i32.const 65536)) (i32.const 3))))))"#;

/// Growth by the host function of [`TWO`].
#[derive(Clone, Copy)]
enum How {
    Host,
    Wasm,
}

fn two_memories(engine: &Engine, how: How) -> (Store<()>, wasmote::Instance) {
    let mut store = Store::new(engine, ());
    let mut linker = Linker::new(engine);
    linker
        .func_wrap("host", "grow", move |mut caller: Caller<'_, ()>, which: i32| -> Result<(), Error> {
            for (bit, name, func) in [(1, "a", "grow_a"), (2, "b", "grow_b")] {
                if which & bit == 0 {
                    continue;
                }
                let missing = || Error::new("missing export");
                match how {
                    How::Host => {
                        let memory = caller.get_export(name).and_then(Extern::into_memory).ok_or_else(missing)?;
                        memory.grow(&mut caller, 20)?;
                    }
                    How::Wasm => {
                        let func = caller.get_export(func).and_then(Extern::into_func).ok_or_else(missing)?;
                        func.typed::<i32, i32>(&caller)?.call(&mut caller, 20)?;
                    }
                }
            }
            Ok(())
        })
        .unwrap();
    let instance = linked(&mut store, &linker, TWO);
    (store, instance)
}

#[test]
fn growth_inside_a_host_call() {
    for engine in engines() {
        for how in [How::Host, How::Wasm] {
            for which in 0..4 {
                let (mut store, instance) = two_memories(&engine, how);
                let mut pages = [1, 1];
                for _ in 0..4 {
                    let result = call(&mut store, instance, "run", &[Val::I32(which)]).unwrap()[0].i64().unwrap();
                    for (bit, pages) in pages.iter_mut().enumerate() {
                        *pages += i64::from(which >> bit & 1) * 20;
                    }
                    assert_eq!(result, 4321 + pages[0] * 1_000_000 + pages[1] * 100_000_000);
                }
                for name in ["oob_a", "oob_b"] {
                    let error = call(&mut store, instance, name, &[]).unwrap_err();
                    assert_eq!(error.as_trap_code(), Some(TrapCode::MemoryOutOfBounds));
                }
            }
        }
    }
}

/// Code that goes on after a tail call of the host, in the function called or in its caller, sees the new pages.
#[test]
fn growth_inside_a_host_call_in_tail_position() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        linker
            .func_wrap("host", "grow", |mut caller: Caller<'_, ()>, value: i32| -> Result<i32, Error> {
                let memory = caller.get_export("m").and_then(Extern::into_memory).ok_or(Error::new("no memory"))?;
                memory.grow(&mut caller, 20).map_err(|error| Error::new(error.to_string()))?;
                Ok(value)
            })
            .unwrap();
        let instance = linked(
            &mut store,
            &linker,
            r#"(module
                (import "host" "grow" (func $grow (param i32) (result i32)))
                (memory (export "m") 1)
                (type $unary (func (param i32) (result i32)))
                (table funcref (elem $grow))
                (func $direct (param i32) (result i32) (return_call $grow (local.get 0)))
                (func $indirect (param i32) (result i32)
                    (return_call_indirect (type $unary) (local.get 0) (i32.const 0)))
                (func $at_end (result i32) (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 4)))
                (func (export "run") (param i32) (result i32)
                    (i32.store (i32.const 0) (call $direct (local.get 0)))
                    (i32.store (call $at_end) (i32.load (i32.const 0)))
                    (drop (call $indirect (i32.const 1)))
                    (i32.store (call $at_end) (i32.const 5))
                    (i32.add (i32.load (i32.const 0)) (i32.load (call $at_end)))))"#,
        );
        for pages in [41, 81, 121] {
            assert_eq!(call_i32(&mut store, instance, "run", &[pages]).unwrap(), pages + 5);
            assert_eq!(memory(&store, instance, "m").size(&store), pages as u64);
        }
    }
}

#[test]
fn growth_by_another_instance() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        let owner = linked(
            &mut store,
            &linker,
            r#"(module (memory (export "m") 1) (memory $own 1) (data $own (i32.const 0) "own!")
                (func (export "grow") (result i32) (memory.grow 0 (i32.const 7)))
                (func (export "read") (param i32) (result i32) (i32.load (local.get 0))))"#,
        );
        linker.instance(&mut store, "owner", owner).unwrap();
        let user = linked(
            &mut store,
            &linker,
            r#"(module
                (import "owner" "grow" (func $grow (result i32)))
                (import "owner" "read" (func $read (param i32) (result i32)))
                (import "owner" "m" (memory 1))
                (table funcref (elem $grow))
                (func $at_end (result i32) (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 4)))
                (func (export "direct") (result i32)
                    (i32.store (i32.const 0) (i32.const 5))
                    (drop (call $grow))
                    (i32.store (call $at_end) (i32.const 6))
                    (i32.add (i32.load (i32.const 0)) (call $read (call $at_end))))
                (func (export "indirect") (result i32)
                    (i32.store (i32.const 0) (i32.const 7))
                    (drop (call_indirect (result i32) (i32.const 0)))
                    (i32.store (call $at_end) (i32.const 8))
                    (i32.add (i32.load (i32.const 0)) (call $read (call $at_end))))
                (func $tail (result i32) (return_call $grow))
                (func (export "tail") (result i32)
                    (drop (call $tail))
                    (i32.store (call $at_end) (i32.const 9))
                    (call $read (call $at_end))))"#,
        );
        assert_eq!(call_i32(&mut store, user, "direct", &[]).unwrap(), 11);
        assert_eq!(call_i32(&mut store, user, "indirect", &[]).unwrap(), 15);
        assert_eq!(call_i32(&mut store, user, "tail", &[]).unwrap(), 9);
        assert_eq!(memory(&store, owner, "m").size(&store), 22);
    }
}

#[test]
fn growth_inside_several_levels() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        linker
            .func_wrap("host", "down", |mut caller: Caller<'_, ()>, level: i32| -> Result<i32, Error> {
                let run = caller.get_export("run").and_then(Extern::into_func).ok_or(Error::new("no function"))?;
                run.typed::<i32, i32>(&caller)?.call(&mut caller, level)
            })
            .unwrap();
        let instance = linked(
            &mut store,
            &linker,
            r#"(module (import "host" "down" (func $down (param i32) (result i32)))
                (memory (export "m") 1)
                (func (export "run") (param i32) (result i32) (local $end i32)
                    (local.set $end (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 4)))
                    (i32.store (local.get $end) (local.get 0))
                    (drop (memory.grow (i32.const 1)))
                    (if (local.get 0) (then (drop (call $down (i32.sub (local.get 0) (i32.const 1))))))
                    ;; The last bytes of the memory as it is now, and what this level has written.
                    (i32.store8 (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 1)) (i32.const 1))
                    (if (i32.ne (i32.load (local.get $end)) (local.get 0)) (then unreachable))
                    memory.size))"#,
        );
        assert_eq!(call_i32(&mut store, instance, "run", &[30]).unwrap(), 32);
    }
}

#[test]
fn made_by_the_host_and_shared() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let memory = Memory::new(&mut store, MemoryType::new(1, Some(2))).unwrap();
        let buffer: &'static mut [u8] = Box::leak(vec![0xff; 2 * 65536 + 10].into_boxed_slice());
        let fixed = Memory::new_static(&mut store, MemoryType::new(1, None), buffer).unwrap();
        let mut linker = Linker::new(&engine);
        linker.define("host", "memory", memory).unwrap().define("host", "static", fixed).unwrap();
        let wat = r#"(module (import "host" "memory" (memory $m 1 2)) (import "host" "static" (memory $s 1))
            (func (export "add") (param i32) (result i32)
                (i32.store $m (i32.const 0) (i32.add (i32.load $m (i32.const 0)) (local.get 0)))
                (i32.store $s (i32.const 65532) (i32.load $m (i32.const 0)))
                (i32.load $s (i32.const 65532)))
            (func (export "grow") (param i32) (result i32)
                (i32.add (memory.grow $m (local.get 0)) (i32.mul (i32.const 10) (memory.grow $s (local.get 0))))))"#;
        let (first, second) = (linked(&mut store, &linker, wat), linked(&mut store, &linker, wat));
        assert_eq!(call_i32(&mut store, first, "add", &[5]).unwrap(), 5);
        assert_eq!(call_i32(&mut store, second, "add", &[6]).unwrap(), 11);
        assert_eq!(memory.data(&store)[0], 11);
        assert_eq!(fixed.data(&store)[65532], 11);
        assert_eq!(call_i32(&mut store, second, "grow", &[1]).unwrap(), 11);
        assert_eq!(fixed.data(&store)[65536..].iter().max(), Some(&0), "grown bytes of a static buffer are zero");
        assert_eq!(call_i32(&mut store, first, "add", &[1]).unwrap(), 12);
        assert_eq!(call_i32(&mut store, first, "grow", &[1]).unwrap(), -11, "beyond maximum, beyond the buffer");
        assert_eq!((memory.size(&store), fixed.size(&store)), (2, 2));
    }
}

#[test]
fn static_buffers_must_be_large_enough() {
    let mut store = Store::new(&Engine::default(), ());
    let buffer: &'static mut [u8] = Box::leak(vec![0; 65535].into_boxed_slice());
    let error = Memory::new_static(&mut store, MemoryType::new(1, None), buffer).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Memory(MemoryError::InvalidStaticBufferSize)));
}

#[test]
fn growth_that_cannot_be_had() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let instance = instance(
            &mut store,
            r#"(module (memory $a 1) (memory $b i64 1) (memory $c 1 2)
                (func (export "a") (param i32) (result i32) (memory.grow $a (local.get 0)))
                (func (export "b") (param i64) (result i64) (memory.grow $b (local.get 0)))
                (func (export "c") (param i32) (result i32) (memory.grow $c (local.get 0)))
                (func (export "use") (result i32)
                    (i32.store $a (i32.const 65532) (i32.const 3)) (i32.store $b (i64.const 65532) (i32.const 4))
                    (i32.add (i32.load $a (i32.const 65532)) (i32.load $b (i64.const 65532)))))"#,
        );
        for pages in [65536, -1, i32::MAX, i32::MIN] {
            assert_eq!(call_i32(&mut store, instance, "a", &[pages]).unwrap(), -1);
        }
        for pages in [1 << 48, 1 << 47, (1 << 48) - 1, -1, i64::MAX, i64::MIN, 1 << 40] {
            let result = call(&mut store, instance, "b", &[Val::I64(pages)]).unwrap();
            assert_eq!(result[0].i64(), Some(-1), "{pages}");
        }
        assert_eq!(call_i32(&mut store, instance, "c", &[2]).unwrap(), -1);
        assert_eq!(call_i32(&mut store, instance, "c", &[1]).unwrap(), 1);
        assert_eq!(call_i32(&mut store, instance, "a", &[0]).unwrap(), 1);
        assert_eq!(call_i32(&mut store, instance, "use", &[]).unwrap(), 7);
    }
}

#[test]
fn pages_of_one_byte() {
    let configure = |config: &mut Config| {
        config.wasm_custom_page_sizes(true);
    };
    for engine in engines_with(configure) {
        let mut store = Store::new(&engine, ());
        let instance = instance(
            &mut store,
            r#"(module (memory (export "m") 5 (pagesize 1))
                (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
                (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0))))"#,
        );
        let memory = memory(&store, instance, "m");
        assert_eq!((memory.size(&store), memory.data_size(&store), memory.ty(&store).page_size()), (5, 5, 1));
        assert!(call_i32(&mut store, instance, "load", &[4]).is_ok());
        assert!(call_i32(&mut store, instance, "load", &[5]).is_err());
        assert_eq!(call_i32(&mut store, instance, "grow", &[3]).unwrap(), 5);
        assert!(call_i32(&mut store, instance, "load", &[7]).is_ok());
        assert!(call_i32(&mut store, instance, "load", &[8]).is_err());
    }
}

#[test]
fn memories_without_pages() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let instance = instance(
            &mut store,
            r#"(module (memory (export "m") 0)
                (func (export "load") (result i32) (i32.load8_u (i32.const 0)))
                (func (export "grow") (result i32) (memory.grow (i32.const 1)))
                (func (export "fill") (memory.fill (i32.const 0) (i32.const 0) (i32.const 0))))"#,
        );
        assert_eq!(memory(&store, instance, "m").data(&store), [0_u8; 0]);
        assert!(call_i32(&mut store, instance, "load", &[]).is_err());
        call(&mut store, instance, "fill", &[]).unwrap();
        assert_eq!(call_i32(&mut store, instance, "grow", &[]).unwrap(), 0);
        assert_eq!(call_i32(&mut store, instance, "load", &[]).unwrap(), 0);
    }
}
