//! Stacks of suspended invocations that are no larger than their frames.
//!
//! An invocation that can be interrupted runs on a stack of its own, whose first page it touches. If it is shallow, its frames are
//! moved to an allocation of their size while it is suspended, and back to a whole stack before it goes on. Addresses of
//! cells are in the registers and in the linkage of each frame, which says where the frame of the caller is; nothing else
//! refers to cells. A moved invocation is as good as any for whoever follows its frames.

use core::{ptr, sync::atomic::Ordering};

use arrayvec::ArrayVec;

use crate::{
    exec::{
        frames::{Activation, Frames, Stop},
        invocations::Interrupted,
        stack::Stack,
    },
    runtime::code::ModuleCode,
    trap::TrapCode,
};

/// The greatest number of cells that are moved.
const MAX_CELLS: usize = 256;

/// The greatest number of frames that are moved.
const MAX_FRAMES: usize = 32;

/// The cells of an invocation that are in use.
struct Extent {
    /// Their number, from the bottom of the stack on.
    cells: usize,
    /// Indices of the cells that hold the frame pointers of callers.
    callers: ArrayVec<usize, MAX_FRAMES>,
}

/// Moves the frames of an interrupted invocation to a stack of their size. Returns the stack that they were on, or nothing if they
/// stay there: there are too many, or there is no memory.
///
/// # Safety
///
/// I6, I8: the store of the invocation lives, nobody else uses it, and none of its code runs. `stack` is that of the invocation,
/// which is alone on it.
pub(crate) unsafe fn pack(interrupted: &mut Interrupted, stack: &mut Stack) -> Option<Stack> {
    // SAFETY: I6, I8, as promised by the caller.
    unsafe {
        let extent = extent(interrupted, stack)?;
        let packed = Stack::packed(extent.cells).ok()?;
        let whole = core::mem::replace(stack, packed);
        stack.switches.clone_from(&whole.switches);
        move_cells(interrupted, &whole, stack, &extent);
        Some(whole)
    }
}

/// Moves the frames of an invocation from the stack that `pack` made to `whole`, which takes its place.
///
/// # Errors
///
/// If `whole` is too small.
///
/// # Safety
///
/// That of `pack`; `whole` is empty.
pub(crate) unsafe fn unpack(interrupted: &mut Interrupted, stack: &mut Stack, whole: Stack) -> Result<(), TrapCode> {
    // SAFETY: I6, I8, as promised by the caller.
    unsafe {
        let extent = extent(interrupted, stack).ok_or(TrapCode::StackOverflow)?;
        if whole.len() < extent.cells {
            return Err(TrapCode::StackOverflow);
        }
        let packed = core::mem::replace(stack, whole);
        stack.switches.clone_from(&packed.switches);
        move_cells(interrupted, &packed, stack, &extent);
    }
    Ok(())
}

/// Returns what of the stack is in use; nothing if that is more than what is moved.
///
/// # Safety
///
/// That of `pack`.
unsafe fn extent(interrupted: &Interrupted, stack: &Stack) -> Option<Extent> {
    let stopped = interrupted.registers.stopped;
    let bottom = stack.address(0);
    let index = |cell: *mut u64| (cell as usize - bottom as usize) / size_of::<u64>();
    let mut callers = ArrayVec::new();
    let mut cells = match stopped.stop {
        // The host function could use what follows.
        Stop::Call => stack.top,
        Stop::Op => 0,
        Stop::Entry(_) => return None,
    };
    // SAFETY: I6, I8, promised by the caller: the frames are on the stack, and no invocation is around this one on it.
    let mut frames = unsafe { Frames::suspended(stopped, &stack.switches) };
    while let Some(Activation { frame, place, code, .. }) = frames.advance() {
        let (fp, code) = (index(place.fp), code?);
        if cells == 0 {
            // SAFETY: I6, promised by the caller.
            let module: &ModuleCode = unsafe { frame.module() };
            // I3: the innermost frame, all of whose cells are below this.
            cells = fp + module.entries[code.func as usize].frame_cells.load(Ordering::Relaxed) as usize;
        }
        callers.try_push(fp + code.link as usize + 1).ok()?;
    }
    drop(frames);
    let inside = cells <= MAX_CELLS.min(stack.len()) && callers.iter().all(|&caller| caller < cells);
    let &outermost = callers.last().filter(|_| inside)?;
    // SAFETY: I3: the cell is one of those in use. Zero says that these are all frames.
    let whole = unsafe { *stack.address(outermost) } == 0;
    whole.then_some(Extent { cells, callers })
}

/// Copies cells from the bottom of `from` to that of `to`, and has all that refers to them refer to the copies.
///
/// # Safety
///
/// That of `pack`. Both stacks have as many cells as `extent` says, which is that of the invocation on `from`.
unsafe fn move_cells(interrupted: &mut Interrupted, from: &Stack, to: &mut Stack, extent: &Extent) {
    let (old, new) = (from.address(0), to.address(0));
    let (low, high) = (old as usize, from.address(extent.cells) as usize);
    let moved = |address: usize| new.wrapping_byte_add(address - low);
    // SAFETY: I10: the stacks are two allocations. I3: they have that many cells.
    unsafe { ptr::copy_nonoverlapping(old, new, extent.cells) };
    for &caller in &extent.callers {
        let cell = to.address(caller);
        // SAFETY: I3: the cell is one of those that were copied.
        unsafe {
            // The outermost frame has none.
            if *cell != 0 {
                *cell = moved(*cell as usize) as u64;
            }
        }
    }
    let place = &mut interrupted.registers.stopped.place;
    place.fp = moved(place.fp as usize);
    if (low..high).contains(&(interrupted.results as usize)) {
        interrupted.results = moved(interrupted.results as usize);
    }
    to.top = from.top;
}
