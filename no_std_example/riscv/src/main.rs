//! Firmware for the RISC-V board `virt` of QEMU: runs a module that the build script has translated, and ends the emulation with
//! success if its result is right. On other targets the program does nothing, so that it can be checked there.

#![cfg_attr(target_arch = "riscv32", no_std, no_main)]

#[cfg(target_arch = "riscv32")]
mod firmware;

#[cfg(not(target_arch = "riscv32"))]
fn main() {}
