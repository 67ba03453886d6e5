//! Recording: notes the safepoints of the function under translation.

use alloc::{boxed::Box, vec::Vec};

use crate::{
    error::Error,
    module::{
        env::ModuleHeader,
        safepoints::{Recorder, Safepoints},
    },
    translate::slots::Slots,
    types::{object::is_traced, repr::Ty},
    validate::Entry,
};

/// The safepoints of the function under translation, if they are asked for.
#[derive(Debug, Default)]
pub(crate) struct Recording {
    /// Boxed, so that it takes no more than a pointer where it is of no use.
    recorder: Option<Box<(Recorder, Result<(), Error>)>>,
}

impl Recording {
    /// Whether safepoints are asked for.
    #[inline]
    pub(crate) fn is_on(&self) -> bool {
        self.recorder.is_some()
    }

    /// Begins to note safepoints in a function with `bytes` bytes whose traced locals are in these slots.
    pub(crate) fn begin(&mut self, locals: Vec<u16>, bytes: usize) {
        self.recorder = Some(Box::new((Recorder::new(locals, bytes), Ok(()))));
    }

    /// Returns what was noted.
    ///
    /// # Errors
    ///
    /// If there was not enough memory, or there is too much to note.
    pub(crate) fn finish(&mut self) -> Result<Option<Safepoints>, Error> {
        let Some(recorder) = self.recorder.take() else { return Ok(None) };
        let (recorder, result) = *recorder;
        result?;
        recorder.finish().map(Some)
    }

    /// Notes a safepoint at unit `at` with these operands, and on top of them operands of the types `more` in their
    /// canonical slots.
    #[cold]
    pub(crate) fn note(&mut self, at: usize, entries: &[Entry], more: &[Ty], slots: &Slots, header: &ModuleHeader) {
        let Some(recorder) = &mut self.recorder else { return };
        let (recorder, result) = &mut **recorder;
        if result.is_err() || !recorder.allows(entries.len() + more.len()) {
            return;
        }
        debug_assert!(!entries.iter().any(|entry| entry.is_pending()), "a value is in no slot");
        let operands = entries.iter().filter(|entry| entry.is_temporary()).map(|entry| (entry.ty(), entry.slot()));
        let more = more.iter().zip(entries.len()..).map(|(&ty, position)| (ty, slots.at(position)));
        let traced = operands.chain(more).filter(|&(ty, _)| ty.is_ref() && is_traced(ty, &header.types));
        *result = recorder.note(at, traced.map(|(_, slot)| slot.0));
    }
}
