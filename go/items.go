package wasmote

/*
#include <stdlib.h>
#include <wasmote.h>

extern wasm_trap_t *wasmoteGoCall(void *, wasm_store_t *, wasm_val_vec_t *, wasm_val_vec_t *);
extern void wasmoteGoFree(void *);

static wasm_trap_t *wasmote_go_define(wasmote_linker_t *linker, const char *module, const char *name, wasm_functype_t *type,
                                      uintptr_t env) {
    return wasmote_linker_define_func(linker, module, name, type, (wasmote_callback_t)wasmoteGoCall, (void *)env, wasmoteGoFree);
}
static int32_t wasmote_go_i32(const wasm_val_t *value) { return value->of.i32; }
static int64_t wasmote_go_i64(const wasm_val_t *value) { return value->of.i64; }
static float wasmote_go_f32(const wasm_val_t *value) { return value->of.f32; }
static double wasmote_go_f64(const wasm_val_t *value) { return value->of.f64; }
static void wasmote_go_set_i32(wasm_val_t *out, int32_t value) { out->kind = WASM_I32; out->of.i32 = value; }
static void wasmote_go_set_i64(wasm_val_t *out, int64_t value) { out->kind = WASM_I64; out->of.i64 = value; }
static void wasmote_go_set_f32(wasm_val_t *out, float value) { out->kind = WASM_F32; out->of.f32 = value; }
static void wasmote_go_set_f64(wasm_val_t *out, double value) { out->kind = WASM_F64; out->of.f64 = value; }
*/
import "C"

import (
	"fmt"
	"runtime/cgo"
	"unsafe"
)

// ValKind is the kind of a value.
type ValKind uint8

// The kinds of values. Numbers are int32, int64, float32 and float64 in Go.
const (
	KindI32 ValKind = C.WASM_I32
	KindI64 ValKind = C.WASM_I64
	KindF32 ValKind = C.WASM_F32
	KindF64 ValKind = C.WASM_F64
)

// FuncType is the type of a function.
type FuncType struct{ Params, Results []ValKind }

func (ty FuncType) toC() *C.wasm_functype_t {
	vec := func(kinds []ValKind) C.wasm_valtype_vec_t {
		var out C.wasm_valtype_vec_t
		C.wasm_valtype_vec_new_uninitialized(&out, C.size_t(len(kinds)))
		for i, kind := range kinds {
			unsafe.Slice(out.data, len(kinds))[i] = C.wasm_valtype_new(C.wasm_valkind_t(kind))
		}
		return out
	}
	params, results := vec(ty.Params), vec(ty.Results)
	return C.wasm_functype_new(&params, &results)
}

func toGo(value *C.wasm_val_t) (interface{}, error) {
	switch value.kind {
	case C.WASM_I32:
		return int32(C.wasmote_go_i32(value)), nil
	case C.WASM_I64:
		return int64(C.wasmote_go_i64(value)), nil
	case C.WASM_F32:
		return float32(C.wasmote_go_f32(value)), nil
	case C.WASM_F64:
		return float64(C.wasmote_go_f64(value)), nil
	}
	return nil, fmt.Errorf("references are no values in Go")
}

func setC(out *C.wasm_val_t, value interface{}) error {
	switch value := value.(type) {
	case int32:
		C.wasmote_go_set_i32(out, C.int32_t(value))
	case int64:
		C.wasmote_go_set_i64(out, C.int64_t(value))
	case float32:
		C.wasmote_go_set_f32(out, C.float(value))
	case float64:
		C.wasmote_go_set_f64(out, C.double(value))
	default:
		return fmt.Errorf("%T is no type of Wasm values", value)
	}
	return nil
}

// values makes a vector of room for `count` values.
func values(count int) C.wasm_val_vec_t {
	var out C.wasm_val_vec_t
	C.wasm_val_vec_new_uninitialized(&out, C.size_t(count))
	return out
}

// Caller is what a function of the host gets to know of its caller. It is valid during the call.
type Caller struct{ store *C.wasm_store_t }

// ReadMemory copies bytes of a memory that the caller exports.
func (caller Caller) ReadMemory(name string, offset uint64, bytes []byte) error {
	text := C.CString(name)
	defer C.free(unsafe.Pointer(text))
	item := C.wasmote_caller_export(caller.store, text)
	if item == nil {
		return fmt.Errorf("the caller exports nothing named %q", name)
	}
	defer C.wasm_extern_delete(item)
	memory := C.wasm_extern_as_memory(item)
	if memory == nil {
		return fmt.Errorf("%q is no memory", name)
	}
	return read(memory, offset, bytes)
}

func read(memory *C.wasm_memory_t, offset uint64, bytes []byte) error {
	if len(bytes) == 0 {
		return nil
	}
	if !C.wasmote_memory_read(memory, C.uint64_t(offset), unsafe.Pointer(&bytes[0]), C.size_t(len(bytes))) {
		return fmt.Errorf("out of bounds memory access")
	}
	return nil
}

// HostFunc is a function of the host. Its error ends the call of Wasm.
type HostFunc func(caller Caller, args []interface{}) ([]interface{}, error)

//export wasmoteGoCall
func wasmoteGoCall(env unsafe.Pointer, store *C.wasm_store_t, args, results *C.wasm_val_vec_t) (trap *C.wasm_trap_t) {
	// A panic must not pass through C.
	defer func() {
		if reason := recover(); reason != nil {
			trap = newTrap(store, fmt.Sprintf("a function of the host panicked: %v", reason))
		}
	}()
	host := cgo.Handle(uintptr(env)).Value().(HostFunc)
	in := make([]interface{}, int(args.size))
	for i := range in {
		value, err := toGo(&unsafe.Slice(args.data, len(in))[i])
		if err != nil {
			return newTrap(store, err.Error())
		}
		in[i] = value
	}
	out, err := host(Caller{store}, in)
	if err == nil && len(out) != int(results.size) {
		err = fmt.Errorf("the function returned %d results, not %d", len(out), int(results.size))
	}
	for i := 0; err == nil && i < len(out); i++ {
		err = setC(&unsafe.Slice(results.data, len(out))[i], out[i])
	}
	if err != nil {
		return newTrap(store, err.Error())
	}
	return nil
}

//export wasmoteGoFree
func wasmoteGoFree(env unsafe.Pointer) { cgo.Handle(uintptr(env)).Delete() }

func newTrap(store *C.wasm_store_t, message string) *C.wasm_trap_t {
	var bytes C.wasm_message_t
	text := C.CString(message)
	defer C.free(unsafe.Pointer(text))
	C.wasm_byte_vec_new(&bytes, C.size_t(len(message)+1), (*C.wasm_byte_t)(text))
	defer C.wasm_byte_vec_delete(&bytes)
	return C.wasm_trap_new(store, &bytes)
}

// Linker defines imports by name.
type Linker struct{ c *C.wasmote_linker_t }

// NewLinker makes a linker that defines nothing.
func NewLinker(engine *Engine) *Linker { return &Linker{C.wasmote_linker_new(engine.c)} }

// DefineFunc defines a function of the host.
func (linker *Linker) DefineFunc(module, name string, ty FuncType, host HostFunc) error {
	m, n, c := C.CString(module), C.CString(name), ty.toC()
	defer C.free(unsafe.Pointer(m))
	defer C.free(unsafe.Pointer(n))
	defer C.wasm_functype_delete(c)
	if trap := C.wasmote_go_define(linker.c, m, n, c, C.uintptr_t(cgo.NewHandle(host))); trap != nil {
		return takeTrap(trap)
	}
	return nil
}

// DefineWasi defines WASI.
func (linker *Linker) DefineWasi() error {
	if trap := C.wasmote_linker_define_wasi(linker.c); trap != nil {
		return takeTrap(trap)
	}
	return nil
}

// Instantiate makes an instance, and runs its start function.
func (linker *Linker) Instantiate(store *Store, module *Module) (*Instance, error) {
	var trap *C.wasm_trap_t
	c := C.wasmote_linker_instantiate(linker.c, store.c, module.c, &trap)
	if c == nil {
		return nil, takeTrap(trap)
	}
	store.made = append(store.made, c)
	return &Instance{c, store}, nil
}

// Close frees the linker.
func (linker *Linker) Close() {
	if linker.c != nil {
		C.wasmote_linker_delete(linker.c)
		linker.c = nil
	}
}

// Instance is an instance of a module.
type Instance struct {
	c     *C.wasm_instance_t
	store *Store
}

func (instance *Instance) export(name string) *C.wasm_extern_t {
	text := C.CString(name)
	defer C.free(unsafe.Pointer(text))
	item := C.wasmote_instance_export(instance.c, text)
	if item != nil {
		instance.store.items = append(instance.store.items, item)
	}
	return item
}

// Func is a function of an instance.
type Func struct {
	c       *C.wasm_func_t
	results int
}

// GetFunc returns an exported function, or nil.
func (instance *Instance) GetFunc(name string) *Func {
	if item := instance.export(name); item != nil {
		if c := C.wasm_extern_as_func(item); c != nil {
			return &Func{c, int(C.wasm_func_result_arity(c))}
		}
	}
	return nil
}

// Call calls the function. A trap is an error of type *Trap.
func (function *Func) Call(args ...interface{}) ([]interface{}, error) {
	in, out := values(len(args)), values(function.results)
	defer C.wasm_val_vec_delete(&in)
	defer C.wasm_val_vec_delete(&out)
	for i, arg := range args {
		if err := setC(&unsafe.Slice(in.data, len(args))[i], arg); err != nil {
			return nil, err
		}
	}
	if trap := C.wasm_func_call(function.c, &in, &out); trap != nil {
		return nil, takeTrap(trap)
	}
	results := make([]interface{}, function.results)
	for i := range results {
		value, err := toGo(&unsafe.Slice(out.data, len(results))[i])
		if err != nil {
			return nil, err
		}
		results[i] = value
	}
	return results, nil
}

// Memory is a memory of an instance.
type Memory struct{ c *C.wasm_memory_t }

// GetMemory returns an exported memory, or nil.
func (instance *Instance) GetMemory(name string) *Memory {
	if item := instance.export(name); item != nil {
		if c := C.wasm_extern_as_memory(item); c != nil {
			return &Memory{c}
		}
	}
	return nil
}

// Read copies bytes out of the memory.
func (memory *Memory) Read(offset uint64, bytes []byte) error { return read(memory.c, offset, bytes) }

// Write copies bytes into the memory.
func (memory *Memory) Write(offset uint64, bytes []byte) error {
	if len(bytes) > 0 &&
		!C.wasmote_memory_write(memory.c, C.uint64_t(offset), unsafe.Pointer(&bytes[0]), C.size_t(len(bytes))) {
		return fmt.Errorf("out of bounds memory access")
	}
	return nil
}

// Size returns the size in pages of 64 KiB.
func (memory *Memory) Size() uint32 { return uint32(C.wasm_memory_size(memory.c)) }

// Grow grows the memory by pages, and reports whether that was possible.
func (memory *Memory) Grow(pages uint32) bool {
	return bool(C.wasm_memory_grow(memory.c, C.wasm_memory_pages_t(pages)))
}
