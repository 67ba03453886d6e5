#!/usr/bin/env bash
# Runs the spec suite and the tests of the API under AddressSanitizer, with the nightly compiler. `.ci/run` leaves it out, because
# it builds the library a second time. Instrumented builds use only the loop-switch (`build.rs`).
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=ci/testsuite.bash
source ci/testsuite.bash
host=$(rustc -vV | sed -n 's/^host: //p')
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}/address
# Each test program would optimize the library again.
export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=2
export RUSTFLAGS=-Zsanitizer=address
# Frames are larger.
export RUST_MIN_STACK=$((64 << 20))
# Some tests ask for more memory than there is. What is alive at the end of a test is no leak.
export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1
# `--target`: build scripts are not instrumented.
cargo +nightly test --release --target "$host" --test api --test spec
