#!/usr/bin/env bash
# Unit tests, the spec suite, the API tests and those of fused ops, optimized: with threaded dispatch, where the target has it.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=ci/testsuite.bash
source ci/testsuite.bash
# Each test program would optimize the library again.
export CARGO_PROFILE_RELEASE_LTO=off
cargo test --release --lib --test spec --test api --test fusions
