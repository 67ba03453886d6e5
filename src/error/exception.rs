//! Exceptions that no code has caught.

use alloc::boxed::Box;
use core::fmt;

use crate::types::{TagType, ValType};

/// An exception was thrown, and no Wasm code has caught it.
///
/// The store keeps the exception itself until the embedder takes it or another one is thrown. Returned by a host function, this
/// error throws the exception in the Wasm code that has called the function.
#[derive(Debug, Clone)]
pub struct ThrownException {
    tag: TagType,
    /// The cells of its values.
    values: Box<[u64]>,
}

impl ThrownException {
    /// Describes an exception whose tag has this type. The cells are those of its values.
    pub(crate) fn new(tag: TagType, values: Box<[u64]>) -> Self {
        Self { tag, values }
    }

    /// Returns the type of the exception's tag.
    #[must_use]
    pub fn tag_type(&self) -> &TagType {
        &self.tag
    }
}

/// Displays the values that are numbers: `uncaught exception (i32 5, externref)`.
impl fmt::Display for ThrownException {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("uncaught exception")?;
        let mut cells = self.values.iter().copied();
        let mut next = || cells.next().unwrap_or_default();
        for (i, ty) in self.tag.ty().params().iter().enumerate() {
            f.write_str(if i == 0 { " (" } else { ", " })?;
            write!(f, "{ty}")?;
            let low = next();
            if ty.is_ref() {
                continue;
            }
            match ty {
                ValType::I32 => write!(f, " {}", low as i32)?,
                ValType::I64 => write!(f, " {}", low.cast_signed())?,
                ValType::F32 => write!(f, " {}", f32::from_bits(low as u32))?,
                ValType::F64 => write!(f, " {}", f64::from_bits(low))?,
                // A vector.
                _ => write!(f, " {:#034x}", u128::from(next()) << 64 | u128::from(low))?,
            }
        }
        f.write_str(if self.tag.ty().params().is_empty() { "" } else { ")" })
    }
}

impl core::error::Error for ThrownException {}
