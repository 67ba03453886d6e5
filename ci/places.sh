#!/usr/bin/env bash
# Programs in C and Rust with debug information (crates/cli/tests/cli/places): `ci/places.sh` builds them and checks that the
# committed modules are what the tests expect of them; `ci/places.sh --write` writes the committed modules.
#
# It needs clang and the target wasm32-wasip1 of the Rust compiler, whose linker it uses.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=ci/packages.sh
source ci/packages.sh
require_packages clang
rustup target add wasm32-wasip1

source=$PWD/crates/cli/tests/cli/places
out=${CARGO_TARGET_DIR:-$PWD/target}/places
mkdir -p "$out"
host=$(rustc -vV | sed -n 's/^host: //p')
linker=$(rustc --print sysroot)/lib/rustlib/$host/bin/rust-lld

cd "$source"
clang --target=wasm32-unknown-unknown -O1 -g -fdebug-compilation-dir=. -ffreestanding -Wall -Wextra -c program.c -o "$out/program.o"
"$linker" -flavor wasm --no-entry "$out/program.o" -o "$out/program.c.wasm"
rustc --edition 2024 --target wasm32-wasip1 --crate-type cdylib -C opt-level=1 -g -C panic=abort --remap-path-prefix "$source=." \
    -C linker="$linker" -C linker-flavor=wasm-ld -C link-self-contained=no program.rs -o "$out/program.rs.wasm"
if [[ ${1:-} == --write ]]; then
    cp "$out"/program.{c,rs}.wasm .
    exit
fi
WASMOTE_PLACES=$out cargo test -p wasmote-cli --test cli places
