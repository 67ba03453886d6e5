//! Translation of many functions by several threads, with the code that one thread would have made.

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

/// Functions whose bodies are translated together, when all of them are known.
pub(crate) struct Together<'a> {
    /// The whole module.
    bytes: &'a [u8],
    /// Index of the first function.
    first: u32,
    /// Where bodies stand in the module, in order.
    ranges: Vec<Range<usize>>,
}

/// A thread has at least so many bytes to translate, or it is not worth starting.
const MIN_BYTES_PER_THREAD: usize = 64 << 10;

/// So many pieces of work for each thread, so that all are busy to the end.
const CHUNKS_PER_THREAD: usize = 4;

/// The code of consecutive functions: where each begins in it, and what else is known of it.
#[derive(Default)]
struct Chunk {
    code: Vec<u16>,
    funcs: Vec<(usize, Translated)>,
}

impl<'a> Together<'a> {
    /// None yet, of the module with these bytes.
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

    /// Validates and translates all bodies and appends their code to `out`; `each` takes where the code of a
    /// function begins and what else is known of it, in order.
    ///
    /// # Errors
    ///
    /// That of the first function that has one, as `Translator::translate`, and those of `each`.
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
            // A thread that cannot be started leaves its work to the others.
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

    /// The positions of bodies in stretches of about so many bytes.
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
