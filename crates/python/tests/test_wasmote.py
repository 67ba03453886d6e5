"""What programs for the package `wasmtime` use: `python -m pytest`, with the wheel installed."""

import threading

import pytest
import wasmote
from wasmote import (
    Caller, Config, Engine, ExitTrap, Func, FuncType, Instance, Limits, Linker, Memory, Module, Store, Trap, ValType,
    WasiConfig, WasmoteError,
)

WAT = """(module
    (import "host" "log" (func $log (param i32 i32) (result i32)))
    (memory (export "memory") 1 2)
    (global (export "g") (mut i64) (i64.const 7))
    (table (export "t") 2 funcref)
    (elem (i32.const 1) $div)
    (data (i32.const 8) "hello")
    (func (export "run") (param i32) (result i32) (call $log (i32.const 8) (local.get 0)))
    (func (export "swap") (param i64 f32) (result f32 i64) (local.get 1) (local.get 0))
    (func (export "same") (param externref) (result externref) (local.get 0))
    (func $div (export "div") (param i32) (result i32) (i32.div_u (i32.const 1) (local.get 0)))
    (func (export "spin") (loop $again (br $again))))"""


def host(metered=False):
    config = Config()
    config.consume_fuel = metered
    engine = Engine(config)
    store = Store(engine)
    linker = Linker(engine)
    logged = []

    def log(caller, start, length):
        if length == 0:
            raise KeyError("nothing to log")
        assert isinstance(caller, Caller)
        logged.append(caller["memory"].read(caller, start, start + length))
        return len(logged)

    linker.define_func("host", "log", FuncType([ValType.i32(), ValType.i32()], [ValType.i32()]), log, access_caller=True)
    if metered:
        store.set_fuel(100_000)
    instance = linker.instantiate(store, Module(engine, WAT))
    return store, instance.exports(store), logged


def test_calls_in_both_directions():
    store, exports, logged = host()
    assert exports["run"](store, 5) == 1 and logged == [b"hello"]
    assert exports["swap"](store, -(2**63), 0.5) == [0.5, -(2**63)]
    with pytest.raises(KeyError, match="nothing to log"):
        exports["run"](store, 0)
    with pytest.raises(IndexError):
        exports["run"](store, 2**20)
    with pytest.raises((TypeError, OverflowError)):
        exports["run"](store, 2**40)
    with pytest.raises(WasmoteError, match="1 parameters, not 0"):
        exports["run"](store)
    with pytest.raises(KeyError):
        exports["nothing"]
    assert "run" in exports and len(exports) == 8 and exports.get("nothing") is None
    marker = object()
    assert exports["same"](store, marker) is marker and exports["same"](store, None) is None


def test_traps():
    store, exports, _ = host(metered=True)
    with pytest.raises(Trap, match="divide by zero") as raised:
        exports["div"](store, 0)
    assert raised.value.frames[0][1] == "div"
    with pytest.raises(Trap, match="fuel"):
        exports["spin"](store)
    assert store.get_fuel() == 0
    with pytest.raises(WasmoteError):
        Store(Engine()).set_fuel(1)


def test_items():
    store, exports, _ = host()
    memory = exports["memory"]
    assert isinstance(memory, Memory) and memory.size(store) == 1 and memory.grow(store, 1) == 1
    memory.write(store, b"bytes", 100)
    assert memory.read(store, 100, 105) == b"bytes" and memory.data_len(store) == 2 << 16
    for wrong in (lambda: memory.write(store, b"bytes", (2 << 16) - 4), lambda: memory.read(store, 5, 4)):
        with pytest.raises(IndexError):
            wrong()
    with pytest.raises(WasmoteError):
        memory.grow(store, 1)
    assert exports["g"].value(store) == 7
    exports["g"].set_value(store, 2**64 - 1)
    assert exports["g"].value(store) == -1
    assert exports["t"].size(store) == 2 and exports["t"].get(store, 0) is None
    assert exports["t"].get(store, 1)(store, 1) == 1
    with pytest.raises(IndexError):
        exports["t"].get(store, 2)
    assert Limits(1).max is None and Limits(1, 2).max == 2


def test_a_store_in_use_and_a_caller_that_is_gone():
    engine = Engine()
    store = Store(engine)
    kept = []

    def call(caller):
        kept.append(caller)
        with pytest.raises(WasmoteError, match="in use"):
            store.get_fuel()
        assert inner(caller) == 5

    inner = Func(store, FuncType([], [ValType.i32()]), lambda: 5)
    outer = Func(store, FuncType([], []), call, access_caller=True)
    module = Module(engine, '(module (import "" "f" (func $f)) (func (export "run") (call $f)))')
    exports = Instance(store, module, [outer]).exports(store)
    exports["run"](store)
    with pytest.raises(WasmoteError, match="ended"):
        inner(kept[0])
    thread = threading.Thread(target=lambda: exports["run"](store))
    thread.start()
    thread.join()
    assert len(kept) == 2


def test_modules():
    engine = Engine()
    module = Module(engine, WAT)
    assert module.imports == [("host", "log", module.imports[0][2])] and len(module.exports) == 8
    artefact = module.serialize()
    assert Module.deserialize(engine, artefact).exports == module.exports
    damaged = bytes([*artefact[:-1], artefact[-1] ^ 1])
    for wrong in (lambda: Module.deserialize(engine, damaged), lambda: Module(engine, b"\0asm\1\0\0\0\xff")):
        with pytest.raises(wasmote.WasmtimeError):
            wrong()
    Module.validate(engine, wasmote.wat2wasm("(module)"))
    config = Config()
    config.wasm_simd = False
    with pytest.raises(WasmoteError):
        Module(Engine(config), "(module (func (result v128) (v128.const i64x2 0 0)))")
    with pytest.raises(AttributeError):
        config.wasm_nothing = True


def test_limits():
    engine = Engine()
    store = Store(engine)
    store.set_limits(memory_size=2 << 16, instances=1)
    module = Module(engine, '(module (memory (export "m") 1))')
    memory = Instance(store, module, []).exports(store)["m"]
    memory.grow(store, 1)
    with pytest.raises(WasmoteError):
        memory.grow(store, 1)
    with pytest.raises(WasmoteError):
        Instance(store, module, [])


def test_wasi(tmp_path):
    engine = Engine()
    store = Store(engine)
    wasi = WasiConfig()
    wasi.argv = ["program"]
    wasi.env = [("NAME", "value")]
    wasi.stdout_file = tmp_path / "out"
    wasi.preopen_dir(str(tmp_path), "/")
    store.set_wasi(wasi)
    linker = Linker(engine)
    linker.define_wasi()
    module = Module(engine, r"""(module
        (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (memory (export "memory") 1) (data (i32.const 0) "\08\00\00\00\03\00\00\00py\n")
        (func (export "_start")
            (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16))) (call $exit (i32.const 4))))""")
    instance = linker.instantiate(store, module)
    with pytest.raises(ExitTrap) as raised:
        instance.exports(store)["_start"](store)
    assert raised.value.code == 4 and (tmp_path / "out").read_bytes() == b"py\n"
    with pytest.raises(WasmoteError):
        WasiConfig().preopen_dir("/no/such/directory", "/")
