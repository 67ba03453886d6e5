//! The bodies of the ops that sequences may contain, by name: `bodies::i32_add::rss`.

#![allow(non_camel_case_types, dead_code, reason = "named as in the table; sequences use some of them")]
#![allow(missing_debug_implementations, reason = "one for each of the thousands of bodies would be slow to build")]

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
            #[allow(clippy::wildcard_imports, reason = "the rows of the op table say what they name")]
            use crate::{
                exec::{
                    dispatch::tail::bodies::Body,
                    handlers::scope::*,
                    machine::{Machine, Vm},
                },
                ir::operand::Linked,
            };
            $(
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
for_each_base_op!(define_bodies);
