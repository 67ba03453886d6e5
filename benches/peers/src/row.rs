//! The rows of the table: the measurements of every engine.

use crate::{
    engine::{Engine, Result},
    kernels::{EMPTY_CALL, GC_KERNELS, KERNELS, Kernel, SIMD_KERNELS, SMALL},
    measure::{Outcome, Run, guarded, interleaved, repeated},
};
use std::time::Instant;

/// The kernels whose translation is measured: the largest ones.
const LARGE: [&str; 3] = ["json", "nbody", "lz"];

/// A row of the table.
pub struct Row {
    /// Its name.
    pub name: String,
    what: What,
}

enum What {
    Kernel(&'static Kernel),
    /// A call of a function of the guest.
    Call,
    /// An instance of a small compiled module.
    Instantiate,
    /// The whole module, ahead of its first call.
    Translate(&'static Kernel),
    /// From bytes to an instance, with the defaults of the engine: many of them translate at the first call.
    Load(&'static Kernel),
}

/// All rows but those of `simd` and `gc`: first the kernels.
pub fn all() -> Vec<Row> {
    let large = || KERNELS.iter().filter(|kernel| LARGE.contains(&kernel.name));
    let kernels = rows_of(KERNELS);
    let api = [("call", What::Call), ("instantiate", What::Instantiate)];
    let api = api.into_iter().map(|(name, what)| Row { name: name.into(), what });
    let translate =
        large().map(|kernel| Row { name: format!("translate_{}", kernel.name), what: What::Translate(kernel) });
    let load = large().map(|kernel| Row { name: format!("load_{}", kernel.name), what: What::Load(kernel) });
    kernels.chain(api).chain(translate).chain(load).collect()
}

/// The kernels of vectors.
pub fn simd() -> Vec<Row> {
    rows_of(SIMD_KERNELS).collect()
}

/// The kernels of garbage collection.
pub fn gc() -> Vec<Row> {
    rows_of(GC_KERNELS).collect()
}

fn rows_of(kernels: &'static [Kernel]) -> impl Iterator<Item = Row> {
    kernels.iter().map(|kernel| Row { name: kernel.name.into(), what: What::Kernel(kernel) })
}

impl Row {
    /// Whether the row is a kernel, and thus part of the mean.
    pub fn is_kernel(&self) -> bool {
        matches!(self.what, What::Kernel(_))
    }

    /// Whether the row is a kernel that a compiler emitted, like real programs.
    pub fn is_compiled(&self) -> bool {
        matches!(self.what, What::Kernel(kernel) if kernel.compiled)
    }

    /// Measures every engine.
    pub fn measure(&self, engines: &[Box<dyn Engine>], rounds: usize) -> Vec<Outcome> {
        let runs = engines.iter().map(|engine| guarded(|| self.run(engine.as_ref()))).collect();
        interleaved(runs, rounds)
    }

    fn run<'a>(&self, engine: &'a dyn Engine) -> Result<Run<'a>> {
        match self.what {
            What::Kernel(kernel) => run_kernel(engine, kernel),
            What::Call => {
                let mut guest = engine.load(EMPTY_CALL)?;
                Ok(repeated(move |times| {
                    let start = Instant::now();
                    let sum = guest.call_many(times as i32)?;
                    let time = start.elapsed();
                    check(sum, i64::from(times) * (i64::from(times) - 1) / 2)?;
                    Ok(Some(time))
                }))
            }
            What::Instantiate => Ok(repeated(|times| engine.instantiate(SMALL, times))),
            What::Translate(kernel) => Ok(repeated(|times| engine.translate(kernel.wasm, times))),
            What::Load(kernel) => Ok(repeated(|times| {
                let start = Instant::now();
                for _ in 0..times {
                    engine.load(kernel.wasm)?;
                }
                Ok(Some(start.elapsed()))
            })),
        }
    }
}

fn run_kernel<'a>(engine: &'a dyn Engine, kernel: &'static Kernel) -> Result<Run<'a>> {
    if let Some(reason) = engine.refuses(kernel.name) {
        return Err(reason.into());
    }
    let mut guest = engine.load(kernel.wasm)?;
    Ok(Box::new(move || {
        let start = Instant::now();
        let result = guest.call(kernel.n)?;
        let time = start.elapsed();
        check(result, kernel.expected)?;
        Ok(Some(time.as_secs_f64()))
    }))
}

fn check(result: i64, expected: i64) -> Result<()> {
    if result == expected { Ok(()) } else { Err(format!("returned {result} instead of {expected}").into()) }
}
