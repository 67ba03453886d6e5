//! References: `wasm_ref_t`, and with it functions, globals, tables, memories, instances, modules, traps and foreign objects:
//! a pointer to one of these is a pointer to an [`Object`].

use std::{
    cell::{OnceCell, RefCell},
    ffi::c_void,
    ptr,
    rc::Rc,
};

use wasmote::{Extern, ExternRef, Func, FuncType, Global, Instance, Memory, Module, Table, Tag};

use crate::{
    confined::{Finalizer, HostData},
    failure::Trap,
    key::Key,
    store::Shared,
};

/// Something of the host that is beside stores, with what C has attached to it.
pub(crate) struct Counted<T> {
    pub(crate) value: T,
    info: RefCell<Option<HostData>>,
}

impl<T> Counted<T> {
    pub(crate) fn new(value: T) -> Rc<Self> {
        Rc::new(Self { value, info: RefCell::new(None) })
    }
}

/// An object of the host, which has nothing but its identity.
#[derive(Default)]
pub(crate) struct Foreign {
    /// The reference of Wasm code to it, once there is one.
    pub(crate) reference: RefCell<Option<ExternRef>>,
}

/// What a reference refers to.
#[derive(Clone)]
pub(crate) enum Item {
    Func(Func),
    Global(Global),
    Table(Table),
    Memory(Memory),
    Tag(Tag),
    Instance(Instance),
    Module(Rc<Counted<Module>>),
    Trap(Rc<Counted<Trap>>),
    Foreign(Rc<Counted<Foreign>>),
    /// A value of Wasm code that became an `externref`.
    Converted(ExternRef),
}

impl Item {
    /// Returns the identity, if there is one.
    pub(crate) fn key(&self) -> Option<Key> {
        Some(match self {
            Self::Func(func) => Key::Func(*func),
            Self::Global(global) => Key::Global(*global),
            Self::Table(table) => Key::Table(*table),
            Self::Memory(memory) => Key::Memory(*memory),
            Self::Instance(instance) => Key::Instance(*instance),
            Self::Module(module) => Key::Address(Rc::as_ptr(module).addr()),
            Self::Trap(trap) => Key::Address(Rc::as_ptr(trap).addr()),
            Self::Foreign(foreign) => Key::Address(Rc::as_ptr(foreign).addr()),
            Self::Tag(_) | Self::Converted(_) => return None,
        })
    }

    /// Returns what C attaches to it, if that is beside the store.
    fn info(&self) -> Option<&RefCell<Option<HostData>>> {
        match self {
            Self::Module(module) => Some(&module.info),
            Self::Trap(trap) => Some(&trap.info),
            Self::Foreign(foreign) => Some(&foreign.info),
            _ => None,
        }
    }

    /// Returns the item that can be imported, if it is one.
    pub(crate) fn to_extern(&self) -> Option<Extern> {
        Some(match self {
            Self::Func(func) => (*func).into(),
            Self::Global(global) => (*global).into(),
            Self::Table(table) => (*table).into(),
            Self::Memory(memory) => (*memory).into(),
            Self::Tag(tag) => (*tag).into(),
            _ => return None,
        })
    }
}

impl From<Extern> for Item {
    fn from(item: Extern) -> Self {
        match item {
            Extern::Func(func) => Self::Func(func),
            Extern::Global(global) => Self::Global(global),
            Extern::Table(table) => Self::Table(table),
            Extern::Memory(memory) => Self::Memory(memory),
            Extern::Tag(tag) => Self::Tag(tag),
            other => unreachable!("an item of a new kind: {other:?}"),
        }
    }
}

/// A reference that C owns.
#[derive(Clone)]
pub(crate) struct Object {
    /// The store that the item belongs to. What is beside stores has it only if it is about one.
    pub(crate) store: Option<Rc<Shared>>,
    pub(crate) item: Item,
    /// The type of the function, once it was asked for: the store would take a lock to tell it.
    func_type: OnceCell<FuncType>,
}

impl Object {
    /// Makes a reference to an item, which may belong to a store.
    pub(crate) fn new(store: Option<Rc<Shared>>, item: impl Into<Item>) -> Self {
        Self { store, item: item.into(), func_type: OnceCell::new() }
    }

    /// Makes a reference to an item of a store.
    pub(crate) fn in_store(store: &Rc<Shared>, item: impl Into<Item>) -> Self {
        Self::new(Some(store.clone()), item)
    }

    /// Returns the function, its store and its type.
    ///
    /// # Panics
    ///
    /// If this is no function.
    #[inline]
    pub(crate) fn func(&self) -> (&Rc<Shared>, Func, &FuncType) {
        let Item::Func(func) = self.item else { unreachable!("the pointer is to a function") };
        let store = self.store();
        // SAFETY: C3, C4: nothing else uses the context meanwhile.
        (store, func, self.func_type.get_or_init(|| func.ty(unsafe { store.context() })))
    }

    /// Whether both refer to the same thing.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (self.item.key(), other.item.key()) {
            (Some(a), Some(b)) => a == b,
            _ => ptr::eq(self, other),
        }
    }

    /// Whether the item belongs to this store, or to none.
    pub(crate) fn fits(&self, store: &Rc<Shared>) -> bool {
        self.store.as_ref().is_none_or(|own| Rc::ptr_eq(own, store))
    }

    /// Returns the store that the item belongs to.
    ///
    /// # Panics
    ///
    /// If it belongs to none.
    #[inline]
    pub(crate) fn store(&self) -> &Rc<Shared> {
        self.store.as_ref().expect("an item of a store")
    }

    /// Returns the pointer that C has attached.
    pub(crate) fn host_info(&self) -> *mut c_void {
        if let Some(info) = self.item.info() {
            return info.borrow().as_ref().map_or(ptr::null_mut(), HostData::get);
        }
        let (Some(store), Some(key)) = (&self.store, self.item.key()) else { return ptr::null_mut() };
        // SAFETY: C3, C4: nothing else uses the data meanwhile.
        unsafe { store.data() }.infos.get(&key).map_or(ptr::null_mut(), HostData::get)
    }

    /// Attaches a pointer of C. Calls the finalizer of the one before.
    pub(crate) fn set_host_info(&self, pointer: *mut c_void, finalizer: Finalizer) {
        let info = HostData::new(pointer, finalizer);
        let before = if let Some(place) = self.item.info() {
            place.replace(Some(info))
        } else if let (Some(store), Some(key)) = (&self.store, self.item.key()) {
            // SAFETY: C3, C4: nothing else uses the data meanwhile.
            unsafe { store.data() }.infos.insert(key, info)
        } else {
            None
        };
        // Last: what the finalizer does then finds the new pointer.
        drop(before);
    }
}

impl From<Instance> for Item {
    fn from(instance: Instance) -> Self {
        Self::Instance(instance)
    }
}

macro_rules! from {
    ($($variant:ident)*) => { $(
        impl From<$variant> for Item {
            fn from(item: $variant) -> Self {
                Self::$variant(item)
            }
        } )*
    };
}

from! { Func Global Table Memory }

/// The reference that a pointer of C points to.
///
/// # Safety
///
/// C1.
pub(crate) unsafe fn object<'a>(object: *const Object) -> &'a Object {
    // SAFETY: C1.
    unsafe { &*object }
}
