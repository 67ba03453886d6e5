#!/usr/bin/env bash
# The workspace compiles with the oldest Rust that Cargo.toml promises.
set -euo pipefail
cd "$(dirname "$0")/.."
promised=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
current=$(rustc --version | cut -d ' ' -f 2)
if [[ -z $promised ]]; then
    echo "Cargo.toml has no rust-version" >&2
    exit 1
elif [[ $current == "$promised" || $current == "$promised".* ]]; then
    echo "Rust promised: $promised; the checks of clippy and the tests use it"
    exit 0
elif rustup run "$promised" rustc --version >/dev/null 2>&1; then
    toolchain=(rustup run "$promised")
else
    echo "This needs Rust $promised, and here is $current: rustup toolchain install $promised" >&2
    exit 1
fi
echo "Rust promised: $promised; checking with: $("${toolchain[@]}" rustc --version)"
"${toolchain[@]}" cargo check --workspace --all-targets
