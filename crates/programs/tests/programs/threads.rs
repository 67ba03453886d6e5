//! Libraries that share memory among threads. They import their memory; the host makes it.

use wasmote::{
    AsContext, AsContextMut, Caller, CompilationMode, Config, Engine, Error, Extern, ExternType, FuncType, Instance,
    Linker, Module, SharedMemory, Store, Val, WasmParams, WasmResults,
};
use wasmote_programs::{Program, catalog, unless_offline};
use wasmote_wasi::{WasiCtx, WasiCtxBuilder, WasiVersion, add_to_linker};

/// The error of WASI for functions that do not exist
const NOSYS: i32 = 52;

/// An instance of a library.
struct Library {
    store: Store<WasiCtx>,
    instance: Instance,
    memory: SharedMemory,
}

impl Library {
    /// Instantiates a program; none if there is no network to fetch it.
    ///
    /// Imports of WASI work if the program exports its memory, and fail if not. Those named `invoke_…` call the function of the table that their first argument names, as the host
    /// of a program made by Emscripten does. All others return zeros, but the clock, which stands still,
    /// is monotonic.
    fn new(program: &Program) -> Option<Self> {
        let bytes = unless_offline(program.bytes())?;
        let mut config = Config::default();
        config.compilation_mode(CompilationMode::LazyTranslation).wasm_threads(true);
        let engine = Engine::new(&config);
        let module = Module::new(&engine, bytes).unwrap();
        let mut linker = <Linker<WasiCtx>>::new(&engine);
        let has_wasi = module.get_export("memory").is_some();
        if has_wasi {
            add_to_linker(&mut linker, WasiVersion::Latest, |ctx| ctx).unwrap();
        }
        let mut memory = None;
        for import in module.imports() {
            match import.ty() {
                _ if has_wasi && import.module().starts_with("wasi_") => {}
                ExternType::Func(ty) if import.name().starts_with("invoke_") => {
                    linker.func_new(import.module(), import.name(), ty.clone(), invoke).unwrap();
                }
                ExternType::Func(ty) => {
                    let mut results = zeros(ty);
                    if import.module().starts_with("wasi_") {
                        results.fill(Val::I32(NOSYS));
                    } else if import.name() == "_emscripten_get_now_is_monotonic" {
                        results.fill(Val::I32(1));
                    }
                    let stub = move |_: Caller<'_, WasiCtx>, _: &[Val], out: &mut [Val]| {
                        out.clone_from_slice(&results);
                        Ok(())
                    };
                    linker.func_new(import.module(), import.name(), ty.clone(), stub).unwrap();
                }
                ExternType::Memory(ty) => {
                    let shared = SharedMemory::new(&engine, *ty).unwrap();
                    linker.define_shared_memory(import.module(), import.name(), &shared).unwrap();
                    memory = Some(shared);
                }
                _ => panic!("{} is neither a function nor a memory", import.name()),
            }
        }
        let memory = memory.expect("the program imports a memory");
        let mut store = Store::new(&engine, WasiCtxBuilder::new().build().unwrap());
        let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
        Some(Self { store, instance, memory })
    }

    /// Calls a function.
    #[track_caller]
    fn call<P: WasmParams, R: WasmResults>(&mut self, name: &str, params: P) -> R {
        self.instance.get_typed_func::<P, R>(&self.store, name).unwrap().call(&mut self.store, params).unwrap()
    }

    /// Returns the text at an address, up to a zero.
    fn text(&self, address: u32) -> String {
        let mut bytes = vec![0; 4096];
        self.memory.read(address as usize, &mut bytes).unwrap();
        let end = bytes.iter().position(|&byte| byte == 0).unwrap();
        String::from_utf8(bytes[..end].to_vec()).unwrap()
    }
}

/// The results of a function that does nothing.
fn zeros(ty: &FuncType) -> Vec<Val> {
    ty.results().iter().map(|&ty| Val::default_for_ty(ty)).collect()
}

/// Calls a function of the caller's table. If it fails, its results are zeros.
fn invoke(mut caller: Caller<'_, WasiCtx>, inputs: &[Val], outputs: &mut [Val]) -> Result<(), Error> {
    let table = caller.get_export("__indirect_function_table").and_then(Extern::into_table).unwrap();
    let index = u64::try_from(inputs[0].i32().unwrap()).unwrap();
    let element = table.get(caller.as_context(), index).unwrap();
    let func = **element.as_func().unwrap().val().unwrap();
    func.call(caller.as_context_mut(), &inputs[1..], outputs)
}

/// Rust, for hosts that have the interface of Node and wasi-threads.
#[test]
fn a_scanner_of_tailwind_starts() {
    let Some(mut library) = Library::new(&catalog::TAILWIND) else { return };
    let ty = library.memory.ty();
    assert_eq!((ty.minimum(), ty.maximum()), (983, Some(65_536)));
    let () = library.call("_initialize", ());
    // What Node calls first: it returns the object of the exports, which is zero here.
    let () = library.call("__napi_register__Scanner_struct_4", ());
    let () = library.call("__napi_register__Scanner_impl_14", ());
    assert_eq!(library.call::<_, i32>("napi_register_wasm_v1", (1, 7)), 7);
    // The allocator works, and its blocks are in the memory that the host made.
    let block: u32 = library.call("malloc", 100_000_u32);
    library.memory.write(block as usize, &[7; 100_000]).unwrap();
    let () = library.call("free", block);
}

/// C++, for hosts that have the threads of Emscripten.
#[test]
#[ignore = "large"]
fn z3_simplifies_terms() {
    let Some(mut library) = Library::new(&catalog::Z3) else { return };
    assert_eq!(library.memory.size(), 32_768);
    let () = library.call("__wasm_call_ctors", ());
    let configuration: u32 = library.call("Z3_mk_config", ());
    let context: u32 = library.call("Z3_mk_context", configuration);
    let mut solve = |text: &str| {
        let address: u32 = library.call("malloc", text.len() as u32 + 1);
        library.memory.write(address as usize, text.as_bytes()).unwrap();
        library.memory.write(address as usize + text.len(), &[0]).unwrap();
        let answer: u32 = library.call("Z3_eval_smtlib2_string", (context, address));
        library.text(answer)
    };
    // What needs no exceptions, which the host would have to implement.
    assert_eq!(solve("(declare-const x Int) (simplify (+ x (* 6 7) (- x)))"), "42\n");
    assert_eq!(solve("(simplify (> (* x x) (- (* x x) 1)))"), "true\n");
}
