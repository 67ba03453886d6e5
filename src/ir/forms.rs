//! Which forms each row has, which of them this build uses, and their opcodes.
//!
//! Many rows have the same forms. Tables by row are fastest; where size matters more, rows with the same forms share
//! entries.

use crate::ir::{
    opcode::{
        BASES_CONST, FIRST_FORM, FormId, Kind, Kinds, MASKS_CONST, MAX_OPERANDS, NAMES, OpCode, RELATED, ROWS, Row,
        SHAPES,
    },
    shape::Shape,
};

/// The forms of each row that this build uses. It numbers all of them, so that opcodes are the same in every build.
const USED: [u128; ROWS.len()] = {
    let mut used = MASKS_CONST;
    let mut row = 0;
    while row < ROWS.len() {
        if !cfg!(feature = "floats") && names_float(NAMES[row].as_bytes()) {
            used[row] = 0;
        }
        if cfg!(feature = "small") && (is_joined(row) || is_not_built(row)) {
            used[row] = 0;
        }
        let acc_forms = cfg!(feature = "small") && !keeps_acc(row) || cfg!(small_loop) && has_slots_only(row);
        let mut form = 0;
        while acc_forms && form < FORMS {
            if FormId(form).has_acc() {
                used[row] &= !(1 << form);
            }
            form += 1;
        }
        row += 1;
    }
    used
};

/// The last opcode that the loop-switch has an arm for.
#[cfg(one_loop)]
pub(crate) const LAST_USED: u16 = {
    let (mut last, mut row) = (0, 0);
    while row < crate::ir::isa::BASE_ROWS {
        if USED[row] != 0 {
            last = BASES_CONST[row + 1] - 1;
        }
        row += 1;
    }
    last
};

/// Whether a build with the small set lacks the crate feature that it needs for a row. Other builds have all these rows.
const fn is_not_built(row: usize) -> bool {
    match SHAPES[row] {
        Shape::load_any | Shape::store_any => !cfg!(any(feature = "multi-memory", feature = "memory64")),
        Shape::return_call | Shape::return_call_import | Shape::return_call_indirect => !cfg!(feature = "tail-call"),
        Shape::call_ref | Shape::check => !cfg!(feature = "function-references"),
        Shape::return_call_ref => !cfg!(all(feature = "function-references", feature = "tail-call")),
        Shape::span => !cfg!(feature = "wide-arithmetic"),
        _ => false,
    }
}

/// Whether the loop-switch that is built for size executes a form.
///
/// It has the rows of `has_slots_only` without the forms that have a value in an accumulator. These would be a third of the
/// loop, and save two instructions each. All such rows have forms with slots instead, whose results are in the accumulator
/// as well.
#[cfg(feature = "serialize")]
pub(crate) fn is_for_size(row: Row, form: FormId) -> bool {
    !(has_slots_only(row as usize) && form.has_acc())
}

/// Whether the small set of the feature `small` has a form: no op does what two others do, and most operands are in slots.
#[cfg(feature = "serialize")]
pub(crate) fn is_small(row: Row, form: FormId) -> bool {
    let index = row as usize;
    is_for_size(row, form) && !is_joined(index) && (keeps_acc(index) || !form.has_acc())
}

/// Whether a row does what two others do.
const fn is_joined(row: usize) -> bool {
    let name = NAMES[row].as_bytes();
    let charged = matches!(name.last_chunk(), Some(b"_charged"));
    let shape = matches!(
        SHAPES[row],
        Shape::branch_step
            | Shape::branch_load
            | Shape::branch_copy
            | Shape::branch_table_sum
            | Shape::copy_pair
            | Shape::add_pair
            | Shape::indexed_sum
            | Shape::set_global_sum
    );
    // An operator on vectors may be what two others do.
    charged || shape || RELATED[row].first.is_some() && !is_in_vector(row)
}

/// Whether the small set has the forms of a row with values in accumulators.
const fn keeps_acc(row: usize) -> bool {
    is_in_vector(row)
        || !matches!(
            SHAPES[row],
            Shape::call_indirect
                | Shape::return_call_indirect
                | Shape::call_ref
                | Shape::return_call_ref
                | Shape::unary
                | Shape::binary
                | Shape::binary_wide
                | Shape::ternary
                | Shape::branch_compare
                | Shape::branch_compare_wide
                | Shape::load
                | Shape::store
        )
}

/// The number of forms.
const FORMS: u8 = FIRST_FORM[MAX_OPERANDS + 1];

/// Whether an op works on vectors: on a type of them, or on their lanes. Operands of such ops do not wait for a form.
const fn is_in_vector(row: usize) -> bool {
    let name = NAMES[row].as_bytes();
    let mut i = 0;
    while i + 3 < name.len() {
        if let [b'v', b'1', b'2', b'8'] | [b'8', b'x', b'1', b'6'] | [b'1' | b'3' | b'6', b'2' | b'4' | b'6', b'x', _] =
            [name[i], name[i + 1], name[i + 2], name[i + 3]]
        {
            return true;
        }
        i += 1;
    }
    false
}

/// Whether a row is an operator on floats, which takes long where size matters, or two operators at once.
const fn has_slots_only(row: usize) -> bool {
    match SHAPES[row] {
        _ if is_in_vector(row) => false,
        Shape::ternary => true,
        Shape::unary | Shape::binary | Shape::binary_wide | Shape::branch_compare | Shape::branch_compare_wide => {
            names_float(NAMES[row].as_bytes())
        }
        _ => false,
    }
}

/// Whether the name of an op contains that of a float type.
const fn names_float(name: &[u8]) -> bool {
    let mut i = 0;
    while i + 2 < name.len() {
        if let [b'f', b'3', b'2'] | [b'f', b'6', b'4'] = [name[i], name[i + 1], name[i + 2]] {
            return true;
        }
        i += 1;
    }
    false
}

/// Whether this build uses a form of a row.
#[cfg(any(one_loop, debug_assertions, feature = "inspect", feature = "serialize", feature = "verify", test))]
pub(crate) const fn is_used(row: Row, form: FormId) -> bool {
    USED[row as usize] >> form.0 & 1 != 0
}

/// The forms of a row: all, those that are used, and those that the row with exchanged operands uses.
#[derive(Clone, Copy)]
struct Forms {
    all: u128,
    used: u128,
    exchanged: u128,
}

impl Forms {
    const fn of(row: usize) -> Self {
        let exchanged = match RELATED[row].relations.swap {
            Some(swap) => USED[swap as usize],
            None => 0,
        };
        Self { all: MASKS_CONST[row], used: USED[row], exchanged }
    }

    const fn equal(self, other: Self) -> bool {
        self.all == other.all && self.used == other.used && self.exchanged == other.exchanged
    }

    /// Returns the operand kinds that there are forms for, as a set of `Kinds::of_three`. If `result`, only forms with a
    /// result in a slot count, and the result is left out. Forms with exchanged operands count as well.
    const fn operand_kinds(self, result: bool) -> u64 {
        let (mut set, mut form) = (0, 0);
        while form < u128::BITS {
            if self.used >> form & 1 != 0 {
                set |= with_form(form as u8, result, false);
            }
            if self.exchanged >> form & 1 != 0 {
                set |= with_form(form as u8, result, true);
            }
            form += 1;
        }
        set
    }
}

/// The maximum number of different sets of forms among the rows.
const MAX_SETS: usize = 96;

/// The forms of all rows. Rows with the same forms share a set.
struct FormSets {
    sets: [Forms; MAX_SETS],
    count: usize,
    /// The set and the first opcode of each row.
    rows: [(u8, u16); ROWS.len()],
}

const SETS: FormSets = {
    let none = Forms { all: 0, used: 0, exchanged: 0 };
    let mut sets = FormSets { sets: [none; MAX_SETS], count: 0, rows: [(0, 0); ROWS.len()] };
    let mut row = 0;
    while row < ROWS.len() {
        let (mut set, forms) = (0, Forms::of(row));
        while set < sets.count && !sets.sets[set].equal(forms) {
            set += 1;
        }
        if set == sets.count {
            sets.sets[set] = forms;
            sets.count += 1;
        }
        sets.rows[row] = (set as u8, BASES_CONST[row]);
        row += 1;
    }
    sets
};

/// The set and the first opcode of each row.
static ROW_FORMS: [(u8, u16); ROWS.len()] = SETS.rows;

/// The positions of all forms in each set; `NO_FORM` for forms that are not in it, or not used.
static POSITIONS: [[u8; Kinds::COUNT]; SETS.count] = {
    let mut table = [[NO_FORM; Kinds::COUNT]; SETS.count];
    let mut set = 0;
    while set < SETS.count {
        let (mut form, mut position) = (0, 0);
        while form < u128::BITS {
            if SETS.sets[set].used >> form & 1 != 0 {
                table[set][FormId(form as u8).kinds().index()] = position;
            }
            position += (SETS.sets[set].all >> form & 1) as u8;
            form += 1;
        }
        set += 1;
    }
    table
};

/// No position, and no kinds of operands.
const NO_FORM: u8 = u8::MAX;

/// Where the forms of each set begin in `LISTED`, and where the last ones end.
static STARTS: [u16; SETS.count + 1] = STARTS_CONST;
const STARTS_CONST: [u16; SETS.count + 1] = {
    let mut starts = [0; SETS.count + 1];
    let mut set = 0;
    while set < SETS.count {
        starts[set + 1] = starts[set] + SETS.sets[set].all.count_ones() as u16;
        set += 1;
    }
    starts
};

/// The operand kinds of the forms of each set, in order; `NO_FORM` for forms that are not used.
static LISTED: [u8; STARTS_CONST[SETS.count] as usize] = {
    let mut list = [NO_FORM; STARTS_CONST[SETS.count] as usize];
    let (mut set, mut next) = (0, 0);
    while set < SETS.count {
        let mut form = 0;
        while form < u128::BITS {
            if SETS.sets[set].used >> form & 1 != 0 {
                list[next] = FormId(form as u8).kinds().index() as u8;
            }
            next += (SETS.sets[set].all >> form & 1) as usize;
            form += 1;
        }
        set += 1;
    }
    list
};

/// The operand kinds that a row, or a set, has forms for: with the result in a slot, and all.
#[derive(Clone, Copy)]
struct Fitting {
    gives: u64,
    takes: u64,
}

impl Fitting {
    const NONE: Self = Self { gives: 0, takes: 0 };

    const fn of(forms: Forms) -> Self {
        Self { gives: forms.operand_kinds(true), takes: forms.operand_kinds(false) }
    }
}

const SET_FITTING_CONST: [Fitting; SETS.count] = {
    let mut fitting = [Fitting::NONE; SETS.count];
    let mut set = 0;
    while set < SETS.count {
        fitting[set] = Fitting::of(SETS.sets[set]);
        set += 1;
    }
    fitting
};
static SET_FITTING: [Fitting; SETS.count] = SET_FITTING_CONST;

static ROW_FITTING: [Fitting; ROWS.len()] = {
    let mut fitting = [Fitting::NONE; ROWS.len()];
    let mut row = 0;
    while row < ROWS.len() {
        fitting[row] = SET_FITTING_CONST[SETS.rows[row].0 as usize];
        row += 1;
    }
    fitting
};

/// Returns the set of the operand kinds of one form; without its result if `result`.
const fn with_form(form: u8, result: bool, exchanged: bool) -> u64 {
    let kinds = FormId(form).kinds();
    let kinds = match result {
        true if kinds.kind(0) == Kind::Slot as u8 => kinds.without_first(),
        true => return 0,
        false => kinds,
    };
    1 << if exchanged { kinds.exchanged(0, 1).of_three() } else { kinds.of_three() }
}

impl Row {
    #[inline(always)]
    fn fitting(self) -> Fitting {
        if cfg!(small_loop) { SET_FITTING[usize::from(ROW_FORMS[self as usize].0)] } else { ROW_FITTING[self as usize] }
    }

    /// Returns whether this row, or the row with exchanged operands, has a form with operands of these kinds and the
    /// result in a slot.
    #[cfg_attr(not(small_loop), inline)]
    #[cfg_attr(small_loop, inline(never))]
    pub(crate) fn gives(self, kinds: Kinds) -> bool {
        self.fitting().gives >> kinds.of_three() & 1 != 0
    }

    /// Returns whether this row, or the row with exchanged operands, has a form with operands of these kinds and no
    /// result.
    #[cfg_attr(not(small_loop), inline)]
    #[cfg_attr(small_loop, inline(never))]
    pub(crate) fn takes(self, kinds: Kinds) -> bool {
        self.fitting().takes >> kinds.of_three() & 1 != 0
    }

    /// Returns the opcode of this row in the form with these operand kinds, if the table lists that form.
    #[cfg_attr(not(small_loop), inline)]
    #[cfg_attr(small_loop, inline(never))]
    pub(crate) fn opcode(self, kinds: Kinds) -> Option<OpCode> {
        let (set, base) = ROW_FORMS[self as usize];
        if cfg!(small_loop) {
            let [start, end] = [0, 1].map(|i| usize::from(STARTS[usize::from(set) + i]));
            let position = LISTED[start..end].iter().position(|&listed| usize::from(listed) == kinds.index())?;
            return Some(OpCode(base + position as u16));
        }
        let position = POSITIONS[usize::from(set)][kinds.index()];
        (position != NO_FORM).then(|| OpCode(base + u16::from(position)))
    }
}
