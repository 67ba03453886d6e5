//! Forms as types: from the letters of a form to the types of the operands.
//!
//! The executor writes one function per shape, generic over the form. A row of the op table may use every
//! form listed here, which are all there can be (`x`, and one to four of the letters `r`, `s`, `i`); any other
//! name does not compile.

use crate::ir::operand::{Acc, Slot};

/// The form without operands.
pub(crate) trait Form0 {}

/// Forms with one operand. Immediates have the type `I`.
#[diagnostic::on_unimplemented(message = "ops of this shape have one operand, the form `{Self}` does not")]
pub(crate) trait Form1<I> {
    type A: Copy;
}

/// Forms with two operands. Immediates have the type `I`.
#[diagnostic::on_unimplemented(message = "ops of this shape have two operands, the form `{Self}` does not")]
pub(crate) trait Form2<I> {
    type A: Copy;
    type B: Copy;
}

/// Forms with three operands. Immediates have the type `I`.
#[diagnostic::on_unimplemented(message = "ops of this shape have three operands, the form `{Self}` does not")]
pub(crate) trait Form3<I> {
    type A: Copy;
    type B: Copy;
    type C: Copy;
}

/// Forms with four operands. Immediates have the type `I`.
#[diagnostic::on_unimplemented(message = "ops of this shape have four operands, the form `{Self}` does not")]
pub(crate) trait Form4<I> {
    type A: Copy;
    type B: Copy;
    type C: Copy;
    type D: Copy;
}

/// The type of an operand: accumulator, slot, or an immediate of type `$imm`.
macro_rules! operand {
    (r $imm:ident) => {
        Acc
    };
    (s $imm:ident) => {
        Slot
    };
    (i $imm:ident) => {
        $imm
    };
}

/// Implements the trait for the number of letters.
macro_rules! implement {
    ($form:ident) => {
        impl Form0 for $form {}
    };
    ($form:ident $a:tt) => {
        impl<I: Copy> Form1<I> for $form {
            type A = operand!($a I);
        }
    };
    ($form:ident $a:tt $b:tt) => {
        impl<I: Copy> Form2<I> for $form {
            type A = operand!($a I);
            type B = operand!($b I);
        }
    };
    ($form:ident $a:tt $b:tt $c:tt) => {
        impl<I: Copy> Form3<I> for $form {
            type A = operand!($a I);
            type B = operand!($b I);
            type C = operand!($c I);
        }
    };
    ($form:ident $a:tt $b:tt $c:tt $d:tt) => {
        impl<I: Copy> Form4<I> for $form {
            type A = operand!($a I);
            type B = operand!($b I);
            type C = operand!($c I);
            type D = operand!($d I);
        }
    };
}

macro_rules! forms {
    ($($form:ident = $($letter:ident)*;)*) => { $(
        #[doc = concat!("The form `", stringify!($form), "`.")]
        #[derive(Debug, Clone, Copy)]
        #[allow(non_camel_case_types, dead_code, reason = "named as in the op table, which may use any of them")]
        pub(crate) struct $form;
        implement!($form $($letter)*);
        const _: () = assert!(is_spelled(stringify!($form), concat!($(stringify!($letter)),*)));
    )* };
}

/// Whether `letters` spell `name`; no letters spell `x`.
const fn is_spelled(name: &str, letters: &str) -> bool {
    let (name, letters) = (name.as_bytes(), letters.as_bytes());
    if letters.is_empty() {
        return matches!(name, b"x");
    }
    let mut at = 0;
    while at < name.len() && at < letters.len() && name[at] == letters[at] {
        at += 1;
    }
    at == name.len() && at == letters.len()
}

forms! {
    x = ;
    r = r; s = s; i = i;
    rr = r r; rs = r s; ri = r i; sr = s r; ss = s s; si = s i; ir = i r; is = i s; ii = i i;
    rrr = r r r; rrs = r r s; rri = r r i; rsr = r s r; rss = r s s; rsi = r s i;
    rir = r i r; ris = r i s; rii = r i i; srr = s r r; srs = s r s; sri = s r i;
    ssr = s s r; sss = s s s; ssi = s s i; sir = s i r; sis = s i s; sii = s i i;
    irr = i r r; irs = i r s; iri = i r i; isr = i s r; iss = i s s; isi = i s i;
    iir = i i r; iis = i i s; iii = i i i;
    rrrr = r r r r; rrrs = r r r s; rrri = r r r i; rrsr = r r s r; rrss = r r s s; rrsi = r r s i;
    rrir = r r i r; rris = r r i s; rrii = r r i i; rsrr = r s r r; rsrs = r s r s; rsri = r s r i;
    rssr = r s s r; rsss = r s s s; rssi = r s s i; rsir = r s i r; rsis = r s i s; rsii = r s i i;
    rirr = r i r r; rirs = r i r s; riri = r i r i; risr = r i s r; riss = r i s s; risi = r i s i;
    riir = r i i r; riis = r i i s; riii = r i i i; srrr = s r r r; srrs = s r r s; srri = s r r i;
    srsr = s r s r; srss = s r s s; srsi = s r s i; srir = s r i r; sris = s r i s; srii = s r i i;
    ssrr = s s r r; ssrs = s s r s; ssri = s s r i; sssr = s s s r; ssss = s s s s; sssi = s s s i;
    ssir = s s i r; ssis = s s i s; ssii = s s i i; sirr = s i r r; sirs = s i r s; siri = s i r i;
    sisr = s i s r; siss = s i s s; sisi = s i s i; siir = s i i r; siis = s i i s; siii = s i i i;
    irrr = i r r r; irrs = i r r s; irri = i r r i; irsr = i r s r; irss = i r s s; irsi = i r s i;
    irir = i r i r; iris = i r i s; irii = i r i i; isrr = i s r r; isrs = i s r s; isri = i s r i;
    issr = i s s r; isss = i s s s; issi = i s s i; isir = i s i r; isis = i s i s; isii = i s i i;
    iirr = i i r r; iirs = i i r s; iiri = i i r i; iisr = i i s r; iiss = i i s s; iisi = i i s i;
    iiir = i i i r; iiis = i i i s; iiii = i i i i;
}
