//! Objects as the host accesses them, through handles.

use alloc::{boxed::Box, sync::Arc};
use core::{any::Any, ptr::NonNull};

use crate::{
    error::kinds::{LimitsError, RefError},
    module::rtt::{Field, ObjectKind, Rtt},
    runtime::{
        global::ValueCells,
        heap::{
            object::{Object, put_elements, put_field},
            roots::{Owned, Root, Told},
        },
        instances::{Instances, new_id},
    },
    trap::TrapCode,
    types::{
        HeapType, RefType,
        kinds::CompositeKind,
        layout::{extern_cell, extern_of_cell},
        object::{ARRAY_HEADER, bytes_log2},
        repr::Ty,
    },
};

/// What a reference of the hierarchy `any` or `exn`, or of `extern` that was converted, refers to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Referent<'a> {
    /// The cell of an i31
    I31(u64),
    /// A value of the host
    Host,
    Object(ObjectRef<'a>),
}

/// An object of a store, which is borrowed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ObjectRef<'a> {
    pub(super) object: NonNull<Object>,
    rtt: &'a Rtt,
}

impl ObjectRef<'_> {
    /// Its kind.
    pub(crate) fn kind(self) -> ObjectKind {
        self.rtt.kind
    }

    /// The number of its type in the engine.
    pub(crate) fn type_id(self) -> u32 {
        self.rtt.type_id
    }

    /// The number of fields, of elements, or of arguments of an exception.
    pub(crate) fn len(self) -> usize {
        match self.rtt.kind {
            // SAFETY: I14: it is an array.
            ObjectKind::Array => unsafe { Object::len(self.object) as usize },
            _ => self.rtt.fields.len(),
        }
    }

    /// The cells of a field, of an element or of an argument, and its type; packed integers are zero-extended.
    pub(crate) fn get(self, index: usize) -> Option<(ValueCells, Ty)> {
        let (offset, field) = place(self.object, self.rtt, index)?;
        // SAFETY: I14: the object has the field. I8: the store is borrowed, so nobody writes it.
        let cells = unsafe {
            match bytes_log2(field.ty) {
                0 => [Object::field::<u8>(self.object, offset).read().into(), 0],
                1 => [Object::field::<u16>(self.object, offset).read().into(), 0],
                2 => [Object::field::<u32>(self.object, offset).read().into(), 0],
                3 => [Object::field::<u64>(self.object, offset).read(), 0],
                _ => Object::field::<[u64; 2]>(self.object, offset).read(),
            }
        };
        Some((cells, reading_type(field)))
    }
}

/// Where a field or an element is, and its type.
fn place(object: NonNull<Object>, rtt: &Rtt, index: usize) -> Option<(u32, &Field)> {
    if rtt.kind != ObjectKind::Array {
        let field = rtt.fields.get(index)?;
        return Some((field.offset, field));
    }
    // SAFETY: I14: it is an array.
    let len = unsafe { Object::len(object) };
    let index = u32::try_from(index).ok().filter(|&index| index < len)?;
    // An array has less than 2^31 bytes.
    Some((ARRAY_HEADER + (index << rtt.element_log2), rtt.fields.first()?))
}

/// The type that a value of a field is read as: of references, the hierarchy is enough.
fn reading_type(field: &Field) -> Ty {
    match field.ty.concrete_number() {
        Some(_) if field.is_traced => Ty::ANYREF,
        Some(_) => Ty::FUNCREF,
        None => field.ty.unpacked(),
    }
}

/// What an object is to be made of.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Parts<'a> {
    /// The cells of the fields of a struct, or of the elements of an array
    Each(&'a [u64]),
    /// The cells of the value of all elements, and their number
    Same(ValueCells, u32),
}

impl Instances {
    /// A handle of the reference in a cell. It is not null, and not one to a function.
    #[inline]
    pub(crate) fn root(&self, cell: u64) -> Root {
        if cell & 1 != 0 { Root::immediate(cell as u32) } else { self.roots.push(cell) }
    }

    /// The cell of the reference of a handle.
    ///
    /// # Errors
    ///
    /// If the handle belongs to another store, or its scope has ended.
    pub(crate) fn root_cell(&self, root: Root) -> Result<u64, RefError> {
        match root.told() {
            Told::Entry => self.roots.cell(root, self.id()),
            Told::Pinned { store, number } if store == self.id() => Ok(extern_cell(number)),
            Told::Pinned { .. } => Err(RefError::OtherStore),
            Told::Immediate(cell) => Ok(cell),
        }
    }

    /// A reference that lives as long as it is held, beside those of the store.
    ///
    /// # Errors
    ///
    /// Those of `root_cell`.
    pub(crate) fn own(&mut self, root: Root) -> Result<Arc<Owned>, RefError> {
        let cell = self.root_cell(root)?;
        let id = self.id();
        Ok(self.roots.own(cell, id))
    }

    /// A handle of a reference that is held.
    ///
    /// # Errors
    ///
    /// If it belongs to another store.
    pub(crate) fn root_of(&self, owned: &Owned) -> Result<Root, RefError> {
        Ok(self.root(owned.cell(self.id())?))
    }

    /// What a handle refers to.
    ///
    /// # Errors
    ///
    /// Those of `root_cell`.
    pub(crate) fn referent(&self, root: Root) -> Result<Referent<'_>, RefError> {
        let cell = self.root_cell(root)?;
        Ok(match (Object::of_cell(cell), extern_of_cell(cell)) {
            (Some(object), _) => {
                // SAFETY: I5, I14: handles refer to what code or the host had as references, which a collection keeps.
                let rtt = unsafe { Object::rtt(object) };
                Referent::Object(ObjectRef { object, rtt })
            }
            (None, Some(_)) => Referent::Host,
            (None, None) => Referent::I31(cell),
        })
    }

    /// The object that a handle refers to, if it refers to one.
    ///
    /// # Errors
    ///
    /// Those of `root_cell`.
    pub(crate) fn object(&self, root: Root) -> Result<Option<ObjectRef<'_>>, RefError> {
        let referent = self.referent(root)?;
        Ok(if let Referent::Object(object) = referent { Some(object) } else { None })
    }

    /// The type of what a handle of the hierarchies `any` and `exn` refers to.
    ///
    /// # Errors
    ///
    /// Those of `root_cell`.
    pub(crate) fn heap_type(&self, root: Root) -> Result<HeapType, RefError> {
        Ok(match self.referent(root)? {
            Referent::I31(_) => HeapType::I31,
            Referent::Host => HeapType::Any,
            Referent::Object(object) => {
                let kind = match object.kind() {
                    ObjectKind::Struct => CompositeKind::Struct,
                    ObjectKind::Array => CompositeKind::Array,
                    ObjectKind::Exception => return Ok(HeapType::Exn),
                };
                RefType::to_concrete(kind, object.type_id(), false).heap_type()
            }
        })
    }

    /// Writes a field or an element, if there is one at `index`.
    ///
    /// The cells are of a value of its type.
    ///
    /// # Errors
    ///
    /// Those of `root_cell`.
    pub(crate) fn set_part(&mut self, root: Root, index: usize, cells: ValueCells) -> Result<Option<()>, RefError> {
        let Some(ObjectRef { object, rtt }) = self.object(root)? else { return Ok(None) };
        let Some((offset, field)) = place(object, rtt, index) else { return Ok(None) };
        let field = Field { offset, ..*field };
        // SAFETY: I14: the object has the field. I5: the caller has checked the type. I8: the store is borrowed mutably.
        unsafe { put_field(object, &field, cells.as_ptr()) };
        Ok(Some(()))
    }

    /// Holds the type of an object that the host makes, which has another holder, as long as the store lives.
    pub(crate) fn hold_object_type(&mut self, id: u32) {
        if let Err(place) = self.object_types.binary_search(&id) {
            self.types.hold([id]);
            self.object_types.insert(place, id);
        }
    }

    /// Makes an object, for which there is room. Returns its handle.
    ///
    /// The store holds its type, and the cells are of values of the types of its fields or elements.
    ///
    /// # Errors
    ///
    /// If there is not enough memory.
    pub(crate) fn make_object(&mut self, rtt: &Arc<Rtt>, parts: Parts<'_>) -> Result<Root, TrapCode> {
        assert!(self.object_types.binary_search(&rtt.type_id).is_ok(), "the store holds the type");
        let (cells, len, each) = match &parts {
            Parts::Each(cells) => (*cells, (cells.len() >> u8::from(rtt.element_log2 == 4)) as u32, true),
            Parts::Same(cells, len) => (&cells[..], *len, false),
        };
        let address = NonNull::from(&**rtt);
        // SAFETY: I14: the store holds the type. I5: the caller has checked the types of the values.
        unsafe {
            let object = self.heap.allocate(address, len).ok_or(TrapCode::OutOfSystemMemory)?;
            if rtt.kind == ObjectKind::Array {
                put_elements(Object::field(object, ARRAY_HEADER), rtt, len, cells.as_ptr(), each);
            } else {
                let mut value = cells.as_ptr();
                for field in &rtt.fields {
                    value = put_field(object, field, value);
                }
            }
            Ok(self.root(Object::cell(object)))
        }
    }

    /// Adds a value of the host that is collected, for which there is room. Returns its handle.
    ///
    /// # Errors
    ///
    /// If there are too many, or there is not enough memory.
    pub(crate) fn push_collected(&mut self, value: Box<dyn Any + Send + Sync>) -> Result<Root, LimitsError> {
        let number = self.heap.push_extern(value)?;
        Ok(self.root(extern_cell(number)))
    }

    /// The number of entries of handles, with which a scope begins.
    #[inline]
    pub(crate) fn begin_scope(&mut self) -> usize {
        self.roots.begin_scope()
    }

    /// Ends the scope that began with `scope`: its handles refer to nothing any more.
    #[inline]
    pub(crate) fn end_scope(&mut self, scope: usize) {
        self.roots.end_scope(scope, new_id);
    }
}
