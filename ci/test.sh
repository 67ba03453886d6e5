#!/usr/bin/env bash
# Every test of the workspace, without optimizations.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo test --workspace
cargo test -p wasmote-cli --features stats --test cli stats
cargo test --features parallel,inspect --test parallel
