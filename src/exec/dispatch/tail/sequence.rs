//! Handlers of sequences: the bodies of their ops one after the other, with one dispatch at the end.

use core::marker::PhantomData;

use crate::{
    exec::{
        barrier,
        dispatch::tail::{
            bodies::{self, Body},
            convention::Handler,
            machine::Tail,
        },
        machine::{Cold, Machine, Vm},
    },
    ir::{
        operand::{Encoding, Linked},
        sequences::SEQUENCES,
    },
    runtime::code::FuncEntry,
    trap::TrapCode,
};

/// Ops that one handler executes, one after the other.
pub(crate) trait Sequence {
    /// Executes the ops from `vm.ip` on.
    ///
    /// # Safety
    ///
    /// I1 to I8, the contract of handler bodies.
    unsafe fn run(vm: Vm) -> u64;
}

/// The last op of a sequence.
struct Last<B>(PhantomData<B>);

impl<B: Body> Sequence for Last<B> {
    #[inline(always)]
    unsafe fn run(vm: Vm) -> u64 {
        // SAFETY: I1 to I8 hold, as the caller promises.
        unsafe { B::run(Tail, vm) }
    }
}

impl<B: Body, S: Sequence> Sequence for (B, S) {
    #[inline(always)]
    unsafe fn run(vm: Vm) -> u64 {
        // SAFETY: I1 to I8 hold, as the caller promises; the ops of `S` follow this one.
        unsafe { B::run(Before::<S>(PhantomData), vm) }
    }
}

/// The machine for an op that precedes the ops of `S`: `Tail`, except that the next op is known.
struct Before<S>(PhantomData<S>);

impl<S> Clone for Before<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Before<S> {}

impl<S: Sequence> Machine for Before<S> {
    type Encoding = Linked;
    type Out = u64;

    const CHARGES: bool = Tail::CHARGES;

    #[inline(always)]
    unsafe fn next(mut vm: Vm) -> u64 {
        vm.acc = barrier::between_ops(vm.acc);
        // SAFETY: I1: the linker has found the ops of `S` at `vm.ip`.
        unsafe { S::run(vm) }
    }

    #[inline(always)]
    unsafe fn jump(vm: Vm) -> u64 {
        // SAFETY: I1: the caller promises that an op begins at `vm.ip`.
        unsafe { Tail::jump(vm) }
    }

    #[inline(always)]
    unsafe fn trap(vm: Vm, code: TrapCode) -> u64 {
        // SAFETY: I8: the caller promises the context of this machine.
        unsafe { Tail::trap(vm, code) }
    }

    #[inline(always)]
    unsafe fn exit<const EXIT: u64>(vm: Vm) -> u64 {
        // SAFETY: I8: the caller promises the context of this machine.
        unsafe { Tail::exit::<EXIT>(vm) }
    }

    #[inline(always)]
    unsafe fn cold<C: Cold>(vm: Vm) -> u64 {
        // SAFETY: I1 to I8 hold for the op at `vm.ip`, as the caller promises.
        unsafe { Tail::cold::<C>(vm) }
    }

    #[inline(always)]
    unsafe fn callee(vm: &Vm, callee: <Linked as Encoding>::Callee) -> *const FuncEntry {
        // SAFETY: I4: the caller promises a function of the current instance.
        unsafe { Tail::callee(vm, callee) }
    }

    #[inline(always)]
    unsafe fn direct(vm: &mut Vm, callee: *const <Linked as Encoding>::Callee) -> (*const u8, usize) {
        // SAFETY: I1 and I4: the caller promises the field of a `call` of the current instance.
        unsafe { Tail::direct(vm, callee) }
    }
}

handlers! {
    /// Executes the ops of a sequence.
    fn sequence[S: Sequence](vm) {
        barrier::line_begins();
        // SAFETY: I1 to I8 hold for the ops of `S`, which the linker has found at `vm.ip`.
        unsafe { S::run(vm) }
    }
}

macro_rules! sequence_type {
    ($name:ident . $form:ident) => { Last<bodies::$name::$form> };
    ($name:ident . $form:ident $($rest:tt)+) => { (bodies::$name::$form, sequence_type!($($rest)+)) };
}

macro_rules! sequence_handlers {
    ($( $($name:ident . $form:ident)+ ; )*) => {
        /// The handlers of all sequences, in the order of the list.
        pub(crate) static HANDLERS: [Handler; SEQUENCES.len()] =
            [ $( sequence::<sequence_type!($($name . $form)+)>, )* ];
    };
}
for_each_sequence!(sequence_handlers);

#[cfg(test)]
mod tests {
    use alloc::{boxed::Box, vec::Vec};

    use crate::{
        exec::{
            dispatch::tail::{
                entry::{handlers, run},
                probe::idle_context,
            },
            machine::{Exit, Vm},
        },
        ir::{
            decode::compact_width,
            link::link,
            opcode::{Kind, OpCode, code},
            sequences::{SEQUENCES, length},
            shape::Field,
        },
        trap::TrapCode,
    };

    const SLOTS: u64 = 8;
    const MEMORY: usize = 2048;

    /// Numbers that look random (xorshift).
    struct Numbers(u64);

    impl Numbers {
        fn next(&mut self) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0
        }

        /// Addresses, small numbers, floats, any bits.
        fn cell(&mut self) -> u64 {
            let number = self.next();
            match number % 5 {
                0 => number >> 8 & 1,
                1 | 2 => number >> 8 & 1023,
                3 => f64::to_bits((number >> 8 & 0xffff) as f64 / 8.0),
                _ => number >> 8,
            }
        }
    }

    /// Returns the ops with random fields, followed by a `consume_fuel`, to which all branches lead, and a `halt`.
    /// None if an op needs more than slots, a memory and globals.
    fn compact(ops: &[u16], numbers: &mut Numbers) -> Option<Vec<u16>> {
        let (mut units, mut targets) = (Vec::new(), Vec::new());
        for &op in ops {
            let (row, form) = OpCode(op).row_and_form().expect("an opcode");
            let at = units.len();
            units.push(op);
            let (mut operand, mut count) = (0, 0);
            for &field in row.shape().fields() {
                let mut kind = Kind::Acc;
                if matches!(field, Field::Operand | Field::Wide | Field::Cast) {
                    kind = form.kind(operand);
                    operand += 1;
                }
                let bits = match (field, kind) {
                    (
                        Field::Callee
                        | Field::ImportedFunc
                        | Field::Base
                        | Field::Link
                        | Field::CalleeLink
                        | Field::Memory
                        | Field::Table
                        | Field::Type
                        | Field::Tag,
                        _,
                    ) => return None,
                    (Field::Targets, _) => {
                        count = 2;
                        2
                    }
                    (Field::Operand | Field::Wide, Kind::Slot) | (Field::Slot, _) => numbers.next() % SLOTS,
                    (Field::Cells | Field::Range, _) => numbers.next() % (SLOTS / 2),
                    (Field::U16 | Field::Count, _) => 1 + numbers.next() % 2,
                    (Field::U32 | Field::Index, _) => numbers.next() % 4,
                    _ => numbers.cell(),
                };
                if field == Field::Target {
                    targets.push((at, units.len()));
                }
                for unit in 0..compact_width(field, kind) / 2 {
                    units.push((bits >> (16 * unit)) as u16);
                }
            }
            for _ in 0..count {
                targets.push((at, units.len()));
                units.extend([0, 0]);
            }
        }
        let end = units.len();
        units.extend([code::consume_fuel::x, 1, 0, code::halt::x]);
        for (op, field) in targets {
            let distance = (end - op) as u32;
            units[field] = distance as u16;
            units[field + 1] = (distance >> 16) as u16;
        }
        Some(units)
    }

    /// The state after code has run.
    #[derive(Debug, PartialEq)]
    struct State {
        exit: u64,
        trap: Option<TrapCode>,
        ip: usize,
        fuel: u64,
        accumulators: [u64; 3],
        cells: Vec<u64>,
        globals: Vec<u64>,
        memory: Vec<u8>,
    }

    fn state_after(units: &[u16], fused: bool, seed: u64) -> (State, bool) {
        let mut numbers = Numbers(seed);
        let (linked, offset) = link(units, 0, 0, handlers(fused), |_| 0).unwrap();
        let code: *const u8 = linked.as_ptr().cast();
        let mut cells: Vec<u64> = (0..SLOTS + 4).map(|_| numbers.cell()).collect();
        let mut globals: Vec<u64> = (0..4).map(|_| numbers.cell()).collect();
        let mut memory: Vec<u8> = (0..MEMORY).map(|i| if i % 4 < 2 { numbers.next() as u8 & 3 } else { 0 }).collect();
        let acc = numbers.cell();
        let (mut switches, mut top) = (Vec::new(), 0);
        let mut context = idle_context();
        context.globals = globals.as_mut_ptr();
        context.fuel = numbers.next() % 6;
        context.switches = &raw mut switches;
        context.top = &raw mut top;
        let vm = Vm {
            ip: code.wrapping_add(offset),
            fp: cells.as_mut_ptr(),
            mem: memory.as_mut_ptr(),
            mem_len: MEMORY,
            acc,
            ctx: &raw mut context,
            f64: (acc % 1000) as f64 / 4.0,
            f32: (acc % 1000) as f32 / 8.0,
            #[cfg(vector_register)]
            vector: crate::exec::simd::zero(),
        };
        // Whether the head of the first op is the handler of that op alone, not of a sequence.
        let single = linked[offset / 8].load(core::sync::atomic::Ordering::Relaxed)
            == handlers(false).ops[usize::from(units[0])] as u64;
        // SAFETY: I1 and I2 by `compact`; slots lie in `cells` (I3), globals in `globals` (I4); no op needs more.
        let exit = unsafe { run(vm) };
        let left = exit != Exit::Trap as u64;
        let state = State {
            exit,
            trap: (!left).then_some(context.trap),
            ip: context.ip as usize - code as usize,
            fuel: context.fuel,
            accumulators: [context.acc, context.f64.to_bits(), u64::from(context.f32.to_bits())],
            cells,
            globals,
            memory,
        };
        (state, single)
    }

    #[test]
    fn do_what_their_ops_do() {
        let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
        let mut tried = 0;
        for ops in SEQUENCES {
            let ops = &ops[..length(ops)];
            let names: Box<[_]> = ops.iter().map(|&op| OpCode(op).row_and_form()).collect();
            let returns = |op: &u16| OpCode(*op).row_and_form().is_some_and(|(row, _)| row.name().starts_with("ret"));
            if ops.iter().any(returns) {
                // The spec suite returns often enough.
                continue;
            }
            for _ in 0..40 {
                let Some(units) = compact(ops, &mut numbers) else { break };
                let seed = numbers.next();
                let (expected, single) = state_after(&units, false, seed);
                assert!(single);
                let (state, single) = state_after(&units, true, seed);
                assert!(!single, "{names:?} are a sequence");
                assert_eq!(state, expected, "{names:?} in {units:?}");
                tried += 1;
            }
        }
        assert!(tried > 40 * SEQUENCES.len() / 2);
    }
}
