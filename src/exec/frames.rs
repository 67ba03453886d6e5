//! The frames of a computation, innermost first.
//!
//! A computation is an invocation, the invocation whose host function began it, and so on. [`Frames`] follows the
//! linkage of each frame to its caller. It crosses switches of the instance. After the outermost frame of an invocation
//! comes the frame that called the host function around it.

use alloc::sync::Arc;

use crate::{
    exec::{
        dispatch::{stub::Stubs, stubs},
        machine::{Context, Outer},
        stack::Switch,
    },
    runtime::{
        code::{CodeMap, CodePlace, FuncEntry, ModuleCode},
        instance::InstanceInst,
    },
};

/// A frame of a Wasm function.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    /// The instance that the function belongs to.
    pub(crate) instance: *const InstanceInst,
    /// Index of the function in its module.
    pub(crate) func: u32,
}

impl Frame {
    /// The module of the function.
    ///
    /// # Safety
    ///
    /// I6: the store of the instance lives for `'a`.
    pub(crate) unsafe fn module<'a>(&self) -> &'a Arc<ModuleCode> {
        // SAFETY: I6, promised by the caller; the instance keeps its module.
        unsafe { &(*self.instance).code }
    }
}

/// A frame and where it is.
#[derive(Debug)]
pub(crate) struct Activation {
    pub(crate) frame: Frame,
    /// Its place: the op that stopped, or the last byte of a call.
    pub(crate) place: Place,
    /// The code of its function, unless that could not be prepared.
    pub(crate) code: Option<CodePlace>,
    /// Number of instance switches that are pending there.
    #[cfg_attr(not(feature = "exceptions"), expect(dead_code, reason = "only exceptions need it"))]
    pub(crate) switches: usize,
}

/// What a frame was doing when its invocation stopped.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stop {
    /// The op at `ip`.
    Op,
    /// It was about to run this function, which could not be prepared.
    Entry(*const FuncEntry),
    /// A call that returns to `ip`.
    Call,
}

/// A place in code, with its frame.
///
/// A frame that calls another one is at the last byte of the call, since the code after it may be that of another
/// function.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// The instance whose code it is.
    pub(crate) instance: *const InstanceInst,
    /// The instruction pointer there.
    pub(crate) ip: *const u8,
    /// The frame pointer there.
    pub(crate) fp: *mut u64,
}

/// Where an invocation stopped.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stopped {
    pub(crate) place: Place,
    pub(crate) stop: Stop,
}

/// Iterates over the frames of a computation, innermost first.
///
/// It holds the lock on the code of a module: do not run or translate code before it is dropped.
#[derive(Debug)]
pub(crate) struct Frames<'a> {
    /// Where the next frame stopped.
    next: Option<Stopped>,
    /// The code of the module of the last frame.
    code: Option<CodeMap<'a>>,
    /// The instance switches that are pending in the invocation of the next frame and in outer ones on the same stack.
    switches: &'a [Switch],
    /// The invocation around that of the next frame.
    outer: Outer,
    /// Where frames return to that no function called. All code of a store has the same.
    stubs: Stubs,
}

impl<'a> Frames<'a> {
    /// The frames of an invocation that stopped, and of those around it.
    ///
    /// # Safety
    ///
    /// I6, I8, I9: for `'a`, the store lives and none of its code runs. The frames are still on their stack, whose
    /// pending switches are `switches`.
    pub(crate) unsafe fn new(stopped: Stopped, switches: &'a [Switch], outer: Outer) -> Self {
        // SAFETY: I6, promised by the caller.
        let stubs = stubs(unsafe { &*stopped.place.instance }.code.portable());
        Self { next: Some(stopped), code: None, switches, outer, stubs }
    }

    /// The frames of the running invocation with this context, which did `stop`, and of those around it.
    ///
    /// # Safety
    ///
    /// As for `new`. I9: the machine stopped in a call of the host or at an op that allocates, so its context holds its place.
    pub(crate) unsafe fn running(context: &'a Context, stop: Stop) -> Self {
        let &Context { instance, ip, fp, switches, outer, .. } = context;
        let stopped = Stopped { place: Place { instance, ip, fp }, stop };
        // SAFETY: I6, I8, I9, promised by the caller; the switches are those of the invocation's stack.
        unsafe { Self::new(stopped, &*switches, outer) }
    }

    /// The frames of a suspended invocation.
    ///
    /// # Safety
    ///
    /// As for `new`.
    pub(crate) unsafe fn suspended(stopped: Stopped, switches: &'a [Switch]) -> Self {
        // SAFETY: I6, I8, I9, promised by the caller.
        unsafe { Self::new(stopped, switches, Outer::NONE) }
    }

    /// The code that contains `place`.
    ///
    /// # Safety
    ///
    /// As for `new`.
    #[inline]
    unsafe fn code_at(&mut self, place: Place) -> Option<CodePlace> {
        // SAFETY: I6, promised by the caller of `new`.
        let module: &'a ModuleCode = unsafe { &(*place.instance).code };
        match &mut self.code {
            Some(code) if code.is_of(module) => code.place_of(place.ip),
            _ => self.map(module).place_of(place.ip),
        }
    }

    /// Locks the code of `module`.
    #[inline(never)]
    fn map(&mut self, module: &'a ModuleCode) -> &mut CodeMap<'a> {
        // Only one lock is held at a time.
        self.code = None;
        self.code.insert(CodeMap::new(module))
    }

    /// The place of the frame that a call returns to.
    ///
    /// # Safety
    ///
    /// As for `new`; `place` is where the call returns to, before a switch of the instance is undone.
    #[inline]
    unsafe fn calling(&mut self, mut place: Place) -> Option<Place> {
        let Stubs { halt, restore, .. } = self.stubs;
        loop {
            if place.ip == halt {
                // SAFETY: I9: the contexts of outer invocations live, and hold where their host calls return to.
                let context = unsafe { self.outer.context.as_ref() }?;
                // SAFETY: I9: as many switches were pending there when the inner invocation began.
                self.switches = unsafe { &(&(*context.switches))[..self.outer.switches] };
                self.outer = context.outer;
                place = Place { instance: context.instance, ip: context.ip, fp: context.fp };
            } else if place.ip == restore {
                let (switch, rest) = self.switches.split_last()?;
                self.switches = rest;
                place.instance = switch.instance;
                place.ip = switch.ip;
            } else {
                place.ip = place.ip.wrapping_sub(1);
                return Some(place);
            }
        }
    }
}

impl Frames<'_> {
    /// Returns the next frame and where it is.
    #[inline]
    pub(crate) fn advance(&mut self) -> Option<Activation> {
        let Stopped { mut place, stop } = self.next.take()?;
        // SAFETY: I6, I8, as promised to `new`. I3: the frame holds its linkage since it was entered. I4: an entry is
        // one of a function of the module.
        unsafe {
            if let Stop::Call = stop {
                place = self.calling(place)?;
            }
            let Place { instance, fp, .. } = place;
            let module: &ModuleCode = &(*instance).code;
            let (code, own, link) = match stop {
                Stop::Entry(entry) => (None, (*entry).index, module.link_cell((*entry).index)),
                Stop::Op | Stop::Call => {
                    let code = self.code_at(place)?;
                    (Some(code), code.func, code.link)
                }
            };
            let linkage = fp.add(link as usize);
            let (ip, fp) = (*linkage as *const u8, *linkage.add(1) as *mut u64);
            self.next = Some(Stopped { place: Place { instance, ip, fp }, stop: Stop::Call });
            let func = module.data.header.imported_funcs + own;
            Some(Activation { frame: Frame { instance, func }, place, code, switches: self.switches.len() })
        }
    }
}

impl Outer {
    /// No invocation around this one, or none that matters.
    pub(crate) const NONE: Self = Self { context: core::ptr::null(), switches: 0 };

    /// The invocation whose host function enters the store again; none if `context` is null.
    ///
    /// # Safety
    ///
    /// I9: `context` is null or the context of a running machine, stopped in a host call.
    pub(crate) unsafe fn new(context: *const Context) -> Self {
        // SAFETY: I9, promised by the caller; the switches belong to a stack that lives as long as the context.
        let switches = unsafe { context.as_ref().map_or(0, |context| (&(*context.switches)).len()) };
        Self { context, switches }
    }
}
