//! Constant expressions (spec, Validation > Constant Expressions; proposal extended-const).

use alloc::vec::Vec;

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
}

/// A validated constant expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ConstExpr {
    /// A single operator, as nearly all are
    One(ConstOp),
    Many(Vec<ConstOp>),
}

/// What constant expressions refer to.
pub(crate) trait ConstContext {
    /// The cell of a global.
    fn global(&self, index: u32) -> u64;
    /// A reference to a function.
    fn func_ref(&self, index: u32) -> u64;
}

impl ConstExpr {
    /// The value as a cell.
    pub(crate) fn eval(&self, context: &dyn ConstContext) -> u64 {
        match self {
            Self::One(op) => eval(core::slice::from_ref(op), context),
            Self::Many(ops) => eval(ops, context),
        }
    }
}

fn eval(ops: &[ConstOp], context: &dyn ConstContext) -> u64 {
    let mut stack: Vec<u64> = Vec::new();
    for op in ops {
        let value = match *op {
            ConstOp::Const(cell) => cell,
            ConstOp::GlobalGet(index) => context.global(index),
            ConstOp::RefFunc(index) => context.func_ref(index),
            _ => {
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
    stack.pop().unwrap_or(0)
}
