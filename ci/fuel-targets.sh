#!/usr/bin/env bash
# The tests of fuel on targets of 32 bits (i686, which this machine runs) and of the other byte order (s390x, in an emulator):
# the same numbers, the same operators that lack fuel. `ci/fuel-targets.sh TARGET` runs one of them.
#
# The standard library of i686 is that of `rustup target add i686-unknown-linux-gnu`, if it was added. Otherwise, as for s390x, it is
# built here, from the sources that Debian has with its own compiler. So this is no step of `.ci/run`.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=ci/packages.sh
source ci/packages.sh
tests=(--test fuel)
root=${CARGO_TARGET_DIR:-$PWD/target}

# Runs the tests with Debian's compiler, and a standard library that it builds.
build_std() {
    RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=$root/fuel-${1%%-*} \
        /usr/bin/cargo test --target "$1" -Zbuild-std "${tests[@]}"
}

i686() {
    local target=i686-unknown-linux-gnu
    require_packages gcc-multilib
    export CARGO_TARGET_I686_UNKNOWN_LINUX_GNU_LINKER=gcc CARGO_TARGET_I686_UNKNOWN_LINUX_GNU_RUSTFLAGS=-Clink-arg=-m32
    if [[ -d $(rustc --print sysroot)/lib/rustlib/$target ]]; then
        CARGO_TARGET_DIR=$root/fuel-i686 cargo test --target "$target" "${tests[@]}"
    else
        require_packages rustc-web cargo-web rust-web-src
        build_std "$target"
    fi
}

s390x() {
    require_packages rustc-web cargo-web rust-web-src clang qemu-user libc6-dev-s390x-cross libgcc-12-dev-s390x-cross \
        binutils-s390x-linux-gnu
    CARGO_TARGET_S390X_UNKNOWN_LINUX_GNU_LINKER=clang \
        CARGO_TARGET_S390X_UNKNOWN_LINUX_GNU_RUSTFLAGS=-Clink-arg=--target=s390x-linux-gnu \
        CARGO_TARGET_S390X_UNKNOWN_LINUX_GNU_RUNNER="qemu-s390x -L /usr/s390x-linux-gnu" \
        build_std s390x-unknown-linux-gnu
}

for target in "${@:-i686 s390x}"; do
    for name in $target; do
        case $name in
        i686 | s390x) "$name" ;;
        *)
            echo "There is no target '$name': i686, s390x" >&2
            exit 2
            ;;
        esac
    done
done
