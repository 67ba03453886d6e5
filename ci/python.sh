#!/usr/bin/env bash
# The Python package: builds a wheel, at most 3 MB, and tests it in an environment of its own. `PROFILE=dev` builds faster,
# and does not judge the size. Needs Python 3.9 or later, and packages from PyPI.
set -euo pipefail
cd "$(dirname "$0")/.."
profile=${PROFILE:-release}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet 'maturin>=1.9,<2' pytest
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}/python
(cd crates/python && "$work/venv/bin/maturin" build --locked --profile "$profile" --out "$work/wheels")
if [[ $profile == release ]]; then
    size=$(stat -c %s "$work"/wheels/*.whl)
    echo "the wheel has $size bytes"
    ((size <= 3000000))
fi
"$work/venv/bin/pip" install --quiet "$work"/wheels/*.whl
"$work/venv/bin/python" -m pytest --quiet crates/python/tests -p no:cacheprovider
