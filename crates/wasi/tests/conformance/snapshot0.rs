//! The differences of `wasi_unstable`.

use wasmote::{Engine, Module};
use wasmote_wasi::{MemoryFileSystem, WasiCtxBuilder, WasiVersion};

use crate::shim::{
    DATA, Files, MEMORY, OUT, Program, call,
    errno::{FAULT, INVAL, OK},
};

fn program() -> Program {
    let files = MemoryFileSystem::new();
    files.write("file", "0123456789").unwrap();
    let ctx = WasiCtxBuilder::new().arg("old").preopened_memory(&files, "/").build().unwrap();
    Program::with(WasiVersion::Snapshot0, ctx, Files::Memory(files))
}

#[test]
fn seeks_count_the_origins_differently() {
    let mut program = program();
    let fd = program.open("file", 0).unwrap();
    for (offset, whence, position) in [(4, 2_u32, 4), (1, 0, 5), (-3, 1, 7), (0, 0, 7)] {
        assert_eq!(call!(program, fd_seek, fd, i64::cast_unsigned(offset), whence, OUT), OK);
        assert_eq!(program.u64(OUT), position);
    }
    assert_eq!(call!(program, fd_seek, fd, 0_u64, 3_u32, OUT), INVAL);
}

#[test]
fn stats_are_smaller() {
    let mut program = program();
    let fd = program.open("file", 0).unwrap();
    program.put(DATA, &[0xaa; 64]);
    assert_eq!(call!(program, fd_filestat_get, fd, DATA), OK);
    assert_eq!((program.bytes(DATA + 16, 1)[0], program.u32(DATA + 20), program.u64(DATA + 24)), (4, 1, 10));
    assert_eq!(program.bytes(DATA + 56, 8), [0xaa; 8]);
    let times = [32, 40, 48].map(|at| program.u64(DATA + at));
    assert!(times[0] <= times[1] && times[1] == times[2]);
    assert_eq!(call!(program, fd_filestat_get, fd, MEMORY - 56), OK);
    assert_eq!(call!(program, fd_filestat_get, fd, MEMORY - 55), FAULT);
    assert_eq!(program.stat(3, "file", 0), OK);
    assert_eq!(program.u64(DATA + 24), 10);
}

#[test]
fn subscriptions_are_larger() {
    let mut program = program();
    for (index, timeout) in [(0, 1_000_000), (1, u64::MAX)] {
        let mut bytes = [0; 56];
        bytes[..8].copy_from_slice(&(7 + u64::from(index)).to_le_bytes());
        bytes[24..28].copy_from_slice(&1_u32.to_le_bytes());
        bytes[32..40].copy_from_slice(&timeout.to_le_bytes());
        program.put(DATA + index * 56, &bytes);
    }
    assert_eq!(call!(program, poll_oneoff, DATA, DATA + 200, 2_u32, OUT), OK);
    assert_eq!((program.u32(OUT), program.u64(DATA + 200)), (1, 7));
    let mut bytes = [0; 56];
    bytes[8] = 1;
    bytes[16] = 1;
    program.put(DATA, &bytes);
    assert_eq!(call!(program, poll_oneoff, DATA, DATA + 200, 1_u32, OUT), OK);
    assert_eq!((program.u16(DATA + 208), program.bytes(DATA + 210, 1)[0]), (8, 1));
    assert_eq!(call!(program, poll_oneoff, MEMORY - 55, DATA, 1_u32, OUT), FAULT);
}

#[test]
fn the_rest_is_the_same() {
    let mut program = program();
    program.file("new", b"data");
    assert_eq!(program.contents("new").unwrap(), b"data");
    assert_eq!(call!(program, args_sizes_get, OUT, OUT + 4), OK);
    assert_eq!((program.u32(OUT), program.u32(OUT + 4)), (1, 4));
}

#[test]
fn versions_are_detected() {
    let detect = |wat: &str| WasiVersion::detect(&Module::new(&Engine::default(), wat).unwrap());
    let import = |name: &str| format!("(import \"{name}\" \"sched_yield\" (func (result i32)))");
    let (old, new) = (import("wasi_unstable"), import("wasi_snapshot_preview1"));
    assert_eq!(detect("(module)"), None);
    assert_eq!(detect(&format!("(module {})", import("env"))), None);
    assert_eq!(detect(&format!("(module {old})")), Some(WasiVersion::Snapshot0));
    assert_eq!(detect(&format!("(module {} {new})", import("env"))), Some(WasiVersion::Snapshot1));
    assert_eq!(detect(&format!("(module {old} {new})")), Some(WasiVersion::Snapshot1));
    assert_eq!(WasiVersion::Latest.module_name(), "wasi_snapshot_preview1");
}
