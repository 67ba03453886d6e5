//! Modules around bodies: types, imports and index spaces, as bytes.

use wasmote::Proposal;

use crate::{
    oracle::Switches,
    random::{Random, unsigned},
};

pub(crate) const I32: u8 = 0x7f;
pub(crate) const I64: u8 = 0x7e;
pub(crate) const F32: u8 = 0x7d;
pub(crate) const F64: u8 = 0x7c;
pub(crate) const FUNC: u8 = 0x70;
pub(crate) const EXTERN: u8 = 0x6f;

/// Types that are no single byte have numbers of their own: references that are not null,
pub(crate) const FUNC_VALUE: u8 = 1;
pub(crate) const EXTERN_VALUE: u8 = 2;
/// references to functions of the type that is added, or null,
pub(crate) const CONCRETE: u8 = 0x20;
/// and without null.
pub(crate) const CONCRETE_VALUE: u8 = 0x30;
/// Types of functions with indices below this one are referred to.
pub(crate) const CONCRETE_TYPES: u8 = 4;

/// Whether variables of this type have a value from the start.
pub(crate) fn is_defaultable(ty: u8) -> bool {
    !matches!(ty, FUNC_VALUE | EXTERN_VALUE | CONCRETE_VALUE..0x40)
}

pub(crate) fn is_reference(ty: u8) -> bool {
    matches!(ty, FUNC | EXTERN | 0..0x40)
}

/// The same reference type without null.
pub(crate) fn without_null(ty: u8) -> u8 {
    match ty {
        FUNC => FUNC_VALUE,
        EXTERN => EXTERN_VALUE,
        CONCRETE..CONCRETE_VALUE => ty - CONCRETE + CONCRETE_VALUE,
        ty => ty,
    }
}

/// The same reference type with null.
pub(crate) fn with_null(ty: u8) -> u8 {
    match ty {
        FUNC_VALUE => FUNC,
        EXTERN_VALUE => EXTERN,
        CONCRETE_VALUE..0x40 => ty - CONCRETE_VALUE + CONCRETE,
        ty => ty,
    }
}

/// Whether each value of type `ty` is one of type `other`.
pub(crate) fn is_subtype(ty: u8, other: u8) -> bool {
    let nullable = is_defaultable(other) || !is_defaultable(ty);
    let (heap, other_heap) = (with_null(ty), with_null(other));
    ty == other
        || is_reference(ty)
            && is_reference(other)
            && nullable
            && (heap == other_heap || matches!(heap, CONCRETE..CONCRETE_VALUE) && other_heap == FUNC)
}

/// The byte of the heap type of a reference type.
pub(crate) fn heap(ty: u8) -> u8 {
    match with_null(ty) {
        ty @ CONCRETE..CONCRETE_VALUE => ty - CONCRETE,
        ty => ty,
    }
}

/// Appends a type.
pub(crate) fn value_type(out: &mut Vec<u8>, ty: u8) {
    match ty {
        FUNC_VALUE | EXTERN_VALUE | CONCRETE_VALUE..0x40 => out.extend([0x64, heap(ty)]),
        CONCRETE..CONCRETE_VALUE => out.extend([0x63, heap(ty)]),
        ty => out.push(ty),
    }
}

/// The index spaces that bodies refer to.
#[derive(Debug, Default)]
pub(crate) struct Env {
    pub(crate) types: Vec<(Vec<u8>, Vec<u8>)>,
    /// Type indices, imported functions first
    pub(crate) funcs: Vec<usize>,
    pub(crate) imported: usize,
    /// Type of elements, and whether indices have 64 bits
    pub(crate) tables: Vec<(u8, bool)>,
    /// Whether addresses have 64 bits
    pub(crate) memories: Vec<bool>,
    /// Type, and whether it is mutable
    pub(crate) globals: Vec<(u8, bool)>,
    pub(crate) elements: Vec<u8>,
    pub(crate) data: usize,
    pub(crate) data_count: bool,
    /// Functions that are exported, named by a global or by a segment
    pub(crate) declared: Vec<usize>,
}

/// The types of values.
pub(crate) fn value_types(switches: Switches) -> Vec<u8> {
    let mut types = vec![I32, I32, I64];
    if switches.has(Proposal::Floats) {
        types.extend([F32, F64]);
    }
    if switches.has(Proposal::ReferenceTypes) {
        types.extend([FUNC, EXTERN]);
        if switches.has(Proposal::FunctionReferences) {
            types.extend([FUNC_VALUE, EXTERN_VALUE]);
            for ty in 0..CONCRETE_TYPES {
                types.extend([CONCRETE + ty, CONCRETE_VALUE + ty]);
            }
        }
    }
    types
}

impl Env {
    /// Returns index spaces that need only these proposals.
    pub(crate) fn random(random: &mut Random, switches: Switches) -> Self {
        let all = value_types(switches);
        let has = |switch| switches.has(switch);
        let mut env = Self::default();
        let several = has(Proposal::MultiValue);
        env.types.push((vec![], vec![]));
        let least = if all.contains(&CONCRETE) { usize::from(CONCRETE_TYPES) - 1 } else { 0 };
        for index in 1..1 + least.max(random.below(7)) as u8 {
            // Types refer to earlier ones.
            let mut values = all.clone();
            values.retain(|ty| !matches!(ty, CONCRETE..0x40) || heap(*ty) < index);
            let params = (0..random.below(4)).map(|_| random.pick(&values)).collect();
            let results = (0..random.below(if several { 4 } else { 2 })).map(|_| random.pick(&values)).collect();
            env.types.push((params, results));
        }
        env.imported = random.below(3);
        env.funcs = (0..env.imported + 1 + random.below(3)).map(|_| random.below(env.types.len())).collect();
        let wide = |random: &mut Random| has(Proposal::Memory64) && random.once_in(3);
        let references = has(Proposal::ReferenceTypes);
        let mut elements = vec![FUNC, FUNC, EXTERN];
        elements.extend(all.iter().filter(|ty| matches!(**ty, CONCRETE..CONCRETE_VALUE)));
        let mut values = all;
        values.retain(|ty| is_defaultable(*ty));
        for _ in 0..random.below(if references { 4 } else { 2 }) {
            let element = if references { random.pick(&elements) } else { FUNC };
            env.tables.push((element, wide(random)));
        }
        for _ in 0..random.below(if has(Proposal::MultiMemory) { 4 } else { 2 }) {
            env.memories.push(wide(random));
        }
        env.globals = (0..random.below(6)).map(|_| (random.pick(&values), random.below(3) > 0)).collect();
        if has(Proposal::BulkMemory) {
            env.data = random.below(3);
            env.data_count = random.below(4) > 0;
            if references {
                env.elements = (0..random.below(4)).map(|_| random.pick(&elements)).collect();
            }
        }
        env.declared = (0..env.funcs.len()).filter(|_| random.below(2) == 0).collect();
        env
    }

    /// Encodes a module with these bodies, which begin with their locals.
    pub(crate) fn module(&self, bodies: &[Vec<u8>]) -> Vec<u8> {
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        let list = |out: &mut Vec<u8>, types: &[u8]| {
            unsigned(out, types.len() as u64, 0);
            types.iter().for_each(|ty| value_type(out, *ty));
        };
        section(&mut module, 1, self.types.len(), |out| {
            for (params, results) in &self.types {
                out.push(0x60);
                list(out, params);
                list(out, results);
            }
        });
        section(&mut module, 2, self.imported, |out| {
            for ty in &self.funcs[..self.imported] {
                out.extend([1, b'a', 1, b'b', 0, *ty as u8]);
            }
        });
        section(&mut module, 3, bodies.len(), |out| out.extend(self.funcs[self.imported..].iter().map(|ty| *ty as u8)));
        section(&mut module, 4, self.tables.len(), |out| {
            for (element, wide) in &self.tables {
                value_type(out, *element);
                out.extend([if *wide { 4 } else { 0 }, 1]);
            }
        });
        section(&mut module, 5, self.memories.len(), |out| {
            for wide in &self.memories {
                out.extend([if *wide { 4 } else { 0 }, 1]);
            }
        });
        section(&mut module, 6, self.globals.len(), |out| {
            for (ty, mutable) in &self.globals {
                value_type(out, *ty);
                out.push(u8::from(*mutable));
                match *ty {
                    I32 => out.extend([0x41, 1]),
                    I64 => out.extend([0x42, 1]),
                    F32 => out.extend([0x43, 0, 0, 0, 0]),
                    F64 => out.extend([0x44, 0, 0, 0, 0, 0, 0, 0, 0]),
                    reference => out.extend([0xd0, heap(reference)]),
                }
                out.push(0x0b);
            }
        });
        section(&mut module, 7, self.declared.len(), |out| {
            for func in &self.declared {
                out.extend([1, b'a' + *func as u8, 0, *func as u8]);
            }
        });
        section(&mut module, 9, self.elements.len(), |out| {
            for element in &self.elements {
                out.push(5);
                value_type(out, *element);
                out.extend([1, 0xd0, heap(*element), 0x0b]);
            }
        });
        section(&mut module, 12, usize::from(self.data_count), |out| {
            out[0] = self.data as u8;
        });
        section(&mut module, 10, bodies.len(), |out| {
            for body in bodies {
                unsigned(out, body.len() as u64, 0);
                out.extend(body);
            }
        });
        section(&mut module, 11, self.data, |out| {
            for _ in 0..self.data {
                out.extend([1, 1, b'x']);
            }
        });
        module
    }
}

/// Appends a section of `count` entries, unless `count` is 0.
fn section(module: &mut Vec<u8>, id: u8, count: usize, content: impl FnOnce(&mut Vec<u8>)) {
    if count > 0 {
        let mut bytes = vec![count as u8];
        content(&mut bytes);
        module.push(id);
        unsigned(module, bytes.len() as u64, 0);
        module.extend(bytes);
    }
}
