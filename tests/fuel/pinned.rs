//! `FuelSchedule::V1` is frozen: these numbers never change.

use wasmote::{Engine, FuelSchedule};

use crate::{metered, programs, run};

/// The fuel of instantiation and of the call, for each program.
#[rustfmt::skip]
const V1: &[(&str, u64, u64)] = &[
    ("fib_recursive", 0, 1475),
    ("fib_iterative", 0, 3906),
    ("count_local", 0, 3202),
    ("count_global", 0, 2004),
    ("count_param", 0, 2252),
    ("globals", 0, 1900),
    ("bulk_memory", 8192, 4517),
    ("host_calls", 0, 613),
    ("call_indirect", 1, 1051),
    ("tail_calls", 0, 1744),
    ("shift_xor", 0, 2345),
    ("sha256", 2052, 16450),
    ("blake2", 2052, 11693),
    ("matmul", 11264, 695),
    ("nbody", 1024, 3201),
    ("mandelbrot", 1024, 3686),
    ("spectral_norm", 2048, 1682),
    ("sieve", 17408, 1610),
    ("quicksort", 5120, 386),
    ("sort_indirect", 6146, 1052),
    ("json", 2061, 271524),
    ("word_count", 4098, 3372956),
    ("lz", 14336, 2990),
    ("bytecode_vm", 2049, 3684),
    ("a frame of 7 locals", 0, 37),
    ("a frame of 8 locals", 0, 40),
    ("a frame of 1000 locals", 0, 412),
    ("a frame of locals that are written first", 0, 52),
    ("a hundred results", 0, 337),
    ("a hundred values through a table", 0, 225),
    ("branches with a hundred values", 0, 227),
    ("a table of branches with a hundred values", 0, 228),
    ("a loop with a hundred parameters", 0, 250),
    ("returns of a hundred results", 0, 239),
    ("branches out of functions", 0, 24),
    ("arms and unreachable code", 0, 23),
    ("memories that grow", 1024, 34920),
    ("tables that grow", 15, 221),
    ("segments", 3113, 16),
    ("tail calls", 0, 46),
];

#[test]
fn the_first_schedule_is_frozen() {
    let engine = Engine::new(&metered(FuelSchedule::V1));
    let mut costs = Vec::new();
    for program in programs() {
        let (_, made, called) = run(&engine, &program).unwrap();
        costs.push((program.name, made, called));
    }
    let costs: Vec<_> = costs.iter().map(|(name, made, called)| (&**name, *made, *called)).collect();
    assert!(costs == V1, "{costs:#?}");
}
