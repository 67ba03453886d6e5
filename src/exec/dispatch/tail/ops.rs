//! The handlers of all ops by name, as they appear in a profile: `ops::i32_add::rss`.

use crate::{exec::dispatch::tail::convention::Handler, ir::opcode::OpCode};

macro_rules! define_handlers {
    ($( $(#[$doc:meta])* $name:ident : $shape:ident [ $($form:ident)* ] = $sem:expr $(, $relation:ident $to:tt)* ; )*) => {
        $( pub(crate) mod $name {
            #[allow(clippy::wildcard_imports, reason = "the rows of the op table say what they name")]
            use crate::exec::{barrier, dispatch::tail::machine::Tail, handlers::scope::*};
            $( handlers! {
                fn $form[](vm) {
                    barrier::line_begins();
                    // SAFETY: I1 to I8 hold for the op at `vm.ip`, whose head is this handler.
                    unsafe { shapes::$shape(form::$form, Tail, vm, $sem) }
                }
            } )*
        } )*
    };
}
for_each_op!(define_handlers);

macro_rules! handler_addresses {
    ($( $(#[$doc:meta])* $name:ident : $shape:ident [ $($form:ident)* ] = $sem:expr $(, $relation:ident $to:tt)* ; )*) => {
        /// The handlers by opcode.
        pub(crate) static HANDLERS: [Handler; OpCode::COUNT] = [ $( $( $name::$form, )* )* ];
    };
}
for_each_op!(handler_addresses);

/// The handlers of rows that the op table marks `level v2`, for processors of the level x86-64-v2.
#[cfg(all(vector_register, target_arch = "x86_64"))]
pub(crate) mod v2 {
    use crate::{
        exec::dispatch::tail::convention::Handler,
        ir::opcode::{OpCode, code},
    };

    /// Expands to the tokens in parentheses if the facts in brackets contain `level v2`, and to those in braces otherwise.
    macro_rules! if_v2 {
        ([level v2 $($rest:tt)*] ($($then:tt)*) {$($otherwise:tt)*}) => { $($then)* };
        ([$fact:ident $value:tt $($rest:tt)*] $then:tt $otherwise:tt) => { if_v2! { [$($rest)*] $then $otherwise } };
        ([] $then:tt {$($otherwise:tt)*}) => { $($otherwise)* };
    }

    macro_rules! define_row {
        ($name:ident $shape:ident [$($form:ident)*] $sem:expr) => {
            pub(crate) mod $name {
                use crate::{
                    exec::{barrier, dispatch::tail::machine::Tail, handlers::shapes, simd::v2 as vector},
                    ir::form,
                };
                $( handlers! {
                    #[target_feature(enable = "sse3,ssse3,sse4.1,sse4.2,popcnt")]
                    fn $form[](vm) {
                        barrier::line_begins();
                        // SAFETY: I1 to I8 hold for the op at `vm.ip`, whose head is this handler; I12.
                        unsafe { shapes::$shape(form::$form, Tail, vm, $sem) }
                    }
                } )*
            }
        };
    }
    macro_rules! define_rows {
        ($( $(#[$doc:meta])* $name:ident : $shape:ident [ $($form:ident)* ] = $sem:expr $(, $relation:ident $to:tt)* ; )*) => {
            $( if_v2! { [$($relation $to)*] (define_row! { $name $shape [$($form)*] $sem }) {} } )*
        };
    }
    for_each_op!(define_rows);

    macro_rules! put_row {
        ($handlers:ident $name:ident [$($form:ident)*]) => {
            $( $handlers[code::$name::$form as usize] = $name::$form; )*
        };
    }
    macro_rules! handler_addresses {
        ($( $(#[$doc:meta])* $name:ident : $shape:ident [ $($form:ident)* ] = $sem:expr $(, $relation:ident $to:tt)* ; )*) => {
            /// The handlers by opcode.
            pub(crate) static HANDLERS: [Handler; OpCode::COUNT] = {
                let mut handlers = super::HANDLERS;
                $( if_v2! { [$($relation $to)*] (put_row! { handlers $name [$($form)*] }) {} } )*
                handlers
            };
        };
    }
    for_each_op!(handler_addresses);
}
