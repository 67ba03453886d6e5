//! The versions of the interface.

use wasmote::Module;

/// A version of WASI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WasiVersion {
    /// `wasi_unstable`, which old toolchains use
    Snapshot0,
    /// `wasi_snapshot_preview1`
    Snapshot1,
    /// The newest version of this crate. An embedder may ask for it; [`detect`](Self::detect) never returns it
    Latest,
}

impl WasiVersion {
    /// Returns the version that a module imports: the newer one if it imports both, `None` without imports of WASI.
    ///
    /// ```
    /// use wasmote::{Engine, Module};
    /// use wasmote_wasi::WasiVersion;
    ///
    /// let wat = r#"(module (import "wasi_unstable" "sched_yield" (func (result i32))))"#;
    /// let module = Module::new(&Engine::default(), wat)?;
    /// assert_eq!(WasiVersion::detect(&module), Some(WasiVersion::Snapshot0));
    /// # Ok::<(), wasmote::Error>(())
    /// ```
    #[must_use]
    pub fn detect(module: &Module) -> Option<Self> {
        let imports = |name| module.imports().any(|import| import.module() == name);
        [Self::Snapshot1, Self::Snapshot0].into_iter().find(|version| imports(version.module_name()))
    }

    /// Returns the module name of its imports.
    #[must_use]
    pub const fn module_name(self) -> &'static str {
        match self {
            Self::Snapshot0 => "wasi_unstable",
            Self::Snapshot1 | Self::Latest => "wasi_snapshot_preview1",
        }
    }
}
