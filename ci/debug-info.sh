#!/usr/bin/env bash
# Optimized builds with all debug information, as profilers want them, take about what others take: the compiler's
# time and memory must not grow with the square of the number of ops.
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_PROFILE_RELEASE_DEBUG=full CARGO_PROFILE_RELEASE_LTO=off
ulimit -v 8000000
timeout 400 cargo build --release --lib
