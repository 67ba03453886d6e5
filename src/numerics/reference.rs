//! Integers of 31 bits as references. The number is in bits 1 to 31 of the cell, so that equal numbers are equal cells.

use crate::trap::TrapCode;

/// `ref.i31`
#[inline(always)]
pub(crate) fn ref_i31(value: u32) -> i64 {
    i64::from(value << 1 | 1)
}

/// `i31.get_s`
#[inline(always)]
pub(crate) fn i31_get_s(cell: i64) -> Result<i32, TrapCode> {
    if cell == 0 { Err(TrapCode::NullReference) } else { Ok(cell as i32 >> 1) }
}

/// `i31.get_u`
#[inline(always)]
pub(crate) fn i31_get_u(cell: i64) -> Result<u32, TrapCode> {
    if cell == 0 { Err(TrapCode::NullReference) } else { Ok(cell as u32 >> 1) }
}

#[cfg(test)]
mod tests {
    use super::{TrapCode, i31_get_s, i31_get_u, ref_i31};

    #[test]
    fn thirty_one_bits_are_kept() {
        for value in [0, 1, 0x3fff_ffff, 0x4000_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff_u32] {
            let cell = ref_i31(value);
            assert_eq!(i31_get_u(cell), Ok(value & 0x7fff_ffff));
            assert_eq!(i31_get_s(cell), Ok((value << 1).cast_signed() >> 1));
            assert_eq!(cell, ref_i31(value ^ 0x8000_0000));
        }
        assert_eq!(i31_get_s(0), Err(TrapCode::NullReference));
        assert_eq!(i31_get_u(0), Err(TrapCode::NullReference));
    }
}
