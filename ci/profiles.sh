#!/usr/bin/env bash
# A program of an embedder runs long loops on a thread with little native stack, however it is built: final calls of
# handlers are jumps, or the engine knows that they are not and uses the loop-switch. `ci/profiles.sh NAME…` builds
# only the profiles with these names.
set -euo pipefail
cd "$(dirname "$0")/embedder"
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/../../target}/profiles
host=$(rustc -vV | sed -n 's/^host: //p')

only=("$@")
# Builds and runs the program. The first argument names the profile, the second one says how the engine must dispatch:
# Threaded, LoopSwitch, or nothing if the compiler may decide. The others are variables for cargo.
profile() {
    local name=$1 dispatch=$2
    shift 2
    if ((${#only[@]} > 0)) && [[ " ${only[*]} " != *" $name "* ]]; then
        return
    fi
    # `--target`: build scripts and what they need are compiled once, whatever RUSTFLAGS are.
    env "$@" cargo build --quiet --release --target "$host" ${features[@]+"${features[@]}"}
    # shellcheck disable=SC2086
    printf '%-20s %s\n' "$name" "$("$CARGO_TARGET_DIR/$host/release/embedder" $dispatch)"
}

if [[ $(uname -m) != x86_64 && $(uname -m) != aarch64 ]]; then
    echo "This target has no threaded dispatch"
    exit 0
fi
# Sequences are handlers of the same kind. They are built where they matter most: with the profile that a program most
# often has, and with all debug information, where time and memory of the compiler must not grow with the square of the
# number of handlers.
sequences=(--features sequences)
features=("${sequences[@]}")
profile abort Threaded CARGO_PROFILE_RELEASE_PANIC=abort
(
    ulimit -v 8000000
    profile debug-info Threaded CARGO_PROFILE_RELEASE_DEBUG=full
)
features=()
profile lto-abort-native Threaded CARGO_PROFILE_RELEASE_LTO=fat CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1 \
    CARGO_PROFILE_RELEASE_PANIC=abort RUSTFLAGS=-Ctarget-cpu=native
profile opt-2-checked Threaded CARGO_PROFILE_RELEASE_OPT_LEVEL=2 CARGO_PROFILE_RELEASE_LTO=thin \
    CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS=true RUSTFLAGS=-Cforce-frame-pointers=yes
profile opt-s Threaded CARGO_PROFILE_RELEASE_OPT_LEVEL=s
profile opt-z-abort Threaded CARGO_PROFILE_RELEASE_OPT_LEVEL=z CARGO_PROFILE_RELEASE_PANIC=abort
profile opt-1 LoopSwitch CARGO_PROFILE_RELEASE_OPT_LEVEL=1
profile opt-0 LoopSwitch CARGO_PROFILE_RELEASE_OPT_LEVEL=0
profile debug-assertions LoopSwitch CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS=true CARGO_PROFILE_RELEASE_OPT_LEVEL=1
# The build script does not see these levels.
profile flags-opt-0 LoopSwitch RUSTFLAGS=-Copt-level=0
profile flags-opt-1 "" RUSTFLAGS=-Copt-level=1
profile coverage LoopSwitch RUSTFLAGS=-Cinstrument-coverage LLVM_PROFILE_FILE=/dev/null
