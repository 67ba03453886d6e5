//! The facts of rows of the op table, for the verifier and for tools: the index space of each index, the number of
//! consecutive slots, the slot of the linkage, the place in sequences.

use crate::ir::opcode::{ROWS, Row};

/// An index space of a module, or a part of an index space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(non_camel_case_types, reason = "named as in the table")]
pub(crate) enum Space {
    /// All functions.
    func,
    /// The imported functions, which come first.
    imported_func,
    /// The functions that the module defines, numbered from 0.
    own_func,
    /// The imported globals, which come first.
    imported_global,
    /// The cells of the globals that the module defines, numbered from 0.
    own_global,
    /// Memories.
    memory,
    /// Tables.
    table,
    /// Data segments.
    data,
    /// Element segments.
    elem,
    /// Types.
    ty,
    /// Tags.
    tag,
}

impl Space {
    /// Names the items of the space.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::func => "func",
            Self::imported_func => "imported func",
            Self::own_func => "func of this module",
            Self::imported_global => "imported global",
            Self::own_global => "global of this module",
            Self::memory => "memory",
            Self::table => "table",
            Self::data => "data segment",
            Self::elem => "elem segment",
            Self::ty => "type",
            Self::tag => "tag",
        }
    }
}

/// The places that an op can have in a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(non_camel_case_types, reason = "named as in the table")]
pub(crate) enum InSequence {
    /// At any position.
    any,
    /// At the end: a handler would have to save registers for the ops that follow.
    last,
    /// Nowhere: the op takes much longer than a dispatch, or hardly any program executes it, and its code is large.
    never,
}

/// The facts of a row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    /// The index spaces of the fields `Index`, in order. Fields without one are 0.
    indices: [Option<Space>; 2],
    /// The number of slots that the field `Cells` begins.
    pub(crate) cells: u16,
    /// The first slot of the linkage, for ops without a field for it.
    pub(crate) link: Option<u16>,
    /// Which operands are vectors, of two slots each: bit 0 is the first operand.
    pub(crate) vectors: u8,
    /// The places that the op can have in a sequence.
    pub(crate) sequence: InSequence,
}

impl Facts {
    const NONE: Self = Self { indices: [None; 2], cells: 0, link: None, vectors: 0, sequence: InSequence::any };

    const fn push(&mut self, space: Space) {
        let mut i = 0;
        while self.indices[i].is_some() {
            i += 1;
        }
        self.indices[i] = Some(space);
    }

    /// Returns the index spaces of the fields `Index`, in order.
    pub(crate) fn indices(&self) -> impl Iterator<Item = Space> {
        self.indices.into_iter().flatten()
    }
}

#[cfg_attr(not(feature = "simd"), allow(unused_macro_rules, reason = "no op has vectors"))]
macro_rules! note {
    ($facts:ident $row:ident of $space:ident) => {
        $facts[Row::$row as usize].push(Space::$space);
    };
    ($facts:ident $row:ident cells $count:literal) => {
        $facts[Row::$row as usize].cells = $count;
    };
    ($facts:ident $row:ident link $slot:literal) => {
        $facts[Row::$row as usize].link = Some($slot);
    };
    ($facts:ident $row:ident vectors $operands:literal) => {
        $facts[Row::$row as usize].vectors = $operands;
    };
    ($facts:ident $row:ident level $level:ident) => {};
    ($facts:ident $row:ident sequence $place:ident) => {
        $facts[Row::$row as usize].sequence = InSequence::$place;
    };
    ($facts:ident $row:ident $relation:ident $to:ident) => {};
}

macro_rules! define_facts {
    ($( $(#[$doc:meta])* $name:ident : $shape:ident [ $($form:ident)* ] = $sem:expr $(, $relation:ident $to:tt)* ; )*) => {
        static FACTS: [Facts; ROWS.len()] = {
            let mut facts = [Facts::NONE; ROWS.len()];
            $( $( note!(facts $name $relation $to); )* )*
            #[cfg(any(feature = "simd", feature = "threads", feature = "exceptions", feature = "gc"))]
            leave_out(&mut facts);
            facts
        };
    };
}
for_each_op!(define_facts);

#[cfg(any(feature = "simd", feature = "threads", feature = "exceptions", feature = "gc"))]
macro_rules! define_leave_out {
    ($( $(#[$doc:meta])* $name:ident : $shape:ident [ $($form:ident)* ] = $sem:expr $(, $relation:ident $to:tt)* ; )*) => {
        /// Notes that sequences do not contain special ops.
        const fn leave_out(facts: &mut [Facts; ROWS.len()]) {
            $( facts[Row::$name as usize].sequence = InSequence::never; )*
        }
    };
}
#[cfg(any(feature = "simd", feature = "threads", feature = "exceptions", feature = "gc"))]
for_each_special_op!(define_leave_out);

impl Row {
    /// Returns the facts of the row.
    pub(crate) fn facts(self) -> &'static Facts {
        &FACTS[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use crate::ir::{
        opcode::{ROWS, Row},
        shape::Field,
    };

    #[test]
    fn rows_have_the_facts_that_their_shapes_ask_for() {
        for &row in ROWS {
            let (fields, facts, name) = (row.shape().fields(), row.facts(), row.name());
            let count = |field| fields.iter().filter(|&&other| other == field).count();
            let (indices, spaces) = (count(Field::Index), facts.indices().count());
            assert!((indices.min(1)..=indices).contains(&spaces), "{name}: {indices} indices of {spaces} spaces");
            assert_eq!(count(Field::Cells), usize::from(facts.cells != 0), "{name}");
            assert!(!row.charges() || fields.last() == Some(&Field::Target), "{name}");
        }
    }

    #[test]
    fn ops_that_return_say_where_the_linkage_is() {
        for &row in ROWS.iter().filter(|row| row.name().starts_with("ret")) {
            let has_link = row.facts().link.is_some() != row.shape().fields().contains(&Field::Link);
            assert!(has_link, "{}", row.name());
            assert!(row.shape().ends(), "{}", row.name());
        }
        assert_eq!(Row::ret_2.facts().link, Some(2));
    }
}
