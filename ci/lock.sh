#!/usr/bin/env bash
# The lock files are committed and say what the manifests say.
set -euo pipefail
cd "$(dirname "$0")/.."
for manifest in Cargo.toml no_std_example/Cargo.toml ci/embedder/Cargo.toml fuzz/Cargo.toml crates/wasmi-shim/Cargo.toml \
    crates/wasmi-shim/beside/Cargo.toml crates/python/Cargo.toml; do
    cargo metadata --locked --format-version 1 --manifest-path "$manifest" >/dev/null
done
