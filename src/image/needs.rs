//! What a module needs of the engine that runs it.

#[cfg(feature = "serialize")]
use crate::ir::{
    forms::{is_for_size, is_small},
    opcode::OpCode,
};
use crate::{config::Config, error::kinds::ArtefactError, types::kinds::PLAIN_TYPES};
#[cfg(any(feature = "serialize", feature = "verify"))]
use crate::{
    ir::{opcode::Row, shape::Shape},
    module::env::ModuleHeader,
    types::{kinds::Abstract, repr::Ty},
};

/// A set of what is not part of every build of the library, or can be switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Needs(u32);

macro_rules! needs {
    ($($(#[$doc:meta])* $name:ident $number:literal $text:literal, $built:expr, |$config:ident| $on:expr;)*) => {
        impl Needs {
            $( $(#[$doc])* pub(super) const $name: Self = Self(1 << $number); )*

            const KNOWN: u32 = 0 $( | 1 << $number )*;

            /// Checks that this build and this configuration have all of it.
            ///
            /// # Errors
            ///
            /// If something is missing: the error names it.
            pub(super) fn check(self, config: &Config) -> Result<(), ArtefactError> {
                $(
                    if self.has(Self::$name) {
                        let $config = &config.features;
                        if !$built {
                            return Err(ArtefactError::NotBuilt { what: $text });
                        }
                        if !$on {
                            return Err(ArtefactError::SwitchedOff { what: $text });
                        }
                    }
                )*
                Ok(())
            }
        }
    };
}

needs! {
    /// Floating-point types or operators.
    FLOATS 0 "floats", cfg!(feature = "floats"), |features| features.floats;
    /// References as values, several tables, and operators on tables.
    REFERENCES 1 "reference-types", true, |features| features.reference_types;
    /// Several memories.
    MULTI_MEMORY 2 "multi-memory", cfg!(any(not(feature = "small"), feature = "multi-memory")), |features| features.multi_memory;
    /// Memories or tables with 64-bit addresses.
    MEMORY64 3 "memory64", cfg!(any(not(feature = "small"), feature = "memory64")), |features| features.memory64;
    /// Vectors.
    VECTORS 4 "simd", cfg!(feature = "simd"), |features| features.simd;
    /// Shared memories, or atomic operators.
    THREADS 5 "threads", cfg!(feature = "threads"), |features| features.threads;
    /// Arithmetic of 128 bits.
    WIDE_ARITHMETIC 6 "wide-arithmetic", cfg!(any(not(feature = "small"), feature = "wide-arithmetic")), |features| features.wide_arithmetic;
    /// Calls that replace the frame of the caller.
    TAIL_CALLS 7 "tail-call", cfg!(any(not(feature = "small"), feature = "tail-call")), |features| features.tail_call;
    /// References to functions of known types.
    FUNCTION_REFERENCES 8 "function-references", cfg!(any(not(feature = "small"), feature = "function-references")), |features| features.function_references || features.gc_types;
    /// Types of structs and arrays, and recursive types.
    GC 9 "gc", !PLAIN_TYPES, |features| features.gc_types;
    /// Exceptions. No artefact has them yet.
    EXCEPTIONS 11 "exceptions", false, |features| features.exceptions;
    /// Pages of one byte.
    CUSTOM_PAGE_SIZES 10 "custom-page-sizes", true, |features| features.custom_page_sizes;
    /// Structs, arrays, and other objects that are collected. No artefact has them yet.
    OBJECTS 12 "gc", false, |features| features.gc_types;
    /// Forms of ops that the small set lacks.
    ALL_FORMS 13 "a build without the feature `small`", !cfg!(feature = "small"), |_features| true;
    /// Forms of ops that builds for size lack.
    FORMS_FOR_SPEED 14 "a build that is not optimized for size", !cfg!(small_loop), |_features| true;
}

impl Needs {
    /// Whether rows that crate features add are not needed.
    pub(super) fn are_base(self) -> bool {
        self.0 & (Self::VECTORS.0 | Self::THREADS.0 | Self::OBJECTS.0) == 0
    }

    /// Returns the set as bits.
    #[cfg(feature = "serialize")]
    pub(super) fn bits(self) -> u32 {
        self.0
    }

    /// Returns the set with these bits.
    ///
    /// # Errors
    ///
    /// If a bit is unknown to this version.
    pub(super) fn of_bits(bits: u32) -> Result<Self, ArtefactError> {
        if bits & !Self::KNOWN == 0 { Ok(Self(bits)) } else { Err(ArtefactError::NotBuilt { what: "a newer version" }) }
    }

    /// Whether the set contains all of `other`.
    pub(super) fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Adds `other`.
    #[cfg(any(feature = "serialize", feature = "verify"))]
    pub(super) fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    #[cfg(any(feature = "serialize", feature = "verify"))]
    fn add_if(&mut self, needed: bool, other: Self) {
        if needed {
            self.add(other);
        }
    }

    /// Adds what a type of a value, or of a field, needs.
    #[cfg(any(feature = "serialize", feature = "verify"))]
    pub(super) fn add_type(&mut self, ty: Ty) {
        self.add_if(matches!(ty, Ty::F32 | Ty::F64), Self::FLOATS);
        self.add_if(matches!(ty, Ty::V128 | Ty::V128_HIGH), Self::VECTORS);
        self.add_if(ty.is_ref(), Self::REFERENCES);
        let is_exception = ty.abstract_type().is_some_and(|heap| heap.top() == Abstract::Exn);
        self.add_if(is_exception, Self::EXCEPTIONS);
        self.add_if(ty.abstract_type().is_some_and(|heap| heap.top() == Abstract::Any), Self::OBJECTS);
        self.add_if(ty.is_ref() && ty != Ty::FUNCREF && ty != Ty::EXTERNREF, Self::FUNCTION_REFERENCES);
    }

    /// Returns what a module needs outside of its code.
    #[cfg(any(feature = "serialize", feature = "verify"))]
    pub(super) fn of_header(header: &ModuleHeader) -> Self {
        let mut needs = Self::default();
        header.types.each_word(|ty| needs.add_type(ty));
        needs.add_if(header.types.has_declared(), Self::GC);
        needs.add_if(!header.tags.is_empty(), Self::EXCEPTIONS);
        needs.add_if(header.types.has_objects(), Self::OBJECTS);
        for table in &header.tables {
            needs.add_if(table.ty.is_64(), Self::MEMORY64);
            if table.element != Ty::FUNCREF {
                needs.add_type(table.element);
            }
        }
        needs.add_if(header.tables.len() > 1, Self::REFERENCES);
        for memory in &header.memories {
            needs.add_if(memory.is_64(), Self::MEMORY64);
            needs.add_if(memory.is_shared(), Self::THREADS);
            needs.add_if(memory.page_size_log2() != 16, Self::CUSTOM_PAGE_SIZES);
        }
        needs.add_if(header.memories.len() > 1, Self::MULTI_MEMORY);
        for global in &header.globals {
            needs.add_type(global.content);
        }
        needs
    }

    /// Returns what the form of an op needs.
    #[cfg(feature = "serialize")]
    pub(super) fn of_form(opcode: OpCode) -> Self {
        let mut needs = Self::default();
        if let Some((row, form)) = opcode.row_and_form() {
            needs.add_if(!is_small(row, form), Self::ALL_FORMS);
            needs.add_if(!is_for_size(row, form), Self::FORMS_FOR_SPEED);
        }
        needs
    }

    /// Returns what an op needs.
    #[cfg(any(feature = "serialize", feature = "verify"))]
    pub(super) fn of_row(row: Row) -> Self {
        let name = row.name();
        let mut needs = Self::default();
        needs.add_if(name.contains("f32") || name.contains("f64"), Self::FLOATS);
        needs.add_if(row.facts().vectors != 0 || is_in_vector(row.shape()), Self::VECTORS);
        if is_on_objects(row) {
            needs.add(Self::OBJECTS);
            return needs;
        }
        let throws = matches!(row.shape(), Shape::throw | Shape::throw_ref | Shape::region | Shape::regions);
        needs.add_if(throws, Self::EXCEPTIONS);
        let is_known = needs.0 & (Self::VECTORS.0 | Self::EXCEPTIONS.0) != 0;
        needs.add_if((row as usize) >= crate::ir::isa::BASE_ROWS && !is_known, Self::THREADS);
        needs.add_if(name.ends_with("_shared"), Self::THREADS);
        needs.add_if(row.shape() == Shape::span, Self::WIDE_ARITHMETIC);
        needs.add_if(name.starts_with("return_call"), Self::TAIL_CALLS);
        needs.add_if(name.ends_with("call_ref") || row == Row::ref_as_non_null, Self::FUNCTION_REFERENCES);
        needs.add_if(name.starts_with("table_g") || name.starts_with("table_s"), Self::REFERENCES);
        needs.add_if(name == "table_fill" || row == Row::ref_func, Self::REFERENCES);
        needs
    }
}

/// Whether a row is one on objects, which are the last ones.
#[cfg(all(feature = "gc", any(feature = "serialize", feature = "verify")))]
pub(super) fn is_on_objects(row: Row) -> bool {
    row as usize >= Row::struct_get8_s as usize
}

/// No row is one on objects.
#[cfg(all(not(feature = "gc"), any(feature = "serialize", feature = "verify")))]
pub(super) fn is_on_objects(_: Row) -> bool {
    false
}

/// Whether ops of the shape take a vector, or give one.
#[cfg(any(feature = "serialize", feature = "verify"))]
fn is_in_vector(shape: Shape) -> bool {
    matches!(
        shape,
        Shape::shuffle
            | Shape::extract_lane
            | Shape::replace_lane
            | Shape::load_lane
            | Shape::store_lane
            | Shape::constant_v128
            | Shape::load_lane_shared
            | Shape::store_lane_shared
    )
}
