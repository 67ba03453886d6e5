#!/usr/bin/env bash
# Programs of others that test implementations of WASI preview 1, run with `wasmote`. `ci/wasi-suites.sh TESTSUITE WASMTIME` takes
# a checkout of WebAssembly/wasi-testsuite with compiled programs (its branch `prod/testsuite-base`), and one of wasmtime,
# whose preview-1 programs are compiled here.
#
# The standard library of that target is built from the sources that Debian has with its own compiler, and checkouts are not
# fetched, so this is no step of `.ci/run`.
set -euo pipefail
testsuite=$(realpath "$1")
wasmtime=$(realpath "$2")
cd "$(dirname "$0")/.."
# shellcheck source=ci/packages.sh
source ci/packages.sh
require_packages rustc-web cargo-web rust-web-src lld wasi-libc
programs=${CARGO_TARGET_DIR:-$PWD/target}/packages/wasi-programs
mkdir -p "$programs/src"
cp -r "$wasmtime/crates/test-programs/src/preview1.rs" "$programs/src/"
mkdir -p "$programs/src/bin"
cp "$wasmtime"/crates/test-programs/src/bin/p1_*.rs "$programs/src/bin/"
echo 'pub mod preview1;' >"$programs/src/lib.rs"
cat >"$programs/Cargo.toml" <<'MANIFEST'
[package]
name = "test-programs"
version = "0.0.0"
edition = "2024"

[workspace]

[dependencies]
anyhow = "1"
libc = "0.2"
wasip1 = "1.0.0"
MANIFEST
flags=(-Clink-self-contained=no -Lnative=/usr/lib/wasm32-wasi -Clink-arg=/usr/lib/wasm32-wasi/crt1-command.o -Clink-arg=-lc
    -Clink-arg=--unresolved-symbols=ignore-all)
(cd "$programs" && RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=$programs/target \
    CARGO_TARGET_WASM32_WASIP1_LINKER=wasm-ld CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS="${flags[*]}" CARGO_PROFILE_RELEASE_OPT_LEVEL=1 \
    /usr/bin/cargo build --release --bins --target wasm32-wasip1 -Zbuild-std=std,panic_abort)
cargo xtask wasi --testsuite "$testsuite" --wasmtime "$programs/target/wasm32-wasip1/release"
