//! Modules whose imports are resolved once for many instances.

use alloc::{boxed::Box, sync::Arc, vec::Vec};

#[cfg(feature = "threads")]
use crate::api::shared_memory::SharedMemory;
use crate::{
    api::{
        context::AsContextMut,
        definitions::{Definition, Definitions},
        engine::Engine,
        host_funcs::HostImport,
        instance::Instance,
        module::Module,
        store::{HostFunc, Store},
    },
    error::Error,
    error::kinds::{ImportName, InstantiationError, LinkerError},
    error::memory::vec_or_fail,
    runtime::{
        instances::{ExternHandle, Handle},
        instantiate::{Import, extern_type},
    },
    trap::TrapCode,
    types::ExternType,
};

/// A module with its imports resolved, made by [`Linker::instantiate_pre`].
///
/// Making an instance of it looks up no names and compares no function types. The host functions among the imports are
/// put into a store once, for all instances. Cheap to clone; threads can share it.
///
/// ```
/// use wasmote::{Engine, Linker, Module, Store};
///
/// # fn main() -> Result<(), wasmote::Error> {
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"(module (import "host" "f" (func)) (func (export "run") (call 0)))"#)?;
/// let mut linker = Linker::new(&engine);
/// linker.func_wrap("host", "f", || {})?;
/// let pre = linker.instantiate_pre(&module)?;
/// for _ in 0..3 {
///     let mut store = Store::new(&engine, ());
///     let instance = pre.instantiate(&mut store)?;
///     instance.get_typed_func::<(), ()>(&store, "run")?.call(&mut store, ())?;
/// }
/// # Ok(())
/// # }
/// ```
///
/// [`Linker::instantiate_pre`]: crate::Linker::instantiate_pre
pub struct InstancePre<T> {
    module: Module,
    resolved: Arc<Resolved<T>>,
}

impl<T> Clone for InstancePre<T> {
    fn clone(&self) -> Self {
        Self { module: self.module.clone(), resolved: self.resolved.clone() }
    }
}

impl<T> core::fmt::Debug for InstancePre<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("InstancePre").field("module", &self.module).finish_non_exhaustive()
    }
}

/// The imports of a module, resolved.
pub(crate) struct Resolved<T> {
    imports: Box<[Source]>,
    /// The first import whose definition is of another kind, with the definition. Its type is known only in the store.
    other_kind: Option<(usize, ExternHandle)>,
    hosts: Arc<Vec<HostImport<HostFunc<T>>>>,
    /// Memories that each store gets.
    #[cfg(feature = "threads")]
    memories: Vec<SharedMemory>,
}

/// Where an import comes from.
enum Source {
    /// An item of a store.
    Extern(ExternHandle),
    /// A host function, by position in `hosts`.
    Host(u32),
    /// A shared memory, by position in `memories`.
    #[cfg(feature = "threads")]
    Memory(usize),
}

fn same_kind(wanted: &ExternType, found: ExternHandle) -> bool {
    matches!(
        (wanted, found),
        (ExternType::Func(_), ExternHandle::Func(_))
            | (ExternType::Table(_), ExternHandle::Table(_))
            | (ExternType::Memory(_), ExternHandle::Memory(_))
            | (ExternType::Global(_), ExternHandle::Global(_))
    ) || is_tag(wanted, found)
}

/// Whether a tag is wanted, and found.
#[cfg(feature = "exceptions")]
fn is_tag(wanted: &ExternType, found: ExternHandle) -> bool {
    matches!((wanted, found), (ExternType::Tag(_), ExternHandle::Tag(_)))
}

#[cfg(not(feature = "exceptions"))]
fn is_tag(_: &ExternType, _: ExternHandle) -> bool {
    false
}

impl<T> Resolved<T> {
    /// Finds the definitions of the imports of a module.
    ///
    /// # Errors
    ///
    /// If one is not defined, or is a host function of another type.
    #[cfg_attr(small_loop, inline(never))]
    pub(crate) fn new(definitions: &Definitions<T>, module: &Module) -> Result<Self, Error> {
        let (data, types) = (module.data(), module.engine().types());
        let mut hosts = Vec::new();
        #[cfg(feature = "threads")]
        let mut memories = Vec::new();
        let mut imports = vec_or_fail(data.imports.len())?;
        let mut funcs = data.header.funcs.iter();
        let mut other_kind = None;
        for import in &data.imports {
            let (module, name) = (data.names.get(import.module), data.names.get(import.name));
            let definition = definitions.get(module, name);
            let name = || ImportName::new(module, name);
            let expected = import.ty.func();
            let type_index = expected.and_then(|_| funcs.next());
            let definition =
                definition.ok_or_else(|| LinkerError::MissingDefinition { name: name(), ty: import.ty.clone() })?;
            imports.push(match definition {
                Definition::Extern(item) => {
                    let handle = item.handle();
                    if other_kind.is_none() && !same_kind(&import.ty, handle) {
                        other_kind = Some((imports.len(), handle));
                    }
                    Source::Extern(handle)
                }
                Definition::HostFunc(func) => {
                    let (Some(expected), Some(&ty)) = (expected, type_index) else {
                        let (expected, found) = (import.ty.clone(), func.ty.clone().into());
                        return Err(LinkerError::InvalidTypeDefinition { name: name(), expected, found }.into());
                    };
                    let mut type_id = data.header.types.id(ty);
                    if *expected != func.ty {
                        let Some(declared) = types.declared_id(&func.ty, type_id) else {
                            let (expected, actual) = (expected.clone(), func.ty.clone());
                            return Err(InstantiationError::FuncTypeMismatch { name: name(), expected, actual }.into());
                        };
                        type_id = declared;
                    }
                    hosts.try_reserve(1).map_err(|_| TrapCode::OutOfSystemMemory)?;
                    hosts.push(HostImport { func: func.clone(), type_id });
                    Source::Host(hosts.len() as u32 - 1)
                }
                #[cfg(feature = "threads")]
                Definition::SharedMemory(memory) => {
                    if import.ty.memory().is_none() {
                        let (expected, found) = (import.ty.clone(), memory.ty().into());
                        return Err(LinkerError::InvalidTypeDefinition { name: name(), expected, found }.into());
                    }
                    memories.push(memory.clone());
                    Source::Memory(memories.len() - 1)
                }
            });
        }
        Ok(Self {
            imports: imports.into(),
            other_kind,
            hosts: Arc::new(hosts),
            #[cfg(feature = "threads")]
            memories,
        })
    }

    /// Makes an instance and runs its start function. If `again`, the store remembers the host functions as a set.
    ///
    /// # Errors
    ///
    /// Those of `Instance::new`.
    #[cfg_attr(small_loop, inline(never))]
    pub(crate) fn instantiate(&self, store: &mut Store<T>, module: &Module, again: bool) -> Result<Instance, Error> {
        let (instance, start) = self.prepare(store, module, again)?;
        instance.start(store, start)?;
        Ok(instance)
    }

    /// Makes an instance, as `instantiate` does. Returns its start function too, which the caller runs.
    ///
    /// # Errors
    ///
    /// Those of `Instance::new`.
    pub(crate) fn prepare(
        &self,
        store: &mut Store<T>,
        module: &Module,
        again: bool,
    ) -> Result<(Instance, Option<Handle>), Error> {
        assert!(Engine::same(module.engine(), store.engine()), "module and store must have the same engine");
        if let Some((position, handle)) = self.other_kind {
            let data = module.data();
            let import = &data.imports[position];
            return Err(LinkerError::InvalidTypeDefinition {
                name: ImportName::new(data.names.get(import.module), data.names.get(import.name)),
                expected: import.ty.clone(),
                found: extern_type(&store.instances, handle),
            }
            .into());
        }
        #[cfg(feature = "threads")]
        let memories: Vec<_> =
            self.memories.iter().map(|memory| memory.in_store(&mut *store)).collect::<Result<_, _>>()?;
        let Store { hosts, instances, .. } = &mut *store;
        let numbers = if again {
            hosts.numbers_of_set(instances, &self.hosts)?
        } else {
            hosts.numbers(instances, &self.hosts)?.0
        };
        let imports = self.imports.iter().map(|source| match source {
            Source::Extern(handle) => Import::Checked(*handle),
            Source::Host(position) => Import::Func(numbers.get(*position)),
            #[cfg(feature = "threads")]
            Source::Memory(position) => Import::Checked(ExternHandle::Memory(memories[*position].handle())),
        });
        Instance::with_imports(store, module, imports)
    }
}

impl<T> InstancePre<T> {
    pub(crate) fn new(definitions: &Definitions<T>, module: &Module) -> Result<Self, Error> {
        Ok(Self { module: module.clone(), resolved: Arc::new(Resolved::new(definitions, module)?) })
    }

    /// Returns the module.
    #[must_use]
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// Makes an instance and runs its start function.
    ///
    /// # Errors
    ///
    /// If an import has another type, a limit is exceeded, a segment does not fit, or the start
    /// function fails.
    ///
    /// # Panics
    ///
    /// If a definition belongs to another store, or module and store to different engines.
    pub fn instantiate(&self, mut store: impl AsContextMut<Data = T>) -> Result<Instance, Error> {
        self.resolved.instantiate(store.as_context_mut().store, &self.module, true)
    }

    /// Returns the imports.
    pub(crate) fn resolved(&self) -> &Resolved<T> {
        &self.resolved
    }
}
