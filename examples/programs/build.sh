#!/usr/bin/env bash
# Compiles mandelbrot.rs to mandelbrot.wasm. The result is committed: run this only after a change.
# It needs a Rust with the target wasm32-unknown-unknown: rustup target add wasm32-unknown-unknown
set -euo pipefail
cd "$(dirname "$0")"
rustc --edition 2024 --target wasm32-unknown-unknown --crate-type cdylib \
    -C opt-level=s -C panic=abort -C strip=symbols -C link-arg=-zstack-size=65536 -C lto=fat \
    --remap-path-prefix="$PWD=." mandelbrot.rs -o mandelbrot.wasm
