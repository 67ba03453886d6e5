#!/usr/bin/env bash
# Installs the C library: `install.sh PREFIX`. Headers go to PREFIX/include, libraries and what pkg-config and CMake need to
# PREFIX/lib. Builds the library with the profile `release`, or the one that `PROFILE` names.
set -euo pipefail
if (($# != 1)); then
    echo "usage: install.sh PREFIX" >&2
    exit 2
fi
mkdir -p "$1"
prefix=$(cd "$1" && pwd)
cd "$(dirname "$0")"
profile=${PROFILE:-release}
cargo build -p wasmote-c-api --profile "$profile"
directory=$profile
if [[ $profile == dev ]]; then
    directory=debug
fi
built=$(cargo metadata --format-version 1 --no-deps | sed -E 's/.*"target_directory":"([^"]*)".*/\1/')/$directory
version=$(cargo metadata --format-version 1 --no-deps | sed -E 's/.*"name":"wasmote-c-api","version":"([^"]*)".*/\1/')

mkdir -p "$prefix/include" "$prefix/lib/pkgconfig" "$prefix/lib/cmake/wasmote"
cp include/* "$prefix/include"
cp "$built/libwasmote.a" "$built/libwasmote.so" "$prefix/lib"
fill() {
    sed -e "s|@PREFIX@|$prefix|" -e "s|@VERSION@|$version|" "$1"
}
fill wasmote.pc.in >"$prefix/lib/pkgconfig/wasmote.pc"
fill wasmote-config.cmake.in >"$prefix/lib/cmake/wasmote/wasmote-config.cmake"
echo "installed wasmote $version in $prefix"
