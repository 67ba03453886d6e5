#!/usr/bin/env bash
# Builds wasm3 and WAMR from checkouts of them, runs the plugin `fib` with them and with Wasmote on the same emulated board, and
# prints what each takes, as a table. Wasmote runs an artefact; the others load the module.
#
#   no_std_example/compare.sh WASM3 WAMR
set -euo pipefail
if (($# != 2)); then
    echo "usage: $0 WASM3 WAMR (checkouts of wasm3/wasm3 and bytecodealliance/wasm-micro-runtime)" >&2
    exit 2
fi
wasm3=$(realpath "$1")/source wamr=$(realpath "$2")/core
# shellcheck source-path=SCRIPTDIR source=toolchain.bash
source "$(dirname "$0")/toolchain.bash"
require_packages gcc-arm-none-eabi libnewlib-arm-none-eabi

out=$CARGO_TARGET_DIR/compare
mkdir -p "$out"
flags=(-mcpu=cortex-m4 -mthumb -mfloat-abi=soft -Os -ffunction-sections -fdata-sections -w -DNDEBUG -Icompare)
linking=(-nostartfiles --specs=nano.specs --specs=nosys.specs -Wl,--gc-sections
    -Wl,--wrap=malloc,--wrap=calloc,--wrap=free,--wrap=realloc -Tcompare/board.ld -lm)
board=(compare/board.c -Wa,-I,plugins compare/fib.s)

# Builds a program in C: its name, then arguments for the compiler. What the linker warns of, are calls of a system that nobody makes.
compile() {
    local program=$out/$1
    shift
    arm-none-eabi-gcc "${flags[@]}" "${board[@]}" "$@" "${linking[@]}" -o "$program" 2>"$program.log" ||
        { cat "$program.log" >&2 && return 1; }
}

# Runs a program, and adds a row to the table: title and path.
measure() {
    local title=$1 log=$2.out
    emulate "$2" >"$log" || { cat "$log" >&2 && return 1; }
    number() { sed -nE "s/^$1 ?([0-9]+)\$/\\1/p" "$log" | head -n 1; }
    # A tick is 40 ns, an instruction 1 ns.
    printf -v row '| %-44s | %6d | %5d | %5d | %8d |' "$title" "$(number 'flash:')" "$(number 'heap: peak')" \
        "$(number 'stack: peak')" $(($(number 'fib: ticks') * 40))
    table+=("$row")
}

table=("| \`fib(20)\`, with loading                        |  flash |  heap | stack | instructions |" '|---|---|---|---|---|')
fib=$(build_firmware fib -p runtime --features "")
cp "$fib" "$out/wasmote"
measure 'Wasmote, artefact, integers' "$out/wasmote"

small=(-Dd_m3CodePageAlignSize=1024 -Dd_m3MaxFunctionStackHeight=128 -Dd_m3VerboseErrorMessages=0 -Dd_m3CascadedOpcodes=0)
sources=("$wasm3"/m3_{bind,code,compile,core,env,exec,function,info,module,parse,validate}.c compare/wasm3.c)
compile wasm3-small -I"$wasm3" "${small[@]}" "${sources[@]}"
measure 'wasm3, small configuration, floats' "$out/wasm3-small"
compile wasm3-integers -I"$wasm3" "${small[@]}" -Dd_m3HasFloat=0 "${sources[@]}"
measure 'wasm3, small configuration, integers' "$out/wasm3-integers"

includes=(-I"$wamr" -I"$wamr"/iwasm/{include,common,interpreter} -I"$wamr"/shared/{utils,platform/include,mem-alloc})
settings=(-DBUILD_TARGET_THUMB '-DBUILD_TARGET="THUMBV7EM"' -DBH_MALLOC=wasm_runtime_malloc -DBH_FREE=wasm_runtime_free
    -DWASM_ENABLE_INTERP=1 -DWASM_ENABLE_LOG=0 -DBH_DEBUG=0 -DWASM_DISABLE_HW_BOUND_CHECK=1
    -DWASM_DISABLE_STACK_HW_BOUND_CHECK=1)
sources=(compare/wamr.c "$wamr"/iwasm/interpreter/wasm_runtime.c
    "$wamr"/iwasm/common/wasm_{runtime_common,native,exec_env,memory,loader_common,blocking_op}.c
    "$wamr"/iwasm/common/arch/invokeNative_thumb.s "$wamr"/shared/utils/{bh_*,runtime_timer}.c
    "$wamr"/shared/mem-alloc/mem_alloc.c "$wamr"/shared/mem-alloc/ems/ems_{alloc,gc,hmu,kfc}.c
    "$wamr"/shared/platform/common/memory/mremap.c)
compile wamr-mini "${includes[@]}" "${settings[@]}" -DWASM_ENABLE_FAST_INTERP=1 -DWASM_ENABLE_MINI_LOADER=1 \
    -DWASM_ENABLE_BULK_MEMORY=0 -DWASM_ENABLE_REF_TYPES=0 "${sources[@]}" "$wamr"/iwasm/interpreter/wasm_{interp_fast,mini_loader}.c
measure 'WAMR, fast interpreter, without validation' "$out/wamr-mini"
compile wamr-full "${includes[@]}" "${settings[@]}" -DWASM_ENABLE_FAST_INTERP=1 -DWASM_ENABLE_MINI_LOADER=0 \
    -DWASM_ENABLE_BULK_MEMORY=1 -DWASM_ENABLE_REF_TYPES=1 "${sources[@]}" "$wamr"/iwasm/interpreter/wasm_{interp_fast,loader}.c
measure 'WAMR, fast interpreter, validating' "$out/wamr-full"

printf '%s\n' "${table[@]}"
