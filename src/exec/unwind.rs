//! Finds the code that catches an exception, and lets it continue there.
//!
//! An exception is thrown by an op, which leaves the machine, or by a host function, which returns an error. In both cases
//! the frames of the invocation are searched for a region (`ir/region.rs`) that contains the place and has the tag. Nothing
//! changes before one is found. If there is none, the invocation ends with an error.

use core::ptr::{self, NonNull};

#[cfg(tail_dispatch)]
use crate::ir::operand::Linked;
use crate::{
    exec::{
        frames::{Activation, Frames, Place, Stop, Stopped},
        heap,
        machine::{Context, Exit, Outer},
        stack::Stack,
    },
    ir::{
        operand::{Compact, Encoding},
        region::{ANY_TAG, RegionKind},
        shape::{Op, Region, Regions, Throw},
    },
    runtime::{code::CodePlace, heap::object::Object, instance::InstanceInst, meter::Meter, tag::TagInst},
    trap::TrapCode,
};

/// Bytes that the search of a region counts as, for fuel.
const REGION_BYTES: u64 = 32;

/// What is thrown.
#[derive(Debug, Clone, Copy)]
enum Thrown {
    /// An exception that is no object yet, with its tag. Its values are in these cells.
    Values(NonNull<TagInst>, *const u64),
    /// An exception.
    Object(NonNull<Object>),
}

/// Who catches an exception.
#[derive(Debug, Clone, Copy)]
struct Handler {
    /// Where the code continues.
    place: Place,
    kind: RegionKind,
    /// The first cell that is written.
    cells: *mut u64,
    /// The number of cells that are written.
    count: usize,
    /// Number of instance switches that are pending there.
    switches: usize,
}

/// How a search ended.
#[derive(Debug, Clone, Copy)]
enum Search {
    /// The region with this base, count and kind; its handler is at the address.
    Found { region: Region, handler: *const u8 },
    /// The function does not catch the exception.
    NotFound,
}

/// Tells whether the machine was left because of an exception: by an op, or by a host function that returned the error of the
/// exception that is pending.
///
/// # Safety
///
/// I8: `context` is that of a machine that was left by `exit`, and nobody else uses the store.
pub(crate) unsafe fn has_thrown(context: &Context, exit: u64) -> bool {
    if exit == Exit::Error as u64 {
        // SAFETY: I8, promised by the caller.
        let pending = unsafe { (*context.host.instances).pending_exception };
        return pending != 0
            && context.host_func.is_some()
            && context.error.as_ref().is_some_and(|error| error.thrown_exception().is_some());
    }
    exit == Exit::Throw as u64 || exit == Exit::ThrowRef as u64
}

/// Searches for the code that catches the exception by which the machine was left. Returns the place to continue at, or else
/// the exit by which the invocation ends.
///
/// # Safety
///
/// I1 to I8 hold for the machine, which was left by `exit`; [`has_thrown`] holds. The stack is that of the invocation.
pub(crate) unsafe fn catch(context: &mut Context, stack: &mut Stack, exit: u64, portable: bool) -> Result<Place, u64> {
    // SAFETY: I1 to I8, promised by the caller.
    unsafe {
        let instance = context.instance;
        let place = Place { instance, ip: context.ip, fp: context.fp };
        let mut stop = Stop::Op;
        let thrown = if exit == Exit::Throw as u64 {
            let op = throw_at(place.ip, portable);
            let tag = *(*instance).tags.add(op.tag.bits() as usize);
            Thrown::Values(NonNull::new_unchecked(tag.cast_mut()), place.fp.add(op.args.0.into()))
        } else if exit == Exit::ThrowRef as u64 {
            Thrown::Object(NonNull::new_unchecked(context.acc as usize as *mut Object))
        } else {
            stop = Stop::Call;
            Thrown::Object(NonNull::new_unchecked((*context.host.instances).pending_exception as usize as *mut Object))
        };
        let mut searched = 0;
        let found = {
            let mut frames = Frames::new(Stopped { place, stop }, &stack.switches, Outer::NONE);
            search_frames(&mut frames, thrown.tag(), &mut searched)
        };
        let mut meter = Meter::new(&mut context.fuel, context.price);
        if let Err(required) = meter.pay(searched * REGION_BYTES) {
            return Err(out_of_fuel(context, required, exit));
        }
        match found {
            Some(handler) => land(context, stack, thrown, handler),
            None => Err(uncaught(context, thrown, exit)),
        }
    }
}

impl Thrown {
    /// The address of the tag.
    ///
    /// # Safety
    ///
    /// I14: an object is an exception.
    unsafe fn tag(self) -> *const TagInst {
        match self {
            Self::Values(tag, _) => tag.as_ptr(),
            // SAFETY: I14, promised by the caller.
            Self::Object(exception) => unsafe { TagInst::of(exception) },
        }
    }
}

/// Reads the `throw` at `ip`.
///
/// # Safety
///
/// I1: it is one, in the code of the dispatcher.
unsafe fn throw_at(ip: *const u8, portable: bool) -> Throw {
    #[cfg(tail_dispatch)]
    if !portable {
        // SAFETY: I1, promised by the caller.
        return unsafe { (*ip.cast::<Op<Linked, Throw>>()).body };
    }
    let _ = portable;
    // SAFETY: I1, promised by the caller.
    unsafe { (*ip.cast::<Op<Compact, Throw>>()).body }
}

/// Returns the handler of the innermost frame that catches exceptions with the tag. Counts the regions that were searched.
///
/// # Safety
///
/// I1 to I8, as for `catch`.
unsafe fn search_frames(frames: &mut Frames<'_>, tag: *const TagInst, searched: &mut u64) -> Option<Handler> {
    while let Some(Activation { frame, place, code, switches }) = frames.advance() {
        let Some(code) = code.filter(|code| code.has_regions) else { continue };
        // SAFETY: I1, I2, promised by the caller: the code of the frame ends with a list of regions.
        let found = unsafe {
            #[cfg(tail_dispatch)]
            if (*frame.instance).code.portable() {
                search::<Compact>(&*frame.instance, code, place.ip, tag, searched)
            } else {
                search::<Linked>(&*frame.instance, code, place.ip, tag, searched)
            }
            #[cfg(not(tail_dispatch))]
            search::<Compact>(&*frame.instance, code, place.ip, tag, searched)
        };
        let Search::Found { region, handler } = found else { continue };
        // The translator writes no other kind.
        let kind = RegionKind::new(region.kind).unwrap_or(RegionKind::Catch);
        return Some(Handler {
            place: Place { ip: handler, ..place },
            kind,
            cells: place.fp.wrapping_add(region.base.0.into()),
            count: region.count.into(),
            switches,
        });
    }
    None
}

/// Searches the regions of a function for one that contains `ip` and has the tag.
///
/// # Safety
///
/// I1, I2: a list of regions is at the end of the code, whose encoding is `E`.
unsafe fn search<E: Encoding>(
    instance: &InstanceInst,
    code: CodePlace,
    ip: *const u8,
    tag: *const TagInst,
    searched: &mut u64,
) -> Search {
    const TARGETS: usize = 3;
    let last = (code.end - size_of::<Op<E, Regions>>() - size_of::<E::Target>()) as *const u8;
    // SAFETY: I1, promised by the caller: the targets follow the fields, in both encodings without a gap.
    unsafe {
        let mut at = E::goto(last, *last.add(size_of::<Op<E, Regions>>()).cast::<E::Target>());
        while at < last {
            *searched += 1;
            let region = (*at.cast::<Op<E, Region>>()).body;
            let targets = at.add(size_of::<Op<E, Region>>()).cast::<E::Target>();
            let target = |i| E::goto(at, *targets.add(i));
            let next = at.add(size_of::<Op<E, Region>>() + TARGETS * size_of::<E::Target>());
            if !(target(0)..target(1)).contains(&ip) {
                at = next;
            } else if region.kind == RegionKind::Delegate as u16 {
                at = target(2);
            } else if region.tag.bits() == ANY_TAG || *instance.tags.add(region.tag.bits() as usize) == tag {
                return Search::Found { region, handler: target(2) };
            } else {
                at = next;
            }
        }
    }
    Search::NotFound
}

/// Writes what a handler gets, and makes its place the current one.
///
/// # Errors
///
/// The exit, if an object has to be made and cannot be.
///
/// # Safety
///
/// I1 to I8, as for `catch`, whose handler this is.
unsafe fn land(context: &mut Context, stack: &mut Stack, thrown: Thrown, handler: Handler) -> Result<Place, u64> {
    let Handler { place, kind, mut cells, mut count, switches } = handler;
    // SAFETY: I1 to I8, promised by the caller. I3: the translator has made room for what the handler gets.
    unsafe {
        let mut reference = 0;
        if let RegionKind::CatchRef | RegionKind::LegacyRef = kind {
            reference = Object::cell(object(context, thrown)?);
        }
        count -= kind.reference_cells() as usize;
        if let RegionKind::Legacy | RegionKind::LegacyRef = kind {
            cells = cells.add(1);
        }
        if count > 0 {
            match thrown {
                Thrown::Values(_, values) => ptr::copy(values, cells, count),
                Thrown::Object(exception) => TagInst::unpack(exception, cells),
            }
        }
        match kind {
            RegionKind::CatchRef => cells.add(count).write(reference),
            RegionKind::Legacy | RegionKind::LegacyRef => cells.sub(1).write(reference),
            RegionKind::Catch | RegionKind::Delegate => {}
        }
        context.error = None;
        context.host_func = None;
        (*context.host.instances).pending_exception = 0;
        stack.switches.truncate(switches);
        context.instance = place.instance;
        context.globals = (*place.instance).globals;
        Ok(place)
    }
}

/// Returns the exception as an object.
///
/// # Errors
///
/// The exit, if it cannot be made.
///
/// # Safety
///
/// I8, I14: `context` is that of the machine, which has stopped at the op that throws the exception.
unsafe fn object(context: &mut Context, thrown: Thrown) -> Result<NonNull<Object>, u64> {
    let (tag, values) = match thrown {
        Thrown::Object(exception) => return Ok(exception),
        Thrown::Values(tag, values) => (tag, values),
    };
    // SAFETY: I8, I14, promised by the caller. The values are operands of the op, so they are roots.
    unsafe {
        match heap::allocate(context, tag.as_ref().rtt(), 0) {
            Ok(exception) => {
                tag.as_ref().fill(exception, values);
                Ok(exception)
            }
            Err(TrapCode::OutOfFuel) => Err(Exit::OutOfFuel as u64),
            Err(code) => {
                context.trap = code;
                Err(Exit::Trap as u64)
            }
        }
    }
}

/// Ends the invocation with an error, unless the host has returned it, and keeps the exception for the embedder.
///
/// # Safety
///
/// Those of `object`.
#[cold]
unsafe fn uncaught(context: &mut Context, thrown: Thrown, exit: u64) -> u64 {
    if exit == Exit::Error as u64 {
        return exit;
    }
    // SAFETY: I8, I14, promised by the caller.
    unsafe {
        let exception = match object(context, thrown) {
            Ok(exception) => exception,
            Err(exit) => return exit,
        };
        (*context.host.instances).pending_exception = Object::cell(exception);
        context.error = Some(TagInst::describe(exception).into());
        context.host_func = None;
    }
    Exit::Error as u64
}

/// Notes that the fuel does not suffice for a search. If an op has thrown the exception, it is executed again when there is
/// more fuel.
#[cold]
fn out_of_fuel(context: &mut Context, required: u64, exit: u64) -> u64 {
    if exit != Exit::Error as u64 {
        context.required = required;
        return Exit::OutOfFuel as u64;
    }
    context.error = Some(TrapCode::OutOfFuel.into());
    exit
}
