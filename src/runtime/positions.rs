//! Finds where the code of functions comes from, when somebody asks for it.

use alloc::vec::Vec;

#[cfg(tail_dispatch)]
use crate::ir::link;
#[cfg(feature = "coredump")]
use crate::module::positions::Site;
use crate::{
    error::backtrace::Location,
    module::{data::ModuleData, positions::Positions},
    runtime::eager::EagerCode,
};

/// The code of a module.
#[derive(Clone, Copy)]
pub(super) struct Code<'a> {
    pub(super) data: &'a ModuleData,
    /// The functions that were translated with the module.
    pub(super) eager: &'a EagerCode,
    /// Whether code is linked before it runs.
    pub(super) linked: bool,
}

/// A function that was translated again.
struct Found {
    /// Its compact code, if it was translated lazily.
    code: Vec<u16>,
    entry: usize,
    positions: Positions,
}

/// Fills in what is known about places in functions of a module. What cannot be found, for lack of memory or of the body, is left
/// out.
pub(super) fn locate(module: Code<'_>, locations: &mut [Location]) {
    for first in 0..locations.len() {
        let func = locations[first].func;
        let same = |location: &&mut Location| location.func == func && location.unit.is_none();
        if locations[..first].iter().any(|earlier| earlier.func == func) {
            continue;
        }
        let own = func - module.data.header.imported_funcs;
        let found = find(module, own, Positions::default());
        for location in locations[first..].iter_mut().filter(same) {
            let Some(place) = location.place else { continue };
            location.unit = unit_of(module, own, found.as_ref(), place);
            let offset = found.as_ref().zip(location.unit).and_then(|(found, unit)| found.positions.offset_of(unit));
            location.offsets = offset.map(|offset| (module.data.body(own).start as u32, offset));
        }
    }
}

/// Returns what is known about a unit of a function's code; none if the module does not define the function.
pub(super) fn location(module: Code<'_>, func: u32, unit: u32) -> Option<Location> {
    let own = func.checked_sub(module.data.header.imported_funcs)?;
    if own as usize >= module.data.header.funcs.len() - module.data.header.imported_funcs as usize {
        return None;
    }
    let offset = find(module, own, Positions::default()).and_then(|found| found.positions.offset_of(unit));
    let offsets = offset.map(|offset| (module.data.body(own).start as u32, offset));
    Some(Location { func, place: None, unit: Some(unit), offsets })
}

/// Returns where the values of a function are whose frame is at `place`, a byte of its code, and the offset in its body of the
/// operator there.
#[cfg(feature = "coredump")]
pub(super) fn site(module: Code<'_>, func: u32, place: u32) -> Option<(u32, Site)> {
    let own = func.checked_sub(module.data.header.imported_funcs)?;
    let found = find(module, own, Positions::default())?;
    let offset = found.positions.offset_of(unit_of(module, own, Some(&found), place)?)?;
    let found = find(module, own, Positions::wanting(offset))?;
    Some((offset - module.data.body(own).start as u32, found.positions.site?))
}

/// Translates function `own` again, counted among those that the module defines, and notes what `positions` asks for.
fn find(module: Code<'_>, own: u32, mut positions: Positions) -> Option<Found> {
    let mut code = Vec::new();
    let entry = (module.data.find_positions?)(module.data, own, &mut positions, &mut code).ok()?;
    debug_assert!(
        module.eager.func(&module.data.bytes, own).is_none_or(|(eager, _)| eager == code),
        "function {own} is translated to other code"
    );
    Some(Found { code, entry, positions })
}

/// Returns the unit of the op that contains the byte at `place` of a function's code.
fn unit_of(module: Code<'_>, own: u32, found: Option<&Found>, place: u32) -> Option<u32> {
    #[cfg(tail_dispatch)]
    if module.linked {
        let (code, entry) = match (module.eager.func(&module.data.bytes, own), found) {
            (Some((code, func)), _) => (code, func.entry),
            (None, Some(found)) => (&found.code[..], found.entry),
            (None, None) => return None,
        };
        let places = link::places(code, entry).ok()?;
        let mut ops = (entry..places.len()).filter(|&unit| places[unit] != 0 && places[unit] <= place);
        return ops.next_back().map(|unit| unit as u32);
    }
    let _ = (module.linked, own, found.map(|found| (&found.code, found.entry)));
    Some(place / size_of::<u16>() as u32)
}
