#!/usr/bin/env bash
# The spec suite and the API tests, optimized, with the loop-switch.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo test --release --features portable-dispatch --test spec --test api
