#!/usr/bin/env bash
# Tests on other targets: i686 (32 bits, which this machine runs), s390x (the other byte order) and aarch64 (a weaker memory
# model), both in an emulator. `ci/targets.sh TARGET…` runs some of them. No step of
# `.ci/run`: the standard libraries are built, which takes minutes.
#
# i686 and s390x run the tests of fuel: the same numbers, the same operators that lack it; i686 those of hostile input too.
# The spec suite runs in part, by a rule that tests/spec.rs describes: i686 and s390x take each so many scripts, aarch64
# those of threads. WASMOTE_SPEC_PART takes another part. aarch64 runs the litmus tests and those of shared memories too.
#
# Where the compiler has no standard library of a target, Debian's compiler is used, which has its sources.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=ci/packages.sh
source ci/packages.sh
# shellcheck source=ci/testsuite.bash
source ci/testsuite.bash
root=${CARGO_TARGET_DIR:-$PWD/target}
export CARGO_PROFILE_DEV_DEBUG=0

# cross TARGET ARGUMENTS…: `cargo test` for a target.
cross() {
    local target=$1
    shift
    export CARGO_TARGET_DIR=$root/cross-${target%%-*}
    if [[ -d $(rustc --print target-libdir --target "$target") ]]; then
        cargo test --target "$target" "$@"
    else
        require_packages rustc-web cargo-web rust-web-src
        RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc RUSTC_BOOTSTRAP=1 \
            /usr/bin/cargo test --target "$target" -Zbuild-std "$@"
    fi
}

# suite PART TESTS…: the spec suite in part; a part that the caller chose goes before.
suite() {
    export WASMOTE_SPEC_PART=${WASMOTE_SPEC_PART:-$1}
    echo "Scripts: $WASMOTE_SPEC_PART"
    cross "$target" --test spec -- --exact "${@:2}"
}

i686() {
    local target=i686-unknown-linux-gnu
    require_packages gcc-multilib
    export CARGO_TARGET_I686_UNKNOWN_LINUX_GNU_LINKER=gcc
    export CARGO_TARGET_I686_UNKNOWN_LINUX_GNU_RUSTFLAGS=-Clink-arg=-m32
    cross "$target" --test fuel --test hostile
    suite 1/6 default_dispatch unfused_ops metered
}

s390x() {
    local target=s390x-unknown-linux-gnu
    require_packages clang qemu-user libc6-dev-s390x-cross libgcc-12-dev-s390x-cross binutils-s390x-linux-gnu
    # A library for benches is C.
    export CC_s390x_unknown_linux_gnu=clang CFLAGS_s390x_unknown_linux_gnu="-isystem /usr/s390x-linux-gnu/include"
    export CARGO_TARGET_S390X_UNKNOWN_LINUX_GNU_LINKER=clang
    export CARGO_TARGET_S390X_UNKNOWN_LINUX_GNU_RUSTFLAGS=-Clink-arg=--target=s390x-linux-gnu
    export CARGO_TARGET_S390X_UNKNOWN_LINUX_GNU_RUNNER="qemu-s390x -L /usr/s390x-linux-gnu"
    cross "$target" --test fuel
    suite 1/12 default_dispatch
}

aarch64() {
    local target=aarch64-unknown-linux-gnu
    require_packages clang qemu-user libc6-dev-arm64-cross libgcc-12-dev-arm64-cross binutils-aarch64-linux-gnu
    # A library for benches is C.
    export CC_aarch64_unknown_linux_gnu=clang CFLAGS_aarch64_unknown_linux_gnu="-isystem /usr/aarch64-linux-gnu/include"
    export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=clang
    export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUSTFLAGS=-Clink-arg=--target=aarch64-linux-gnu
    export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER="qemu-aarch64 -L /usr/aarch64-linux-gnu"
    # Optimized, so that both dispatchers run.
    export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16
    WASMOTE_LITMUS=${WASMOTE_LITMUS:-50} cross "$target" --release --test litmus
    cross "$target" --release --test api -- shared_memory threads
    WASMOTE_SPEC_PART=${WASMOTE_SPEC_PART:-threads} cross "$target" --release --test spec -- --exact \
        default_dispatch portable_dispatch
}

if (($# == 0)); then
    set -- i686 s390x aarch64
fi
for name in "$@"; do
    case $name in
    i686 | s390x | aarch64) ("$name") ;;
    *)
        echo "There is no target '$name': i686, s390x, aarch64" >&2
        exit 2
        ;;
    esac
done
