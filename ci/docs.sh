#!/usr/bin/env bash
# The documentation builds without warnings: all public items documented, no broken links.
set -euo pipefail
cd "$(dirname "$0")/.."
RUSTDOCFLAGS=-Dwarnings cargo doc --workspace --no-deps --all-features
