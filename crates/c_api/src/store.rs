//! Stores: `wasm_store_t`, and the context in which functions of the interface work on one.

use std::{cell::Cell, collections::HashMap, mem::ManuallyDrop, ptr, rc::Rc};

use wasmote::{AsContextMut, Caller, Engine, Extern, ExternRef, Store, StoreContextMut, StoreLimits};

use crate::{
    confined::{Confined, HostData},
    key::Key,
    vec::{delete, into_raw},
};

/// What C has attached to items of a store. Finalizers run in the order in which it did, the first one first.
#[derive(Default)]
pub(crate) struct Infos {
    by_key: HashMap<Key, (usize, HostData)>,
    next: usize,
}

impl Infos {
    pub(crate) fn get(&self, key: &Key) -> Option<&HostData> {
        self.by_key.get(key).map(|(_, info)| info)
    }

    /// Attaches something, and returns what was attached before.
    pub(crate) fn insert(&mut self, key: Key, info: HostData) -> Option<HostData> {
        self.next += 1;
        self.by_key.insert(key, (self.next, info)).map(|(_, before)| before)
    }
}

impl Drop for Infos {
    fn drop(&mut self) {
        let mut infos: Vec<_> = self.by_key.drain().map(|(_, info)| info).collect();
        infos.sort_unstable_by_key(|&(number, _)| number);
        infos.into_iter().for_each(drop);
    }
}

/// What the library keeps in a store.
pub(crate) struct Data {
    /// The store, for host functions.
    pub(crate) shared: *const Shared,
    /// What C has attached to items of the store.
    pub(crate) infos: Infos,
    /// The references of Wasm code to things that are not objects of the host.
    pub(crate) externs: HashMap<Key, ExternRef>,
    /// Limits on what the store may allocate.
    pub(crate) limits: StoreLimits,
    #[cfg(feature = "wasi")]
    pub(crate) wasi: Option<wasmote_wasi::WasiCtx>,
}

#[cfg(feature = "wasi")]
impl Data {
    /// Returns what a program sees of this process: nothing, unless C says what.
    pub(crate) fn wasi_or_default(&mut self) -> &mut wasmote_wasi::WasiCtx {
        self.wasi.get_or_insert_with(|| {
            wasmote_wasi::WasiCtxBuilder::new().build().expect("a context without strings and directories")
        })
    }
}

/// The caller of a host function.
type HostCaller<'a> = Caller<'a, Confined<Data>>;

/// A store, which everything that belongs to it shares.
pub(crate) struct Shared {
    /// The caller of the innermost host function under way; null if there is none.
    caller: Cell<*mut HostCaller<'static>>,
    store: *mut Store<Confined<Data>>,
    /// Also in the store. Here it can be had without a context.
    pub(crate) engine: Engine,
}

impl Shared {
    /// Makes a store.
    pub(crate) fn new(engine: &Engine) -> Rc<Self> {
        let data = Data {
            shared: ptr::null(),
            infos: Infos::default(),
            externs: HashMap::new(),
            limits: StoreLimits::default(),
            #[cfg(feature = "wasi")]
            wasi: None,
        };
        let store = into_raw(Store::new(engine, Confined(data)));
        let shared = Rc::new(Self { caller: Cell::new(ptr::null_mut()), store, engine: engine.clone() });
        // SAFETY: C4: nothing else uses the store yet.
        unsafe { shared.data() }.shared = Rc::as_ptr(&shared);
        shared
    }

    /// Returns the context to work in.
    ///
    /// # Safety
    ///
    /// C3, C4: the context is used for one operation, during which nothing else asks for it but host functions.
    #[inline]
    pub(crate) unsafe fn context(&self) -> StoreContextMut<'_, Confined<Data>> {
        let caller = self.caller.get();
        if caller.is_null() {
            // SAFETY: C3, C4: no host function is under way, so nothing else uses the store.
            unsafe { &mut *self.store }.as_context_mut()
        } else {
            // SAFETY: C3, C4: the innermost host function under way lends its caller.
            unsafe { &mut *caller }.as_context_mut()
        }
    }

    /// Returns what the library keeps in the store.
    ///
    /// # Safety
    ///
    /// Those of `context`.
    #[expect(clippy::mut_from_ref, reason = "the store is behind a pointer")]
    pub(crate) unsafe fn data(&self) -> &mut Data {
        let caller = self.caller.get();
        if caller.is_null() {
            // SAFETY: C3, C4: as for `context`.
            &mut unsafe { &mut *self.store }.data_mut().0
        } else {
            // SAFETY: C3, C4: as for `context`.
            &mut unsafe { &mut *caller }.data_mut().0
        }
    }

    /// Returns an export of the instance that has called the innermost host function under way.
    ///
    /// # Safety
    ///
    /// Those of `context`.
    pub(crate) unsafe fn caller_export(&self, name: &str) -> Option<Extern> {
        // SAFETY: C3, C4.
        unsafe { self.caller.get().as_ref() }?.get_export(name)
    }

    /// Runs `body` with the store itself. Returns `None` if a host function is under way.
    ///
    /// # Safety
    ///
    /// Those of `context`.
    pub(crate) unsafe fn with_store<R>(&self, body: impl FnOnce(&mut Store<Confined<Data>>) -> R) -> Option<R> {
        if !self.caller.get().is_null() {
            return None;
        }
        // SAFETY: C3, C4: nothing else uses the store.
        Some(body(unsafe { &mut *self.store }))
    }

    /// Runs `body`, which calls a host function: the functions of the interface work in the context of its caller.
    #[inline]
    pub(crate) fn within<R>(mut caller: HostCaller<'_>, body: impl FnOnce(&Rc<Self>) -> R) -> R {
        let shared = caller.data().0.shared;
        // SAFETY: C4: the store is there while a function of it runs. The pointer does not count as an owner.
        let shared = ManuallyDrop::new(unsafe { Rc::from_raw(shared) });
        let outer = shared.caller.replace((&raw mut caller).cast());
        let _restore = Restore { shared: &shared, outer };
        body(&shared)
    }
}

/// Makes a caller the innermost one again, also when a panic passes.
struct Restore<'a> {
    shared: &'a Shared,
    outer: *mut HostCaller<'static>,
}

impl Drop for Restore<'_> {
    fn drop(&mut self) {
        self.shared.caller.set(self.outer);
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // SAFETY: C2, C4: nothing that belongs to the store is left, so nobody is in a context.
        unsafe { delete(self.store) };
    }
}

/// `wasm_store_t`
pub(crate) struct CStore(pub(crate) Rc<Shared>);

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_store_new(engine: *const Engine) -> *mut CStore {
    // SAFETY: C1.
    into_raw(CStore(Shared::new(unsafe { &*engine })))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_store_delete(store: *mut CStore) {
    // SAFETY: C2.
    unsafe { delete(store) };
}
