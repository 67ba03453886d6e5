//! The SIMD kernels of the benchmarks compute what programs without vectors do, in both dispatchers.
#![cfg(feature = "simd")]

#[allow(dead_code, reason = "the kernels without vectors are not tested here")]
#[path = "../../benches/kernels/kernels.rs"]
mod kernels;
#[allow(unreachable_pub, reason = "the library of the kernels exports it")]
#[path = "../../benches/kernels/src/numbers.rs"]
mod numbers;
mod scalar;

use kernels::{Kernel, SIMD_KERNELS};
use wasmote::{Config, Engine, Linker, Module, Store, TypedFunc};

/// Returns the program without vectors that computes the same.
fn scalar(kernel: &Kernel) -> scalar::Program {
    let found = scalar::ALL.iter().find(|(name, _)| *name == kernel.name);
    found.unwrap_or_else(|| panic!("{} has no program to compare it with", kernel.name)).1
}

#[test]
fn results_of_little_work_are_those_of_scalar_programs() {
    for portable in [false, true] {
        let mut config = Config::default();
        config.portable_dispatch(portable);
        let engine = Engine::new(&config);
        for kernel in SIMD_KERNELS {
            let module = Module::new(&engine, kernel.wasm).unwrap();
            let mut store = Store::new(&engine, ());
            let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap();
            let run: TypedFunc<i32, i64> = instance.get_typed_func(&store, "run").unwrap();
            for n in [1, 2, 3, 18] {
                assert_eq!(run.call(&mut store, n).unwrap(), scalar(kernel)(n), "{}({n})", kernel.name);
            }
        }
    }
}

#[test]
fn expected_results_are_those_of_scalar_programs() {
    let wrong: Vec<String> = SIMD_KERNELS
        .iter()
        .filter(|kernel| scalar(kernel)(kernel.n) != kernel.expected)
        .map(|kernel| format!("{}({}) = {}", kernel.name, kernel.n, scalar(kernel)(kernel.n)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
