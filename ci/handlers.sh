#!/usr/bin/env bash
# The machine code of the dispatchers is what their speed rests on: handlers of threaded dispatch end in a
# jump, keep no stack frame and begin with a cache line, and the arms of the loop-switch dispatch by themselves.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=ci/packages.sh
source ci/packages.sh
if [[ $(uname -m) != x86_64 ]]; then
    echo "Checked on x86-64 only"
    exit 0
fi
require_packages binutils
cargo build --release -p wasmote-cli
binary=${CARGO_TARGET_DIR:-target}/release/wasmote
objdump --disassemble --no-show-raw-insn "$binary" | awk '
    # A function: its name without the hash.
    /^[0-9a-f]+ <.*>:$/ {
        # The handlers of ops, and those of sequences of them.
        handler = ($0 ~ /exec8dispatch4tail(3ops|8sequence8sequence)/)
        loop = ($0 ~ /exec8dispatch8portable6switch3run/)
        name = $2
        handlers += handler
        aligned += (handler && $1 ~ /[048c]0$/)
        sequences += ($0 ~ /exec8dispatch4tail8sequence8sequence/)
        next
    }
    handler && $2 ~ /^(push|call|enter)/ { if (!(name in heavy)) { heavy[name] = 1; frames += 1; list = list "\n  " name " " $2 " " $3 } }
    handler && $2 == "jmp" && $3 ~ /^\*/ { jumps += 1 }
    loop && $2 == "jmp" && $3 ~ /^\*/ { arms += 1 }
    END {
        printf "%d handlers (%d of sequences), %d with a call or a stack frame, %d at the beginning of a cache line; %d dispatches in the loop-switch\n", handlers, sequences, frames, aligned, arms
        # Of 1,500 ops and more: those that move memory, grow, or prepare a call do call something.
        if (handlers < 1000 || sequences < 500 || frames > handlers / 20 || jumps < handlers || aligned < handlers || arms < 1000) {
            print list
            print "The compiler no longer makes of the dispatchers what it should" > "/dev/stderr"
            exit 1
        }
    }'
