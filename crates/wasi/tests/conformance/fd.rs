//! `fd_*` on files.

use crate::shim::{
    ALL, CREAT, DATA, MEMORY, OUT, Program, call,
    errno::{BADF, FAULT, INVAL, ISDIR, OK, SPIPE},
    in_both,
};

in_both! {
    fn write_seek_read(program: &mut Program) {
        let fd = program.open("file", CREAT).unwrap();
        assert_eq!(fd, 5);
        program.put(DATA, b"hello, world");
        let (at, count) = program.buffers(&[(DATA, 5), (DATA + 5, 0), (DATA + 5, 7)]);
        assert_eq!(call!(program, fd_write, fd, at, count, OUT), 0);
        assert_eq!(program.u32(OUT), 12);
        assert_eq!(call!(program, fd_tell, fd, OUT), 0);
        assert_eq!(program.u64(OUT), 12);
        assert_eq!(call!(program, fd_seek, fd, (-5_i64).cast_unsigned(), 2_u32, OUT), 0);
        assert_eq!(program.u64(OUT), 7);
        assert_eq!(program.read(fd, 100).unwrap(), b"world");
        assert_eq!(program.read(fd, 100).unwrap(), b"");
        assert_eq!(call!(program, fd_seek, fd, 1_u64, 0_u32, OUT), 0);
        assert_eq!(call!(program, fd_seek, fd, 1_u64, 1_u32, OUT), 0);
        assert_eq!(program.u64(OUT), 2);
        let (at, count) = program.buffers(&[(DATA, 2), (DATA + 0x100, 2)]);
        assert_eq!(call!(program, fd_read, fd, at, count, OUT), 0);
        assert_eq!((program.u32(OUT), program.bytes(DATA, 2), program.bytes(DATA + 0x100, 2)), (4, b"ll".into(), b"o,".into()));
        assert_eq!(call!(program, fd_seek, fd, (-100_i64).cast_unsigned(), 1_u32, OUT), INVAL);
        assert_eq!(call!(program, fd_seek, fd, u64::MAX, 0_u32, OUT), INVAL);
        assert_eq!(call!(program, fd_seek, fd, 0_u64, 3_u32, OUT), INVAL);
        assert_eq!(call!(program, fd_seek, fd, 0_u64, 0_u32, MEMORY - 7), FAULT);
        assert_eq!(call!(program, fd_tell, fd, MEMORY - 7), FAULT);
    }

    fn reading_and_writing_at_offsets_does_not_move(program: &mut Program) {
        program.file("file", b"0123456789");
        let fd = program.open("file", 0).unwrap();
        let (at, count) = program.buffers(&[(DATA, 2), (DATA + 2, 3)]);
        assert_eq!(call!(program, fd_pread, fd, at, count, 4_u64, OUT), 0);
        assert_eq!((program.u32(OUT), program.bytes(DATA, 5)), (5, b"45678".into()));
        program.put(DATA, b"abcde");
        assert_eq!(call!(program, fd_pwrite, fd, at, count, 8_u64, OUT), 0);
        assert_eq!(program.u32(OUT), 5);
        assert_eq!(program.read(fd, 100).unwrap(), b"01234567abcde");
        assert_eq!(call!(program, fd_pread, fd, at, count, 100_u64, OUT), 0);
        assert_eq!(program.u32(OUT), 0);
        for offset in [u64::MAX, 1 << 63] {
            assert_eq!(call!(program, fd_pread, fd, at, count, offset, OUT), INVAL);
            assert_eq!(call!(program, fd_pwrite, fd, at, count, offset, OUT), INVAL);
        }
    }

    fn appending(program: &mut Program) {
        program.file("file", b"one");
        let fd = program.open_with(3, "file", 0, 0, (ALL, ALL), 1).unwrap();
        assert_eq!(program.write(fd, b" two"), Ok(4));
        assert_eq!(call!(program, fd_seek, fd, 0_u64, 0_u32, OUT), 0);
        assert_eq!(program.write(fd, b" three"), Ok(6));
        assert_eq!(call!(program, fd_fdstat_get, fd, OUT), 0);
        assert_eq!(program.u16(OUT + 2), 1);
        assert_eq!(call!(program, fd_fdstat_set_flags, fd, 0_u32), 0);
        assert_eq!(call!(program, fd_seek, fd, 0_u64, 0_u32, OUT), 0);
        assert_eq!(program.write(fd, b"ONE"), Ok(3));
        assert_eq!(call!(program, fd_fdstat_set_flags, fd, 1_u32), 0);
        assert_eq!(program.write(fd, b"!"), Ok(1));
        assert_eq!(program.contents("file").unwrap(), b"ONE two three!");
        assert_eq!(call!(program, fd_fdstat_set_flags, fd, 32_u32), INVAL);
        assert_eq!(call!(program, fd_fdstat_set_flags, fd, u32::MAX), INVAL);
        assert_eq!(call!(program, fd_fdstat_set_flags, fd, 4_u32), 0);
    }

    fn sizes(program: &mut Program) {
        program.file("file", b"0123456789");
        let fd = program.open("file", 0).unwrap();
        assert_eq!(call!(program, fd_filestat_set_size, fd, 3_u64), 0);
        assert_eq!(program.contents("file").unwrap(), b"012");
        assert_eq!(call!(program, fd_filestat_set_size, fd, 5_u64), 0);
        assert_eq!(program.contents("file").unwrap(), b"012\0\0");
        assert_eq!(call!(program, fd_allocate, fd, 4_u64, 4_u64), 0);
        assert_eq!(call!(program, fd_filestat_get, fd, OUT), 0);
        assert_eq!((program.bytes(OUT + 16, 1)[0], program.u64(OUT + 24), program.u64(OUT + 32)), (4, 1, 8));
        assert_eq!(call!(program, fd_allocate, fd, 0_u64, 1_u64), 0);
        assert_eq!(call!(program, fd_allocate, fd, 0_u64, 0_u64), INVAL);
        assert_ne!(call!(program, fd_allocate, fd, u64::MAX, u64::MAX), 0);
        assert_ne!(call!(program, fd_filestat_set_size, fd, u64::MAX), 0);
        assert_eq!(call!(program, fd_filestat_get, fd, OUT), 0);
        assert_eq!(program.u64(OUT + 32), 8);
        assert_eq!(call!(program, fd_filestat_get, fd, MEMORY - 63), FAULT);
        assert_eq!(call!(program, fd_filestat_get, fd, MEMORY - 64), 0);
    }

    fn times(program: &mut Program) {
        program.file("file", b"");
        let fd = program.open("file", 0).unwrap();
        assert_eq!(call!(program, fd_filestat_set_times, fd, 1_500_000_000_u64, 2_000_000_000_u64, 5_u32), 0);
        assert_eq!(call!(program, fd_filestat_get, fd, OUT), 0);
        assert_eq!((program.u64(OUT + 40), program.u64(OUT + 48)), (1_500_000_000, 2_000_000_000));
        assert_eq!(call!(program, fd_filestat_set_times, fd, 0_u64, 0_u64, 8_u32), 0);
        assert_eq!(call!(program, fd_filestat_get, fd, OUT), 0);
        assert_eq!(program.u64(OUT + 40), 1_500_000_000);
        assert!(program.u64(OUT + 48) > 1_600_000_000_000_000_000);
        for flags in [3_u32, 12, 15, 16, u32::MAX] {
            assert_eq!(call!(program, fd_filestat_set_times, fd, 0_u64, 0_u64, flags), INVAL);
        }
        // An impossible time is an error or is clamped, never a panic.
        call!(program, fd_filestat_set_times, fd, u64::MAX, u64::MAX, 5_u32);
        let dir = program.open_directory(3, ".").unwrap();
        assert_eq!(call!(program, fd_filestat_set_times, dir, 0_u64, 3_000_000_000_u64, 4_u32), 0);
        assert_eq!(program.stat(3, ".", 0), 0);
        assert_eq!(program.u64(DATA + 48), 3_000_000_000);
    }

    fn advice_and_syncs(program: &mut Program) {
        program.file("file", b"data");
        let fd = program.open("file", 0).unwrap();
        for advice in 0..6_u32 {
            assert_eq!(call!(program, fd_advise, fd, 0_u64, 4_u64, advice), 0);
        }
        assert_eq!(call!(program, fd_advise, fd, 0_u64, 0_u64, 6_u32), INVAL);
        assert_eq!(call!(program, fd_advise, fd, 0_u64, 0_u64, 256_u32), INVAL);
        assert_eq!(call!(program, fd_advise, fd, u64::MAX, 1_u64, 0_u32), INVAL);
        assert_eq!(call!(program, fd_sync, fd), 0);
        assert_eq!(call!(program, fd_datasync, fd), 0);
        assert_eq!(call!(program, fd_sync, 3_u32), 0);
        assert_eq!(call!(program, fd_datasync, 3_u32), 0);
    }

    fn directories_are_no_files(program: &mut Program) {
        let (at, count) = program.buffers(&[(DATA, 1)]);
        assert_eq!(call!(program, fd_read, 3_u32, at, count, OUT), ISDIR);
        assert_eq!(call!(program, fd_write, 3_u32, at, count, OUT), ISDIR);
        assert_eq!(call!(program, fd_pread, 3_u32, at, count, 0_u64, OUT), ISDIR);
        assert_eq!(call!(program, fd_pwrite, 3_u32, at, count, 0_u64, OUT), ISDIR);
        assert_eq!(call!(program, fd_seek, 3_u32, 0_u64, 0_u32, OUT), ISDIR);
        assert_eq!(call!(program, fd_tell, 3_u32, OUT), ISDIR);
        assert_eq!(call!(program, fd_allocate, 3_u32, 0_u64, 1_u64), ISDIR);
        assert_eq!(call!(program, fd_filestat_set_size, 3_u32, 0_u64), ISDIR);
        assert_eq!(call!(program, fd_advise, 3_u32, 0_u64, 0_u64, 0_u32), BADF);
    }

    fn streams_cannot_seek(program: &mut Program) {
        assert_eq!(call!(program, fd_seek, 1_u32, 0_u64, 0_u32, OUT), SPIPE);
        assert_eq!(call!(program, fd_tell, 0_u32, OUT), SPIPE);
        let (at, count) = program.buffers(&[(DATA, 1)]);
        assert_eq!(call!(program, fd_pread, 0_u32, at, count, 0_u64, OUT), SPIPE);
        assert_eq!(call!(program, fd_pwrite, 1_u32, at, count, 0_u64, OUT), SPIPE);
        assert_eq!(call!(program, fd_read, 1_u32, at, count, OUT), BADF);
        assert_eq!(call!(program, fd_write, 0_u32, at, count, OUT), BADF);
    }

    fn prestats(program: &mut Program) {
        assert_eq!(call!(program, fd_prestat_get, 3_u32, OUT), 0);
        assert_eq!((program.u32(OUT), program.u32(OUT + 4)), (0, 3));
        assert_eq!(call!(program, fd_prestat_dir_name, 3_u32, OUT, 3_u32), 0);
        assert_eq!(program.bytes(OUT, 3), b"/rw");
        assert_eq!(call!(program, fd_prestat_dir_name, 4_u32, OUT, 100_u32), 0);
        assert_eq!(program.bytes(OUT, 3), b"/ro");
        assert_eq!(call!(program, fd_prestat_dir_name, 3_u32, OUT, 2_u32), crate::shim::errno::NAMETOOLONG);
        assert_eq!(call!(program, fd_prestat_dir_name, 3_u32, MEMORY - 2, 3_u32), FAULT);
        assert_eq!(call!(program, fd_prestat_get, 3_u32, MEMORY - 7), FAULT);
        for fd in [0_u32, 5, u32::MAX] {
            assert_eq!(call!(program, fd_prestat_get, fd, OUT), BADF);
            assert_eq!(call!(program, fd_prestat_dir_name, fd, OUT, 3_u32), BADF);
        }
        // A directory opened by path is not preopened.
        let dir = program.open_directory(3, ".").unwrap();
        assert_eq!(call!(program, fd_prestat_get, dir, OUT), BADF);
    }

    fn renumbering(program: &mut Program) {
        program.file("one", b"one");
        program.file("two", b"two");
        let (one, two) = (program.open("one", 0).unwrap(), program.open("two", 0).unwrap());
        assert_eq!(call!(program, fd_renumber, one, two), 0);
        assert_eq!(program.read(two, 10).unwrap(), b"one");
        assert_eq!(program.read(one, 10), Err(BADF));
        assert_eq!(call!(program, fd_renumber, two, two), 0);
        assert_eq!(call!(program, fd_renumber, two, one), BADF);
        assert_eq!(call!(program, fd_renumber, one, two), BADF);
        assert_eq!(call!(program, fd_renumber, two, u32::MAX), BADF);
        assert_eq!(call!(program, fd_renumber, u32::MAX, two), BADF);
        // The lowest number is used again.
        assert_eq!(program.open("two", 0), Ok(one));
    }

    fn renumbering_preopens(program: &mut Program) {
        program.file("file", b"data");
        let fd = program.open("file", 0).unwrap();
        // A file replaces a preopened directory, so the number is no longer preopened.
        assert_eq!(call!(program, fd_renumber, fd, 4_u32), 0);
        assert_eq!(call!(program, fd_prestat_get, 4_u32, OUT), BADF);
        assert_eq!(program.read(4, 10).unwrap(), b"data");
        // A preopened directory stays preopened under another number.
        assert_eq!(call!(program, fd_renumber, 3_u32, 4_u32), 0);
        assert_eq!(call!(program, fd_prestat_get, 4_u32, OUT), 0);
        assert_eq!(call!(program, fd_prestat_get, 3_u32, OUT), BADF);
        assert_eq!(program.stat(4, "file", 0), 0);
        assert_eq!(program.stat(3, "file", 0), BADF);
        // The streams can be replaced too.
        assert_eq!(call!(program, fd_renumber, 4_u32, 0_u32), 0);
        assert_eq!(program.stat(0, "file", 0), 0);
    }

    fn closed_descriptors_are_gone(program: &mut Program) {
        let fd = program.open("file", CREAT).unwrap();
        assert_eq!(call!(program, fd_close, fd), 0);
        let (at, count) = program.buffers(&[(DATA, 1)]);
        assert_eq!(call!(program, fd_close, fd), BADF);
        assert_eq!(call!(program, fd_advise, fd, 0_u64, 0_u64, 0_u32), BADF);
        assert_eq!(call!(program, fd_allocate, fd, 0_u64, 1_u64), BADF);
        assert_eq!(call!(program, fd_datasync, fd), BADF);
        assert_eq!(call!(program, fd_sync, fd), BADF);
        assert_eq!(call!(program, fd_fdstat_get, fd, OUT), BADF);
        assert_eq!(call!(program, fd_fdstat_set_flags, fd, 0_u32), BADF);
        assert_eq!(call!(program, fd_fdstat_set_rights, fd, 0_u64, 0_u64), BADF);
        assert_eq!(call!(program, fd_filestat_get, fd, OUT), BADF);
        assert_eq!(call!(program, fd_filestat_set_size, fd, 0_u64), BADF);
        assert_eq!(call!(program, fd_filestat_set_times, fd, 0_u64, 0_u64, 0_u32), BADF);
        assert_eq!(call!(program, fd_pread, fd, at, count, 0_u64, OUT), BADF);
        assert_eq!(call!(program, fd_pwrite, fd, at, count, 0_u64, OUT), BADF);
        assert_eq!(call!(program, fd_read, fd, at, count, OUT), BADF);
        assert_eq!(call!(program, fd_write, fd, at, count, OUT), BADF);
        assert_eq!(call!(program, fd_readdir, fd, DATA, 100_u32, 0_u64, OUT), BADF);
        assert_eq!(call!(program, fd_seek, fd, 0_u64, 0_u32, OUT), BADF);
        assert_eq!(call!(program, fd_tell, fd, OUT), BADF);
        assert_eq!(program.stat(fd, "file", 0), BADF);
        assert_eq!(program.open_with(fd, "file", 0, 0, (0, 0), 0), Err(BADF));
        for name in ["path_create_directory", "path_remove_directory", "path_unlink_file"] {
            assert_eq!(program.on_path(name, fd, "file"), BADF);
        }
        for name in ["path_rename", "path_link"] {
            assert_eq!(program.on_paths(name, (fd, "a"), (3, "b")), BADF);
            assert_eq!(program.on_paths(name, (3, "a"), (fd, "b")), BADF);
        }
        // A preopened directory can be closed.
        assert_eq!(call!(program, fd_close, 3_u32), 0);
        assert_eq!(call!(program, fd_prestat_get, 3_u32, OUT), BADF);
        assert_eq!(program.open("file", 0), Err(BADF));
    }

    fn a_removed_file_lives_while_it_is_open(program: &mut Program) {
        program.file("file", b"data");
        let fd = program.open("file", 0).unwrap();
        assert_eq!(program.on_path("path_unlink_file", 3, "file"), OK);
        assert_eq!(program.read(fd, 10).unwrap(), b"data");
        assert_eq!(program.write(fd, b"more"), Ok(4));
        assert_eq!(call!(program, fd_filestat_get, fd, OUT), 0);
        assert_eq!((program.u64(OUT + 24), program.u64(OUT + 32)), (0, 8));
        program.file("file", b"new");
        assert_eq!(call!(program, fd_close, fd), 0);
        assert_eq!(program.contents("file").unwrap(), b"new");
    }
}
