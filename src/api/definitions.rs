//! The definitions of linkers by name: one table, which linkers share until one of them is changed.

use alloc::{string::String, sync::Arc, vec::Vec};
use core::{
    hash::{BuildHasher, Hash, Hasher},
    ops::Range,
};

#[cfg(feature = "threads")]
use crate::api::shared_memory::SharedMemory;
use crate::{
    api::{external::Extern, store::HostFunc},
    collections::{DefaultHashBuilder, HashTable},
    error::kinds::{ImportName, LinkerError},
};

/// The definition of a name.
#[derive(Debug)]
pub(crate) enum Definition<T> {
    /// An item of a store.
    Extern(Extern),
    /// A host function, which is put into each store that needs it.
    HostFunc(Arc<HostFunc<T>>),
    /// A memory of no store, which each store gets.
    #[cfg(feature = "threads")]
    SharedMemory(SharedMemory),
}

impl<T> Clone for Definition<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Extern(item) => Self::Extern(*item),
            Self::HostFunc(func) => Self::HostFunc(func.clone()),
            #[cfg(feature = "threads")]
            Self::SharedMemory(memory) => Self::SharedMemory(memory.clone()),
        }
    }
}

/// A definition with its names, as ranges of `Definitions::text`.
#[derive(Debug)]
struct Entry<T> {
    module: Range<usize>,
    name: Range<usize>,
    definition: Definition<T>,
}

impl<T> Clone for Entry<T> {
    fn clone(&self) -> Self {
        Self { module: self.module.clone(), name: self.name.clone(), definition: self.definition.clone() }
    }
}

/// Definitions by module name and name.
#[derive(Debug)]
pub(crate) struct Definitions<T> {
    text: String,
    entries: Vec<Entry<T>>,
    /// Positions in `entries` by the hashes of their names.
    numbers: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl<T> Clone for Definitions<T> {
    fn clone(&self) -> Self {
        Self {
            text: self.text.clone(),
            entries: self.entries.clone(),
            numbers: self.numbers.clone(),
            hasher: self.hasher.clone(),
        }
    }
}

impl<T> Default for Definitions<T> {
    fn default() -> Self {
        Self {
            text: String::new(),
            entries: Vec::new(),
            numbers: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
        }
    }
}

fn hash(hasher: &DefaultHashBuilder, module: &str, name: &str) -> u64 {
    let mut state = hasher.build_hasher();
    module.hash(&mut state);
    name.hash(&mut state);
    state.finish()
}

impl<T> Definitions<T> {
    fn put(&mut self, text: &str) -> Range<usize> {
        let start = self.text.len();
        self.text.push_str(text);
        start..self.text.len()
    }

    fn names(&self, entry: &Entry<T>) -> (&str, &str) {
        (&self.text[entry.module.clone()], &self.text[entry.name.clone()])
    }

    fn find(&self, hash: u64, module: &str, name: &str) -> Option<u32> {
        self.numbers.find(hash, |&number| self.names(&self.entries[number as usize]) == (module, name)).copied()
    }

    /// Returns the definition of a name.
    pub(crate) fn get(&self, module: &str, name: &str) -> Option<&Definition<T>> {
        let number = self.find(hash(&self.hasher, module, name), module, name)?;
        Some(&self.entries[number as usize].definition)
    }

    /// Defines a name. Replaces an existing definition only if `shadowing` allows it.
    ///
    /// # Errors
    ///
    /// If the name is defined already, unless `shadowing` allows that.
    pub(crate) fn insert(
        &mut self,
        module: &str,
        name: &str,
        definition: Definition<T>,
        shadowing: bool,
    ) -> Result<(), LinkerError> {
        let hash = hash(&self.hasher, module, name);
        if let Some(number) = self.find(hash, module, name) {
            if !shadowing {
                return Err(LinkerError::DuplicateDefinition { import_name: ImportName::new(module, name) });
            }
            self.entries[number as usize].definition = definition;
            return Ok(());
        }
        // Successive definitions are mostly of the same module, whose name is stored once then.
        let module = match self.entries.last() {
            Some(last) if self.text[last.module.clone()] == *module => last.module.clone(),
            _ => self.put(module),
        };
        let name = self.put(name);
        let number = self.entries.len() as u32;
        self.entries.push(Entry { module, name, definition });
        let (entries, text, hasher) = (&self.entries, &self.text, &self.hasher);
        self.numbers.insert_unique(hash, number, |&number| {
            let entry = &entries[number as usize];
            self::hash(hasher, &text[entry.module.clone()], &text[entry.name.clone()])
        });
        Ok(())
    }

    /// Returns the names and definitions of a module, in the order of their definition.
    pub(crate) fn of_module(&self, module: &str) -> Vec<(String, Definition<T>)> {
        let entries = self.entries.iter().filter(|entry| self.text[entry.module.clone()] == *module);
        entries.map(|entry| (self.text[entry.name.clone()].into(), entry.definition.clone())).collect()
    }
}
