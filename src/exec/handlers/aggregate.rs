//! What ops on many fields or elements do, and those that make objects.
//!
//! Operands are cells of the frame, in which they stay until nothing can go wrong any more, since the op may be executed
//! again. `cells` is the first of them.

#![allow(clippy::missing_safety_doc, reason = "handler bodies share one contract: I1 to I8 hold for the op at `vm.ip`")]

use core::ptr::NonNull;

use crate::{
    exec::{
        handlers::{
            memory::{Done, charge_bytes, range},
            parts::{in_parts, leave},
        },
        heap::{allocate, rtt},
        machine::Context,
    },
    module::rtt::Rtt,
    runtime::heap::object::{Object, put_elements, put_field},
    trap::TrapCode,
    types::object::ARRAY_HEADER,
};

/// Checks that `len` elements from `start` on are inside `size`.
fn elements(start: u64, len: u32, size: u32) -> Result<u32, TrapCode> {
    let end = u64::from(start as u32) + u64::from(len);
    if end > u64::from(size) { Err(TrapCode::ArrayOutOfBounds) } else { Ok(start as u32) }
}

/// The array that a cell refers to.
fn array(cell: u64) -> Result<NonNull<Object>, TrapCode> {
    Object::of_cell(cell).ok_or(TrapCode::NullReference)
}

/// Returns the number of bytes of `count` elements of an array.
fn bytes_of(rtt: &Rtt, count: u32) -> u64 {
    u64::from(count) << rtt.element_log2
}

/// The address of an element, which may be the one after the last.
fn element_at(array: NonNull<Object>, rtt: &Rtt, index: u32) -> *mut u8 {
    Object::field::<u8>(array, ARRAY_HEADER).wrapping_add(bytes_of(rtt, index) as usize)
}

/// Changes the order of the bytes of elements that were copied from a data segment, if the target has another one.
unsafe fn of_little_endian(at: *mut u8, rtt: &Rtt, count: u32) {
    if cfg!(target_endian = "little") {
        return;
    }
    // SAFETY: I14: the caller has just written these elements.
    let bytes = unsafe { core::slice::from_raw_parts_mut(at, bytes_of(rtt, count) as usize) };
    // A vector is two cells.
    for word in bytes.chunks_exact_mut(1 << rtt.element_log2.min(3)) {
        word.reverse();
    }
}

#[inline(never)]
pub(crate) unsafe fn struct_new(ctx: *mut Context, cells: *mut u64, ty: u32, _: u32) -> Done {
    // SAFETY: I3: `cells` are the fields; I4, I8 and I14 for the type, whose fields the object has.
    unsafe {
        let rtt = rtt(ctx, ty);
        let object = allocate(ctx, rtt, 0)?;
        let mut value = cells.cast_const();
        for field in &rtt.as_ref().fields {
            value = put_field(object, field, value);
        }
        *cells = Object::cell(object);
        Ok(())
    }
}

#[inline(never)]
pub(crate) unsafe fn struct_new_default(ctx: *mut Context, cells: *mut u64, ty: u32, _: u32) -> Done {
    // SAFETY: I3 for the cell; I4, I8 and I14 for the type.
    unsafe {
        *cells = Object::cell(allocate(ctx, rtt(ctx, ty), 0)?);
        Ok(())
    }
}

#[inline(never)]
pub(crate) unsafe fn array_new(ctx: *mut Context, cells: *mut u64, ty: u32, count: u32) -> Done {
    // SAFETY: I3: `cells` are the value and the length; I4, I8 and I14 for the type.
    unsafe {
        let rtt = rtt(ctx, ty);
        let len = *cells.add(count as usize - 1) as u32;
        let array = allocate(ctx, rtt, len)?;
        put_elements(element_at(array, rtt.as_ref(), 0), rtt.as_ref(), len, cells, false);
        *cells = Object::cell(array);
        Ok(())
    }
}

#[inline(never)]
pub(crate) unsafe fn array_new_default(ctx: *mut Context, cells: *mut u64, ty: u32, _: u32) -> Done {
    // SAFETY: I3: the cell is the length; I4, I8 and I14 for the type.
    unsafe {
        *cells = Object::cell(allocate(ctx, rtt(ctx, ty), *cells as u32)?);
        Ok(())
    }
}

#[inline(never)]
pub(crate) unsafe fn array_new_fixed(ctx: *mut Context, cells: *mut u64, ty: u32, count: u32) -> Done {
    // SAFETY: I3: `cells` are the elements; I4, I8 and I14 for the type.
    unsafe {
        let rtt = rtt(ctx, ty);
        let len = if rtt.as_ref().element_log2 == 4 { count / 2 } else { count };
        let array = allocate(ctx, rtt, len)?;
        put_elements(element_at(array, rtt.as_ref(), 0), rtt.as_ref(), len, cells, true);
        *cells = Object::cell(array);
        Ok(())
    }
}

#[inline(never)]
pub(crate) unsafe fn array_new_data(ctx: *mut Context, cells: *mut u64, ty: u32, segment: u32) -> Done {
    // SAFETY: I3: `cells` are the offset and the length; I4, I8 and I14 for type and segment; the range is checked.
    unsafe {
        let rtt = rtt(ctx, ty);
        let len = *cells.add(1) as u32;
        let bytes = (*(*ctx).instance).data_segment(segment);
        let (from, count) = range(u64::from(*cells as u32), bytes_of(rtt.as_ref(), len), bytes.len())?;
        let array = allocate(ctx, rtt, len)?;
        let to = element_at(array, rtt.as_ref(), 0);
        core::ptr::copy_nonoverlapping(bytes.as_ptr().add(from), to, count);
        of_little_endian(to, rtt.as_ref(), len);
        *cells = Object::cell(array);
        Ok(())
    }
}

#[inline(never)]
pub(crate) unsafe fn array_new_elem(ctx: *mut Context, cells: *mut u64, ty: u32, segment: u32) -> Done {
    // SAFETY: I3: `cells` are the offset and the length; I4, I8 and I14 for type and segment; the range is checked.
    unsafe {
        let len = *cells.add(1) as u32;
        let elems = (*(*ctx).instance).elem_segment(segment);
        let (from, count) = segment_elements(*cells, len, elems.len())?;
        let array = allocate(ctx, rtt(ctx, ty), len)?;
        // Read again, since a collection came between.
        let elems = (*(*ctx).instance).elem_segment(segment);
        let to = Object::field::<u64>(array, ARRAY_HEADER);
        core::ptr::copy_nonoverlapping(elems.as_ptr().add(from), to, count);
        *cells = Object::cell(array);
        Ok(())
    }
}

/// Checks that `len` elements from `start` on are inside an element segment; returns both as `usize`.
fn segment_elements(start: u64, len: u32, size: usize) -> Result<(usize, usize), TrapCode> {
    range(u64::from(start as u32), len.into(), size).map_err(|_| TrapCode::TableOutOfBounds)
}

#[inline(never)]
pub(crate) unsafe fn array_fill(ctx: *mut Context, cells: *mut u64, _: u32, count: u32) -> Done {
    // SAFETY: I3: `cells` are the operands; I14 for the array; the range is checked before it is written.
    unsafe {
        let array = array(*cells)?;
        let rtt = Object::rtt(array);
        let len = *cells.add(count as usize - 1) as u32;
        let start = elements(*cells.add(1), len, Object::len(array))?;
        charge_bytes(ctx, bytes_of(rtt, len))?;
        let size = bytes_of(rtt, 1) as usize;
        let done = in_parts(ctx, len as usize, size, true, |at, part| {
            put_elements(element_at(array, rtt, start + at as u32), rtt, part as u32, cells.add(2), false);
        }) as u32;
        if done < len {
            *cells.add(1) = u64::from(start + done);
            *cells.add(count as usize - 1) = u64::from(len - done);
            return leave(ctx, bytes_of(rtt, len - done));
        }
        Ok(())
    }
}

#[inline(never)]
pub(crate) unsafe fn array_copy(ctx: *mut Context, cells: *mut u64, _: u32, _: u32) -> Done {
    // SAFETY: I3: `cells` are the operands; I14 for the arrays, whose elements are of one size; both ranges are checked
    // first.
    unsafe {
        let (dst, src) = (array(*cells)?, array(*cells.add(2))?);
        let rtt = Object::rtt(dst);
        let len = *cells.add(4) as u32;
        let to = elements(*cells.add(1), len, Object::len(dst))?;
        let from = elements(*cells.add(3), len, Object::len(src))?;
        charge_bytes(ctx, bytes_of(rtt, len))?;
        let size = bytes_of(rtt, 1) as usize;
        // What is written must not have to be read afterwards.
        let forward = dst != src || to <= from;
        let done = in_parts(ctx, len as usize, size, forward, |at, part| {
            let [from, to] = [(src, from), (dst, to)].map(|(array, start)| element_at(array, rtt, start + at as u32));
            core::ptr::copy(from, to, bytes_of(rtt, part as u32) as usize);
        }) as u32;
        if done < len {
            if forward {
                *cells.add(1) = u64::from(to + done);
                *cells.add(3) = u64::from(from + done);
            }
            *cells.add(4) = u64::from(len - done);
            return leave(ctx, bytes_of(rtt, len - done));
        }
        Ok(())
    }
}

#[inline(never)]
pub(crate) unsafe fn array_init_data(ctx: *mut Context, cells: *mut u64, segment: u32, _: u32) -> Done {
    // SAFETY: I3: `cells` are the operands; I4 for the segment; I14 for the array; both ranges are checked first.
    unsafe {
        let array = array(*cells)?;
        let rtt = Object::rtt(array);
        let len = *cells.add(3) as u32;
        let start = elements(*cells.add(1), len, Object::len(array))?;
        let bytes = (*(*ctx).instance).data_segment(segment);
        let (from, count) = range(u64::from(*cells.add(2) as u32), bytes_of(rtt, len), bytes.len())?;
        charge_bytes(ctx, bytes_of(rtt, len))?;
        let to = element_at(array, rtt, start);
        core::ptr::copy_nonoverlapping(bytes.as_ptr().add(from), to, count);
        of_little_endian(to, rtt, len);
        Ok(())
    }
}

#[inline(never)]
pub(crate) unsafe fn array_init_elem(ctx: *mut Context, cells: *mut u64, segment: u32, _: u32) -> Done {
    // SAFETY: I3: `cells` are the operands; I4 for the segment; I14 for the array; both ranges are checked first.
    unsafe {
        let array = array(*cells)?;
        let rtt = Object::rtt(array);
        let len = *cells.add(3) as u32;
        let start = elements(*cells.add(1), len, Object::len(array))?;
        let elems = (*(*ctx).instance).elem_segment(segment);
        let (from, count) = segment_elements(*cells.add(2), len, elems.len())?;
        charge_bytes(ctx, bytes_of(rtt, len))?;
        core::ptr::copy_nonoverlapping(elems.as_ptr().add(from), element_at(array, rtt, start).cast(), count);
        Ok(())
    }
}
