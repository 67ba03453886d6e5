//! The kernels of garbage collection and exceptions of the benchmarks compute what programs in Rust do, in both dispatchers.
//!
//! `WASMOTE_WRITE_KERNELS=1 cargo test --test gc_kernels` writes their modules from their texts.
#![cfg(all(feature = "gc", feature = "exceptions", feature = "wat"))]

#[allow(dead_code, reason = "the other kernels are not tested here")]
#[path = "../../benches/kernels/kernels.rs"]
mod kernels;

use std::{env, fs, path::Path};

use kernels::GC_KERNELS;
use wasmote::{Config, Engine, Linker, Module, Store, TypedFunc};

/// A program that computes what a kernel does.
type Program = fn(i32) -> i64;

const PROGRAMS: &[(&str, Program)] = &[
    ("binary_trees", |n| 8 * ((2 << n) - 1)),
    ("list_walk", |n| i64::from(n) * (0..1000).sum::<i64>()),
    ("closures", closures),
    ("insertion_sort", insertion_sort),
    ("hash_map", hash_map),
    ("throw_near", throw_near),
    ("throw_far", throw_far),
];

fn closures(n: i32) -> i64 {
    let mut x = 0_u64;
    for _ in 0..n {
        x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
        x = x.rotate_left(13) ^ 0x2545_f491_4f6c_dd1d;
    }
    x.cast_signed()
}

/// Pseudo-random numbers, as the kernels make them.
fn numbers() -> impl Iterator<Item = u32> {
    let next = |x: &u32| Some(x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    std::iter::successors(Some(12345), next).skip(1)
}

fn insertion_sort(n: i32) -> i64 {
    let mut sorted: Vec<u32> = numbers().map(|x| x >> 8).take(n as usize).collect();
    sorted.sort_unstable();
    sorted.iter().zip(1..).map(|(&x, position)| i64::from(x) * position).sum()
}

fn hash_map(n: i32) -> i64 {
    let mut counts = std::collections::HashMap::new();
    numbers().take(n as usize).for_each(|x| *counts.entry(x >> 20).or_insert(0) += 1);
    counts.values().map(|count| count * count).sum()
}

fn throw_near(n: i32) -> i64 {
    (1..=i64::from(n)).rev().fold(0, |x: i64, i| x.wrapping_mul(3).wrapping_add(i))
}

fn throw_far(n: i32) -> i64 {
    let far = |x| (0..24).fold(x, |x: i64, _| x.wrapping_add(7).wrapping_mul(3));
    (1..=i64::from(n)).map(far).fold(0, i64::wrapping_add)
}

fn program(name: &str) -> Program {
    PROGRAMS.iter().find(|(other, _)| *other == name).unwrap_or_else(|| panic!("{name} has no program")).1
}

#[test]
fn modules_are_those_of_the_texts() {
    let kernels = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/kernels");
    for kernel in GC_KERNELS {
        let wasm = wat::parse_file(kernels.join("wat/gc").join(kernel.name).with_extension("wat")).unwrap();
        if env::var_os("WASMOTE_WRITE_KERNELS").is_some() {
            fs::write(kernels.join("wasm").join(kernel.name).with_extension("wasm"), wasm).unwrap();
        } else {
            assert!(wasm == kernel.wasm, "{} is not up to date", kernel.name);
        }
    }
}

#[test]
fn results_of_little_work_are_those_of_programs() {
    for portable in [false, true] {
        let engine = Engine::new(Config::default().wasm_gc(true).portable_dispatch(portable));
        for kernel in GC_KERNELS {
            let module = Module::new(&engine, kernel.wasm).unwrap();
            let mut store = Store::new(&engine, ());
            let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap();
            let run: TypedFunc<i32, i64> = instance.get_typed_func(&store, "run").unwrap();
            for n in [1, 2, 3, 9] {
                assert_eq!(run.call(&mut store, n).unwrap(), program(kernel.name)(n), "{}({n})", kernel.name);
            }
        }
    }
}

#[test]
fn expected_results_are_those_of_programs() {
    let results = GC_KERNELS.iter().map(|kernel| (kernel, program(kernel.name)(kernel.n)));
    let wrong = results.filter(|(kernel, result)| *result != kernel.expected);
    let wrong: Vec<String> =
        wrong.map(|(kernel, result)| format!("{}({}) = {result}", kernel.name, kernel.n)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
