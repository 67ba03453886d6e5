//! A decoded module.

use alloc::{boxed::Box, sync::Arc, vec::Vec};
use core::ops::Range;

use hashbrown::HashMap;

use crate::{
    module::{
        bytes::ModuleBytes,
        const_expr::ConstExpr,
        env::ModuleHeader,
        segment::{DataSegment, ElementSegment, Elements},
    },
    types::ExternType,
};

/// Something a module imports.
#[derive(Debug, Clone)]
pub(crate) struct Import {
    pub(crate) module: Box<str>,
    pub(crate) name: Box<str>,
    pub(crate) ty: ExternType,
}

/// Something in one of a module's index spaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExternIndex {
    Func(u32),
    Table(u32),
    Memory(u32),
    Global(u32),
}

/// Something a module exports.
#[derive(Debug, Clone)]
pub(crate) struct Export {
    pub(crate) name: Arc<str>,
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

/// A decoded module.
#[derive(Debug, Default)]
pub(crate) struct ModuleData {
    /// The bytes that ranges refer to.
    pub(crate) bytes: ModuleBytes,
    pub(crate) header: ModuleHeader,
    pub(crate) imports: Vec<Import>,
    pub(crate) exports: Vec<Export>,
    /// Positions in `exports`.
    pub(crate) export_names: HashMap<Arc<str>, usize>,
    pub(crate) start: Option<u32>,
    /// Initial values of the globals the module defines.
    pub(crate) global_inits: Vec<ConstExpr>,
    /// Initial elements of the tables the module defines; null if there are none.
    pub(crate) table_inits: Vec<Option<ConstExpr>>,
    pub(crate) elements: Vec<ElementSegment>,
    pub(crate) data: Vec<DataSegment>,
    /// Functions the module defines that something outside of bodies names, in order. No others
    /// can be referred to (spec, Validation > Modules: `refs`), so only these need be made things
    /// of a store.
    pub(crate) referable: Vec<u32>,
    /// Bodies of the functions the module defines, if they are still needed.
    pub(crate) bodies: Vec<Range<usize>>,
    pub(crate) customs: Vec<Custom>,
    /// Fills in names of functions.
    pub(crate) find_func_names: Option<fn(&Self, &mut [FuncName])>,
}

impl ModuleData {
    /// The type of something in an index space.
    pub(crate) fn extern_type(&self, index: ExternIndex) -> ExternType {
        let header = &self.header;
        match index {
            ExternIndex::Func(index) => header.func_type(index).clone().into(),
            ExternIndex::Table(index) => (*header.table(index)).into(),
            ExternIndex::Memory(index) => (*header.memory(index)).into(),
            ExternIndex::Global(index) => (*header.global(index)).into(),
        }
    }

    /// Fills in the names of functions: that of the name section, or else one that it is exported by.
    pub(crate) fn name_funcs(&self, funcs: &mut [FuncName]) {
        if let Some(find) = self.find_func_names {
            find(self, funcs);
        }
        for (func, name) in funcs.iter_mut().filter(|(_, name)| name.is_none()) {
            let export = self.exports.iter().find(|export| export.index == ExternIndex::Func(*func));
            *name = export.map(|export| (*export.name).into());
        }
    }

    /// Collects the functions that can be referred to, when everything else is known.
    pub(crate) fn find_referable(&mut self) {
        let imported = self.header.imported_funcs;
        let mut found = self.declared();
        found.extend(self.start);
        found.retain(|&func| func >= imported);
        found.sort_unstable();
        found.dedup();
        found.shrink_to_fit();
        self.referable = found;
    }

    /// The functions that something outside of bodies names, apart from the start section, in order
    /// (spec, Validation > Modules: `refs`).
    pub(crate) fn declared(&self) -> Vec<u32> {
        let mut found = Vec::new();
        let mut put = |func: u32| {
            // Tables often name the same function many times in succession.
            if found.last() != Some(&func) {
                found.push(func);
            }
        };
        for export in &self.exports {
            if let ExternIndex::Func(func) = export.index {
                put(func);
            }
        }
        for init in self.global_inits.iter().chain(self.table_inits.iter().flatten()) {
            init.funcs().for_each(&mut put);
        }
        for segment in &self.elements {
            match &segment.elements {
                Elements::Funcs(funcs) => funcs.iter().copied().for_each(&mut put),
                Elements::Exprs(exprs) => exprs.iter().flat_map(ConstExpr::funcs).for_each(&mut put),
            }
        }
        found.sort_unstable();
        found.dedup();
        found.shrink_to_fit();
        found
    }

    /// Gives back memory that growing lists have taken in vain.
    pub(crate) fn shrink(&mut self) {
        let header = &mut self.header;
        header.types.shrink_to_fit();
        header.type_ids.shrink_to_fit();
        header.funcs.shrink_to_fit();
        header.globals.shrink_to_fit();
        self.imports.shrink_to_fit();
        self.exports.shrink_to_fit();
        self.global_inits.shrink_to_fit();
        self.elements.shrink_to_fit();
        self.data.shrink_to_fit();
        self.bodies.shrink_to_fit();
    }

    /// The export of that name.
    pub(crate) fn export(&self, name: &str) -> Option<&Export> {
        self.export_names.get(name).map(|&i| &self.exports[i])
    }
}
