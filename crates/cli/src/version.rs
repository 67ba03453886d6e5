//! What `--version` prints.

use std::sync::LazyLock;

use wasmote::{Dispatch, Engine};

/// The version of this program, the commit of the checkout, the features of the library, and how it dispatches.
pub(crate) fn text() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let version = env!("CARGO_PKG_VERSION");
        // The build script knows the commit.
        let commit = option_env!("WASMOTE_COMMIT").map(|commit| format!("commit {commit}; ")).unwrap_or_default();
        let dispatch = match Engine::default().dispatch() {
            Dispatch::Threaded => "threaded",
            _ => "loop-switch",
        };
        format!("{version} ({commit}features: {}; dispatch: {dispatch})", wasmote::FEATURES.join(", "))
    });
    &TEXT
}
