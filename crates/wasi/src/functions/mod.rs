//! The functions of WASI, by subject. Each takes the context, the caller's memory if needed, and its parameters.

pub(crate) mod args_env;
pub(crate) mod clock;
pub(crate) mod fd;
pub(crate) mod path;
pub(crate) mod poll;
pub(crate) mod proc;
pub(crate) mod random;
pub(crate) mod sock;
