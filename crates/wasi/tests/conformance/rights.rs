//! Rights, and read-only directories.

use crate::shim::{
    ALL, CREAT, DATA, DIRECTORY, EXCL, OUT, Program, READ, SEEK, TRUNC, WRITE, call,
    errno::{BADF, INVAL, ISDIR, NOTCAPABLE, OK, PERM},
    in_both,
};

const PATH_OPEN: u64 = 1 << 13;
const READDIR: u64 = 1 << 14;
const PATH_FILESTAT_SET_SIZE: u64 = 1 << 19;
const PATH_CREATE_FILE: u64 = 1 << 10;

in_both! {
    strictly

    fn rights_can_only_be_given_up(program: &mut Program) {
        assert_eq!(call!(program, fd_fdstat_get, 3_u32, OUT), 0);
        let (base, inheriting) = (program.u64(OUT + 8), program.u64(OUT + 16));
        assert_eq!(base & (READ | WRITE), 0);
        assert_eq!(inheriting & (READ | WRITE), READ | WRITE);
        assert_eq!(call!(program, fd_fdstat_set_rights, 3_u32, base, inheriting), 0);
        assert_eq!(call!(program, fd_fdstat_set_rights, 3_u32, base | READ, inheriting), NOTCAPABLE);
        assert_eq!(call!(program, fd_fdstat_set_rights, 3_u32, base, inheriting | 1 << 40), NOTCAPABLE);
        assert_eq!(call!(program, fd_fdstat_set_rights, 3_u32, base & !READDIR, inheriting & !WRITE), 0);
        assert_eq!(call!(program, fd_fdstat_set_rights, 3_u32, base, inheriting), NOTCAPABLE);
        assert_eq!(call!(program, fd_readdir, 3_u32, DATA, 100_u32, 0_u64, OUT), NOTCAPABLE);
        // Rights that are not inherited are not granted.
        assert_eq!(program.open("file", CREAT), Err(NOTCAPABLE));
        assert_eq!(program.open_with(3, "file", 0, CREAT, (READ, 0), 0), Ok(5));
        let dir = program.open_directory(3, ".").unwrap();
        assert_eq!(call!(program, fd_fdstat_get, dir, OUT), 0);
        assert_eq!(program.u64(OUT + 16) & WRITE, 0);
        assert_eq!(program.open_with(dir, "file", 0, 0, (WRITE, 0), 0), Err(NOTCAPABLE));
    }

    fn each_function_needs_its_right(program: &mut Program) {
        program.file("file", b"data");
        assert_eq!(program.symlink("file", "link"), OK);
        let dir = program.open_with(3, ".", 0, DIRECTORY, (PATH_OPEN, ALL), 0).unwrap();
        for name in ["path_create_directory", "path_remove_directory", "path_unlink_file"] {
            assert_eq!(program.on_path(name, dir, "file"), NOTCAPABLE);
        }
        for name in ["path_rename", "path_link"] {
            assert_eq!(program.on_paths(name, (dir, "file"), (3, "new")), NOTCAPABLE);
            assert_eq!(program.on_paths(name, (3, "file"), (dir, "new")), NOTCAPABLE);
        }
        assert_eq!(program.stat(dir, "file", 0), NOTCAPABLE);
        let (at, len) = program.text("link");
        assert_eq!(call!(program, path_readlink, dir, at, len, DATA, 10_u32, OUT), NOTCAPABLE);
        assert_eq!(call!(program, path_symlink, at, len, dir, at, len), NOTCAPABLE);
        assert_eq!(call!(program, path_filestat_set_times, dir, 0_u32, at, len, 0_u64, 0_u64, 5_u32), NOTCAPABLE);
        assert_eq!(call!(program, fd_filestat_get, dir, OUT), NOTCAPABLE);
        assert_eq!(call!(program, fd_filestat_set_times, dir, 0_u64, 0_u64, 5_u32), NOTCAPABLE);
        assert_eq!(call!(program, fd_sync, dir), NOTCAPABLE);
        assert_eq!(call!(program, fd_fdstat_set_flags, dir, 0_u32), NOTCAPABLE);
        assert_eq!(program.open_with(dir, "new", 0, CREAT, (READ, 0), 0), Err(NOTCAPABLE));
        assert_eq!(program.open_with(dir, "file", 0, TRUNC, (READ | WRITE, 0), 0), Err(NOTCAPABLE));
        assert_eq!(program.open_with(dir, "file", 0, 0, (READ, 0), 0).map(|_| ()), Ok(()));
        let none = program.open_with(3, ".", 0, DIRECTORY, (0, ALL), 0).unwrap();
        assert_eq!(program.open_with(none, "file", 0, 0, (READ, 0), 0), Err(NOTCAPABLE));
        assert_eq!(program.contents("file").unwrap(), b"data");
    }

    /// The right to truncate by path is separate from the one to set the size of a file.
    fn truncation_needs_a_right(program: &mut Program) {
        program.file("file", b"data");
        let rights = PATH_OPEN | PATH_CREATE_FILE;
        let dir = program.open_with(3, ".", 0, DIRECTORY, (rights, ALL), 0).unwrap();
        assert_eq!(program.open_with(dir, "file", 0, TRUNC, (0, 0), 0), Err(NOTCAPABLE));
        assert_eq!(program.open_with(dir, "file", 0, CREAT | TRUNC, (ALL, 0), 0), Err(NOTCAPABLE));
        assert_eq!(program.contents("file").unwrap(), b"data");
        let dir = program.open_with(3, ".", 0, DIRECTORY, (rights | PATH_FILESTAT_SET_SIZE, READ), 0).unwrap();
        program.open_with(dir, "file", 0, TRUNC, (READ, 0), 0).unwrap();
        assert_eq!(program.contents("file").unwrap(), b"");
    }

    fn rights_of_files(program: &mut Program) {
        program.file("file", b"data");
        let reader = program.open_with(3, "file", 0, 0, (READ, 0), 0).unwrap();
        assert_eq!(program.write(reader, b"x"), Err(NOTCAPABLE));
        assert_eq!(call!(program, fd_seek, reader, 1_u64, 0_u32, OUT), NOTCAPABLE);
        assert_eq!(call!(program, fd_filestat_get, reader, OUT), NOTCAPABLE);
        assert_eq!(call!(program, fd_filestat_set_size, reader, 0_u64), NOTCAPABLE);
        let writer = program.open_with(3, "file", 0, 0, (WRITE | SEEK, 0), 0).unwrap();
        assert_eq!(program.read(writer, 1), Err(NOTCAPABLE));
        assert_eq!(program.write(writer, b"D"), Ok(1));
        assert_eq!(program.read(reader, 10).unwrap(), b"Data");
    }
}

in_both! {
    /// A program that asks for no rights, or only for those to read and write, has all the others.
    fn rights_decide_between_reading_and_writing(program: &mut Program) {
        let dir = program.open_with(3, ".", 0, DIRECTORY, (0, 0), 0).unwrap();
        assert_eq!(program.on_path("path_create_directory", dir, "sub"), OK);
        let none = program.open_with(dir, "file", 0, CREAT, (0, 0), 0).unwrap();
        assert_eq!((program.write(none, b"x"), program.read(none, 1)), (Err(BADF), Err(BADF)));
        let writer = program.open_with(dir, "file", 0, 0, (WRITE, 0), 0).unwrap();
        assert_eq!(program.write(writer, b"data"), Ok(4));
        assert_eq!(call!(program, fd_seek, writer, 1_u64, 0_u32, OUT), OK);
        assert_eq!(call!(program, fd_filestat_set_size, writer, 3_u64), OK);
        assert_eq!(program.read(writer, 1), Err(BADF));
        let reader = program.open_with(dir, "file", 0, 0, (READ, 0), 0).unwrap();
        assert_eq!(program.read(reader, 10).unwrap(), b"dat");
        assert_eq!(call!(program, fd_seek, reader, 1_u64, 0_u32, OUT), OK);
        assert_eq!(call!(program, fd_filestat_get, reader, OUT), OK);
        assert_eq!(program.write(reader, b"x"), Err(BADF));
        assert_eq!(call!(program, fd_filestat_set_size, reader, 0_u64), INVAL);
        assert_eq!(call!(program, fd_allocate, reader, 0_u64, 100_u64), BADF);
        assert_eq!(call!(program, fd_readdir, dir, DATA, 100_u32, 0_u64, OUT), OK);
        assert_eq!(program.on_path("path_unlink_file", dir, "file"), OK);
    }

    /// A program can still give up a right on purpose.
    fn rights_that_were_given_up_are_gone(program: &mut Program) {
        program.file("file", b"data");
        let fd = program.open_with(3, "file", 0, 0, (READ | WRITE, 0), 0).unwrap();
        assert_eq!(call!(program, fd_fdstat_set_rights, fd, READ, 0_u64), OK);
        assert_eq!(program.write(fd, b"x"), Err(BADF));
        assert_eq!(call!(program, fd_seek, fd, 1_u64, 0_u32, OUT), NOTCAPABLE);
        assert_eq!(call!(program, fd_fdstat_set_rights, fd, READ | WRITE, 0_u64), NOTCAPABLE);
        assert_eq!(program.read(fd, 10).unwrap(), b"data");
    }

    /// As on a read-only file system of POSIX.
    fn what_exists_can_be_opened_for_creation(program: &mut Program) {
        let fd = program.open_with(4, "file", 1, CREAT, (READ, 0), 0).unwrap();
        assert_eq!(program.read(fd, 100).unwrap(), b"constant");
        assert_eq!(program.open_with(4, "new", 1, CREAT, (READ, 0), 0), Err(PERM));
        assert_eq!(program.open_with(4, "sub", 1, CREAT, (READ, 0), 0), Err(ISDIR));
        for flags in [CREAT | EXCL, CREAT | TRUNC] {
            assert_eq!(program.open_with(4, "file", 1, flags, (READ, 0), 0), Err(PERM));
        }
    }

    fn read_only_directories_can_be_read(program: &mut Program) {
        // With all rights except those to write, like many programs.
        let fd = program.open_with(4, "file", 1, 0, (ALL & !WRITE, ALL), 0).unwrap();
        assert_eq!(program.read(fd, 100).unwrap(), b"constant");
        assert_eq!(call!(program, fd_fdstat_get, fd, OUT), 0);
        assert_eq!(program.u64(OUT + 8) & (READ | SEEK | WRITE), READ | SEEK);
        assert_eq!(program.stat(4, "sub", 0), OK);
        assert_eq!(call!(program, fd_readdir, 4_u32, DATA, 100_u32, 0_u64, OUT), OK);
    }

    fn read_only_directories_stay_as_they_are(program: &mut Program) {
        program.file("file", b"");
        for path in ["file", "new", "sub"] {
            for name in ["path_create_directory", "path_remove_directory", "path_unlink_file"] {
                assert_eq!(program.on_path(name, 4, path), PERM);
            }
            for name in ["path_rename", "path_link"] {
                assert_eq!(program.on_paths(name, (4, path), (4, "new")), PERM);
                assert_eq!(program.on_paths(name, (4, path), (3, "new")), PERM);
                assert_eq!(program.on_paths(name, (3, "file"), (4, path)), PERM);
            }
            let (at, len) = program.text(path);
            assert_eq!(call!(program, path_symlink, at, len, 4_u32, at, len), PERM);
            for lookup in [0_u32, 1] {
                for times in [5_u32, 10] {
                    let errno = call!(program, path_filestat_set_times, 4_u32, lookup, at, len, 0_u64, 0_u64, times);
                    assert_eq!(errno, PERM);
                }
            }
            for (flags, rights) in [(CREAT | EXCL, 0), (TRUNC, 0), (CREAT | TRUNC, ALL), (0, WRITE), (0, READ | WRITE)] {
                assert_eq!(program.open_with(4, path, 1, flags, (rights, ALL), 0), Err(PERM));
            }
        }
        assert_eq!(call!(program, fd_filestat_set_times, 4_u32, 0_u64, 0_u64, 5_u32), PERM);
        // Files opened through it are read-only too, whatever the requested rights.
        let rights = (ALL & !WRITE, ALL);
        let dir = program.open_with(4, "sub", 1, DIRECTORY, rights, 0).unwrap();
        assert_eq!(program.open_with(dir, "new", 1, CREAT, rights, 0), Err(PERM));
        assert_eq!(program.on_path("path_create_directory", dir, "new"), PERM);
        let fd = program.open_with(4, "file", 1, 0, rights, 0).unwrap();
        assert_eq!(program.write(fd, b"x"), Err(PERM));
        assert_eq!(call!(program, fd_pwrite, fd, DATA, 0_u32, 0_u64, OUT), PERM);
        assert_eq!(call!(program, fd_filestat_set_size, fd, 0_u64), PERM);
        assert_eq!(call!(program, fd_allocate, fd, 0_u64, 100_u64), PERM);
        assert_eq!(call!(program, fd_filestat_set_times, fd, 0_u64, 0_u64, 5_u32), PERM);
        // Renumbering does not change that.
        assert_eq!(call!(program, fd_renumber, fd, 3_u32), OK);
        assert_eq!(call!(program, fd_filestat_set_size, 3_u32, 0_u64), PERM);
        assert_eq!(program.read(3, 100).unwrap(), b"constant");
    }
}
