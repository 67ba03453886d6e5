//! References that the host holds, in several stores: scopes, owners, objects of both sides, and collections in between, beside a
//! model of what refers to what.
//!
//! A reference of a scope that has ended and one of another store must be refused, and every other one must refer to
//! the object that it always did.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use wasmote::{
    AnyRef, AsContextMut, Caller, CompilationMode, Config, Engine, Error, ErrorKind, ExternRef, FieldType, Global,
    HeapType, I31, Instance, Linker, Module, Mutability, Nullable, OwnedRooted, Ref, RefType, RootScope, Rooted, Store,
    StoreContextMut, StructRef, StructRefPre, StructType, Table, Val, ValType,
    errors::{GlobalError, RefError, TableError},
};
use wasmote_generate::Random;

use crate::tally;

const ANY: RefType = RefType::new(true, HeapType::Any);

const GUEST: &str = r#"(module
    (type $node (struct (field i64) (field (mut anyref)) (field (mut externref))))
    (import "host" "act" (func $act (param anyref) (result anyref)))
    (table $kept (export "table") 4 anyref)
    (global (export "global") (mut anyref) (ref.null any))
    (func (export "make") (param i64 anyref externref) (result anyref)
        (struct.new $node (local.get 0) (local.get 1) (local.get 2)))
    (func (export "same") (param anyref) (result anyref) (call $act (local.get 0))))"#;

/// An object of the host, which counts how many there are.
struct Counted {
    number: u64,
    live: Arc<AtomicUsize>,
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.live.fetch_sub(1, Relaxed);
    }
}

/// What a place refers to, as far as the model knows.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Link {
    Null,
    I31(i32),
    /// The number of a node
    Node(i64),
}

/// A reference that the host has.
#[derive(Clone, Copy)]
struct Held {
    /// The store, and the scope, that it was made in
    store: usize,
    scope: u64,
    reference: Rooted<AnyRef>,
    node: i64,
}

struct Data {
    random: Random,
    collects: bool,
    /// A reference of an earlier call.
    stale: Option<Rooted<AnyRef>>,
}

/// What is in a store.
struct Place {
    instance: Instance,
    pre: StructRefPre,
    global: Global,
    table: Table,
    /// What the elements of the table and the global hold.
    cells: [Link; CELLS],
    owned: Vec<(OwnedRooted<AnyRef>, i64)>,
    /// The scopes that are open.
    open: Vec<u64>,
}

/// Four elements and a global.
const CELLS: usize = 5;

pub(super) struct References {
    stores: Vec<Store<Data>>,
    model: Model,
}

struct Model {
    places: Vec<Place>,
    held: Vec<Held>,
    scopes: u64,
    /// The link of each node, and the number of its object.
    nodes: HashMap<i64, (Link, Option<u64>)>,
    next: u64,
    live: Arc<AtomicUsize>,
}

fn node_type() -> StructType {
    let field = |mutability, ty: ValType| FieldType::new(mutability, ty.into());
    StructType::new([
        field(Mutability::Const, ValType::I64),
        field(Mutability::Var, ANY.into()),
        field(Mutability::Var, ValType::ExternRef),
    ])
}

/// A function of the host that collects, and returns what it was given. References of its former calls are refused.
fn act(mut caller: Caller<'_, Data>, value: Option<Rooted<AnyRef>>) -> Result<Option<Rooted<AnyRef>>, Error> {
    if let Some(stale) = caller.data().stale {
        let refused = stale.heap_type(&caller);
        assert!(stale.as_i31(&caller).is_ok() || is(&refused, RefError::ScopeEnded), "{refused:?}");
    }
    for _ in 0..caller.data_mut().random.below(3) {
        let mut scope = RootScope::new(&mut caller);
        let pre = StructRefPre::new(&mut scope, node_type());
        StructRef::new(&mut scope, &pre, &[Val::I64(-1), Val::default(ANY.into()), Val::default(ValType::ExternRef)])?;
    }
    if caller.data().collects {
        caller.as_context_mut().gc();
    }
    caller.data_mut().stale = value;
    Ok(value)
}

/// Whether a result is this error.
fn is<T>(result: &Result<T, Error>, expected: RefError) -> bool {
    match result.as_ref().err().map(Error::kind) {
        Some(
            ErrorKind::Ref(error)
            | ErrorKind::Global(GlobalError::InvalidReference { error })
            | ErrorKind::Table(TableError::InvalidReference { error }),
        ) => *error == expected,
        _ => false,
    }
}

impl References {
    pub(super) fn new(random: &mut Random) -> Self {
        let mut config = Config::default();
        config
            .compilation_mode(random.pick(&[CompilationMode::Eager, CompilationMode::Lazy]))
            .portable_dispatch(random.once_in(2))
            .gc_stress(random.once_in(2));
        let engine = Engine::new(&config);
        let mut model = Model {
            places: Vec::new(),
            held: Vec::new(),
            scopes: 0,
            nodes: HashMap::new(),
            next: 0,
            live: Arc::default(),
        };
        let mut stores = Vec::new();
        for _ in 0..3 {
            let data = Data { random: Random(random.number()), collects: random.once_in(2), stale: None };
            let mut store = Store::new(&engine, data);
            let place = Place::new(&mut store, &mut model);
            model.places.push(place);
            stores.push(store);
        }
        Self { stores, model }
    }

    /// Does a few things with a store.
    pub(super) fn step(&mut self, random: &mut Random) {
        let at = random.index(self.stores.len());
        let Self { stores, model } = self;
        if random.once_in(30) {
            stores[at].reset();
            stores[at].data_mut().stale = None;
            model.places[at] = Place::new(&mut stores[at], model);
            return;
        }
        model.steps(stores[at].as_context_mut(), at, random, 0);
        if random.once_in(20) {
            // What nobody can reach any more is freed.
            for (at, store) in stores.iter_mut().enumerate() {
                store.gc();
                model.check(store, at);
            }
        }
    }

    /// Checks that nothing is left of objects of the host when their stores are gone.
    pub(super) fn finish(self) {
        drop(self.stores);
        assert_eq!(self.model.live.load(Relaxed), 0, "objects of the host outlive their stores");
    }
}

impl Place {
    fn new(store: &mut Store<Data>, model: &mut Model) -> Self {
        let engine = store.engine().clone();
        let module = Module::new(&engine, GUEST).expect("a valid module");
        let mut linker = Linker::new(&engine);
        linker.func_wrap("host", "act", act).expect("a new name");
        let instance = linker.instantiate_and_start(&mut *store, &module).expect("all imports are defined");
        let pre = StructRefPre::new(&mut *store, node_type());
        let global = instance.get_global(&*store, "global").expect("an export");
        let table = instance.get_table(&*store, "table").expect("an export");
        model.scopes += 1;
        let (cells, owned) = ([Link::Null; CELLS], Vec::new());
        Self { instance, pre, global, table, cells, owned, open: vec![model.scopes] }
    }
}

impl Model {
    /// Does a few things with a store, some in scopes of their own.
    fn steps(&mut self, mut ctx: StoreContextMut<'_, Data>, at: usize, random: &mut Random, depth: u32) {
        for _ in 0..1 + random.below(5) {
            if depth < 4 && random.once_in(3) {
                self.scopes += 1;
                self.places[at].open.push(self.scopes);
                let mut scope = RootScope::new(ctx.as_context_mut());
                self.steps(scope.as_context_mut(), at, random, depth + 1);
                drop(scope);
                self.places[at].open.pop();
            } else {
                self.act(&mut ctx, at, random);
            }
        }
    }

    /// What a use of a reference in a store must be refused with.
    fn refusal(&self, held: &Held, at: usize) -> Option<RefError> {
        if held.store != at || held.scope < self.places[at].open[0] {
            return Some(RefError::OtherStore);
        }
        (!self.places[at].open.contains(&held.scope)).then_some(RefError::ScopeEnded)
    }

    /// Returns a reference: usually one that can be used in the store.
    fn pick(&self, at: usize, random: &mut Random) -> Option<Held> {
        let start = random.index(self.held.len());
        let order = self.held.iter().cycle().skip(start).take(self.held.len());
        let any = random.once_in(5);
        order.filter(|held| any || self.refusal(held, at).is_none()).next().copied()
    }

    /// Checks a result that depends on a reference. Returns it if the reference can be used.
    fn checked<T>(&self, held: &Held, at: usize, result: Result<T, Error>) -> Option<T> {
        match (self.refusal(held, at), result) {
            (None, Ok(value)) => Some(value),
            (None, Err(error)) => panic!("a reference of this store is refused: {error}"),
            (Some(expected), result) => {
                tally::add("references refused", 1);
                let found = result.as_ref().err().map(ToString::to_string);
                assert!(is(&result, expected), "a reference must be refused with {expected:?}, but not with {found:?}");
                None
            }
        }
    }

    fn hold(&mut self, at: usize, reference: Rooted<AnyRef>, node: i64) {
        let scope = *self.places[at].open.last().expect("a store has a scope");
        self.held.push(Held { store: at, scope, reference, node });
        if self.held.len() > 200 {
            self.held.drain(..100);
        }
    }

    /// Takes a value that should be what a link says, and holds it.
    fn take(&mut self, ctx: &mut StoreContextMut<'_, Data>, at: usize, value: Val, link: Link) {
        match (value, link) {
            (Val::AnyRef(Nullable::Null), Link::Null) => {}
            (Val::AnyRef(Nullable::Val(reference)), Link::I31(number)) => {
                assert_eq!(
                    reference.as_i31(&*ctx).expect("an i31 can be used everywhere").map(|i| i.get_i32()),
                    Some(number)
                );
            }
            (Val::AnyRef(Nullable::Val(reference)), Link::Node(node)) => {
                let object = reference.unwrap_struct(&*ctx).expect("a new reference");
                assert_eq!(object.field(&*ctx, 0).expect("a field").i64(), Some(node), "another object");
                self.hold(at, reference, node);
            }
            (value, link) => panic!("{link:?} is expected, but there is {value:?}"),
        }
    }

    /// Makes a node, by the host or by code.
    fn make(&mut self, ctx: &mut StoreContextMut<'_, Data>, at: usize, random: &mut Random) {
        self.next += 1;
        let node = self.next as i64;
        let other = self.pick(at, random).filter(|_| !random.once_in(3));
        let (value, link) = match &other {
            Some(held) => (Val::from(held.reference), Link::Node(held.node)),
            None if random.once_in(2) => (AnyRef::from_i31(I31::wrapping_i32(7)).into(), Link::I31(7)),
            None => (Val::default(ANY.into()), Link::Null),
        };
        let number = random.once_in(2).then_some(self.next);
        let object = match number {
            Some(number) => {
                self.live.fetch_add(1, Relaxed);
                let object = Counted { number, live: self.live.clone() };
                ExternRef::new_rooted(&mut *ctx, object).expect("there is room").into()
            }
            None => Val::default(ValType::ExternRef),
        };
        let fields = [Val::I64(node), value, object];
        let made: Result<Rooted<AnyRef>, Error> = if random.once_in(2) {
            StructRef::new(&mut *ctx, &self.places[at].pre, &fields).map(Into::into)
        } else {
            call(ctx, self.places[at].instance, "make", &fields).map(|value| match value {
                Val::AnyRef(Nullable::Val(made)) => made,
                other => panic!("{other:?} was made"),
            })
        };
        let made = match &other {
            Some(held) => self.checked(held, at, made),
            None => Some(made.expect("nothing is wrong with the fields")),
        };
        if let Some(made) = made {
            self.nodes.insert(node, (link, number));
            self.hold(at, made, node);
        }
    }

    fn act(&mut self, ctx: &mut StoreContextMut<'_, Data>, at: usize, random: &mut Random) {
        let choice = random.below(12);
        if choice < 3 {
            return self.make(ctx, at, random);
        }
        if choice == 3 {
            return ctx.gc();
        }
        let Some(held) = self.pick(at, random) else { return self.make(ctx, at, random) };
        let instance = self.places[at].instance;
        match choice {
            4 | 5 => {
                let object = self.checked(&held, at, held.reference.unwrap_struct(&*ctx));
                let Some(object) = object else { return };
                let value = object.field(&*ctx, 1).expect("a field");
                self.take(ctx, at, value, self.nodes[&held.node].0);
                let value = object.field(&*ctx, 2).expect("a field");
                let number = match value {
                    Val::ExternRef(Nullable::Val(object)) => {
                        object.data(&*ctx).downcast_ref::<Counted>().map(|object| object.number)
                    }
                    _ => None,
                };
                assert_eq!(number, self.nodes[&held.node].1, "another object of the host");
            }
            6 => {
                let Some(other) = self.pick(at, random) else { return };
                let Some(object) = self.checked(&held, at, held.reference.unwrap_struct(&*ctx)) else { return };
                let set = object.set_field(&mut *ctx, 1, other.reference.into());
                if self.checked(&other, at, set).is_some() {
                    self.nodes.get_mut(&held.node).expect("a node").0 = Link::Node(other.node);
                }
            }
            7 => {
                let index = random.index(CELLS);
                let Place { table, global, .. } = self.places[at];
                let set = if index == CELLS - 1 {
                    global.set(&mut *ctx, held.reference.into()).map_err(Error::from)
                } else {
                    table.set(&mut *ctx, index as u64, Ref::from(held.reference)).map_err(Error::from)
                };
                if self.checked(&held, at, set).is_some() {
                    self.places[at].cells[index] = Link::Node(held.node);
                }
            }
            8 => {
                let index = random.index(CELLS);
                let Place { table, global, cells, .. } = &self.places[at];
                let link = cells[index];
                let value = if index == CELLS - 1 {
                    global.get(&*ctx)
                } else {
                    table.get(&*ctx, index as u64).expect("an element").into()
                };
                self.take(ctx, at, value, link);
            }
            9 => {
                let result = call(ctx, instance, "same", &[held.reference.into()]);
                if let Some(value) = self.checked(&held, at, result) {
                    self.take(ctx, at, value, Link::Node(held.node));
                }
            }
            10 => {
                let owned = held.reference.to_owned_rooted(&mut *ctx);
                if let Some(owned) = self.checked(&held, at, owned) {
                    self.places[at].owned.push((owned, held.node));
                }
            }
            _ => self.owned(ctx, at, random),
        }
    }

    /// Uses an owner, perhaps one of another store, or drops it.
    fn owned(&mut self, ctx: &mut StoreContextMut<'_, Data>, at: usize, random: &mut Random) {
        let of = if random.once_in(4) { random.index(self.places.len()) } else { at };
        let list = &mut self.places[of].owned;
        if list.is_empty() {
            return;
        }
        let which = random.index(list.len());
        if random.once_in(3) {
            list.swap_remove(which);
            return;
        }
        let (owned, node) = list[which].clone();
        let rooted = owned.to_rooted(&mut *ctx);
        if of == at {
            self.take(ctx, at, rooted.expect("an owner of this store").into(), Link::Node(node));
        } else {
            assert!(is(&rooted, RefError::OtherStore), "an owner of another store is accepted");
        }
    }

    /// Checks what the global and the table of a store hold.
    fn check(&mut self, store: &mut Store<Data>, at: usize) {
        let mut scope = RootScope::new(store);
        self.scopes += 1;
        self.places[at].open.push(self.scopes);
        for index in 0..CELLS {
            let Place { table, global, cells, .. } = &self.places[at];
            let link = cells[index];
            let value = if index == CELLS - 1 {
                global.get(&scope)
            } else {
                table.get(&scope, index as u64).expect("an element").into()
            };
            self.take(&mut scope.as_context_mut(), at, value, link);
        }
        self.places[at].open.pop();
    }
}

/// Calls an export.
fn call(ctx: &mut StoreContextMut<'_, Data>, instance: Instance, name: &str, args: &[Val]) -> Result<Val, Error> {
    let func = instance.get_func(&*ctx, name).expect("an export");
    let mut out = [Val::I32(0)];
    func.call(&mut *ctx, args, &mut out)?;
    Ok(out[0])
}
