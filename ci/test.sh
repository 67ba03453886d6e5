#!/usr/bin/env bash
# Every test of the workspace, without optimizations.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=ci/testsuite.bash
source ci/testsuite.bash
cargo test --workspace
cargo test -p wasmote-tune --features run --test tune
cargo test --features parallel,inspect --test parallel
