//! Defines the functions of WASI in a linker.

use std::time::Duration;

use wasmote::{Caller, Error, Extern, Linker, TrapCode, errors::LinkerError};

use crate::{
    abi::{Layout, Preview1},
    builder::WasiError,
    ctx::WasiCtx,
    errno::Result,
    functions::{args_env, clock, fd, path, poll, proc, random, sock},
    guest::GuestMemory,
    snapshot0::Snapshot0,
    version::WasiVersion,
};

/// Defines the functions of a version of WASI in a linker. `get` finds the context in the data of a store.
///
/// # Errors
///
/// If one of the names is defined already and shadowing is not allowed.
///
/// ```
/// use wasmote::{Engine, Linker, Module, Store};
/// use wasmote_wasi::{CapturedOutput, WasiCtx, WasiCtxBuilder, WasiVersion, add_to_linker};
///
/// let wat = r#"
///     (module
///         (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
///         (memory (export "memory") 1)
///         (data (i32.const 0) "\08\00\00\00\06\00\00\00hello\n")
///         (func (export "_start")
///             (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))
/// "#;
/// let engine = Engine::default();
/// let module = Module::new(&engine, wat)?;
/// let mut linker = <Linker<WasiCtx>>::new(&engine);
/// add_to_linker(&mut linker, WasiVersion::detect(&module).unwrap_or(WasiVersion::Latest), |ctx| ctx)?;
///
/// let output = CapturedOutput::new();
/// let mut store = Store::new(&engine, WasiCtxBuilder::new().captured_stdout(&output).build()?);
/// let instance = linker.instantiate_and_start(&mut store, &module)?;
/// instance.get_typed_func::<(), ()>(&store, "_start")?.call(&mut store, ())?;
/// assert_eq!(output.contents(), b"hello\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn add_to_linker<T: 'static>(
    linker: &mut Linker<T>,
    version: WasiVersion,
    get: impl Fn(&mut T) -> &mut WasiCtx + Copy + Send + Sync + 'static,
) -> Result<(), LinkerError> {
    let module = version.module_name();
    match version {
        WasiVersion::Snapshot0 => add_layout::<T, Snapshot0>(linker, module, get),
        WasiVersion::Snapshot1 | WasiVersion::Latest => {
            add_layout::<T, Preview1>(linker, module, get)?;
            add_preview1(linker, module, get)
        }
    }
}

/// Converts a result to the number that the program receives.
#[inline]
fn number(result: Result<()>) -> u32 {
    match result {
        Ok(()) => 0,
        Err(errno) => errno as u32,
    }
}

/// Calls a function and pays for its work with the store's fuel.
#[inline]
fn metered<T>(
    mut caller: Caller<'_, T>,
    get: impl Fn(&mut T) -> &mut WasiCtx,
    mut function: impl FnMut(&mut Caller<'_, T>) -> Result<()>,
) -> Result<u32, Error> {
    // The error of an engine without metering costs more than the answer.
    let metered = get(caller.data_mut()).meter.metered != Some(false);
    let fuel = if metered { caller.get_fuel().ok() } else { None };
    get(caller.data_mut()).meter.begin(fuel);
    let mut result = function(&mut caller);
    if result.is_err() && get(caller.data_mut()).waits.interrupted {
        result = resume(&mut caller, &get, &mut function)?;
    }
    let ctx = get(caller.data_mut());
    let (exhausted, expired) = (ctx.meter.exhausted, ctx.waits.expired);
    if let Some(fuel) = fuel
        && let Some(left) = ctx.meter.end(fuel)
    {
        caller.set_fuel(left)?;
    }
    match result {
        Err(_) if exhausted => Err(TrapCode::OutOfFuel.into()),
        Err(_) if expired => Err(Error::host(WasiError::Deadline)),
        result => Ok(number(result)),
    }
}

/// Calls a function again that was interrupted while it waited, as often as the embedder lets the code go on.
#[cold]
fn resume<T>(
    caller: &mut Caller<'_, T>,
    get: &impl Fn(&mut T) -> &mut WasiCtx,
    function: &mut impl FnMut(&mut Caller<'_, T>) -> Result<()>,
) -> core::result::Result<Result<()>, Error> {
    loop {
        get(caller.data_mut()).waits.interrupted = false;
        if let Err(error) = caller.check_interruption() {
            get(caller.data_mut()).waits.waited = Duration::ZERO;
            return Err(error);
        }
        let result = function(caller);
        let waits = &mut get(caller.data_mut()).waits;
        if result.is_ok() || !waits.interrupted {
            waits.waited = Duration::ZERO;
            return Ok(result);
        }
    }
}

/// Calls a function with the context and the caller's memory.
#[inline]
fn with_memory<T>(
    caller: Caller<'_, T>,
    get: impl Fn(&mut T) -> &mut WasiCtx,
    function: impl Fn(&mut WasiCtx, &mut GuestMemory<'_>) -> Result<()>,
) -> Result<u32, Error> {
    let Some(Extern::Memory(memory)) = caller.get_export("memory") else {
        return Err(Error::host(WasiError::NoMemory));
    };
    metered(caller, &get, |caller| {
        let (ctx, mut memory) = match memory.shared(&*caller) {
            Some(memory) => (get(caller.data_mut()), GuestMemory::shared(memory)),
            None => {
                let (bytes, data) = memory.data_and_store_mut(caller);
                (get(data), GuestMemory::new(bytes))
            }
        };
        let result = ctx.with_descriptors(|ctx| function(ctx, &mut memory));
        memory.finish();
        result
    })
}

/// Defines functions that take the context and the caller's memory.
macro_rules! with_memory {
    ($linker:ident, $module:ident, $get:ident; $($name:literal($($param:ident: $ty:ty),*) = $function:expr;)*) => { $(
        $linker.func_wrap($module, $name, move |caller: Caller<'_, T>, $($param: $ty),*| {
            with_memory(caller, $get, |ctx, memory| $function(ctx, memory, $($param),*))
        })?;
    )* };
}

/// Defines functions that take the context only.
macro_rules! without_memory {
    ($linker:ident, $module:ident, $get:ident; $($name:literal($($param:ident: $ty:ty),*) = $function:expr;)*) => { $(
        $linker.func_wrap($module, $name, move |caller: Caller<'_, T>, $($param: $ty),*| {
            metered(caller, $get, |caller| {
                $get(caller.data_mut()).with_descriptors(|ctx| $function(ctx, $($param),*))
            })
        })?;
    )* };
}

/// Defines the functions that both versions have.
fn add_layout<T: 'static, L: Layout + 'static>(
    linker: &mut Linker<T>,
    module: &str,
    get: impl Fn(&mut T) -> &mut WasiCtx + Copy + Send + Sync + 'static,
) -> Result<(), LinkerError> {
    with_memory! { linker, module, get;
        "args_get"(pointers: u32, buffer: u32) = args_env::args_get;
        "args_sizes_get"(count: u32, size: u32) = args_env::args_sizes_get;
        "environ_get"(pointers: u32, buffer: u32) = args_env::environ_get;
        "environ_sizes_get"(count: u32, size: u32) = args_env::environ_sizes_get;
        "clock_res_get"(id: u32, resolution: u32) = clock::clock_res_get;
        "clock_time_get"(id: u32, precision: u64, time: u32) = clock::clock_time_get;
        "fd_fdstat_get"(fd: u32, stat: u32) = fd::fd_fdstat_get;
        "fd_filestat_get"(fd: u32, stat: u32) = fd::fd_filestat_get::<L>;
        "fd_pread"(fd: u32, buffers: u32, count: u32, offset: u64, read: u32) = fd::fd_pread;
        "fd_prestat_get"(fd: u32, prestat: u32) = fd::fd_prestat_get;
        "fd_prestat_dir_name"(fd: u32, path: u32, len: u32) = fd::fd_prestat_dir_name;
        "fd_pwrite"(fd: u32, buffers: u32, count: u32, offset: u64, written: u32) = fd::fd_pwrite;
        "fd_read"(fd: u32, buffers: u32, count: u32, read: u32) = fd::fd_read;
        "fd_readdir"(fd: u32, buffer: u32, len: u32, cookie: u64, used: u32) = fd::fd_readdir;
        "fd_seek"(fd: u32, offset: i64, whence: u32, position: u32) = fd::fd_seek::<L>;
        "fd_tell"(fd: u32, position: u32) = fd::fd_tell;
        "fd_write"(fd: u32, buffers: u32, count: u32, written: u32) = fd::fd_write;
        "path_create_directory"(fd: u32, path: u32, len: u32) = path::path_create_directory;
        "path_filestat_get"(fd: u32, flags: u32, path: u32, len: u32, stat: u32) = path::path_filestat_get::<L>;
        "path_filestat_set_times"(
            fd: u32, flags: u32, path: u32, len: u32, accessed: u64, modified: u64, times: u32
        ) = path::path_filestat_set_times;
        "path_link"(
            old: u32, flags: u32, old_path: u32, old_len: u32, new: u32, new_path: u32, new_len: u32
        ) = path::path_link;
        "path_open"(
            fd: u32, lookup: u32, path: u32, len: u32, open: u32, base: u64, inheriting: u64, flags: u32, opened: u32
        ) = path::path_open;
        "path_readlink"(fd: u32, path: u32, len: u32, buffer: u32, size: u32, used: u32) = path::path_readlink;
        "path_remove_directory"(fd: u32, path: u32, len: u32) = path::path_remove_directory;
        "path_rename"(
            old: u32, old_path: u32, old_len: u32, new: u32, new_path: u32, new_len: u32
        ) = path::path_rename;
        "path_symlink"(target: u32, target_len: u32, fd: u32, path: u32, len: u32) = path::path_symlink;
        "path_unlink_file"(fd: u32, path: u32, len: u32) = path::path_unlink_file;
        "poll_oneoff"(subscriptions: u32, events: u32, count: u32, stored: u32) = poll::poll_oneoff::<L>;
        "random_get"(buffer: u32, len: u32) = random::random_get;
        "sock_recv"(
            fd: u32, buffers: u32, count: u32, flags: u32, received: u32, out_flags: u32
        ) = sock::sock_recv;
        "sock_send"(fd: u32, buffers: u32, count: u32, flags: u32, sent: u32) = sock::sock_send;
    }
    without_memory! { linker, module, get;
        "fd_advise"(fd: u32, offset: u64, len: u64, advice: u32) = fd::fd_advise;
        "fd_allocate"(fd: u32, offset: u64, len: u64) = fd::fd_allocate;
        "fd_close"(fd: u32) = fd::fd_close;
        "fd_datasync"(fd: u32) = fd::fd_datasync;
        "fd_fdstat_set_flags"(fd: u32, flags: u32) = fd::fd_fdstat_set_flags;
        "fd_fdstat_set_rights"(fd: u32, base: u64, inheriting: u64) = fd::fd_fdstat_set_rights;
        "fd_filestat_set_size"(fd: u32, size: u64) = fd::fd_filestat_set_size;
        "fd_filestat_set_times"(fd: u32, accessed: u64, modified: u64, times: u32) = fd::fd_filestat_set_times;
        "fd_renumber"(from: u32, to: u32) = fd::fd_renumber;
        "fd_sync"(fd: u32) = fd::fd_sync;
        "sched_yield"() = proc::sched_yield;
        "sock_shutdown"(fd: u32, how: u32) = sock::sock_shutdown;
    }
    linker.func_wrap(module, "proc_exit", |code: u32| -> Result<(), Error> { Err(proc::proc_exit(code)) })?;
    linker.func_wrap(module, "proc_raise", |signal: u32| proc::proc_raise(signal).map(number))?;
    Ok(())
}

/// Defines the functions that only preview 1 has.
fn add_preview1<T: 'static>(
    linker: &mut Linker<T>,
    module: &str,
    get: impl Fn(&mut T) -> &mut WasiCtx + Copy + Send + Sync + 'static,
) -> Result<(), LinkerError> {
    with_memory! { linker, module, get;
        "sock_accept"(fd: u32, flags: u32, accepted: u32) = sock::sock_accept;
    }
    Ok(())
}
