//! The way of a module's bytes: from their source through the decoder to the translator.

use alloc::{boxed::Box, sync::Arc, vec::Vec};

use crate::{
    binary::{Bodies, Decoder, Decoding, Step, Window},
    config::{CompilationMode, Config, EnforcedLimits},
    error::Error,
    error::kinds::{EnforcedLimitsError, LimitsError},
    load::{
        code_buffer::{CodeBuffer, make_room},
        lazy::{LazyFuncs, find_positions},
        read::Read,
        stream::StreamBuffer,
    },
    module::{
        bytes::{ModuleBytes, WasmBytes},
        data::ModuleData,
        registry::TypeRegistry,
    },
    runtime::{
        code::Translation,
        eager::{EagerCode, EagerFuncs},
        pages::make_ready,
    },
    translate::Translator,
};

#[cfg(heap)]
use crate::load::lazy::find_safepoints;
#[cfg(feature = "parallel")]
use crate::translate::parallel::Batch;

/// Where the bytes of a module come from.
pub(crate) enum Source<'a> {
    /// Bytes that the module may not keep.
    Borrowed(&'a [u8]),
    /// Bytes that the module may keep.
    Whole(WasmBytes),
    /// Bytes that arrive in parts.
    Stream(&'a mut dyn Read),
}

/// How function bodies are handled while a module is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    /// They are validated and translated.
    Translate,
    /// They are validated.
    Validate,
    /// Only their places are recorded, if they are needed later.
    Find,
}

/// Loads one module.
pub(crate) struct Loader<'a> {
    decoding: Decoding<'a>,
    work: Work,
    translator: Translator,
    /// Code of the functions that are translated.
    code: CodeBuffer,
    funcs: EagerFuncs,
}

/// Checks that bytes are a valid module.
///
/// # Errors
///
/// If they are malformed or invalid. Restrictions of the embedder, such as limits, do not matter here.
pub(crate) fn validate(config: &Config, wasm: &[u8]) -> Result<(), Error> {
    let config = Config { enforced_limits: EnforcedLimits::default(), allow_start_fn: true, ..config.clone() };
    let types = Arc::new(TypeRegistry::default());
    Loader::with_work(&config, &types, Work::Validate, false).whole(wasm, ModuleBytes::default()).map(drop)
}

impl<'a> Loader<'a> {
    /// Makes a loader for the compilation mode of the configuration. Bodies that are translated later are validated
    /// now only if `validated` says so.
    pub(crate) fn new(config: &'a Config, types: &'a Arc<TypeRegistry>, validated: bool) -> Self {
        let mode = config.compilation_mode;
        let work = match mode {
            CompilationMode::Eager => Work::Translate,
            CompilationMode::LazyTranslation if validated => Work::Validate,
            CompilationMode::LazyTranslation | CompilationMode::Lazy => Work::Find,
        };
        Self::with_work(config, types, work, mode != CompilationMode::Eager)
    }

    fn with_work(config: &'a Config, types: &'a Arc<TypeRegistry>, work: Work, keep_bodies: bool) -> Self {
        Self {
            decoding: Decoding { config, types, keep_bodies, prefault: make_ready },
            work,
            translator: Translator::default(),
            code: CodeBuffer::default(),
            funcs: EagerFuncs::default(),
        }
    }

    /// Loads the module.
    ///
    /// # Errors
    ///
    /// If the bytes are malformed or invalid, exceed a limit, or if their source fails.
    pub(crate) fn load(mut self, source: Source<'_>) -> Result<(ModuleData, Translation), Error> {
        let mut data = match source {
            Source::Borrowed(bytes) => self.whole(bytes, ModuleBytes::default())?,
            // The bytes can be freed afterwards: the few that are still needed take less memory.
            Source::Whole(bytes) if bytes.is_owned() && !self.decoding.keep_bodies => {
                self.whole(bytes.as_ref(), ModuleBytes::default())?
            }
            Source::Whole(bytes) => {
                // `Whole` makes the decoder copy nothing.
                let nothing_kept = ModuleBytes::Whole(WasmBytes::from(&[]));
                let mut data = self.whole(bytes.as_ref(), nothing_kept)?;
                data.bytes = ModuleBytes::Whole(bytes);
                data
            }
            Source::Stream(source) => self.stream(source)?,
        };
        data.find_positions = Some(find_positions);
        #[cfg(heap)]
        {
            data.find_safepoints = Some(find_safepoints);
        }
        let translation = match self.work {
            Work::Translate => Translation::Eager(EagerCode::translated(self.code.units, self.funcs)),
            Work::Validate | Work::Find => Translation::Lazy(Box::new(LazyFuncs)),
        };
        Ok((data, translation))
    }

    /// Checks that a module may have this many bytes.
    fn check_size(&self, bytes: usize) -> Result<(), Error> {
        match self.decoding.config.enforced_limits.max_module_bytes {
            Some(limit) if bytes > limit as usize => Err(EnforcedLimitsError::TooManyBytes { limit }.into()),
            _ if u32::try_from(bytes).is_err() => Err(LimitsError::ModuleTooBig.into()),
            _ => Ok(()),
        }
    }

    /// Loads a module all of whose bytes have arrived.
    fn whole(&mut self, bytes: &[u8], kept: ModuleBytes) -> Result<ModuleData, Error> {
        self.check_size(bytes.len())?;
        let mut decoder = Decoder::new(self.decoding, kept);
        let mut window = Window { bytes, start: 0, last: true };
        loop {
            match decoder.step(&mut window)? {
                Step::Section => {}
                Step::Bodies(bodies) => self.bodies(bodies, Some(bytes))?,
                Step::NeedMore => return Err(Error::invalid_wasm("unexpected end", bytes.len(), None)),
                Step::End => return decoder.finish(),
            }
        }
    }

    /// Loads a module while its bytes arrive.
    fn stream(&mut self, source: &mut dyn Read) -> Result<ModuleData, Error> {
        let mut decoder = Decoder::new(self.decoding, ModuleBytes::default());
        let mut buffer = StreamBuffer::default();
        loop {
            let mut window = buffer.window();
            let needs_more = match decoder.step(&mut window)? {
                Step::Section => false,
                Step::Bodies(bodies) => {
                    self.bodies(bodies, None)?;
                    false
                }
                Step::NeedMore => true,
                Step::End => return decoder.finish(),
            };
            let position = window.start;
            buffer.advance_to(position);
            if needs_more {
                self.check_size(buffer.end())?;
                if buffer.ended() {
                    return Err(Error::invalid_wasm("unexpected end", buffer.end(), None));
                }
                buffer.fill(source)?;
            }
        }
    }

    /// Translates, validates or skips bodies, as the mode says. `module` is the whole module, if all of it has arrived.
    #[cfg_attr(not(feature = "parallel"), expect(unused_variables, reason = "only threads need the module"))]
    fn bodies<'w>(&mut self, mut bodies: Bodies<'_, 'w>, module: Option<&'w [u8]>) -> Result<(), Error> {
        match self.work {
            #[cfg(feature = "parallel")]
            Work::Translate if self.decoding.config.parallel_translation && module.is_some() => {
                self.translate_parallel(&mut bodies, module.unwrap_or_default())?;
            }
            Work::Translate => self.translate(&mut bodies)?,
            Work::Validate => {
                self.translator.functions(bodies.header(), &mut Vec::new(), |module| {
                    bodies.try_for_each(|body| module.validate(body?))
                })?;
            }
            Work::Find => bodies.try_for_each(|body| body.map(drop))?,
        }
        bodies.finish().map(drop)
    }

    /// Validates and translates bodies.
    fn translate(&mut self, bodies: &mut Bodies<'_, '_>) -> Result<(), Error> {
        let Self { translator, code: CodeBuffer { units, prefault }, funcs, .. } = self;
        let header = bodies.header();
        funcs.reserve(header.funcs.len() - header.num_imported_funcs() as usize)?;
        prefault.expect(units, bodies.expected_bytes());
        translator.functions(header, units, |module| {
            for body in bodies {
                let body = body?;
                make_room(module.code(), body.bytes.len())?;
                prefault.advance(module.code());
                let start = module.code().len();
                let translated = module.translate(body)?;
                funcs.push(&translated.code(start, module.code().len()))?;
            }
            Ok(())
        })
    }

    /// Validates and translates bodies of `module` by several threads.
    #[cfg(feature = "parallel")]
    fn translate_parallel(&mut self, bodies: &mut Bodies<'_, '_>, module: &[u8]) -> Result<(), Error> {
        let Self { code, funcs, .. } = self;
        let header = bodies.header();
        funcs.reserve(header.funcs.len() - header.num_imported_funcs() as usize)?;
        let mut batch = Batch::new(module);
        for body in bodies {
            batch.push(body?);
        }
        batch.translate(header, &mut code.units, |start, translated| {
            // The end is where the next function begins.
            Ok(funcs.push(&translated.code(start, start))?)
        })
    }
}
