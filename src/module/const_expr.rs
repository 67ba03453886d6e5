//! Constant expressions (spec, Validation > Constant Expressions; proposal extended-const).

use alloc::{boxed::Box, vec::Vec};

use crate::{trap::TrapCode, types::repr::Ty};

/// One operator of a constant expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConstOp {
    /// A cell: any constant, or null
    Const(u64),
    GlobalGet(u32),
    RefFunc(u32),
    I32Add,
    I32Sub,
    I32Mul,
    I64Add,
    I64Sub,
    I64Mul,
    /// The second cell of a global of type `v128`, whose first one `GlobalGet` has
    #[cfg(feature = "gc")]
    GlobalHigh(u32),
    #[cfg(feature = "gc")]
    RefI31,
    /// A new object of the type at a type index, which takes `count` cells
    #[cfg(feature = "gc")]
    Make {
        what: NewObject,
        ty: u32,
        count: u32,
    },
}

/// How an object is made.
#[cfg(feature = "gc")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NewObject {
    /// Of its fields, or of its elements
    Parts,
    /// A struct of defaults
    Default,
    /// An array of equal elements; the last cell is the length
    Array,
    /// An array of defaults; the cell is the length
    DefaultArray,
}

/// A validated constant expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ConstExpr {
    /// A single operator, as nearly all are
    One(ConstOp),
    /// The cells of a vector
    Vector(Box<[u64; 2]>),
    /// Several; one more indirection keeps the others small.
    Many(Box<Box<[ConstOp]>>),
}

/// The index spaces that constant expressions refer to.
pub(crate) trait ConstContext {
    /// The cell of a global.
    fn global(&self, index: u32) -> u64;
    /// The cells of a global of type `v128`.
    fn vector(&self, index: u32) -> [u64; 2];
    /// A reference to a function.
    fn func_ref(&self, index: u32) -> u64;
    /// A reference to a new object of the type at a type index.
    ///
    /// # Errors
    ///
    /// If there is no room.
    #[cfg(feature = "gc")]
    fn make(&mut self, what: NewObject, ty: u32, cells: &[u64]) -> Result<u64, TrapCode>;
}

impl ConstOp {
    /// The type of the operands of an operator that has two.
    pub(crate) fn operand_type(self) -> Ty {
        match self {
            Self::I64Add | Self::I64Sub | Self::I64Mul => Ty::I64,
            _ => Ty::I32,
        }
    }
}

impl ConstExpr {
    /// An expression of several operators.
    pub(crate) fn many(ops: Vec<ConstOp>) -> Self {
        Self::Many(Box::new(ops.into_boxed_slice()))
    }

    /// The functions that it refers to.
    pub(crate) fn funcs(&self) -> impl Iterator<Item = u32> + '_ {
        let ops = match self {
            Self::One(op) => core::slice::from_ref(op),
            Self::Vector(_) => &[],
            Self::Many(ops) => ops,
        };
        ops.iter().filter_map(|op| if let ConstOp::RefFunc(func) = op { Some(*func) } else { None })
    }

    /// Whether it makes objects or i31 references, or converts references between `any` and `extern`.
    #[cfg(any(feature = "serialize", feature = "gc"))]
    pub(crate) fn makes_objects(&self) -> bool {
        match self {
            #[cfg(feature = "gc")]
            // Only a conversion leaves an expression of several operators with one, as it is none.
            Self::Many(ops) => {
                ops.len() == 1 || ops.iter().any(|op| matches!(op, ConstOp::RefI31 | ConstOp::Make { .. }))
            }
            _ => false,
        }
    }

    /// The value as a cell.
    ///
    /// # Errors
    ///
    /// If there is no room for an object.
    pub(crate) fn eval(&self, context: &mut dyn ConstContext) -> Result<u64, TrapCode> {
        match self {
            Self::One(op) => match operand(*op, context) {
                Some(cell) => Ok(cell),
                None => eval(core::slice::from_ref(op), context),
            },
            Self::Vector(cells) => Ok(cells[0]),
            Self::Many(ops) => eval(ops, context),
        }
    }

    /// The value, which is of type `ty`, as cells. The second one is 0 if the type has one cell.
    ///
    /// # Errors
    ///
    /// Those of `eval`.
    pub(crate) fn eval_cells(&self, ty: Ty, context: &mut dyn ConstContext) -> Result<[u64; 2], TrapCode> {
        match self {
            Self::Vector(cells) => Ok(**cells),
            Self::One(ConstOp::GlobalGet(index)) if ty == Ty::V128 => Ok(context.vector(*index)),
            _ => Ok([self.eval(context)?, 0]),
        }
    }
}

/// The cell of an operator that takes none from the stack.
fn operand(op: ConstOp, context: &dyn ConstContext) -> Option<u64> {
    match op {
        ConstOp::Const(cell) => Some(cell),
        ConstOp::GlobalGet(index) => Some(context.global(index)),
        ConstOp::RefFunc(index) => Some(context.func_ref(index)),
        #[cfg(feature = "gc")]
        ConstOp::GlobalHigh(index) => Some(context.vector(index)[1]),
        _ => None,
    }
}

fn eval(ops: &[ConstOp], context: &mut dyn ConstContext) -> Result<u64, TrapCode> {
    let mut stack: Vec<u64> = Vec::new();
    for op in ops {
        let value = match (operand(*op, context), *op) {
            (Some(cell), _) => cell,
            #[cfg(feature = "gc")]
            (None, ConstOp::RefI31) => (stack.pop().unwrap_or(0) << 1 | 1) & u64::from(u32::MAX),
            #[cfg(feature = "gc")]
            (None, ConstOp::Make { what, ty, count }) => {
                let first = stack.len().saturating_sub(count as usize);
                let object = context.make(what, ty, &stack[first..])?;
                stack.truncate(first);
                object
            }
            (None, op) => {
                let (b, a) = (stack.pop().unwrap_or(0), stack.pop().unwrap_or(0));
                match op {
                    ConstOp::I32Add => u64::from((a as u32).wrapping_add(b as u32)),
                    ConstOp::I32Sub => u64::from((a as u32).wrapping_sub(b as u32)),
                    ConstOp::I32Mul => u64::from((a as u32).wrapping_mul(b as u32)),
                    ConstOp::I64Add => a.wrapping_add(b),
                    ConstOp::I64Sub => a.wrapping_sub(b),
                    _ => a.wrapping_mul(b),
                }
            }
        };
        stack.push(value);
    }
    Ok(stack.pop().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use alloc::{boxed::Box, vec};

    #[cfg(feature = "gc")]
    use super::NewObject;
    use super::{ConstContext, ConstExpr, ConstOp, Ty};
    #[cfg(feature = "gc")]
    use crate::trap::TrapCode;

    /// Global `i` holds `10 * i`, function `i` is at address `1000 + i`.
    struct Context;

    impl ConstContext for Context {
        fn global(&self, index: u32) -> u64 {
            u64::from(index) * 10
        }

        fn vector(&self, index: u32) -> [u64; 2] {
            [self.global(index), u64::MAX]
        }

        fn func_ref(&self, index: u32) -> u64 {
            u64::from(index) + 1000
        }

        /// The object is the sum of its parts, except for defaults.
        #[cfg(feature = "gc")]
        fn make(&mut self, what: NewObject, ty: u32, cells: &[u64]) -> Result<u64, TrapCode> {
            if ty == 9 {
                return Err(TrapCode::GcHeapOutOfMemory);
            }
            Ok(u64::from(ty) * 100 + cells.iter().sum::<u64>() + u64::from(what == NewObject::Default))
        }
    }

    #[test]
    fn single_operators() {
        assert_eq!(ConstExpr::One(ConstOp::Const(u64::MAX)).eval(&mut Context).unwrap(), u64::MAX);
        assert_eq!(ConstExpr::One(ConstOp::GlobalGet(3)).eval(&mut Context).unwrap(), 30);
        assert_eq!(ConstExpr::One(ConstOp::RefFunc(4)).eval(&mut Context).unwrap(), 1004);
    }

    #[test]
    fn vectors_have_two_cells() {
        assert_eq!(ConstExpr::Vector(Box::new([1, 2])).eval_cells(Ty::V128, &mut Context).unwrap(), [1, 2]);
        assert_eq!(ConstExpr::One(ConstOp::GlobalGet(3)).eval_cells(Ty::V128, &mut Context).unwrap(), [30, u64::MAX]);
        assert_eq!(ConstExpr::One(ConstOp::GlobalGet(3)).eval_cells(Ty::I64, &mut Context).unwrap(), [30, 0]);
    }

    #[test]
    fn arithmetic_wraps_at_its_width() {
        let binary =
            |a, b, op| ConstExpr::many(vec![ConstOp::Const(a), ConstOp::Const(b), op]).eval(&mut Context).unwrap();
        let max = u64::from(u32::MAX);
        assert_eq!(binary(max, 1, ConstOp::I32Add), 0);
        assert_eq!(binary(0, 1, ConstOp::I32Sub), max);
        assert_eq!(binary(1 << 31, 2, ConstOp::I32Mul), 0);
        assert_eq!(binary(max, 1, ConstOp::I64Add), 1 << 32);
        assert_eq!(binary(0, 1, ConstOp::I64Sub), u64::MAX);
        assert_eq!(binary(1 << 63, 2, ConstOp::I64Mul), 0);
    }

    #[test]
    fn operands_are_taken_in_order() {
        // (global 5 - 8) * 2
        let ops = vec![ConstOp::GlobalGet(5), ConstOp::Const(8), ConstOp::I32Sub, ConstOp::Const(2), ConstOp::I32Mul];
        assert_eq!(ConstExpr::many(ops).eval(&mut Context).unwrap(), 84);
    }

    #[cfg(feature = "gc")]
    #[test]
    fn objects_take_their_parts_from_the_stack() {
        let make = |what, ty, count| ConstOp::Make { what, ty, count };
        let ops = vec![
            ConstOp::Const(5),
            make(NewObject::Default, 1, 0),
            ConstOp::Const(3),
            ConstOp::RefI31,
            make(NewObject::Parts, 2, 3),
        ];
        assert_eq!(ConstExpr::many(ops).eval(&mut Context), Ok(5 + 101 + 7 + 200));
        let ops = vec![ConstOp::Const(u64::from(u32::MAX)), ConstOp::RefI31];
        assert_eq!(ConstExpr::many(ops).eval(&mut Context), Ok(u64::from(u32::MAX)));
        let none = ConstExpr::One(make(NewObject::Default, 9, 0));
        assert_eq!(none.eval(&mut Context), Err(TrapCode::GcHeapOutOfMemory));
    }
}
