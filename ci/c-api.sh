#!/usr/bin/env bash
# The C API: the headers declare what the library has, and compile as C and C++; tests and examples pass under
# AddressSanitizer with its check for leaks; an installed library is found by pkg-config and CMake.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=ci/packages.sh
source ci/packages.sh
require_packages clang pkg-config cmake make
cargo build -p wasmote-c-api
library=$(cargo metadata --format-version 1 --no-deps | sed -E 's/.*"target_directory":"([^"]*)".*/\1/')/debug/libwasmote
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
crate=crates/c_api

echo "-- headers"
declared() {
    clang -E -P -I$crate/include $crate/include/wasmote.h | tr ';{}' '\n\n\n' | grep -v 'static inline' |
        grep -oE '\b(wasm|wasmote)_[a-z0-9_]+ ?\(' | tr -d ' (' | sort -u
}
exported() {
    nm -D --defined-only "$library.so" | awk '$2 == "T" { print $3 }' | grep -E '^(wasm|wasmote)_' | sort -u
}
# Short forms of the header call functions of their own.
diff <(declared | grep -vE '^wasm_(functype_new_[0-9]|valtype_new_|val_init_ptr|val_ptr|valkind_is|valtype_is|name_new_from)') \
    <(exported)
echo "$(exported | wc -l) functions are declared and exported"
for header in "$crate"/include/*; do
    [[ $header == *.hh ]] || gcc -std=c11 -pedantic -Wall -Wextra -Werror -fsyntax-only -x c "$header"
    g++ -std=c++17 -pedantic -Wall -Wextra -Werror -fsyntax-only -x c++ "$header"
done

# Compiles a C program with sanitizers.
compile() {
    clang -std=c11 -D_DEFAULT_SOURCE -g -O1 -Wall -Wextra -Werror -fsanitize=address,undefined -fno-sanitize-recover=all \
        -I$crate/include "$1" -o "$2" "$library.a" -lpthread -ldl -lm
}
export ASAN_OPTIONS=detect_leaks=1
echo "-- tests"
for test in types refs calls items extend; do
    compile "$crate/tests/$test.c" "$work/$test"
    "$work/$test"
    echo "$test passed"
done
clang++ -std=c++17 -g -O1 -Wall -Wextra -Werror -fsanitize=address,undefined -fno-sanitize-recover=all -I$crate/include \
    "$crate/tests/cplusplus.cc" -o "$work/cplusplus" "$library.a" -lpthread -ldl -lm
"$work/cplusplus"
echo "cplusplus passed"

echo "-- examples"
compile "$crate/tests/wat2wasm.c" "$work/wat2wasm"
for example in hello limits plugins wasi; do
    compile "$crate/examples/$example.c" "$work/$example"
done
[[ $("$work/hello" | tail -1) == "Together: 25" ]]
diff - <("$work/limits") <<'EXPECTED'
hoard: returned 1
hoard: returned -1
deep: call stack exhausted (code 8)
spin: all fuel consumed by WebAssembly (code 10)
fuel left: 0
EXPECTED
diff - <("$work/plugins") <<'EXPECTED'
Hello, world!
plugin 1 failed: say: not a string of at most 256 bytes in the memory
Moin, world!
4 strings
EXPECTED
"$work/wat2wasm" >"$work/exit.wasm" <<'WAT'
(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1) (func (export "_start") (call $exit (i32.const 7))))
WAT
status=0
"$work/wasi" "$work/exit.wasm" || status=$?
((status == 7))
echo "examples passed"

echo "-- installation"
PROFILE=dev "$crate/install.sh" "$work/prefix"
export PKG_CONFIG_PATH=$work/prefix/lib/pkgconfig
# shellcheck disable=SC2046
cc "$crate/examples/hello.c" -o "$work/shared" $(pkg-config --cflags --libs wasmote)
[[ $(LD_LIBRARY_PATH=$work/prefix/lib "$work/shared" | tail -1) == "Together: 25" ]]
mkdir "$work/cmake"
cp "$crate/examples/hello.c" "$work/cmake"
cat >"$work/cmake/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.13)
project(hello C)
find_package(wasmote REQUIRED)
add_executable(static hello.c)
target_link_libraries(static wasmote::static)
add_executable(shared hello.c)
target_link_libraries(shared wasmote::shared)
CMAKE
cmake -S "$work/cmake" -B "$work/cmake/build" -DCMAKE_PREFIX_PATH="$work/prefix" >/dev/null
cmake --build "$work/cmake/build" >/dev/null
[[ $("$work/cmake/build/static" | tail -1) == "Together: 25" ]]
[[ $("$work/cmake/build/shared" | tail -1) == "Together: 25" ]]
echo "pkg-config and CMake find the library"
