//! The cost of a module before it runs: eagerly translated, only validated, or neither.

#[allow(dead_code, reason = "not every benchmark measures everything")]
#[path = "kernels/kernels.rs"]
mod kernels;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::{hint::black_box, time::Duration};
use wasmote::{CompilationMode, Config, Engine, Module};

fn translate(criterion: &mut Criterion) {
    let modes = [
        ("eager", CompilationMode::Eager),
        ("lazy_translation", CompilationMode::LazyTranslation),
        ("lazy", CompilationMode::Lazy),
    ];
    for (name, mode) in modes {
        let mut config = Config::default();
        config.compilation_mode(mode);
        let engine = Engine::new(&config);
        let mut group = criterion.benchmark_group(format!("translate/{name}"));
        group.sample_size(30).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
        for kernel in kernels::KERNELS.iter().chain(kernels::SIMD_KERNELS) {
            group.throughput(Throughput::Bytes(kernel.wasm.len() as u64));
            group.bench_function(kernel.name, |bencher| {
                bencher.iter(|| Module::new(&engine, black_box(kernel.wasm)));
            });
        }
    }
}

criterion_group!(benches, translate);
criterion_main!(benches);
