//! Memory types (spec, Structure > Types > Memory Types; proposals memory64, custom page sizes).

use crate::types::repr::Ty;

/// Type of a linear memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MemoryType {
    minimum: u64,
    maximum: Option<u64>,
    page_size_log2: u8,
    is_64: bool,
    is_shared: bool,
}

impl MemoryType {
    /// A memory of at least `minimum` pages of 64 KiB and at most `maximum`.
    ///
    /// # Panics
    ///
    /// If the limits are not those of a valid memory type.
    #[must_use]
    pub fn new(minimum: u32, maximum: Option<u32>) -> Self {
        let mut builder = Self::builder();
        builder.min(u64::from(minimum)).max(maximum.map(u64::from));
        builder.build().expect("limits of a 32-bit memory")
    }

    /// As `new` with 64-bit addresses.
    ///
    /// # Panics
    ///
    /// If the limits are not those of a valid memory type.
    #[must_use]
    pub fn new64(minimum: u64, maximum: Option<u64>) -> Self {
        let mut builder = Self::builder();
        builder.memory64(true).min(minimum).max(maximum);
        builder.build().expect("limits of a 64-bit memory")
    }

    /// A memory of at least `minimum` pages of 64 KiB and at most `maximum` that several threads can have.
    ///
    /// # Panics
    ///
    /// If the limits are not those of a valid memory type.
    #[must_use]
    pub fn shared(minimum: u32, maximum: u32) -> Self {
        let mut builder = Self::builder();
        builder.shared(true).min(u64::from(minimum)).max(Some(u64::from(maximum)));
        builder.build().expect("limits of a 32-bit memory")
    }

    /// For memory types with other page sizes.
    #[must_use]
    pub fn builder() -> MemoryTypeBuilder {
        MemoryTypeBuilder::new()
    }

    /// Whether addresses have 64 bits.
    #[must_use]
    pub fn is_64(&self) -> bool {
        self.is_64
    }

    /// Whether several threads can have the memory.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.is_shared
    }

    /// The type of addresses.
    pub(crate) fn index_type(&self) -> Ty {
        if self.is_64 { Ty::I64 } else { Ty::I32 }
    }

    /// The least number of pages.
    #[must_use]
    pub fn minimum(self) -> u64 {
        self.minimum
    }

    /// The greatest number of pages, if there is a limit.
    #[must_use]
    pub fn maximum(self) -> Option<u64> {
        self.maximum
    }

    /// Size of a page in bytes.
    #[must_use]
    pub fn page_size(self) -> u32 {
        1 << self.page_size_log2
    }

    /// Logarithm of the page size.
    #[must_use]
    pub fn page_size_log2(self) -> u8 {
        self.page_size_log2
    }

    /// The greatest number of pages that addresses can reach.
    pub(crate) fn page_limit(self) -> u64 {
        let bits = if self.is_64 { 64 } else { 32 };
        let pages = (1_u128 << bits) >> self.page_size_log2;
        u64::try_from(pages).unwrap_or(u64::MAX)
    }
}

/// Builds a [`MemoryType`].
#[derive(Debug, Clone)]
pub struct MemoryTypeBuilder {
    ty: MemoryType,
}

impl Default for MemoryTypeBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryTypeBuilder {
    /// A 32-bit memory of no pages, without limit, of 64 KiB a page.
    #[must_use]
    pub fn new() -> Self {
        Self { ty: MemoryType { minimum: 0, maximum: None, page_size_log2: 16, is_64: false, is_shared: false } }
    }

    /// Whether addresses have 64 bits.
    pub fn memory64(&mut self, memory64: bool) -> &mut Self {
        self.ty.is_64 = memory64;
        self
    }

    /// Whether several threads can have the memory. It needs a maximum then.
    pub fn shared(&mut self, shared: bool) -> &mut Self {
        self.ty.is_shared = shared;
        self
    }

    /// The least number of pages.
    pub fn min(&mut self, minimum: u64) -> &mut Self {
        self.ty.minimum = minimum;
        self
    }

    /// The greatest number of pages.
    pub fn max(&mut self, maximum: Option<u64>) -> &mut Self {
        self.ty.maximum = maximum;
        self
    }

    /// Logarithm of the page size: 0 or 16 are valid.
    pub fn page_size_log2(&mut self, page_size_log2: u8) -> &mut Self {
        self.ty.page_size_log2 = page_size_log2;
        self
    }

    /// The type if its limits contradict neither each other nor the address type, its page size is allowed, and it has a
    /// maximum if it is shared.
    pub(crate) fn checked(self) -> Option<MemoryType> {
        let ty = self.ty;
        if !matches!(ty.page_size_log2, 0 | 16) {
            return None;
        }
        let limit = ty.page_limit();
        let maximum = ty.maximum.unwrap_or(limit);
        let bounded = ty.maximum.is_some() || !ty.is_shared;
        let valid = ty.minimum <= maximum && maximum <= limit;
        (valid && bounded).then_some(ty)
    }
}

#[cfg(test)]
mod tests {
    use super::MemoryType;

    fn is_valid(minimum: u64, maximum: Option<u64>, page_size_log2: u8, is_64: bool) -> bool {
        let mut builder = MemoryType::builder();
        builder.min(minimum).max(maximum).page_size_log2(page_size_log2).memory64(is_64);
        builder.build().is_ok()
    }

    #[test]
    fn limits_are_those_of_the_address_space() {
        assert!(is_valid(0x1_0000, Some(0x1_0000), 16, false));
        assert!(!is_valid(0x1_0001, None, 16, false));
        assert!(!is_valid(1, Some(0x1_0001), 16, false));
        assert!(is_valid(1 << 32, None, 0, false));
        assert!(!is_valid((1 << 32) + 1, None, 0, false));
        assert!(is_valid(1 << 48, None, 16, true));
        assert!(!is_valid((1 << 48) + 1, None, 16, true));
        assert!(is_valid(u64::MAX, None, 0, true));
    }

    #[test]
    fn limits_must_not_contradict_each_other() {
        assert!(is_valid(2, Some(2), 16, false));
        assert!(!is_valid(3, Some(2), 16, false));
        for page_size_log2 in [12, 17, 64, 128, 255] {
            assert!(!is_valid(1, None, page_size_log2, false), "pages have 1 or 65536 bytes");
        }
    }
}
