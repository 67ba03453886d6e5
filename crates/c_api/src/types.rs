//! Types as C sees them: of values and functions, of items that are imported and exported, and of imports and exports.

use std::ptr;

use wasmote::{
    ExternType, FuncType, GlobalType, HeapType, MemoryType, Module, Mutability, RefType, TableType, TagType, ValType,
};

use crate::vec::{CVec, Element, into_raw, take};

/// The numbers of the kinds of values: `wasm_valkind_t`.
pub(crate) mod kind {
    pub(crate) const I32: u8 = 0;
    pub(crate) const I64: u8 = 1;
    pub(crate) const F32: u8 = 2;
    pub(crate) const F64: u8 = 3;
    /// A vector. Not of the standard: only types have this kind, for no value has room for 16 bytes.
    pub(crate) const V128: u8 = 4;
    pub(crate) const EXTERNREF: u8 = 128;
    pub(crate) const FUNCREF: u8 = 129;
    /// A reference to anything else. Not of the standard.
    pub(crate) const OTHERREF: u8 = 130;
}

/// The numbers of the kinds of items: `wasm_externkind_t`.
pub(crate) mod externkind {
    pub(crate) const FUNC: u8 = 0;
    pub(crate) const GLOBAL: u8 = 1;
    pub(crate) const TABLE: u8 = 2;
    pub(crate) const MEMORY: u8 = 3;
    /// A tag of exceptions. Not of the standard.
    pub(crate) const TAG: u8 = 4;
}

/// Defines `delete` and the functions of vectors of a type.
macro_rules! type_functions {
    ($name:ident, $ty:ty) => {
        pastey::paste! {
            #[unsafe(no_mangle)]
            unsafe extern "C" fn [<wasm_ $name _delete>](value: *mut $ty) {
                // SAFETY: C2.
                unsafe { $crate::vec::delete(value) };
            }

            #[unsafe(no_mangle)]
            unsafe extern "C" fn [<wasm_ $name _copy>](value: *const $ty) -> *mut $ty {
                // SAFETY: C1.
                unsafe { value.cast_mut().copy() }
            }
        }
        vec_functions! { $name, *mut $ty }
    };
}

/// `wasm_valtype_t`
#[derive(Clone, Copy)]
pub(crate) struct CValType(pub(crate) ValType);

impl CValType {
    pub(crate) fn kind(self) -> u8 {
        kind_of(self.0)
    }
}

/// Returns the number of the kind of values of a type.
pub(crate) fn kind_of(ty: ValType) -> u8 {
    match ty {
        ValType::I32 => kind::I32,
        ValType::I64 => kind::I64,
        ValType::F32 => kind::F32,
        ValType::F64 => kind::F64,
        ValType::V128 => kind::V128,
        reference => match reference.as_ref() {
            Some(ty) if is_func(ty) => kind::FUNCREF,
            Some(ty) if is_extern(ty) => kind::EXTERNREF,
            _ => kind::OTHERREF,
        },
    }
}

/// Whether references of a type refer to functions.
pub(crate) fn is_func(ty: RefType) -> bool {
    matches!(ty.heap_type(), HeapType::Func | HeapType::ConcreteFunc(_) | HeapType::NoFunc)
}

/// Whether references of a type are `externref`s.
pub(crate) fn is_extern(ty: RefType) -> bool {
    matches!(ty.heap_type(), HeapType::Extern | HeapType::NoExtern)
}

type_functions! { valtype, CValType }

#[unsafe(no_mangle)]
extern "C" fn wasm_valtype_new(kind: u8) -> *mut CValType {
    let ty = match kind {
        kind::I32 => ValType::I32,
        kind::I64 => ValType::I64,
        kind::F32 => ValType::F32,
        kind::F64 => ValType::F64,
        kind::V128 => ValType::V128,
        kind::EXTERNREF => ValType::ExternRef,
        kind::FUNCREF => ValType::FuncRef,
        _ => return ptr::null_mut(),
    };
    into_raw(CValType(ty))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_valtype_kind(ty: *const CValType) -> u8 {
    // SAFETY: C1.
    unsafe { *ty }.kind()
}

/// Limits of a table or of a memory: `wasm_limits_t`
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) min: u32,
    pub(crate) max: u32,
}

impl Limits {
    /// The maximum of what has none.
    const NO_MAX: u32 = u32::MAX;

    fn new(min: u64, max: Option<u64>) -> Self {
        let number = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
        Self { min: number(min), max: max.map_or(Self::NO_MAX, number) }
    }

    /// Whether a type can have them.
    pub(crate) fn are_valid(self) -> bool {
        self.min <= self.max
    }

    pub(crate) fn maximum(self) -> Option<u32> {
        (self.max != Self::NO_MAX).then_some(self.max)
    }
}

/// `wasm_externtype_t`, and with it the types of functions, globals, tables and memories: a pointer to one of these is a
/// pointer to this.
pub(crate) enum CExternType {
    Func { params: CVec<*mut CValType>, results: CVec<*mut CValType>, ty: FuncType },
    Global { content: CValType, ty: GlobalType },
    Table { element: CValType, limits: Limits, ty: TableType },
    Memory { limits: Limits, ty: MemoryType },
    Tag(TagType),
}

impl Drop for CExternType {
    fn drop(&mut self) {
        if let Self::Func { params, results, .. } = self {
            // SAFETY: C1, C2: the type owns both vectors, which only `CExternType::func` makes.
            unsafe {
                params.delete();
                results.delete();
            }
        }
    }
}

impl Clone for CExternType {
    fn clone(&self) -> Self {
        match self {
            Self::Func { ty, .. } => Self::func(ty.clone()),
            Self::Global { content, ty } => Self::Global { content: *content, ty: *ty },
            Self::Table { element, limits, ty } => Self::Table { element: *element, limits: *limits, ty: *ty },
            Self::Memory { limits, ty } => Self::Memory { limits: *limits, ty: *ty },
            Self::Tag(ty) => Self::Tag(ty.clone()),
        }
    }
}

impl CExternType {
    pub(crate) fn func(ty: FuncType) -> Self {
        let vec = |types: &[ValType]| CVec::new(types.iter().map(|&ty| into_raw(CValType(ty))).collect());
        Self::Func { params: vec(ty.params()), results: vec(ty.results()), ty }
    }

    pub(crate) fn global(ty: GlobalType) -> Self {
        Self::Global { content: CValType(ty.content()), ty }
    }

    pub(crate) fn table(ty: TableType) -> Self {
        let limits = Limits::new(ty.minimum(), ty.maximum());
        Self::Table { element: CValType(ty.element().into()), limits, ty }
    }

    pub(crate) fn memory(ty: MemoryType) -> Self {
        Self::Memory { limits: Limits::new(ty.minimum(), ty.maximum()), ty }
    }

    fn kind(&self) -> u8 {
        match self {
            Self::Func { .. } => externkind::FUNC,
            Self::Global { .. } => externkind::GLOBAL,
            Self::Table { .. } => externkind::TABLE,
            Self::Memory { .. } => externkind::MEMORY,
            Self::Tag(_) => externkind::TAG,
        }
    }
}

impl From<ExternType> for CExternType {
    fn from(ty: ExternType) -> Self {
        match ty {
            ExternType::Func(ty) => Self::func(ty),
            ExternType::Global(ty) => Self::global(ty),
            ExternType::Table(ty) => Self::table(ty),
            ExternType::Memory(ty) => Self::memory(ty),
            ExternType::Tag(ty) => Self::Tag(ty),
            other => unreachable!("an item of a new kind: {other}"),
        }
    }
}

type_functions! { externtype, CExternType }

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_externtype_kind(ty: *const CExternType) -> u8 {
    // SAFETY: C1.
    unsafe { &*ty }.kind()
}

/// Defines the functions of a kind of types, and its conversions from and to `wasm_externtype_t`.
macro_rules! externtype_functions {
    ($name:ident, $kind:ident) => {
        type_functions! { $name, CExternType }
        pastey::paste! {
            #[unsafe(no_mangle)]
            extern "C" fn [<wasm_ $name _as_externtype>](ty: *mut CExternType) -> *mut CExternType {
                ty
            }

            #[unsafe(no_mangle)]
            extern "C" fn [<wasm_ $name _as_externtype_const>](ty: *const CExternType) -> *const CExternType {
                ty
            }

            #[unsafe(no_mangle)]
            unsafe extern "C" fn [<wasm_externtype_as_ $name>](ty: *mut CExternType) -> *mut CExternType {
                // SAFETY: C1.
                unsafe { [<wasm_externtype_as_ $name _const>](ty) }.cast_mut()
            }

            #[unsafe(no_mangle)]
            unsafe extern "C" fn [<wasm_externtype_as_ $name _const>](ty: *const CExternType) -> *const CExternType {
                // SAFETY: C1.
                if unsafe { &*ty }.kind() == externkind::$kind { ty } else { ptr::null() }
            }
        }
    };
}

externtype_functions! { functype, FUNC }
externtype_functions! { globaltype, GLOBAL }
externtype_functions! { tabletype, TABLE }
externtype_functions! { memorytype, MEMORY }

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_functype_new(
    params: *mut CVec<*mut CValType>,
    results: *mut CVec<*mut CValType>,
) -> *mut CExternType {
    let types = |vec: *mut CVec<*mut CValType>| -> Vec<ValType> {
        // SAFETY: C1, C2. A vector without address is an empty one.
        let elements = unsafe { vec.as_mut().map(|vec| vec.take()) }.unwrap_or_default();
        // SAFETY: C2: the vector owned its elements.
        elements.iter().filter_map(|&ty| unsafe { take(ty) }).map(|ty| ty.0).collect()
    };
    into_raw(CExternType::func(FuncType::new(types(params), types(results))))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_functype_params(ty: *const CExternType) -> *const CVec<*mut CValType> {
    // SAFETY: C1.
    if let CExternType::Func { params, .. } = unsafe { &*ty } { params } else { ptr::null() }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_functype_results(ty: *const CExternType) -> *const CVec<*mut CValType> {
    // SAFETY: C1.
    if let CExternType::Func { results, .. } = unsafe { &*ty } { results } else { ptr::null() }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_globaltype_new(content: *mut CValType, mutability: u8) -> *mut CExternType {
    // SAFETY: C2.
    let Some(content) = (unsafe { take(content) }) else { return ptr::null_mut() };
    let mutability = if mutability == 0 { Mutability::Const } else { Mutability::Var };
    into_raw(CExternType::global(GlobalType::new(content.0, mutability)))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_globaltype_content(ty: *const CExternType) -> *const CValType {
    // SAFETY: C1.
    if let CExternType::Global { content, .. } = unsafe { &*ty } { content } else { ptr::null() }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_globaltype_mutability(ty: *const CExternType) -> u8 {
    // SAFETY: C1.
    let CExternType::Global { ty, .. } = (unsafe { &*ty }) else { return 0 };
    u8::from(ty.mutability().is_mut())
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_tabletype_new(element: *mut CValType, limits: *const Limits) -> *mut CExternType {
    // SAFETY: C2.
    let Some(element) = (unsafe { take(element) }) else { return ptr::null_mut() };
    // SAFETY: C1.
    let limits = unsafe { *limits };
    match element.0.as_ref() {
        Some(element) if limits.are_valid() => {
            into_raw(CExternType::table(TableType::new(element, limits.min, limits.maximum())))
        }
        _ => ptr::null_mut(),
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_tabletype_element(ty: *const CExternType) -> *const CValType {
    // SAFETY: C1.
    if let CExternType::Table { element, .. } = unsafe { &*ty } { element } else { ptr::null() }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_tabletype_limits(ty: *const CExternType) -> *const Limits {
    // SAFETY: C1.
    if let CExternType::Table { limits, .. } = unsafe { &*ty } { limits } else { ptr::null() }
}

/// The most pages of a memory with 32-bit addresses.
const MAX_PAGES: u32 = 1 << 16;

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_memorytype_new(limits: *const Limits) -> *mut CExternType {
    // SAFETY: C1.
    let limits = unsafe { *limits };
    let max = limits.maximum();
    if !limits.are_valid() || limits.min > MAX_PAGES || max.is_some_and(|max| max > MAX_PAGES) {
        return ptr::null_mut();
    }
    into_raw(CExternType::memory(MemoryType::new(limits.min, max)))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_memorytype_limits(ty: *const CExternType) -> *const Limits {
    // SAFETY: C1.
    if let CExternType::Memory { limits, .. } = unsafe { &*ty } { limits } else { ptr::null() }
}

/// A name that a type owns: `wasm_name_t`
#[repr(transparent)]
struct Name(CVec<u8>);

impl Name {
    fn new(name: &str) -> Self {
        Self(CVec::new(name.as_bytes().to_vec()))
    }
}

impl Clone for Name {
    fn clone(&self) -> Self {
        // SAFETY: C1: the name owns its bytes.
        Self(unsafe { self.0.copy() })
    }
}

impl Drop for Name {
    fn drop(&mut self) {
        // SAFETY: C1, C2: the name owns its bytes.
        unsafe { self.0.delete() };
    }
}

/// Takes a name that C gives.
///
/// # Safety
///
/// C1, C2.
unsafe fn take_name(name: *mut CVec<u8>) -> Name {
    // SAFETY: C1, C2.
    Name(CVec::new(unsafe { name.as_mut().map(|name| name.take()) }.unwrap_or_default().into_vec()))
}

/// `wasm_importtype_t`
#[derive(Clone)]
pub(crate) struct CImportType {
    module: Name,
    name: Name,
    ty: Box<CExternType>,
}

type_functions! { importtype, CImportType }

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_importtype_new(
    module: *mut CVec<u8>,
    name: *mut CVec<u8>,
    ty: *mut CExternType,
) -> *mut CImportType {
    // SAFETY: C1, C2.
    let (module, name, ty) = unsafe { (take_name(module), take_name(name), take(ty)) };
    let Some(ty) = ty else { return ptr::null_mut() };
    into_raw(CImportType { module, name, ty })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_importtype_module(ty: *const CImportType) -> *const CVec<u8> {
    // SAFETY: C1.
    unsafe { &raw const (*ty).module.0 }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_importtype_name(ty: *const CImportType) -> *const CVec<u8> {
    // SAFETY: C1.
    unsafe { &raw const (*ty).name.0 }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_importtype_type(ty: *const CImportType) -> *const CExternType {
    // SAFETY: C1.
    unsafe { &raw const *(*ty).ty }
}

/// `wasm_exporttype_t`
#[derive(Clone)]
pub(crate) struct CExportType {
    name: Name,
    ty: Box<CExternType>,
}

type_functions! { exporttype, CExportType }

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_exporttype_new(name: *mut CVec<u8>, ty: *mut CExternType) -> *mut CExportType {
    // SAFETY: C1, C2.
    let (name, ty) = unsafe { (take_name(name), take(ty)) };
    let Some(ty) = ty else { return ptr::null_mut() };
    into_raw(CExportType { name, ty })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_exporttype_name(ty: *const CExportType) -> *const CVec<u8> {
    // SAFETY: C1.
    unsafe { &raw const (*ty).name.0 }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_exporttype_type(ty: *const CExportType) -> *const CExternType {
    // SAFETY: C1.
    unsafe { &raw const *(*ty).ty }
}

/// Returns the imports of a module.
pub(crate) fn imports(module: &Module) -> Vec<*mut CImportType> {
    let import = |import: wasmote::ImportType<'_>| {
        let (module, name) = (Name::new(import.module()), Name::new(import.name()));
        into_raw(CImportType { module, name, ty: Box::new(import.ty().clone().into()) })
    };
    module.imports().map(import).collect()
}

/// Returns the exports of a module.
pub(crate) fn exports(module: &Module) -> Vec<*mut CExportType> {
    let export = |export: wasmote::ExportType<'_>| {
        into_raw(CExportType { name: Name::new(export.name()), ty: Box::new(export.ty().clone().into()) })
    };
    module.exports().map(export).collect()
}
