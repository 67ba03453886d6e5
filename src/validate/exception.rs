//! Operators of exceptions (spec, Validation > Instructions > Control Instructions).

use wasmparser::Catch;

use crate::{
    error::Error,
    module::types::FuncTy,
    types::{kinds::Abstract, repr::Ty},
    validate::{func::Validation, stack::BlockType},
};

/// A reference to an exception, or null.
pub(crate) const EXNREF: Ty = Ty::reference(Abstract::Exn, true);
/// A reference to an exception, as clauses of `try_table` have it.
const CAUGHT: Ty = EXNREF.with_nullable(false);

impl<'a, T: Copy> Validation<'a, T> {
    /// Returns the type of a tag.
    fn tag(&self, tag: u32) -> Result<FuncTy<'a>, Error> {
        match self.header.tags.get(tag as usize) {
            Some(&index) => Ok(self.header.type_at(index)),
            None => Err(self.error(&alloc::format!("unknown tag {tag}: tag index out of bounds"))),
        }
    }

    /// Returns the types of the values of exceptions with a tag.
    pub(crate) fn tag_values(&self, tag: u32) -> &'a [Ty] {
        // Validation has just accepted it.
        self.tag(tag).map_or(&[], FuncTy::params)
    }

    pub(crate) fn visit_throw(&mut self, tag: u32) -> Result<(), Error> {
        self.pop_all(self.tag(tag)?.params())?;
        self.leave();
        Ok(())
    }

    pub(crate) fn visit_throw_ref(&mut self) -> Result<(), Error> {
        self.pop(EXNREF)?;
        self.leave();
        Ok(())
    }

    /// `try_table` of this type. The caller opens the frame with `push_frame`.
    pub(crate) fn try_table(&mut self, ty: BlockType, clauses: &[Catch]) -> Result<(), Error> {
        self.open(ty)?;
        clauses.iter().try_for_each(|clause| self.clause(clause))
    }

    fn clause(&self, clause: &Catch) -> Result<(), Error> {
        let (values, depth, with_reference) = match *clause {
            Catch::One { tag, label } => (self.tag(tag)?.params(), label, false),
            Catch::OneRef { tag, label } => (self.tag(tag)?.params(), label, true),
            Catch::All { label } => (&[][..], label, false),
            Catch::AllRef { label } => (&[][..], label, true),
        };
        let mut types = self.label(depth)?;
        if with_reference {
            types = match types.split_last() {
                Some((&last, types)) if self.header.types.is_subtype(CAUGHT, last) => types,
                _ => return Err(self.error("type mismatch: catch_ref label must end with an exception reference")),
            };
        }
        if !self.header.types.are_subtypes(values, types) {
            return Err(self.error("type mismatch: catch label must have the types of the tag"));
        }
        Ok(())
    }

    /// `catch`, in a `try` or after another clause. The caller begins the clause with `begin_catch`. Returns the types of the
    /// values of the exception.
    pub(crate) fn visit_catch(&mut self, tag: u32) -> Result<&'a [Ty], Error> {
        self.check_results()?;
        let values = self.tag(tag)?.params();
        self.check_height(values.len() + 1)?;
        Ok(values)
    }

    /// `catch_all`, like `catch`.
    pub(crate) fn visit_catch_all(&mut self) -> Result<(), Error> {
        self.check_results()?;
        self.check_height(1)
    }

    pub(crate) fn visit_rethrow(&mut self, depth: u32) -> Result<(), Error> {
        self.label(depth)?;
        let frame = self.frames.len().checked_sub(depth as usize + 1).and_then(|index| self.frames.get(index));
        if !frame.is_some_and(|frame| frame.kind.is_clause()) {
            return Err(self.error("invalid rethrow label: target was not a `catch` block"));
        }
        self.leave();
        Ok(())
    }

    /// `delegate`, in a `try`. The caller closes the frame.
    pub(crate) fn visit_delegate(&mut self, depth: u32) -> Result<(), Error> {
        let (_, ty) = self.check_results()?;
        // The label is one outside of the `try`.
        match depth.checked_add(1) {
            Some(depth) => self.label(depth)?,
            None => return Err(self.error("unknown label: branch depth too large")),
        };
        self.check_height(self.block_results(ty).len())
    }
}
