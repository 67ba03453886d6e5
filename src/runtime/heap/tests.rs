//! Random allocations and collections, beside a model of what must survive.

use alloc::{collections::BTreeMap, sync::Arc, vec, vec::Vec};
use core::ptr::NonNull;

use crate::{
    limits::{ResourceLimiter, StoreLimiter, StoreLimitsBuilder, Totals},
    module::{registry::TypeRegistry, rtt::Rtt},
    runtime::heap::{Heap, Room, accounted, object::Object},
    types::{
        kinds::CompositeKind,
        object::{ARRAY_HEADER, STRUCT_HEADER},
        repr::Ty,
    },
};

/// A generator of numbers, the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) as usize % end
    }
}

/// Types of objects: the first two fields or all elements are references.
struct Types {
    pair: Arc<Rtt>,
    refs: Arc<Rtt>,
    bytes: Arc<Rtt>,
}

impl Types {
    fn new(types: &TypeRegistry) -> Self {
        let any = Ty::EXTERNREF;
        let rtt = |kind, words: &[Ty]| types.rtt(types.plain(kind, words));
        Self {
            pair: rtt(CompositeKind::Struct, &[any, any, Ty::I64]),
            refs: rtt(CompositeKind::Array, &[any]),
            bytes: rtt(CompositeKind::Array, &[Ty::I8]),
        }
    }
}

/// An object as it should be: which it refers to, and how many bytes it counts as.
struct Model {
    refs: Vec<Option<usize>>,
    size: usize,
    is_array: bool,
}

/// A heap with a model.
struct Both {
    heap: Heap,
    objects: BTreeMap<usize, Model>,
    roots: Vec<usize>,
}

fn object(address: usize) -> NonNull<Object> {
    NonNull::new(address as *mut Object).unwrap()
}

impl Both {
    fn new() -> Self {
        Self { heap: Heap::new(false), objects: BTreeMap::new(), roots: Vec::new() }
    }

    fn allocate(&mut self, rtt: &Arc<Rtt>, len: u32) -> usize {
        let size = rtt.object_size(len).unwrap();
        let mut collected = false;
        while !self.heap.has_room(size) && self.heap.make_room(size, None, collected).unwrap() == Room::Collect {
            self.collect();
            collected = true;
        }
        let rtt_ptr = NonNull::new(Arc::as_ptr(rtt).cast_mut()).unwrap();
        // SAFETY: I14: the type is held by `rtt`, which outlives the heap.
        let address = unsafe { self.heap.allocate(rtt_ptr, len) }.unwrap().as_ptr() as usize;
        let refs = match () {
            () if rtt.traces_elements => len as usize,
            () => rtt.traced.len(),
        };
        let is_array = rtt.traces_elements;
        let model = Model { refs: vec![None; refs], size: accounted(size), is_array };
        for i in 0..refs {
            assert_eq!(Self::read(address, is_array, i), 0, "a new object is zero");
        }
        assert!(self.objects.insert(address, model).is_none(), "two objects at one address");
        address
    }

    fn cell(address: usize, is_array: bool, index: usize) -> *mut u64 {
        let header = if is_array { ARRAY_HEADER } else { STRUCT_HEADER };
        Object::field::<u64>(object(address), header).wrapping_add(index)
    }

    fn read(address: usize, is_array: bool, index: usize) -> u64 {
        // SAFETY: I14: the object has that many references.
        unsafe { Self::cell(address, is_array, index).read() }
    }

    fn set(&mut self, address: usize, index: usize, to: Option<usize>) {
        let model = self.objects.get_mut(&address).unwrap();
        model.refs[index] = to;
        // SAFETY: I14: the object has that many references.
        unsafe { Self::cell(address, model.is_array, index).write(to.unwrap_or(0) as u64) };
    }

    /// Collects garbage, then compares the remaining objects with the model.
    fn collect(&mut self) {
        let roots = self.roots.clone();
        // SAFETY: I8: nobody else uses the heap. I15: these are all roots.
        unsafe {
            self.heap.collect(|marker| {
                roots.iter().for_each(|&root| marker.cell(root as u64));
                Ok(())
            });
        }
        let mut reached = vec![];
        let mut waiting = roots;
        while let Some(address) = waiting.pop() {
            if !reached.contains(&address) {
                reached.push(address);
                waiting.extend(self.objects[&address].refs.iter().flatten());
            }
        }
        self.objects.retain(|address, _| reached.contains(address));
        let mut size = 0;
        for (&address, model) in &self.objects {
            size += model.size;
            for (i, to) in model.refs.iter().enumerate() {
                assert_eq!(Self::read(address, model.is_array, i), to.unwrap_or(0) as u64);
            }
        }
        assert_eq!(self.heap.used(), size);
    }
}

#[test]
fn what_is_reached_survives_and_the_rest_is_freed() {
    let registry = TypeRegistry::default();
    let types = Types::new(&registry);
    let mut random = Random(7);
    for limit in [usize::MAX, 0] {
        let mut both = Both::new();
        // Without memory for more, most objects do not fit on the stack.
        both.heap.stack.limit(limit);
        for round in 0..3000 {
            let address = match random.below(20) {
                0 => both.allocate(&types.refs, [0, 1, 40, 500, 3000][random.below(5)]),
                1 => both.allocate(&types.bytes, [0, 1, 15, 700, 5000, 70_000][random.below(6)]),
                _ => both.allocate(&types.pair, 0),
            };
            let known: Vec<usize> = both.objects.keys().copied().collect();
            for _ in 0..3 {
                let (from, to) = (known[random.below(known.len())], known[random.below(known.len())]);
                let refs = both.objects[&from].refs.len();
                if refs > 0 {
                    both.set(from, random.below(refs), Some(to).filter(|_| random.below(4) > 0));
                }
            }
            match random.below(8) {
                0 => both.roots.push(address),
                1 if both.roots.len() > 20 => drop(both.roots.swap_remove(random.below(20))),
                _ => {}
            }
            if round % 100 == 0 {
                both.collect();
            }
        }
        both.roots.clear();
        both.collect();
        assert_eq!((both.heap.used(), both.objects.len()), (0, 0));
    }
}

#[test]
fn long_lists_and_wide_arrays_are_marked_without_recursion() {
    let registry = TypeRegistry::default();
    let types = Types::new(&registry);
    for limit in [usize::MAX, 0] {
        let mut both = Both::new();
        both.heap.stack.limit(limit);
        let array = both.allocate(&types.refs, 5000);
        both.roots.push(array);
        for i in 0..5000 {
            let pair = both.allocate(&types.pair, 0);
            both.set(array, i, Some(pair));
            if i > 0 {
                both.set(pair, 1, both.objects[&array].refs[i - 1]);
            }
        }
        let used = both.heap.used();
        // SAFETY: I8: nobody else uses the heap. I15: the array is the only root.
        unsafe {
            both.heap.collect(|marker| {
                marker.cell(array as u64);
                Ok(())
            });
        }
        assert_eq!(both.heap.used(), used);
    }
}

/// Allocates until that fails. Returns the number of objects, none of which is kept if `garbage`.
fn fill(heap: &mut Heap, rtt: &Arc<Rtt>, limiter: &mut dyn ResourceLimiter, garbage: bool, most: usize) -> usize {
    let size = rtt.object_size(0).unwrap();
    let rtt_ptr = NonNull::new(Arc::as_ptr(rtt).cast_mut()).unwrap();
    let mut objects = Vec::new();
    for count in 0..most {
        let mut collected = false;
        while !heap.has_room(size) {
            let totals = Totals { memory_size: heap.capacity(), table_elements: 0 };
            let mut limiter = StoreLimiter::new(limiter, || totals);
            match heap.make_room(size, Some(&mut limiter), collected) {
                Ok(Room::Made) => break,
                Ok(Room::Collect) => {}
                Err(_) => return count,
            }
            collected = true;
            // SAFETY: I8: nobody else uses the heap. I15: these are all roots.
            unsafe {
                heap.collect(|marker| {
                    objects.iter().for_each(|&object| marker.cell(object));
                    Ok(())
                });
            }
        }
        // SAFETY: I14: the type is held by `rtt`, which outlives the heap.
        let object = unsafe { heap.allocate(rtt_ptr, 0) }.unwrap();
        if !garbage {
            objects.push(Object::cell(object));
        }
    }
    most
}

#[test]
fn the_limiter_is_obeyed() {
    let registry = TypeRegistry::default();
    let types = Types::new(&registry);
    let limits = [
        StoreLimitsBuilder::new().gc_heap_size(3_000_000),
        StoreLimitsBuilder::new().memory_size(3_000_000),
        StoreLimitsBuilder::new().total_memory_size(3_000_000),
        StoreLimitsBuilder::new().gc_heap_size(3_000_000).trap_on_grow_failure(true),
    ];
    for limits in limits {
        let mut limits = limits.build();
        let mut heap = Heap::new(false);
        assert_eq!(fill(&mut heap, &types.pair, &mut limits, true, 1_000_000), 1_000_000, "garbage is freed");
        heap.clear();
        assert_eq!(fill(&mut heap, &types.pair, &mut limits, false, 1_000_000), 3_000_000 / 32);
        assert!(heap.capacity() <= 3_000_000);
    }
    // One that does not say how much it allows.
    struct Some;
    impl ResourceLimiter for Some {
        fn memory_growing(
            &mut self,
            _: usize,
            desired: usize,
            _: Option<usize>,
        ) -> Result<bool, crate::error::kinds::LimiterError> {
            Ok(desired <= 5_000_000)
        }
        fn table_growing(
            &mut self,
            _: usize,
            _: usize,
            _: Option<usize>,
        ) -> Result<bool, crate::error::kinds::LimiterError> {
            Ok(true)
        }
        fn instances(&self) -> usize {
            1
        }
        fn tables(&self) -> usize {
            1
        }
        fn memories(&self) -> usize {
            1
        }
    }
    let mut heap = Heap::new(false);
    assert_eq!(fill(&mut heap, &types.pair, &mut Some, false, 1_000_000), 5_000_000 / 32);
}

#[test]
fn a_heap_that_is_nearly_full_is_not_collected_again_and_again() {
    let registry = TypeRegistry::default();
    let types = Types::new(&registry);
    let mut limits = StoreLimitsBuilder::new().gc_heap_size(1 << 20).build();
    let mut heap = Heap::new(false);
    let mut both = Both::new();
    core::mem::swap(&mut heap, &mut both.heap);
    drop(heap);
    // 15 of 16 parts are kept: whatever else is allocated is garbage.
    let array = both.allocate(&types.bytes, (1 << 20) / 16 * 15);
    both.roots.push(array);
    let rtt_ptr = NonNull::new(Arc::as_ptr(&types.pair).cast_mut()).unwrap();
    let (mut collections, mut count) = (0, 0);
    let size = types.pair.object_size(0).unwrap();
    'allocate: for _ in 0..100_000 {
        let mut collected = false;
        while !both.heap.has_room(size) {
            let mut limiter = StoreLimiter::new(&mut limits, Totals::default);
            match both.heap.make_room(size, Some(&mut limiter), collected) {
                Ok(Room::Made) => break,
                Ok(Room::Collect) => {}
                Err(_) => break 'allocate,
            }
            collected = true;
            collections += 1;
            both.collect();
        }
        // SAFETY: I14: the type is held by `types`, which outlives the heap.
        if let Some(object) = unsafe { both.heap.allocate(rtt_ptr, 0) } {
            let model = Model { refs: vec![None; 2], size: 32, is_array: false };
            both.objects.insert(object.as_ptr() as usize, model);
            count += 1;
        }
    }
    assert!(((1 << 20) / 16 / 32..10_000).contains(&count), "{count}");
    assert!(collections <= 3, "{collections}");
}
