#!/usr/bin/env bash
# The library builds without the standard library. (That it also links on a target that has none
# is what ci/firmware.sh shows.)
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --no-default-features
cargo build --no-default-features --features inspect,portable-dispatch
cargo build --no-default-features --features count-ops
