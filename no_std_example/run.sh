#!/usr/bin/env bash
# Builds the firmware, runs it in an emulated Cortex-M4, checks its output, and prints its size. Fails if that exceeds the limits.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=toolchain.bash
source "$(dirname "$0")/toolchain.bash"

# Bytes of flash, and of heap and stack together.
most_flash=256000
most_ram=18000

firmware=$(build_firmware firmware -p firmware)
log=$CARGO_TARGET_DIR/firmware.log
status=0
emulate "$firmware" >"$log" || status=$?
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
heap=$(number 'heap: peak ([0-9]+) .*') stack=$(number 'stack: peak ([0-9]+) .*')
((flash <= most_flash)) || fail "takes $flash bytes of flash, more than $most_flash"
((heap + stack <= most_ram)) || fail "takes $((heap + stack)) bytes of heap and stack, more than $most_ram"
# A tick is 40 ns, an instruction 1 ns.
echo "firmware: passed: flash $flash bytes, heap $heap bytes, stack $stack bytes, about $((ticks * 40)) instructions for 100 samples"
