//! Shapes and bodies of ops on structs, arrays and other references that may be collected.

#![allow(clippy::missing_safety_doc, reason = "handler bodies share one contract: I1 to I8 hold for the op at `vm.ip`")]

use core::ptr::NonNull;

use crate::{
    exec::{
        barrier,
        handlers::{aggregate, branch::decide, call::has_subtype, memory::Done},
        heap::note_place,
        machine::{Cell, Context, Dest, Exit, Machine, Source, Vm},
    },
    ir::{
        cast::CastTo,
        form::{Form2, Form3},
        operand::{Imm32, Slot},
        shape::{
            BranchTest, Bulk, Cast, GetElement, GetField, Indexed, SetElement, SetField, Span, Test as TestOp,
            TypedSpan,
        },
    },
    module::rtt::ObjectKind,
    runtime::{heap::object::Object, instance::FuncInst},
    trap::TrapCode,
    types::object::ARRAY_HEADER,
};

/// The low byte of an integer.
#[inline(always)]
pub(crate) fn low8(value: u32) -> u8 {
    value as u8
}

/// The low half of an integer.
#[inline(always)]
pub(crate) fn low16(value: u32) -> u16 {
    value as u16
}

/// The object that a cell refers to, which is an object or null.
#[inline(always)]
fn object(cell: u64) -> Option<NonNull<Object>> {
    NonNull::new(cell as usize as *mut Object)
}

/// The offset of a field, read at once. The compiler would add its two halves to the address one by one.
#[inline(always)]
fn whole(offset: Imm32) -> u32 {
    barrier::choice(offset.bits().into()) as u32
}

#[inline(always)]
pub(crate) unsafe fn get_field<M: Machine, F: Form2<Imm32, A: Dest, B: Source>, R: Copy, T: Cell>(
    _: F,
    _: M,
    mut vm: Vm,
    eval: impl Fn(R) -> T,
) -> M::Out {
    // SAFETY: I1 for the fields; I3 and I5 for the operands; I14: the object has a field of this type at the offset.
    unsafe {
        let op: GetField<F::A, F::B> = vm.fields::<M, _>();
        let Some(object) = object(op.object.get(&vm)) else { return M::trap(vm, TrapCode::NullReference) };
        let value = eval(Object::field::<R>(object, whole(op.offset)).read());
        op.dst.put_loaded(&mut vm, value);
        vm.advance::<M, GetField<F::A, F::B>>()
    }
}

#[inline(always)]
pub(crate) unsafe fn set_field<M: Machine, F: Form2<Imm32, A: Source, B: Source>, R: Copy, T: Cell>(
    _: F,
    _: M,
    vm: Vm,
    eval: impl Fn(T) -> R,
) -> M::Out {
    // SAFETY: I1, I3, I5 and I14 as for `get_field`.
    unsafe {
        let op: SetField<F::A, F::B> = vm.fields::<M, _>();
        let Some(object) = object(op.object.get(&vm)) else { return M::trap(vm, TrapCode::NullReference) };
        Object::field::<R>(object, whole(op.offset)).write(eval(op.value.get(&vm)));
        vm.advance::<M, SetField<F::A, F::B>>()
    }
}

/// The address of an element of an array.
///
/// # Safety
///
/// I14: the cell is null or refers to an array whose elements have the size of `R`.
#[inline(always)]
unsafe fn element<R>(cell: u64, index: u32) -> Result<*mut R, TrapCode> {
    let Some(array) = object(cell) else { return Err(TrapCode::NullReference) };
    // SAFETY: I14, promised by the caller.
    if index >= unsafe { Object::len(array) } {
        return Err(TrapCode::ArrayOutOfBounds);
    }
    Ok(Object::field::<R>(array, ARRAY_HEADER).wrapping_add(index as usize))
}

#[inline(always)]
pub(crate) unsafe fn get_element<M: Machine, F: Form3<Imm32, A: Dest, B: Source, C: Source>, R: Copy, T: Cell>(
    _: F,
    _: M,
    mut vm: Vm,
    eval: impl Fn(R) -> T,
) -> M::Out {
    // SAFETY: I1, I3, I5 and I14 as for `get_field`.
    unsafe {
        let op: GetElement<F::A, F::B, F::C> = vm.fields::<M, _>();
        match element::<R>(op.array.get(&vm), op.index.get(&vm)) {
            Ok(element) => op.dst.put_loaded(&mut vm, eval(element.read())),
            Err(code) => return M::trap(vm, code),
        }
        vm.advance::<M, GetElement<F::A, F::B, F::C>>()
    }
}

#[inline(always)]
pub(crate) unsafe fn set_element<M: Machine, F: Form3<Imm32, A: Source, B: Source, C: Source>, R: Copy, T: Cell>(
    _: F,
    _: M,
    vm: Vm,
    eval: impl Fn(T) -> R,
) -> M::Out {
    // SAFETY: I1, I3, I5 and I14 as for `get_field`.
    unsafe {
        let op: SetElement<F::A, F::B, F::C> = vm.fields::<M, _>();
        match element::<R>(op.array.get(&vm), op.index.get(&vm)) {
            Ok(element) => element.write(eval(op.value.get(&vm))),
            Err(code) => return M::trap(vm, code),
        }
        vm.advance::<M, SetElement<F::A, F::B, F::C>>()
    }
}

// ---- casts

/// A test whether a reference has a type.
pub(crate) trait Test: Copy {
    /// Whether the reference in `cell` has type `to`.
    ///
    /// # Safety
    ///
    /// I4: the current instance of `ctx` has the type. I5, I14: the cell is a reference of its hierarchy.
    unsafe fn holds(self, ctx: *mut Context, cell: u64, to: CastTo) -> bool;
}

/// The test for the type of a struct or an array: two loads from the object and a comparison.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OfObject;

impl Test for OfObject {
    #[inline(always)]
    unsafe fn holds(self, ctx: *mut Context, cell: u64, to: CastTo) -> bool {
        if cell == 0 {
            return to.has_null();
        }
        let Some(object) = Object::of_cell(cell) else { return false };
        // SAFETY: I4, I14, promised by the caller; I6: the instance keeps its address.
        unsafe {
            let id = *(*(*ctx).instance).type_ids.add(to.index() as usize);
            Object::rtt(object).is_subtype(id, to.depth())
        }
    }
}

/// The test for an abstract type.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OfClass;

impl Test for OfClass {
    #[inline(always)]
    unsafe fn holds(self, _: *mut Context, cell: u64, to: CastTo) -> bool {
        /// The bits of structs and arrays.
        const OBJECTS: u32 = 0b11000;
        let classes = to.bits();
        let class = match cell {
            0 => 0,
            _ if cell & 1 != 0 => 1,
            _ if cell & 2 != 0 => 2,
            // Functions and exceptions as well.
            _ if matches!(classes & OBJECTS, 0 | OBJECTS) => 3,
            // SAFETY: I14: only a reference to an object is tested for being a struct or an array.
            _ => match unsafe { Object::rtt(NonNull::new_unchecked(cell as usize as *mut Object)) }.kind {
                ObjectKind::Array => 4,
                _ => 3,
            },
        };
        classes >> class & 1 != 0
    }
}

/// The test for the type of a function.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OfFunc;

impl Test for OfFunc {
    #[inline(always)]
    unsafe fn holds(self, ctx: *mut Context, cell: u64, to: CastTo) -> bool {
        if cell == 0 {
            return to.has_null();
        }
        // SAFETY: I4, promised by the caller; I5: the cell refers to a function, which keeps its address (I6).
        unsafe { has_subtype(ctx, cell as usize as *const FuncInst, to.index()) }
    }
}

/// The opposite test.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Not<T>(pub(crate) T);

impl<T: Test> Test for Not<T> {
    #[inline(always)]
    unsafe fn holds(self, ctx: *mut Context, cell: u64, to: CastTo) -> bool {
        // SAFETY: I4, I5, I14, promised by the caller.
        unsafe { !self.0.holds(ctx, cell, to) }
    }
}

#[inline(always)]
pub(crate) unsafe fn test<M: Machine, F: Form3<Imm32, A: Dest, B: Source, C: Source>>(
    _: F,
    _: M,
    mut vm: Vm,
    test: impl Test,
) -> M::Out {
    // SAFETY: I1 for the fields; I3 and I5 for the operands; I4 for the type.
    unsafe {
        let op: TestOp<F::A, F::B, F::C> = vm.fields::<M, _>();
        let holds = test.holds(vm.ctx, op.src.get(&vm), CastTo::of_bits(op.ty.get(&vm)));
        op.dst.put(&mut vm, i32::from(holds));
        vm.advance::<M, TestOp<F::A, F::B, F::C>>()
    }
}

#[inline(always)]
pub(crate) unsafe fn branch_test<M: Machine, F: Form2<Imm32, A: Source, B: Source>>(
    _: F,
    _: M,
    vm: Vm,
    test: impl Test,
) -> M::Out {
    // SAFETY: I1, I3, I4 and I5 as for `test`; I2 for the target.
    unsafe {
        let op: BranchTest<M::Encoding, F::A, F::B> = vm.fields::<M, _>();
        let holds = test.holds(vm.ctx, op.src.get(&vm), CastTo::of_bits(op.ty.get(&vm)));
        // The target is read after the condition, so that there is a branch to predict.
        decide::<M, BranchTest<M::Encoding, F::A, F::B>, _>(vm, holds, |vm| {
            vm.fields::<M, BranchTest<M::Encoding, F::A, F::B>>().target
        })
    }
}

#[inline(always)]
pub(crate) unsafe fn cast<M: Machine, F: Form2<Imm32, A: Source, B: Source>>(
    _: F,
    _: M,
    vm: Vm,
    test: impl Test,
) -> M::Out {
    // SAFETY: I1, I3, I4 and I5 as for `test`.
    unsafe {
        let op: Cast<F::A, F::B> = vm.fields::<M, _>();
        if !test.holds(vm.ctx, op.src.get(&vm), CastTo::of_bits(op.ty.get(&vm))) {
            return M::trap(vm, TrapCode::CastFailure);
        }
        vm.advance::<M, Cast<F::A, F::B>>()
    }
}

// ---- many fields or elements

/// An op that takes operands from `count` cells, or from as many as it has, and a type or a segment; kept out of the
/// handlers.
type Work = unsafe fn(ctx: *mut Context, cells: *mut u64, first: u32, second: u32) -> Done;

/// Ends an op that was kept out of the handlers, whose fields are a `B`.
#[inline(always)]
unsafe fn finish<M: Machine, B>(vm: Vm, done: Done) -> M::Out {
    // SAFETY: I1: another op follows; I8: `vm.ctx` is the context of this machine.
    unsafe {
        match done {
            Ok(()) => vm.advance::<M, B>(),
            Err(TrapCode::OutOfFuel) => M::exit::<{ Exit::OutOfFuel as u64 }>(vm),
            Err(code) => M::trap(vm, code),
        }
    }
}

/// Runs an op that makes an object, and leaves it in the accumulator and in the first of `cells`.
#[inline(always)]
unsafe fn make<M: Machine, B>(mut vm: Vm, cells: *mut u64, first: u32, second: u32, run: Work) -> M::Out {
    // SAFETY: I3: the cells lie in the frame; I4 for the indices; I8 for the context.
    unsafe {
        note_place(&vm);
        let done = run(vm.ctx, cells, first, second);
        if done.is_ok() {
            vm.acc = *cells;
        }
        finish::<M, B>(vm, done)
    }
}

macro_rules! make_ops {
    ($($(#[$doc:meta])* $name:ident;)*) => { $(
        $(#[$doc])*
        #[inline(always)]
        pub(crate) unsafe fn $name<M: Machine>(_: M, vm: Vm, op: TypedSpan) -> M::Out {
            // SAFETY: I3, I4 and I8, as `make` asks for.
            unsafe {
                let cells = vm.fp.add(op.base.0.into());
                make::<M, TypedSpan>(vm, cells, op.ty.bits(), op.count.into(), aggregate::$name)
            }
        }
    )* };
}

make_ops! {
    struct_new;
    array_new;
    array_new_default;
    array_new_fixed;
}

#[inline(always)]
pub(crate) unsafe fn struct_new_default<M: Machine>(_: M, vm: Vm, op: Indexed<Slot>) -> M::Out {
    // SAFETY: I3, I4 and I8, as `make` asks for.
    unsafe {
        let cells = vm.fp.add(op.value.0.into());
        make::<M, Indexed<Slot>>(vm, cells, op.index.bits(), 0, aggregate::struct_new_default)
    }
}

#[inline(always)]
pub(crate) unsafe fn array_new_data<M: Machine>(_: M, vm: Vm, op: Bulk) -> M::Out {
    // SAFETY: I3, I4 and I8, as `make` asks for.
    unsafe {
        let cells = vm.fp.add(op.base.0.into());
        make::<M, Bulk>(vm, cells, op.first.bits(), op.second.bits(), aggregate::array_new_data)
    }
}

#[inline(always)]
pub(crate) unsafe fn array_new_elem<M: Machine>(_: M, vm: Vm, op: Bulk) -> M::Out {
    // SAFETY: I3, I4 and I8, as `make` asks for.
    unsafe {
        let cells = vm.fp.add(op.base.0.into());
        make::<M, Bulk>(vm, cells, op.first.bits(), op.second.bits(), aggregate::array_new_elem)
    }
}

#[inline(always)]
pub(crate) unsafe fn array_fill<M: Machine>(_: M, vm: Vm, op: TypedSpan) -> M::Out {
    // SAFETY: I3: the cells lie in the frame; I8 for the context.
    unsafe {
        let done = aggregate::array_fill(vm.ctx, vm.fp.add(op.base.0.into()), op.ty.bits(), op.count.into());
        finish::<M, TypedSpan>(vm, done)
    }
}

#[inline(always)]
pub(crate) unsafe fn array_copy<M: Machine>(_: M, vm: Vm, op: Span) -> M::Out {
    // SAFETY: I3: the cells lie in the frame; I8 for the context.
    unsafe {
        let done = aggregate::array_copy(vm.ctx, vm.fp.add(op.base.0.into()), 0, 0);
        finish::<M, Span>(vm, done)
    }
}

#[inline(always)]
pub(crate) unsafe fn array_init_data<M: Machine>(_: M, vm: Vm, op: Bulk) -> M::Out {
    // SAFETY: I3: the cells lie in the frame; I4 for the segment; I8 for the context.
    unsafe {
        let done = aggregate::array_init_data(vm.ctx, vm.fp.add(op.base.0.into()), op.first.bits(), 0);
        finish::<M, Bulk>(vm, done)
    }
}

#[inline(always)]
pub(crate) unsafe fn array_init_elem<M: Machine>(_: M, vm: Vm, op: Bulk) -> M::Out {
    // SAFETY: I3: the cells lie in the frame; I4 for the segment; I8 for the context.
    unsafe {
        let done = aggregate::array_init_elem(vm.ctx, vm.fp.add(op.base.0.into()), op.first.bits(), 0);
        finish::<M, Bulk>(vm, done)
    }
}
