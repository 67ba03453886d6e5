//! The cost of an instance of a small module with an import, a memory, a table, a global and segments.

#[allow(dead_code, reason = "not every benchmark measures everything")]
#[path = "kernels/kernels.rs"]
mod kernels;

use criterion::{Criterion, criterion_group, criterion_main};
use wasmote::{Engine, Linker, Module, Store};

fn instantiate(criterion: &mut Criterion) {
    let engine = Engine::default();
    let module = Module::new(&engine, kernels::SMALL).expect("a valid module");
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "mix", kernels::mix).expect("the first function of this name");
    let mut group = criterion.benchmark_group("instantiate");
    group.bench_function("store", |bencher| bencher.iter(|| Store::new(&engine, ())));
    group.bench_function("small", |bencher| {
        bencher.iter(|| {
            let mut store = Store::new(&engine, ());
            linker.instantiate_and_start(&mut store, &module)
        });
    });
    group.finish();
}

criterion_group!(benches, instantiate);
criterion_main!(benches);
