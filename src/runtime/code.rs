//! The code of a module: where its functions are entered, and which function an address belongs to.

use alloc::{boxed::Box, sync::Arc, vec::Vec};
use core::{
    fmt,
    ops::Range,
    sync::atomic::{AtomicPtr, AtomicU32, Ordering},
};

use spin::{Mutex, MutexGuard};

#[cfg(feature = "coredump")]
use crate::module::positions::Site;
use crate::{
    config::Config,
    error::{
        Error,
        backtrace::{FuncNames, Location},
        memory::vec_or_fail,
    },
    module::{
        body::{FuncCode, LazyTranslator},
        data::{FuncName, ModuleData},
    },
    runtime::{eager::EagerCode, meter::Price, positions},
    trap::TrapCode,
};
#[cfg(feature = "addr2line")]
use crate::{error::backtrace::FrameSymbol, runtime::symbols};
#[cfg(heap)]
use crate::{
    module::safepoints::Safepoints,
    runtime::{heap::rtts::Rtts, safepoints::KnownSafepoints},
};

/// Where a function of a module is entered.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct FuncEntry {
    /// The address where it is entered; at first that of the op that prepares it.
    pub(crate) code: AtomicPtr<u8>,
    /// Number of cells of its frame; 0 until it is prepared.
    pub(crate) frame_cells: AtomicU32,
    /// Its index, counted among the functions that the module defines.
    pub(crate) index: u32,
    /// What direct calls in linked code enter until the function is prepared.
    #[cfg(tail_dispatch)]
    stub: Stub,
}

/// Linked code inside of the function's entry, so that its address identifies the function.
#[cfg(tail_dispatch)]
#[derive(Debug)]
#[repr(C)]
struct Stub {
    /// The number of cells of the frame, which precedes the code of every function.
    frame_cells: u64,
    /// The handler that prepares the function.
    head: usize,
}

#[cfg(tail_dispatch)]
impl FuncEntry {
    const STUB: usize = core::mem::offset_of!(Self, stub) + core::mem::offset_of!(Stub, head);

    /// The address that direct calls in linked code have at first.
    pub(crate) fn stub(&self) -> *const u8 {
        (&raw const *self).cast::<u8>().wrapping_add(Self::STUB)
    }

    /// The entry that contains the stub at this address.
    pub(crate) fn of_stub(stub: *const u8) -> *const Self {
        stub.wrapping_sub(Self::STUB).cast()
    }
}

#[cfg(feature = "count-ops")]
impl FuncEntry {
    /// The address where its code is entered; `None` if it is not prepared.
    pub(crate) fn entered(&self) -> Option<usize> {
        let address = self.code.load(Ordering::Acquire) as usize;
        (self.frame_cells.load(Ordering::Relaxed) != 0).then_some(address)
    }
}

/// The code of a function that was prepared after the module was made. Entries point into it.
#[derive(Debug)]
pub(crate) enum CodeBlock {
    /// Compact code
    Compact(Box<[u16]>),
    /// Linked code
    #[cfg(tail_dispatch)]
    Linked(Box<[crate::ir::link::Word]>),
}

impl CodeBlock {
    /// The addresses of this code.
    fn addresses(&self) -> Range<usize> {
        match self {
            Self::Compact(code) => addresses(code),
            #[cfg(tail_dispatch)]
            Self::Linked(code) => addresses(code),
        }
    }

    /// The address at byte `offset`.
    fn address(&self, offset: usize) -> *const u8 {
        let base: *const u8 = match self {
            Self::Compact(code) => code.as_ptr().cast(),
            #[cfg(tail_dispatch)]
            Self::Linked(code) => code.as_ptr().cast(),
        };
        base.wrapping_add(offset)
    }
}

/// The addresses of `code`.
fn addresses<T>(code: &[T]) -> Range<usize> {
    let Range { start, end } = code.as_ptr_range();
    start as usize..end as usize
}

/// Code of functions that were prepared after their module was made.
#[derive(Debug, Default)]
struct Blocks {
    /// The functions and their code, in the order in which they were prepared. The third part says whether a list of regions
    /// is at the end of the code.
    all: Vec<(u32, CodeBlock, bool)>,
    /// Where the first blocks of `all` are.
    ///
    /// The rest is added at the next lookup, so that a first call costs no more in programs that never trap. Blocks
    /// are not empty and none is freed, so no two begin at the same address.
    places: Places,
}

/// The addresses of a function's code.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CodePlace {
    pub(crate) start: usize,
    /// The address after its last byte.
    pub(crate) end: usize,
    /// The function, counted among those that its module defines.
    pub(crate) func: u32,
    /// The cell of a frame where its linkage begins.
    pub(crate) link: u32,
    /// Whether a list of regions is at the end.
    #[cfg(feature = "exceptions")]
    pub(crate) has_regions: bool,
}

/// The most places of a chunk.
const CHUNK: usize = 128;

/// Places in code by their addresses.
///
/// They are in chunks, sorted, so that an addition moves only the places of a chunk and a lookup is two binary searches.
#[derive(Debug, Default)]
struct Places {
    /// The chunks with their first addresses. None is empty.
    chunks: Vec<(usize, Vec<CodePlace>)>,
    len: usize,
}

impl Places {
    fn insert(&mut self, place: CodePlace) {
        self.len += 1;
        let at = self.chunks.partition_point(|&(first, _)| first < place.start).saturating_sub(1);
        let Some((first, chunk)) = self.chunks.get_mut(at) else {
            self.chunks.push((place.start, alloc::vec![place]));
            return;
        };
        let position = chunk.partition_point(|other| other.start < place.start);
        chunk.insert(position, place);
        *first = chunk[0].start;
        if chunk.len() == CHUNK {
            let rest = chunk.split_off(CHUNK / 2);
            self.chunks.insert(at + 1, (rest[0].start, rest));
        }
    }

    /// The place that contains the address.
    fn find(&self, address: usize) -> Option<CodePlace> {
        let at = self.chunks.partition_point(|&(first, _)| first <= address);
        let mut places = &self.chunks[at.checked_sub(1)?].1[..];
        // With branches, unlike the searches of the library: what is found then does not wait for each comparison, and
        // the frames of a trap are found one after the other.
        while let Some((place, after)) = places[places.len() / 2..].split_first() {
            if address < place.start {
                places = &places[..places.len() / 2];
            } else if address >= place.end {
                places = after;
            } else {
                return Some(*place);
            }
        }
        None
    }
}

/// Finds functions of a module by addresses in their code.
///
/// While it exists, no function of the module can be prepared: it holds the module's lock.
#[derive(Debug)]
pub(crate) struct CodeMap<'a> {
    module: &'a ModuleCode,
    blocks: MutexGuard<'a, Blocks>,
    /// What was found last: functions often call themselves.
    last: Option<CodePlace>,
}

impl<'a> CodeMap<'a> {
    /// A map of the code that `module` has now.
    pub(crate) fn new(module: &'a ModuleCode) -> Self {
        let mut blocks = module.blocks.lock();
        let Blocks { all, places } = &mut *blocks;
        for &(func, ref block, has_regions) in &all[places.len..] {
            let Range { start, end } = block.addresses();
            #[cfg(not(feature = "exceptions"))]
            let _ = has_regions;
            places.insert(CodePlace {
                start,
                end,
                func,
                link: module.link_cell(func),
                #[cfg(feature = "exceptions")]
                has_regions,
            });
        }
        Self { module, blocks, last: None }
    }

    /// Whether this is a map of `module`.
    pub(crate) fn is_of(&self, module: &ModuleCode) -> bool {
        core::ptr::eq(self.module, module)
    }

    /// The code of the function that contains the address.
    ///
    /// Takes logarithmic time, unless it is the function that was found last.
    #[inline]
    pub(crate) fn place_of(&mut self, address: *const u8) -> Option<CodePlace> {
        let address = address as usize;
        match self.last {
            Some(last) if last.start <= address && address < last.end => {}
            _ => self.last = self.find(address),
        }
        self.last
    }

    #[inline(never)]
    fn find(&self, address: usize) -> Option<CodePlace> {
        let module = self.module;
        if !module.portable() {
            return self.blocks.places.find(address);
        }
        let eager = addresses(module.eager.units(&module.data.bytes));
        if eager.contains(&address) {
            let unit = (address - eager.start) / size_of::<u16>();
            let (func, code) = module.eager.func_at(&module.data.bytes, unit)?;
            return Some(CodePlace {
                start: eager.start + code.start * size_of::<u16>(),
                end: eager.start + code.end * size_of::<u16>(),
                func,
                link: module.link_cell(func),
                #[cfg(feature = "exceptions")]
                has_regions: code.has_regions,
            });
        }
        self.blocks.places.find(address)
    }
}

/// Links compact code of a function for a dispatcher that does not run it as it is. Returns the linked code and the
/// byte offset at which the function is entered.
pub(crate) type Link = fn(module: &ModuleCode, code: &[u16], func: FuncCode) -> Result<(CodeBlock, usize), TrapCode>;

/// A module with its code. Shared by all instances of the module, and by threads.
pub(crate) struct ModuleCode {
    pub(crate) data: ModuleData,
    pub(crate) config: Arc<Config>,
    pub(crate) entries: Box<[FuncEntry]>,
    /// The functions that were translated with the module, or before; none if functions are translated lazily.
    eager: EagerCode,
    lazy: Option<Box<dyn LazyTranslator>>,
    /// Links functions when they are first called; none for the loop-switch.
    pub(crate) link: Option<Link>,
    // Copies of facts in `config`, which every invocation asks for.
    portable: bool,
    price: Price,
    blocks: Mutex<Blocks>,
    /// The runtime types of its structs and arrays.
    #[cfg(heap)]
    pub(crate) rtts: Rtts,
    #[cfg(heap)]
    safepoints: KnownSafepoints,
    /// Whether its functions may have references to what is collected, besides exceptions that they catch.
    #[cfg(heap)]
    has_collected: bool,
}

impl fmt::Debug for ModuleCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModuleCode").finish_non_exhaustive()
    }
}

impl FuncNames for ModuleCode {
    fn name_funcs(&self, funcs: &mut [FuncName]) {
        self.data.name_funcs(funcs);
    }

    fn locate(&self, locations: &mut [Location]) {
        positions::locate(self.positions(), locations);
    }

    fn module_name(&self) -> Option<Box<str>> {
        self.data.module_name()
    }

    #[cfg(feature = "addr2line")]
    fn symbols(&self, offsets: &[Option<u32>]) -> Vec<Vec<FrameSymbol>> {
        if self.config.backtrace_details { symbols::symbols(&self.data, offsets) } else { Vec::new() }
    }
}

/// The functions that were translated with the module.
pub(crate) enum Translation {
    /// All functions
    Eager(EagerCode),
    /// None: each is translated at its first call.
    Lazy(Box<dyn LazyTranslator>),
}

impl ModuleCode {
    /// A module none of whose functions was entered yet. `stub` is the code of all its entries, `first_call` the
    /// handler of the stubs inside them, and `link` links a function for the dispatcher.
    ///
    /// # Errors
    ///
    /// If there is not enough memory.
    pub(crate) fn new(
        data: ModuleData,
        config: Arc<Config>,
        translation: Translation,
        stub: *const u8,
        first_call: usize,
        link: Option<Link>,
    ) -> Result<Self, Error> {
        #[cfg(not(tail_dispatch))]
        let _ = first_call;
        let mut entries = vec_or_fail(data.header.funcs.len() - data.header.imported_funcs as usize)?;
        let all = (0..data.header.funcs.len() - data.header.imported_funcs as usize).map(|index| FuncEntry {
            code: AtomicPtr::new(stub.cast_mut()),
            frame_cells: AtomicU32::new(0),
            index: index as u32,
            #[cfg(tail_dispatch)]
            stub: Stub { frame_cells: 0, head: first_call },
        });
        entries.extend(all);
        let (eager, lazy) = match translation {
            Translation::Eager(code) => (code, None),
            Translation::Lazy(lazy) => (EagerCode::default(), Some(lazy)),
        };
        #[cfg(heap)]
        let (rtts, has_collected) = (Rtts::new(&data.header.types)?, data.header.has_collected());
        Ok(Self {
            portable: config.portable_dispatch,
            price: config.metering().map_or(Price::FREE, |metering| {
                Price::new(config.bytes_copied_per_fuel(), metering.rules.element_bytes)
            }),
            data,
            config,
            entries: entries.into_boxed_slice(),
            eager,
            lazy,
            link,
            blocks: Mutex::default(),
            #[cfg(heap)]
            rtts,
            #[cfg(heap)]
            safepoints: KnownSafepoints::default(),
            #[cfg(heap)]
            has_collected,
        })
    }

    /// Whether code runs with the loop-switch.
    pub(crate) fn portable(&self) -> bool {
        self.portable
    }

    /// The cell of a function's frame where the linkage begins. The function is counted among those that the module defines.
    pub(crate) fn link_cell(&self, func: u32) -> u32 {
        let header = &self.data.header;
        // A frame has fewer than 2^16 cells.
        header.signature(header.imported_funcs + func).link() as u32
    }

    /// The price of work that depends on an amount.
    pub(crate) fn price(&self) -> Price {
        self.price
    }

    /// The compact code of function `index`, if it was translated with the module.
    pub(crate) fn eager_code(&self, index: u32) -> Option<(&[u16], FuncCode)> {
        self.eager.func(&self.data.bytes, index)
    }

    /// The safepoints of the function whose code is at `place`: their places are offsets in bytes there. None if the function has no
    /// references to what is collected.
    ///
    /// # Errors
    ///
    /// If there is not enough memory, too much to note, or the body of the function was not kept.
    #[cfg(heap)]
    pub(crate) fn safepoints(&self, place: &CodePlace) -> Result<Option<Arc<Safepoints>>, Error> {
        // Whoever catches an exception may get a reference to it.
        #[cfg(feature = "exceptions")]
        let catches = place.has_regions;
        #[cfg(not(feature = "exceptions"))]
        let catches = false;
        if !self.has_collected && !catches {
            return Ok(None);
        }
        let eager = self.eager_code(place.func).map(|(code, _)| code);
        self.safepoints.get(&self.data, place.func, eager, self.link.is_some()).map(Some)
    }

    /// What positions are looked up in.
    fn positions(&self) -> positions::Code<'_> {
        positions::Code { data: &self.data, eager: &self.eager, linked: self.link.is_some() }
    }

    /// Returns what is known about a unit of a function's code; none if the module does not define the function.
    pub(crate) fn location(&self, func: u32, unit: u32) -> Option<Location> {
        positions::location(self.positions(), func, unit)
    }

    /// Returns where the values of a function are whose frame is at `place`, a byte of its code, and the offset in its body of the
    /// operator there.
    #[cfg(feature = "coredump")]
    pub(crate) fn site(&self, func: u32, place: u32) -> Option<(u32, Site)> {
        positions::site(self.positions(), func, place)
    }

    /// The translator of functions that were not translated with the module.
    pub(crate) fn lazy(&self) -> Option<&dyn LazyTranslator> {
        self.lazy.as_deref()
    }

    /// Makes calls of function `index` enter `block` at byte `offset`, unless another thread was faster.
    pub(crate) fn publish(&self, index: u32, block: CodeBlock, offset: usize, func: FuncCode) {
        let mut blocks = self.blocks.lock();
        let entry = &self.entries[index as usize];
        if entry.frame_cells.load(Ordering::Relaxed) != 0 {
            return;
        }
        // The address is taken after the last move of the box: a move invalidates pointers into it.
        blocks.all.push((index, block, func.has_regions));
        let Some(address) = blocks.all.last().map(|(_, block, _)| block.address(offset)) else { return };
        entry.frame_cells.store(func.frame_cells, Ordering::Relaxed);
        entry.code.store(address.cast_mut(), Ordering::Release);
    }

    /// Makes calls of function `index` enter the code that was translated with the module.
    pub(crate) fn publish_eager(&self, index: u32) {
        if let Some((code, func)) = self.eager_code(index) {
            let entry = &self.entries[index as usize];
            entry.frame_cells.store(func.frame_cells, Ordering::Relaxed);
            let address: *const u8 = code[func.entry..].as_ptr().cast();
            entry.code.store(address.cast_mut(), Ordering::Release);
        }
    }
}
