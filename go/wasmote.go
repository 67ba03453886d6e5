// Package wasmote runs WebAssembly: a binding of the interpreter Wasmote over its C library.
//
// Everything has a method Close, which frees it. What belongs to a Store (instances, functions, memories, globals) is freed
// with the store. One goroutine at a time uses a Store and what belongs to it. Modules, linkers and engines can be closed
// before the stores that use them.
//
// The C library is linked statically. `crates/c_api/install.sh PREFIX` installs it; the variables
// CGO_CFLAGS=-IPREFIX/include and CGO_LDFLAGS=-LPREFIX/lib tell where it is.
package wasmote

/*
#cgo LDFLAGS: -l:libwasmote.a -lpthread -ldl -lm
#include <stdlib.h>
#include <wasmote.h>
*/
import "C"

import (
	"fmt"
	"unsafe"
)

// Config has the settings of an Engine.
type Config struct{ c *C.wasm_config_t }

// NewConfig returns the default settings.
func NewConfig() *Config { return &Config{C.wasm_config_new()} }

// SetFeature switches a part of WebAssembly by its name, such as "simd". It reports whether that is possible.
func (config *Config) SetFeature(name string, enable bool) bool {
	text := C.CString(name)
	defer C.free(unsafe.Pointer(text))
	return bool(C.wasmote_config_feature(config.c, text, C.bool(enable)))
}

// SetConsumeFuel sets whether code uses up fuel.
func (config *Config) SetConsumeFuel(enable bool) {
	C.wasmote_config_consume_fuel(config.c, C.bool(enable))
}

// SetMaxStackHeight sets the height of the stack of values in bytes.
func (config *Config) SetMaxStackHeight(bytes uint) {
	C.wasmote_config_max_stack_height(config.c, C.size_t(bytes))
}

// Close frees the settings of which no engine was made.
func (config *Config) Close() {
	if config.c != nil {
		C.wasm_config_delete(config.c)
		config.c = nil
	}
}

// Engine holds code and types. Several goroutines can use it.
type Engine struct{ c *C.wasm_engine_t }

// NewEngine makes an engine with the default settings.
func NewEngine() *Engine { return &Engine{C.wasm_engine_new()} }

// NewEngineWithConfig makes an engine. The settings are its own from then on.
func NewEngineWithConfig(config *Config) *Engine {
	engine := &Engine{C.wasm_engine_new_with_config(config.c)}
	config.c = nil
	return engine
}

// Close frees the engine.
func (engine *Engine) Close() {
	if engine.c != nil {
		C.wasm_engine_delete(engine.c)
		engine.c = nil
	}
}

// Wat2Wasm turns the text format into binary Wasm.
func Wat2Wasm(text string) ([]byte, error) {
	var binary C.wasm_byte_vec_t
	chars := C.CString(text)
	defer C.free(unsafe.Pointer(chars))
	if trap := C.wasmote_wat2wasm(chars, C.size_t(len(text)), &binary); trap != nil {
		return nil, takeTrap(trap)
	}
	return takeBytes(&binary), nil
}

func takeBytes(vec *C.wasm_byte_vec_t) []byte {
	defer C.wasm_byte_vec_delete(vec)
	return C.GoBytes(unsafe.Pointer(vec.data), C.int(vec.size))
}

// Module is a module that is validated. One goroutine at a time uses it.
type Module struct{ c *C.wasm_module_t }

// NewModule makes a module of binary Wasm.
func NewModule(engine *Engine, wasm []byte) (*Module, error) {
	module := &Module{}
	data := C.CBytes(wasm)
	defer C.free(data)
	if trap := C.wasmote_module_new(engine.c, (*C.uint8_t)(data), C.size_t(len(wasm)), &module.c); trap != nil {
		return nil, takeTrap(trap)
	}
	return module, nil
}

// NewModuleDeserialize makes a module of what Serialize returned. The bytes are checked.
func NewModuleDeserialize(engine *Engine, artefact []byte) (*Module, error) {
	module := &Module{}
	data := C.CBytes(artefact)
	defer C.free(data)
	if trap := C.wasmote_module_deserialize(engine.c, (*C.uint8_t)(data), C.size_t(len(artefact)), &module.c); trap != nil {
		return nil, takeTrap(trap)
	}
	return module, nil
}

// Serialize returns the module with its translated code.
func (module *Module) Serialize() []byte {
	var out C.wasm_byte_vec_t
	C.wasm_module_serialize(module.c, &out)
	return takeBytes(&out)
}

// Close frees the module.
func (module *Module) Close() {
	if module.c != nil {
		C.wasm_module_delete(module.c)
		module.c = nil
	}
}

// Trap is why a call did not return, or why something could not be made.
type Trap struct {
	message string
	// Kind is one of the kinds of errors of wasmote.h, and Code one of its codes of traps or 0.
	Kind, Code uint8
	// Frames are the calls that were under way, innermost first.
	Frames []Frame
	exit   *int32
}

// Frame is a call of a Wasm function.
type Frame struct {
	FuncIndex uint32
	// FuncName is empty if the name is not known.
	FuncName string
}

// Codes of traps: the values of Trap.Code that hosts ask for most.
const (
	TrapUnreachable   uint8 = C.WASMOTE_TRAP_UNREACHABLE
	TrapOutOfBounds   uint8 = C.WASMOTE_TRAP_MEMORY_OUT_OF_BOUNDS
	TrapDivisionZero  uint8 = C.WASMOTE_TRAP_INTEGER_DIVISION_BY_ZERO
	TrapStackOverflow uint8 = C.WASMOTE_TRAP_STACK_OVERFLOW
	TrapOutOfFuel     uint8 = C.WASMOTE_TRAP_OUT_OF_FUEL
)

// Error returns the message.
func (trap *Trap) Error() string { return trap.message }

// ExitStatus returns the status with which a program has ended itself.
func (trap *Trap) ExitStatus() (status int32, exited bool) {
	if trap.exit == nil {
		return 0, false
	}
	return *trap.exit, true
}

// takeTrap reads a trap, and deletes it.
func takeTrap(c *C.wasm_trap_t) *Trap {
	defer C.wasm_trap_delete(c)
	var message C.wasm_message_t
	C.wasm_trap_message(c, &message)
	defer C.wasm_byte_vec_delete(&message)
	trap := &Trap{
		message: C.GoString((*C.char)(message.data)),
		Kind:    uint8(C.wasmote_trap_kind(c)),
		Code:    uint8(C.wasmote_trap_code(c)),
	}
	var status C.int32_t
	if C.wasmote_trap_exit_status(c, &status) {
		exit := int32(status)
		trap.exit = &exit
	}
	var frames C.wasm_frame_vec_t
	C.wasm_trap_trace(c, &frames)
	defer C.wasm_frame_vec_delete(&frames)
	for _, frame := range unsafe.Slice(frames.data, int(frames.size)) {
		trap.Frames = append(trap.Frames, Frame{
			uint32(C.wasm_frame_func_index(frame)), C.GoString(C.wasmote_frame_func_name(frame)),
		})
	}
	return trap
}

// Store owns instances and their items.
type Store struct {
	c     *C.wasm_store_t
	items []*C.wasm_extern_t
	made  []*C.wasm_instance_t
}

// NewStore makes an empty store.
func NewStore(engine *Engine) *Store { return &Store{c: C.wasm_store_new(engine.c)} }

// SetFuel sets the fuel that is left.
func (store *Store) SetFuel(fuel uint64) error {
	if !C.wasmote_store_set_fuel(store.c, C.uint64_t(fuel)) {
		return fmt.Errorf("the engine does not meter fuel")
	}
	return nil
}

// Fuel returns the fuel that is left.
func (store *Store) Fuel() (uint64, error) {
	var fuel C.uint64_t
	if !C.wasmote_store_get_fuel(store.c, &fuel) {
		return 0, fmt.Errorf("the engine does not meter fuel")
	}
	return uint64(fuel), nil
}

// Limits bound what a store allocates. Zero is no limit.
type Limits struct {
	// MemorySize is the most bytes of one memory, TotalMemorySize that of all together.
	MemorySize, TotalMemorySize uint
	// TableElements is the most elements of one table.
	TableElements uint
	// Instances is how many there may be.
	Instances uint
}

// Limit sets limits.
func (store *Store) Limit(limits Limits) error {
	number := func(limit uint) C.size_t {
		if limit == 0 {
			return C.SIZE_MAX
		}
		return C.size_t(limit)
	}
	c := C.wasmote_limits_t{
		memory_size: number(limits.MemorySize), total_memory_size: number(limits.TotalMemorySize),
		table_elements: number(limits.TableElements), total_table_elements: C.SIZE_MAX, gc_heap_size: C.SIZE_MAX,
		instances: number(limits.Instances), tables: C.SIZE_MAX, memories: C.SIZE_MAX,
	}
	if !C.wasmote_store_limit(store.c, &c) {
		return fmt.Errorf("a function of the host is under way")
	}
	return nil
}

// Close frees the store with everything that belongs to it.
func (store *Store) Close() {
	for _, item := range store.items {
		C.wasm_extern_delete(item)
	}
	for _, instance := range store.made {
		C.wasm_instance_delete(instance)
	}
	store.items, store.made = nil, nil
	if store.c != nil {
		C.wasm_store_delete(store.c)
		store.c = nil
	}
}

// WasiConfig is what a program sees of this process: nothing, unless it is added.
type WasiConfig struct{ c *C.wasmote_wasi_t }

// NewWasiConfig shows nothing to a program.
func NewWasiConfig() *WasiConfig { return &WasiConfig{c: C.wasmote_wasi_new()} }

// SetArgv adds arguments; the first one is the name of the program.
func (wasi *WasiConfig) SetArgv(args []string) {
	for _, arg := range args {
		text := C.CString(arg)
		C.wasmote_wasi_arg(wasi.c, text)
		C.free(unsafe.Pointer(text))
	}
}

// SetEnv adds a variable of the environment.
func (wasi *WasiConfig) SetEnv(name, value string) {
	n, v := C.CString(name), C.CString(value)
	C.wasmote_wasi_env(wasi.c, n, v)
	C.free(unsafe.Pointer(n))
	C.free(unsafe.Pointer(v))
}

// InheritStdout lets a program write to the standard output of this process.
func (wasi *WasiConfig) InheritStdout() { C.wasmote_wasi_inherit_stdout(wasi.c) }

// InheritStderr lets a program write to the standard error of this process.
func (wasi *WasiConfig) InheritStderr() { C.wasmote_wasi_inherit_stderr(wasi.c) }

// PreopenDir shows a directory to a program.
func (wasi *WasiConfig) PreopenDir(hostPath, guestPath string, readOnly bool) error {
	host, guest := C.CString(hostPath), C.CString(guestPath)
	defer C.free(unsafe.Pointer(host))
	defer C.free(unsafe.Pointer(guest))
	if trap := C.wasmote_wasi_preopen_dir(wasi.c, host, guest, C.bool(readOnly)); trap != nil {
		return takeTrap(trap)
	}
	return nil
}

// Output is what a program writes, kept in memory.
type Output struct{ c *C.wasmote_output_t }

// CaptureStdout keeps what a program writes to its standard output.
func (wasi *WasiConfig) CaptureStdout() *Output {
	return &Output{C.wasmote_wasi_capture_stdout(wasi.c)}
}

// Take removes and returns what was written.
func (output *Output) Take() []byte {
	var bytes C.wasm_byte_vec_t
	C.wasmote_output_take(output.c, &bytes)
	return takeBytes(&bytes)
}

// Close frees the output.
func (output *Output) Close() {
	if output.c != nil {
		C.wasmote_output_delete(output.c)
		output.c = nil
	}
}

// SetWasi gives a store what its program sees. The configuration is the store's from then on.
func (store *Store) SetWasi(wasi *WasiConfig) error {
	c := wasi.c
	wasi.c = nil
	if trap := C.wasmote_store_set_wasi(store.c, c); trap != nil {
		return takeTrap(trap)
	}
	return nil
}
