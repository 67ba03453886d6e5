#!/usr/bin/env bash
# The examples of the standard C API: `ci/c-examples.sh DIRECTORY`, with a checkout of WebAssembly/wasm-c-api. Builds each
# with the header of the checkout and with ours, runs them under AddressSanitizer with its check for leaks, and compares
# what they print. Also compares the declarations of both headers. Nothing of the checkout is kept.
#
# `CXX=… CC=…` choose the compilers, `SANITIZE=thread` another sanitizer, `LIBRARY=…` a library that is built already.
set -euo pipefail
if (($# != 1)) || [[ ! -f $1/include/wasm.h ]]; then
    echo "usage: ci/c-examples.sh DIRECTORY (a checkout of WebAssembly/wasm-c-api)" >&2
    exit 2
fi
checkout=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
ours=$PWD/crates/c_api/include
cc=${CC:-clang}
cxx=${CXX:-clang++}
sanitize=${SANITIZE:-address}
if [[ -z ${LIBRARY:-} ]]; then
    cargo build -p wasmote-c-api
    LIBRARY=${CARGO_TARGET_DIR:-$PWD/target}/debug/libwasmote.a
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags=(-g -O1 -Wall -Werror "-fsanitize=$sanitize")
libraries=("$LIBRARY" -lpthread -ldl -lm)

python3 ci/c-declarations.py "$cc" "$checkout/include/wasm.h" "$ours/wasm.h"

cp "$checkout"/example/*.wasm "$work"
# The checkout has this module in the encoding of an early draft, in which `ref.null` names no type.
"$cc" -I"$ours" crates/c_api/tests/wat2wasm.c -o "$work/wat2wasm" "${libraries[@]}"
sed 's/(ref\.null)/(ref.null extern)/' "$checkout/example/hostref.wat" | "$work/wat2wasm" >"$work/hostref.wasm"

# Runs an example; prints its output without addresses, and in the order of threads if it has some.
run() {
    local output
    output=$(cd "$work" && ASAN_OPTIONS=detect_leaks=1 TSAN_OPTIONS=halt_on_error=1 timeout 300 "./$1") || {
        printf '%s\nFAILED: %s (exit code %d)\n' "$output" "$1" $? >&2
        return 1
    }
    output=$(sed -E 's/0x[0-9a-f]{6,}/ADDRESS/g' <<<"$output")
    if [[ $1 == threads* ]]; then
        sort <<<"$output"
    else
        echo "$output"
    fi
}

count=0
for source in "$checkout"/example/*.c; do
    name=$(basename "$source" .c)
    "$cc" "${flags[@]}" -I"$checkout/include" "$source" -o "$work/$name-theirs" "${libraries[@]}"
    "$cc" "${flags[@]}" -I"$ours" "$source" -o "$work/$name-ours" "${libraries[@]}"
    run "$name-theirs" >"$work/$name.expected"
    run "$name-ours" >"$work/$name.actual"
    diff -u "$work/$name.expected" "$work/$name.actual"
    echo "C    $name: passed with both headers, $(wc -l <"$work/$name.actual") lines alike"
    count=$((count + 1))
done

if [[ -f $ours/wasm.hh ]]; then
    for source in "$checkout"/example/*.cc; do
        name=$(basename "$source" .cc)
        "$cxx" -std=c++17 "${flags[@]}" -I"$ours" "$source" -o "$work/$name-cc" "${libraries[@]}"
        run "$name-cc" >"$work/$name.cc.actual"
        echo "C++  $name: passed with our header, $(wc -l <"$work/$name.cc.actual") lines"
        count=$((count + 1))
    done
fi
echo "$count examples passed under the $sanitize sanitizer"
