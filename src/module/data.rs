//! A decoded module.

use alloc::{boxed::Box, string::String, vec::Vec};
use core::{hash::BuildHasher, ops::Range};

#[cfg(heap)]
use crate::module::safepoints::Safepoints;
#[cfg(feature = "exceptions")]
use crate::types::TagType;
use crate::{
    collections::{DefaultHashBuilder, Entry, HashTable},
    config::fuel::CELL_BYTES,
    error::{
        Error,
        memory::{Reserve, vec_or_fail},
    },
    module::{
        bytes::ModuleBytes,
        const_expr::{ConstExpr, ConstOp},
        env::ModuleHeader,
        positions::Positions,
        segment::{DataMode, DataSegment, ElementSegment, Elements},
    },
    trap::TrapCode,
    types::ExternType,
};

/// A name of a module's import or export.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Name {
    start: u32,
    len: u32,
}

/// Names of imports and exports, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Names {
    text: String,
}

impl Names {
    fn push(&mut self, name: &str) -> Name {
        let start = self.text.len() as u32;
        self.text.push_str(name);
        Name { start, len: name.len() as u32 }
    }

    /// The text of a name.
    pub(crate) fn get(&self, name: Name) -> &str {
        &self.text[name.start as usize..][..name.len as usize]
    }
}

/// Something a module imports.
#[derive(Debug, Clone)]
pub(crate) struct Import {
    pub(crate) module: Name,
    pub(crate) name: Name,
    pub(crate) ty: ExternType,
}

/// Reads an unsigned number of 32 bits (spec, Binary Format > Values > Integers).
fn unsigned(bytes: &mut &[u8]) -> Option<u32> {
    let mut value = 0;
    for shift in [0, 7, 14, 21, 28] {
        let byte = *bytes.split_off_first()?;
        value |= u32::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// Something in one of a module's index spaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExternIndex {
    Func(u32),
    Table(u32),
    Memory(u32),
    Global(u32),
    #[cfg(feature = "exceptions")]
    Tag(u32),
}

/// Something a module exports.
#[derive(Debug, Clone)]
pub(crate) struct Export {
    pub(crate) name: Name,
    pub(crate) index: ExternIndex,
}

/// A custom section; its bytes are those of the module.
#[derive(Debug, Clone)]
pub(crate) struct Custom {
    pub(crate) name: Box<str>,
    pub(crate) bytes: Range<usize>,
}

/// The index of a function and its name, if it has one.
pub(crate) type FuncName = (u32, Option<Box<str>>);

/// Appends the code of a function, by its index among those that the module defines, to a list. Returns the unit where the
/// function is entered, and its safepoints.
#[cfg(heap)]
pub(crate) type FindSafepoints = fn(&ModuleData, u32, &mut Vec<u16>) -> Result<(usize, Safepoints), Error>;

/// Appends the code of a function to a list, as [`FindSafepoints`] does. Notes which operators it comes from instead.
pub(crate) type FindPositions = fn(&ModuleData, u32, &mut Positions, &mut Vec<u16>) -> Result<usize, Error>;

/// A decoded module.
#[derive(Debug, Default)]
pub(crate) struct ModuleData {
    /// The bytes that ranges refer to.
    pub(crate) bytes: ModuleBytes,
    pub(crate) header: ModuleHeader,
    pub(crate) names: Names,
    pub(crate) imports: Vec<Import>,
    pub(crate) exports: Vec<Export>,
    /// Positions in `exports`, by the hashes of their names.
    by_name: HashTable<u32>,
    hasher: DefaultHashBuilder,
    pub(crate) start: Option<u32>,
    /// Initial values of the globals the module defines.
    pub(crate) global_inits: Vec<ConstExpr>,
    /// Initial elements of tables the module defines that are not null, with the tables' indices, in order.
    pub(crate) table_inits: Vec<(u32, ConstExpr)>,
    pub(crate) elements: Vec<ElementSegment>,
    pub(crate) data: Vec<DataSegment>,
    /// Memories and offsets of data segments that are not constant.
    pub(crate) data_places: Vec<(u32, ConstExpr)>,
    /// Functions the module defines that something outside of bodies names, in order. No others
    /// can be referred to (spec, Validation > Modules: `refs`), so only these need be made things
    /// of a store.
    pub(crate) referable: Vec<u32>,
    /// The number of bytes of the bodies of all functions that the module defines.
    pub(crate) body_bytes: u64,
    /// Bodies of the functions the module defines, if they are still needed.
    pub(crate) bodies: Vec<Range<u32>>,
    pub(crate) customs: Vec<Custom>,
    /// The names of functions, if this was an artefact.
    pub(crate) func_names: Range<usize>,
    /// Translates a function again and finds its safepoints, whose places are units in the code.
    #[cfg(heap)]
    pub(crate) find_safepoints: Option<FindSafepoints>,
    /// Translates a function again and finds which operators its code comes from.
    pub(crate) find_positions: Option<FindPositions>,
    /// Where the contents of the code section begin, in bytes from the beginning of the module.
    pub(crate) code_start: u32,
    /// Fills in names of functions.
    pub(crate) find_func_names: Option<fn(&Self, &mut [FuncName])>,
}

impl ModuleData {
    /// Whether a constant expression makes an object.
    #[cfg(any(feature = "serialize", feature = "gc"))]
    pub(crate) fn constants_make_objects(&self) -> bool {
        let tables = self.table_inits.iter().map(|(_, init)| init);
        let elements = self.elements.iter().flat_map(|segment| match &segment.elements {
            Elements::Exprs(exprs) => &**exprs,
            Elements::Funcs(_) => &[],
        });
        self.global_inits.iter().chain(tables).chain(elements).any(ConstExpr::makes_objects)
    }

    /// Returns the number of bytes that instantiation works on.
    pub(crate) fn instance_bytes(&self) -> u64 {
        let header = &self.header;
        let memories = header.memories[header.imported_memories as usize..]
            .iter()
            .map(|memory| memory.minimum().saturating_mul(1 << memory.page_size_log2()));
        let cells = header.tables[header.imported_tables as usize..].iter().map(|table| table.ty.minimum());
        let cells = cells.chain(self.elements.iter().map(|segment| segment.elements.len() as u64));
        let spaces = [header.funcs.len(), header.tables.len(), header.memories.len(), header.globals.len()];
        let segments = [self.elements.len(), self.data.len()];
        let cells = cells.chain(spaces.into_iter().chain(segments).map(|count| count as u64));
        let data = self.data.iter().filter(|segment| !matches!(segment.mode, DataMode::Passive));
        let data = data.map(|segment| u64::from(segment.len));
        memories.chain(data).chain(cells.map(|cells| cells.saturating_mul(CELL_BYTES))).fold(0, u64::saturating_add)
    }

    /// Returns the fuel that instantiation takes.
    pub(crate) fn instance_fuel(&self) -> u64 {
        match &self.header.fuel {
            Some(metering) if metering.rules.instantiation => metering.bytes(self.instance_bytes()),
            _ => 0,
        }
    }

    /// Returns the name of the module in its name section (spec, Appendix > Custom Sections > Name Section), if it has one.
    pub(crate) fn module_name(&self) -> Option<Box<str>> {
        let custom = self.customs.iter().find(|custom| &*custom.name == "name")?;
        let mut rest = &self.bytes[custom.bytes.clone()];
        // The subsection comes first: a number, its length, and the name with its length.
        if *rest.split_off_first()? != 0 {
            return None;
        }
        unsigned(&mut rest)?;
        let len = unsigned(&mut rest)?;
        core::str::from_utf8(rest.get(..len as usize)?).ok().map(Box::from)
    }

    /// The type of something in an index space.
    pub(crate) fn extern_type(&self, index: ExternIndex) -> ExternType {
        let header = &self.header;
        match index {
            ExternIndex::Func(index) => header.types.func_type(header.funcs[index as usize]).into(),
            ExternIndex::Table(index) => header.table(index).ty.into(),
            ExternIndex::Memory(index) => (*header.memory(index)).into(),
            ExternIndex::Global(index) => header.types.global_type(*header.global(index)).into(),
            #[cfg(feature = "exceptions")]
            ExternIndex::Tag(index) => TagType::new(header.types.func_type(header.tags[index as usize])).into(),
        }
    }

    /// Fills in the names of functions, which are in ascending order: that of the name section, or else one that it is
    /// exported by.
    pub(crate) fn name_funcs(&self, funcs: &mut [FuncName]) {
        if let Some(find) = self.find_func_names {
            find(self, funcs);
        }
        for (func, name) in funcs.iter_mut().filter(|(_, name)| name.is_none()) {
            let export = self.exports.iter().find(|export| export.index == ExternIndex::Func(*func));
            *name = export.map(|export| self.names.get(export.name).into());
        }
    }

    /// Collects the functions that can be referred to, when everything else is known; `declared` are those of
    /// `Self::declared`.
    ///
    /// # Errors
    ///
    /// If there is not enough memory.
    pub(crate) fn find_referable(&mut self, declared: &[u32]) -> Result<(), Error> {
        let imported = self.header.imported_funcs;
        let own = &declared[declared.partition_point(|&func| func < imported)..];
        let start = self.start.filter(|&start| start >= imported);
        let place = start.and_then(|start| own.binary_search(&start).err());
        self.referable.reserve_or_fail(own.len() + usize::from(place.is_some()))?;
        self.referable.extend_from_slice(own);
        if let (Some(start), Some(place)) = (start, place) {
            self.referable.insert(place, start);
        }
        Ok(())
    }

    /// The functions that something outside of bodies names, apart from the start section, in order
    /// (spec, Validation > Modules: `refs`).
    ///
    /// # Errors
    ///
    /// If there is not enough memory.
    pub(crate) fn declared(&self) -> Result<Vec<u32>, Error> {
        // Tables may name a function many times: a bit for each is cheaper than to sort them.
        let words = self.header.funcs.len().div_ceil(64);
        let mut bits = vec_or_fail(words)?;
        bits.resize(words, 0_u64);
        let mut put = |func: u32| bits[func as usize / 64] |= 1 << (func % 64);
        for export in &self.exports {
            if let ExternIndex::Func(func) = export.index {
                put(func);
            }
        }
        for init in &self.global_inits {
            init.funcs().for_each(&mut put);
        }
        for (_, init) in &self.table_inits {
            init.funcs().for_each(&mut put);
        }
        for segment in &self.elements {
            match &segment.elements {
                Elements::Funcs(funcs) => funcs.iter().copied().for_each(&mut put),
                Elements::Exprs(exprs) => exprs.iter().flat_map(ConstExpr::funcs).for_each(&mut put),
            }
        }
        let mut found = vec_or_fail(bits.iter().map(|word| word.count_ones() as usize).sum())?;
        for (word, mut bits) in (0..).zip(bits) {
            while bits != 0 {
                found.push(word * 64 + bits.trailing_zeros());
                bits &= bits - 1;
            }
        }
        Ok(found)
    }

    /// Releases memory that growing lists have reserved and not used.
    pub(crate) fn shrink(&mut self) {
        let header = &mut self.header;
        header.types.shrink();
        header.funcs.shrink_to_fit();
        header.globals.shrink_to_fit();
        header.tags.shrink_to_fit();
        header.tables.shrink_to_fit();
        header.memories.shrink_to_fit();
        header.elements.shrink_to_fit();
        self.names.text.shrink_to_fit();
        self.imports.shrink_to_fit();
        self.exports.shrink_to_fit();
        self.global_inits.shrink_to_fit();
        self.table_inits.shrink_to_fit();
        self.elements.shrink_to_fit();
        self.data.shrink_to_fit();
        self.bodies.shrink_to_fit();
    }

    /// Where the body of a function is in the module, by its index among those the module defines.
    pub(crate) fn body(&self, index: u32) -> Range<usize> {
        let Range { start, end } = self.bodies[index as usize];
        start as usize..end as usize
    }

    /// The export of that name.
    pub(crate) fn export(&self, name: &str) -> Option<&Export> {
        let (names, exports) = (&self.names, &self.exports);
        let hash = self.hasher.hash_one(name);
        let found = self.by_name.find(hash, |&at| names.get(exports[at as usize].name) == name);
        found.map(|&at| &exports[at as usize])
    }

    /// Reserves room for exports, whose names have `bytes` bytes together.
    ///
    /// # Errors
    ///
    /// If there is not enough memory.
    pub(crate) fn reserve_exports(&mut self, count: usize, bytes: usize) -> Result<(), Error> {
        self.names.text.reserve_or_fail(bytes)?;
        self.exports.reserve_or_fail(count)?;
        let (names, exports, hasher) = (&self.names, &self.exports, &self.hasher);
        let hash = |&at: &u32| hasher.hash_one(names.get(exports[at as usize].name));
        self.by_name.try_reserve(count, hash).map_err(|_| TrapCode::OutOfSystemMemory.into())
    }

    /// Adds an export, unless there is one of that name; whether it was added.
    pub(crate) fn push_export(&mut self, name: &str, index: ExternIndex) -> bool {
        let (names, exports, hasher) = (&self.names, &self.exports, &self.hasher);
        let name_at = |&at: &u32| names.get(exports[at as usize].name);
        let entry =
            self.by_name.entry(hasher.hash_one(name), |at| name_at(at) == name, |at| hasher.hash_one(name_at(at)));
        let Entry::Vacant(entry) = entry else { return false };
        entry.insert(self.exports.len() as u32);
        self.exports.push(Export { name: self.names.push(name), index });
        true
    }

    /// Adds an import. `same_module` says that the one before is known to be from the same module.
    ///
    /// # Errors
    ///
    /// If there is not enough memory.
    pub(crate) fn push_import(
        &mut self,
        module: &str,
        same_module: bool,
        name: &str,
        ty: ExternType,
    ) -> Result<(), Error> {
        self.names.text.try_reserve(module.len() + name.len()).map_err(|_| TrapCode::OutOfSystemMemory)?;
        // Imports from one module mostly follow each other.
        let module = match self.imports.last() {
            Some(last) if same_module || self.names.get(last.module) == module => last.module,
            _ => self.names.push(module),
        };
        let name = self.names.push(name);
        self.imports.push(Import { module, name, ty });
        Ok(())
    }

    /// Adds a data segment; with memory and offset, if it is active.
    pub(crate) fn push_data(&mut self, bytes: Range<u32>, place: Option<(u32, ConstExpr)>) {
        let mode = match place {
            None => DataMode::Passive,
            Some((memory, offset)) => {
                let cell = if let ConstExpr::One(ConstOp::Const(cell)) = offset { Some(cell) } else { None };
                match (u8::try_from(memory), cell.map(u32::try_from)) {
                    (Ok(memory), Some(Ok(offset))) => DataMode::At { memory, offset },
                    _ => {
                        self.data_places.push((memory, offset));
                        DataMode::Computed(self.data_places.len() as u32 - 1)
                    }
                }
            }
        };
        self.data.push(DataSegment { mode, start: bytes.start, len: bytes.end - bytes.start });
    }
}
