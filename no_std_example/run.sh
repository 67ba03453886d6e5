#!/usr/bin/env bash
# Builds the firmware, runs it in an emulated Cortex-M4, checks its output, and prints its size.
#
# It uses Debian's Rust, whose package contains the sources of `core` and `alloc`, and builds these
# for the target, so it does not need rustup. It installs missing Debian packages.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../ci/packages.sh
source "$here/../ci/packages.sh"
require_packages rustc-web cargo-web rust-web-src lld binutils-arm-none-eabi qemu-system-arm

target=thumbv7em-none-eabi
# The emulation takes a few seconds. A firmware that hangs must not hang the check.
time_limit=120

cd "$here"
CARGO_TARGET_DIR=$(realpath -m "${CARGO_TARGET_DIR:-../target}")/firmware
cargo_home=${CARGO_HOME:-$HOME/.cargo}
# Panic messages contain source paths. Without the names of folders, sizes are the same everywhere.
RUSTFLAGS="-Clinker=ld.lld -Clinker-flavor=ld.lld --remap-path-prefix=$cargo_home=cargo"
RUSTFLAGS+=" --remap-path-prefix=$(dirname "$here")=wasmote"
# `RUSTC_BOOTSTRAP` allows `-Zbuild-std`.
export CARGO_TARGET_DIR RUSTFLAGS RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc RUSTC_BOOTSTRAP=1
unset RUSTUP_TOOLCHAIN CARGO
build=(--locked --release --target "$target" "-Zbuild-std=core,alloc")

/usr/bin/cargo build "${build[@]}"
firmware=$CARGO_TARGET_DIR/$target/release/firmware
log=$CARGO_TARGET_DIR/firmware.log

status=0
timeout "$time_limit" /usr/bin/cargo run --quiet "${build[@]}" </dev/null >"$log" || status=$?
cat "$log"

fail() {
    echo "firmware: $1" >&2
    exit 1
}
# The firmware must print these lines, as extended regular expressions.
expected=(
    '  log: outlier dropped'
    'smoothing: process\(100\) = 2029'
    'faulty: .+'
    'endless: .+'
    'bottomless: .+'
    'greedy: memory.grow by 1 MiB gives Some\(-1\)'
    'mistyped: .+'
    'truncated: .+'
    'heap: 0 bytes in use at the end'
    'all checks passed'
)
((status == 0)) || fail "exit code $status (124: stopped after $time_limit seconds)"
for line in "${expected[@]}"; do
    grep -Eqx "$line" "$log" || fail "did not print: $line"
done

# The size that the firmware prints equals that of the file, except for a few bytes of alignment between
# sections.
read -r text data _ < <(arm-none-eabi-size "$firmware" | tail -n 1)
flash=$(sed -n 's/^flash: \([0-9]*\) bytes$/\1/p' "$log")
((flash >= text + data && flash < text + data + 16)) || fail "says that it takes $flash bytes of flash, but has $((text + data))"

number() { sed -nE "s/^$1\$/\\1/p" "$log" | head -n 1; }
ticks=$(number 'smoothing: .* ([0-9]+) ticks to run.*')
# A tick is 40 ns, an instruction 1 ns (see .cargo/config.toml).
echo "firmware: passed: flash $flash bytes, heap $(number 'heap: peak ([0-9]+) .*') bytes," \
    "stack $(number 'stack: peak ([0-9]+) .*') bytes, about $((ticks * 40)) instructions for 100 samples"
