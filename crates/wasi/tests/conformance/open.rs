//! `path_open`.

use crate::shim::{
    ALL, CREAT, DATA, DIRECTORY, EXCL, MEMORY, OUT, Program, READ, TRUNC, WRITE, call,
    errno::{BADF, EXIST, FAULT, INVAL, ISDIR, LOOP, MFILE, NOENT, NOTDIR},
    in_both,
};

in_both! {
    fn creating(program: &mut Program) {
        assert_eq!(program.open("file", 0), Err(NOENT));
        let fd = program.open("file", CREAT | EXCL).unwrap();
        assert_eq!(program.write(fd, b"data"), Ok(4));
        assert_eq!(program.open("file", CREAT | EXCL), Err(EXIST));
        let again = program.open("file", CREAT).unwrap();
        assert_eq!(program.read(again, 10).unwrap(), b"data");
        program.open("file", TRUNC).unwrap();
        assert_eq!(program.contents("file").unwrap(), b"");
        assert_eq!(program.open("no/file", CREAT), Err(NOENT));
        assert_eq!(program.open("file/file", CREAT), Err(NOTDIR));
        assert_eq!(program.open("dir/", CREAT), Err(ISDIR));
        // Also without any rights.
        let fd = program.open_with(3, "empty", 0, CREAT, (0, 0), 0).unwrap();
        assert_eq!(program.write(fd, b"x"), Err(crate::shim::errno::BADF));
    }

    fn directories(program: &mut Program) {
        program.file("file", b"");
        assert_eq!(program.on_path("path_create_directory", 3, "dir"), 0);
        let dir = program.open_directory(3, "dir").unwrap();
        assert_eq!(program.stat(dir, ".", 0), 0);
        assert_eq!(program.open_with(dir, "inner", 0, CREAT, (READ, 0), 0).map(|_| ()), Ok(()));
        assert_eq!(program.stat(3, "dir/inner", 0), 0);
        // Also without the flag.
        let dir = program.open_with(3, "dir/", 0, 0, (ALL & !WRITE, ALL), 0).unwrap();
        assert_eq!(program.stat(dir, "inner", 0), 0);
        assert_eq!(program.open_directory(3, "file"), Err(NOTDIR));
        assert_eq!(program.open_directory(3, "none"), Err(NOENT));
        assert_eq!(program.open("dir", 0), Err(ISDIR));
        assert_eq!(program.open_with(3, "dir", 0, DIRECTORY, (READ | WRITE, 0), 0), Err(ISDIR));
        assert_eq!(program.open("file/", 0), Err(NOTDIR));
        for flags in [CREAT, EXCL, TRUNC] {
            assert_eq!(program.open_with(3, "dir", 0, DIRECTORY | flags, (0, 0), 0), Err(INVAL));
        }
        // A file is not a base for paths.
        let file = program.open("file", 0).unwrap();
        assert_eq!(program.open_with(file, "x", 0, 0, (0, 0), 0), Err(NOTDIR));
        assert_eq!(program.open_with(0, "x", 0, 0, (0, 0), 0), Err(NOTDIR));
    }

    fn symbolic_links(program: &mut Program) {
        program.file("file", b"data");
        assert_eq!(program.symlink("file", "link"), 0);
        assert_eq!(program.symlink("link", "link2"), 0);
        assert_eq!(program.symlink("loop", "loop"), 0);
        assert_eq!(program.symlink("none", "dangling"), 0);
        assert_eq!(program.contents("link2").unwrap(), b"data");
        assert_eq!(program.open_with(3, "link", 0, 0, (READ, 0), 0), Err(LOOP));
        assert_eq!(program.open("loop", 0), Err(LOOP));
        assert_eq!(program.open("dangling", 0), Err(NOENT));
        assert_eq!(program.open("dangling", CREAT | EXCL), Err(EXIST));
        assert_eq!(program.open_with(3, "dangling", 0, CREAT, (WRITE, 0), 0), Err(LOOP));
        assert_eq!(program.on_path("path_create_directory", 3, "dir"), 0);
        assert_eq!(program.symlink("dir", "dirlink"), 0);
        assert_eq!(program.open("dirlink/inner", CREAT).map(|_| ()), Ok(()));
        assert_eq!(program.stat(3, "dir/inner", 0), 0);
        program.open_directory(3, "dirlink").unwrap();
        assert!(matches!(program.open_with(3, "dirlink", 0, DIRECTORY, (0, 0), 0), Err(LOOP | NOTDIR)));
    }

    fn unknown_flags(program: &mut Program) {
        assert_eq!(program.open("file", 16), Err(INVAL));
        assert_eq!(program.open("file", u32::MAX), Err(INVAL));
        assert_eq!(program.open_with(3, "file", 2, CREAT, (ALL, ALL), 0), Err(INVAL));
        assert_eq!(program.open_with(3, "file", 0, CREAT, (ALL, ALL), 32), Err(INVAL));
        assert_eq!(program.stat(3, "file", 0), NOENT);
        // Many programs ask for nonexistent rights.
        program.open_with(3, "file", 0, CREAT, (u64::MAX, u64::MAX), 0).unwrap();
    }

    fn the_number_of_descriptors_is_limited(program: &mut Program) {
        program.file("file", b"");
        for fd in 5..64 {
            assert_eq!(program.open("file", 0), Ok(fd));
        }
        assert_eq!(program.open("file", 0), Err(MFILE));
        assert_eq!(program.open("new", CREAT), Err(MFILE));
        assert_eq!(call!(program, fd_close, 40_u32), 0);
        assert_eq!(program.open("file", 0), Ok(40));
        assert_eq!(program.stat(3, "new", 0), NOENT);
    }

    fn a_result_that_cannot_be_told_is_not_opened(program: &mut Program) {
        program.file("file", b"");
        let (at, len) = program.text("file");
        for out in [MEMORY - 3, MEMORY, u32::MAX] {
            assert_eq!(call!(program, path_open, 3_u32, 0_u32, at, len, 0_u32, READ, 0_u64, 0_u32, out), FAULT);
        }
        assert_eq!(call!(program, fd_close, 5_u32), BADF);
        assert_eq!(program.open("file", 0), Ok(5));
    }

    fn flags_of_descriptors(program: &mut Program) {
        // 1 appends; 2 to 16 synchronize or do not block.
        for flags in [0, 1, 2, 4, 16, 31] {
            let fd = program.open_with(3, "file", 0, CREAT, (ALL, ALL), flags).unwrap();
            assert_eq!(call!(program, fd_fdstat_get, fd, OUT), 0);
            assert_eq!((program.bytes(OUT, 1)[0], u32::from(program.u16(OUT + 2))), (4, flags));
            assert_eq!(program.write(fd, b"."), Ok(1));
            assert_eq!(call!(program, fd_close, fd), 0);
        }
        assert_eq!(program.stat(3, "file", 0), 0);
        assert_eq!(program.u64(DATA + 32), 3);
    }
}
