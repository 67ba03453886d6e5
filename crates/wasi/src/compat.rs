//! WASI with the names of the crate `wasmi_wasi` 2.0, for embedders that come from there.
//!
//! Programs that use these names compile after `use wasmote_wasi::compat as wasmi_wasi;`. The builder adds strings one by
//! one and checks each, directories are opened before they are added, and [`add_to_linker`] takes no version. Standard
//! streams are readers and writers of the standard library rather than a `WasiFile`.
//!
//! ```
//! use wasmote::{Engine, Linker, Module, Store};
//! use wasmote_wasi::compat::{self as wasmi_wasi, WasiCtx, WasiCtxBuilder, wasi_common::pipe::WritePipe};
//!
//! let engine = Engine::default();
//! let module = Module::new(&engine, r#"(module (memory (export "memory") 1) (func (export "_start")))"#)?;
//! let output = WritePipe::new_in_memory();
//! let wasi = WasiCtxBuilder::new().arg("app")?.env("LANG", "C")?.stdout(Box::new(output.clone())).build();
//! let mut linker = <Linker<WasiCtx>>::new(&engine);
//! wasmi_wasi::add_to_linker(&mut linker, |ctx| ctx)?; // or `linker.add_wasi(|ctx| ctx)` with the trait `AddWasi`
//! let mut store = Store::new(&engine, wasi);
//! let instance = linker.instantiate_and_start(&mut store, &module)?;
//! instance.get_typed_func::<(), ()>(&store, "_start")?.call(&mut store, ())?;
//! drop(store);
//! let printed = output.try_into_inner().expect("the only handle").into_inner();
//! assert_eq!(printed, b"");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::{
    fmt,
    io::{Read, Write},
    path::Path,
};

pub use cap_std::{ambient_authority, fs::Dir, net::TcpListener};
use wasmote::{Error as EngineError, Linker};

pub use crate::{WasiCtx, WasiError as Error, WasiError as StringArrayError};
use crate::{WasiVersion, builder};

/// The same names at the place where `wasmi_wasi` has them too.
pub mod sync {
    pub use super::{AddWasi, Dir, TcpListener, WasiCtxBuilder, add_to_linker, ambient_authority, snapshots};
}

/// The same names at the place where `wasmi_wasi` defines them.
pub mod snapshots {
    /// Preview 1 of WASI.
    pub mod preview_1 {
        pub use super::super::{AddWasi, add_to_linker as add_wasi_snapshot_preview1_to_linker};
    }
}

/// The names of the crate `wasi-common` that belong to the builder.
pub mod wasi_common {
    pub use super::{Error, StringArrayError, WasiCtx, pipe};
}

pub mod pipe {
    //! Streams of the embedder whose contents other handles can reach.

    use std::{
        io::{self, Cursor, Read, Write},
        sync::{Arc, PoisonError, RwLock},
    };

    /// Declares a stream that is shared by its clones.
    macro_rules! shared {
        ($(#[$attr:meta])* $name:ident) => {
            $(#[$attr])*
            #[derive(Debug)]
            pub struct $name<S> {
                stream: Arc<RwLock<S>>,
            }

            impl<S> Clone for $name<S> {
                fn clone(&self) -> Self {
                    Self { stream: self.stream.clone() }
                }
            }

            impl<S> $name<S> {
                /// Makes the first handle of a stream.
                pub fn new(stream: S) -> Self {
                    Self::from_shared(Arc::new(RwLock::new(stream)))
                }

                /// Makes a handle of a stream that is shared already.
                pub fn from_shared(stream: Arc<RwLock<S>>) -> Self {
                    Self { stream }
                }

                /// Returns the stream if this is the only handle of it.
                ///
                /// # Errors
                ///
                /// This handle, if there are others.
                pub fn try_into_inner(self) -> Result<S, Self> {
                    let inner = Arc::try_unwrap(self.stream);
                    inner.map(|lock| lock.into_inner().unwrap_or_else(PoisonError::into_inner)).map_err(Self::from_shared)
                }
            }
        };
    }

    shared! {
        /// A stream that a program reads.
        ReadPipe
    }

    shared! {
        /// A stream that a program writes.
        WritePipe
    }

    impl<R: Read> Read for ReadPipe<R> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.stream.write().unwrap_or_else(PoisonError::into_inner).read(buffer)
        }
    }

    impl<W: Write> Write for WritePipe<W> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.stream.write().unwrap_or_else(PoisonError::into_inner).write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            self.stream.write().unwrap_or_else(PoisonError::into_inner).flush()
        }
    }

    impl WritePipe<Cursor<Vec<u8>>> {
        /// Makes a stream whose bytes are kept in memory, without a limit.
        #[must_use]
        pub fn new_in_memory() -> Self {
            Self::new(Cursor::new(Vec::new()))
        }
    }

    impl From<Vec<u8>> for ReadPipe<Cursor<Vec<u8>>> {
        fn from(bytes: Vec<u8>) -> Self {
            Self::new(Cursor::new(bytes))
        }
    }

    impl From<&[u8]> for ReadPipe<Cursor<Vec<u8>>> {
        fn from(bytes: &[u8]) -> Self {
            bytes.to_vec().into()
        }
    }

    impl From<String> for ReadPipe<Cursor<String>> {
        fn from(text: String) -> Self {
            Self::new(Cursor::new(text))
        }
    }

    impl From<&str> for ReadPipe<Cursor<String>> {
        fn from(text: &str) -> Self {
            text.to_owned().into()
        }
    }
}

/// Builds a [`WasiCtx`], with the methods of `wasmi_wasi`.
#[derive(Default)]
pub struct WasiCtxBuilder {
    inner: builder::WasiCtxBuilder,
}

impl fmt::Debug for WasiCtxBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl WasiCtxBuilder {
    /// Makes a builder with the defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a variable.
    ///
    /// # Errors
    ///
    /// If the name or the value has a NUL byte, or if the name is empty or has a `=`.
    pub fn env(&mut self, name: &str, value: &str) -> Result<&mut Self, StringArrayError> {
        builder::check_variable(name)?;
        builder::check_string(name)?;
        builder::check_string(value)?;
        self.inner.env(name, value);
        Ok(self)
    }

    /// Sets variables.
    ///
    /// # Errors
    ///
    /// Those of [`env`](Self::env).
    pub fn envs(&mut self, variables: &[(String, String)]) -> Result<&mut Self, StringArrayError> {
        for (name, value) in variables {
            self.env(name, value)?;
        }
        Ok(self)
    }

    /// Sets the variables of this process, except those that are not Unicode.
    ///
    /// # Errors
    ///
    /// None: the variables of a process can be handed to a program.
    pub fn inherit_env(&mut self) -> Result<&mut Self, StringArrayError> {
        self.inner.inherit_env();
        Ok(self)
    }

    /// Adds an argument. The first one is the program's name by convention.
    ///
    /// # Errors
    ///
    /// If the argument has a NUL byte.
    pub fn arg(&mut self, arg: &str) -> Result<&mut Self, StringArrayError> {
        builder::check_string(arg)?;
        self.inner.arg(arg);
        Ok(self)
    }

    /// Adds arguments.
    ///
    /// # Errors
    ///
    /// Those of [`arg`](Self::arg).
    pub fn args(&mut self, args: &[String]) -> Result<&mut Self, StringArrayError> {
        for arg in args {
            self.arg(arg)?;
        }
        Ok(self)
    }

    /// Adds the arguments of this process, including its name.
    ///
    /// # Errors
    ///
    /// None: the arguments of a process can be handed to a program.
    pub fn inherit_args(&mut self) -> Result<&mut Self, StringArrayError> {
        self.inner.inherit_args();
        Ok(self)
    }

    /// Takes standard input from a reader.
    pub fn stdin(&mut self, reader: Box<dyn Read + Send>) -> &mut Self {
        self.inner.stdin(reader);
        self
    }

    /// Sends standard output to a writer.
    pub fn stdout(&mut self, writer: Box<dyn Write + Send>) -> &mut Self {
        self.inner.stdout(writer);
        self
    }

    /// Sends standard error to a writer.
    pub fn stderr(&mut self, writer: Box<dyn Write + Send>) -> &mut Self {
        self.inner.stderr(writer);
        self
    }

    /// Uses standard input of this process.
    pub fn inherit_stdin(&mut self) -> &mut Self {
        self.inner.inherit_stdin();
        self
    }

    /// Uses standard output of this process.
    pub fn inherit_stdout(&mut self) -> &mut Self {
        self.inner.inherit_stdout();
        self
    }

    /// Uses standard error of this process.
    pub fn inherit_stderr(&mut self) -> &mut Self {
        self.inner.inherit_stderr();
        self
    }

    /// Uses standard input, output and error of this process.
    pub fn inherit_stdio(&mut self) -> &mut Self {
        self.inner.inherit_stdio();
        self
    }

    /// Adds an open directory of the host, which the program sees as `guest_path`.
    ///
    /// # Errors
    ///
    /// If the path has a NUL byte or is not Unicode.
    pub fn preopened_dir(&mut self, dir: Dir, guest_path: impl AsRef<Path>) -> Result<&mut Self, Error> {
        let path = guest_path.as_ref();
        let invalid = || Error::InvalidString { string: path.to_string_lossy().into_owned() };
        let guest_path = path.to_str().ok_or_else(invalid)?;
        builder::check_string(guest_path)?;
        self.inner.preopened_open_dir(dir, guest_path.into());
        Ok(self)
    }

    /// Makes the context, and resets the builder to the defaults.
    ///
    /// # Panics
    ///
    /// If there are more directories than descriptors (512), or gigabytes of arguments or variables.
    pub fn build(&mut self) -> WasiCtx {
        self.inner.build().expect("each string was checked when it was added, and they fit into a memory")
    }
}

/// What functions of WASI can be added to.
pub trait AddWasi<T> {
    /// Defines the functions of preview 1. `get` finds the context in the data of a store.
    ///
    /// # Errors
    ///
    /// If one of the names is defined already and shadowing is not allowed.
    fn add_wasi(
        &mut self,
        get: impl Fn(&mut T) -> &mut WasiCtx + Send + Sync + Copy + 'static,
    ) -> Result<(), EngineError>
    where
        T: Send + 'static;
}

impl<T> AddWasi<T> for Linker<T> {
    fn add_wasi(
        &mut self,
        get: impl Fn(&mut T) -> &mut WasiCtx + Send + Sync + Copy + 'static,
    ) -> Result<(), EngineError>
    where
        T: Send + 'static,
    {
        add_to_linker(self, get)
    }
}

/// Defines the functions of preview 1 in a linker. `get` finds the context in the data of a store.
///
/// # Errors
///
/// If one of the names is defined already and shadowing is not allowed.
pub fn add_to_linker<T: 'static>(
    linker: &mut Linker<T>,
    get: impl Fn(&mut T) -> &mut WasiCtx + Send + Sync + Copy + 'static,
) -> Result<(), EngineError> {
    Ok(crate::add_to_linker(linker, WasiVersion::Snapshot1, get)?)
}
