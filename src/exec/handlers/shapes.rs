//! One function per shape: runs an op of the shape, given the form and the semantics of its row.
//!
//! The dispatchers call `shapes::SHAPE(form::FORM, machine, vm, SEMANTICS)` for each row in each of its forms.
//! There are two kinds of shapes: for some, the semantics are a function on values (`value.rs`, `branch.rs`,
//! `access.rs`); for those below, they are the whole body of the handler.

#![allow(clippy::missing_safety_doc, reason = "handler bodies share one contract: I1 to I8 hold for the op at `vm.ip`")]

#[cfg(feature = "gc")]
pub(crate) use crate::exec::handlers::object::{
    branch_test, cast, get_element, get_field, set_element, set_field, test,
};
#[cfg(all(feature = "threads", feature = "simd"))]
pub(crate) use crate::exec::handlers::shared::{load_lane_shared, store_lane_shared};
#[cfg(feature = "simd")]
pub(crate) use crate::exec::handlers::vector::{extract_lane, load_lane, replace_lane, shuffle, store_lane};
pub(crate) use crate::exec::handlers::{
    access::{branch_load, load, load_any, load_load, load_sum, store, store_any},
    branch::{branch_compare, branch_compare_wide, branch_if, branch_step},
    value::{binary, binary_wide, ternary, unary},
};
#[cfg(feature = "threads")]
pub(crate) use crate::exec::handlers::{
    atomic::{atomic_cmpxchg, atomic_load, atomic_rmw, atomic_store},
    shared::{load_any_shared, load_shared, store_any_shared, store_shared},
};

use crate::{
    exec::machine::{Machine, Vm},
    ir::{
        form::{Form0, Form1, Form2, Form3, Form4},
        operand::{Imm32, Imm64},
        shape::{self, Op},
    },
};

/// Defines the function of each shape, which calls the body with the fields of the op.
macro_rules! bodies {
    ($($shape:ident<$form:ident: $bound:path> $fields:ty;)*) => { $(
        #[doc = concat!("Runs a body on an op of the shape `", stringify!($shape), "`.")]
        #[inline(always)]
        pub(crate) unsafe fn $shape<M: Machine, $form: $bound>(
            _: $form,
            m: M,
            vm: Vm,
            body: unsafe fn(M, Vm, $fields) -> M::Out,
        ) -> M::Out {
            // SAFETY: I1: the op has the fields of its shape.
            unsafe { body(m, vm, vm.fields::<M, $fields>()) }
        }
    )* };
}

bodies! {
    nullary<F: Form0> shape::Nullary;
    trap<F: Form0> shape::Trap;
    fuel<F: Form0> shape::Fuel;
    enter<F: Form0> shape::Enter;
    copy<F: Form2<Imm32>> shape::Copy2<F::A, F::B>;
    constant<F: Form1<Imm32>> shape::Constant<F::A>;
    copy_pair<F: Form4<Imm32>> shape::CopyPair<F::A, F::B, F::C, F::D>;
    add_pair<F: Form2<Imm32>> shape::AddPair<F::A, F::B>;
    copy_span<F: Form0> shape::CopySpan;
    select<F: Form4<Imm32>> shape::Select<F::A, F::B, F::C, F::D>;
    indexed<F: Form1<Imm32>> shape::Indexed<F::A>;
    indexed_sum<F: Form1<Imm32>> shape::IndexedSum<F::A>;
    set_global_sum<F: Form1<Imm32>> shape::SetGlobalSum<F::A>;
    indexed_pair<F: Form2<Imm32>> shape::IndexedPair<F::A, F::B>;
    index<F: Form0> shape::Index;
    span<F: Form0> shape::Span;
    bulk<F: Form0> shape::Bulk;
    load_store<F: Form2<Imm32>> shape::LoadStore<F::A, F::B>;
    store_sum<F: Form3<Imm32>> shape::StoreSum<F::A, F::B, F::C>;
    branch<F: Form0> shape::Branch<M::Encoding>;
    branch_copy<F: Form1<Imm32>> shape::BranchCopy<M::Encoding, F::A>;
    branch_table<F: Form1<Imm32>> shape::BranchTable<F::A>;
    branch_table_sum<F: Form1<Imm32>> shape::BranchTableSum<F::A>;
    call_import<F: Form0> shape::CallImport;
    call_indirect<F: Form1<Imm32>> shape::CallIndirect<F::A>;
    return_call<F: Form0> shape::ReturnCall<M::Encoding>;
    return_call_import<F: Form0> shape::ReturnCallImport;
    return_call_indirect<F: Form1<Imm32>> shape::ReturnCallIndirect<F::A>;
    call_ref<F: Form1<Imm32>> shape::CallRef<F::A>;
    return_call_ref<F: Form1<Imm32>> shape::ReturnCallRef<F::A>;
    check<F: Form1<Imm32>> shape::Check<F::A>;
    ret<F: Form0> shape::Ret;
    ret_value<F: Form1<Imm64>> shape::RetValue<F::A>;
    ret_value_at<F: Form1<Imm64>> shape::RetValueAt<F::A>;
}

#[cfg(feature = "threads")]
bodies! {
    wait<F: Form0> shape::Wait;
    fence<F: Form0> shape::Fence;
}

#[cfg(feature = "exceptions")]
bodies! {
    throw<F: Form0> shape::Throw;
    throw_ref<F: Form1<Imm32>> shape::ThrowRef<F::A>;
    region<F: Form0> shape::Region;
    regions<F: Form0> shape::Regions;
}

#[cfg(feature = "gc")]
bodies! {
    typed_span<F: Form0> shape::TypedSpan;
}

#[cfg(feature = "simd")]
bodies! {
    constant_v128<F: Form1<Imm32>> shape::ConstantV128<F::A>;
}

/// Runs a body on an op of the shape `call`. The body reads the fields itself.
#[inline(always)]
pub(crate) unsafe fn call<M: Machine, F: Form0>(
    _: F,
    m: M,
    vm: Vm,
    body: unsafe fn(M, Vm, *const shape::Call<M::Encoding>) -> M::Out,
) -> M::Out {
    // SAFETY: I1: the op has the fields of its shape.
    unsafe { body(m, vm, &raw const (*vm.ip.cast::<Op<M::Encoding, shape::Call<M::Encoding>>>()).body) }
}
