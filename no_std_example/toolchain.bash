# shellcheck shell=bash
# Defines `build_firmware` and `emulate`; to be sourced by the scripts that build firmware, in this folder.
#
# Firmware is built with Debian's Rust, whose packages contain the sources of `core` and `alloc`, so it does not need rustup.
# Missing Debian packages are installed.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../ci/packages.sh
source "$here/../ci/packages.sh"
require_packages rustc-web cargo-web rust-web-src lld binutils-arm-none-eabi qemu-system-arm

cd "$here"
CARGO_TARGET_DIR=$(realpath -m "${CARGO_TARGET_DIR:-../target}")/firmware
cargo_home=${CARGO_HOME:-$HOME/.cargo}
# Panic messages contain source paths. Without the names of folders, sizes are the same everywhere.
RUSTFLAGS="-Clinker=ld.lld -Clinker-flavor=ld.lld --remap-path-prefix=$cargo_home=cargo"
RUSTFLAGS+=" --remap-path-prefix=$(dirname "$here")=wasmote"
# `RUSTC_BOOTSTRAP` allows `-Zbuild-std`.
export CARGO_TARGET_DIR RUSTFLAGS RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc RUSTC_BOOTSTRAP=1
unset RUSTUP_TOOLCHAIN CARGO
target=thumbv7em-none-eabi
# The emulation takes a few seconds. A firmware that hangs must not hang the check.
time_limit=120

# Builds a firmware for `$target` and prints where it is. The first argument is the program, the others are for cargo.
build_firmware() {
    local bin=$1
    shift
    /usr/bin/cargo build --quiet --locked --release --target "$target" -Zbuild-std=core,alloc --bin "$bin" "$@" >&2
    echo "$CARGO_TARGET_DIR/$target/release/$bin"
}

# Runs a firmware in QEMU. An instruction takes one nanosecond of emulated time, so that every run is the same.
emulate() {
    timeout "$time_limit" qemu-system-arm -M mps2-an386 -cpu cortex-m4 -nographic -icount shift=0 \
        -semihosting-config enable=on,target=native -kernel "$1" </dev/null
}
