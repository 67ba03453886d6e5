//! The handlers of all ops by name, as they appear in a profile: `ops::i32_add::rss`.

use crate::{exec::dispatch::tail::convention::Handler, ir::opcode::OpCode};

macro_rules! define_handlers {
    ($( $(#[$doc:meta])* $name:ident : $shape:ident [ $($form:ident)* ] = $sem:expr $(, $relation:ident $to:tt)* ; )*) => {
        $( pub(crate) mod $name {
            use crate::exec::{
                    barrier,
                    dispatch::tail::{
                        bodies::{self, Body},
                        machine::Tail,
                    },
                };
            $( handlers! {
                fn $form[](vm) {
                    barrier::line_begins();
                    // SAFETY: I1 to I8 hold for the op at `vm.ip`, whose head is this handler.
                    unsafe { bodies::$name::$form::run(Tail, vm) }
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
