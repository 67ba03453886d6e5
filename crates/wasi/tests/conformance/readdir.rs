//! `fd_readdir`.

use crate::shim::{
    DATA, MEMORY, OUT, Program, call,
    errno::{FAULT, NOTDIR},
    in_both,
};

/// An entry: its cookie, type and name.
type Entry = (u64, u8, String);

/// Lists a directory from a cookie on. Returns the complete entries, and the used bytes of the buffer.
fn list(program: &mut Program, fd: u32, len: u32, cookie: u64) -> (Vec<Entry>, u32) {
    assert_eq!(call!(program, fd_readdir, fd, DATA, len, cookie, OUT), 0);
    let used = program.u32(OUT);
    let bytes = program.bytes(DATA, used);
    let (mut entries, mut rest) = (Vec::new(), &bytes[..]);
    while rest.len() >= 24 {
        let name_len = u32::from_le_bytes(rest[16..20].try_into().unwrap()) as usize;
        let Some(name) = rest.get(24..24 + name_len) else { break };
        let next = u64::from_le_bytes(rest[..8].try_into().unwrap());
        entries.push((next, rest[20], String::from_utf8(name.into()).unwrap()));
        rest = &rest[24 + name_len..];
    }
    (entries, used)
}

fn names(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(|(_, _, name)| &**name).collect()
}

fn fill(program: &mut Program) {
    for name in ["a", "bb", "ccc"] {
        program.file(name, b"");
    }
    assert_eq!(program.on_path("path_create_directory", 3, "dddd"), 0);
    assert_eq!(program.symlink("a", "e"), 0);
}

in_both! {
    fn all_at_once(program: &mut Program) {
        fill(program);
        let (entries, used) = list(program, 3, 4096, 0);
        assert!(used < 4096);
        assert_eq!(names(&entries), [".", "..", "a", "bb", "ccc", "dddd", "e"]);
        assert_eq!(entries.iter().map(|entry| entry.1).collect::<Vec<_>>(), [3, 3, 4, 4, 4, 3, 7]);
        // The inodes equal those of `path_filestat_get`.
        assert_eq!(program.stat(3, "a", 0), 0);
        let inode = program.u64(DATA + 8);
        list(program, 3, 4096, 0);
        assert_eq!(program.u64(DATA + 24 + 1 + 24 + 2 + 8), inode);
    }

    fn from_each_cookie(program: &mut Program) {
        fill(program);
        let (all, _) = list(program, 3, 4096, 0);
        for (index, (cookie, ..)) in all.iter().enumerate() {
            let (rest, _) = list(program, 3, 4096, *cookie);
            assert_eq!(rest, all[index + 1..]);
        }
        for cookie in [1000, u64::MAX] {
            assert_eq!(list(program, 3, 4096, cookie), (vec![], 0));
        }
        // Another descriptor of the same directory understands the cookies.
        let fd = program.open_directory(3, ".").unwrap();
        assert_eq!(list(program, fd, 4096, all[3].0).0, all[4..]);
    }

    fn the_last_entry_is_cut_off(program: &mut Program) {
        fill(program);
        let (all, size) = list(program, 3, 4096, 0);
        for len in 0..size + 2 {
            program.put(DATA + len, &[0xaa; 8]);
            let (entries, used) = list(program, 3, len, 0);
            assert_eq!(used, len.min(size));
            assert_eq!(entries, all[..entries.len()]);
            // Nothing is written after the buffer.
            assert_eq!(program.bytes(DATA + len, 8), [0xaa; 8]);
        }
    }

    fn removals_do_not_disturb_a_listing(program: &mut Program) {
        fill(program);
        let (first, _) = list(program, 3, 24 * 4 + 10, 0);
        assert_eq!(names(&first), [".", "..", "a", "bb"]);
        assert_eq!(program.on_path("path_unlink_file", 3, "a"), 0);
        assert_eq!(program.on_path("path_unlink_file", 3, "bb"), 0);
        let (rest, _) = list(program, 3, 4096, first[3].0);
        assert_eq!(names(&rest), ["ccc", "dddd", "e"]);
        assert_eq!(names(&list(program, 3, 4096, 0).0), [".", "..", "ccc", "dddd", "e"]);
    }

    fn new_entries_are_seen_from_the_start(program: &mut Program) {
        assert_eq!(names(&list(program, 3, 4096, 0).0), [".", ".."]);
        program.file("new", b"");
        assert_eq!(names(&list(program, 3, 4096, 0).0), [".", "..", "new"]);
    }

    fn only_directories_and_only_memory(program: &mut Program) {
        program.file("file", b"");
        let fd = program.open("file", 0).unwrap();
        assert_eq!(call!(program, fd_readdir, fd, DATA, 100_u32, 0_u64, OUT), NOTDIR);
        assert_eq!(call!(program, fd_readdir, 0_u32, DATA, 100_u32, 0_u64, OUT), NOTDIR);
        assert_eq!(call!(program, fd_readdir, 3_u32, DATA, MEMORY, 0_u64, OUT), FAULT);
        assert_eq!(call!(program, fd_readdir, 3_u32, MEMORY - 1, 2_u32, 0_u64, OUT), FAULT);
        assert_eq!(call!(program, fd_readdir, 3_u32, DATA, u32::MAX, 0_u64, OUT), FAULT);
        assert_eq!(call!(program, fd_readdir, 3_u32, DATA, 100_u32, 0_u64, MEMORY - 3), FAULT);
        assert_eq!(call!(program, fd_readdir, 3_u32, MEMORY, 0_u32, 0_u64, OUT), 0);
    }
}
