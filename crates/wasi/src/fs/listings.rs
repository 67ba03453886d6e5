//! Listings of directories of the host that are being read.
//!
//! A listing must not change while a program reads it in parts, and directories can be large. So the listings of all
//! descriptors are kept together, and only as many as their limit allows. A descriptor whose listing was dropped makes
//! another one and continues after the last name that the program has seen.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use crate::{abi::FileType, errno::Result};

/// The most entries of all listings but the last one used.
const MAX_ENTRIES: usize = 1 << 16;

/// An entry of a listing.
pub(crate) struct Listed {
    pub(crate) name: String,
    pub(crate) inode: u64,
    pub(crate) file_type: FileType,
}

/// A listing. Its entries are sorted by name, behind `.` and `..`.
struct Listing {
    /// The descriptor's identifier
    id: u64,
    /// The cookie of the first entry
    first: u64,
    entries: Vec<Listed>,
}

/// The listings of a context.
#[derive(Default)]
pub(crate) struct Listings {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    next_id: u64,
    /// The listing used last comes first
    listings: VecDeque<Listing>,
}

/// Where a program is in the listing of a descriptor.
#[derive(Default)]
pub(crate) struct Cursor {
    id: Option<u64>,
    /// The last two entries that were passed on: the cookie behind each, and its name. The last one may have been cut off
    seen: [(u64, String); 2],
}

impl Listings {
    /// Visits the entries of a directory from a cookie on, until `visit` returns `false`. Cookie 0 begins a new listing.
    /// `read` reads the directory.
    pub(crate) fn visit(
        &self,
        cursor: &mut Cursor,
        cookie: u64,
        read: impl FnOnce() -> Result<Vec<Listed>>,
        visit: &mut dyn FnMut(u64, &Listed) -> Result<bool>,
    ) -> Result<()> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let id = *cursor.id.get_or_insert_with(|| {
            inner.next_id += 1;
            inner.next_id
        });
        let kept = inner.take(id).filter(|kept| cookie >= kept.first && cookie != 0);
        let listing = match kept {
            Some(listing) => listing,
            None => Listing::new(id, cookie, &cursor.seen, read()?),
        };
        inner.keep(listing);
        let Some(listing) = inner.listings.front() else { return Ok(()) };
        let start = usize::try_from(cookie - listing.first).unwrap_or(usize::MAX);
        for (index, entry) in listing.entries.iter().enumerate().skip(start) {
            let next = listing.first + index as u64 + 1;
            cursor.seen.swap(0, 1);
            cursor.seen[1].0 = next;
            cursor.seen[1].1.clone_from(&entry.name);
            if !visit(next, entry)? {
                break;
            }
        }
        Ok(())
    }

    /// Drops the listing of a descriptor.
    pub(crate) fn forget(&self, cursor: &Cursor) {
        if let Some(id) = cursor.id {
            drop(self.inner.lock().unwrap_or_else(PoisonError::into_inner).take(id));
        }
    }
}

impl Inner {
    fn take(&mut self, id: u64) -> Option<Listing> {
        let index = self.listings.iter().position(|listing| listing.id == id)?;
        self.listings.remove(index)
    }

    /// Keeps a listing, and drops the ones that were not used for longest if there are too many entries.
    fn keep(&mut self, listing: Listing) {
        let mut total = listing.entries.len();
        self.listings.push_front(listing);
        let fits = |listing: &Listing| {
            total = total.saturating_add(listing.entries.len());
            total <= MAX_ENTRIES
        };
        let kept = 1 + self.listings.iter().skip(1).map(fits).take_while(|fits| *fits).count();
        self.listings.truncate(kept);
    }
}

impl Listing {
    /// Makes a listing that is read from a cookie on.
    fn new(id: u64, cookie: u64, seen: &[(u64, String)], mut entries: Vec<Listed>) -> Self {
        // `.` and `..` stay in front.
        let names = entries.get_mut(2..).unwrap_or_default();
        names.sort_unstable_by(|left, right| left.name.cmp(&right.name));
        match seen.iter().find(|(next, _)| *next == cookie && cookie > 2) {
            None => Self { id, first: 0, entries },
            Some((_, name)) => {
                let after = names.partition_point(|entry| entry.name <= *name);
                entries.drain(..2 + after);
                Self { id, first: cookie, entries }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cursor, Listed, Listings, MAX_ENTRIES};
    use crate::{abi::FileType, errno::Errno};

    fn directory(names: &[&str]) -> Vec<Listed> {
        let listed = |name: &&str| Listed { name: (*name).into(), inode: 1, file_type: FileType::RegularFile };
        [".", ".."].iter().chain(names).map(listed).collect()
    }

    /// Reads up to `count` entries from the cookie on. Returns their names and the next cookie.
    fn read(
        listings: &Listings,
        cursor: &mut Cursor,
        cookie: u64,
        count: usize,
        names: Option<&[&str]>,
    ) -> (Vec<String>, u64) {
        let (mut found, mut next) = (Vec::new(), cookie);
        let read = || names.map(directory).ok_or(Errno::Io);
        let visit = &mut |after: u64, entry: &Listed| {
            if found.len() == count {
                return Ok(false);
            }
            found.push(entry.name.clone());
            next = after;
            Ok(true)
        };
        listings.visit(cursor, cookie, read, visit).expect("the directory was read before, or can be read");
        (found, next)
    }

    #[test]
    fn a_listing_is_made_once() {
        let (listings, mut cursor) = (Listings::default(), Cursor::default());
        let (names, next) = read(&listings, &mut cursor, 0, 3, Some(&["b", "c", "a"]));
        assert_eq!((names, next), (vec![".".into(), "..".into(), "a".to_owned()], 3));
        assert_eq!(read(&listings, &mut cursor, next, 9, None).0, ["b", "c"]);
        // Any earlier cookie is as good.
        assert_eq!(read(&listings, &mut cursor, 1, 2, None).0, ["..", "a"]);
        assert_eq!(read(&listings, &mut cursor, 0, 9, Some(&["x"])).0, [".", "..", "x"]);
    }

    #[test]
    fn a_dropped_listing_continues_after_the_last_name() {
        let (listings, mut cursor) = (Listings::default(), Cursor::default());
        let next = read(&listings, &mut cursor, 0, 4, Some(&["a", "b", "c", "d"])).1;
        listings.forget(&cursor);
        // The last name is gone, and there is a new one before it.
        let (names, after) = read(&listings, &mut cursor, next, 1, Some(&["A", "a", "c", "d"]));
        assert_eq!(names, ["c"]);
        assert_eq!(read(&listings, &mut cursor, after, 9, None).0, ["d"]);
    }

    #[test]
    fn memory_is_bounded() {
        let listings = Listings::default();
        let names: Vec<_> = (0..MAX_ENTRIES / 3).map(|index| index.to_string()).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let mut cursors: Vec<_> = (0..5).map(|_| Cursor::default()).collect();
        for cursor in &mut cursors {
            read(&listings, cursor, 0, 1, Some(&names));
        }
        let total = |listings: &Listings| -> usize {
            listings.inner.lock().unwrap().listings.iter().map(|listing| listing.entries.len()).sum()
        };
        assert!(total(&listings) <= MAX_ENTRIES);
        for cursor in &cursors {
            listings.forget(cursor);
        }
        assert_eq!(total(&listings), 0);
    }
}
