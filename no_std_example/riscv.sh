#!/usr/bin/env bash
# Builds the firmware for RISC-V, and runs it in QEMU. It passes if the module computes what it should.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=toolchain.bash
source "$(dirname "$0")/toolchain.bash"
require_packages qemu-system-misc
target=riscv32imac-unknown-none-elf
firmware=$(build_firmware riscv -p riscv)
timeout "$time_limit" qemu-system-riscv32 -M virt -bios none -nographic -monitor none -serial none -kernel "$firmware" </dev/null
echo "riscv: passed"
