//! The bodies of all ops by name: `bodies::i32_add::rss`.

#![allow(non_camel_case_types, dead_code, reason = "named as in the table; sequences use some of them")]

use crate::{
    exec::machine::{Machine, Vm},
    ir::operand::Linked,
};

/// The body of a handler, as a type.
pub(crate) trait Body {
    /// Executes the op at `vm.ip` and continues as the machine `M` does.
    ///
    /// # Safety
    ///
    /// I1 to I8, the contract of handler bodies.
    unsafe fn run<M: Machine<Encoding = Linked, Out = u64>>(machine: M, vm: Vm) -> u64;
}

macro_rules! define_bodies {
    ($( $(#[$doc:meta])* $name:ident : $shape:ident [ $($form:ident)* ] = $sem:expr $(, $relation:ident $to:tt)* ; )*) => {
        $( pub(crate) mod $name {
            #[allow(unused_imports, reason = "each row needs some of these")]
            use crate::{
                exec::{
                    dispatch::tail::bodies::Body,
                    handlers::{access, call, control, memory, semantics, shapes, table, variable},
                    machine::{Machine, Vm},
                },
                ir::{form, operand::Linked},
                numerics::{convert, float, int},
            };
            #[cfg(feature = "exceptions")]
            #[allow(unused_imports, reason = "rows of exceptions need this")]
            use crate::exec::handlers::exception;
            #[cfg(feature = "threads")]
            #[allow(unused_imports, reason = "atomic rows and those of shared memories need these")]
            use crate::exec::handlers::{atomic, shared};
            #[cfg(feature = "gc")]
            #[allow(unused_imports, reason = "rows on objects need these")]
            use crate::{exec::handlers::object, numerics::reference};
            #[cfg(feature = "simd")]
            #[allow(unused_imports, reason = "rows on vectors need these")]
            use crate::{exec::simd::baseline as vector, numerics::vector::Vector};
            $(
                #[derive(Debug)]
                pub(crate) struct $form;
                impl Body for $form {
                    #[inline(always)]
                    unsafe fn run<M: Machine<Encoding = Linked, Out = u64>>(machine: M, vm: Vm) -> u64 {
                        // SAFETY: I1 to I8 hold, as the caller promises.
                        unsafe { shapes::$shape(form::$form, machine, vm, $sem) }
                    }
                }
            )*
        } )*
    };
}
for_each_op!(define_bodies);
