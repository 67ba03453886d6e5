//! Every function of WASI with good, bad and hostile input, in the host's directories and in memory.
//!
//! The tests call the functions through a module that exports each import, so that they see the memory of a caller.

mod args_env;
mod builder;
mod clock;
mod fd;
mod hostile;
mod metering;
mod open;
mod path;
#[cfg(target_os = "linux")]
mod pipes;
mod poll;
mod proc_random;
mod readdir;
mod rights;
mod sandbox;
mod shared;
mod shim;
mod snapshot0;
mod sock;
mod stdio;
