//! Hostile arguments: the host does not panic, and its own files stay unchanged.

use crate::shim::{
    Arg, CREAT, DATA, FUNCTIONS, MEMORY, OUT, Program, call,
    errno::{FAULT, INVAL, OK},
    in_both,
};

/// Numbers near every limit.
const NUMBERS: [u64; 16] = [
    0,
    1,
    2,
    3,
    4,
    5,
    7,
    0x100,
    MEMORY as u64 - 8,
    MEMORY as u64 - 1,
    MEMORY as u64,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    i64::MAX as u64,
    u64::MAX,
];

/// A call that takes a descriptor, and the address and length of an array of buffers.
type Call = fn(&mut Program, u32, u32, u32) -> i32;

/// A generator of numbers (`xorshift64`).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn pick(&mut self) -> u64 {
        match self.next() % 4 {
            0 => self.next(),
            1 => self.next() % u64::from(MEMORY),
            2 => self.next() % 8,
            _ => NUMBERS[(self.next() % 16) as usize],
        }
    }
}

/// Calls all functions with random numbers.
fn storm(program: &mut Program, seed: u64, calls: u32) {
    let mut numbers = Numbers(seed);
    let names = [b"../../x", b"a/b/c/d", b"file\0\0\0", b"/etc/pw", b"\xff\xfe\xfd\xfc\0\0\0"];
    for _ in 0..calls {
        for _ in 0..4 {
            let at = (numbers.next() % u64::from(MEMORY - 8)) as u32;
            match numbers.next() % 3 {
                0 => program.put(at, &numbers.pick().to_le_bytes()),
                1 => program.put(at, names[(numbers.next() % 5) as usize]),
                _ => program.put(at & !7, &[(at >> 4) as u8 & 0xf, 0, 0, 0, 4, 0, 0, 0]),
            }
        }
        let (name, params) = FUNCTIONS[(numbers.next() % 46) as usize];
        // To wait for a year is not an error.
        if name == "poll_oneoff" {
            continue;
        }
        let args: Vec<_> = params
            .chars()
            .map(|kind| {
                let number = numbers.pick();
                if kind == 'i' { Arg::I32(number as u32) } else { Arg::I64(number) }
            })
            .collect();
        // To grow a file of the host until its disk is full is not an error either.
        if matches!(name, "fd_allocate" | "fd_filestat_set_size" | "fd_pwrite") {
            continue;
        }
        let _ = program.try_call(name, &args);
    }
}

in_both! {
    fn a_storm_of_calls(program: &mut Program) {
        for seed in 1..9 {
            program.file("file", b"data");
            storm(program, seed * 0x9e37_79b9_7f4a_7c15, 2000);
            // A call may have closed or replaced the directories.
            if program.stat(3, ".", 0) != OK {
                break;
            }
        }
    }

    fn each_function_with_each_number(program: &mut Program) {
        for (name, params) in FUNCTIONS {
            if matches!(name, "fd_close" | "fd_renumber" | "poll_oneoff" | "fd_allocate" | "fd_filestat_set_size") {
                continue;
            }
            for number in NUMBERS {
                let arg = |kind| if kind == 'i' { Arg::I32(number as u32) } else { Arg::I64(number) };
                let args: Vec<_> = params.chars().map(arg).collect();
                let _ = program.try_call(name, &args);
            }
        }
        assert_eq!(program.stat(3, ".", 0), OK);
    }

    fn arrays_of_buffers(program: &mut Program) {
        let fd = program.open("file", CREAT).unwrap();
        assert_eq!(program.write(fd, b"0123456789"), Ok(10));
        let calls: [Call; 4] = [
            |program, fd, at, count| call!(program, fd_read, fd, at, count, OUT),
            |program, fd, at, count| call!(program, fd_write, fd, at, count, OUT),
            |program, fd, at, count| call!(program, fd_pread, fd, at, count, 0_u64, OUT),
            |program, fd, at, count| call!(program, fd_pwrite, fd, at, count, 0_u64, OUT),
        ];
        for call in calls {
            // Too many buffers, at any address.
            for count in [1025, 0x1fff_ffff, 0x2000_0000, u32::MAX] {
                assert_eq!(call(program, fd, DATA, count), INVAL);
                assert_eq!(call(program, fd, u32::MAX, count), INVAL);
            }
            // Arrays that end beyond the memory.
            for (at, count) in [(MEMORY - 7, 1), (MEMORY - 8, 2), (MEMORY, 1), (u32::MAX, 1), (u32::MAX - 7, 2)] {
                assert_eq!(call(program, fd, at, count), FAULT);
            }
            // Buffers that end beyond it, also after ones that do not.
            for bad in [(MEMORY - 1, 2), (MEMORY, 1), (u32::MAX, 1), (0, u32::MAX), (u32::MAX, u32::MAX)] {
                program.buffers(&[bad]);
                let (at, count) = program.buffers(&[(DATA, 4), bad]);
                assert_eq!(call(program, fd, at, count), FAULT);
                assert_eq!(call(program, fd, at + 8, 1), FAULT);
            }
            // No buffers, or empty ones at the end of the memory.
            assert_eq!(call(program, fd, DATA, 0), OK);
            assert_eq!(program.u32(OUT), 0);
            let (at, count) = program.buffers(&[(MEMORY, 0), (DATA, 0)]);
            assert_eq!(call(program, fd, at, count), OK);
        }
        // Failed calls have written nothing.
        assert_eq!(program.contents("file").unwrap(), b"0123456789");
    }

    /// Lengths whose sum overflows are refused before any effect.
    fn lengths_that_overflow(program: &mut Program) {
        let fd = program.open("file", CREAT).unwrap();
        // 1024 buffers of the whole memory are 64 MiB, the most here.
        for index in 0..1024 {
            program.put(DATA + index * 8, &0_u32.to_le_bytes());
            program.put(DATA + index * 8 + 4, &1024_u32.to_le_bytes());
        }
        let errno = call!(program, fd_write, fd, DATA, 1024_u32, OUT);
        assert!(errno == OK && program.u32(OUT) <= 1 << 20);
    }

    /// A read may overwrite the array of its buffers.
    fn buffers_over_their_own_array(program: &mut Program) {
        program.file("file", &[0xff; 64]);
        let fd = program.open("file", 0).unwrap();
        let (at, count) = program.buffers(&[(0x200, 16), (DATA, 16)]);
        assert_eq!(at, 0x200);
        let errno = call!(program, fd_read, fd, at, count, OUT);
        // The first buffer has been filled, which has made the second one invalid.
        assert_eq!((errno, program.u32(OUT)), (OK, 16));
    }

    fn results_at_the_end_of_memory(program: &mut Program) {
        let fd = program.open("file", CREAT).unwrap();
        assert_eq!(program.write(fd, b"x"), Ok(1));
        let (at, count) = program.buffers(&[(DATA, 1)]);
        for out in [MEMORY - 3, MEMORY, u32::MAX] {
            assert_eq!(call!(program, fd_write, fd, at, count, out), FAULT);
            assert_eq!(call!(program, fd_pwrite, fd, at, count, 9_u64, out), FAULT);
            assert_eq!(call!(program, fd_read, fd, at, count, out), FAULT);
            assert_eq!(call!(program, fd_pread, fd, at, count, 0_u64, out), FAULT);
            assert_eq!(call!(program, fd_fdstat_get, fd, out), FAULT);
        }
        assert_eq!(call!(program, fd_pread, fd, at, count, 0_u64, MEMORY - 4), OK);
        assert_eq!(program.u32(MEMORY - 4), 1);
        assert_eq!(call!(program, fd_fdstat_get, fd, MEMORY - 24), OK);
        // The failed call has written nothing.
        assert_eq!(program.contents("file").unwrap(), b"x");
    }
}

/// The host needs descriptors too, and systems usually let a process have 1024.
#[test]
fn descriptors_are_fewer_than_the_host_has() {
    let files = wasmote_wasi::MemoryFileSystem::new();
    files.write("file", "").unwrap();
    let mut program = Program::new(wasmote_wasi::WasiCtxBuilder::new().preopened_memory(&files, "/"));
    let last = (0..1024).map_while(|_| program.open("file", 0).ok()).last();
    assert_eq!(last, Some(511));
    assert_eq!(program.open("file", 0), Err(crate::shim::errno::MFILE));
}
