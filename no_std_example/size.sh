#!/usr/bin/env bash
# Builds the firmwares without the loader, runs them in an emulated Cortex-M4, prints what they take, and fails if that
# exceeds the limits below. With WASMOTE_WRITE_README=1 it writes the table into README.md.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../ci/packages.sh
source "$here/../ci/packages.sh"
require_packages rustc-web cargo-web rust-web-src lld binutils-arm-none-eabi qemu-system-arm

target=thumbv7em-none-eabi
cd "$here"
CARGO_TARGET_DIR=$(realpath -m "${CARGO_TARGET_DIR:-../target}")/firmware
cargo_home=${CARGO_HOME:-$HOME/.cargo}
RUSTFLAGS="-Clinker=ld.lld -Clinker-flavor=ld.lld --remap-path-prefix=$cargo_home=cargo"
RUSTFLAGS+=" --remap-path-prefix=$(dirname "$here")=wasmote"
# `RUSTC_BOOTSTRAP` allows `-Zbuild-std`.
export CARGO_TARGET_DIR RUSTFLAGS RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc RUSTC_BOOTSTRAP=1
unset RUSTUP_TOOLCHAIN CARGO
qemu=(qemu-system-arm -M mps2-an386 -cpu cortex-m4 -nographic -icount shift=0
    -semihosting-config "enable=on,target=native" -kernel)

# Builds and runs a firmware: name, features, limits in bytes on flash, and on heap and stack together.
measure() {
    local bin=$1 features=$2 most_flash=$3 most_ram=$4 log firmware
    /usr/bin/cargo build --quiet --locked --release --target "$target" -Zbuild-std=core,alloc \
        -p runtime --bin "$bin" --features "$features"
    firmware=$CARGO_TARGET_DIR/$target/release/$bin
    log=$CARGO_TARGET_DIR/$bin.log
    if ! timeout 120 "${qemu[@]}" "$firmware" </dev/null >"$log"; then
        cat "$log"
        echo "size: $bin ($features) failed" >&2
        exit 1
    fi
    number() { sed -nE "s/^$1 ?([0-9]+)\$/\\1/p" "$log" | head -n 1; }
    local flash heap stack ticks
    flash=$(number 'flash:') heap=$(number 'heap: peak') stack=$(number 'stack: peak') ticks=$(number "$bin: ticks")
    printf -v row '| %-8s | %-8s | %6d | %6d | %5d | %5d | %5d | %10d |' "$bin" "${features:-integers}" "$flash" "$most_flash" \
        "$heap" "$stack" "$most_ram" $((ticks * 40))
    table+=("$row")
    cp "$log" "$CARGO_TARGET_DIR/$bin-${features:-integers}.log"
    if ((flash > most_flash || heap + stack > most_ram)); then
        echo "size: $bin (${features:-integers}) takes more than its limits" >&2
        status=1
    fi
}

status=0
table=('| firmware | floats   |  flash |  limit |  heap | stack | limit | instructions |' '|---|---|---|---|---|---|---|---|')
measure fib "" 92000 7200
measure plugin "" 110000 10200
measure plugin floats 127000 10200
printf '%s\n' "${table[@]}"
if [[ -n ${WASMOTE_WRITE_README:-} ]]; then
    printf '%s\n' "${table[@]}" >"$CARGO_TARGET_DIR/size.md"
    sed -i -e "/<!-- size -->/,/<!-- end of size -->/{/<!-- size -->/r $CARGO_TARGET_DIR/size.md" \
        -e '/<!-- size -->\|<!-- end of size -->/!d}' README.md
fi
exit $status
