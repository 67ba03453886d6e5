//! The cost of calls between host and guest, in both directions.

#[allow(dead_code, reason = "not every benchmark measures everything")]
#[path = "kernels/kernels.rs"]
mod kernels;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use wasmote::{Caller, Engine, Func, Instance, Linker, Module, Store, TypedFunc, Val};

/// The calls of the host in one run of the guest.
const HOST_CALLS: u32 = 10_000;

/// Instantiates `wasm` with this function as `host.mix`.
fn load(wasm: &[u8], define: impl Fn(&mut Linker<()>)) -> (Store<()>, Instance) {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    define(&mut linker);
    let module = Module::new(&engine, wasm).expect("a valid module");
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate_and_start(&mut store, &module).expect("an instance");
    (store, instance)
}

fn host_to_guest(criterion: &mut Criterion) {
    let (mut store, instance) = load(kernels::EMPTY_CALL, |_| {});
    let mut group = criterion.benchmark_group("calls/host_to_guest");
    let typed: TypedFunc<i32, i64> = instance.get_typed_func(&store, "run").expect("a function `run`");
    group.bench_function("typed", |bencher| bencher.iter(|| typed.call(&mut store, black_box(1))));
    let func: Func = instance.get_func(&store, "run").expect("a function `run`");
    group.bench_function("untyped", |bencher| {
        bencher.iter(|| {
            let mut results = [Val::I64(0)];
            func.call(&mut store, &[Val::I32(black_box(1))], &mut results).expect("no trap");
            results
        });
    });
    group.finish();
}

fn guest_to_host(criterion: &mut Criterion) {
    let wasm = kernels::KERNELS.iter().find(|kernel| kernel.name == "host_calls").expect("a kernel of this name").wasm;
    let mut group = criterion.benchmark_group("calls/guest_to_host");
    group.throughput(Throughput::Elements(HOST_CALLS.into()));
    let mut bench = |name, define: fn(&mut Linker<()>)| {
        let (mut store, instance) = load(wasm, define);
        let run: TypedFunc<i32, i64> = instance.get_typed_func(&store, "run").expect("a function `run`");
        group.bench_function(name, |bencher| bencher.iter(|| run.call(&mut store, black_box(HOST_CALLS as i32))));
    };
    bench("plain", |linker| {
        linker.func_wrap("host", "mix", kernels::mix).expect("the first function of this name");
    });
    bench("with_caller", |linker| {
        let mix = |_: Caller<'_, ()>, a: i64, b: i32| kernels::mix(a, b);
        linker.func_wrap("host", "mix", mix).expect("the first function of this name");
    });
    group.finish();
}

criterion_group!(benches, host_to_guest, guest_to_host);
criterion_main!(benches);
