#!/usr/bin/env bash
# The spec suite, the API tests and those of fused ops, optimized, with the loop-switch.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=ci/testsuite.bash
source ci/testsuite.bash
cargo test --release --features portable-dispatch --test spec --test api --test fusions
