//! The WASI context of a program, by the options of the command line.

use std::path::Path;

use wasmote::{Error, Linker, Module};
use wasmote_wasi::{WasiCtx, WasiCtxBuilder, WasiError, WasiVersion, add_to_linker};

use crate::{
    args::{WasiArgs, WasiChoice},
    failure::Failure,
    host::Host,
};

impl WasiChoice {
    /// Returns the versions that are defined for a module.
    pub(crate) fn versions(self, module: &Module) -> Vec<WasiVersion> {
        match self {
            // A module that was linked from old and new parts imports both versions.
            Self::Auto => [WasiVersion::Snapshot1, WasiVersion::Snapshot0]
                .into_iter()
                .filter(|version| module.imports().any(|import| import.module() == version.module_name()))
                .collect(),
            Self::Preview1 => vec![WasiVersion::Snapshot1],
            Self::Snapshot0 => vec![WasiVersion::Snapshot0],
            Self::None => Vec::new(),
        }
    }
}

/// Defines the functions of WASI versions.
pub(crate) fn define(linker: &mut Linker<Host>, versions: &[WasiVersion]) -> Result<(), Error> {
    for &version in versions {
        add_to_linker(linker, version, |host: &mut Host| &mut host.wasi)?;
    }
    Ok(())
}

/// Creates the context of the program in `file` for a call with `args`.
pub(crate) fn context(options: &WasiArgs, file: &Path, args: &[String]) -> Result<WasiCtx, Failure> {
    let mut builder = WasiCtxBuilder::new();
    let name = || file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned();
    builder.inherit_stdio().arg(options.argv0.clone().unwrap_or_else(name)).args(args);
    builder.strict_rights(options.strict_rights);
    for variable in &options.variables {
        let inherited = || std::env::var(&variable.name).ok();
        if let Some(value) = variable.value.clone().or_else(inherited) {
            builder.env(&variable.name, value);
        }
    }
    for (index, dir) in options.dirs.iter().enumerate() {
        if options.dirs[..index].iter().any(|other| same_path(&other.guest, &dir.guest)) {
            return Err(Failure::usage(format!("`--dir` gives the program two directories as `{}`", dir.guest))
                .hint("name another path behind HOST::"));
        }
        let added = if dir.read_only {
            builder.preopened_dir_read_only(&dir.host, &dir.guest)
        } else {
            builder.preopened_dir(&dir.host, &dir.guest)
        };
        added.map_err(|error| {
            let failure = Failure::new(error.to_string());
            match error {
                WasiError::OpenDirectory { .. } => failure.at(format!("--dir {}", dir.host.display())),
                _ => failure,
            }
        })?;
    }
    builder.build().map_err(|error| Failure::usage(error.to_string()))
}

/// Whether two paths of a program are the same but for slashes at the end.
fn same_path(left: &str, right: &str) -> bool {
    let trim = |path: &str| path.strip_prefix("./").unwrap_or(path).trim_end_matches('/').to_owned();
    trim(left) == trim(right)
}
