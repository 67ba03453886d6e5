//! Runs a program as a command.

use wasmote::{CompilationMode, Config, Engine, Error, Linker, Module, Store, TypedFunc};
use wasmote_wasi::{CapturedOutput, WasiCtx, WasiCtxBuilder, WasiVersion, add_to_linker};

/// The result of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Its exit code; 0 if it returned
    pub status: i32,
    /// Its standard output
    pub stdout: Vec<u8>,
    /// Its standard error
    pub stderr: Vec<u8>,
}

impl Outcome {
    /// Returns standard output as text. Invalid UTF-8 is replaced.
    #[must_use]
    pub fn stdout_text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Returns standard error as text. Invalid UTF-8 is replaced.
    #[must_use]
    pub fn stderr_text(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }

    /// Returns exit code, standard output and standard error, to compare them at once.
    #[must_use]
    pub fn parts(&self) -> (i32, String, String) {
        (self.status, self.stdout_text(), self.stderr_text())
    }
}

/// Creates an engine with the default configuration and the given compilation mode.
#[must_use]
pub fn engine(mode: CompilationMode) -> Engine {
    Engine::new(Config::default().compilation_mode(mode))
}

/// Runs a command, a module that exports `_start`. Captures its standard output and standard error.
///
/// # Errors
///
/// If it cannot be instantiated, or if it traps.
pub fn run(module: &Module, ctx: &mut WasiCtxBuilder) -> Result<Outcome, Error> {
    let (stdout, stderr) = (CapturedOutput::new(), CapturedOutput::new());
    let ctx = ctx.captured_stdout(&stdout).captured_stderr(&stderr).build().map_err(Error::host)?;
    let mut linker = <Linker<WasiCtx>>::new(module.engine());
    let version = WasiVersion::detect(module).unwrap_or(WasiVersion::Latest);
    add_to_linker(&mut linker, version, |ctx| ctx)?;
    let mut store = Store::new(module.engine(), ctx);
    let instance = linker.instantiate_and_start(&mut store, module)?;
    let start: TypedFunc<(), ()> = instance.get_typed_func(&store, "_start")?;
    let status = match start.call(&mut store, ()) {
        Ok(()) => 0,
        Err(error) => error.i32_exit_status().ok_or(error)?,
    };
    Ok(Outcome { status, stdout: stdout.take(), stderr: stderr.take() })
}
