"""Runs WebAssembly with the interpreter Wasmote. The names are those of the package `wasmtime`."""

from ._wasmote import (
    Caller,
    Config,
    Engine,
    ExitTrap,
    Func,
    FuncType,
    Global,
    Instance,
    InstanceExports,
    Limits,
    Linker,
    Memory,
    Module,
    Store,
    Table,
    Trap,
    ValType,
    WasiConfig,
    WasmoteError,
    wat2wasm,
)

# The name that programs for `wasmtime` know.
WasmtimeError = WasmoteError

__all__ = [
    "Caller", "Config", "Engine", "ExitTrap", "Func", "FuncType", "Global", "Instance", "InstanceExports", "Limits",
    "Linker", "Memory", "Module", "Store", "Table", "Trap", "ValType", "WasiConfig", "WasmoteError", "WasmtimeError",
    "wat2wasm",
]
