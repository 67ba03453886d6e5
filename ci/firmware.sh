#!/usr/bin/env bash
# The firmware builds, runs in an emulated Cortex-M4, and its plugins are what their sources say.
set -euo pipefail
cd "$(dirname "$0")/.."
CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}/firmware \
    cargo run --quiet --manifest-path no_std_example/plugins/Cargo.toml -- --check
no_std_example/run.sh
# The firmwares without the loader, and the limits on what they take.
no_std_example/size.sh
# The same for RISC-V.
no_std_example/riscv.sh
