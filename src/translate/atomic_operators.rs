//! Atomic operators: decodes each by its number, validates it, charges fuel, and translates it.

use crate::{
    config::{costs::OperatorCost, proposals::Proposal},
    error::Error,
    ir::opcode::Row,
    translate::{memory::Target, rare::Immediates, visitor::Visitor},
    types::repr::{I32, I64, Ty},
};

/// What an atomic operator takes and computes (`operators/atomic.rs`).
#[expect(non_camel_case_types, reason = "named as in the list")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    notify,
    wait,
    fence,
    load,
    store,
    rmw,
    cmpxchg,
}

/// An atomic operator.
#[derive(Debug, Clone, Copy)]
struct AtomicOperator {
    kind: Kind,
    row: Row,
    /// The type of the value
    ty: Ty,
    /// The logarithm of the alignment
    align: u8,
    cost: fn(&OperatorCost) -> u64,
}

/// One more than the greatest number.
const COUNT: usize = 0x4f;

macro_rules! operators {
    ($($kind:ident $number:literal $visit:ident $name:ident $row:ident $ty:ident $align:literal = $cost:literal;)*) => {
        static OPERATORS: [Option<AtomicOperator>; COUNT] = {
            let mut table = [None; COUNT];
            $( table[$number] = Some(AtomicOperator {
                kind: Kind::$kind,
                row: Row::$row,
                ty: $ty,
                align: $align,
                cost: OperatorCost::$visit,
            }); )*
            table
        };
    };
}
for_each_atomic!(operators);

impl Visitor<'_> {
    /// Handles an atomic operator, after its first byte.
    pub(super) fn atomic(&mut self, immediates: &mut Immediates<'_>) -> Result<(), Error> {
        let number = immediates.index()?;
        let Some(operator) = OPERATORS.get(number as usize).copied().flatten() else {
            return Err(self.builder.stack.validation.error(&alloc::format!("illegal opcode: 0xfe {number:#x}")));
        };
        let AtomicOperator { kind, row, ty, align: natural, cost } = operator;
        let (mut align, mut target) = (0, Target { memory: 0, offset: 0 });
        if kind == Kind::fence {
            immediates.zero()?;
        } else {
            (align, target) = immediates.memarg()?;
        }
        let validation = &mut self.builder.stack.validation;
        validation.require(Proposal::Threads)?;
        validation.begin();
        let mut addr = I32;
        if kind != Kind::fence {
            addr = validation.atomic_memarg(align, natural, target.memory, target.offset)?;
        }
        match kind {
            Kind::notify => validation.notify(addr)?,
            Kind::wait => validation.wait(addr, ty)?,
            Kind::fence => {}
            Kind::load => validation.unary(addr, ty)?,
            Kind::store => validation.store(addr, ty)?,
            Kind::rmw => validation.atomic_rmw(addr, ty)?,
            Kind::cmpxchg => validation.atomic_cmpxchg(addr, ty)?,
        }
        let Some(builder) = self.charged(cost) else { return Ok(()) };
        match kind {
            Kind::notify => builder.wait(row, 2, target),
            Kind::wait => builder.wait(row, 3, target),
            Kind::fence => builder.fence(),
            Kind::load => builder.atomic::<1>(row, ty, target),
            Kind::store => builder.atomic_store(row, target),
            Kind::rmw => builder.atomic::<2>(row, ty, target),
            Kind::cmpxchg => builder.atomic::<3>(row, ty, target),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::OPERATORS;

    #[test]
    fn there_are_as_many_operators_as_in_the_proposal() {
        assert_eq!(OPERATORS.iter().flatten().count(), 67);
        assert!((4..0x10).all(|number| OPERATORS[number].is_none()));
    }
}
