//! Numbers for function types: equal types have equal numbers throughout an engine, so that
//! indirect calls compare numbers.

use alloc::vec::Vec;

use hashbrown::HashMap;
use spin::Mutex;

use crate::types::FuncType;

/// The function types of an engine.
#[derive(Debug, Default)]
pub(crate) struct TypeRegistry {
    types: Mutex<Types>,
}

#[derive(Debug, Default)]
struct Types {
    by_type: HashMap<FuncType, u32>,
    by_id: Vec<FuncType>,
}

impl TypeRegistry {
    /// The number of `ty`.
    pub(crate) fn id(&self, ty: &FuncType) -> u32 {
        let mut types = self.types.lock();
        if let Some(&id) = types.by_type.get(ty) {
            return id;
        }
        let id = types.by_id.len() as u32;
        types.by_id.push(ty.clone());
        types.by_type.insert(ty.clone(), id);
        id
    }

    /// The type with number `id`.
    ///
    /// # Panics
    ///
    /// If no type has that number.
    pub(crate) fn get(&self, id: u32) -> FuncType {
        self.types.lock().by_id[id as usize].clone()
    }
}

#[cfg(test)]
mod tests {
    use super::TypeRegistry;
    use crate::types::{FuncType, ValType};

    #[test]
    fn equal_types_have_equal_numbers() {
        let types = TypeRegistry::default();
        let unary = FuncType::new([ValType::I32], []);
        let constant = FuncType::new([], [ValType::I32]);
        let (a, b) = (types.id(&unary), types.id(&constant));
        assert_ne!(a, b, "parameters are not results");
        assert_eq!(types.id(&FuncType::new([ValType::I32], [])), a);
        assert_eq!((types.get(a), types.get(b)), (unary, constant));
    }
}
