//! `wasmote-tune count`: the profile of a module.

use std::{fs, path::Path};

use wasmote::{CodeOp, Config, Engine, Error, Module};
use wasmparser::{Parser, Payload};

use crate::{
    Result,
    args::CountArgs,
    profile::{Names, Profile},
};

/// The factor by which each loop around an op multiplies its count.
const LOOP_WEIGHT: u64 = 6;
/// The greatest number of loops that count.
const MAX_LOOPS: u32 = 3;

/// Runs the command.
///
/// # Errors
///
/// If the module cannot be read, is invalid or cannot be run, or the profile cannot be written.
pub(crate) fn count(args: &CountArgs) -> Result<()> {
    let mut names = Names::new(false);
    let wasm = binary(&args.file, &read(&args.file)?)?;
    let mut config = Config::default();
    config.consume_fuel(args.fuel);
    let engine = Engine::new(&config);
    let module = Module::new(&engine, &wasm)?;
    let name = name(&args.file);
    #[cfg(feature = "run")]
    let profile = if args.run.run {
        run::run(&args.run, &name, &module, &wasm, args.fuel, &mut names)?
    } else {
        of_code(name, &module, &wasm, args.loops, &mut names)?
    };
    #[cfg(not(feature = "run"))]
    let profile = of_code(name, &module, &wasm, args.loops, &mut names)?;
    let path = &args.output;
    fs::write(path, profile.save(&names)).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    Ok(())
}

/// Reads a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()).into())
}

/// Returns the binary form of a module.
pub(crate) fn binary(path: &Path, bytes: &[u8]) -> Result<Vec<u8>> {
    let binary = wat::parse_bytes(bytes).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(binary.into_owned())
}

/// The name of a program: that of its file, without the extension.
pub(crate) fn name(path: &Path) -> String {
    path.file_stem().map_or_else(|| "-".into(), |stem| stem.to_string_lossy().into_owned())
}

/// Returns the profile of a module's code. With `loops`, ops in loops have greater counts.
pub(crate) fn of_code(name: String, module: &Module, wasm: &[u8], loops: bool, names: &mut Names) -> Result<Profile> {
    let weight = |op: CodeOp| if loops { LOOP_WEIGHT.pow(op.loops.min(MAX_LOOPS)) } else { 1 };
    let count = |func| Ok(module.ops(func)?.into_iter().map(|op| (op, weight(op))).collect());
    of_module(name, wasm, count, names)
}

/// Returns the profile of a module. `ops` returns the ops of a function with their counts.
fn of_module(
    name: String,
    wasm: &[u8],
    mut ops: impl FnMut(u32) -> std::result::Result<Vec<(CodeOp, u64)>, Error>,
    names: &mut Names,
) -> Result<Profile> {
    let mut profile = Profile::new(name);
    let mut index = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    index += u32::from(matches!(import?.ty, wasmparser::TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => {
                let range = body.range();
                let ops = ops(index).map_err(|error| format!("function {index} cannot be translated: {error}"))?;
                profile.add_func(ops.into_iter(), range.end - range.start, names);
                index += 1;
            }
            _ => {}
        }
    }
    Ok(profile)
}

#[cfg(feature = "run")]
mod run {
    //! Profiles of the ops that a program executes.

    use wasmote::{Error, Linker, Module, Store, Val, ValType};
    use wasmote_wasi::{WasiCtxBuilder, WasiVersion, add_to_linker};

    use crate::{
        Result,
        args::RunArgs,
        count::of_module,
        profile::{Names, Profile},
    };

    /// Runs a module and returns the profile of the ops that it executed, whether it succeeded or not.
    pub(super) fn run(
        args: &RunArgs,
        name: &str,
        module: &Module,
        wasm: &[u8],
        fuel: bool,
        names: &mut Names,
    ) -> Result<Profile> {
        let mut ctx = WasiCtxBuilder::new();
        ctx.inherit_stdio().arg(name).args(args.args.iter().cloned());
        for dir in &args.dirs {
            let (host, guest) = dir.split_once("::").unwrap_or((dir, dir));
            ctx.preopened_dir(host, guest).map_err(|error| format!("cannot open {host}: {error}"))?;
        }
        let mut linker = Linker::new(module.engine());
        add_to_linker(&mut linker, WasiVersion::detect(module).unwrap_or(WasiVersion::Latest), |ctx| ctx)?;
        let mut store = Store::new(module.engine(), ctx.build().map_err(Error::host)?);
        if fuel {
            store.set_fuel(u64::MAX)?;
        }
        let instance = linker.instantiate_and_start(&mut store, module)?;
        let func = instance.get_func(&store, &args.invoke).ok_or_else(|| format!("no function `{}`", args.invoke))?;
        let ty = func.ty(&store);
        let values: Vec<i64> = match ty.params() {
            [] => Vec::new(),
            _ => args.args.iter().map(|arg| arg.parse()).collect::<std::result::Result<_, _>>()?,
        };
        let inputs: Option<Vec<_>> =
            values.into_iter().zip(ty.params()).map(|(value, &ty)| of_type(value, ty)).collect();
        let inputs = inputs.ok_or("only integers and floats can be passed")?;
        let mut outputs: Vec<_> = ty.results().iter().map(|&ty| Val::default_for_ty(ty)).collect();
        match func.call(&mut store, &inputs, &mut outputs) {
            Err(error) if error.i32_exit_status() != Some(0) => eprintln!("{name} failed: {error}"),
            _ => {}
        }
        let mut profile = of_module(name.into(), wasm, |func| store.op_counts(module, func), names)?;
        profile.totals.dispatches = Some(store.dispatches());
        Ok(profile)
    }

    /// Returns a number as a value of a type; none if it is a reference or a vector.
    fn of_type(value: i64, ty: ValType) -> Option<Val> {
        Some(match ty {
            ValType::I32 => Val::I32(i32::try_from(value).ok()?),
            ValType::I64 => Val::I64(value),
            ValType::F32 => Val::from(value as f32),
            ValType::F64 => Val::from(value as f64),
            _ => return None,
        })
    }
}
