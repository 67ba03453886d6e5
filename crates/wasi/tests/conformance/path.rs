//! `path_*` other than `path_open`.

use crate::shim::{
    ALL, CREAT, DATA, MEMORY, OUT, Program, call,
    errno::{EXIST, FAULT, ILSEQ, INVAL, ISDIR, NAMETOOLONG, NOENT, NOTDIR, NOTEMPTY, OK, PERM, XDEV},
    in_both,
};

/// The target of a symbolic link below directory 3.
fn read_link(program: &mut Program, path: &str, size: u32) -> Result<Vec<u8>, i32> {
    let (at, len) = program.text(path);
    match call!(program, path_readlink, 3_u32, at, len, DATA, size, OUT) {
        OK => Ok(program.bytes(DATA, program.u32(OUT))),
        errno => Err(errno),
    }
}

in_both! {
    fn directories(program: &mut Program) {
        assert_eq!(program.on_path("path_create_directory", 3, "dir"), OK);
        assert_eq!(program.on_path("path_create_directory", 3, "dir"), EXIST);
        assert_eq!(program.on_path("path_create_directory", 3, "dir/inner/"), OK);
        assert_eq!(program.on_path("path_create_directory", 3, "no/inner"), NOENT);
        assert_eq!(program.on_path("path_create_directory", 3, "."), EXIST);
        assert_eq!(program.on_path("path_remove_directory", 3, "dir"), NOTEMPTY);
        assert_eq!(program.on_path("path_unlink_file", 3, "dir"), ISDIR);
        assert_eq!(program.on_path("path_remove_directory", 3, "dir/inner/"), OK);
        assert_eq!(program.on_path("path_remove_directory", 3, "dir"), OK);
        assert_eq!(program.on_path("path_remove_directory", 3, "dir"), NOENT);
        program.file("file", b"");
        assert_eq!(program.on_path("path_remove_directory", 3, "file"), NOTDIR);
        assert_eq!(program.on_path("path_create_directory", 3, "file"), EXIST);
        assert_eq!(program.on_path("path_create_directory", 3, "file/x"), NOTDIR);
        assert_ne!(program.on_path("path_remove_directory", 3, "."), OK);
    }

    fn a_removed_directory_takes_nothing_new(program: &mut Program) {
        assert_eq!(program.on_path("path_create_directory", 3, "dir"), OK);
        let dir = program.open_directory(3, "dir").unwrap();
        assert_eq!(program.on_path("path_remove_directory", 3, "dir"), OK);
        assert_eq!(program.open_with(dir, "file", 0, CREAT, (ALL, 0), 0), Err(NOENT));
        assert_eq!(program.on_path("path_create_directory", dir, "inner"), NOENT);
        assert_eq!(call!(program, fd_filestat_get, dir, DATA), OK);
        program.file("file", b"");
        assert_eq!(program.on_paths("path_rename", (3, "file"), (dir, "file")), NOENT);
        assert_eq!(program.on_paths("path_link", (3, "file"), (dir, "file")), NOENT);
        assert_eq!(call!(program, fd_close, dir), OK);
    }

    fn unlinking(program: &mut Program) {
        program.file("file", b"");
        assert_eq!(program.on_path("path_unlink_file", 3, "file/"), NOTDIR);
        assert_eq!(program.symlink("file", "link"), OK);
        assert_eq!(program.on_path("path_unlink_file", 3, "link"), OK);
        assert_eq!(program.stat(3, "file", 0), OK);
        assert_eq!(program.on_path("path_unlink_file", 3, "file"), OK);
        assert_eq!(program.on_path("path_unlink_file", 3, "file"), NOENT);
    }

    fn stats(program: &mut Program) {
        program.file("file", b"12345");
        assert_eq!(program.symlink("file", "link"), OK);
        assert_eq!(program.stat(3, "file", 0), OK);
        assert_eq!((program.bytes(DATA + 16, 1)[0], program.u64(DATA + 24), program.u64(DATA + 32)), (4, 1, 5));
        let inode = program.u64(DATA + 8);
        assert_eq!(program.stat(3, "link", 0), OK);
        assert_eq!((program.bytes(DATA + 16, 1)[0], program.u64(DATA + 32)), (7, 4));
        assert_eq!(program.stat(3, "link", 1), OK);
        assert_eq!((program.bytes(DATA + 16, 1)[0], program.u64(DATA + 8)), (4, inode));
        assert_eq!(program.stat(3, ".", 0), OK);
        assert_eq!(program.bytes(DATA + 16, 1), [3]);
        assert_eq!(program.stat(3, "none", 0), NOENT);
        for path in ["file/", "file/.", "link/", "file/x"] {
            assert_eq!(program.stat(3, path, 0), NOTDIR, "{path}");
        }
        assert_eq!(program.stat(3, "file", 2), INVAL);
        assert_eq!(program.stat(5, "file", 0), crate::shim::errno::BADF);
        let (at, len) = program.text("file");
        assert_eq!(call!(program, path_filestat_get, 3_u32, 0_u32, at, len, MEMORY - 63), FAULT);
        assert_eq!(call!(program, path_filestat_get, 3_u32, 0_u32, MEMORY, 1_u32, DATA), FAULT);
    }

    fn times(program: &mut Program) {
        program.file("file", b"");
        assert_eq!(program.symlink("file", "link"), OK);
        let (at, len) = program.text("link");
        let set = |program: &mut Program, lookup: u32, time: u64, flags: u32| {
            call!(program, path_filestat_set_times, 3_u32, lookup, at, len, time, time, flags)
        };
        assert_eq!(set(program, 1, 1_000_000_000, 5), OK);
        program.text("file");
        assert_eq!(program.stat(3, "file", 0), OK);
        assert_eq!((program.u64(DATA + 40), program.u64(DATA + 48)), (1_000_000_000, 1_000_000_000));
        program.text("link");
        assert_eq!(set(program, 0, 3_000_000_000, 4), OK);
        assert_eq!(program.stat(3, "link", 0), OK);
        assert_eq!(program.u64(DATA + 48), 3_000_000_000);
        assert_eq!(program.stat(3, "file", 0), OK);
        assert_eq!(program.u64(DATA + 48), 1_000_000_000);
        program.text("link");
        assert_eq!(set(program, 1, 0, 10), OK);
        assert_eq!(set(program, 1, 0, 3), INVAL);
        assert_eq!(set(program, 1, 0, 16), INVAL);
        assert_eq!(set(program, 2, 0, 1), INVAL);
        program.text("none");
        assert_eq!(set(program, 0, 0, 1), NOENT);
    }

    fn links(program: &mut Program) {
        program.file("file", b"data");
        assert_eq!(program.on_path("path_create_directory", 3, "dir"), OK);
        let dir = program.open_directory(3, "dir").unwrap();
        assert_eq!(program.on_paths("path_link", (3, "file"), (dir, "again")), OK);
        assert_eq!(program.stat(dir, "again", 0), OK);
        assert_eq!(program.u64(DATA + 24), 2);
        let fd = program.open("dir/again", 0).unwrap();
        assert_eq!(program.write(fd, b"DATA"), Ok(4));
        assert_eq!(program.contents("file").unwrap(), b"DATA");
        assert_eq!(program.on_paths("path_link", (3, "file"), (dir, "again")), EXIST);
        assert_eq!(program.on_paths("path_link", (3, "none"), (3, "new")), NOENT);
        assert_eq!(program.on_paths("path_link", (3, "dir"), (3, "new")), PERM);
        assert_ne!(program.on_paths("path_link", (3, "file"), (3, "new/")), OK);
        assert_eq!(program.on_path("path_unlink_file", 3, "file"), OK);
        assert_eq!(program.contents("dir/again").unwrap(), b"DATA");
        assert_eq!(program.stat(dir, "again", 0), OK);
        assert_eq!(program.u64(DATA + 24), 1);
        // The link is to the symbolic link itself.
        assert_eq!(program.symlink("dir/again", "link"), OK);
        assert_eq!(program.on_paths("path_link", (3, "link"), (3, "link2")), OK);
        assert_eq!(read_link(program, "link2", 100).unwrap(), b"dir/again");
    }

    fn symbolic_links(program: &mut Program) {
        assert_eq!(program.symlink("some/where", "link"), OK);
        assert_eq!(read_link(program, "link", 100).unwrap(), b"some/where");
        assert_eq!(read_link(program, "link", 4).unwrap(), b"some");
        assert_eq!(read_link(program, "link", 0).unwrap(), b"");
        assert_eq!(program.symlink("x", "link"), EXIST);
        assert_eq!(program.symlink("x", "no/link"), NOENT);
        assert_ne!(program.symlink("x", "new/"), OK);
        assert_eq!(program.symlink("", "new"), NOENT);
        assert_eq!(program.symlink("x\0y", "new"), INVAL);
        program.file("file", b"");
        assert_eq!(read_link(program, "file", 100), Err(INVAL));
        assert_eq!(read_link(program, "none", 100), Err(NOENT));
        let (at, len) = program.text("link");
        assert_eq!(call!(program, path_readlink, 3_u32, at, len, MEMORY - 4, 5_u32, OUT), FAULT);
        assert_eq!(call!(program, path_readlink, 3_u32, at, len, DATA, 5_u32, MEMORY - 3), FAULT);
    }

    fn renaming_files(program: &mut Program) {
        program.file("one", b"one");
        program.file("two", b"two");
        assert_eq!(program.on_path("path_create_directory", 3, "dir"), OK);
        let dir = program.open_directory(3, "dir").unwrap();
        assert_eq!(program.on_paths("path_rename", (3, "one"), (dir, "moved")), OK);
        assert_eq!(program.stat(3, "one", 0), NOENT);
        assert_eq!(program.on_paths("path_rename", (dir, "moved"), (3, "two")), OK);
        assert_eq!(program.contents("two").unwrap(), b"one");
        assert_eq!(program.on_paths("path_rename", (3, "two"), (3, "two")), OK);
        assert_eq!(program.on_paths("path_rename", (3, "two"), (3, "dir")), ISDIR);
        assert_eq!(program.on_paths("path_rename", (3, "none"), (3, "new")), NOENT);
        assert_ne!(program.on_paths("path_rename", (3, "two"), (3, "new/")), OK);
        assert_ne!(program.on_paths("path_rename", (3, "two/"), (3, "new")), OK);
        assert_ne!(program.on_paths("path_rename", (3, "."), (3, "new")), OK);
        assert_eq!(program.contents("two").unwrap(), b"one");
    }

    fn renaming_directories(program: &mut Program) {
        for path in ["a", "a/b", "c", "full", "full/x"] {
            assert_eq!(program.on_path("path_create_directory", 3, path), OK);
        }
        program.file("file", b"");
        assert_eq!(program.on_paths("path_rename", (3, "a"), (3, "a/b/c")), INVAL);
        assert_eq!(program.on_paths("path_rename", (3, "a"), (3, "file")), NOTDIR);
        assert_eq!(program.on_paths("path_rename", (3, "a"), (3, "full")), NOTEMPTY);
        assert_eq!(program.on_paths("path_rename", (3, "a"), (3, "c")), OK);
        assert_eq!(program.stat(3, "a", 0), NOENT);
        assert_eq!(program.stat(3, "c/b", 0), OK);
        assert_eq!(program.on_paths("path_rename", (3, "c"), (3, "full/c")), OK);
        assert_eq!(program.stat(3, "full/c/b/../../x", 0), OK);
        assert_eq!(program.on_paths("path_rename", (3, "full"), (3, "full/c/b/new")), INVAL);
    }

    fn nothing_goes_across_devices_read_only_or_not(program: &mut Program) {
        program.file("file", b"");
        // Directory 4 is read-only, which is checked first.
        for name in ["path_rename", "path_link"] {
            assert_eq!(program.on_paths(name, (3, "file"), (4, "new")), crate::shim::errno::PERM);
            assert_eq!(program.on_paths(name, (4, "file"), (3, "new")), crate::shim::errno::PERM);
        }
    }

    fn bad_strings(program: &mut Program) {
        let long = "x".repeat(256);
        let longer = "y/".repeat(2049);
        for (path, errno) in [
            (&b""[..], NOENT),
            (b"\xff", ILSEQ),
            (b"a\0", INVAL),
            (b"\0", INVAL),
            (long.as_bytes(), NAMETOOLONG),
            (longer.as_bytes(), NAMETOOLONG),
        ] {
            for name in ["path_create_directory", "path_remove_directory", "path_unlink_file"] {
                assert_eq!(program.on_path(name, 3, path), errno);
            }
            assert_eq!(program.open_with(3, path, 0, CREAT, (0, 0), 0), Err(errno));
        }
        for name in ["path_create_directory", "path_remove_directory", "path_unlink_file"] {
            for (at, len) in [(MEMORY, 1), (MEMORY - 1, 2), (u32::MAX, 1), (0, u32::MAX), (u32::MAX, u32::MAX)] {
                assert_eq!(program.call(name, &[3_u32.into(), at.into(), len.into()]), FAULT);
            }
        }
    }
}

#[test]
fn nothing_goes_from_one_file_system_to_another() {
    use wasmote_wasi::{MemoryFileSystem, WasiCtxBuilder};
    let dir = tempfile::TempDir::new().unwrap();
    let (one, two) = (MemoryFileSystem::new(), MemoryFileSystem::new());
    let mut builder = WasiCtxBuilder::new();
    builder.preopened_memory(&one, "/one").preopened_memory(&two, "/two");
    let mut program = Program::new(builder.preopened_dir(dir.path(), "/host").unwrap());
    program.file("file", b"");
    for name in ["path_rename", "path_link"] {
        for to in [4, 5] {
            assert_eq!(program.on_paths(name, (3, "file"), (to, "new")), XDEV);
            assert_eq!(program.on_paths(name, (to, "file"), (3, "new")), XDEV);
        }
    }
}
