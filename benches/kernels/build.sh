#!/bin/sh
# Builds the kernels: src/bin/*.rs, src/simd/*.rs and wat/*.wat become wasm/*.wasm.
#
# The results are committed: run this only after a change of the sources. It needs
#  - a Rust that can build `core` for WebAssembly: a nightly toolchain with the component rust-src, or any
#    other with the sources of the library. CARGO and RUSTC name it, `cargo` and `rustc` by default;
#  - `wasm-ld` (of LLVM's lld) and `wat2wasm` (of WABT).
set -eu
cd "$(dirname "$0")"

CARGO="${CARGO:-cargo}"
RUSTC="${RUSTC:-rustc}"
export RUSTC
# Allows -Z options in a toolchain that is not a nightly.
export RUSTC_BOOTSTRAP=1
target="${CARGO_TARGET_DIR:-$PWD/target}"
export CARGO_TARGET_DIR="$target"
sysroot="$("$RUSTC" --print sysroot)"

# Without the remappings, the modules would contain paths of this machine. The stack is 64 KiB
# instead of 1 MiB so that memories stay small.
RUSTFLAGS="-Clinker=wasm-ld -Cstrip=symbols -Clink-arg=--no-entry -Clink-arg=--export=run -Clink-arg=-zstack-size=65536"
RUSTFLAGS="$RUSTFLAGS -Zlocation-detail=none -Zunstable-options -Cpanic=immediate-abort"
RUSTFLAGS="$RUSTFLAGS --remap-path-prefix=$PWD=kernels --remap-path-prefix=$sysroot=rust --remap-path-prefix=${HOME:-/root}=home"
export RUSTFLAGS

# Builds the kernels of a folder, with further arguments for Cargo.
build() {
    folder="$1"
    shift
    for source in "$folder"/*.rs; do
        set -- "$@" --bin "$(basename "$source" .rs)"
    done
    "$CARGO" build --release --target wasm32-unknown-unknown -Zbuild-std=core "$@"
    for source in "$folder"/*.rs; do
        name="$(basename "$source" .rs)"
        cp "$target/wasm32-unknown-unknown/release/$name.wasm" "wasm/$name.wasm"
        chmod 644 "wasm/$name.wasm"
    done
}

mkdir -p wasm
build src/bin
RUSTFLAGS="$RUSTFLAGS -Ctarget-feature=+simd128" build src/simd --features simd

for source in wat/*.wat; do
    wat2wasm --enable-tail-call "$source" -o "wasm/$(basename "$source" .wat).wasm"
done
ls -l wasm | awk 'NF > 8 { print $5, $9 }'
