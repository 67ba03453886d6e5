//! The ways into threaded dispatch: its stubs, its linker, and `run`.

#[cfg(sequences)]
use crate::exec::dispatch::tail::sequence;
#[cfg(all(vector_register, target_arch = "x86_64"))]
use crate::exec::simd;
use crate::{
    exec::{
        dispatch::{
            stub::Stubs,
            tail::{convention::Handler, machine::Tail, ops},
        },
        handlers::call,
        machine::{Machine, Vm},
    },
    ir::{
        link::{self, Handlers},
        opcode::OpCode,
    },
    module::body::FuncCode,
    runtime::code::{CodeBlock, FuncEntry, ModuleCode},
    trap::TrapCode,
};

/// Returns the handlers of all ops, for linking, and those of sequences if `fused` and if this build has them.
pub(crate) fn handlers(fused: bool) -> Handlers<'static> {
    // SAFETY: I1: linked code holds addresses, and a function pointer has the size and the bits of an address.
    let ops = unsafe { &*op_handlers().cast() };
    #[cfg(sequences)]
    // SAFETY: I1: as above.
    let sequences = unsafe { fused.then_some(&*(&raw const sequence::HANDLERS).cast()) };
    #[cfg(not(sequences))]
    let (sequences, _) = (None, fused);
    Handlers { ops, sequences }
}

/// Returns the handlers of all ops that the processor runs fastest.
fn op_handlers() -> *const [Handler; OpCode::COUNT] {
    #[cfg(all(vector_register, target_arch = "x86_64"))]
    if simd::has_v2() {
        return &raw const ops::v2::HANDLERS;
    }
    &raw const ops::HANDLERS
}

/// Links the compact code of a function of `module`.
fn link(module: &ModuleCode, code: &[u16], func: FuncCode) -> Result<(CodeBlock, usize), TrapCode> {
    let entry = |callee: u32| module.entries[callee as usize].stub() as usize;
    let handlers = handlers(module.data.header.fused);
    let linked = link::link(code, func.entry, func.frame_cells, handlers, entry);
    let (linked, offset) = linked.map_err(|_| TrapCode::OutOfSystemMemory)?;
    Ok((CodeBlock::Linked(linked), offset))
}

static HALT: [Handler; 1] = [ops::halt::x];
static RESTORE: [Handler; 1] = [ops::restore_instance::x];
static TRANSLATE: [Handler; 1] = [ops::translate::x];

handlers! {
    /// Enters a function that has no code yet, and makes the direct call that entered it use the code from then on.
    #[cold]
    #[inline(never)]
    fn first_call[](vm) {
        let mut vm = vm;
        vm.acc = FuncEntry::of_stub(vm.ip) as u64;
        // If the function cannot be linked now, the next attempt begins at this op.
        vm.ip = TRANSLATE.as_ptr().cast();
        // SAFETY: I4: a direct call has entered the stub of this entry; I8: the context is that of this machine.
        unsafe { call::first_call::<Tail>(vm) }
    }
}

/// Returns the stubs, as linked code.
pub(crate) fn stubs() -> Stubs {
    Stubs {
        halt: HALT.as_ptr().cast(),
        restore: RESTORE.as_ptr().cast(),
        translate: TRANSLATE.as_ptr().cast(),
        first_call: first_call as Handler as usize,
        link: Some(link),
    }
}

/// Runs linked code from `vm` on.
///
/// # Safety
///
/// I1 to I8 hold for `vm`.
pub(crate) unsafe fn run(vm: Vm) -> u64 {
    // SAFETY: I1: the caller promises that an op begins at `vm.ip`.
    unsafe { Tail::next(vm) }
}
