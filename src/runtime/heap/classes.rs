//! Size classes: objects of similar sizes have cells of the same size, so that what one leaves another can take.
//!
//! The accounted size of an object is that of its cell, or its own size if it is too large for a class. It is the same on every
//! target, whatever the size of blocks is.

/// The largest object that has a class, in bytes.
const MAX_CLASS: usize = 4096;

/// Up to this size each multiple of 8 bytes has a class. Above, four classes share the sizes up to the double.
const MAX_FINE: usize = 128;

/// The number of classes.
pub(super) const CLASSES: usize = (MAX_FINE - 16) / 8 + 1 + 4 * (MAX_CLASS / MAX_FINE).ilog2() as usize;

/// The sizes of cells, in ascending order.
pub(super) static CELL_SIZES: [u16; CLASSES] = cell_sizes();

/// The classes of objects, by their size in units of 8 bytes.
static CLASS_OF: [u8; MAX_CLASS / 8 + 1] = {
    let sizes = cell_sizes();
    let mut classes = [0; MAX_CLASS / 8 + 1];
    let (mut class, mut unit) = (0, 0);
    while unit < classes.len() {
        if 8 * unit > sizes[class] as usize {
            class += 1;
        }
        classes[unit] = class as u8;
        unit += 1;
    }
    classes
};

const fn cell_sizes() -> [u16; CLASSES] {
    let mut sizes = [0; CLASSES];
    let (mut size, mut step, mut class) = (16, 8, 0);
    while class < CLASSES {
        sizes[class] = size as u16;
        if size >= MAX_FINE && size.is_power_of_two() {
            step = size / 4;
        }
        size += step;
        class += 1;
    }
    sizes
}

/// Returns the class of an object of `size` bytes, if it has one.
#[inline(always)]
pub(super) fn class_of(size: u32) -> Option<usize> {
    // A size is a multiple of 8.
    CLASS_OF.get(size as usize / 8).map(|&class| usize::from(class))
}

/// Returns the number of bytes that an object of `size` bytes counts as.
#[inline]
pub(super) fn accounted(size: u32) -> usize {
    class_of(size).map_or(size as usize, |class| usize::from(CELL_SIZES[class]))
}

#[cfg(test)]
mod tests {
    use super::{CELL_SIZES, CLASSES, MAX_CLASS, accounted, class_of};

    #[test]
    fn each_size_has_the_smallest_class_that_it_fits_in() {
        assert!(CELL_SIZES.is_sorted() && usize::from(CELL_SIZES[CLASSES - 1]) == MAX_CLASS, "{CELL_SIZES:?}");
        for size in (8..=MAX_CLASS as u32).step_by(8) {
            let class = class_of(size).unwrap();
            assert!(u32::from(CELL_SIZES[class]) >= size);
            assert!(class == 0 || u32::from(CELL_SIZES[class - 1]) < size);
            assert!(size < 16 || accounted(size) <= size as usize * 5 / 4, "{size}");
        }
        assert_eq!(class_of(MAX_CLASS as u32 + 8), None);
        assert_eq!(accounted(100_000), 100_000);
    }
}
