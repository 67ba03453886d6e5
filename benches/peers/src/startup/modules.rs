//! The modules: programs from elsewhere, fetched by name and checksum, and the largest kernels.

use super::probe;
use crate::{engine::Result, kernels::KERNELS};
use wasmote_programs::{FetchError, Package, Program, Registry, catalog};

const fn npm(name: &'static str, version: &'static str, sha256: &'static str) -> Package {
    Package { registry: Registry::Npm, name, version, sha256 }
}

const fn program(name: &'static str, package: Package, path: &'static str) -> Program {
    Program { name, package, path }
}

/// Programs besides those of the catalog of `wasmote-programs`.
const MORE: [Program; 9] = [
    program(
        "argon2",
        npm("argon2-browser", "1.18.0", "cdb11795a4971bde095fe6b836aa424de50c4558ed4b9505bc74111eee7f6d35"),
        "package/dist/argon2.wasm",
    ),
    program(
        "source-map",
        npm("source-map", "0.7.4", "65dea7e28963ef0ade5a47a6921d34782f9fb35863045ef8604ec90673947d3d"),
        "package/lib/mappings.wasm",
    ),
    program(
        "oniguruma",
        npm("vscode-oniguruma", "1.7.0", "830c8de8fd475455d8c161ca3c1f5f3c935fad8327ee548dec38c8985097657f"),
        "package/release/onig.wasm",
    ),
    program(
        "sqlite",
        npm("sql.js", "1.13.0", "6d70e68446df85ac8f56e34dd10986cfe1182335cb0f071b71b3f007bc33394a"),
        "package/dist/sql-wasm.wasm",
    ),
    program(
        "esbuild",
        npm("esbuild-wasm", "0.25.0", "907d841a8a1fe051f702005d84989909ceb6f9398d3da8c6aeeb85a710808054"),
        "package/esbuild.wasm",
    ),
    program(
        "duckdb",
        npm("@duckdb/duckdb-wasm", "1.32.0", "13c29d80888b795cb493b281685d3d3e1738db2fad50d419e2884c6585789722"),
        "package/dist/duckdb-mvp.wasm",
    ),
    program(
        "ruby",
        npm("@ruby/3.4-wasm-wasi", "2.10.1", "2e709bd9eddefe1c5d63e9fc0391a35cce4754e936d8a2f24b8582f6d5c2ea88"),
        "package/dist/ruby.debug+stdlib.wasm",
    ),
    program(
        "opencascade",
        npm("opencascade.js", "2.0.0-beta.b5ff984", "ff789c20ff1bc0d7109d2d980fc7d5af68144a0f16f2cf0f8e59f9bc96d1630f"),
        "package/dist/opencascade.full.wasm",
    ),
    program(
        "llvm",
        npm("@yowasp/clang", "22.0.0-git20542-10", "6230ea1afa9691fa065935cf68c01642ff9b31c183fe8ac64cdfda025df06009"),
        "package/gen/llvm.core.wasm",
    ),
];

/// The kernels that represent small modules.
const SMALL: [&str; 2] = ["nbody", "json"];

/// A module to load.
pub struct Input {
    /// The name of the module.
    pub name: &'static str,
    /// The origin of the module.
    pub origin: String,
    /// The bytes, with the export of `probe`.
    pub wasm: &'static [u8],
    /// The number of parameters of the exported function [`probe::NAME`], if there is one.
    pub probe: Option<usize>,
    /// The number of functions that it defines.
    pub functions: usize,
    /// The number of bytes of its code section.
    pub code: usize,
}

/// Returns the modules whose name contains `filter`, the smallest first. Reports modules that cannot be fetched, and
/// leaves them out.
pub fn fetch(filter: &str) -> Result<Vec<Input>> {
    let mut inputs = Vec::new();
    for kernel in KERNELS.iter().filter(|kernel| SMALL.contains(&kernel.name) && kernel.name.contains(filter)) {
        inputs.push(input(kernel.name, "this repository".into(), kernel.wasm)?);
    }
    for program in catalog::ALL.iter().chain(&MORE).filter(|program| program.name.contains(filter)) {
        let Package { name, version, registry, .. } = program.package;
        let registry = if registry == Registry::Npm { "npm" } else { "PyPI" };
        match program.bytes() {
            Ok(bytes) => inputs.push(input(program.name, format!("{registry} `{name}` {version}"), &bytes)?),
            Err(error @ FetchError::Offline { .. }) => eprintln!("{}: {error}", program.name),
            Err(error) => return Err(error.into()),
        }
    }
    inputs.sort_by_key(|input| input.wasm.len());
    Ok(inputs)
}

fn input(name: &'static str, origin: String, wasm: &[u8]) -> Result<Input> {
    let probe::Probed { wasm, probe, functions, code } = probe::add(wasm)?;
    Ok(Input { name, origin, wasm: wasm.leak(), probe, functions, code })
}
