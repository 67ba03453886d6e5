#!/usr/bin/env bash
# Programs that were written for wasmi: the shim has its features and defaults, its integration tests pass, and
# its public names and signatures are there.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-$PWD/target}/packages/target
for features in default default,simd no; do
    case $features in
    no) set -- --no-default-features --features std,wat ;;
    *) set -- --features "$features" ;;
    esac
    (cd crates/wasmi-shim && CARGO_TARGET_DIR=$target cargo test --locked "$@")
done
# What is valid, beside wasmi itself, with its defaults and without its features.
(cd crates/wasmi-shim/beside && CARGO_TARGET_DIR=$target cargo test --locked --features simd)
(cd crates/wasmi-shim/beside && CARGO_TARGET_DIR=$target cargo test --locked --no-default-features)
(cd crates/wasmi-shim && CARGO_TARGET_DIR=$target cargo check --locked --no-default-features --features prefer-btree-collections)
cargo xtask wasmi-tests
cargo xtask wasmi-api
