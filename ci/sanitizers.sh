#!/usr/bin/env bash
# Tests under sanitizers: `ci/sanitizers.sh [address] [thread]` runs what is named, or both. `.ci/run` leaves them out, because they
# build the library again. Instrumented builds use only the loop-switch (`build.rs`).
#
# `address` runs the spec suite and the tests of the API under AddressSanitizer, with the nightly compiler.
#
# `thread` runs what starts threads under ThreadSanitizer: the litmus tests, the tests of shared memories and of threads of the
# embedder, and the scripts of the threads proposal. It shows as well that a race is reported. The standard library is
# instrumented too, so it is built here, with Debian's compiler, which has its sources. That comes without the sanitizer's
# runtime, which is taken from the compiler that rustup installed.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=ci/packages.sh
source ci/packages.sh
# shellcheck source=ci/testsuite.bash
source ci/testsuite.bash
root=${CARGO_TARGET_DIR:-$PWD/target}
host=$(rustc -vV | sed -n 's/^host: //p')
# Each test program would optimize the library again.
export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16
# Frames are larger.
export RUST_MIN_STACK=$((64 << 20))

address() {
    export CARGO_TARGET_DIR=$root/address CARGO_PROFILE_RELEASE_OPT_LEVEL=2 RUSTFLAGS=-Zsanitizer=address
    # Some tests ask for more memory than there is. What is alive at the end of a test is no leak.
    export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1
    # `--target`: build scripts are not instrumented.
    cargo +nightly test --release --target "$host" --test api --test spec
}

thread() {
    require_packages rustc-web cargo-web rust-web-src gcc lld
    local runtime
    runtime=$(find "$(rustc --print target-libdir)" -name 'librustc-*_rt.tsan.a')
    export CARGO_TARGET_DIR=$root/thread CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_DEBUG=line-tables-only
    export RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc RUSTC_BOOTSTRAP=1
    # The runtime sees mappings that are made by the C library, not by calls of the system.
    export RUSTFLAGS="-Zsanitizer=thread -Zexternal-clangrt --cfg=rustix_use_libc
        -Clink-arg=-Wl,--whole-archive,$runtime,--no-whole-archive -Clink-arg=-lm -Clink-arg=-lc
        -Clink-arg=-fuse-ld=lld"
    # The first report ends a test program.
    export TSAN_OPTIONS=halt_on_error=1
    instrumented() {
        /usr/bin/cargo "$1" --release --target "$host" -Zbuild-std "${@:2}"
    }
    if instrumented test --test races -- --ignored >"$root/race" 2>&1 || ! grep -q 'WARNING: ThreadSanitizer: data race' "$root/race"; then
        tail -n 20 "$root/race" >&2
        echo "The race of tests/races.rs was not reported" >&2
        exit 1
    fi
    instrumented test --test litmus
    instrumented test --test api -- shared_memory threads
    WASMOTE_SPEC_PART=${WASMOTE_SPEC_PART:-threads} instrumented test --test spec -- --exact default_dispatch
}

if (($# == 0)); then
    set -- address thread
fi
for name in "$@"; do
    case $name in
    address | thread) ("$name") ;;
    *)
        echo "There is no sanitizer '$name': address, thread" >&2
        exit 2
        ;;
    esac
done
