#!/usr/bin/env bash
# Builds the firmwares without the loader, runs them in an emulated Cortex-M4, prints what they take, and fails if that
# exceeds the limits below. With WASMOTE_WRITE_README=1 it writes the table into README.md.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=toolchain.bash
source "$(dirname "$0")/toolchain.bash"

# Builds and runs a firmware: name, features, limits in bytes on flash, and on heap and stack together, and the limit on
# instructions.
measure() {
    local bin=$1 features=$2 most_flash=$3 most_ram=$4 most_instructions=$5 log firmware
    firmware=$(build_firmware "$bin" -p runtime --features "$features")
    log=$CARGO_TARGET_DIR/$bin-${features:-integers}.log
    if ! emulate "$firmware" >"$log"; then
        cat "$log"
        echo "size: $bin ($features) failed" >&2
        exit 1
    fi
    number() { sed -nE "s/^$1 ?([0-9]+)\$/\\1/p" "$log" | head -n 1; }
    local flash heap stack instructions
    flash=$(number 'flash:') heap=$(number 'heap: peak') stack=$(number 'stack: peak')
    # A tick is 40 ns, an instruction 1 ns.
    instructions=$(($(number "$bin: ticks") * 40))
    printf -v row '| %-8s | %-8s | %6d | %6d | %5d | %5d | %5d | %10d |' "$bin" "${features:-integers}" "$flash" "$most_flash" \
        "$heap" "$stack" "$most_ram" "$instructions"
    table+=("$row")
    if ((flash > most_flash || heap + stack > most_ram || instructions > most_instructions)); then
        echo "size: $bin (${features:-integers}) takes more than its limits" >&2
        status=1
    fi
}

status=0
table=('| firmware | floats   |  flash |  limit |  heap | stack | limit | instructions |' '|---|---|---|---|---|---|---|---|')
measure fib "" 69500 6100 2300000
measure plugin "" 85000 9800 290000
measure plugin floats 101000 9800 290000
printf '%s\n' "${table[@]}"
if [[ -n ${WASMOTE_WRITE_README:-} ]]; then
    printf '%s\n' "${table[@]}" >"$CARGO_TARGET_DIR/size.md"
    sed -i -e "/<!-- size -->/,/<!-- end of size -->/{/<!-- size -->/r $CARGO_TARGET_DIR/size.md" \
        -e '/<!-- size -->\|<!-- end of size -->/!d}' README.md
fi
exit $status
