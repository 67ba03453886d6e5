//! The host of QuickJS.

use wasmote::{
    AsContext, AsContextMut, Caller, CompilationMode, Error, Instance, Linker, Memory, Module, Store, TypedFunc,
    WasmParams, WasmResults,
};
use wasmote_programs::{catalog, engine, unless_offline};
use wasmote_wasi::{WasiCtx, WasiCtxBuilder, WasiVersion, add_to_linker};

/// The exception of a script, as a string.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Thrown(pub(crate) String);

/// The state of the host functions.
struct Host {
    wasi: WasiCtx,
    /// The exports of the engine; none before it is instantiated
    exports: Option<Exports>,
    /// The names of the host functions that were called
    calls: Vec<String>,
    /// The number of times that the engine may still ask whether to continue
    patience: u32,
}

/// The exports of the JavaScript engine that are used here. Values are pointers into the memory of the engine.
#[derive(Clone, Copy)]
struct Exports {
    instance: Instance,
    memory: Memory,
}

/// A JavaScript engine.
pub(crate) struct Javascript {
    store: Store<Host>,
    exports: Exports,
}

impl Javascript {
    /// Starts an engine; none if there is no network to fetch it.
    pub(crate) fn new(ctx: &mut WasiCtxBuilder) -> Option<Self> {
        let bytes = unless_offline(catalog::QUICKJS.bytes())?;
        let engine = engine(CompilationMode::LazyTranslation);
        let module = Module::new(&engine, bytes).unwrap();
        let mut linker = <Linker<Host>>::new(&engine);
        add_to_linker(&mut linker, WasiVersion::detect(&module).unwrap(), |host| &mut host.wasi).unwrap();
        define_host(&mut linker).unwrap();
        let host = Host { wasi: ctx.build().unwrap(), exports: None, calls: Vec::new(), patience: u32::MAX };
        let mut store = Store::new(&engine, host);
        let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
        let exports = Exports { instance, memory: instance.get_memory(&store, "memory").unwrap() };
        store.data_mut().exports = Some(exports);
        let () = exports.call(&mut store, "_initialize", ()).unwrap();
        let status: i32 = exports.call(&mut store, "qjs_init", ()).unwrap();
        assert_eq!(status, 0);
        Some(Self { store, exports })
    }

    /// Evaluates a script and returns its result as a string.
    pub(crate) fn eval(&mut self, script: &str) -> Result<String, Thrown> {
        self.exports.eval(&mut self.store, script).unwrap()
    }

    /// Defines a global function that calls the host.
    pub(crate) fn define(&mut self, name: &str) {
        let (exports, store) = (self.exports, &mut self.store);
        let address = exports.write(&mut *store, name).unwrap();
        let len = u32::try_from(name.len()).unwrap();
        let function: u32 = exports.call(&mut *store, "qjs_new_host_function", (address, len, 0_u32)).unwrap();
        let global: u32 = exports.call(&mut *store, "qjs_get_global", ()).unwrap();
        let _: i32 = exports.call(&mut *store, "qjs_set_prop_string", (global, address, function)).unwrap();
        for value in [function, global] {
            let () = exports.call(&mut *store, "qjs_free_value", value).unwrap();
        }
        let () = exports.call(&mut *store, "wasm_free", address).unwrap();
    }

    /// Runs the pending jobs and returns their number.
    pub(crate) fn run_jobs(&mut self) -> usize {
        let pending = |javascript: &mut Self| -> i32 {
            javascript.exports.call(&mut javascript.store, "qjs_is_job_pending", ()).unwrap()
        };
        let mut count = 0;
        while pending(self) != 0 {
            let status: i32 = self.exports.call(&mut self.store, "qjs_execute_pending_job", ()).unwrap();
            assert!(status >= 0);
            count += 1;
        }
        count
    }

    /// Sets how many times the engine may ask whether to continue before scripts are interrupted.
    pub(crate) fn interrupt_after(&mut self, patience: u32) {
        self.store.data_mut().patience = patience;
        let () = self.exports.call(&mut self.store, "qjs_set_interrupt_handler", 1_i32).unwrap();
    }

    /// Limits the memory of scripts, in bytes.
    pub(crate) fn limit_memory(&mut self, bytes: u32) {
        let () = self.exports.call(&mut self.store, "qjs_set_memory_limit", bytes).unwrap();
    }

    /// Limits the stack of scripts, in bytes of the module's memory.
    pub(crate) fn limit_stack(&mut self, bytes: u32) {
        let () = self.exports.call(&mut self.store, "qjs_set_max_stack_size", bytes).unwrap();
    }

    /// Returns the host functions that were called, in order.
    pub(crate) fn calls(&self) -> &[String] {
        &self.store.data().calls
    }
}

impl Exports {
    fn call<P: WasmParams, R: WasmResults>(
        self,
        mut ctx: impl AsContextMut<Data = Host>,
        name: &str,
        params: P,
    ) -> Result<R, Error> {
        let function: TypedFunc<P, R> = self.instance.get_typed_func(&ctx, name)?;
        function.call(&mut ctx, params)
    }

    /// Copies a string into the engine's memory and appends a NUL byte.
    fn write(self, mut ctx: impl AsContextMut<Data = Host>, text: &str) -> Result<u32, Error> {
        let bytes = [text.as_bytes(), b"\0"].concat();
        let address: u32 = self.call(&mut ctx, "wasm_malloc", u32::try_from(bytes.len()).unwrap())?;
        assert_ne!(address, 0);
        self.memory.write(&mut ctx, address as usize, &bytes)?;
        Ok(address)
    }

    fn read(self, ctx: impl AsContext<Data = Host>, address: u32, len: u32) -> Result<String, Error> {
        let mut bytes = vec![0; len as usize];
        self.memory.read(&ctx, address as usize, &mut bytes)?;
        Ok(String::from_utf8(bytes).unwrap())
    }

    /// Returns a value as a string.
    fn string(self, mut ctx: impl AsContextMut<Data = Host>, value: u32) -> Result<String, Error> {
        let place: u32 = self.call(&mut ctx, "wasm_malloc", 4_u32)?;
        let address: u32 = self.call(&mut ctx, "qjs_get_string_len", (value, place))?;
        assert_ne!(address, 0);
        let mut len = [0; 4];
        self.memory.read(&ctx, place as usize, &mut len)?;
        let text = self.read(&ctx, address, u32::from_le_bytes(len))?;
        let () = self.call(&mut ctx, "qjs_free_cstring", address)?;
        let () = self.call(&mut ctx, "wasm_free", place)?;
        Ok(text)
    }

    fn eval(self, mut ctx: impl AsContextMut<Data = Host>, script: &str) -> Result<Result<String, Thrown>, Error> {
        let code = self.write(&mut ctx, script)?;
        let file = self.write(&mut ctx, "<eval>")?;
        let len = u32::try_from(script.len()).unwrap();
        let result: u32 = self.call(&mut ctx, "qjs_eval", (code, len, file, 0_u32))?;
        let thrown = self.call::<_, i32>(&mut ctx, "qjs_is_exception", result)? != 0;
        let value = if thrown { self.call(&mut ctx, "qjs_get_exception", ())? } else { result };
        let text = self.string(&mut ctx, value)?;
        let () = self.call(&mut ctx, "qjs_free_value", value)?;
        for address in [code, file] {
            let () = self.call(&mut ctx, "wasm_free", address)?;
        }
        Ok(if thrown { Err(Thrown(text)) } else { Ok(text) })
    }
}

/// Defines the imports of the engine besides WASI.
fn define_host(linker: &mut Linker<Host>) -> Result<(), Error> {
    linker.func_wrap("env", "host_call", host_call)?;
    linker.func_wrap("env", "host_interrupt", |mut caller: Caller<'_, Host>| -> i32 {
        let patience = &mut caller.data_mut().patience;
        *patience = patience.saturating_sub(1);
        i32::from(*patience == 0)
    })?;
    linker.func_wrap("env", "host_get_timezone_offset", |_: i32, _: i32| -> i32 { 0 })?;
    linker.func_wrap("env", "host_promise_rejection", |_: i32, _: i32, _: i32| ())?;
    linker.func_wrap("env", "host_module_normalize", |_: i32, _: i32| -> i32 { 0 })?;
    linker.func_wrap("env", "host_module_load", |_: i32, _: i32| -> i32 { 0 })?;
    Ok(())
}

/// The host function that scripts call: `shout` returns its arguments in upper case, `run` evaluates its first one.
fn host_call(
    mut caller: Caller<'_, Host>,
    name: u32,
    name_len: u32,
    _this: u32,
    argc: u32,
    argv: u32,
) -> Result<u32, Error> {
    let Some(exports) = caller.data().exports else { return Ok(0) };
    let name = exports.read(&caller, name, name_len)?;
    let mut arguments = Vec::new();
    for index in 0..argc {
        let mut value = [0; 4];
        exports.memory.read(&caller, (argv + 4 * index) as usize, &mut value)?;
        arguments.push(exports.string(&mut caller, u32::from_le_bytes(value))?);
    }
    caller.data_mut().calls.push(name.clone());
    let answer = match name.as_str() {
        "shout" => arguments.join(" ").to_uppercase() + "!",
        _ => exports.eval(&mut caller, &arguments[0])?.map_err(|thrown| Error::new(thrown.0))?,
    };
    let text = exports.write(&mut caller, &answer)?;
    let len = u32::try_from(answer.len()).unwrap();
    let value = exports.call(&mut caller, "qjs_new_string", (text, len))?;
    let () = exports.call(&mut caller, "wasm_free", text)?;
    Ok(value)
}
