//! A data race, made on purpose. It shows that ThreadSanitizer sees how code accesses a shared memory, so that a run without
//! reports means something: `ci/sanitizers.sh thread` expects a report here, and none elsewhere.

use std::{sync::Barrier, thread};

use wasmote::{Config, Engine, Linker, MemoryType, Module, SharedMemory, Store};

#[test]
#[ignore = "it is a data race, which `ci/sanitizers.sh thread` expects to be reported"]
fn a_plain_access_of_the_host_races_with_code() {
    let mut config = Config::default();
    config.wasm_threads(true);
    let engine = Engine::new(&config);
    let memory = SharedMemory::new(&engine, MemoryType::shared(1, 1)).unwrap();
    let mut linker = Linker::new(&engine);
    linker.define_shared_memory("", "memory", &memory).unwrap();
    let text = r#"(module
        (import "" "memory" (memory 1 1 shared))
        (func (export "run") (local $i i32)
            (loop $again
                (i32.store (i32.const 64) (local.tee $i (i32.add (local.get $i) (i32.const 1))))
                (br_if $again (i32.lt_u (local.get $i) (i32.const 100_000))))))"#;
    let module = Module::new(&engine, text).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
    let run = instance.get_typed_func::<(), ()>(&store, "run").unwrap();
    let begin = Barrier::new(2);
    thread::scope(|scope| {
        scope.spawn(|| {
            let place = memory.data()[64].get().cast::<u32>();
            begin.wait();
            for i in 0..100_000 {
                // SAFETY: the memory has these four bytes, and the address is aligned. Nothing else makes this sound: it is
                // the race that this test is about.
                unsafe { place.write_volatile(i) };
            }
        });
        begin.wait();
        run.call(&mut store, ()).unwrap();
    });
}
