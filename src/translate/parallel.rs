//! Translation of many functions by several threads. The code is the same as that of one thread.

use alloc::vec::Vec;
use core::{
    ops::Range,
    sync::atomic::{AtomicUsize, Ordering},
};
use std::thread;

use crate::{
    error::Error,
    module::{body::Body, env::ModuleHeader},
    translate::func::{Translated, Translator},
};

/// The bodies of a module, collected to be translated by several threads.
pub(crate) struct Batch<'a> {
    /// The whole module.
    bytes: &'a [u8],
    /// Index of the first function.
    first: u32,
    /// Where the bodies are in the module, in order.
    ranges: Vec<Range<usize>>,
}

/// The least number of bytes to translate for which it is worth starting a thread.
const MIN_BYTES_PER_THREAD: usize = 64 << 10;

/// The number of pieces of work for each thread. Several, so that all threads are busy to the end.
const CHUNKS_PER_THREAD: usize = 4;

/// The code of consecutive functions, with the unit where each begins and the rest of its translation.
#[derive(Default)]
struct Chunk {
    code: Vec<u16>,
    funcs: Vec<(usize, Translated)>,
}

impl<'a> Batch<'a> {
    /// Returns no bodies yet, of the module with these bytes.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, first: 0, ranges: Vec::new() }
    }

    /// Adds a body, which follows the last one added.
    pub(crate) fn push(&mut self, Body { func, start, bytes }: Body<'_>) {
        if self.ranges.is_empty() {
            self.first = func;
        }
        self.ranges.push(start..start + bytes.len());
    }

    /// Validates and translates all bodies and appends their code to `out`. Calls `each` for each function, in order,
    /// with the unit where its code begins and the rest of its translation.
    ///
    /// # Errors
    ///
    /// The error of the first function that has one, as of `ModuleTranslator::translate`, and errors of `each`.
    pub(crate) fn translate(
        &self,
        header: &ModuleHeader,
        out: &mut Vec<u16>,
        mut each: impl FnMut(usize, Translated) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let total = self.ranges.iter().map(Range::len).sum::<usize>();
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let threads = threads.min(total / MIN_BYTES_PER_THREAD).max(1);
        let chunks = self.chunks(total.div_ceil(threads * CHUNKS_PER_THREAD).max(1));
        let next = AtomicUsize::new(0);
        let work = || {
            let mut translator = Translator::default();
            let mut done = Vec::new();
            while let Some(funcs) = chunks.get(next.fetch_add(1, Ordering::Relaxed)) {
                done.push((funcs.start, self.translate_chunk(&mut translator, header, funcs.clone())));
            }
            done
        };
        let mut done = thread::scope(|scope| {
            // If a thread cannot be started, the others do its work.
            let others: Vec<_> =
                (1..threads).filter_map(|_| thread::Builder::new().spawn_scoped(scope, work).ok()).collect();
            let mut done = work();
            for other in others {
                match other.join() {
                    Ok(chunks) => done.extend(chunks),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            done
        });
        done.sort_unstable_by_key(|&(start, _)| start);
        for (_, chunk) in done {
            let chunk = chunk?;
            let start = out.len();
            out.extend_from_slice(&chunk.code);
            for (at, translated) in chunk.funcs {
                each(start + at, translated)?;
            }
        }
        Ok(())
    }

    /// Divides the bodies into stretches of about `bytes` bytes. Returns the positions of the bodies in each.
    fn chunks(&self, bytes: usize) -> Vec<Range<usize>> {
        let mut chunks = Vec::new();
        let (mut start, mut len) = (0, 0);
        for (i, range) in self.ranges.iter().enumerate() {
            len += range.len();
            if len >= bytes {
                chunks.push(start..i + 1);
                (start, len) = (i + 1, 0);
            }
        }
        if start < self.ranges.len() {
            chunks.push(start..self.ranges.len());
        }
        chunks
    }

    fn translate_chunk(
        &self,
        translator: &mut Translator,
        header: &ModuleHeader,
        funcs: Range<usize>,
    ) -> Result<Chunk, Error> {
        let mut chunk = Chunk::default();
        translator.functions(header, &mut chunk.code, |module| {
            for i in funcs {
                let range = self.ranges[i].clone();
                let body = Body { func: self.first + i as u32, start: range.start, bytes: &self.bytes[range] };
                let start = module.code().len();
                chunk.funcs.push((start, module.translate(body)?));
            }
            Ok(())
        })?;
        Ok(chunk)
    }
}
