#!/usr/bin/env bash
# The documentation builds without warnings: all public items documented, no broken links.
set -euo pipefail
cd "$(dirname "$0")/.."
export RUSTDOCFLAGS=-Dwarnings
# `wasmi-defaults` and `small` take parts of the library away, which its documentation describes.
cargo doc -p wasmote --no-deps --features threads,parallel,addr2line,coredump,inspect,count-ops,deterministic
cargo doc --workspace --exclude wasmote --no-deps --all-features
