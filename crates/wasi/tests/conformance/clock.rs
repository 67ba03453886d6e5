//! `clock_*`.

use std::time::{Duration, SystemTime};

use wasmote_wasi::WasiCtxBuilder;

use crate::shim::{
    MEMORY, OUT, Program, call,
    errno::{FAULT, INVAL},
};

#[test]
fn system_clocks_run() {
    let mut program = Program::new(&mut WasiCtxBuilder::new());
    for id in 0..4_u32 {
        assert_eq!(call!(program, clock_res_get, id, OUT), 0);
        assert!(program.u64(OUT) > 0);
        assert_eq!(call!(program, clock_time_get, id, 0_u64, OUT), 0);
        assert_eq!(call!(program, clock_time_get, id, u64::MAX, OUT + 8), 0);
        assert!(program.u64(OUT + 8) >= program.u64(OUT));
    }
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos();
    assert_eq!(call!(program, clock_time_get, 0_u32, 0_u64, OUT), 0);
    assert!(u128::from(program.u64(OUT)).abs_diff(now) < 60_000_000_000);
}

#[test]
fn fixed_clocks_step() {
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(5);
    let mut program = Program::new(WasiCtxBuilder::new().fixed_clocks(start, Duration::from_millis(2)));
    for reading in 0..3_u64 {
        assert_eq!(call!(program, clock_time_get, 0_u32, 0_u64, OUT), 0);
        assert_eq!(program.u64(OUT), 5_000_000_000 + reading * 2_000_000);
    }
    assert_eq!(call!(program, clock_time_get, 1_u32, 0_u64, OUT), 0);
    assert_eq!(program.u64(OUT), 6_000_000);
    assert_eq!(call!(program, clock_res_get, 1_u32, OUT), 0);
    assert_eq!(program.u64(OUT), 2_000_000);
}

#[test]
fn unknown_clocks_and_bad_pointers_fail() {
    let mut program = Program::new(&mut WasiCtxBuilder::new());
    for id in [4_u32, u32::MAX] {
        assert_eq!(call!(program, clock_res_get, id, OUT), INVAL);
        assert_eq!(call!(program, clock_time_get, id, 0_u64, OUT), INVAL);
    }
    for pointer in [MEMORY - 7, MEMORY, u32::MAX] {
        assert_eq!(call!(program, clock_res_get, 0_u32, pointer), FAULT);
        assert_eq!(call!(program, clock_time_get, 1_u32, 0_u64, pointer), FAULT);
    }
    assert_eq!(call!(program, clock_time_get, 1_u32, 0_u64, MEMORY - 8), 0);
}
