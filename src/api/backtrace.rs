//! Backtraces of calls that are under way, and the operators that internal code comes from.

use crate::{
    api::{context::AsContext, host, module::Module},
    error::backtrace::{FrameInfo, WasmBacktrace},
};

impl WasmBacktrace {
    /// Returns the calls of Wasm functions that are under way in a store, innermost first: those that led to the host function that
    /// asks. There are none if the configuration has [`Config::wasm_backtrace`](crate::Config::wasm_backtrace) off.
    ///
    /// ```
    /// use wasmote::{Caller, Engine, Linker, Module, Store, WasmBacktrace};
    ///
    /// # fn main() -> Result<(), wasmote::Error> {
    /// let engine = Engine::default();
    /// let module = Module::new(
    ///     &engine,
    ///     r#"(module (import "host" "where" (func $where)) (func $inner (call $where)) (func (export "run") (call $inner)))"#,
    /// )?;
    /// let mut linker = Linker::new(&engine);
    /// linker.func_wrap("host", "where", |mut caller: Caller<'_, Vec<String>>| {
    ///     let backtrace = WasmBacktrace::capture(&caller);
    ///     let names = backtrace.frames().iter().map(|frame| frame.func_name().unwrap_or_default().to_owned());
    ///     *caller.data_mut() = names.collect();
    /// })?;
    /// let mut store = Store::new(&engine, Vec::new());
    /// let instance = linker.instantiate_and_start(&mut store, &module)?;
    /// instance.get_typed_func::<(), ()>(&store, "run")?.call(&mut store, ())?;
    /// assert_eq!(store.data()[..], ["inner", "run"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn capture(store: impl AsContext) -> Self {
        let ctx = store.as_context();
        if ctx.engine().config().wasm_backtrace { Self::force_capture(ctx) } else { Self::default() }
    }

    /// Returns what [`WasmBacktrace::capture`] does, whatever the configuration is.
    pub fn force_capture(store: impl AsContext) -> Self {
        let mut backtrace = Self::default();
        host::trace(store.as_context().store(), &mut backtrace);
        backtrace
    }
}

impl Module {
    /// Returns what is known about a place in the internal code of a function: the frame that a backtrace has for it.
    ///
    /// `code_offset` is a [`FrameInfo::code_offset`], perhaps from another process or a device that ran the same module with the same
    /// configuration, in the same version of the library. `None` if the module does not define such a function. The frame has no
    /// offsets if the body of the function was not kept; see [`FrameInfo::func_offset`].
    #[must_use]
    pub fn frame_info(&self, func_index: u32, code_offset: u32) -> Option<FrameInfo> {
        let location = self.code().location(func_index, code_offset)?;
        FrameInfo::of(&**self.code(), &[location]).pop()
    }
}
