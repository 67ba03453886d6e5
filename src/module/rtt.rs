//! Runtime types: what an object says of itself. Its first word is the address of one.

use alloc::{boxed::Box, vec::Vec};

use crate::types::{
    kinds::CompositeKind,
    object::{ARRAY_HEADER, EXCEPTION_HEADER, Placement, STRUCT_HEADER, bytes_log2, is_traced},
    repr::{ConcreteTypes, Ty},
};

/// The number of types on the way from the root that are found without a look elsewhere.
pub(crate) const DISPLAY: usize = 8;

/// Not the number of a type.
const NO_TYPE: u32 = u32::MAX;

/// The kinds of objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum ObjectKind {
    Struct,
    Array,
    Exception,
}

/// A field of an object, an element of an array, or an argument of an exception.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Field {
    /// Bytes from the start of the object; of an array, those of its first element.
    pub(crate) offset: u32,
    /// The type, in which concrete types are numbers of the engine.
    pub(crate) ty: Ty,
    /// Whether its values may refer to something that is collected.
    pub(crate) is_traced: bool,
}

/// What all objects of a type share: how they are laid out, and which types they have.
///
/// It has a stable address, and lives in the registry of the engine as long as something holds the type: a module, a
/// store, or the embedder.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Rtt {
    /// The numbers of the types from the root to this one, by their depth.
    pub(crate) display: [u32; DISPLAY],
    /// The number of the type in the engine. An exception has that of the function type of its tag.
    pub(crate) type_id: u32,
    /// The number of bytes with the header; of an array, those of the header.
    pub(crate) size: u32,
    pub(crate) kind: ObjectKind,
    /// The binary logarithm of the number of bytes of an element; 0 unless it is an array.
    pub(crate) element_log2: u8,
    /// Whether the elements of an array are traced.
    pub(crate) traces_elements: bool,
    /// Offsets of the traced fields of a struct or an exception.
    pub(crate) traced: Box<[u32]>,
    /// All fields in order; the element of an array.
    pub(crate) fields: Box<[Field]>,
    /// The numbers of the types that are too deep for the display, by depth.
    deeper: Box<[u32]>,
}

impl Rtt {
    /// Returns the runtime type of a type with these fields, or parameters, as words with numbers of the engine.
    /// `path` are the numbers of the types from the root to this one.
    pub(crate) fn new(
        kind: CompositeKind,
        words: impl Iterator<Item = Ty>,
        path: &[u32],
        types: &impl ConcreteTypes,
    ) -> Self {
        let (kind, header) = match kind {
            CompositeKind::Func => (ObjectKind::Exception, EXCEPTION_HEADER),
            CompositeKind::Struct => (ObjectKind::Struct, STRUCT_HEADER),
            CompositeKind::Array => (ObjectKind::Array, ARRAY_HEADER),
        };
        let mut placement = Placement::after(header);
        let fields: Vec<Field> =
            words.map(|ty| Field { offset: placement.place(ty), ty, is_traced: is_traced(ty, types) }).collect();
        let mut display = [NO_TYPE; DISPLAY];
        let near = path.len().min(DISPLAY);
        display[..near].copy_from_slice(&path[..near]);
        let mut rtt = Self {
            display,
            type_id: path.last().copied().unwrap_or(NO_TYPE),
            size: placement.size(),
            kind,
            element_log2: 0,
            traces_elements: false,
            traced: Box::default(),
            fields: fields.into(),
            deeper: path[near..].into(),
        };
        match (kind, rtt.fields.first()) {
            (ObjectKind::Array, Some(element)) => {
                rtt.size = ARRAY_HEADER;
                rtt.element_log2 = bytes_log2(element.ty);
                rtt.traces_elements = element.is_traced;
            }
            _ => rtt.traced = rtt.fields.iter().filter(|field| field.is_traced).map(|field| field.offset).collect(),
        }
        rtt
    }

    /// Returns whether objects of this type have the type with number `id`, which has `depth` supertypes.
    #[allow(dead_code, reason = "the operators that cast come next")]
    #[inline(always)]
    pub(crate) fn is_subtype(&self, id: u32, depth: u32) -> bool {
        match self.display.get(depth as usize) {
            Some(&found) => found == id,
            None => self.deeper.get(depth as usize - DISPLAY) == Some(&id),
        }
    }

    /// Returns the number of bytes of an object with `len` elements; nothing if it is more than any heap has.
    #[inline]
    pub(crate) fn object_size(&self, len: u32) -> Option<u32> {
        let size =
            u64::from(self.size) + (u64::from(len) << self.element_log2) * u64::from(self.kind == ObjectKind::Array);
        u32::try_from(size.next_multiple_of(8)).ok().filter(|&size| size <= i32::MAX.cast_unsigned())
    }
}

#[cfg(test)]
mod tests {
    use alloc::{sync::Arc, vec::Vec};

    use crate::{
        module::{group::GroupKey, registry::TypeRegistry},
        types::{kinds::CompositeKind, repr::Ty},
    };

    #[test]
    fn runtime_types_know_their_supertypes_and_fields() {
        let types = Arc::new(TypeRegistry::default());
        let mut chain: Vec<u32> = Vec::new();
        for depth in 0..20 {
            let mut key = GroupKey::default();
            let words = (0..=depth).map(|i| [Ty::EXTERNREF, Ty::I8, Ty::FUNCREF][i % 3].word());
            key.push(CompositeKind::Struct, false, chain.last().copied(), 0, words);
            types.register(key.group(), &mut chain).unwrap();
        }
        for (depth, &id) in chain.iter().enumerate() {
            let rtt = types.rtt(id);
            assert!(Arc::ptr_eq(&rtt, &types.rtt(id)));
            for (other, &above) in chain.iter().enumerate() {
                assert_eq!(rtt.is_subtype(above, other as u32), other <= depth, "{depth} {other}");
            }
            let [first, ..] = rtt.fields[..] else { panic!("a field") };
            assert_eq!((rtt.type_id, first.offset, rtt.traced[0]), (id, 8, 8));
            assert_eq!(rtt.traced.len(), depth / 3 + 1);
        }
    }
}
