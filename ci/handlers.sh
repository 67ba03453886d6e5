#!/usr/bin/env bash
# Checks the machine code that the speed and the native stack of threaded dispatch rest on.
#
# Threaded dispatch: of all functions with the register signature of handlers (`ops::*`, `sequence`, `cold`,
# `first_call`, `trap`, `leave`), it is asserted that
#   - none contains an indirect call: a dispatch would be one if the compiler did not make a jump of it, and each op
#     would take native stack;
#   - none calls another of these functions;
#   - none returns, except `trap` and `leave`, which leave the machine: all others end in jumps;
#   - each handler contains a dispatch, which is an indirect jump, or jumps to a function that leaves the machine;
#   - only handlers of the rows in `callers` call anything. These calls go to native functions: bodies that are kept out
#     of the handlers (call the host, move memory, grow, translate) and functions of the allocator and of libc;
#   - at most one handler in 120 saves registers on the native stack, and of the other handlers of vector operators,
#     some of which take five operands, one in thirty (not counted are those that call native functions, atomic ops, whose
#     instructions take longer than to save registers, and ops on shared memories);
#   - each handler begins with a cache line.
# `ci/test-portable.sh` checks the loop-switch.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=ci/packages.sh
source ci/packages.sh
if [[ $(uname -m) != x86_64 ]]; then
    echo "Checked on x86-64 only"
    exit 0
fi
require_packages binutils
target=${CARGO_TARGET_DIR:-$PWD/target}
cargo build --release -p wasmote-cli
# A program of an embedder, built without link-time optimization: fewer bodies are inlined.
CARGO_TARGET_DIR=$target/embedder cargo build --release --features sequences --manifest-path ci/embedder/Cargo.toml
for binary in "$target/release/wasmote" "$target/embedder/release/embedder"; do
    echo "${binary##*/}:"
    objdump --disassemble --no-show-raw-insn "$binary" | awk '
    BEGIN {
        rows = "call_import return_call_import return_call_indirect return_call_ref translate copy_span data_drop elem_drop "
        rows = rows "memory_fill memory_copy memory_init table_fill table_copy table_init table_grow "
        rows = rows "memory_fill_shared memory_copy_shared memory_init_shared "
        rows = rows "memory_atomic_notify memory_atomic_wait32 memory_atomic_wait64 "
        rows = rows "struct_new struct_new_default array_new array_new_default array_new_fixed array_new_data "
        rows = rows "array_new_elem array_fill array_copy array_init_data array_init_elem "
        rows = rows "ref_test_func ref_cast_func br_ref_test_func br_ref_test_func_not"
        # Those of processors without SSE 4.1 call what is one instruction of it.
        vector_rows = "i8x16_swizzle i8x16_shuffle i32x4_trunc_sat_f64x2_u_zero f32x4_ceil f32x4_floor f32x4_trunc "
        vector_rows = vector_rows "f32x4_nearest f64x2_ceil f64x2_floor f64x2_trunc f64x2_nearest"
        split(rows, list, " ")
        for (i in list) callers[list[i]] = 1
        split(vector_rows, list, " ")
        for (i in list) vector_callers[list[i]] = 1
    }
    function fault(what) {
        faults += 1
        if (faults <= 20) print "  " name " " what
    }
    # Of the function that ended.
    function finish() {
        if (handler && !dispatches) fault("no dispatch")
    }
    # A function: its mangled name.
    /^[0-9a-f]+ <.*>:$/ {
        finish()
        name = $2
        is_v2 = (name ~ /exec8dispatch4tail3ops2v2[0-9]/)
        is_op = (name ~ /exec8dispatch4tail3ops[0-9]/)
        is_sequence = (name ~ /exec8dispatch4tail8sequence8sequence/)
        handler = is_op || is_sequence
        exit_function = (name ~ /exec8dispatch4tail7machine(4trap|5leave)/)
        threaded = handler || exit_function || (name ~ /exec8dispatch4tail(7machine4cold|5entry10first_call)/)
        row = ""
        if (is_op) {
            row = name
            sub(/.*exec8dispatch4tail3ops(2v2)?/, "", row)
            length_of_row = row + 0
            sub(/^[0-9]+/, "", row)
            row = substr(row, 1, length_of_row)
        }
        dispatches = saves = 0
        calls_semantics = (row in vector_callers) && !is_v2
        vector = (row ~ /^(v128|i8x16|i16x8|i32x4|i64x2|f32x4|f64x2)_/) && !calls_semantics
        slow = (row ~ /^(memory_)?atomic_/ || row ~ /_shared$/)
        vectors += vector && !slow
        slows += slow
        handlers += handler
        sequences += is_sequence
        aligned += (handler && $1 ~ /[048c]0$/)
        next
    }
    threaded && $2 ~ /^call/ {
        # Relative to the instruction pointer are entries of the table of imported functions.
        if ($3 ~ /^\*/ && $3 !~ /\(%rip\)$/) fault("indirect call of " $3)
        else if ($0 ~ /exec8dispatch4tail/) fault("calls " $4)
        else if (handler && !(row in callers) && !calls_semantics) fault("calls " $4)
        calls += 1
    }
    threaded && $2 ~ /^ret/ && !exit_function { fault("returns") }
    handler && $2 == "jmp" && ($3 ~ /^\*/ || $4 ~ /exec8dispatch4tail7machine(4trap|5leave|4cold)/) { dispatches += 1 }
    handler && $2 ~ /^(push|enter)/ && !saves && !calls_semantics && !slow && !(row in callers) { saves = 1; if (vector) vector_frames += 1; else frames += 1 }
    END {
        finish()
        printf "%d handlers (%d of sequences), %d at the beginning of a cache line, %d of %d and %d of %d for vectors save registers, %d calls of native functions\n", handlers, sequences, aligned, frames, handlers - vectors - slows, vector_frames, vectors, calls
        if (faults) print faults " faults"
        if (faults || handlers < 1000 || sequences < 500 || frames > (handlers - vectors - slows) / 120 || vector_frames > vectors / 30 || aligned < handlers) {
            print "The machine code of threaded dispatch is not as it should be" > "/dev/stderr"
            exit 1
        }
    }'
done
