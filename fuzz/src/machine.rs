//! What can be seen of a module from outside, in words that all engines share, so that a line of a log is equal where
//! the behaviour is.
//!
//! [`observe`] instantiates a module, calls its exports and writes a log. An engine takes part by implementing
//! [`Machine`].

use wasmote_generate::Random;

/// A type of values.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Type {
    I32,
    I64,
    F32,
    F64,
    V128,
    Func,
    Extern,
    /// Any value that Wasm code can look into, if `i31` is one of the type; else only null is passed
    Any {
        i31: bool,
    },
    Exn,
    /// A type that the log leaves out.
    Other,
}

/// A value; references to functions and to objects of the host only say whether they are null.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Value {
    I32(i32),
    I64(i64),
    F32(u32),
    F64(u64),
    V128(u128),
    Func { null: bool },
    Extern { null: bool },
    Any(Shape),
    Other,
}

/// What a reference refers to, as far as engines can tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    Null,
    I31(i32),
    Host,
    /// A digest of the fields
    Struct(u64),
    /// The length, and a digest of the elements
    Array(u32, u64),
    Exn(u64),
    /// Something that is too deep to be looked into
    Deep,
}

/// How deep references are looked into.
pub const DEPTH: u32 = 4;

/// A digest of the first fields or elements.
pub fn digest_parts(values: impl Iterator<Item = Value>) -> u64 {
    digest(show(&values.take(20).collect::<Vec<_>>()).as_bytes())
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::I32(v) => write!(f, "i32:{v}"),
            Self::I64(v) => write!(f, "i64:{v}"),
            Self::F32(bits) => write!(f, "f32:{bits:08x}"),
            Self::F64(bits) => write!(f, "f64:{bits:016x}"),
            Self::V128(bits) => write!(f, "v128:{bits:032x}"),
            Self::Func { null } => f.write_str(if *null { "null func" } else { "func" }),
            Self::Extern { null } => f.write_str(if *null { "null extern" } else { "extern" }),
            Self::Any(shape) => write!(f, "{shape:?}"),
            Self::Other => f.write_str("other"),
        }
    }
}

impl Value {
    /// Returns a random value: an `externref` may be an object, a `funcref` is null.
    pub fn random(random: &mut Random, ty: Type) -> Self {
        match ty {
            Type::I32 => Self::I32(random.integer() as i32),
            Type::I64 => Self::I64(random.integer() as i64),
            Type::F32 => Self::F32((random.float() as f32).to_bits()),
            Type::F64 => Self::F64(random.float().to_bits()),
            Type::V128 => {
                // Of integers or of floats.
                let mut half = || if random.below(2) == 0 { random.integer() } else { random.float().to_bits() };
                Self::V128(u128::from(half()) | u128::from(half()) << 64)
            }
            Type::Func => Self::Func { null: true },
            Type::Extern => Self::Extern { null: random.below(2) == 0 },
            Type::Any { i31: true } if random.below(3) > 0 => {
                Self::Any(Shape::I31((random.integer() as i32) << 1 >> 1))
            }
            Type::Any { .. } | Type::Exn => Self::Any(Shape::Null),
            Type::Other => Self::Other,
        }
    }
}

/// Why a call or an instantiation did not end normally.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stop {
    /// The name of the trap.
    Trap(String),
    /// The values of an exception that nobody caught.
    Exception(String),
    /// The host function's error with a message.
    Host,
    /// The host function's exit.
    Exit,
    /// Anything else, such as an import that does not match.
    Error,
}

impl Stop {
    /// Whether engines may differ from here on: how deep calls nest is the engine's choice, and how many objects there may be.
    fn is_inconclusive(&self) -> bool {
        let inconclusive = ["StackOverflow", "GcHeapOutOfMemory", "AllocationTooLarge", "OutOfSystemMemory"];
        matches!(self, Self::Trap(name) if inconclusive.contains(&name.as_str()))
    }
}

/// Writes values, separated by spaces.
pub fn show(values: &[Value]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// The host of a module: what its imported functions do, and the log.
pub struct Host {
    pub log: Vec<String>,
    pub random: Random,
}

impl Host {
    /// Calls an imported function.
    ///
    /// # Errors
    ///
    /// Some calls fail.
    pub fn call(&mut self, name: &str, params: &[Value], results: &[Type]) -> Result<Vec<Value>, Stop> {
        self.log.push(format!("  host {name}({})", show(params)));
        let results = results.iter().map(|ty| Value::random(&mut self.random, *ty)).collect();
        match self.random.below(24) {
            0 => Err(Stop::Host),
            1 => Err(Stop::Exit),
            _ => Ok(results),
        }
    }
}

/// An export, by kind.
#[derive(Clone, PartialEq, Eq)]
pub enum Export {
    Func { params: Vec<Type>, results: Vec<Type> },
    Global { mutable: bool },
    Memory,
    Table,
    Other,
}

/// The most bytes of objects.
pub const MAX_HEAP: usize = 1 << 20;

/// The most bytes of a memory, and the most elements of a table, in every engine.
pub const MAX_MEMORY: usize = 5 << 16;
/// As above.
pub const MAX_TABLE: usize = 500;

/// An engine with a store and at most one instance.
pub trait Machine {
    /// Returns the host.
    fn host(&mut self) -> &mut Host;

    /// Makes an instance of the module, with imports of its own.
    ///
    /// # Errors
    ///
    /// If an import cannot be made, or instantiation fails.
    fn instantiate(&mut self) -> Result<(), Stop>;

    /// Returns the exports of the instance.
    fn exports(&mut self) -> Vec<(String, Export)>;

    /// Calls an export.
    ///
    /// # Errors
    ///
    /// If the call traps or the host fails.
    fn call(&mut self, name: &str, params: &[Value]) -> Result<Vec<Value>, Stop>;

    /// Returns the value of an exported global.
    fn global(&mut self, name: &str) -> Value;

    /// Returns the pages of an exported memory, and a digest of its bytes.
    fn memory(&mut self, name: &str) -> (u64, u64);

    /// Returns the size of a table, and for each of its first elements whether it is null.
    fn table(&mut self, name: &str) -> (u64, Vec<Option<bool>>);

    /// Returns what only this engine knows about the call that ended last.
    fn note(&mut self) -> Option<String> {
        None
    }
}

/// A digest of bytes.
pub fn digest(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64 ^ bytes.len() as u64;
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        let word = u64::from_le_bytes(chunk.try_into().expect("eight bytes"));
        hash = (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    }
    for byte in chunks.remainder() {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash
}

/// What a log says about a run.
pub struct Observed {
    pub log: Vec<String>,
    /// Whether engines may differ after the last line.
    pub cut: bool,
}

/// Makes instances, calls their exports, and returns the log.
pub fn observe(machine: &mut impl Machine) -> Observed {
    let cut = rounds(machine).is_err();
    Observed { log: std::mem::take(&mut machine.host().log), cut }
}

/// The run was cut short, since engines may differ from here on.
struct Cut;

fn rounds(machine: &mut impl Machine) -> Result<(), Cut> {
    for round in 0..2 {
        machine.host().log.push(format!("round {round}"));
        if let Err(stop) = machine.instantiate() {
            if stop.is_inconclusive() {
                return Err(Cut);
            }
            // A segment that does not fit is a trap in some engines.
            let stop = match stop {
                Stop::Trap(name) if name.ends_with("OutOfBounds") => Stop::Error,
                stop => stop,
            };
            let line = format!("not instantiated: {stop:?}");
            machine.host().log.push(line);
            note(machine);
            break;
        }
        let mut exports = machine.exports();
        exports.sort_by(|(a, _), (b, _)| a.cmp(b));
        look(machine, &exports, true);
        let funcs = exports.iter().filter_map(|(name, export)| match export {
            Export::Func { params, .. } => Some((name, params)),
            _ => None,
        });
        let mut funcs: Vec<_> = funcs.collect();
        if round == 1 {
            funcs.reverse();
        }
        for (name, params) in funcs.into_iter().take(12) {
            let params: Vec<_> = params.iter().map(|ty| Value::random(&mut machine.host().random, *ty)).collect();
            machine.host().log.push(format!("call {name}({})", show(&params)));
            let line = match machine.call(name, &params) {
                Ok(results) => format!("  = {}", show(&results)),
                Err(stop) if stop.is_inconclusive() => return Err(Cut),
                Err(stop) => format!("  {stop:?}"),
            };
            machine.host().log.push(line);
            note(machine);
            look(machine, &exports, false);
        }
        look(machine, &exports, true);
    }
    Ok(())
}

/// Prefix of the lines that only one engine writes.
pub const NOTE: &str = "  note: ";

fn note(machine: &mut impl Machine) {
    if let Some(text) = machine.note() {
        machine.host().log.push(format!("{NOTE}{text}"));
    }
}

/// Logs the state of the exports; without `thorough`, only of what calls change often.
fn look(machine: &mut impl Machine, exports: &[(String, Export)], thorough: bool) {
    for (name, export) in exports {
        let line = match export {
            Export::Global { mutable } if *mutable || thorough => format!("  global {name} = {}", machine.global(name)),
            Export::Memory => {
                let (pages, digest) = machine.memory(name);
                format!("  memory {name}: {pages} pages, {digest:016x}")
            }
            Export::Table => {
                let (size, elements) = machine.table(name);
                let shown = elements.iter().map(|element| match element {
                    Some(true) => '.',
                    Some(false) => 'x',
                    None => '?',
                });
                format!("  table {name}: {size} {}", shown.collect::<String>())
            }
            _ => continue,
        };
        machine.host().log.push(line);
    }
}

/// Compares two logs, and describes the first difference.
///
/// # Errors
///
/// The lines before the difference, and both lines.
pub fn compare(names: (&str, &str), one: &Observed, other: &Observed) -> Result<(), String> {
    let at = one.log.iter().zip(&other.log).take_while(|(a, b)| a == b).count();
    let (left, right) = (one.log.get(at), other.log.get(at));
    // Where a log was cut, the other one goes on.
    let end = |line: Option<&String>, observed: &Observed| line.is_none() && observed.cut;
    if left.is_none() && right.is_none() || end(left, one) || end(right, other) {
        return Ok(());
    }
    let before: String = one.log[at.saturating_sub(8)..at].iter().map(|line| format!("      {line}\n")).collect();
    let or_end = |line: Option<&String>| line.map_or("(end)".to_owned(), Clone::clone);
    Err(format!("{before}{}: {}\n{}: {}", names.0, or_end(left), names.1, or_end(right)))
}
