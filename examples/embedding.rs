//! A host that does not trust its plugin: it offers functions, shares memory, sets limits, and handles errors.
//!
//! `cargo run --example embedding`

use wasmote::{
    Caller, Config, Engine, Error, Extern, Linker, Memory, Module, Store, StoreLimits, StoreLimitsBuilder, TrapCode,
};

/// A plugin that converts text to capitals, and misbehaves on demand.
const PLUGIN: &str = r#"
    (module
        (import "host" "log" (func $log (param $at i32) (param $len i32)))
        (memory (export "memory") 1)
        (data (i32.const 0) "capitals are ready")

        ;; Turns the text at $at into capitals, in place.
        (func (export "capitals") (param $at i32) (param $len i32)
            (local $end i32) (local $byte i32)
            (local.set $end (i32.add (local.get $at) (local.get $len)))
            (block $done
                (loop $next
                    (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
                    (local.set $byte (i32.load8_u (local.get $at)))
                    (if (i32.lt_u (i32.sub (local.get $byte) (i32.const 97)) (i32.const 26))
                        (then (i32.store8 (local.get $at) (i32.sub (local.get $byte) (i32.const 32)))))
                    (local.set $at (i32.add (local.get $at) (i32.const 1)))
                    (br $next)))
            (call $log (i32.const 0) (i32.const 18)))

        (func (export "grow") (param $pages i32) (result i32) (memory.grow (local.get $pages)))
        (func (export "read") (param $at i32) (result i32) (i32.load (local.get $at)))
        (func (export "spin") (loop $forever (br $forever)))
        (func $dive (export "dive") (result i32) (i32.add (call $dive) (i32.const 1)))
        (func (export "shout") (call $log (i32.const 65530) (i32.const 100))))
"#;

/// The data of the store: the state of the host, and the limits of this plugin.
struct Host {
    log: Vec<String>,
    limits: StoreLimits,
}

/// A function for the plugin: reads text from the memory of its caller. Checks the arguments.
fn log(mut caller: Caller<'_, Host>, at: u32, len: u32) -> Result<(), Error> {
    let memory = caller.get_export("memory").and_then(Extern::into_memory);
    let memory = memory.ok_or_else(|| Error::new("the plugin exports no memory"))?;
    let (bytes, host) = memory.data_and_store_mut(&mut caller);
    let text = bytes.get(at as usize..).and_then(|bytes| bytes.get(..len as usize));
    let text = text.ok_or_else(|| Error::new(format!("{len} bytes at {at} are not in memory")))?;
    host.log.push(String::from_utf8_lossy(text).into_owned());
    Ok(())
}

fn main() -> Result<(), Error> {
    // Fuel bounds the run time, and a limit bounds the memory.
    let mut config = Config::default();
    config.consume_fuel(true);
    let engine = Engine::new(&config);
    let module = Module::new(&engine, PLUGIN)?;

    let mut linker = Linker::<Host>::new(&engine);
    linker.func_wrap("host", "log", log)?;

    let limits = StoreLimitsBuilder::new().memory_size(4 << 16).instances(1).build();
    let mut store = Store::new(&engine, Host { log: Vec::new(), limits });
    store.limiter(|host| &mut host.limits);
    store.set_fuel(100_000)?;
    let instance = linker.instantiate_and_start(&mut store, &module)?;

    // The memory passes text in and out.
    let memory: Memory = instance.get_memory(&store, "memory").ok_or_else(|| Error::new("no memory"))?;
    let text = "small, but not slow";
    memory.write(&mut store, 1024, text.as_bytes()).map_err(|error| Error::new(error.to_string()))?;
    let capitals = instance.get_typed_func::<(u32, u32), ()>(&store, "capitals")?;
    capitals.call(&mut store, (1024, text.len() as u32))?;
    let mut answer = vec![0; text.len()];
    memory.read(&store, 1024, &mut answer).map_err(|error| Error::new(error.to_string()))?;
    println!("answer: {}", String::from_utf8_lossy(&answer));
    println!("logged: {:?}", store.data().log);
    println!("fuel:   {} of 100000 used", 100_000 - store.get_fuel()?);
    assert_eq!(answer, text.to_uppercase().as_bytes());

    // A limit is not an error for the plugin: `memory.grow` returns -1.
    let grow = instance.get_typed_func::<u32, i32>(&store, "grow")?;
    println!("grow by 3 pages: {}", grow.call(&mut store, 3)?);
    println!("grow by 1 more:  {}", grow.call(&mut store, 1)?);

    // An error ends the call, and the store stays usable.
    let read = instance.get_typed_func::<u32, i32>(&store, "read")?;
    let error = read.call(&mut store, 4 << 16).unwrap_err();
    println!("read behind the end: {error}");
    assert_eq!(error.as_trap_code(), Some(TrapCode::MemoryOutOfBounds));

    let dive = instance.get_typed_func::<(), i32>(&store, "dive")?;
    store.set_fuel(100_000_000)?;
    println!("endless recursion:   {}", dive.call(&mut store, ()).unwrap_err());

    let spin = instance.get_typed_func::<(), ()>(&store, "spin")?;
    store.set_fuel(1_000_000)?;
    let error = spin.call(&mut store, ()).unwrap_err();
    println!("endless loop:        {error}");
    assert_eq!(error.as_trap_code(), Some(TrapCode::OutOfFuel));

    store.set_fuel(100_000)?;
    let shout = instance.get_typed_func::<(), ()>(&store, "shout")?;
    // The plugin has grown its memory, so this text is inside, although it is empty.
    shout.call(&mut store, ())?;
    println!("still alive: {} lines logged", store.data().log.len());

    // The error of a malformed module says what is wrong, and where.
    let broken = b"\0asm\x01\0\0\0\x01\x04\x01\x60\x00\xff";
    println!("broken module:       {}", Module::new(&engine, broken).unwrap_err());
    Ok(())
}
