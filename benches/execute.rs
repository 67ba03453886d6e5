//! The cost of running code: every kernel, with both dispatchers.

#[allow(dead_code, reason = "not every benchmark measures everything")]
#[path = "kernels/kernels.rs"]
mod kernels;

use criterion::{Criterion, criterion_group, criterion_main};
use std::{hint::black_box, time::Duration};
use wasmote::{Config, Engine, Linker, Module, Store, TypedFunc};

fn execute(criterion: &mut Criterion) {
    for (dispatch, portable) in [("threaded", false), ("portable", true)] {
        let mut config = Config::default();
        config.portable_dispatch(portable);
        let engine = Engine::new(&config);
        let mut linker = Linker::new(&engine);
        linker.func_wrap("host", "mix", kernels::mix).expect("the first function of this name");
        let mut group = criterion.benchmark_group(format!("execute/{dispatch}"));
        group.sample_size(20).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
        for kernel in kernels::KERNELS.iter().chain(kernels::SIMD_KERNELS) {
            let module = Module::new(&engine, kernel.wasm).expect("a valid module");
            let mut store = Store::new(&engine, ());
            let instance = linker.instantiate_and_start(&mut store, &module).expect("an instance");
            let run: TypedFunc<i32, i64> = instance.get_typed_func(&store, "run").expect("a function `run`");
            // Translates too, so that the measured calls are not the first.
            assert_eq!(run.call(&mut store, kernel.n).expect("no trap"), kernel.expected, "{}", kernel.name);
            group.bench_function(kernel.name, |bencher| {
                bencher.iter(|| run.call(&mut store, black_box(kernel.n)));
            });
        }
    }
}

criterion_group!(benches, execute);
criterion_main!(benches);
