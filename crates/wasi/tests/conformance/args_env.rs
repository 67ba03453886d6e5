//! `args_*` and `environ_*`.

use wasmote_wasi::WasiCtxBuilder;

use crate::shim::{MEMORY, OUT, Program, call, errno::FAULT};

fn program() -> Program {
    Program::new(WasiCtxBuilder::new().args(["app", "", "ünï"]).env("A", "1").envs([("B", "x=y"), ("A", "2")]))
}

#[test]
fn arguments_are_terminated_strings() {
    let mut program = program();
    assert_eq!(call!(program, args_sizes_get, OUT, OUT + 4), 0);
    assert_eq!((program.u32(OUT), program.u32(OUT + 4)), (3, 11));
    assert_eq!(call!(program, args_get, OUT, OUT + 64), 0);
    assert_eq!([0, 4, 8].map(|at| program.u32(OUT + at)), [OUT + 64, OUT + 68, OUT + 69]);
    assert_eq!(program.bytes(OUT + 64, 11), "app\0\0ünï\0".as_bytes());
}

#[test]
fn variables_are_pairs_and_the_last_value_counts() {
    let mut program = program();
    assert_eq!(call!(program, environ_sizes_get, OUT, OUT + 4), 0);
    assert_eq!((program.u32(OUT), program.u32(OUT + 4)), (2, 10));
    assert_eq!(call!(program, environ_get, OUT, OUT + 64), 0);
    assert_eq!(program.bytes(OUT + 64, 10), b"A=2\0B=x=y\0");
    assert_eq!((program.u32(OUT), program.u32(OUT + 4)), (OUT + 64, OUT + 68));
}

#[test]
fn without_any_nothing_is_touched() {
    let mut program = Program::new(&mut WasiCtxBuilder::new());
    assert_eq!(call!(program, args_sizes_get, OUT, OUT + 4), 0);
    assert_eq!(program.u64(OUT), 0);
    assert_eq!(call!(program, environ_get, OUT, OUT), 0);
    assert_eq!(call!(program, args_get, MEMORY, MEMORY), 0);
}

#[test]
fn pointers_are_checked() {
    let mut program = program();
    for (first, second) in [(MEMORY - 3, OUT), (OUT, MEMORY - 3), (u32::MAX, OUT), (OUT, u32::MAX)] {
        assert_eq!(call!(program, args_sizes_get, first, second), FAULT);
        assert_eq!(call!(program, environ_sizes_get, first, second), FAULT);
        assert_eq!(call!(program, args_get, first, second), FAULT);
        assert_eq!(call!(program, environ_get, first, second), FAULT);
    }
    // An exact fit is written.
    assert_eq!(call!(program, args_get, MEMORY - 12, MEMORY - 32), 0);
    assert_eq!(call!(program, args_get, MEMORY - 32, MEMORY - 11), 0);
}
