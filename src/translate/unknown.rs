//! Errors for operators that the operator table lacks: those of proposals that are not supported, and bytes that are no
//! operator at all.

use crate::{
    error::Error,
    translate::{rare::Immediates, visitor::Visitor},
};

#[cfg(not(terse))]
impl Visitor<'_> {
    /// Returns the error for an operator that the operator table lacks. The parser knows what it is.
    #[cold]
    pub(super) fn unknown(&self, _opcode: u32, immediates: &Immediates<'_>) -> Error {
        use wasmparser::BinaryReader;
        let validation = &self.builder.stack.validation;
        let (offset, func) = (validation.offset(), validation.func);
        let mut reader = BinaryReader::new_features(immediates.bytes, offset as u64, self.features);
        match reader.visit_operator(&mut names::Names) {
            Ok(visit) => Error::unsupported_operator(visit.strip_prefix("visit_").unwrap_or(visit), offset, func),
            Err(error) => crate::translate::cursor::invalid(&error, func),
        }
    }
}

/// The parser's names of operators take kilobytes, and so does the parser's code for proposals that nothing supports.
#[cfg(terse)]
impl Visitor<'_> {
    /// Returns the error for an operator that the operator table lacks.
    #[cold]
    pub(super) fn unknown(&self, opcode: u32, immediates: &Immediates<'_>) -> Error {
        let validation = &self.builder.stack.validation;
        let (offset, func) = (validation.offset(), validation.func);
        let number = match *immediates.bytes {
            [0xfb | 0xfe, second, ..] => opcode << 8 | u32::from(second),
            _ => opcode,
        };
        let operator = alloc::format!("{number:#x}");
        // Exceptions, objects, continuations, threads, and the control of memories.
        match opcode {
            0x06..=0x0a | 0x18 | 0x19 | 0x1f | 0xd3 | 0xe0..=0xe6 | 0xfb | 0xfe | 0xfc12 => {
                Error::unsupported_operator(&operator, offset, func)
            }
            _ => Error::invalid_wasm(&alloc::format!("illegal opcode: {operator}"), offset, Some(func)),
        }
    }
}

/// The names of operators.
#[cfg(not(terse))]
mod names {
    use alloc::vec::Vec;
    use wasmparser::{FrameKind, FrameStack, VisitOperator};

    /// A visitor that returns the name of each operator.
    pub(super) struct Names;

    macro_rules! names {
        ($( @$proposal:ident $op:ident $({ $($arg:ident: $ty:ty),* })? => $visit:ident ($($ann:tt)*) )*) => {
            $( fn $visit(&mut self $($(, _: $ty)*)?) -> &'static str { stringify!($visit) } )*
        };
    }

    impl<'a> VisitOperator<'a> for Names {
        type Output = &'static str;

        wasmparser::for_each_visit_operator!(names);
    }

    impl FrameStack for Names {
        fn current_frame(&self) -> Option<FrameKind> {
            Some(FrameKind::Block)
        }
    }
}
