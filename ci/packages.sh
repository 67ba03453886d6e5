# shellcheck shell=bash
# Defines `require_packages`; to be sourced by the scripts that need more than Rust.

# Installs those of the named Debian packages that are missing. Does nothing if none is.
require_packages() {
    local package missing=() as_root=()
    if ! command -v dpkg-query >/dev/null; then
        echo "This is not Debian: install what corresponds to these packages yourself: $*" >&2
        return 0
    fi
    for package in "$@"; do
        if [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) != installed ]]; then
            missing+=("$package")
        fi
    done
    if ((${#missing[@]} == 0)); then
        return 0
    fi
    if ((EUID != 0)); then
        as_root=(sudo)
    fi
    echo "Installing ${missing[*]}"
    # Steps that run at the same time install one after the other.
    (
        flock 9
        "${as_root[@]}" apt-get update -qq
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
    ) 9>"${TMPDIR:-/tmp}/wasmote-packages.lock"
}
