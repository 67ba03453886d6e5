//! The register signature of handlers: how they are declared, and how they are called.

/// Expands `$consumer!` with the calling convention of handlers, followed by the other tokens.
///
/// The convention must pass all registers of the virtual machine in machine registers: System V on x86-64, C
/// elsewhere. Where panics abort, it must be one that does not unwind. Otherwise a handler ends in a call instead of
/// a jump, so that it can abort when a panic reaches it.
#[cfg(all(target_arch = "x86_64", panic = "unwind"))]
macro_rules! with_convention {
    ($consumer:ident! $($tokens:tt)*) => { $consumer! { "sysv64-unwind" $($tokens)* } };
}
#[cfg(all(target_arch = "x86_64", not(panic = "unwind")))]
macro_rules! with_convention {
    ($consumer:ident! $($tokens:tt)*) => { $consumer! { "sysv64" $($tokens)* } };
}
#[cfg(all(not(target_arch = "x86_64"), panic = "unwind"))]
macro_rules! with_convention {
    ($consumer:ident! $($tokens:tt)*) => { $consumer! { "C-unwind" $($tokens)* } };
}
#[cfg(all(not(target_arch = "x86_64"), not(panic = "unwind")))]
macro_rules! with_convention {
    ($consumer:ident! $($tokens:tt)*) => { $consumer! { "C" $($tokens)* } };
}

/// Declares functions with the register signature of handlers. No other place lists it.
///
/// On x86-64 the accumulator is the fourth argument, `rcx`: shifts take their count from that register and would have
/// to save anything else in it.
macro_rules! handlers {
    ($($functions:tt)*) => { with_convention! { declare_handlers! $($functions)* } };
}
#[cfg(vector_register)]
macro_rules! declare_handlers {
    ($convention:literal $( $(#[$attr:meta])* fn $name:ident [$($gen:tt)*] ($vm:ident) $body:block )*) => {
        $( $(#[$attr])*
        pub(crate) unsafe extern $convention fn $name<$($gen)*>(ip: *const u8, fp: *mut u64, mem: *mut u8, acc: u64, mem_len: usize, ctx: *mut $crate::exec::machine::Context, f64: f64, f32: f32, vector: $crate::exec::simd::Register) -> u64 {
            let $vm = $crate::exec::machine::Vm { ip, fp, mem, mem_len, acc, ctx, f64, f32, vector };
            $body
        } )*
    };
}
#[cfg(not(vector_register))]
macro_rules! declare_handlers {
    ($convention:literal $( $(#[$attr:meta])* fn $name:ident [$($gen:tt)*] ($vm:ident) $body:block )*) => {
        $( $(#[$attr])*
        pub(crate) unsafe extern $convention fn $name<$($gen)*>(ip: *const u8, fp: *mut u64, mem: *mut u8, acc: u64, mem_len: usize, ctx: *mut $crate::exec::machine::Context, f64: f64, f32: f32) -> u64 {
            let $vm = $crate::exec::machine::Vm { ip, fp, mem, mem_len, acc, ctx, f64, f32 };
            $body
        } )*
    };
}
#[cfg(vector_register)]
macro_rules! declare_handler_type {
    ($convention:literal) => {
        /// The address of a handler.
        pub(crate) type Handler =
            unsafe extern $convention fn(*const u8, *mut u64, *mut u8, u64, usize, *mut $crate::exec::machine::Context, f64, f32, $crate::exec::simd::Register) -> u64;
    };
}
#[cfg(not(vector_register))]
macro_rules! declare_handler_type {
    ($convention:literal) => {
        /// The address of a handler.
        pub(crate) type Handler =
            unsafe extern $convention fn(*const u8, *mut u64, *mut u8, u64, usize, *mut $crate::exec::machine::Context, f64, f32) -> u64;
    };
}
with_convention! { declare_handler_type! }

/// Calls a handler with the registers of a `Vm`.
#[cfg(vector_register)]
macro_rules! enter {
    ($handler:expr, $vm:ident) => {
        $handler($vm.ip, $vm.fp, $vm.mem, $vm.acc, $vm.mem_len, $vm.ctx, $vm.f64, $vm.f32, $vm.vector)
    };
}
#[cfg(not(vector_register))]
macro_rules! enter {
    ($handler:expr, $vm:ident) => {
        $handler($vm.ip, $vm.fp, $vm.mem, $vm.acc, $vm.mem_len, $vm.ctx, $vm.f64, $vm.f32)
    };
}
