#!/usr/bin/env bash
# No warnings, of the compiler or of clippy, in any set of features that the library is built with.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo clippy --workspace --all-targets -- -D warnings
cargo clippy --all-targets --features addr2line,coredump,inspect,parallel,portable-dispatch -- -D warnings
cargo clippy --no-default-features -- -D warnings
cargo clippy --no-default-features --features loader,floats -- -D warnings
cargo clippy --no-default-features --features loader,floats,simd,threads,gc,exceptions -- -D warnings
cargo clippy -p wasmote-tune --all-targets --features run -- -D warnings
# Threaded dispatch is only there where the build optimizes.
cargo clippy --release --all-targets -- -D warnings
# So is the loop-switch as one function that is fast.
cargo clippy --release --lib --features portable-dispatch -- -D warnings
# The firmware, checked as if it were for this machine: clippy has no core library for the target.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}/firmware
cd no_std_example
cargo clippy --workspace --exclude riscv -- -D warnings
# By itself: a crate that both boards use would be built with the settings of both.
cargo clippy -p riscv -- -D warnings
