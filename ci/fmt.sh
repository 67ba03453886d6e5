#!/usr/bin/env bash
# All Rust sources of the repository are formatted; `ci/fmt.sh --fix` formats them.
set -euo pipefail
cd "$(dirname "$0")/.."
check=(--check)
if [[ ${1-} == --fix ]]; then
    check=()
fi
# Not `cargo fmt`: there is more than one workspace in the tree.
git ls-files -z --cached --others --exclude-standard '*.rs' | xargs -0 rustfmt --edition 2024 "${check[@]}"
