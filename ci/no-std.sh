#!/usr/bin/env bash
# The library compiles without the standard library. (That it also links on a target that has none
# is what ci/firmware.sh shows.)
set -euo pipefail
cd "$(dirname "$0")/.."
cargo check --no-default-features
cargo check --no-default-features --features loader,floats
cargo check --no-default-features --features small,floats,verify
cargo check --no-default-features --features loader,floats,simd
cargo check --no-default-features --features loader,floats,threads
cargo check --no-default-features --features loader,floats,gc
cargo check --no-default-features --features loader,floats,exceptions
cargo check --no-default-features --features loader,floats,simd,threads
cargo check --no-default-features --features loader,floats,inspect,portable-dispatch
cargo check --no-default-features --features loader,floats,count-ops
