//! Instances and their exports.

#[cfg(feature = "exceptions")]
use crate::api::tag::Tag;
use crate::{
    api::{
        context::{AsContext, AsContextMut, StoreContext},
        engine::Engine,
        external::Extern,
        func::Func,
        global::Global,
        host,
        memory::Memory,
        module::Module,
        store::Store,
        table::Table,
        typed::TypedFunc,
        wasm_ty::{WasmParams, WasmResults},
    },
    error::Error,
    error::kinds::FuncError,
    error::names::Escaped,
    ir::operand::Class,
    module::data::{Export as ModuleExport, ExternIndex},
    runtime::{
        instance::InstanceInst,
        instances::{Handle, Instances},
        instantiate::{Import, instantiate},
    },
    types::ExternType,
};

/// An instance of a module.
///
/// ```
/// use wasmote::{Engine, Instance, Module, Store};
///
/// # fn main() -> Result<(), wasmote::Error> {
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"(module (memory (export "memory") 1) (func (export "run")))"#)?;
/// let mut store = Store::new(&engine, ());
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let names: Vec<_> = instance.exports(&store).map(|export| export.name()).collect();
/// assert_eq!(names, ["memory", "run"]);
/// let memory = instance.get_memory(&store, "memory").expect("an exported memory");
/// assert_eq!(memory.size(&store), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct Instance {
    handle: Handle,
}

impl Instance {
    pub(crate) fn from_handle(handle: Handle) -> Self {
        Self { handle }
    }

    /// Makes an instance of a module with its imports, which are in the order of the module. Runs its start function.
    ///
    /// # Errors
    ///
    /// If imports do not match, a limit is exceeded, a segment does not fit, or the start function fails.
    ///
    /// # Panics
    ///
    /// If an import belongs to another store, or module and store have different engines.
    pub fn new(mut store: impl AsContextMut, module: &Module, imports: &[Extern]) -> Result<Self, Error> {
        let imports = imports.iter().map(|import| Import::Checked(import.handle()));
        let store = store.as_context_mut().store;
        let (instance, start) = Self::with_imports(store, module, imports)?;
        instance.start(store, start)?;
        Ok(instance)
    }

    /// Makes an instance as `new` does. Some imports may be checked already. Returns its start function too, which the caller runs.
    pub(crate) fn with_imports<T>(
        store: &mut Store<T>,
        module: &Module,
        imports: impl ExactSizeIterator<Item = Import>,
    ) -> Result<(Self, Option<Handle>), Error> {
        assert!(Engine::same(module.engine(), store.engine()), "module and store must have the same engine");
        // Constant expressions allocate without a collection.
        #[cfg(feature = "gc")]
        if store.instances.heap.has_grown() && module.data().constants_make_objects() {
            host::collect(store);
        }
        let (instances, limiter) = store.instances_and_limiter();
        let handle = instantiate(instances, module.code(), imports, limiter)?;
        let instances = &store.instances;
        let start = module.data().start.and_then(|start| {
            let cell = instances.instance(handle).func_cell(start);
            instances.func_of_cell(cell)
        });
        Ok((Self { handle }, start))
    }

    /// Runs the start function, if there is one.
    pub(crate) fn start<T>(self, store: &mut Store<T>, start: Option<Handle>) -> Result<(), Error> {
        match start {
            // A start function has neither parameters nor results.
            Some(start) => host::execute(store, start, &mut [], Class::Int),
            None => Ok(()),
        }
    }

    /// Returns the instance in its store.
    pub(crate) fn inst<'a>(&self, instances: &'a Instances) -> &'a InstanceInst {
        instances.instance(self.handle)
    }

    /// Returns an export.
    ///
    /// # Panics
    ///
    /// If the instance belongs to another store.
    pub fn get_export(&self, store: impl AsContext, name: &str) -> Option<Extern> {
        let ctx = store.as_context();
        let instances = ctx.instances();
        let inst = self.inst(instances);
        inst.code.data.export(name).map(|export| extern_of(instances, inst, export))
    }

    /// Returns an exported function.
    ///
    /// # Panics
    ///
    /// If the instance belongs to another store.
    pub fn get_func(&self, store: impl AsContext, name: &str) -> Option<Func> {
        self.get_export(store, name)?.into_func()
    }

    /// Returns an exported function that is called with Rust values.
    ///
    /// # Errors
    ///
    /// If there is no such function, or it has another type.
    ///
    /// # Panics
    ///
    /// If the instance belongs to another store.
    pub fn get_typed_func<Params, Results>(
        &self,
        store: impl AsContext,
        name: &str,
    ) -> Result<TypedFunc<Params, Results>, Error>
    where
        Params: WasmParams,
        Results: WasmResults,
    {
        let func = self
            .get_func(&store, name)
            .ok_or_else(|| Error::from(FuncError::ExportedFuncNotFound).about(format_args!("`{}`", Escaped(name))))?;
        func.typed(store)
    }

    /// Returns an exported global.
    ///
    /// # Panics
    ///
    /// If the instance belongs to another store.
    pub fn get_global(&self, store: impl AsContext, name: &str) -> Option<Global> {
        self.get_export(store, name)?.into_global()
    }

    /// Returns an exported table.
    ///
    /// # Panics
    ///
    /// If the instance belongs to another store.
    pub fn get_table(&self, store: impl AsContext, name: &str) -> Option<Table> {
        self.get_export(store, name)?.into_table()
    }

    /// Returns an exported tag.
    ///
    /// # Panics
    ///
    /// If the instance belongs to another store.
    #[cfg(feature = "exceptions")]
    pub fn get_tag(&self, store: impl AsContext, name: &str) -> Option<Tag> {
        self.get_export(store, name)?.into_tag()
    }

    /// Returns an exported memory.
    ///
    /// # Panics
    ///
    /// If the instance belongs to another store.
    pub fn get_memory(&self, store: impl AsContext, name: &str) -> Option<Memory> {
        self.get_export(store, name)?.into_memory()
    }

    /// Iterates over the exports, in the order of the module.
    ///
    /// # Panics
    ///
    /// If the instance belongs to another store.
    pub fn exports<'ctx, T: 'ctx>(&self, store: impl Into<StoreContext<'ctx, T>>) -> ExportsIter<'ctx> {
        let instances = store.into().into_instances();
        ExportsIter { instances, instance: *self, next: 0 }
    }
}

/// Returns the item that an instance exports.
fn extern_of(instances: &Instances, inst: &InstanceInst, export: &ModuleExport) -> Extern {
    match export.index {
        ExternIndex::Func(index) => match instances.func_of_cell(inst.func_cell(index)) {
            Some(func) => Extern::Func(Func::from_handle(func)),
            None => unreachable!("functions of an instance are never null"),
        },
        ExternIndex::Table(index) => Extern::Table(Table::from_handle(instances.handle(inst.table_handle(index)))),
        ExternIndex::Memory(index) => Extern::Memory(Memory::from_handle(instances.handle(inst.memory_handle(index)))),
        ExternIndex::Global(index) => Extern::Global(Global::from_handle(instances.handle(inst.global_handle(index)))),
        #[cfg(feature = "exceptions")]
        ExternIndex::Tag(index) => Extern::Tag(Tag::from_handle(instances.tag_handle(inst.tag(index)))),
    }
}

/// An export of an instance.
#[derive(Debug, Clone)]
pub struct Export<'instance> {
    name: &'instance str,
    definition: Extern,
}

impl<'instance> Export<'instance> {
    /// Returns the name of the export.
    #[must_use]
    pub fn name(&self) -> &'instance str {
        self.name
    }

    /// Returns the type of the export.
    ///
    /// # Panics
    ///
    /// If the instance belongs to another store.
    pub fn ty(&self, ctx: impl AsContext) -> ExternType {
        self.definition.ty(ctx)
    }

    /// Returns the exported item.
    #[must_use]
    pub fn into_extern(self) -> Extern {
        self.definition
    }

    /// Returns the function, if this is one.
    #[must_use]
    pub fn into_func(self) -> Option<Func> {
        self.definition.into_func()
    }

    /// Returns the table, if this is one.
    #[must_use]
    pub fn into_table(self) -> Option<Table> {
        self.definition.into_table()
    }

    /// Returns the memory, if this is one.
    #[must_use]
    pub fn into_memory(self) -> Option<Memory> {
        self.definition.into_memory()
    }

    /// Returns the global, if this is one.
    #[must_use]
    pub fn into_global(self) -> Option<Global> {
        self.definition.into_global()
    }
}

/// Iterates over the exports of an instance.
#[derive(Debug)]
pub struct ExportsIter<'instance> {
    instances: &'instance Instances,
    instance: Instance,
    next: usize,
}

impl core::panic::UnwindSafe for ExportsIter<'_> {}
impl core::panic::RefUnwindSafe for ExportsIter<'_> {}

impl<'instance> Iterator for ExportsIter<'instance> {
    type Item = Export<'instance>;

    fn next(&mut self) -> Option<Self::Item> {
        let inst = self.instance.inst(self.instances);
        let data = &inst.code.data;
        let export = data.exports.get(self.next)?;
        self.next += 1;
        Some(Export { name: data.names.get(export.name), definition: extern_of(self.instances, inst, export) })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.instance.inst(self.instances).code.data.exports.len() - self.next;
        (left, Some(left))
    }
}

impl ExactSizeIterator for ExportsIter<'_> {}
impl core::iter::FusedIterator for ExportsIter<'_> {}
