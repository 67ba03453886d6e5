//! The safepoints of the functions of a module, found when a collection asks for them.

use alloc::{sync::Arc, vec::Vec};

use spin::Mutex;

#[cfg(tail_dispatch)]
use crate::ir::link;
use crate::{
    collections::HashMap,
    error::{Error, kinds::TranslationError},
    module::{data::ModuleData, safepoints::Safepoints},
    trap::TrapCode,
};

/// The safepoints of functions that a collection has found on a stack.
#[derive(Debug, Default)]
pub(crate) struct KnownSafepoints {
    funcs: Mutex<HashMap<u32, Arc<Safepoints>>>,
}

/// The number of units of the op at a unit.
#[cfg(debug_assertions)]
fn op_units(code: &[u16], unit: u32) -> u32 {
    crate::ir::decode::decode(code, unit as usize).map_or(0, |op| op.total_units() as u32)
}

/// Only debug assertions ask how long ops are.
#[cfg(not(debug_assertions))]
fn op_units(_: &[u16], _: u32) -> u32 {
    0
}

impl KnownSafepoints {
    /// The safepoints of function `index`, counted among the functions that the module defines. Their places are offsets in bytes in
    /// the code that runs, which is `linked` or not. `eager` is its compact code, if that was kept.
    ///
    /// # Errors
    ///
    /// If there is not enough memory, or too much to note.
    pub(super) fn get(
        &self,
        data: &ModuleData,
        index: u32,
        eager: Option<&[u16]>,
        linked: bool,
    ) -> Result<Arc<Safepoints>, Error> {
        if let Some(safepoints) = self.funcs.lock().get(&index) {
            return Ok(safepoints.clone());
        }
        let find = data.find_safepoints.ok_or_else(|| Error::from(TranslationError::NotTranslated))?;
        let mut code = Vec::new();
        let (entry, mut safepoints) = find(data, index, &mut code)?;
        debug_assert!(eager.is_none_or(|eager| eager == code), "function {index} is translated to other code");
        match linked {
            #[cfg(tail_dispatch)]
            true => {
                let places = link::places(&code, entry).map_err(|_| TrapCode::OutOfSystemMemory)?;
                safepoints.relocate(|unit| places[unit as usize], |_| 0);
            }
            _ => safepoints.relocate(|unit| 2 * unit, |unit| op_units(&code, unit)),
        }
        #[cfg(not(tail_dispatch))]
        let _ = entry;
        let safepoints = Arc::new(safepoints);
        let mut known = self.funcs.lock();
        known.try_reserve(1).map_err(|_| TrapCode::OutOfSystemMemory)?;
        known.insert(index, safepoints.clone());
        Ok(safepoints)
    }
}
