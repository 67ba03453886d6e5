//! A module as a library: the host calls its functions and reads and writes its memory.

use wasmote::{
    Caller, CompilationMode, Export, Extern, ExternType, Instance, Linker, Memory, Module, Store, WasmParams,
    WasmResults,
};
use wasmote_programs::{Program, engine, unless_offline};
use wasmote_wasi::{WasiCtx, WasiCtxBuilder, WasiVersion, add_to_linker};

/// An instance of a library.
pub(crate) struct Library {
    store: Store<WasiCtx>,
    instance: Instance,
    memory: Memory,
}

impl Library {
    /// Instantiates a program; none if there is no network to fetch it. Runs nothing of it but its start function.
    ///
    /// `copy` names the import that copies bytes of the memory (destination, source, length). The program must not call
    /// other imports, unless they are of WASI and there is a `wasi`.
    pub(crate) fn new(program: &Program, wasi: Option<&mut WasiCtxBuilder>, copy: &str) -> Option<Self> {
        let bytes = unless_offline(program.bytes())?;
        let engine = engine(CompilationMode::LazyTranslation);
        let module = Module::new(&engine, bytes).unwrap();
        let mut linker = <Linker<WasiCtx>>::new(&engine);
        if wasi.is_some() {
            add_to_linker(&mut linker, WasiVersion::Latest, |ctx| ctx).unwrap();
        }
        for import in module.imports().filter(|import| wasi.is_none() || !import.module().starts_with("wasi_")) {
            let ExternType::Func(ty) = import.ty() else { panic!("{} is not a function", import.name()) };
            let name = import.name().to_owned();
            if name == copy {
                linker.func_wrap(import.module(), &name, copy_within).unwrap();
            } else {
                linker
                    .func_new(import.module(), &name.clone(), ty.clone(), move |_, _, _| {
                        panic!("the program called {name}")
                    })
                    .unwrap();
            }
        }
        let ctx = wasi.unwrap_or(&mut WasiCtxBuilder::new()).build().unwrap();
        let mut store = Store::new(&engine, ctx);
        let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
        let memory = instance.exports(&store).find_map(Export::into_memory).unwrap();
        Some(Self { store, instance, memory })
    }

    /// Calls a function.
    #[track_caller]
    pub(crate) fn call<P: WasmParams, R: WasmResults>(&mut self, name: &str, params: P) -> R {
        self.instance.get_typed_func::<P, R>(&self.store, name).unwrap().call(&mut self.store, params).unwrap()
    }

    /// Writes bytes to the memory.
    pub(crate) fn write(&mut self, address: u32, bytes: &[u8]) {
        self.memory.write(&mut self.store, address as usize, bytes).unwrap();
    }

    /// Returns bytes of the memory.
    pub(crate) fn read(&self, address: u32, len: u32) -> &[u8] {
        &self.memory.data(&self.store)[address as usize..][..len as usize]
    }
}

/// Copies bytes inside the first memory that the caller exports.
fn copy_within(mut caller: Caller<'_, WasiCtx>, destination: u32, source: u32, len: u32) {
    let name = ["memory", "d"].into_iter().find(|name| caller.get_export(name).is_some()).unwrap();
    let memory = caller.get_export(name).and_then(Extern::into_memory).unwrap();
    let source = source as usize;
    memory.data_mut(&mut caller).copy_within(source..source + len as usize, destination as usize);
}
