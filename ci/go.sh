#!/usr/bin/env bash
# The Go package: formatted, vetted, and tested over the static library of the C API.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=ci/packages.sh
source ci/packages.sh
require_packages golang-go gcc libc6-dev
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
PROFILE=dev crates/c_api/install.sh "$prefix"
export CGO_CFLAGS=-I$prefix/include CGO_LDFLAGS=-L$prefix/lib
cd go
[[ -z $(gofmt -l .) ]]
go vet .
go test -count=1 .
