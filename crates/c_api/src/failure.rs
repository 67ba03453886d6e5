//! What a trap says: its message, its kind, and the calls that were under way.

use std::cell::RefCell;

use wasmote::{Error, ErrorKind, Instance, TrapCode};

/// The most frames of a trap: that of a host function that returns the same trap again and again has no more.
const MAX_FRAMES: usize = 256;

/// What ended a call.
pub(crate) struct Trap {
    /// The message, without a zero at its end
    pub(crate) message: String,
    pub(crate) code: Option<TrapCode>,
    pub(crate) exit_status: Option<i32>,
    /// The number of its kind in `wasmote.h`
    pub(crate) kind: u8,
    pub(crate) frames: RefCell<Vec<Frame>>,
}

/// The numbers of the kinds of errors: `wasmote_error_kind_t`.
pub(crate) mod error_kind {
    pub(crate) const OTHER: u8 = 0;
    pub(crate) const TRAP: u8 = 1;
    pub(crate) const EXIT: u8 = 2;
    pub(crate) const HOST: u8 = 3;
    pub(crate) const EXCEPTION: u8 = 4;
    pub(crate) const MODULE: u8 = 5;
    pub(crate) const LINK: u8 = 6;
    pub(crate) const LIMIT: u8 = 7;
    pub(crate) const CALL: u8 = 8;
    pub(crate) const ARTEFACT: u8 = 9;
    pub(crate) const PANIC: u8 = 10;
}

/// Returns the number of the kind of an error.
pub(crate) fn kind_of_error(error: &Error) -> u8 {
    match error.kind() {
        kind if kind.as_trap_code().is_some() => error_kind::TRAP,
        ErrorKind::I32ExitStatus(_) => error_kind::EXIT,
        ErrorKind::Host(_) | ErrorKind::ResumableHostTrap(_) | ErrorKind::Message(_) => error_kind::HOST,
        ErrorKind::Exception(_) => error_kind::EXCEPTION,
        ErrorKind::Wasm(_) | ErrorKind::Translation(_) | ErrorKind::Read(_) => error_kind::MODULE,
        ErrorKind::Linker(_) | ErrorKind::Instantiation(_) => error_kind::LINK,
        ErrorKind::UserLimits(_) | ErrorKind::ImplementationLimits(_) => error_kind::LIMIT,
        ErrorKind::Func(_) => error_kind::CALL,
        ErrorKind::Artefact(_) => error_kind::ARTEFACT,
        _ => error_kind::OTHER,
    }
}

impl Trap {
    /// Makes a trap of the host.
    pub(crate) fn new(message: impl Into<String>, kind: u8) -> Self {
        Self { message: message.into(), code: None, exit_status: None, kind, frames: RefCell::default() }
    }

    /// Adds the frames of an error, as far as there is room.
    pub(crate) fn add_frames(&self, error: &Error) {
        let Some(backtrace) = error.wasm_backtrace() else { return };
        let mut frames = self.frames.borrow_mut();
        let room = MAX_FRAMES.saturating_sub(frames.len());
        frames.extend(backtrace.frames().iter().take(room).map(Frame::new));
    }
}

impl From<&Error> for Trap {
    fn from(error: &Error) -> Self {
        let trap = Self {
            code: error.as_trap_code(),
            exit_status: error.i32_exit_status(),
            ..Self::new(error.to_string(), kind_of_error(error))
        };
        trap.add_frames(error);
        trap
    }
}

/// A call that was under way.
#[derive(Clone)]
pub(crate) struct Frame {
    pub(crate) instance: Option<Instance>,
    pub(crate) func_index: u32,
    pub(crate) func_offset: usize,
    pub(crate) module_offset: usize,
    /// The name, with a zero at its end
    pub(crate) func_name: Option<Box<[u8]>>,
}

impl Frame {
    fn new(info: &wasmote::FrameInfo) -> Self {
        let func_name = info.func_name().map(|name| name.bytes().chain([0]).collect());
        Self {
            instance: None,
            func_index: info.func_index(),
            func_offset: info.func_offset().unwrap_or(0),
            module_offset: info.module_offset().unwrap_or(0),
            func_name,
        }
    }
}
