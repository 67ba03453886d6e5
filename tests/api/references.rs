//! References that the host holds: handles, scopes, objects of the host's own, and what the collector makes of them.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use wasmote::{
    AnyRef, ArrayRef, ArrayRefPre, ArrayType, AsContextMut, Caller, Config, Engine, EqRef, Error, ErrorKind, ExnRef,
    ExternRef, FieldType, Func, FuncType, Global, HeapType, I31, Instance, Linker, Module, Mutability, Nullable,
    OwnedRooted, Ref, RefType, ResumableCall, RootScope, Rooted, StorageType, Store, StructRef, StructRefPre,
    StructType, Table, TableType, Tag, TagType, Val, ValType,
    errors::{GlobalError, RefError, TableError},
};

fn engine(stress: bool) -> Engine {
    Engine::new(Config::default().wasm_gc(true).gc_stress(stress))
}

fn instantiate(store: &mut Store<()>, wat: &str) -> Instance {
    let module = Module::new(store.engine(), wat).expect("the module is valid");
    let linker = Linker::new(store.engine());
    linker.instantiate_and_start(store, &module).expect("it can be instantiated")
}

/// What a reference that cannot be used is refused with.
fn refusal<T>(result: Result<T, Error>) -> Option<RefError> {
    match result.err()?.kind() {
        ErrorKind::Ref(error) => Some(*error),
        ErrorKind::Global(GlobalError::InvalidReference { error }) => Some(*error),
        ErrorKind::Table(TableError::InvalidReference { error }) => Some(*error),
        other => panic!("{other:?}"),
    }
}

fn pair() -> StructType {
    let any = ValType::Ref(RefType::new(true, HeapType::Any));
    let field = |ty| FieldType::new(Mutability::Var, ty);
    StructType::new([field(StorageType::I8), field(any.into())])
}

const ANY: RefType = RefType::new(true, HeapType::Any);

/// Takes and returns references, and keeps them.
const KEEPER: &str = r#"(module
    (type $pair (struct (field (mut i8)) (field (mut anyref))))
    (type $list (array (mut i16)))
    (rec (type $node (sub (struct (field i32) (field (ref null $node))))))
    (global (export "global") (mut anyref) (ref.null any))
    (table (export "table") 4 anyref)
    (func (export "same") (param anyref) (result anyref) (local.get 0))
    (func (export "pair") (param i32 anyref) (result (ref $pair)) (struct.new $pair (local.get 0) (local.get 1)))
    (func (export "first") (param (ref null $pair)) (result i32) (struct.get_u $pair 0 (local.get 0)))
    (func (export "list") (param i32 i32) (result (ref $list)) (array.new $list (local.get 0) (local.get 1)))
    (func (export "sum") (param anyref) (result i32) (local i32 i32 (ref $list))
        (local.set 3 (ref.cast (ref $list) (local.get 0)))
        (block (loop
            (br_if 1 (i32.eq (local.get 1) (array.len (local.get 3))))
            (local.set 2 (i32.add (local.get 2) (array.get_s $list (local.get 3) (local.get 1))))
            (local.set 1 (i32.add (local.get 1) (i32.const 1)))
            (br 0)))
        (local.get 2))
    (func (export "node") (param i32) (result (ref $node)) (struct.new $node (local.get 0) (ref.null $node)))
    (func (export "length") (param (ref null $node)) (result i32) (local i32)
        (block $done
            (loop $next
                (br_if $done (ref.is_null (local.get 0)))
                (local.set 1 (i32.add (local.get 1) (i32.const 1)))
                (local.set 0 (struct.get $node 1 (local.get 0)))
                (br $next)))
        (local.get 1))
    (func (export "i31") (param i32) (result i31ref) (ref.i31 (local.get 0)))
    (func (export "hide") (param anyref) (result externref) (extern.convert_any (local.get 0)))
    (func (export "show") (param externref) (result anyref) (any.convert_extern (local.get 0))))"#;

fn call(store: &mut Store<()>, instance: Instance, name: &str, args: &[Val]) -> Result<Val, Error> {
    let func = instance.get_func(&*store, name).expect("it is exported");
    let mut results = [Val::I32(0)];
    func.call(store, args, &mut results)?;
    Ok(results[0])
}

fn any(value: Val) -> Rooted<AnyRef> {
    match value {
        Val::AnyRef(Nullable::Val(reference)) => reference,
        other => panic!("{other:?}"),
    }
}

#[test]
fn values_of_all_kinds_pass_the_border() {
    for stress in [false, true] {
        let mut store = Store::new(&engine(stress), ());
        let instance = instantiate(&mut store, KEEPER);
        let i31 = any(call(&mut store, instance, "i31", &[Val::I32(-5)]).unwrap());
        assert_eq!(i31.unwrap_i31(&store).unwrap().get_i32(), -5);
        assert_eq!(i31.heap_type(&store).unwrap(), HeapType::I31);
        let pair = any(call(&mut store, instance, "pair", &[Val::I32(0x1ff), i31.into()]).unwrap());
        assert!(pair.is_struct(&store).unwrap() && pair.is_eqref(&store).unwrap() && !pair.is_array(&store).unwrap());
        let list = any(call(&mut store, instance, "list", &[Val::I32(-2), Val::I32(5)]).unwrap());
        let list = list.unwrap_array(&store).unwrap();
        store.gc();
        let pair = pair.unwrap_struct(&store).unwrap();
        assert_eq!(pair.field(&store, 0).unwrap().i32(), Some(0xff));
        assert_eq!(any(pair.field(&store, 1).unwrap()).as_i31(&store).unwrap(), I31::new_i32(-5));
        assert_eq!(refusal(pair.field(&store, 2)), Some(RefError::FieldOutOfBounds));
        assert_eq!((list.len(&store).unwrap(), list.get(&store, 4).unwrap().i32()), (5, Some(0xfffe)));
        assert_eq!(refusal(list.get(&store, 5)), Some(RefError::ElementOutOfBounds));
        list.set(&mut store, 4, Val::I32(0x1_0007)).unwrap();
        assert_eq!(call(&mut store, instance, "sum", &[list.into()]).unwrap().i32(), Some(-8 + 7));
        pair.set_field(&mut store, 1, list.into()).unwrap();
        assert_eq!(refusal(pair.set_field(&mut store, 1, Val::I64(0))), Some(RefError::MismatchingFieldType));
        assert_eq!(call(&mut store, instance, "first", &[pair.into()]).unwrap().i32(), Some(0xff));
        let same = any(call(&mut store, instance, "same", &[pair.into()]).unwrap());
        assert!(Rooted::ref_eq(&store, &same, &pair).unwrap() && !Rooted::ref_eq(&store, &same, &list).unwrap());
        // A value of a wrong type, and null where none may be.
        let error = call(&mut store, instance, "first", &[list.into()]).unwrap_err();
        assert!(error.to_string().contains("parameter type"), "{error}");
        let error = call(&mut store, instance, "same", &[Val::FuncRef(Nullable::Null)]).unwrap_err();
        assert!(error.to_string().contains("parameter type"), "{error}");
        let null = call(&mut store, instance, "same", &[Val::default_for_ty(ANY.into())]).unwrap();
        assert!(matches!(null, Val::AnyRef(Nullable::Null)), "{null:?}");
    }
}

#[test]
fn objects_of_the_host_are_those_of_modules() {
    for stress in [false, true] {
        let mut store = Store::new(&engine(stress), ());
        let instance = instantiate(&mut store, KEEPER);
        let pre = StructRefPre::new(&mut store, pair());
        let object =
            StructRef::new(&mut store, &pre, &[Val::I32(300), AnyRef::from_i31(I31::default()).into()]).unwrap();
        assert_eq!(call(&mut store, instance, "first", &[object.into()]).unwrap().i32(), Some(44));
        assert_eq!(object.ty(&store).unwrap(), pair());
        let list = ArrayType::new(FieldType::new(Mutability::Var, StorageType::I16));
        let pre = ArrayRefPre::new(&mut store, list.clone());
        let made = ArrayRef::new_fixed(&mut store, &pre, &[1, 2, -3, 70_000].map(Val::I32)).unwrap();
        store.gc();
        assert_eq!(call(&mut store, instance, "sum", &[made.into()]).unwrap().i32(), Some(70_000 - 65_536));
        let made = ArrayRef::new(&mut store, &pre, &Val::I32(-7), 1000).unwrap();
        assert_eq!(call(&mut store, instance, "sum", &[made.into()]).unwrap().i32(), Some(-7000));
        assert_eq!(made.ty(&store).unwrap(), list);
        assert!(
            made.matches_ty(&store, &HeapType::Eq).unwrap() && !made.matches_ty(&store, &HeapType::Struct).unwrap()
        );
        let huge = ArrayRef::new(&mut store, &pre, &Val::I32(0), u32::MAX).unwrap_err();
        assert_eq!(huge.as_trap_code(), Some(wasmote::TrapCode::AllocationTooLarge));
        let wrong = ArrayRef::new(&mut store, &pre, &Val::I64(0), 1);
        assert_eq!(refusal(wrong), Some(RefError::MismatchingFieldType));
    }
}

/// A type that is declared with subtypes or in a group is another one than that with the same fields.
#[test]
fn types_of_modules_make_objects() {
    let mut store = Store::new(&engine(true), ());
    let instance = instantiate(&mut store, KEEPER);
    let node = any(call(&mut store, instance, "node", &[Val::I32(1)]).unwrap()).unwrap_struct(&store).unwrap();
    let ty = node.ty(&store).unwrap();
    assert_ne!(ty, StructType::new(ty.fields().iter().copied()));
    let HeapType::ConcreteStruct(id) = node.heap_type(&store).unwrap() else { panic!("a struct of a module") };
    assert_eq!(store.engine().struct_type(id), Some(ty.clone()));
    assert_eq!(store.engine().array_type(id), None);
    assert!(node.matches_ty(&store, &HeapType::ConcreteStruct(id)).unwrap());
    let pre = StructRefPre::new(&mut store, ty.clone());
    let mut list: Val = node.into();
    for i in 0..50 {
        list = StructRef::new(&mut store, &pre, &[Val::I32(i), list]).unwrap().into();
    }
    assert_eq!(call(&mut store, instance, "length", &[list]).unwrap().i32(), Some(51));
    // Objects of the type without a declaration are refused.
    let plain = StructRefPre::new(&mut store, StructType::new(ty.fields().iter().copied()));
    let object = StructRef::new(&mut store, &plain, &[Val::I32(0), list]).unwrap();
    assert!(call(&mut store, instance, "length", &[object.into()]).is_err());
    assert_eq!(refusal(StructRef::new(&mut store, &pre, &[Val::I32(0)])), Some(RefError::MismatchingFieldLen));
    let immutable = node.set_field(&mut store, 0, Val::I32(3));
    assert_eq!(refusal(immutable), Some(RefError::ImmutableWrite));
}

#[test]
fn handles_end_with_their_scope() {
    let mut store = Store::new(&engine(false), ());
    let instance = instantiate(&mut store, KEEPER);
    let outer = any(call(&mut store, instance, "pair", &[Val::I32(1), Val::default(ANY.into())]).unwrap());
    let (inner, kept) = {
        let mut scope = RootScope::new(&mut store);
        let inner = {
            let mut nested = RootScope::new(&mut scope);
            let pre = StructRefPre::new(&mut nested, pair());
            StructRef::new(&mut nested, &pre, &[Val::I32(2), outer.into()])
                .unwrap()
                .to_owned_rooted(&mut nested)
                .unwrap()
        };
        let inner = inner.to_rooted(&mut scope).unwrap();
        assert_eq!(inner.field(&scope, 0).unwrap().i32(), Some(2));
        (inner, inner.to_anyref().to_owned_rooted(&mut scope).unwrap())
    };
    store.gc();
    let ended = Some(RefError::ScopeEnded);
    assert_eq!(refusal(inner.field(&store, 0)), ended);
    assert_eq!(refusal(inner.fields(&store).map(|_| ())), ended);
    assert_eq!(refusal(inner.set_field(&mut store, 0, Val::I32(1))), ended);
    assert_eq!(refusal(inner.to_owned_rooted(&mut store)), ended);
    assert_eq!(refusal(inner.to_anyref().is_struct(&store)), ended);
    assert_eq!(refusal(inner.matches_ty(&store, &HeapType::Any)), ended);
    assert_eq!(refusal(Rooted::ref_eq(&store, &inner, &outer)), ended);
    assert_eq!(refusal(call(&mut store, instance, "same", &[inner.into()])), ended);
    assert_eq!(refusal(call(&mut store, instance, "first", &[inner.into()])), ended);
    assert_eq!(refusal(ExternRef::convert_any(&mut store, inner)), ended);
    let global = instance.get_global(&store, "global").unwrap();
    assert_eq!(refusal(global.set(&mut store, inner.into()).map_err(Error::from)), ended);
    let table = instance.get_table(&store, "table").unwrap();
    assert_eq!(refusal(table.set(&mut store, 0, inner.into()).map_err(Error::from)), ended);
    assert_eq!(refusal(table.grow(&mut store, 1, inner.into()).map_err(Error::from)), ended);
    assert_eq!(refusal(table.fill(&mut store, 0, inner.into(), 1).map_err(Error::from)), ended);
    let pre = StructRefPre::new(&mut store, pair());
    assert_eq!(refusal(StructRef::new(&mut store, &pre, &[Val::I32(0), inner.into()])), ended);
    // A handle at the same place of the next scope is another one.
    let mut scope = RootScope::new(&mut store);
    let next = kept.to_rooted(&mut scope).unwrap();
    assert_eq!(refusal(inner.field(&scope, 0)), ended);
    assert_eq!(next.unwrap_struct(&scope).unwrap().field(&scope, 0).unwrap().i32(), Some(2));
    assert_eq!(outer.unwrap_struct(&scope).unwrap().field(&scope, 0).unwrap().i32(), Some(1));
}

#[test]
fn handles_belong_to_one_store() {
    let engine = engine(false);
    let mut stores = [Store::new(&engine, ()), Store::new(&engine, ())];
    let [first, second] = &mut stores;
    let [a, b] = [instantiate(first, KEEPER), instantiate(second, KEEPER)];
    let object = any(call(first, a, "list", &[Val::I32(1), Val::I32(1)]).unwrap());
    let owned: OwnedRooted<AnyRef> = object.to_owned_rooted(&mut *first).unwrap();
    // The same place of the other store's table.
    let other = any(call(second, b, "list", &[Val::I32(2), Val::I32(2)]).unwrap());
    let foreign = Some(RefError::OtherStore);
    assert_eq!(refusal(object.is_array(&*second)), foreign);
    assert_eq!(refusal(call(second, b, "sum", &[object.into()])), foreign);
    assert_eq!(refusal(owned.to_rooted(&mut *second)), foreign);
    assert_eq!(refusal(Rooted::ref_eq(&*second, &other, &object)), foreign);
    let pre = StructRefPre::new(&mut *first, pair());
    assert_eq!(refusal(StructRef::new(&mut *second, &pre, &[Val::I32(0), other.into()])), foreign);
    assert_eq!(refusal(StructRef::new(&mut *first, &pre, &[Val::I32(0), other.into()])), foreign);
    let sum = b.get_typed_func::<Option<Rooted<AnyRef>>, i32>(&*second, "sum").unwrap();
    assert_eq!(refusal(sum.call(&mut *second, Some(object))), foreign);
    assert_eq!(sum.call(&mut *second, Some(other)).unwrap(), 4);
    // As long as it is the same.
    first.reset();
    assert_eq!(refusal(object.is_array(&*first)), foreign);
    assert_eq!(refusal(owned.to_rooted(&mut *first)), foreign);
}

#[test]
fn typed_functions_take_and_return_references() {
    let mut store = Store::new(&engine(true), ());
    let instance = instantiate(&mut store, KEEPER);
    let i31 = instance.get_typed_func::<i32, Option<I31>>(&store, "i31").unwrap();
    assert_eq!(i31.call(&mut store, 1 << 30).unwrap(), I31::new_i32(-(1 << 30)));
    let list = instance.get_typed_func::<(i32, i32), Rooted<ArrayRef>>(&store, "list").unwrap();
    let list = list.call(&mut store, (3, 4)).unwrap();
    let pair = instance.get_typed_func::<(i32, Option<Rooted<AnyRef>>), Rooted<StructRef>>(&store, "pair").unwrap();
    let made = pair.call(&mut store, (7, Some(list.into()))).unwrap();
    assert_eq!(any(made.field(&store, 1).unwrap()).unwrap_array(&store).unwrap().len(&store).unwrap(), 4);
    let same = instance.get_typed_func::<Nullable<Rooted<AnyRef>>, Nullable<Rooted<AnyRef>>>(&store, "same").unwrap();
    assert!(same.call(&mut store, Nullable::Null).unwrap().is_null());
    let hide = instance.get_typed_func::<Option<Rooted<AnyRef>>, Option<Rooted<ExternRef>>>(&store, "hide").unwrap();
    let hidden = hide.call(&mut store, Some(made.into())).unwrap().unwrap();
    assert!(hidden.try_data(&store).unwrap().is_none());
    let show = instance.get_typed_func::<Option<Rooted<ExternRef>>, Option<Rooted<AnyRef>>>(&store, "show").unwrap();
    let shown = show.call(&mut store, Some(hidden)).unwrap().unwrap();
    assert!(Rooted::ref_eq(&store, &shown, &made).unwrap());
    // An `eqref` is not any `anyref`.
    assert!(instance.get_typed_func::<Option<Rooted<AnyRef>>, Option<Rooted<EqRef>>>(&store, "same").is_err());
    // And a struct may be of another type than the parameter.
    assert!(instance.get_typed_func::<Option<Rooted<EqRef>>, Option<Rooted<AnyRef>>>(&store, "same").is_ok());
    assert!(instance.get_typed_func::<Option<Rooted<StructRef>>, i32>(&store, "first").is_err());
}

/// Counts how many of it live.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

const HOST_OBJECTS: &str = r#"(module
    (import "host" "make" (func $make (result externref)))
    (import "host" "is" (func $is (param externref) (result i32)))
    (type $box (struct (field (mut externref))))
    (global $kept (mut externref) (ref.null extern))
    (global $boxed (mut (ref null $box)) (ref.null $box))
    (table $table 3 externref)
    (func (export "many") (param i32) (result i32) (local externref)
        (local.set 1 (call $make))
        (loop
            (drop (call $make))
            (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
            (br_if 0 (local.get 0)))
        (call $is (local.get 1)))
    (func (export "keep")
        (global.set $kept (call $make))
        (global.set $boxed (struct.new $box (call $make)))
        (table.set $table (i32.const 1) (call $make)))
    (func (export "release")
        (global.set $kept (ref.null extern))
        (global.set $boxed (ref.null $box))
        (table.set $table (i32.const 1) (ref.null extern))))"#;

#[test]
fn objects_of_the_host_are_collected() {
    for stress in [false, true] {
        let count = Arc::new(AtomicUsize::new(0));
        let live = || count.load(Ordering::Relaxed);
        let engine = engine(stress);
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        let counter = count.clone();
        linker
            .func_wrap("host", "make", move |mut caller: Caller<'_, ()>| {
                ExternRef::new_rooted(&mut caller, Counted::new(&counter)).map(Some)
            })
            .unwrap();
        linker
            .func_wrap(
                "host",
                "is",
                |caller: Caller<'_, ()>, object: Option<Rooted<ExternRef>>| -> Result<i32, Error> {
                    let data = object.map(|object| object.try_data(&caller)).transpose()?.flatten();
                    Ok(data.is_some_and(<dyn std::any::Any>::is::<Counted>).into())
                },
            )
            .unwrap();
        let module = Module::new(&engine, HOST_OBJECTS).unwrap();
        let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
        let many = instance.get_typed_func::<i32, i32>(&store, "many").unwrap();
        let most = if stress { 300 } else { 200_000 };
        assert_eq!(many.call(&mut store, most).unwrap(), 1);
        assert!(live() < if stress { 5 } else { 100_000 }, "{} of {most} live", live());
        store.gc();
        assert_eq!(live(), 0);
        let keep = instance.get_typed_func::<(), ()>(&store, "keep").unwrap();
        let release = instance.get_typed_func::<(), ()>(&store, "release").unwrap();
        keep.call(&mut store, ()).unwrap();
        store.gc();
        assert_eq!(live(), 3);
        release.call(&mut store, ()).unwrap();
        store.gc();
        assert_eq!(live(), 0);
        // Roots and owners.
        let owned = {
            let mut scope = RootScope::new(&mut store);
            let rooted = ExternRef::new_rooted(&mut scope, Counted::new(&count)).unwrap();
            scope.as_context_mut().gc();
            assert_eq!(live(), 1);
            rooted.to_owned_rooted(&mut scope).unwrap()
        };
        let other = owned.clone();
        drop(owned);
        store.gc();
        assert_eq!(live(), 1);
        drop(other);
        store.gc();
        assert_eq!(live(), 0);
        // A plain handle lives as long as the store.
        ExternRef::new(&mut store, Counted::new(&count));
        store.gc();
        assert_eq!(live(), 1);
        store.reset();
        assert_eq!(live(), 0);
    }
}

/// What came out of Wasm code as a plain handle stays.
#[test]
fn plain_handles_keep_objects() {
    let count = Arc::new(AtomicUsize::new(0));
    let mut store = Store::new(&engine(true), ());
    let instance = instantiate(
        &mut store,
        r#"(module (table (export "table") 1 externref)
            (func (export "get") (result externref) (table.get 0 (i32.const 0))))"#,
    );
    let table = instance.get_table(&store, "table").unwrap();
    let plain = {
        let mut scope = RootScope::new(&mut store);
        let rooted = ExternRef::new_rooted(&mut scope, Counted::new(&count)).unwrap();
        table.set(&mut scope, 0, Ref::from(rooted)).unwrap();
        let get = instance.get_typed_func::<(), Option<ExternRef>>(&scope, "get").unwrap();
        get.call(&mut scope, ()).unwrap().unwrap()
    };
    table.set(&mut store, 0, Ref::Extern(Nullable::Null)).unwrap();
    store.gc();
    assert_eq!(count.load(Ordering::Relaxed), 1);
    assert!(plain.data(&store).is::<Counted>());
}

#[test]
fn objects_of_the_host_change() {
    let mut store = Store::new(&engine(false), ());
    let object = ExternRef::new_rooted(&mut store, 7_i32).unwrap();
    *object.try_data_mut(&mut store).unwrap().unwrap().downcast_mut::<i32>().unwrap() += 1;
    assert_eq!(object.data(&store).downcast_ref::<i32>(), Some(&8));
    let converted = AnyRef::convert_extern(&mut store, object).unwrap();
    assert_eq!(converted.heap_type(&store).unwrap(), HeapType::Any);
    assert!(converted.is_extern(&store).unwrap() && !converted.is_eqref(&store).unwrap());
    let back = ExternRef::convert_any(&mut store, converted).unwrap();
    assert_eq!(back.try_data(&store).unwrap().unwrap().downcast_ref::<i32>(), Some(&8));
}

/// References that a host function gets live until it returns.
#[test]
fn host_functions_have_a_scope() {
    use std::sync::Mutex;
    let engine = engine(true);
    let mut store = Store::new(&engine, ());
    let leaked: Arc<Mutex<Vec<Rooted<AnyRef>>>> = Arc::default();
    let mut linker = Linker::new(&engine);
    let list = leaked.clone();
    let ty = FuncType::new([ANY.into(), ValType::I32], [ANY.into()]);
    linker
        .func_new("host", "wrap", ty, move |mut caller, params, results| {
            let mut list = list.lock().unwrap();
            for &earlier in &*list {
                assert_eq!(refusal(earlier.is_struct(&caller)), Some(RefError::ScopeEnded));
            }
            let pre = StructRefPre::new(&mut caller, pair());
            let made = StructRef::new(&mut caller, &pre, &[params[1], params[0]])?;
            list.push(made.into());
            results[0] = made.into();
            Ok(())
        })
        .unwrap();
    let module = Module::new(
        &engine,
        r#"(module
            (type $pair (struct (field (mut i8)) (field (mut anyref))))
            (import "host" "wrap" (func $wrap (param anyref i32) (result anyref)))
            (func (export "run") (param i32) (result i32) (local anyref i32)
                (loop
                    (local.set 1 (call $wrap (local.get 1) (local.get 0)))
                    (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
                    (br_if 0 (local.get 0)))
                (loop
                    (local.set 2 (i32.add (local.get 2)
                        (struct.get_u $pair 0 (ref.cast (ref $pair) (local.get 1)))))
                    (local.set 1 (struct.get $pair 1 (ref.cast (ref $pair) (local.get 1))))
                    (br_if 0 (i32.eqz (ref.is_null (local.get 1)))))
                (local.get 2)))"#,
    )
    .unwrap();
    let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
    let run = instance.get_typed_func::<i32, i32>(&store, "run").unwrap();
    assert_eq!(run.call(&mut store, 100).unwrap(), 5050);
    assert_eq!(leaked.lock().unwrap().len(), 100);
}

#[test]
fn globals_and_tables_of_the_host_hold_references() {
    let mut store = Store::new(&engine(true), ());
    let (global, table) = {
        let mut scope = RootScope::new(&mut store);
        let pre = StructRefPre::new(&mut scope, pair());
        let make = |scope: &mut RootScope<&mut Store<()>>, number| {
            StructRef::new(scope, &pre, &[Val::I32(number), Val::default(ANY.into())]).unwrap()
        };
        let first = make(&mut scope, 1);
        let global = Global::new(&mut scope, first.into(), Mutability::Var);
        let table = Table::new(&mut scope, TableType::new(ANY, 2, None), Ref::null(ANY)).unwrap();
        let second = make(&mut scope, 2);
        table.grow(&mut scope, 3, second.into()).unwrap();
        let third = make(&mut scope, 3);
        table.fill(&mut scope, 0, third.into(), 1).unwrap();
        (global, table)
    };
    store.gc();
    let number =
        |store: &Store<()>, value: Val| any(value).unwrap_struct(store).unwrap().field(store, 0).unwrap().i32();
    let value = global.get(&store);
    assert_eq!(number(&store, value), Some(1));
    let value = |store: &Store<()>, index| Val::from(table.get(store, index).unwrap());
    assert_eq!(number(&store, value(&store, 4)), Some(2));
    assert_eq!(number(&store, value(&store, 0)), Some(3));
    assert!(table.get(&store, 1).unwrap().is_null());
    assert!(table.set(&mut store, 0, Ref::Func(Nullable::Null)).is_err());
}

#[test]
fn exceptions_are_references() {
    for stress in [false, true] {
        let mut store = Store::new(&engine(stress), ());
        let tag = Tag::new(&mut store, &TagType::new(FuncType::new([ValType::I64, ANY.into()], []))).unwrap();
        let mut linker = Linker::new(store.engine());
        linker.define("host", "tag", tag).unwrap();
        linker
            .func_wrap("host", "again", |mut caller: Caller<'_, ()>, exception: Rooted<ExnRef>| -> Result<(), Error> {
                exception.throw(&mut caller)
            })
            .unwrap();
        let module = Module::new(
            store.engine(),
            r#"(module
                (type $box (struct (field i32)))
                (import "host" "tag" (tag $tag (param i64 anyref)))
                (import "host" "again" (func $again (param (ref exn))))
                (func $throw (throw $tag (i64.const 5) (struct.new $box (i32.const 6))))
                (func $catch (export "catch") (result exnref)
                    (block $caught (result exnref)
                        (try_table (catch_all_ref $caught) (call $throw))
                        (ref.null exn)))
                (func (export "throw") (param exnref) (throw_ref (local.get 0)))
                (func (export "again") (result i32)
                    (block $caught (result i64 anyref)
                        (try_table (catch $tag $caught) (call $again (ref.as_non_null (call $catch))))
                        (return (i32.const 0)))
                    (return (struct.get $box 0 (ref.cast (ref $box))))))"#,
        )
        .unwrap();
        let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
        let catch = instance.get_typed_func::<(), Option<Rooted<ExnRef>>>(&store, "catch").unwrap();
        let exception = catch.call(&mut store, ()).unwrap().unwrap();
        store.gc();
        assert!(Tag::eq(&exception.tag(&store).unwrap(), &tag, &store));
        assert_eq!(exception.field(&store, 0).unwrap().i64(), Some(5));
        let values: Vec<Val> = exception.fields(&store).unwrap().collect();
        assert_eq!(any(values[1]).unwrap_struct(&store).unwrap().field(&store, 0).unwrap().i32(), Some(6));
        let throw = instance.get_typed_func::<Option<Rooted<ExnRef>>, ()>(&store, "throw").unwrap();
        assert!(throw.call(&mut store, Some(exception)).unwrap_err().thrown_exception().is_some());
        let pending = ExnRef::take_pending(&mut store).unwrap();
        assert!(Rooted::ref_eq(&store, &pending, &exception).unwrap());
        assert!(!store.has_pending_exception());
        assert_eq!(call(&mut store, instance, "again", &[]).unwrap().i32(), Some(6));
        // One of the host.
        let made = ExnRef::new(&mut store, &tag, &[Val::I64(-1), values[1]]).unwrap();
        let thrown = throw.call(&mut store, Some(made)).unwrap_err();
        assert_eq!(thrown.to_string(), "uncaught exception (i64 -1, anyref)");
        let caught = store.take_pending_exception().unwrap();
        assert_eq!(any(caught.values()[1]).unwrap_struct(&store).unwrap().field(&store, 0).unwrap().i32(), Some(6));
        assert!(ExnRef::new(&mut store, &tag, &[Val::I64(0), made.into()]).is_err(), "an exception is no anyref");
    }
}

#[test]
fn suspended_calls_carry_references() {
    let engine = engine(true);
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    let ty = FuncType::new([ANY.into()], [ANY.into()]);
    linker.func_new("host", "fail", ty, |_, _, _| Err(Error::new("not yet"))).unwrap();
    let module = Module::new(
        &engine,
        r#"(module
            (type $pair (struct (field (mut i8)) (field (mut anyref))))
            (import "host" "fail" (func $fail (param anyref) (result anyref)))
            (func (export "run") (param anyref) (result anyref)
                (struct.new $pair (i32.const 9) (call $fail (local.get 0)))))"#,
    )
    .unwrap();
    let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
    let run = instance.get_func(&store, "run").unwrap();
    let mut results = [Val::I32(0)];
    let ended = {
        let mut scope = RootScope::new(&mut store);
        let pre = StructRefPre::new(&mut scope, pair());
        StructRef::new(&mut scope, &pre, &[Val::I32(0), Val::default(ANY.into())]).unwrap()
    };
    let suspend = |store: &mut Store<()>, results: &mut [Val]| {
        let pre = StructRefPre::new(&mut *store, pair());
        let argument = StructRef::new(&mut *store, &pre, &[Val::I32(4), Val::default(ANY.into())]).unwrap();
        match run.call_resumable(store, &[argument.into()], results).unwrap() {
            ResumableCall::HostTrap(call) => (call, argument),
            other => panic!("{other:?}"),
        }
    };
    let (suspended, argument) = suspend(&mut store, &mut results);
    store.gc();
    assert_eq!(refusal(suspended.resume(&mut store, &[ended.into()], &mut results)), Some(RefError::ScopeEnded));
    let (suspended, other) = suspend(&mut store, &mut results);
    store.gc();
    let finished = suspended.resume(&mut store, &[argument.into()], &mut results).unwrap();
    assert!(matches!(finished, ResumableCall::Finished));
    let result = any(results[0]).unwrap_struct(&store).unwrap();
    assert_eq!(result.field(&store, 0).unwrap().i32(), Some(9));
    assert!(Rooted::ref_eq(&store, &any(result.field(&store, 1).unwrap()), &argument).unwrap());
    assert!(!Rooted::ref_eq(&store, &other, &argument).unwrap());
}

/// The limiter bounds what the host makes too.
#[test]
fn objects_of_the_host_are_limited() {
    use wasmote::StoreLimitsBuilder;
    let mut store = Store::new(&engine(false), StoreLimitsBuilder::new().gc_heap_size(1 << 16).build());
    store.limiter(|limits| limits);
    let mut scope = RootScope::new(&mut store);
    let pre = StructRefPre::new(&mut scope, pair());
    let mut made = 0;
    let error = loop {
        match StructRef::new(&mut scope, &pre, &[Val::I32(0), Val::default(ANY.into())]) {
            Ok(_) => made += 1,
            Err(error) => break error,
        }
        assert!(made < 1 << 16);
    };
    assert_eq!(error.as_trap_code(), Some(wasmote::TrapCode::GcHeapOutOfMemory));
    assert!(made > 1000, "{made}");
    let error = loop {
        if let Err(error) = ExternRef::new_rooted(&mut scope, ()) {
            break error;
        }
    };
    assert_eq!(error.as_trap_code(), Some(wasmote::TrapCode::GcHeapOutOfMemory));
    drop(scope);
    // All of them have gone with the scope.
    for _ in 0..10_000 {
        let mut scope = RootScope::new(&mut store);
        StructRef::new(&mut scope, &pre, &[Val::I32(0), Val::default(ANY.into())]).unwrap();
        ExternRef::new_rooted(&mut scope, ()).unwrap();
    }
}

#[test]
fn functions_of_the_host_return_wrong_references() {
    let mut store = Store::new(&engine(false), ());
    let mut other = Store::new(store.engine(), ());
    let foreign = ExternRef::new_rooted(&mut other, ()).unwrap();
    let func = Func::wrap(&mut store, move || Some(foreign));
    let result = func.typed::<(), Option<Rooted<ExternRef>>>(&store).unwrap().call(&mut store, ());
    assert_eq!(refusal(result), Some(RefError::OtherStore));
}
