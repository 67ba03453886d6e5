#!/usr/bin/env bash
# The spec suite, the API tests and those of fused ops, optimized, with the loop-switch; and its machine code: the
# arms dispatch by themselves.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=ci/testsuite.bash
source ci/testsuite.bash
# shellcheck source=ci/packages.sh
source ci/packages.sh
# Each test program would optimize the library again.
export CARGO_PROFILE_RELEASE_LTO=off
tests=(--release --features portable-dispatch --test spec --test api --test fusions)
spec=$(cargo test "${tests[@]}" --no-run 2>&1 | tee >(cat >&2) | sed -n 's/.*tests\/spec\.rs (\(.*\))$/\1/p')
cargo test "${tests[@]}"
if [[ $(uname -m) == x86_64 ]]; then
    require_packages binutils
    arms=$(objdump --disassemble --no-show-raw-insn "$spec" | awk '
        /^[0-9a-f]+ <.*>:$/ { loop = ($0 ~ /exec8dispatch8portable6switch3run/) }
        loop && $2 == "jmp" && $3 ~ /^\*/ { arms += 1 }
        END { print arms + 0 }')
    echo "$arms dispatches in the loop-switch"
    if ((arms < 1000)); then
        echo "The arms of the loop-switch share a dispatch" >&2
        exit 1
    fi
fi
