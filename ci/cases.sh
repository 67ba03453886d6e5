#!/usr/bin/env bash
# Runs inputs that once went wrong and asserts what is expected of each: `ci/cases.sh DIRECTORY`. The directory holds
# modules, scripts, programs of Python that make modules, and programs of Rust. A file that nothing is known about is a
# failure; one that is missing is not, so that parts of a collection can be run.
#
# WASMOTE names a program `wasmote` that is built already; WASMOTE_CASES_WITHOUT_RUST leaves the programs of Rust out.
set -euo pipefail
directory=$(cd "${1:?usage: ci/cases.sh DIRECTORY}" && pwd)
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-$PWD/target}
if [[ -z ${WASMOTE:-} ]]; then
    cargo build --release -p wasmote-cli
    WASMOTE=$target/release/wasmote
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
passed=0
failures=()

# run WORDS…: runs a program with 6 GB of address space; sets `status`, `output` (both streams) and `milliseconds`.
run() {
    local begin
    begin=$(date +%s%N)
    status=0
    output=$( (ulimit -v 6000000; exec timeout 60 "$@") 2>&1 </dev/null | tr -d '\0') || status=$?
    milliseconds=$((($(date +%s%N) - begin) / 1000000))
}
wasmote() {
    run "$WASMOTE" "$@"
}
# expect WHAT TEST…: the test succeeds.
expect() {
    local what=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failures+=("$name: $what (status $status, $milliseconds ms): ${output:0:300}")
    fi
}
has() {
    [[ $output == *"$1"* ]]
}
lacks() {
    [[ $output != *"$1"* ]]
}
ended() {
    ((status == $1))
}
failed_cleanly() {
    # Not by a signal, not by `timeout`; 124 is the deadline of Wasmote's own.
    ((status != 0 && status < 128)) || ((status == 134)) && [[ $output == *error:* ]]
}
within() {
    ((milliseconds < $1))
}
# Under the flags that are meant for untrusted programs.
untrusted=(--fuel 1000000 --max-memory 16MiB --timeout 2s)

script() {
    local mode
    for mode in "" --portable-dispatch --fuel --lazy --eager; do
        # shellcheck disable=SC2086
        wasmote wast --all-features $mode "$file"
        expect "all pass ${mode:-as it is}" has ", 0 failed, 0 skipped"
        expect "something runs" lacks "total: 0 scripts"
    done
}
listing() {
    mkdir directory
    run bash -c "cd directory && '$WASMOTE' run --dir . '$file'"
    expect "the output is that of ${name%.wat}.expected" [ "$output" = "$(cat "${file%.wat}.expected")" ]
    rm -r directory
}
rust() {
    if [[ -n ${WASMOTE_CASES_WITHOUT_RUST:-} ]]; then
        return 1
    fi
    if [[ ! -f $work/libwasmote.rlib ]]; then
        (cd "$OLDPWD" && cargo build --quiet -p wasmote)
        cp "$target"/debug/libwasmote.rlib "$work"
    fi
    rustc --edition 2024 "$file" -o program --extern wasmote="$work/libwasmote.rlib" -L dependency="$target/debug/deps" \
        -A warnings
    status=0 milliseconds=0
    output=$(./program 2>&1) || status=$?
}

for file in "$directory"/* "$directory"/hostile/*; do
    name=${file#"$directory"/}
    status=0 output='' milliseconds=0
    case $name in
    hostile | *.expected) ;;
    01-proc-exit-256.wat)
        wasmote run "$file"
        expect "a program that fails does not succeed" [ "$status" -ne 0 ]
        ;;
    02-import-name-newline.wat)
        wasmote run "$file"
        expect "the name forges no line" bash -c '! grep -q "^error: all is well"' <<<"$output"
        expect "the break is shown" has '\n'
        ;;
    03-dump-escape.wat)
        wasmote dump "$file"
        expect "no escape sequence is printed" lacks $'\x1b'
        expect "the function is printed" has func
        ;;
    04-import-mismatch-memory64.wast)
        wasmote wast "$file"
        expect "both messages say what differs" has 64-bit
        expect "the last two directives fail on purpose" has "2 passed, 2 failed"
        ;;
    05-tables-bomb.py)
        python3 "$file"
        wasmote run "${untrusted[@]}" tables.wasm
        expect "refused" failed_cleanly
        expect "at once" within 2000
        ;;
    06-table-grow-fuel.wat)
        for function in grow_table grow_memory; do
            wasmote run --fuel 100 --invoke $function "$file"
            expect "$function consumes all fuel" has fuel
        done
        ;;
    07-timeout-one-big-op.wat)
        for function in f g; do
            wasmote run --timeout 1s --invoke $function "$file"
            expect "$function ends by the deadline" ended 124
            expect "$function ends soon after it" within 2500
        done
        ;;
    08-table-10000001.wat)
        wasmote run --invoke f "$file"
        expect "it runs, or the message names the limit" bash -c 'grep -Eq "^10000001$|10000000|10,000,000|10 million"' <<<"$output"
        ;;
    09-frame-slots.py)
        python3 "$file"
        wasmote run --eager --invoke f slots.wasm
        expect "it runs, or the message names the function" bash -c 'grep -Eq "^$|function 0|function #0|\`f\`"' <<<"$output"
        ;;
    10-wast-empty-message.wast | p*.wast) script ;;
    11-limiter-desired.rs)
        rust || continue
        expect "the limiter is told what is asked for" ended 0
        ;;
    w*.wat) listing ;;
    hostile/host-calls-host.rs | hostile/resumable-recursion.rs)
        rust || continue
        expect "the recursion ends by a trap" has Err
        expect "the process does not abort" ended 0
        ;;
    hostile/fifo.wat)
        mkdir fifos && mkfifo fifos/fifo
        wasmote run --timeout 1s --dir fifos::/ "$file"
        expect "ends" within 2500
        rm -r fifos
        ;;
    hostile/random4g.wat)
        wasmote run --timeout 1s "$file"
        expect "ends by the deadline" ended 124
        expect "ends soon after it" within 2500
        ;;
    hostile/readdir_listing.wat)
        mkdir listing
        wasmote run --fuel 324000 --timeout 60s --dir listing::/:rw "$file"
        expect "fuel pays for the work" has fuel
        rm -r listing
        ;;
    hostile/carry.wat | hostile/grow.wat | hostile/growbyte.wat | hostile/tables.wat | hostile/tgrow.wat)
        wasmote run --all-features --fuel 1000000 --invoke run "$file" 100000000
        expect "fuel ends it" has fuel
        expect "a million units buy no minute" within 3000
        ;;
    *) failures+=("$name: nothing is known about it") ;;
    esac
done
echo "$passed expectations hold"
if ((${#failures[@]} > 0)); then
    printf '%s\n' "${failures[@]}" >&2
    exit 1
fi
