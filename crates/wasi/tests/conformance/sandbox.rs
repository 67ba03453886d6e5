//! No path leads out of its directory. Each of these paths was a vulnerability of some runtime.

use crate::shim::{
    ALL, CREAT, DATA, DIRECTORY, Files, OUT, Program, READ, TRUNC, WRITE, call,
    errno::{ISDIR, NOENT, OK, PERM},
    in_both,
};

/// Paths that lead out of directory 3.
const ESCAPES: [&str; 10] =
    ["..", "../", "../secret", "../ro/file", "./..", "dir/../..", "dir/../../secret", "/", "/etc/passwd", "//etc"];

/// Every function that takes a path fails.
fn refuses(program: &mut Program, path: &str) {
    for open in [0, CREAT, TRUNC, DIRECTORY] {
        for lookup in [0, 1] {
            let rights = if open == DIRECTORY { READ } else { READ | WRITE };
            assert_eq!(program.open_with(3, path, lookup, open, (rights, ALL), 0), Err(PERM), "{path}");
        }
    }
    for lookup in [0, 1] {
        assert_eq!(program.stat(3, path, lookup), PERM, "{path}");
        let (at, len) = program.text(path);
        assert_eq!(
            call!(program, path_filestat_set_times, 3_u32, lookup, at, len, 0_u64, 0_u64, 5_u32),
            PERM,
            "{path}"
        );
    }
    for name in ["path_create_directory", "path_remove_directory", "path_unlink_file"] {
        assert_ne!(program.on_path(name, 3, path), OK, "{name} {path}");
    }
    let (at, len) = program.text(path);
    assert_ne!(call!(program, path_readlink, 3_u32, at, len, DATA, 100_u32, OUT), OK, "{path}");
    for name in ["path_rename", "path_link"] {
        assert_ne!(program.on_paths(name, (3, path), (3, "new")), OK, "{name} {path}");
        assert_ne!(program.on_paths(name, (3, "file"), (3, path)), OK, "{name} {path}");
    }
    assert_ne!(program.symlink("file", path), OK, "{path}");
}

/// The directory, its parent, and the secret are unchanged.
fn unharmed(program: &mut Program) {
    assert_eq!(program.contents("file").unwrap(), b"data");
    assert_eq!(program.stat(3, "new", 0), NOENT);
    if let Files::Memory(files) = &program.files {
        assert_eq!(files.read("file").unwrap(), b"data");
    }
    if let Files::Host(dir) = &program.files {
        assert_eq!(std::fs::read(dir.path().join("secret")).unwrap(), b"secret");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 3);
    }
}

in_both! {
    fn dots_and_slashes(program: &mut Program) {
        program.file("file", b"data");
        assert_eq!(program.on_path("path_create_directory", 3, "dir"), OK);
        for path in ESCAPES {
            refuses(program, path);
        }
        unharmed(program);
        // Within the directory `..` is harmless.
        assert_eq!(program.stat(3, "dir/../file", 0), OK);
        assert_eq!(program.stat(3, "./dir/./..//file", 0), OK);
    }

    fn below_a_directory_that_was_opened(program: &mut Program) {
        program.file("file", b"data");
        assert_eq!(program.on_path("path_create_directory", 3, "dir"), OK);
        let dir = program.open_directory(3, "dir").unwrap();
        // Even if the program may see the file through another directory.
        assert_eq!(program.stat(dir, "../file", 0), PERM);
        assert_eq!(program.open_with(dir, "../file", 1, 0, (READ, 0), 0), Err(PERM));
        assert_eq!(program.open_with(dir, "..", 1, DIRECTORY, (READ, 0), 0), Err(PERM));
    }

    fn symbolic_links_made_by_the_program(program: &mut Program) {
        program.file("file", b"data");
        assert_eq!(program.on_path("path_create_directory", 3, "dir"), OK);
        // Absolute links are refused; relative ones are checked when they are followed.
        assert_eq!(program.symlink("/etc/passwd", "absolute"), PERM);
        assert_eq!(program.symlink("/", "absolute"), PERM);
        assert_eq!(program.symlink("../secret", "up"), OK);
        assert_eq!(program.symlink("..", "parent"), OK);
        assert_eq!(program.symlink("../../secret", "dir/up"), OK);
        assert_eq!(program.symlink("up", "indirect"), OK);
        for path in ["up", "dir/up", "indirect", "parent/secret", "parent/", "parent/ro/file"] {
            assert_eq!(program.open_with(3, path, 1, 0, (READ, 0), 0), Err(PERM), "{path}");
            // The slash at the end alone makes this invalid, whatever the rest of the path.
            let create = program.open_with(3, path, 1, CREAT, (READ | WRITE, 0), 0);
            assert!(create == Err(PERM) || (path.ends_with('/') && create == Err(ISDIR)), "{path} {create:?}");
            assert_eq!(program.open_with(3, path, 1, TRUNC, (WRITE, 0), 0), Err(PERM), "{path}");
            assert_eq!(program.stat(3, path, 1), PERM, "{path}");
            let (at, len) = program.text(path);
            assert_eq!(call!(program, path_filestat_set_times, 3_u32, 1_u32, at, len, 0_u64, 0_u64, 5_u32), PERM);
        }
        assert_eq!(program.open_directory(3, "parent"), Err(PERM));
        for name in ["path_create_directory", "path_remove_directory", "path_unlink_file"] {
            assert_eq!(program.on_path(name, 3, "parent/secret"), PERM);
        }
        for name in ["path_rename", "path_link"] {
            assert_eq!(program.on_paths(name, (3, "parent/secret"), (3, "new")), PERM);
            assert_eq!(program.on_paths(name, (3, "file"), (3, "parent/new")), PERM);
        }
        assert_eq!(program.symlink("file", "parent/new"), PERM);
        unharmed(program);
    }

    /// A link that is harmless in its first place is not after a move.
    fn symbolic_links_that_are_moved(program: &mut Program) {
        program.file("file", b"data");
        assert_eq!(program.on_path("path_create_directory", 3, "dir"), OK);
        assert_eq!(program.symlink("../file", "dir/link"), OK);
        assert_eq!(program.contents("dir/link").unwrap(), b"data");
        assert_eq!(program.on_paths("path_rename", (3, "dir/link"), (3, "link")), OK);
        assert_eq!(program.contents("link"), Err(PERM));
        // The directory may move too, while it is open.
        assert_eq!(program.on_path("path_create_directory", 3, "dir/inner"), OK);
        let inner = program.open_directory(3, "dir/inner").unwrap();
        assert_eq!(program.on_paths("path_rename", (3, "dir/inner"), (3, "inner")), OK);
        assert_eq!(program.stat(inner, "../file", 0), PERM);
    }

    /// Names of devices or streams of some system are plain names here, or are refused.
    fn odd_names(program: &mut Program) {
        for name in ["CON", "NUL", "COM1", "LPT¹", "aux.txt", "name.", "name ", "-", "~", "$HOME", "*", "\u{202e}"] {
            program.file(name, name.as_bytes());
            assert_eq!(program.contents(name).unwrap(), name.as_bytes());
        }
        if cfg!(not(windows)) {
            for name in ["C:", "C:\\x", "..\\secret", "file:stream", "\\\\?\\x"] {
                program.file(name, name.as_bytes());
                assert_eq!(program.contents(name).unwrap(), name.as_bytes());
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn symbolic_links_that_were_there() {
    use std::os::unix::fs::symlink;
    let mut program = Program::host();
    program.file("file", b"data");
    let Files::Host(dir) = &program.files else { unreachable!() };
    let rw = dir.path().join("rw");
    symlink("/etc/passwd", rw.join("absolute")).unwrap();
    symlink(dir.path().join("rw/file"), rw.join("own")).unwrap();
    symlink(dir.path(), rw.join("outside")).unwrap();
    for path in ["absolute", "own", "outside", "outside/secret", "outside/rw/file"] {
        assert_eq!(program.open_with(3, path, 1, 0, (READ, 0), 0), Err(PERM), "{path}");
        assert_eq!(program.stat(3, path, 1), PERM, "{path}");
    }
    // The program does not learn their targets on the host.
    let (at, len) = program.text("outside");
    assert_eq!(call!(program, path_readlink, 3_u32, at, len, DATA, 100_u32, OUT), PERM);
    // They are visible, and can be removed.
    assert_eq!(program.stat(3, "outside", 0), OK);
    assert_eq!(program.on_path("path_unlink_file", 3, "outside"), OK);
    assert_eq!(program.on_path("path_unlink_file", 3, "absolute"), OK);
    unharmed(&mut program);
}

/// A descriptor that is replaced is closed, not kept.
#[cfg(target_os = "linux")]
#[test]
fn renumbering_leaks_nothing() {
    let mut program = Program::host();
    program.file("file", b"data");
    let fd = program.open("file", 0).unwrap();
    let Files::Host(dir) = &program.files else { unreachable!() };
    let path = dir.path().join("rw/file").canonicalize().unwrap();
    let open = || {
        let fds = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
        fds.filter(|fd| std::fs::read_link(fd.path()).is_ok_and(|to| to == path)).count()
    };
    for _ in 0..100 {
        let again = program.open("file", 0).unwrap();
        assert_eq!(call!(program, fd_renumber, again, fd), OK);
    }
    assert_eq!(open(), 1);
    assert_eq!(call!(program, fd_close, fd), OK);
    assert_eq!(open(), 0);
}

/// A program cannot fill the host's memory with files.
#[test]
fn files_in_memory_are_limited() {
    use crate::shim::errno::{FBIG, NOSPC};
    let mut program = Program::memory();
    let fd = program.open("file", CREAT).unwrap();
    assert_eq!(call!(program, fd_filestat_set_size, fd, 1_u64 << 20), NOSPC);
    assert_eq!(call!(program, fd_filestat_set_size, fd, 1_u64 << 40), NOSPC);
    assert_eq!(call!(program, fd_filestat_set_size, fd, u64::MAX), FBIG);
    assert_eq!(call!(program, fd_allocate, fd, 1_u64 << 40, 1_u64 << 40), NOSPC);
    assert_eq!(call!(program, fd_seek, fd, 1_u64 << 50, 0_u32, OUT), OK);
    assert_eq!(program.write(fd, b"x"), Err(NOSPC));
    assert_eq!(call!(program, fd_filestat_set_size, fd, 1_u64 << 19), OK);
    // Names count too, and a removal frees their bytes.
    let full = (0..100_000).find(|index| program.on_path("path_create_directory", 3, format!("d{index}")) == NOSPC);
    let full = full.unwrap();
    assert!((500..5000).contains(&full), "{full}");
    for index in 0..full {
        assert_eq!(program.on_path("path_remove_directory", 3, format!("d{index}")), OK);
    }
    assert_eq!(program.on_path("path_unlink_file", 3, "file"), OK);
    assert_eq!(call!(program, fd_close, fd), OK);
    let fd = program.open("file", CREAT).unwrap();
    assert_eq!(call!(program, fd_filestat_set_size, fd, 1_000_000_u64), OK);
}
