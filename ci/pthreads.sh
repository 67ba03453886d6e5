#!/usr/bin/env bash
# A program in C with POSIX threads (crates/cli/tests/cli/pthreads/program.c): `ci/pthreads.sh [RUNS]` builds it, runs it so
# often with 4 threads (1,000 times), compares each output with that of the same program compiled for this machine, and
# compares the time of 4 threads with that of one: at most 0.6, on two cores without other work.
#
# It needs clang; the linker is that of the Rust compiler. The program is built with the small implementation of threads
# beside it. With WASI_SDK_PATH, the directory of a wasi-sdk, the same is done with a second program that has its C library.
# `--write` writes the committed program.wasm, which `cargo test -p wasmote-cli` runs.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=ci/packages.sh
source ci/packages.sh
require_packages clang

write=
if [[ ${1:-} == --write ]]; then
    write=1
    shift
fi
runs=${1:-1000}
most_ratio=${WASMOTE_MOST_RATIO:-0.6}
source=crates/cli/tests/cli/pthreads
target=${CARGO_TARGET_DIR:-$PWD/target}
out=$target/pthreads
mkdir -p "$out"

host=$(rustc -vV | sed -n 's/^host: //p')
linker=$(rustc --print sysroot)/lib/rustlib/$host/bin/rust-lld
flags=(--target=wasm32-unknown-unknown -O2 -Wall -Wextra -pthread -ftls-model=local-exec -matomics -mbulk-memory
    -mmutable-globals -ffreestanding -nostdlibinc -I"$source/include")
for file in program.c runtime.c start.s; do
    clang "${flags[@]}" -Wno-unused-command-line-argument -c "$source/$file" -o "$out/$file.o"
done
memory=(--shared-memory --import-memory --export-memory --max-memory=134217728)
"$linker" -flavor wasm "${memory[@]}" --strip-all --entry=_start "$out"/{program.c,runtime.c,start.s}.o -o "$out/program.wasm"
if [[ -n $write ]]; then
    cp "$out/program.wasm" "$source/program.wasm"
    exit
fi
programs=("$out/program.wasm")
if [[ -n ${WASI_SDK_PATH:-} ]]; then
    "$WASI_SDK_PATH/bin/clang" --target=wasm32-wasip1-threads -O2 -pthread "$source/program.c" -o "$out/wasi-sdk.wasm" \
        -Wl,--import-memory,--export-memory,--max-memory=134217728
    programs+=("$out/wasi-sdk.wasm")
fi
clang -O2 -pthread "$source/program.c" -o "$out/native"
"$out/native" >"$out/expected"

cargo build --release -p wasmote-cli
wasmote=$target/release/wasmote
# Milliseconds that a run takes.
milliseconds() {
    local begin
    begin=$(date +%s%N)
    "$wasmote" run "$@" >/dev/null
    echo $((($(date +%s%N) - begin) / 1000000))
}
for program in "${programs[@]}"; do
    for ((run = 1; run <= runs; run++)); do
        if ! "$wasmote" run "$program" 4 | cmp --quiet - "$out/expected"; then
            echo "$program: run $run prints something else" >&2
            exit 1
        fi
    done
    # The fastest of several runs, one after the other so that other work disturbs both alike.
    one=999999 four=999999
    for _ in {1..25}; do
        time=$(milliseconds "$program" 1) && one=$((time < one ? time : one))
        time=$(milliseconds "$program" 4) && four=$((time < four ? time : four))
    done
    echo "${program##*/}: $runs runs with the right output; one thread takes $one ms, four take $four ms"
    if ! awk -v one="$one" -v four="$four" -v most="$most_ratio" 'BEGIN { exit !(four <= most * one) }'; then
        echo "Four threads take more than $most_ratio of the time of one" >&2
        exit 1
    fi
done
