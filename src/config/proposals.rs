//! The proposals that can be switched on and off: one row each.
//!
//! Everything that lists proposals derives from the rows: [`Proposal`], the fields of [`Features`], the setters and the
//! defaults of [`Config`](crate::Config), the parser's features, and the operators that the translator accepts. The command line, the
//! tests and the table in README.md enumerate [`Proposal::ALL`].
//!
//! The default of a row is `on` only if `wasmi` 2.0 has the proposal on as well, and `wider` if it is on here alone. What is off
//! and exists there has the default `off_there_too`. With the crate feature `wasmi-defaults` nothing else can be on.

use core::fmt;

#[cfg(feature = "loader")]
use wasmparser::WasmFeatures;

/// Expands to whether `wasmi` has a proposal with this default.
macro_rules! is_in_wasmi {
    (on) => {
        true
    };
    (off_there_too) => {
        true
    };
    (if_simd) => {
        true
    };
    (if_memory64) => {
        true
    };
    (if_floats) => {
        true
    };
    ($other:ident) => {
        false
    };
}

macro_rules! proposals {
    ($(
        $(#[$doc:meta])*
        $variant:ident $field:ident $setter:ident $name:literal $title:literal $version:literal $default:ident
            [$($flag:ident)*] $link:literal;
    )*) => {
        /// A part of WebAssembly that can be switched on and off: what was once a proposal, or still is one.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Proposal { $( $(#[$doc])* $variant, )* }

        impl Proposal {
            /// All proposals that this library knows.
            pub const ALL: &'static [Self] = &[$( Self::$variant ),*];

            /// The name, as the command line spells it: `tail-call`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $( Self::$variant => $name, )* }
            }

            /// The name in words: `tail calls`.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $( Self::$variant => $title, )* }
            }

            /// The first version of the specification that contains it, or `proposal` if none does yet.
            #[must_use]
            pub const fn version(self) -> &'static str {
                match self { $( Self::$variant => $version, )* }
            }

            /// Whether it is on unless [`Config`](crate::Config) says otherwise.
            #[must_use]
            pub const fn is_on_by_default(self) -> bool {
                match self { $( Self::$variant => proposals!($default), )* }
            }

            /// Whether it can be switched on. With the crate feature `wasmi-defaults`, what `wasmi` 2.0 has can.
            const fn can_be_on(self) -> bool {
                if !cfg!(feature = "wasmi-defaults") {
                    return true;
                }
                match self {
                    $( Self::$variant => is_in_wasmi!($default), )*
                }
            }

            /// Whether the build has it. Builds with the small set of ops lack some proposals, unless their crate features are on.
            pub(crate) const fn is_built(self) -> bool {
                match self {
                    _ if !cfg!(feature = "small") => true,
                    Self::MultiMemory => cfg!(feature = "multi-memory"),
                    Self::Memory64 => cfg!(feature = "memory64"),
                    Self::TailCall => cfg!(feature = "tail-call"),
                    Self::FunctionReferences => cfg!(feature = "function-references"),
                    Self::WideArithmetic => cfg!(feature = "wide-arithmetic"),
                    Self::Gc => cfg!(any(feature = "function-references", feature = "gc", feature = "exceptions")),
                    _ => true,
                }
            }

            /// The word for the default in the list.
            #[cfg(test)]
            const fn default_word(self) -> &'static str {
                match self { $( Self::$variant => stringify!($default), )* }
            }

            /// The address of its documents.
            #[must_use]
            pub const fn link(self) -> &'static str {
                match self { $( Self::$variant => $link, )* }
            }

            /// The name of the method of [`Config`](crate::Config) that switches it.
            #[must_use]
            pub const fn setter(self) -> &'static str {
                match self { $( Self::$variant => stringify!($setter), )* }
            }

            /// The names of the flags of `wasmparser::WasmFeatures` that enable it, the main one first.
            #[doc(hidden)]
            #[must_use]
            pub const fn parser_flags(self) -> &'static [&'static str] {
                match self { $( Self::$variant => &[$( stringify!($flag) ),*], )* }
            }
        }

        /// Which proposals modules may use.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) struct Features { $( pub(crate) $field: bool, )* }

        impl Default for Features {
            fn default() -> Self {
                Self { $( $field: proposals!($default), )* }
            }
        }

        impl Features {
            /// Whether `proposal` is on.
            pub(crate) fn get(&self, proposal: Proposal) -> bool {
                proposal.is_built() && match proposal { $( Proposal::$variant => self.$field, )* }
            }

            /// Switches `proposal` on or off.
            pub(crate) fn set(&mut self, proposal: Proposal, on: bool) {
                let on = on && proposal.can_be_on();
                match proposal { $( Proposal::$variant => self.$field = on, )* }
            }

            /// The proposals that are on, as the parser names them.
            #[cfg(feature = "loader")]
            pub(crate) fn wasm_features(&self) -> WasmFeatures {
                // Without this flag the parser has no type for references.
                let mut wasm = WasmFeatures::GC_TYPES;
                $( wasm.set($( WasmFeatures::$flag )|*, self.$field); )*
                wasm
            }
        }

        with_dollar!(($) $( [$(#[$doc])*] $variant $setter $title $default; )*);
    };
    (on) => { true };
    (off) => { false };
    (off_there_too) => { false };
    (wider) => { !cfg!(feature = "wasmi-defaults") };
    (if_simd) => { cfg!(feature = "simd") };
    (if_floats) => { cfg!(feature = "floats") };
    (if_memory64) => { cfg!(feature = "memory64") };
    (if_exceptions) => { cfg!(all(feature = "exceptions", not(feature = "wasmi-defaults"))) };
    (if_gc) => { cfg!(feature = "gc") && !cfg!(feature = "wasmi-defaults") };
}

/// Expands to a default in words.
macro_rules! default_in_words {
    (on) => {
        "on"
    };
    (off) => {
        "off"
    };
    (off_there_too) => {
        "off"
    };
    (wider) => {
        "on, off with the crate feature `wasmi-defaults`"
    };
    (if_simd) => {
        "on with the crate feature `simd`, off without it"
    };
    (if_floats) => {
        "on with the crate feature `floats`, off without it"
    };
    (if_memory64) => {
        "on with the crate feature `memory64`, off without it"
    };
    (if_exceptions) => {
        "on with the crate feature `exceptions`, off without it or with `wasmi-defaults`"
    };
    (if_gc) => {
        "on with the crate feature `gc`, off without it, and with the crate feature `wasmi-defaults`"
    };
}

/// Defines macros of the rows; `$d` is a `$` in them.
macro_rules! with_dollar {
    (($d:tt) $([$($doc:tt)*] $variant:ident $setter:ident $title:literal $default:ident;)*) => {
        /// Expands to the methods of `Config` that switch proposals.
        macro_rules! proposal_setters {
            () => { $(
                $($doc)*
                #[doc = concat!("\n\nDefault: ", default_in_words!($default), ".")]
                pub fn $setter(&mut self, enable: bool) -> &mut Self {
                    self.proposal(Proposal::$variant, enable)
                } )*
            };
        }
    };
}

proposals! {
    /// Import and export of mutable globals.
    MutableGlobal mutable_global wasm_mutable_global "mutable-global" "mutable globals" "1.0" on
        [MUTABLE_GLOBAL] "https://github.com/WebAssembly/mutable-global";
    /// Operators that extend the sign of a part of an integer.
    SignExtension sign_extension wasm_sign_extension "sign-extension" "sign extension operations" "2.0" on
        [SIGN_EXTENSION] "https://github.com/WebAssembly/sign-extension-ops";
    /// Conversions of floats to integers that saturate rather than trap.
    SaturatingFloatToInt saturating_float_to_int wasm_saturating_float_to_int "saturating-float-to-int"
        "saturating float to int conversions" "2.0" on
        [SATURATING_FLOAT_TO_INT] "https://github.com/WebAssembly/nontrapping-float-to-int-conversions";
    /// Functions and blocks with several results, and blocks with parameters.
    MultiValue multi_value wasm_multi_value "multi-value" "multiple values" "2.0" on
        [MULTI_VALUE] "https://github.com/WebAssembly/multi-value";
    /// Several memories in a module.
    MultiMemory multi_memory wasm_multi_memory "multi-memory" "multiple memories" "3.0" on
        [MULTI_MEMORY] "https://github.com/WebAssembly/multi-memory";
    /// Operators that copy and fill stretches of memories and tables, and passive segments.
    BulkMemory bulk_memory wasm_bulk_memory "bulk-memory" "bulk memory" "2.0" on
        [BULK_MEMORY BULK_MEMORY_OPT] "https://github.com/WebAssembly/bulk-memory-operations";
    /// References as values, and several tables in a module.
    ReferenceTypes reference_types wasm_reference_types "reference-types" "reference types" "2.0" on
        [REFERENCE_TYPES CALL_INDIRECT_OVERLONG] "https://github.com/WebAssembly/reference-types";
    /// References to functions of known types, calls through them, references that are not null.
    FunctionReferences function_references wasm_function_references "function-references" "function references" "3.0" wider
        [FUNCTION_REFERENCES] "https://github.com/WebAssembly/function-references";
    /// Recursive types, subtypes, structs, arrays and i31 references. Objects need the crate feature `gc`.
    Gc gc_types wasm_gc "gc" "garbage collection" "3.0" if_gc
        [GC] "https://github.com/WebAssembly/gc";
    /// Vectors of 128 bits and their operators. They need the crate feature `simd`.
    Simd simd wasm_simd "simd" "SIMD" "2.0" if_simd
        [SIMD] "https://github.com/WebAssembly/simd";
    /// Vector operators whose results may differ from one processor to another. Here they never do. They need the crate
    /// feature `simd`.
    RelaxedSimd relaxed_simd wasm_relaxed_simd "relaxed-simd" "relaxed SIMD" "3.0" if_simd
        [RELAXED_SIMD] "https://github.com/WebAssembly/relaxed-simd";
    /// Calls that replace the frame of the caller.
    TailCall tail_call wasm_tail_call "tail-call" "tail calls" "3.0" on
        [TAIL_CALL] "https://github.com/WebAssembly/tail-call";
    /// Exceptions: tags, `throw` and `try_table`, and references to exceptions. They need the crate feature `exceptions`.
    Exceptions exceptions wasm_exceptions "exceptions" "exception handling" "3.0" if_exceptions
        [EXCEPTIONS] "https://github.com/WebAssembly/exception-handling";
    /// The operators of exceptions that were before `try_table`, which many compilers emit: `try`, `catch`, `catch_all`, `rethrow`
    /// and `delegate`. They need [`Config::wasm_exceptions`](crate::Config::wasm_exceptions) as well.
    LegacyExceptions legacy_exceptions wasm_legacy_exceptions "legacy-exceptions" "legacy exception handling" "proposal" off
        [LEGACY_EXCEPTIONS] "https://github.com/WebAssembly/exception-handling";
    /// Integer arithmetic in constant expressions.
    ExtendedConst extended_const wasm_extended_const "extended-const" "extended constant expressions" "3.0" on
        [EXTENDED_CONST] "https://github.com/WebAssembly/extended-const";
    /// Memories whose pages are one byte.
    CustomPageSizes custom_page_sizes wasm_custom_page_sizes "custom-page-sizes" "custom page sizes" "proposal" off_there_too
        [CUSTOM_PAGE_SIZES] "https://github.com/WebAssembly/custom-page-sizes";
    /// Memories and tables with 64-bit addresses.
    Memory64 memory64 wasm_memory64 "memory64" "64-bit memories and tables" "3.0" if_memory64
        [MEMORY64] "https://github.com/WebAssembly/memory64";
    /// Addition and subtraction of 128-bit integers, multiplication with a 128-bit result.
    WideArithmetic wide_arithmetic wasm_wide_arithmetic "wide-arithmetic" "wide arithmetic" "proposal" off_there_too
        [WIDE_ARITHMETIC] "https://github.com/WebAssembly/wide-arithmetic";
    /// Memories that several threads have, and atomic operators. They need the crate feature `threads`.
    Threads threads wasm_threads "threads" "threads" "proposal" off
        [THREADS] "https://github.com/WebAssembly/threads";
    /// Imports that share the name of a module, and their type, in groups that name these once.
    CompactImports compact_imports wasm_compact_imports "compact-imports" "compact import section" "proposal" off
        [COMPACT_IMPORTS] "https://github.com/WebAssembly/compact-import-section";
    /// Floating-point types and operators.
    ///
    /// Never a proposal. Embedders whose programs must be deterministic switch them off.
    Floats floats floats "floats" "floating-point operators" "1.0" if_floats
        [FLOATS] "https://webassembly.github.io/spec/core/exec/numerics.html#floating-point-operations";
}

impl fmt::Display for Proposal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::Proposal;

    /// The proposals that `wasmi` 2.0 has on whatever its features are.
    const ON_IN_WASMI: &[&str] = &[
        "mutable-global",
        "sign-extension",
        "saturating-float-to-int",
        "multi-value",
        "multi-memory",
        "bulk-memory",
        "reference-types",
        "tail-call",
        "extended-const",
    ];

    #[test]
    fn what_is_on_beyond_wasmi_says_so() {
        let with = |word| {
            let proposals = Proposal::ALL.iter().filter(move |proposal| proposal.default_word() == word);
            proposals.map(|proposal| proposal.name()).collect::<Vec<_>>()
        };
        assert_eq!(with("on"), ON_IN_WASMI, "write `wider` for what is on here alone");
        assert_eq!(with("if_simd"), ["simd", "relaxed-simd"]);
        assert_eq!(with("if_memory64"), ["memory64"]);
        assert_eq!(with("if_floats"), ["floats"]);
        assert_eq!(with("if_exceptions"), ["exceptions"]);
        assert_eq!(with("if_gc"), ["gc"]);
        assert_eq!(with("off_there_too"), ["custom-page-sizes", "wide-arithmetic"]);
        for &proposal in Proposal::ALL {
            let expected = match proposal.default_word() {
                "on" => true,
                "if_simd" => cfg!(feature = "simd"),
                "if_memory64" => cfg!(feature = "memory64"),
                "if_floats" => cfg!(feature = "floats"),
                "if_exceptions" => cfg!(all(feature = "exceptions", not(feature = "wasmi-defaults"))),
                "wider" => !cfg!(feature = "wasmi-defaults"),
                "if_gc" => cfg!(feature = "gc") && !cfg!(feature = "wasmi-defaults"),
                _ => false,
            };
            assert_eq!(proposal.is_on_by_default(), expected, "{proposal}");
        }
    }
}
