//! The bytes of a module that are needed after it is decoded: data segments, custom sections, and bodies that are
//! translated later.

use alloc::{boxed::Box, sync::Arc, vec::Vec};
use core::{
    mem::MaybeUninit,
    ops::{Index, Range},
};

use crate::{
    error::{
        Error,
        memory::{Reserve, vec_or_fail},
    },
    trap::TrapCode,
};

/// The bytes of a whole module that are lent or given to the library, so that it need not copy them.
///
/// Made of `&'static [u8]` (bytes in flash or in the program), `Arc<[u8]>` (shared with the
/// embedder), `Vec<u8>` or `Box<[u8]>` (given away).
///
/// ```
/// use wasmote::{Engine, Module, WasmBytes};
///
/// # fn main() -> Result<(), wasmote::Error> {
/// static WASM: &[u8] = b"\0asm\x01\0\0\0";
/// let engine = Engine::default();
/// // Shares bytes in static memory, or takes over a vector.
/// let module = Module::from_bytes(&engine, WasmBytes::from(WASM))?;
/// let module = Module::from_bytes(&engine, WASM.to_vec())?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct WasmBytes {
    repr: Repr,
}

#[derive(Debug, Clone)]
enum Repr {
    Static(&'static [u8]),
    Shared(Arc<[u8]>),
    Owned(Vec<u8>),
    #[cfg(feature = "std")]
    Mapped(Arc<memmap2::Mmap>),
}

impl AsRef<[u8]> for WasmBytes {
    fn as_ref(&self) -> &[u8] {
        match &self.repr {
            Repr::Static(bytes) => bytes,
            Repr::Shared(bytes) => bytes,
            Repr::Owned(bytes) => bytes,
            #[cfg(feature = "std")]
            Repr::Mapped(bytes) => bytes,
        }
    }
}

impl From<&'static [u8]> for WasmBytes {
    fn from(bytes: &'static [u8]) -> Self {
        Self { repr: Repr::Static(bytes) }
    }
}

impl<const N: usize> From<&'static [u8; N]> for WasmBytes {
    fn from(bytes: &'static [u8; N]) -> Self {
        Self { repr: Repr::Static(bytes) }
    }
}

impl From<Arc<[u8]>> for WasmBytes {
    fn from(bytes: Arc<[u8]>) -> Self {
        Self { repr: Repr::Shared(bytes) }
    }
}

impl From<Vec<u8>> for WasmBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self { repr: Repr::Owned(bytes) }
    }
}

impl From<Box<[u8]>> for WasmBytes {
    fn from(bytes: Box<[u8]>) -> Self {
        Vec::from(bytes).into()
    }
}

impl WasmBytes {
    /// Returns the bytes of a file that is mapped.
    #[cfg(feature = "std")]
    pub(crate) fn from_mapping(mapping: memmap2::Mmap) -> Self {
        Self { repr: Repr::Mapped(Arc::new(mapping)) }
    }

    /// Whether the library could free the memory, because nobody else uses it.
    pub(crate) fn is_owned(&self) -> bool {
        matches!(self.repr, Repr::Owned(_))
    }
}

/// Bytes of a module, which are found by their offset in it.
#[derive(Debug)]
pub(crate) enum ModuleBytes {
    /// All bytes.
    Whole(WasmBytes),
    /// The bytes that were kept, in order.
    Pieces(Vec<Piece>),
}

/// Consecutive bytes of a module.
#[derive(Debug)]
pub(crate) struct Piece {
    /// Offset in the module of the first byte.
    start: usize,
    bytes: Vec<u8>,
}

impl Default for ModuleBytes {
    fn default() -> Self {
        Self::Pieces(Vec::new())
    }
}

impl ModuleBytes {
    /// Keeps bytes that begin at `start`, after all bytes that are kept already. Does nothing for a whole module.
    ///
    /// # Errors
    ///
    /// If there is not enough memory.
    pub(crate) fn keep(&mut self, start: usize, bytes: &[u8]) -> Result<(), Error> {
        let Self::Pieces(pieces) = self else { return Ok(()) };
        if let Some(last) = pieces.last_mut()
            && last.start + last.bytes.len() == start
        {
            last.bytes.try_reserve(bytes.len()).map_err(|_| TrapCode::OutOfSystemMemory)?;
            last.bytes.extend_from_slice(bytes);
        } else if !bytes.is_empty() {
            let mut piece = vec_or_fail(bytes.len())?;
            piece.extend_from_slice(bytes);
            pieces.push(Piece { start, bytes: piece });
        }
        Ok(())
    }

    /// Reserves memory for `additional` bytes that begin at `start`, and returns it. The bytes must have arrived:
    /// claims of a module are not trusted.
    ///
    /// # Errors
    ///
    /// If there is not enough memory.
    pub(crate) fn reserve(&mut self, start: usize, additional: usize) -> Result<&mut [MaybeUninit<u8>], Error> {
        let Self::Pieces(pieces) = self else { return Ok(&mut []) };
        let follows = pieces.last().is_some_and(|last| last.start + last.bytes.len() == start);
        if !follows && additional > 0 {
            pieces.push(Piece { start, bytes: Vec::new() });
        }
        let Some(last) = pieces.last_mut().filter(|_| additional > 0) else { return Ok(&mut []) };
        last.bytes.reserve_or_fail(additional)?;
        Ok(last.bytes.spare_capacity_mut())
    }

    /// Frees memory that was reserved but not used.
    pub(crate) fn shrink(&mut self) {
        if let Self::Pieces(pieces) = self {
            pieces.iter_mut().for_each(|piece| piece.bytes.shrink_to_fit());
            pieces.shrink_to_fit();
        }
    }
}

impl Index<Range<usize>> for ModuleBytes {
    type Output = [u8];

    /// Returns the bytes at an offset range of the module.
    ///
    /// # Panics
    ///
    /// If the bytes were not kept.
    fn index(&self, range: Range<usize>) -> &[u8] {
        match self {
            Self::Whole(bytes) => &bytes.as_ref()[range],
            Self::Pieces(_) if range.is_empty() => &[],
            Self::Pieces(pieces) => {
                let after = pieces.partition_point(|piece| piece.start <= range.start);
                let piece = &pieces[after - 1];
                &piece.bytes[range.start - piece.start..range.end - piece.start]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::{boxed::Box, sync::Arc, vec};

    use super::{ModuleBytes, WasmBytes};

    #[test]
    fn pieces_by_their_place() {
        let mut bytes = ModuleBytes::default();
        bytes.keep(10, b"abc").unwrap();
        assert_eq!(bytes.reserve(13, 3).unwrap().len(), 3);
        assert!(bytes.reserve(20, 0).unwrap().is_empty());
        bytes.keep(13, b"def").unwrap();
        bytes.keep(16, b"").unwrap();
        assert!(bytes.reserve(100, 3).unwrap().len() >= 3);
        bytes.keep(100, b"xyz").unwrap();
        bytes.shrink();
        let ModuleBytes::Pieces(pieces) = &bytes else { panic!("{bytes:?}") };
        assert_eq!(pieces.len(), 2);
        assert_eq!((&bytes[10..16], &bytes[12..14]), (&b"abcdef"[..], &b"cd"[..]));
        assert_eq!((&bytes[101..103], &bytes[50..50]), (&b"yz"[..], &b""[..]));
    }

    #[test]
    fn whole_modules_are_not_copied() {
        static BYTES: [u8; 3] = *b"abc";
        let shared: Arc<[u8]> = Arc::from(&BYTES[..]);
        let owned = vec![1, 2, 3];
        let address = owned.as_ptr();
        assert_eq!(WasmBytes::from(owned).as_ref().as_ptr(), address);
        assert_eq!(WasmBytes::from(shared.clone()).as_ref().as_ptr(), shared.as_ptr());
        assert_eq!(WasmBytes::from(&BYTES).as_ref().as_ptr(), BYTES.as_ptr());
        assert_eq!(WasmBytes::from(Box::<[u8]>::from(*b"abc")).as_ref(), b"abc");
        let mut bytes = ModuleBytes::Whole(WasmBytes::from(&BYTES[..]));
        bytes.keep(1, b"never").unwrap();
        assert_eq!(&bytes[1..3], b"bc");
    }
}
