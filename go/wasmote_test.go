package wasmote

import (
	"errors"
	"strings"
	"sync"
	"testing"
)

func load(t *testing.T, engine *Engine, text string) *Module {
	t.Helper()
	wasm, err := Wat2Wasm(text)
	if err != nil {
		t.Fatal(err)
	}
	module, err := NewModule(engine, wasm)
	if err != nil {
		t.Fatal(err)
	}
	return module
}

const host = `(module
    (import "host" "log" (func $log (param i32 i32) (result i32)))
    (memory (export "memory") 1 2)
    (data (i32.const 8) "hello")
    (func (export "run") (param i32) (result i32) (call $log (i32.const 8) (local.get 0)))
    (func (export "add") (param i64 f64 f32) (result i64 f64)
        (i64.add (local.get 0) (i64.const 1)) (f64.add (local.get 1) (f64.promote_f32 (local.get 2))))
    (func $div (export "div") (param i32) (result i32) (i32.div_u (i32.const 1) (local.get 0)))
    (func (export "spin") (loop $again (br $again))))`

func TestCallsInBothDirections(t *testing.T) {
	config := NewConfig()
	config.SetConsumeFuel(true)
	if config.SetFeature("nothing", true) || !config.SetFeature("simd", false) {
		t.Error("features are found by their names")
	}
	engine := NewEngineWithConfig(config)
	defer engine.Close()
	module := load(t, engine, host)
	defer module.Close()
	linker := NewLinker(engine)
	defer linker.Close()
	var logged []string
	err := linker.DefineFunc("host", "log", FuncType{[]ValKind{KindI32, KindI32}, []ValKind{KindI32}},
		func(caller Caller, args []interface{}) ([]interface{}, error) {
			switch args[1].(int32) {
			case 0:
				return nil, errors.New("nothing to log")
			case 1:
				panic("one")
			case 2:
				return []interface{}{"no value"}, nil
			}
			text := make([]byte, args[1].(int32))
			if err := caller.ReadMemory("memory", uint64(args[0].(int32)), text); err != nil {
				return nil, err
			}
			logged = append(logged, string(text))
			return []interface{}{int32(len(logged))}, nil
		})
	if err != nil {
		t.Fatal(err)
	}
	store := NewStore(engine)
	defer store.Close()
	if err := store.SetFuel(100000); err != nil {
		t.Fatal(err)
	}
	instance, err := linker.Instantiate(store, module)
	if err != nil {
		t.Fatal(err)
	}
	run := instance.GetFunc("run")
	if results, err := run.Call(int32(5)); err != nil || results[0] != int32(1) || logged[0] != "hello" {
		t.Error(results, err, logged)
	}
	for length, message := range map[int32]string{
		0: "nothing to log", 1: "panicked: one", 2: "string is no type", 1 << 30: "out of bounds",
	} {
		if _, err := run.Call(length); err == nil || !strings.Contains(err.Error(), message) {
			t.Errorf("%d: %v", length, err)
		}
	}
	if results, err := instance.GetFunc("add").Call(int64(41), 0.5, float32(0.25)); err != nil ||
		results[0] != int64(42) || results[1] != 0.75 {
		t.Error(results, err)
	}
	if _, err := run.Call(int64(5)); err == nil {
		t.Error("an i64 was accepted as an i32")
	}
	_, err = instance.GetFunc("div").Call(int32(0))
	var trap *Trap
	if !errors.As(err, &trap) || trap.Code != TrapDivisionZero || len(trap.Frames) != 1 || trap.Frames[0].FuncName != "div" {
		t.Error(err)
	}
	if _, err = instance.GetFunc("spin").Call(); !errors.As(err, &trap) || trap.Code != TrapOutOfFuel {
		t.Error(err)
	}
	if fuel, err := store.Fuel(); err != nil || fuel != 0 {
		t.Error(fuel, err)
	}
	memory := instance.GetMemory("memory")
	bytes := make([]byte, 5)
	if err := memory.Write(100, []byte("bytes")); err != nil {
		t.Error(err)
	}
	if err := memory.Read(100, bytes); err != nil || string(bytes) != "bytes" {
		t.Error(err, bytes)
	}
	if memory.Read(65532, bytes) == nil || !memory.Grow(1) || memory.Grow(1) || memory.Size() != 2 {
		t.Error("bounds of the memory")
	}
	if instance.GetFunc("memory") != nil || instance.GetMemory("nothing") != nil {
		t.Error("exports of another kind")
	}
}

func TestModulesAndErrors(t *testing.T) {
	engine := NewEngine()
	defer engine.Close()
	if _, err := Wat2Wasm("(module"); err == nil {
		t.Error("accepted")
	}
	if _, err := NewModule(engine, []byte("\x00asm\x01\x00\x00\x00\xff")); err == nil {
		t.Error("accepted")
	}
	module := load(t, engine, `(module (import "a" "b" (func)))`)
	defer module.Close()
	artefact := module.Serialize()
	same, err := NewModuleDeserialize(engine, artefact)
	if err != nil {
		t.Fatal(err)
	}
	same.Close()
	artefact[len(artefact)/2] ^= 1
	if _, err := NewModuleDeserialize(engine, artefact); err == nil {
		t.Error("a damaged artefact was accepted")
	}
	linker, store := NewLinker(engine), NewStore(engine)
	defer linker.Close()
	defer store.Close()
	if _, err := linker.Instantiate(store, module); err == nil || !strings.Contains(err.Error(), "b") {
		t.Error(err)
	}
	if store.SetFuel(1) == nil {
		t.Error("fuel without metering")
	}
}

func TestLimits(t *testing.T) {
	engine := NewEngine()
	defer engine.Close()
	module := load(t, engine, `(module (memory (export "m") 1))`)
	defer module.Close()
	store, linker := NewStore(engine), NewLinker(engine)
	defer store.Close()
	defer linker.Close()
	if err := store.Limit(Limits{MemorySize: 2 << 16, Instances: 1}); err != nil {
		t.Fatal(err)
	}
	instance, err := linker.Instantiate(store, module)
	if err != nil {
		t.Fatal(err)
	}
	if memory := instance.GetMemory("m"); !memory.Grow(1) || memory.Grow(1) {
		t.Error("the limit of memories")
	}
	if _, err := linker.Instantiate(store, module); err == nil {
		t.Error("the limit of instances")
	}
}

func TestWasi(t *testing.T) {
	engine := NewEngine()
	defer engine.Close()
	module := load(t, engine, `(module
        (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (memory (export "memory") 1) (data (i32.const 0) "\08\00\00\00\03\00\00\00go\n")
        (func (export "_start")
            (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16))) (call $exit (i32.const 4))))`)
	defer module.Close()
	linker, store, wasi := NewLinker(engine), NewStore(engine), NewWasiConfig()
	defer linker.Close()
	defer store.Close()
	wasi.SetArgv([]string{"program"})
	wasi.SetEnv("NAME", "value")
	if wasi.PreopenDir("/no/such/directory", "/", true) == nil {
		t.Error("a directory that is not there")
	}
	output := wasi.CaptureStdout()
	defer output.Close()
	if err := linker.DefineWasi(); err != nil {
		t.Fatal(err)
	}
	if err := store.SetWasi(wasi); err != nil {
		t.Fatal(err)
	}
	instance, err := linker.Instantiate(store, module)
	if err != nil {
		t.Fatal(err)
	}
	_, err = instance.GetFunc("_start").Call()
	var trap *Trap
	if !errors.As(err, &trap) {
		t.Fatal(err)
	}
	if status, exited := trap.ExitStatus(); !exited || status != 4 {
		t.Error(err)
	}
	if written := string(output.Take()); written != "go\n" {
		t.Error(written)
	}
}

func TestGoroutines(t *testing.T) {
	engine := NewEngine()
	defer engine.Close()
	var group sync.WaitGroup
	for i := 0; i < 8; i++ {
		group.Add(1)
		go func(i int32) {
			defer group.Done()
			module := load(t, engine, `(module (func (export "f") (param i32) (result i32) (i32.mul (local.get 0) (local.get 0))))`)
			defer module.Close()
			linker, store := NewLinker(engine), NewStore(engine)
			defer linker.Close()
			defer store.Close()
			instance, err := linker.Instantiate(store, module)
			if err != nil {
				t.Error(err)
				return
			}
			if results, err := instance.GetFunc("f").Call(i); err != nil || results[0] != i*i {
				t.Error(results, err)
			}
		}(int32(i))
	}
	group.Wait()
}
