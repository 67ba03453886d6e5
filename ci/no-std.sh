#!/usr/bin/env bash
# The library compiles without the standard library. (That it also links on a target that has none
# is what ci/firmware.sh shows.)
set -euo pipefail
cd "$(dirname "$0")/.."
cargo check --no-default-features
cargo check --no-default-features --features simd
cargo check --no-default-features --features threads
cargo check --no-default-features --features gc
cargo check --no-default-features --features exceptions
cargo check --no-default-features --features simd,threads
cargo check --no-default-features --features inspect,portable-dispatch
cargo check --no-default-features --features count-ops
