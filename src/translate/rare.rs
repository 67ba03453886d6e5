//! Decodes the operators that `decode.rs` leaves: the rare ones, and frequent ones with unusual immediates. What is
//! malformed or not supported is an error here.

use wasmparser::{BinaryReader, BinaryReaderError, BlockType, HeapType, Ieee32, Ieee64, ValType, WasmFeatures};

#[cfg(feature = "gc")]
use crate::validate::Cast;
use crate::{
    config::proposals::Proposal,
    error::Error,
    translate::{
        cursor::invalid,
        decode::{Kind, Numeric},
        memory::Target,
        visitor::Visitor,
    },
    validate::BrTable,
};

/// The most types of a `select`: more than are valid.
const MAX_SELECT_TYPES: usize = 10;
/// The first bytes of operators that have two.
const PREFIX: u8 = 0xfc;
const OBJECT: u8 = 0xfb;
/// The first byte of vector operators.
const VECTOR: u32 = 0xfd;
/// The first byte of atomic operators.
#[cfg(feature = "threads")]
const ATOMIC: u32 = 0xfe;
/// In the first number of a load or a store: the alignment, and whether the index of a memory follows.
const ALIGNMENT: u32 = 0x3f;
const MEMORY: u32 = 0x40;

/// The bytes of an operator of function `func`. Each method reads an immediate of its name.
pub(super) struct Immediates<'a> {
    pub(super) bytes: &'a [u8],
    reader: BinaryReader<'a>,
    features: WasmFeatures,
    func: u32,
}

impl<'a> Immediates<'a> {
    /// Returns what the parser has read, if it was well formed.
    fn read<T>(&self, read: Result<T, BinaryReaderError>) -> Result<T, Error> {
        read.map_err(|error| invalid(&error, self.func))
    }

    fn error(&self, message: &str, offset: u64) -> Error {
        Error::invalid_wasm(message, offset as usize, Some(self.func))
    }

    /// Reads the opcode. The second of two bytes is in the lower half.
    fn opcode(&mut self) -> Result<u32, Error> {
        let first = self.byte()?;
        if first != PREFIX && !(cfg!(feature = "gc") && first == OBJECT) {
            return Ok(u32::from(first));
        }
        // No operator has a greater number.
        Ok(u32::from(first) << 8 | self.index()?.min(0xff))
    }

    pub(super) fn byte(&mut self) -> Result<u8, Error> {
        let read = self.reader.read_u8();
        self.read(read)
    }

    pub(super) fn index(&mut self) -> Result<u32, Error> {
        let read = self.reader.read_var_u32();
        self.read(read)
    }

    #[cfg(feature = "simd")]
    pub(super) fn sixteen_bytes(&mut self) -> Result<[u8; 16], Error> {
        let read = self.reader.read_bytes(16);
        self.read(read).map(|bytes| bytes.try_into().unwrap_or_default())
    }

    /// A table. Before reference types this was a byte.
    fn table(&mut self) -> Result<u32, Error> {
        if self.features.contains(WasmFeatures::CALL_INDIRECT_OVERLONG) { self.index() } else { self.zero() }
    }

    /// A memory. Before several memories this was a byte.
    fn memory(&mut self) -> Result<u32, Error> {
        if self.features.contains(WasmFeatures::MULTI_MEMORY) { self.index() } else { self.zero() }
    }

    pub(super) fn zero(&mut self) -> Result<u32, Error> {
        match self.byte()? {
            0 => Ok(0),
            _ => Err(self.error("zero byte expected", self.reader.original_position() - 1)),
        }
    }

    pub(super) fn block_type(&mut self) -> Result<BlockType, Error> {
        let before = self.reader.clone();
        match self.byte()? {
            0x40 => return Ok(BlockType::Empty),
            // A negative number of one byte.
            0x41..=0x7f => {
                self.reader = before;
                let read = self.reader.read();
                return self.read(read).map(BlockType::Type);
            }
            _ => self.reader = before,
        }
        let read = self.reader.read_var_s33();
        match u32::try_from(self.read(read)?) {
            Ok(index) => Ok(BlockType::FuncType(index)),
            Err(_) => Err(self.error("invalid function type", self.reader.original_position())),
        }
    }

    fn br_table(&mut self) -> Result<BrTable<'a>, Error> {
        let read = BrTable::read(&mut self.reader);
        self.read(read)
    }

    /// The type of a `select`. The list may have any length, but only one type is valid.
    fn select_type(&mut self) -> Result<ValType, Error> {
        let read = self.reader.read_size(MAX_SELECT_TYPES, "select types");
        let count = self.read(read)?;
        let mut ty = ValType::I32;
        for _ in 0..count {
            let read = self.reader.read();
            ty = self.read(read)?;
        }
        if count == 1 { Ok(ty) } else { Err(self.error("invalid result arity", self.reader.range().start)) }
    }

    #[cfg(feature = "exceptions")]
    pub(super) fn try_table(&mut self) -> Result<wasmparser::TryTable, Error> {
        let read = self.reader.read();
        self.read(read)
    }

    fn heap_type(&mut self) -> Result<HeapType, Error> {
        let read = self.reader.read();
        self.read(read)
    }

    #[cfg(feature = "gc")]
    fn cast(&mut self) -> Result<Cast, Error> {
        let flags = self.byte()?;
        if flags > 3 {
            return Err(self.error("invalid cast flags", self.reader.original_position() - 1));
        }
        let depth = self.index()?;
        let (from, to) = (self.heap_type()?, self.heap_type()?);
        Ok(Cast { depth, from: (from, flags & 1 != 0), to: (to, flags & 2 != 0) })
    }

    fn i32(&mut self) -> Result<i32, Error> {
        let read = self.reader.read_var_i32();
        self.read(read)
    }

    fn i64(&mut self) -> Result<i64, Error> {
        let read = self.reader.read_var_i64();
        self.read(read)
    }

    fn f32(&mut self) -> Result<Ieee32, Error> {
        let read = self.reader.read_f32();
        self.read(read)
    }

    fn f64(&mut self) -> Result<Ieee64, Error> {
        let read = self.reader.read_f64();
        self.read(read)
    }

    /// The immediates of a load or a store: the logarithm of the alignment, and the target.
    pub(super) fn memarg(&mut self) -> Result<(u8, Target), Error> {
        let start = self.reader.original_position();
        let first = self.index()?;
        let mut rest = first & !ALIGNMENT;
        let mut memory = 0;
        if rest & MEMORY != 0 && self.features.contains(WasmFeatures::MULTI_MEMORY) {
            rest ^= MEMORY;
            memory = self.index()?;
        }
        if rest != 0 {
            return Err(self.error("malformed memop: reserved flags bits set", start));
        }
        let offset = if self.features.contains(WasmFeatures::MEMORY64) {
            let read = self.reader.read_var_u64();
            self.read(read)?
        } else {
            u64::from(self.index()?)
        };
        Ok(((first & ALIGNMENT) as u8, Target { memory, offset }))
    }
}

/// Defines how operators that are not on numbers are decoded.
macro_rules! others {
    ($($opcode:literal [$($proposal:ident)?] $visit:ident($($immediate:ident)*) $name:ident = $cost:literal;)*) => {
        impl Visitor<'_> {
            /// Handles an operator that is not one on numbers.
            #[inline(never)]
            fn other(&mut self, opcode: u32, immediates: &mut Immediates<'_>) -> Result<(), Error> {
                match opcode {
                    $( $opcode => {
                        others!(@ self immediates [$($proposal)?] $visit $($immediate)*)
                    } )*
                    _ => self.exception(opcode, immediates),
                }
            }
        }
    };
    (@ $this:ident $from:ident [$($proposal:ident)?] $visit:ident) => {{
        $( $this.builder.stack.validation.require(Proposal::$proposal)?; )?
        $this.$visit()
    }};
    (@ $this:ident $from:ident [$($proposal:ident)?] $visit:ident $one:ident) => {{
        let one = $from.$one()?;
        $( $this.builder.stack.validation.require(Proposal::$proposal)?; )?
        $this.$visit(one)
    }};
    (@ $this:ident $from:ident [$($proposal:ident)?] $visit:ident $one:ident $two:ident) => {{
        let (one, two) = ($from.$one()?, $from.$two()?);
        $( $this.builder.stack.validation.require(Proposal::$proposal)?; )?
        $this.$visit(one, two)
    }};
}
for_each_other!(others);

impl Visitor<'_> {
    /// Handles the operator at `offset` in the module, with which `bytes` begin. Returns its number of bytes.
    ///
    /// # Errors
    ///
    /// If it is malformed or invalid, or of a proposal that is not supported.
    // Not inlined, so that the loop over operators keeps more values in registers, and less on the native stack.
    #[inline(never)]
    pub(super) fn rare(&mut self, bytes: &[u8], offset: usize) -> Result<usize, Error> {
        let features = self.features;
        let reader = BinaryReader::new_features(bytes, offset as u64, features);
        let func = self.builder.stack.validation.func;
        let mut immediates = Immediates { bytes, reader, features, func };
        let opcode = immediates.opcode()?;
        if opcode == VECTOR {
            self.vector(&mut immediates)?;
            return Ok(immediates.reader.current_position());
        }
        #[cfg(not(feature = "gc"))]
        if opcode == u32::from(OBJECT) {
            return Err(self.no_objects());
        }
        #[cfg(feature = "threads")]
        if opcode == ATOMIC {
            self.atomic(&mut immediates)?;
            return Ok(immediates.reader.current_position());
        }
        match Numeric::find(opcode) {
            Some(numeric) => self.numeric(numeric, &mut immediates)?,
            None => self.other(opcode, &mut immediates)?,
        }
        Ok(immediates.reader.current_position())
    }

    /// Refuses an operator of exceptions, which needs a crate feature, and one that does not exist.
    #[cfg(not(feature = "exceptions"))]
    #[cold]
    fn exception(&mut self, opcode: u32, immediates: &mut Immediates<'_>) -> Result<(), Error> {
        let validation = &self.builder.stack.validation;
        match opcode {
            0x06..=0x0a | 0x18 | 0x19 | 0x1f if self.builder.header.features.exceptions => {
                Err(validation.error(crate::validate::NO_EXCEPTIONS))
            }
            _ => Err(self.unknown(opcode, immediates)),
        }
    }

    /// Refuses a vector operator, which needs a crate feature.
    #[cfg(not(feature = "simd"))]
    #[cold]
    fn vector(&mut self, _: &mut Immediates<'_>) -> Result<(), Error> {
        let validation = &self.builder.stack.validation;
        validation.require(Proposal::Simd)?;
        Err(validation.error(crate::validate::NO_VECTORS))
    }

    /// Refuses an operator on objects, which needs a crate feature.
    #[cfg(not(feature = "gc"))]
    #[cold]
    fn no_objects(&self) -> Error {
        let validation = &self.builder.stack.validation;
        match validation.require(Proposal::Gc) {
            Ok(()) => validation.error(crate::validate::NO_OBJECTS),
            Err(error) => error,
        }
    }

    /// Handles an operator on numbers, a load, or a store.
    #[inline(never)]
    fn numeric(&mut self, numeric: &Numeric, immediates: &mut Immediates<'_>) -> Result<(), Error> {
        let &Numeric { row, general, input, output, kind, proposal, align: natural, cost } = numeric;
        let (align, target) = match kind {
            Kind::Load | Kind::Store => immediates.memarg()?,
            _ => (0, Target { memory: 0, offset: 0 }),
        };
        let validation = &mut self.builder.stack.validation;
        if let Some(proposal) = proposal {
            validation.require(proposal)?;
        }
        validation.begin();
        validation.check_number(input)?;
        validation.check_number(output)?;
        let mut addr = input;
        if let Kind::Load | Kind::Store = kind {
            addr = validation.memarg(align, natural, target.memory, target.offset)?;
        }
        match kind {
            Kind::Binary => validation.binary(input, output)?,
            Kind::Store => validation.store(addr, input)?,
            _ => validation.unary(addr, output)?,
        }
        let Some(builder) = self.charged(cost) else { return Ok(()) };
        match kind {
            Kind::Unary => {
                builder.unary(row, input, output);
                builder.canonicalize(row);
            }
            Kind::Binary => {
                builder.binary(row, input, output);
                builder.canonicalize(row);
            }
            Kind::Load => builder.load(row, general, output, target),
            Kind::Store => builder.store(row, general, input, target),
            Kind::None => {}
        }
        Ok(())
    }
}
