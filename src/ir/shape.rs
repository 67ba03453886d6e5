//! Shapes: the second, short table. A shape lists the fields of an op in encoded order; many ops share one shape.
//!
//! The form letter of an `Operand` or `Wide` field determines its length: `r` (accumulator) takes no units, `s`
//! (slot) one unit, `i` (immediate) two units, or four in a `Wide` field. These fields precede all others.
//! `-> !` marks shapes whose ops never fall through.

use crate::ir::operand::Encoding;

/// The kind of a field: what its units encode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    /// By form letter: nothing, a slot or a 32-bit immediate.
    Operand,
    /// By form letter: nothing, a slot or a 64-bit immediate.
    Wide,
    /// An immediate of 32 bits: the type that a cast tests for.
    Cast,
    /// A slot.
    Slot,
    /// The first of several slots; the op's row states how many.
    Cells,
    /// The first of several slots; the field `Count` or `Arguments` holds how many.
    Range,
    /// A number of slots, at least one, in one unit.
    Count,
    /// The number of parameters of the callee, in one unit.
    Arguments,
    /// The slot at which the frame of the callee begins.
    Base,
    /// The first of the two slots of the linkage.
    Link,
    /// The first of the two slots of the callee's linkage.
    CalleeLink,
    /// One unit.
    U16,
    /// Two units.
    U32,
    /// Four units.
    U64,
    /// A branch target.
    Target,
    /// A function of this module, by its index among the functions the module defines.
    Callee,
    /// The number of branch targets that follow the op, in two units.
    Targets,
    /// An index, in two units, into the index space that the op's row states.
    Index,
    /// A memory, by its index in one unit.
    Memory,
    /// An imported function, by its index in two units.
    ImportedFunc,
    /// A table, by its index in two units.
    Table,
    /// A type, by its index in two units.
    Type,
    /// A tag, by its index in two units, or `ANY_TAG`.
    Tag,
}

impl Field {
    /// The number of units; 0 for an operand, whose length depends on the form.
    pub(crate) const fn units(self) -> usize {
        match self {
            Self::Operand | Self::Wide | Self::Cast => 0,
            Self::Slot
            | Self::Cells
            | Self::Range
            | Self::Count
            | Self::Arguments
            | Self::Base
            | Self::Link
            | Self::CalleeLink
            | Self::Memory
            | Self::U16 => 1,
            Self::U32
            | Self::Target
            | Self::Callee
            | Self::Targets
            | Self::Index
            | Self::ImportedFunc
            | Self::Table
            | Self::Type
            | Self::Tag => 2,
            Self::U64 => 4,
        }
    }
}

/// The layout of frames that code relies on: the number of cells of the linkage, and 1 for its place after the parameters.
pub(crate) const FRAME_LAYOUT: [u8; 2] = [crate::types::layout::LINKAGE_CELLS as u8, 1];

/// The length of a `consume_fuel` in compact code.
pub(crate) const FUEL_UNITS: usize = 1 + Field::U32.units();

/// An op as it is laid out in code: the head, then the fields of its shape.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub(crate) struct Op<F: Encoding, B> {
    pub(crate) head: F::Head,
    pub(crate) body: B,
}

macro_rules! shapes {
    ($( $(#[doc = $doc:literal])* $shape:ident $body:ident <$($param:ident $(: $bound:ident)?),*> { $( $field:ident : $kind:ident $ty:ty ),* } $(-> $never:tt)? )*) => {
        /// Determines the fields of an op.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(non_camel_case_types, reason = "shapes are named as in the table")]
        #[cfg_attr(not(all(feature = "simd", feature = "threads", feature = "exceptions", feature = "gc")), allow(dead_code, reason = "no op has the shapes of vector ops, of atomic ones, of those of exceptions, or of those on objects"))]
        pub(crate) enum Shape { $( $(#[doc = $doc])* $shape, )* }

        /// The fields of each shape, in encoded order.
        pub(crate) const SHAPE_FIELDS: &[&[Field]] = &[ $( &[ $( Field::$kind ),* ] ),* ];

        impl Shape {
            /// The fields in encoded order.
            #[cfg(any(tail_dispatch, debug_assertions, feature = "inspect", feature = "serialize", feature = "verify", test))]
            pub(crate) const fn fields(self) -> &'static [Field] {
                SHAPE_FIELDS[self as usize]
            }

            /// Whether ops of this shape never fall through to the next one.
            #[cfg(any(debug_assertions, feature = "inspect", feature = "serialize", feature = "verify", test))]
            pub(crate) const fn ends(self) -> bool {
                match self { $( Self::$shape => !concat!($( stringify!($never) )?).is_empty(), )* }
            }
        }

        /// All shapes: name, names of the fields, description.
        #[cfg(test)]
        pub(crate) const SHAPES: &[(Shape, &str, &[&str], &str)] =
            &[ $( (Shape::$shape, stringify!($shape), &[ $( stringify!($field) ),* ], concat!($($doc),*)) ),* ];

        $( $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy)]
        #[repr(C)]
        #[cfg_attr(not(all(feature = "simd", feature = "threads", feature = "exceptions", feature = "gc")), allow(dead_code, reason = "as for the shapes"))]
        pub(crate) struct $body<$($param $(: $bound)?),*> { $( pub(crate) $field: $ty ),* } )*
    };
}

use crate::ir::operand::{Imm32, Imm64, Slot};

shapes! {
    /// No fields.
    nullary Nullary<> { } -> !
    /// Stops with a trap.
    trap Trap<> { code: U16 u16 } -> !
    /// Charges fuel.
    fuel Fuel<> { amount: U32 Imm32 }
    /// Zeroes `count` slots from `first` on.
    enter Enter<> { first: Range Slot, count: Count u16 }
    /// `dst = op(src)`
    unary Unary<D, S> { dst: Operand D, src: Operand S }
    /// `dst = op(lhs, rhs)`
    binary Binary<D, L, R> { dst: Operand D, lhs: Operand L, rhs: Operand R }
    /// `dst = op(a, b, c)`
    ternary Ternary<D, A, B, C> { dst: Operand D, a: Operand A, b: Operand B, c: Operand C }
    /// `dst = op(lhs, rhs)`; immediates have 64 bits
    binary_wide BinaryWide<D, L, R> { dst: Wide D, lhs: Wide L, rhs: Wide R }
    /// `dst = src`; writes no accumulator unless `dst` is one
    copy Copy2<D, S> { dst: Operand D, src: Operand S }
    /// `dst = value`
    constant Constant<D> { dst: Operand D, value: U64 Imm64 }
    /// `dst0 = src0`, then `dst1 = src1`
    copy_pair CopyPair<D, S, E, T> { dst0: Operand D, src0: Operand S, dst1: Operand E, src1: Operand T }
    /// `dst0 = src0 + by0`, then `dst1 = src1 + by1`
    add_pair AddPair<A, B> { by0: Operand A, by1: Operand B, dst0: Slot Slot, src0: Slot Slot, dst1: Slot Slot, src1: Slot Slot }
    /// `dst.. = src..`, `count` slots; the ranges may overlap
    copy_span CopySpan<> { dst: Range Slot, src: Range Slot, count: Count u16 }
    /// Jumps.
    branch Branch<F: Encoding> { target: Target F::Target } -> !
    /// `dst = src`, then jumps.
    branch_copy BranchCopy<F: Encoding, S> { src: Operand S, dst: Slot Slot, target: Target F::Target } -> !
    /// Jumps if the condition on one operand holds.
    branch_if BranchIf<F: Encoding, C> { cond: Operand C, target: Target F::Target }
    /// Jumps if the comparison holds.
    branch_compare BranchCompare<F: Encoding, L, R> { lhs: Operand L, rhs: Operand R, target: Target F::Target }
    /// Jumps if the comparison holds; immediates have 64 bits
    branch_compare_wide BranchCompareWide<F: Encoding, L, R> { lhs: Wide L, rhs: Wide R, target: Target F::Target }
    /// Adds `step` to `slot`, then jumps if the comparison of the sum with `rhs` holds.
    branch_step BranchStep<F: Encoding, B, R> { step: Operand B, rhs: Operand R, slot: Slot Slot, target: Target F::Target }
    /// Jumps by `index`; the last target is the default.
    branch_table BranchTable<I> { index: Operand I, count: Targets Imm32 } -> !
    /// Jumps by `index + by`; the last target is the default.
    branch_table_sum BranchTableSum<I> { index: Operand I, by: U32 Imm32, count: Targets Imm32 } -> !
    /// `dst = memory0[addr + offset]`
    load Load<D, A> { dst: Operand D, addr: Operand A, offset: U32 Imm32 }
    /// `dst = memory0[(base + index) + offset]`; the first sum wraps
    load_sum LoadSum<D, A, B> { dst: Operand D, base: Operand A, index: Operand B, offset: U32 Imm32 }
    /// `dst = memory0[memory0[addr + offset0] + offset1]`
    load_load LoadLoad<D, A> { dst: Operand D, addr: Operand A, offset0: U32 Imm32, offset1: U32 Imm32 }
    /// `memory0[dst + dst_offset] = memory0[src + src_offset]`; leaves the accumulator undefined
    load_store LoadStore<S, A> { src: Operand S, dst: Operand A, src_offset: U32 Imm32, dst_offset: U32 Imm32 }
    /// `memory0[addr + offset] = lhs + rhs`; leaves the accumulator undefined
    store_sum StoreSum<A, L, R> { addr: Operand A, lhs: Operand L, rhs: Operand R, offset: U32 Imm32 }
    /// `dst = memory0[addr + offset]`, then jumps if the condition on `dst` holds.
    branch_load BranchLoad<F: Encoding, D, A> { dst: Operand D, addr: Operand A, offset: U32 Imm32, target: Target F::Target }
    /// `dst = memory[addr + offset]`; `wide` is 1 for 64-bit addresses
    load_any LoadAny<D, A> { dst: Operand D, addr: Operand A, memory: Memory u16, wide: U16 u16, offset: U64 Imm64 }
    /// `memory0[addr + offset] = value`
    store Store<A, V> { addr: Operand A, value: Operand V, offset: U32 Imm32 }
    /// `memory[addr + offset] = value`; `wide` is 1 for 64-bit addresses
    store_any StoreAny<A, V> { addr: Operand A, value: Operand V, memory: Memory u16, wide: U16 u16, offset: U64 Imm64 }
    /// `dst = cond != 0 ? lhs : rhs`
    select Select<D, C, L, R> { dst: Operand D, cond: Operand C, lhs: Operand L, rhs: Operand R }
    /// `dst = ` the vector with these 16 bytes, in order
    constant_v128 ConstantV128<D> { dst: Operand D, low: U64 Imm64, high: U64 Imm64 }
    /// `dst = ` the bytes of `lhs` and `rhs` whose numbers are these 16 bytes, in order
    shuffle Shuffle<D, L, R> { dst: Operand D, lhs: Operand L, rhs: Operand R, low: U64 Imm64, high: U64 Imm64 }
    /// `dst =` a lane of `src`
    extract_lane ExtractLane<D, S> { dst: Operand D, src: Operand S, lane: U16 u16 }
    /// `dst = lhs` with another lane, `rhs`
    replace_lane ReplaceLane<D, L, R> { dst: Operand D, lhs: Operand L, rhs: Operand R, lane: U16 u16 }
    /// `dst = value` with another lane, `memory[addr + offset]`; `wide` is 1 for 64-bit addresses
    load_lane LoadLane<D, A, V> { dst: Operand D, addr: Operand A, value: Operand V, lane: U16 u16, memory: Memory u16, wide: U16 u16, offset: U64 Imm64 }
    /// `memory[addr + offset] =` a lane of `value`; `wide` is 1 for 64-bit addresses
    store_lane StoreLane<A, V> { addr: Operand A, value: Operand V, lane: U16 u16, memory: Memory u16, wide: U16 u16, offset: U64 Imm64 }
    /// `dst = memory0[addr + offset]`, a shared memory
    load_shared LoadShared<D, A> { dst: Operand D, addr: Operand A, offset: U32 Imm32 }
    /// `memory0[addr + offset] = value`, a shared memory
    store_shared StoreShared<A, V> { addr: Operand A, value: Operand V, offset: U32 Imm32 }
    /// `dst = memory[addr + offset]`, a shared memory; `wide` is 1 for 64-bit addresses
    load_any_shared LoadAnyShared<D, A> { dst: Operand D, addr: Operand A, memory: Memory u16, wide: U16 u16, offset: U64 Imm64 }
    /// `memory[addr + offset] = value`, a shared memory; `wide` is 1 for 64-bit addresses
    store_any_shared StoreAnyShared<A, V> { addr: Operand A, value: Operand V, memory: Memory u16, wide: U16 u16, offset: U64 Imm64 }
    /// `dst = value` with another lane, `memory[addr + offset]`, a shared memory; `wide` is 1 for 64-bit addresses
    load_lane_shared LoadLaneShared<D, A, V> { dst: Operand D, addr: Operand A, value: Operand V, lane: U16 u16, memory: Memory u16, wide: U16 u16, offset: U64 Imm64 }
    /// `memory[addr + offset] =` a lane of `value`, a shared memory; `wide` is 1 for 64-bit addresses
    store_lane_shared StoreLaneShared<A, V> { addr: Operand A, value: Operand V, lane: U16 u16, memory: Memory u16, wide: U16 u16, offset: U64 Imm64 }
    /// `dst = memory[addr + offset]`, atomically; `wide` is 1 for 64-bit addresses
    atomic_load AtomicLoad<D, A> { dst: Operand D, addr: Operand A, memory: Memory u16, wide: U16 u16, offset: U64 Imm64 }
    /// `memory[addr + offset] = value`, atomically; `wide` is 1 for 64-bit addresses
    atomic_store AtomicStore<A, V> { addr: Operand A, value: Operand V, memory: Memory u16, wide: U16 u16, offset: U64 Imm64 }
    /// `dst = memory[addr + offset]`, then `memory[addr + offset] = op(dst, value)`, both atomically; `wide` is 1 for 64-bit
    /// addresses
    atomic_rmw AtomicRmw<D, A, V> { dst: Operand D, addr: Operand A, value: Operand V, memory: Memory u16, wide: U16 u16, offset: U64 Imm64 }
    /// `dst = memory[addr + offset]`, then `memory[addr + offset] = value` if `dst` is `expected`, both atomically; `wide` is
    /// 1 for 64-bit addresses
    atomic_cmpxchg AtomicCmpxchg<D, A, E, V> { dst: Operand D, addr: Operand A, expected: Operand E, value: Operand V, memory: Memory u16, wide: U16 u16, offset: U64 Imm64 }
    /// Operands in consecutive slots from `base` on, the first of them an address; `wide` is 1 for 64-bit addresses
    wait Wait<> { base: Cells Slot, memory: Memory u16, wide: U16 u16, offset: U64 Imm64 }
    /// No fields; continues with the next op
    fence Fence<> { }
    /// One operand and an index
    indexed Indexed<V> { value: Operand V, index: Index Imm32 }
    /// `dst = by +` the item at `index`
    indexed_sum IndexedSum<D> { dst: Operand D, by: U32 Imm32, index: Index Imm32 }
    /// Sets the item at `index` to `src + by`
    set_global_sum SetGlobalSum<S> { src: Operand S, by: U32 Imm32, index: Index Imm32 }
    /// Two operands and an index
    indexed_pair IndexedPair<A, B> { first: Operand A, second: Operand B, index: Index Imm32 }
    /// `dst = object.field`, which is `offset` bytes from the start
    get_field GetField<D, O> { dst: Operand D, object: Operand O, offset: U32 Imm32 }
    /// `object.field = value`
    set_field SetField<O, V> { object: Operand O, value: Operand V, offset: U32 Imm32 }
    /// `dst = array[index]`
    get_element GetElement<D, A, I> { dst: Operand D, array: Operand A, index: Operand I }
    /// `array[index] = value`
    set_element SetElement<A, I, V> { array: Operand A, index: Operand I, value: Operand V }
    /// `dst =` whether `src` has type `ty`
    test Test<D, S, T> { dst: Operand D, src: Operand S, ty: Cast T }
    /// Jumps if the test for type `ty` holds.
    branch_test BranchTest<F: Encoding, S, T> { src: Operand S, ty: Cast T, target: Target F::Target }
    /// Stops with a trap unless the operand has type `ty`.
    cast Cast<S, T> { src: Operand S, ty: Cast T }
    /// Operands in `count` consecutive slots from `base` on, and a type; a result goes to `base`
    typed_span TypedSpan<> { base: Range Slot, count: Count u16, ty: Index Imm32 }
    /// An index
    index Index<> { index: Index Imm32 }
    /// Operands and results in consecutive slots from `base` on
    span Span<> { base: Cells Slot }
    /// Operands in consecutive slots from `base` on, and two indices
    bulk Bulk<> { base: Cells Slot, first: Index Imm32, second: Index Imm32 }
    /// Enters a function of this module; its frame begins at `base`, its linkage at `link`
    call Call<F: Encoding> { base: Base Slot, link: CalleeLink Slot, callee: Callee F::Callee }
    /// Enters an imported function
    call_import CallImport<> { base: Base Slot, link: CalleeLink Slot, func: ImportedFunc Imm32 }
    /// Enters the function at `index` of a table
    call_indirect CallIndirect<I> { index: Operand I, base: Base Slot, link: CalleeLink Slot, table: Table Imm32, ty: Type Imm32 }
    /// Replaces the current frame; `count` arguments begin at `args`, the current linkage at `link`, the new one at
    /// `new_link`
    return_call ReturnCall<F: Encoding> { args: Range Slot, count: Arguments u16, link: Link Slot, new_link: CalleeLink Slot, callee: Callee F::Callee } -> !
    /// Replaces the current frame by an imported function
    return_call_import ReturnCallImport<> { args: Range Slot, count: Arguments u16, link: Link Slot, new_link: CalleeLink Slot, func: ImportedFunc Imm32 } -> !
    /// Replaces the current frame by the function at `index` of a table
    return_call_indirect ReturnCallIndirect<I> { index: Operand I, args: Range Slot, count: Arguments u16, link: Link Slot, new_link: CalleeLink Slot, table: Table Imm32, ty: Type Imm32 } -> !
    /// Enters the function that a reference refers to
    call_ref CallRef<R> { func: Operand R, base: Base Slot, link: CalleeLink Slot, ty: Type Imm32 }
    /// Replaces the current frame by the function that a reference refers to
    return_call_ref ReturnCallRef<R> { func: Operand R, args: Range Slot, count: Arguments u16, link: Link Slot, new_link: CalleeLink Slot, ty: Type Imm32 } -> !
    /// Looks at one operand
    check Check<S> { src: Operand S }
    /// Returns; the results are in place
    ret Ret<> { link: Link Slot } -> !
    /// Returns `src`
    ret_value RetValue<S> { src: Wide S, link: Link Slot } -> !
    /// Returns `src`; the slot of the linkage is a fact of the row
    ret_value_at RetValueAt<S> { src: Wide S } -> !
    /// Throws an exception with `tag`, whose `count` values begin at `args`
    throw Throw<> { args: Range Slot, count: Arguments u16, tag: Tag Imm32 } -> !
    /// Throws the exception that a reference refers to
    throw_ref ThrowRef<S> { src: Operand S } -> !
    /// Says what happens to an exception that is thrown in a range of the code. The targets are the first op of the range, the
    /// first one after it, and where to continue
    region Region<> { base: Range Slot, count: Arguments u16, kind: U16 u16, tag: Tag Imm32, targets: Targets Imm32 } -> !
    /// Ends the list of regions. The target is the first one
    regions Regions<> { targets: Targets Imm32 } -> !
}
