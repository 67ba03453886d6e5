//! Litmus tests of the memory model (threads proposal, Relaxed Memory Model): threads race in a shared memory, and no
//! outcome may occur that the model forbids. All of them run a bounded number of rounds, in both dispatchers;
//! `WASMOTE_LITMUS=50` repeats that, which makes a million for each.
//!
//! Each round has locations of its own, so threads need not meet between rounds. A test can fail only if an order is
//! violated; that it does not fail is no proof.

use std::{env, sync::Barrier, thread};

use wasmote::{Config, Engine, Linker, MemoryType, Module, SharedMemory, Store};

/// How often each test runs.
const ROUNDS: u32 = 20_000;
/// Where the locations of a test begin; those of a round are `STRIDE` bytes apart.
const LOCATIONS: [(&str, u32); 2] = [("X", 0), ("Y", 8)];
/// Where the observations of a test begin, in a round.
const OBSERVED: u32 = 16;
const STRIDE: u32 = 48;
const PAGES: u32 = (ROUNDS * STRIDE).div_ceil(0x1_0000);

/// Makes the module whose function `run` executes `body` in every round. In it, `$at` is the address of the round, and
/// `X` and `Y` are offsets.
fn module(engine: &Engine, body: &str) -> Module {
    let body = LOCATIONS.iter().fold(body.to_owned(), |body, (name, offset)| {
        body.replace(&format!("offset={name}"), &format!("offset={offset}"))
    });
    let text = format!(
        "(module
            (import \"\" \"memory\" (memory {PAGES} {PAGES} shared))
            (func (export \"run\") (local $at i32) (local $a i32) (local $b i32)
                (loop $round
                    {body}
                    (local.set $at (i32.add (local.get $at) (i32.const {STRIDE})))
                    (br_if $round (i32.lt_u (local.get $at) (i32.const {}))))))",
        ROUNDS * STRIDE
    );
    Module::new(engine, text).unwrap()
}

/// Stores 1 to a location.
fn store(how: &str, place: &str) -> String {
    format!("(i32.{how}store offset={place} (local.get $at) (i32.const 1))")
}

/// Loads two locations, and then stores what it saw as observations number `first` and the next one.
fn observe(how: [&str; 2], places: [&str; 2], first: u32) -> String {
    let offset = OBSERVED + 4 * first;
    format!(
        "(local.set $a (i32.{}load offset={} (local.get $at)))
        (local.set $b (i32.{}load offset={} (local.get $at)))
        (i32.store offset={offset} (local.get $at) (local.get $a))
        (i32.store offset={} (local.get $at) (local.get $b))",
        how[0],
        places[0],
        how[1],
        places[1],
        offset + 4
    )
}

/// Runs the threads `bodies` at the same time. Then asserts for each round that its observations are not `forbidden`.
fn run(bodies: &[String], forbidden: impl Fn([u32; 4]) -> bool) {
    let repeats: usize = env::var("WASMOTE_LITMUS").map_or(1, |text| text.parse().expect("a number"));
    for portable in [false, true].repeat(repeats) {
        let mut config = Config::default();
        config.wasm_threads(true).portable_dispatch(portable);
        let engine = Engine::new(&config);
        let memory = SharedMemory::new(&engine, MemoryType::shared(PAGES, PAGES)).unwrap();
        let mut linker = Linker::new(&engine);
        linker.define_shared_memory("", "memory", &memory).unwrap();
        let begin = Barrier::new(bodies.len());
        thread::scope(|scope| {
            for body in bodies {
                let (engine, linker, begin) = (&engine, &linker, &begin);
                scope.spawn(move || {
                    let module = module(engine, body);
                    let mut store = Store::new(engine, ());
                    let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
                    let run = instance.get_typed_func::<(), ()>(&store, "run").unwrap();
                    begin.wait();
                    run.call(&mut store, ()).unwrap();
                });
            }
        });
        for round in 0..ROUNDS {
            let mut bytes = [0; 16];
            memory.read((round * STRIDE + OBSERVED) as usize, &mut bytes).unwrap();
            let seen = core::array::from_fn(|i| u32::from_le_bytes(bytes[4 * i..4 * i + 4].try_into().unwrap()));
            assert!(!forbidden(seen), "round {round}: {seen:?}");
        }
    }
}

const ATOMIC: &str = "atomic.";
const PLAIN: &str = "";

#[test]
fn message_passing() {
    // The data are plain; the flag is atomic and orders them.
    let writer = store(PLAIN, "X") + &store(ATOMIC, "Y");
    let reader = observe([ATOMIC, PLAIN], ["Y", "X"], 0);
    run(&[writer, reader], |[flag, data, ..]| flag == 1 && data == 0);
}

#[test]
fn store_buffering() {
    let thread = |own: &str, other: &str, number: u32| {
        store(ATOMIC, own)
            + &format!(
                "(local.set $a (i32.atomic.load offset={other} (local.get $at)))
                (i32.store offset={} (local.get $at) (i32.add (local.get $a) (i32.const 1)))",
                OBSERVED + 4 * number
            )
    };
    // One more than what was loaded.
    run(&[thread("X", "Y", 0), thread("Y", "X", 1)], |[a, b, ..]| a == 1 && b == 1);
}

#[test]
fn load_buffering() {
    let thread = |own: &str, other: &str, number: u32| {
        format!("(local.set $a (i32.atomic.load offset={other} (local.get $at)))")
            + &store(ATOMIC, own)
            + &format!("(i32.store offset={} (local.get $at) (local.get $a))", OBSERVED + 4 * number)
    };
    run(&[thread("X", "Y", 0), thread("Y", "X", 1)], |[a, b, ..]| a == 1 && b == 1);
}

#[test]
fn independent_reads_of_independent_writes() {
    let threads = [
        store(ATOMIC, "X"),
        store(ATOMIC, "Y"),
        observe([ATOMIC; 2], ["X", "Y"], 0),
        observe([ATOMIC; 2], ["Y", "X"], 2),
    ];
    run(&threads, |[x, then_y, y, then_x]| x == 1 && then_y == 0 && y == 1 && then_x == 0);
}

#[test]
fn one_location_does_not_go_back() {
    run(&[store(ATOMIC, "X"), observe([ATOMIC; 2], ["X", "X"], 0)], |[a, b, ..]| a == 1 && b == 0);
}

#[test]
fn a_fence_orders_atomic_accesses_of_narrow_locations() {
    let writer = "(i32.atomic.store8 offset=X (local.get $at) (i32.const 1)) (atomic.fence)
        (i32.atomic.store16 offset=Y (local.get $at) (i32.const 1))";
    let reader = observe([ATOMIC; 2], ["Y", "X"], 0);
    run(&[writer.into(), reader], |[flag, data, ..]| flag == 1 && data == 0);
}

#[test]
fn plain_accesses_that_are_aligned_are_not_torn() {
    // One thread stores all ones, the other observes both halves in one access.
    let writer = "(i64.store offset=X (local.get $at) (i64.const -1))".to_owned();
    let reader = format!(
        "(i64.store offset={OBSERVED} (local.get $at) (i64.load offset=X (local.get $at)))
        (f64.store offset={} (local.get $at) (f64.load offset=X (local.get $at)))",
        OBSERVED + 8
    );
    run(&[writer, reader], |[a, b, c, d]| a != b || c != d || a == u32::MAX && c == 0);
}

#[test]
fn read_modify_writes_are_not_lost() {
    // Eight threads add to one location per round, and a ninth exchanges.
    let adder = |number: u32| {
        format!(
            "(drop (i32.atomic.rmw.add offset=X (local.get $at) (i32.const {})))
            (drop (i64.atomic.rmw.xor offset=Y (local.get $at) (i64.const {})))",
            1 << (2 * number),
            1_u64 << (4 * number),
        )
    };
    let threads: Vec<String> = (0..8).map(adder).collect();
    let last = format!(
        "(i32.store offset={OBSERVED} (local.get $at) (i32.atomic.load offset=X (local.get $at)))
        (i64.store offset={} (local.get $at) (i64.atomic.load offset=Y (local.get $at)))",
        OBSERVED + 8
    );
    // What is observed is a sum of some of the numbers, each once.
    let is_sum = |sum: u32, bits: u32| sum & !bits == 0;
    let threads: Vec<String> = threads.into_iter().chain([last]).collect();
    run(&threads, |[sum, _, low, high]| !is_sum(sum, 0x5555) || !is_sum(low, 0x1111_1111) || high != 0);
}

#[test]
fn a_lock_excludes() {
    const THREADS: i32 = 4;
    let mut config = Config::default();
    config.wasm_threads(true);
    let engine = Engine::new(&config);
    // The lock is at 0; 4 counts with plain accesses; 8 is the number of threads inside.
    let module = Module::new(
        &engine,
        r#"(module
            (import "" "memory" (memory 1 1 shared))
            (func (export "run") (param $rounds i32)
                (loop $round
                    (loop $spin
                        (br_if $spin (i32.atomic.rmw.cmpxchg (i32.const 0) (i32.const 0) (i32.const 1))))
                    (if (i32.ne (i32.load (i32.const 8)) (i32.const 0)) (then (unreachable)))
                    (i32.store (i32.const 8) (i32.const 1))
                    (i32.store (i32.const 4) (i32.add (i32.load (i32.const 4)) (i32.const 1)))
                    (i32.store (i32.const 8) (i32.const 0))
                    (i32.atomic.store (i32.const 0) (i32.const 0))
                    (br_if $round
                        (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))))"#,
    )
    .unwrap();
    let memory = SharedMemory::new(&engine, MemoryType::shared(1, 1)).unwrap();
    let mut linker = Linker::new(&engine);
    linker.define_shared_memory("", "memory", &memory).unwrap();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let mut store = Store::new(&engine, ());
                let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
                instance.get_typed_func::<i32, ()>(&store, "run").unwrap().call(&mut store, 2000).unwrap();
            });
        }
    });
    let mut count = [0; 4];
    memory.read(4, &mut count).unwrap();
    assert_eq!(i32::from_le_bytes(count), THREADS * 2000);
}
