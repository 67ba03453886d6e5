//! Profiles of the ops that programs execute.

use wasmote::{CompilationMode, Config, Engine, Error, Linker, Module, Store, Val, ValType};
use wasmote_programs::{Program, catalog};
use wasmote_wasi::{MemoryFileSystem, WasiCtxBuilder, WasiVersion, add_to_linker};

use crate::{
    Result,
    args::RunArgs,
    profile::{Names, Profile, of_module},
};

/// The programs of the ranking, with their arguments. The assembler reads the output of the compiler.
const RUNS: [(Program, &[&str]); 5] = [
    (catalog::CC1, &["-quiet", "-O2", "-mmcu=avr5", "/w/t.c", "-o", "/w/t.s"]),
    (catalog::AVR_AS, &["-mmcu=avr5", "/w/t.s", "-o", "/w/t.o"]),
    (catalog::RESVG, &["/w/scene.svg", "/w/out.png"]),
    (catalog::FLITE, &["-t", "The quick brown fox. It jumps", "-o", "/w/out.wav"]),
    (catalog::CPYTHON, &["/w/library.py"]),
];

/// The number of copies of the C functions that are compiled.
const COPIES: usize = 40;

/// The files that the programs read.
fn files() -> MemoryFileSystem {
    const C: &str = concat!(
        include_str!("../../programs/tests/programs/c/sum.c"),
        include_str!("../../programs/tests/programs/c/soft.c")
    );
    let copy = |number: usize| {
        let rename = |text: String, name: &str| text.replace(&format!("{name}("), &format!("{name}{number}("));
        ["sum", "half", "mul", "_start"].into_iter().fold(C.to_owned(), rename)
    };
    let files = MemoryFileSystem::new();
    for (name, text) in [
        ("t.c", (0..COPIES).map(copy).collect()),
        ("scene.svg", include_str!("../../programs/tests/programs/svg/scene.svg").to_owned()),
        ("library.py", include_str!("../../programs/tests/programs/python/library.py").to_owned()),
    ] {
        // Writing to an empty file system in memory does not fail.
        let _ = files.write(name, text);
    }
    files
}

/// Calls `each` with the name and the text of the profile of each program, without and with metered fuel.
///
/// # Errors
///
/// If a program cannot be fetched or fails, or `each` fails.
pub(crate) fn profiles(mut each: impl FnMut(&str, String) -> Result<()>) -> Result<()> {
    for fuel in [false, true] {
        let files = files();
        for (program, args) in &RUNS {
            let name = format!("{}{}", program.name, if fuel { "-metered" } else { "-executed" });
            let wasm = program.bytes()?;
            let mut config = Config::default();
            config.consume_fuel(fuel).compilation_mode(CompilationMode::LazyTranslation);
            let module = Module::new(&Engine::new(&config), &wasm)?;
            let mut ctx = WasiCtxBuilder::new();
            ctx.arg(program.name).args(args.iter().copied()).preopened_memory(&files, "/w");
            let mut names = Names::new(false);
            let (profile, result) = execute(&name, &module, &wasm, &mut ctx, "_start", &[], &mut names)?;
            result.map_err(|error| format!("{name}: {error}"))?;
            each(&name, profile.save(&names))?;
        }
    }
    Ok(())
}

/// Runs a module with the options of a command line, and returns the profile of the ops that it executed.
///
/// # Errors
///
/// If the run cannot begin. A program that fails is reported, and its profile returned.
pub(crate) fn profile_of_run(
    args: &RunArgs,
    name: &str,
    module: &Module,
    wasm: &[u8],
    names: &mut Names,
) -> Result<Profile> {
    let mut ctx = WasiCtxBuilder::new();
    ctx.inherit_stdio().arg(name).args(args.args.iter().cloned());
    for dir in &args.dirs {
        let (host, guest) = dir.split_once("::").unwrap_or((dir, dir));
        ctx.preopened_dir(host, guest).map_err(|error| format!("cannot open {host}: {error}"))?;
    }
    let (profile, result) = execute(name, module, wasm, &mut ctx, &args.invoke, &args.args, names)?;
    if let Err(error) = result {
        eprintln!("{name} failed: {error}");
    }
    Ok(profile)
}

/// Calls a function of a module. Returns the profile of the ops that were executed, and whether the program failed.
fn execute(
    name: &str,
    module: &Module,
    wasm: &[u8],
    ctx: &mut WasiCtxBuilder,
    func: &str,
    args: &[String],
    names: &mut Names,
) -> Result<(Profile, std::result::Result<(), Error>)> {
    let mut linker = Linker::new(module.engine());
    add_to_linker(&mut linker, WasiVersion::detect(module).unwrap_or(WasiVersion::Latest), |ctx| ctx)?;
    let mut store = Store::new(module.engine(), ctx.build().map_err(Error::host)?);
    if store.get_fuel().is_ok() {
        store.set_fuel(u64::MAX)?;
    }
    let instance = linker.instantiate_and_start(&mut store, module)?;
    let func = instance.get_func(&store, func).ok_or_else(|| format!("{name} exports no function `{func}`"))?;
    let ty = func.ty(&store);
    let inputs = args.iter().zip(ty.params()).map(|(arg, &ty)| value(arg, ty)).collect::<Result<Vec<_>>>()?;
    let mut outputs: Vec<_> = ty.results().iter().map(|&ty| Val::default_for_ty(ty)).collect();
    let result = match func.call(&mut store, &inputs, &mut outputs) {
        Err(error) if error.i32_exit_status() == Some(0) => Ok(()),
        result => result,
    };
    let mut profile = of_module(name.into(), wasm, |func| store.op_counts(module, func), names)?;
    profile.totals.dispatches = Some(store.dispatches());
    Ok((profile, result))
}

/// Parses an integer as a value of a type.
fn value(text: &str, ty: ValType) -> Result<Val> {
    Ok(match ty {
        ValType::I32 => Val::I32(text.parse()?),
        ValType::I64 => Val::I64(text.parse()?),
        ValType::F32 => Val::from(text.parse::<f32>()?),
        ValType::F64 => Val::from(text.parse::<f64>()?),
        _ => return Err("only numbers can be passed".into()),
    })
}
