#!/usr/bin/env bash
# The programs that README.md tells a newcomer to start do start. (What it says about tests and
# firmware is run by other steps; its Rust code is compiled by `cargo test`.)
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck disable=SC2016
mapfile -t commands < <(sed -n '/^```sh$/,/^```$/p' README.md | grep '^cargo run')
if ((${#commands[@]} == 0)); then
    echo "README.md starts no program" >&2
    exit 1
fi
for command in "${commands[@]}"; do
    echo "\$ $command"
    bash -c "$command"
done
