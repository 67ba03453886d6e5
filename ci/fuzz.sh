#!/usr/bin/env bash
# Every fuzz target for a fixed number of iterations from a fixed seed. docs/fuzzing.md says how to run more of them.
set -euo pipefail
cd "$(dirname "$0")/../fuzz"
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/../target}/fuzz
cargo build --release --locked
while read -r target iterations; do
    "$CARGO_TARGET_DIR/release/wasmote-fuzz" "$target" --iterations "$iterations"
done <<'TARGETS'
validate 20000
execute 10000
differential 1500
modes 800
api 5000
wasi 3000
artefact 20000
text 20000
TARGETS
