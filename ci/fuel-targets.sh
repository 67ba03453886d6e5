#!/usr/bin/env bash
# The tests of fuel on targets of 32 bits (i686, which this machine runs) and of the other byte order (s390x, in an emulator):
# the same numbers, the same operators that lack fuel. `ci/fuel-targets.sh TARGET` runs one of them.
#
# i686 needs the standard library of that target (`rustup target add i686-unknown-linux-gnu`). That of s390x is built here, from
# the sources that Debian has with its own compiler, so this is no step of `.ci/run`.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=ci/packages.sh
source ci/packages.sh
tests=(--test fuel)
root=${CARGO_TARGET_DIR:-$PWD/target}

i686() {
    require_packages gcc-multilib
    CARGO_TARGET_I686_UNKNOWN_LINUX_GNU_LINKER=gcc CARGO_TARGET_I686_UNKNOWN_LINUX_GNU_RUSTFLAGS=-Clink-arg=-m32 \
        CARGO_TARGET_DIR=$root/fuel-i686 cargo test --target i686-unknown-linux-gnu "${tests[@]}"
}

s390x() {
    require_packages rustc-web cargo-web rust-web-src clang qemu-user libc6-dev-s390x-cross libgcc-12-dev-s390x-cross \
        binutils-s390x-linux-gnu
    RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=$root/fuel-s390x \
        CARGO_TARGET_S390X_UNKNOWN_LINUX_GNU_LINKER=clang \
        CARGO_TARGET_S390X_UNKNOWN_LINUX_GNU_RUSTFLAGS=-Clink-arg=--target=s390x-linux-gnu \
        CARGO_TARGET_S390X_UNKNOWN_LINUX_GNU_RUNNER="qemu-s390x -L /usr/s390x-linux-gnu" \
        /usr/bin/cargo test --target s390x-unknown-linux-gnu -Zbuild-std "${tests[@]}"
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
