//! The arguments of the command line.

use crate::engine::Result;

/// The text of `--help`.
pub const USAGE: &str = "\
Usage: wasmote-peers [--simd | --gc] [--rounds N] [--kernels A,B] [--engines A,B]
       wasmote-peers --startup [--rounds N] [FILTER]
  --simd         The kernels of vectors (SIMD) instead of all other rows; needs the feature `simd`
  --gc           The kernels of garbage collection instead; needs the feature `gc`
  --rounds N     The number of runs of each kernel in each engine (default: 15)
  --kernels A,B  Only these rows of the table
  --engines A,B  Only these engines; times are relative to the first of the table
  --coremark FILE
                 Only CoreMark: `coremark-minimal.wasm` of the GitHub repository wasm3/wasm-coremark
  --wasi         Only calls of WASI functions; needs the feature `wasi`
  --charts DOCS  Only draw the charts of the documentation from the tables of its pages; needs the feature `charts`
  --startup      Only loading, linking and instantiating; needs the feature `startup`
  FILTER         With `--startup`: only the rows whose name contains this
";

/// The arguments.
pub struct Arguments {
    /// Whether to measure the kernels of vectors instead of all other rows.
    pub simd: bool,
    /// Whether to measure the kernels of garbage collection instead.
    pub gc: bool,
    /// The number of runs of each kernel in each engine.
    pub rounds: usize,
    /// The rows to measure; all by default.
    pub kernels: Option<Vec<String>>,
    /// The engines to measure; all by default.
    pub engines: Option<Vec<String>>,
    /// The module of CoreMark, to measure only that.
    pub coremark: Option<String>,
    /// The folder of the documentation, to draw its charts instead of measuring.
    pub charts: Option<String>,
    /// Whether to measure only calls of functions of WASI.
    pub wasi: bool,
    /// Whether to measure only startup.
    pub startup: bool,
    /// With `startup`: a part of the names of the rows to measure.
    pub filter: String,
}

/// Parses the arguments. Returns `None` if they ask for help.
pub fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<Arguments>> {
    let mut parsed = Arguments {
        simd: false,
        gc: false,
        rounds: 15,
        kernels: None,
        engines: None,
        coremark: None,
        charts: None,
        wasi: false,
        startup: false,
        filter: String::new(),
    };
    while let Some(flag) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("`{flag}` needs a value"));
        let list = |value: String| value.split(',').map(str::to_owned).collect();
        match flag.as_str() {
            "--rounds" => {
                parsed.rounds =
                    value()?.parse().ok().filter(|&rounds| rounds > 0).ok_or("`--rounds` needs a number")?;
            }
            "--kernels" => parsed.kernels = Some(list(value()?)),
            "--engines" => parsed.engines = Some(list(value()?)),
            "--coremark" => parsed.coremark = Some(value()?),
            "--charts" => parsed.charts = Some(value()?),
            "--simd" => parsed.simd = true,
            "--gc" => parsed.gc = true,
            "--wasi" => parsed.wasi = true,
            "--startup" => parsed.startup = true,
            "--help" | "-h" => return Ok(None),
            filter if parsed.startup && !filter.starts_with('-') => parsed.filter = filter.into(),
            other => return Err(format!("unknown argument `{other}`\n{USAGE}").into()),
        }
    }
    Ok(Some(parsed))
}

/// Keeps the items that `names` lists: all of them if there is no list.
pub fn select<T>(items: &mut Vec<T>, names: Option<&[String]>, name_of: impl Fn(&T) -> &str) -> Result<()> {
    let Some(names) = names else { return Ok(()) };
    if let Some(unknown) = names.iter().find(|&name| !items.iter().any(|item| name_of(item) == name)) {
        let known = items.iter().map(&name_of).collect::<Vec<_>>().join(", ");
        return Err(format!("`{unknown}` is not one of {known}").into());
    }
    items.retain(|item| names.iter().any(|name| name == name_of(item)));
    Ok(())
}
