//! Bodies at the edges of validity.

use wasmote::{CompilationMode, Engine, Instance, Module, Proposal, Store, errors::ErrorKind};

use crate::{
    check,
    env::{EXTERN, Env, F32, FUNC, I32, I64},
    oracle::{Switches, Tally},
    random::{signed, unsigned},
};

/// A function of this type with a table and a memory of each kind, a global of each mutability.
fn env(params: &[u8], results: &[u8]) -> Env {
    Env {
        types: vec![(params.to_vec(), results.to_vec()), (vec![], vec![I32]), (vec![I32], vec![I32])],
        funcs: vec![0],
        tables: vec![(FUNC, false), (EXTERN, false), (FUNC, true)],
        memories: vec![false, true],
        globals: vec![(I32, false), (I32, true)],
        elements: vec![FUNC, EXTERN],
        data: 1,
        data_count: true,
        ..Env::default()
    }
}

/// Compares modules of one body, with everything enabled. Returns whether they are valid.
fn valid(env: &Env, body: &[u8]) -> bool {
    let mut tally = Tally::default();
    check(&mut tally, &env.module(&[body.to_vec()]), Switches::ALL, 0);
    tally.valid == 1
}

/// Like `valid`, for a function without parameters, results and locals. Adds the `end`.
fn valid_code(code: &[u8]) -> bool {
    valid(&env(&[], &[]), &[&[0], code, &[0x0b]].concat())
}

#[test]
fn numbers_have_their_lengths_and_ranges() {
    // Indices and offsets: any length up to five bytes, no bits beyond 32.
    for more in 0..12 {
        let mut code = vec![0x10];
        unsigned(&mut code, 0, more);
        assert_eq!(valid_code(&code), more <= 4, "call, {more} bytes more");
        // An address, then a load of another memory whose offset may have 64 bits.
        for (memory, address, bytes) in [(0, 0x41, 10), (1, 0x42, 10)] {
            let mut code = vec![address, 0, 0x28, 0x42, memory];
            unsigned(&mut code, 7, more);
            code.push(0x1a);
            assert_eq!(valid_code(&code), more < bytes, "offset, {more} bytes more");
        }
    }
    for last in 0..=0xff_u8 {
        let call = |last| valid_code(&[0x10, 0x80, 0x80, 0x80, 0x80, last]);
        assert_eq!(call(last), last == 0);
        valid_code(&[0x10, 0xff, 0xff, 0xff, 0xff, last]);
        valid_code(&[0x20, 0x80, 0x80, 0x80, last]);
        for first in [0x80, 0xff, 0xbf, 0xc0] {
            let ends = [0, 1, 0x3f, 0x40, 0x7f, 0x80, 0xff].contains(&last);
            for len in if ends { 0..11 } else { 4..5 } {
                for opcode in [0x41, 0x42] {
                    let mut code = vec![opcode];
                    code.extend(std::iter::repeat_n(first, len));
                    code.extend([last, 0x1a]);
                    let result = valid_code(&code);
                    // The sign fills the last byte of the longest form.
                    let (longest, bits) = if opcode == 0x41 { (4, 3) } else { (9, 0) };
                    if len == longest && last < 0x80 {
                        assert_eq!(result, last >> bits == 0 || last >> bits == 0x7f >> bits, "{code:02x?}");
                    }
                }
            }
        }
    }
    for value in [0, 1, -1, 63, 64, -64, -65, i64::from(i32::MAX), i64::from(i32::MIN), i64::MAX, i64::MIN] {
        for (opcode, fits) in [(0x41, i32::try_from(value).is_ok()), (0x42, true)] {
            let mut code = vec![opcode];
            signed(&mut code, value, 0);
            code.push(0x1a);
            assert_eq!(valid_code(&code), fits, "{value}");
        }
    }
}

#[test]
fn import_sections() {
    let module = |imports: &[u8]| {
        let section = |id: u8, content: &[u8]| [&[id, content.len() as u8], content].concat();
        [&b"\0asm\x01\0\0\0"[..], &section(1, &[1, 0x60, 0, 0]), &section(2, imports)].concat()
    };
    let valid = |imports: &[u8]| {
        let mut tally = Tally::default();
        check(&mut tally, &module(imports), Switches::ALL, 0);
        check(&mut Tally::default(), &module(imports), Switches::ALL.without(Proposal::CompactImports.into()), 0);
        tally.valid == 1
    };
    // An import, and two groups: items with a type each, and items of one type.
    let whole = [
        3, 1, b'a', 1, b'b', 0, 0, 1, b'c', 0, 0x7f, 2, 0, 3, I32, 0, 1, b'd', 2, 0, 1, 0, 0, 0x7e, 0, 0, 2, 0, 1, b'e',
    ];
    assert!(valid(&whole));
    for at in 0..whole.len() {
        assert!(!valid(&whole[..at]), "{at} bytes");
        let mut changed = whole;
        for byte in 0..=0xff {
            changed[at] = byte;
            valid(&changed);
        }
    }
}

#[test]
fn cut_anywhere() {
    let env = env(&[I32], &[I32]);
    let body = [
        1, 2, I64, 0x20, 0x80, 0, 0x41, 0xe4, 0, 0x36, 2, 0x80, 1, 0x20, 0, 0x04, I32, 0x42, 0xff, 0xff, 0, 0xa7, 0x05,
        0x43, 0, 0, 0, 0, 0xbc, 0x0b, 0x0e, 2, 0, 0, 0, 0x0b,
    ];
    assert!(!valid(&env, &body));
    let body = [&body[..30], &[0x20, 0, 0x0e, 2, 0, 0, 0, 0x0b]].concat();
    assert!(valid(&env, &body));
    for len in 0..body.len() {
        assert!(!valid(&env, &body[..len]), "{len} bytes");
        // Replaced by an `end`, or by more than that.
        valid(&env, &[&body[..len], &[0x0b]].concat());
        valid(&env, &[&body[..len], &body].concat());
    }
    for tail in [&[0x0b][..], &[0x00], &[0x01, 0x0b], &[0x80], &[0x05]] {
        assert!(!valid(&env, &[&body, tail].concat()), "{tail:?} after the end");
    }
}

#[test]
fn numbers_of_locals() {
    let with = |params: usize, runs: &[(u32, u8)]| {
        let mut body = Vec::new();
        unsigned(&mut body, runs.len() as u64, 0);
        for (count, ty) in runs {
            unsigned(&mut body, u64::from(*count), 0);
            body.push(*ty);
        }
        let total: u64 = params as u64 + runs.iter().map(|run| u64::from(run.0)).sum::<u64>();
        let env = env(&vec![I32; params], &[]);
        let valid_with = |code: &[u8]| valid(&env, &[&body[..], code, &[0x1a, 0x0b]].concat());
        let get = |local: u64| {
            let mut code = vec![0x20];
            unsigned(&mut code, local, 0);
            valid_with(&code)
        };
        assert!(total == 0 || get(total - 1) == (total <= 50_000), "{total}");
        assert!(!get(total), "{total}");
        valid_with(&[0x41, 0])
    };
    assert!(with(0, &[(50_000, I32)]));
    assert!(!with(0, &[(50_001, I32)]));
    assert!(with(3, &[(49_997, I32)]));
    assert!(!with(3, &[(49_998, I32)]));
    assert!(with(120, &[(300, I64), (0, F32), (20_000, F32), (29_580, I64)]));
    assert!(!with(1, &[(u32::MAX, I64)]));
    assert!(!with(0, &[(u32::MAX, I64), (1, I64)]));
    assert!(with(0, &[(0, 0x7b)]) && !with(0, &[(0, 0x79)]));
    assert!(with(0, &[(0, I32), (0, I32)]));
}

#[test]
fn types_at_the_borders_of_runs_of_locals() {
    let env = env(&[I32], &[]);
    for (local, ty) in [(0, I32), (1, I64), (255, I64), (256, F32), (257, F32), (299, F32), (300, I32), (301, I64)] {
        let mut body = vec![4, 0xff, 0x01, I64, 44, F32, 1, I32, 1, I64, 0x20];
        unsigned(&mut body, local, 0);
        for (expected, opcode) in [(I32, 0x45), (I64, 0x50), (F32, 0x8b)] {
            let body = [&body[..], &[opcode, 0x1a, 0x0b]].concat();
            assert_eq!(valid(&env, &body), expected == ty, "local {local}");
        }
    }
}

#[test]
fn control() {
    for (code, expected) in [
        // `if` without `else` leaves its parameters.
        (&[0x41, 0, 0x04, 0x40, 0x0b][..], true),
        (&[0x41, 0, 0x04, I32, 0x41, 0, 0x0b, 0x1a], false),
        (&[0x41, 0, 0x41, 0, 0x04, 2, 0x0b, 0x1a], true),
        (&[0x41, 0, 0x04, 1, 0x41, 0, 0x0b, 0x1a], false),
        (&[0x00, 0x04, I32, 0x00, 0x0b, 0x1a], false),
        // `else` and `end` without a block.
        (&[0x05], false),
        (&[0x02, 0x40, 0x05, 0x0b], false),
        (&[0x41, 0, 0x04, 0x40, 0x05, 0x05, 0x0b], false),
        (&[0x0b], false),
        (&[0x02, 0x40], false),
        // Branch tables of labels with equal and with different numbers of types.
        (&[0x02, 0x40, 0x41, 0, 0x0e, 1, 0, 1, 0x0b], true),
        (&[0x02, I32, 0x41, 0, 0x41, 0, 0x0e, 1, 0, 1, 0x0b, 0x1a], false),
        (&[0x02, I32, 0x02, I64, 0x00, 0x0e, 1, 0, 1, 0x0b, 0x00, 0x0b, 0x1a], true),
        (&[0x02, I32, 0x02, I64, 0x42, 0, 0x41, 0, 0x0e, 1, 0, 1, 0x0b, 0x00, 0x0b, 0x1a], false),
        (&[0x02, I32, 0x02, I64, 0x41, 0, 0x41, 0, 0x0e, 1, 0, 1, 0x0b, 0x00, 0x0b, 0x1a], false),
        (&[0x02, I32, 0x02, I64, 0x00, 0x41, 0, 0x41, 0, 0x0e, 1, 0, 1, 0x0b, 0x00, 0x0b, 0x1a], false),
        (&[0x02, I32, 0x02, I64, 0x00, 0x42, 0, 0x41, 0, 0x0e, 1, 0, 1, 0x0b, 0x00, 0x0b, 0x1a], false),
        (&[0x41, 0, 0x0e, 0, 1], false),
        (&[0x41, 0, 0x0e, 0x80, 0x80, 0x80, 0x08, 0], false),
        // A branch to a loop takes its parameters.
        (&[0x41, 0, 0x03, 2, 0x0d, 0, 0x41, 0, 0x0b, 0x1a], false),
        (&[0x41, 0, 0x03, 2, 0x41, 0, 0x0d, 0, 0x0b, 0x1a], true),
        (&[0x0c, 0xff, 0xff, 0xff, 0xff, 0x0f], false),
        (&[0x0c, 1], false),
        // Unreachable code accepts missing operands, but not wrong types.
        (&[0x00, 0x6a, 0x1a], true),
        (&[0x00, 0x41, 0, 0x6a, 0x1a], true),
        (&[0x00, 0x42, 0, 0x6a, 0x1a], false),
        (&[0x00, 0x1b, 0x45, 0x1a], true),
        (&[0x00, 0x42, 0, 0x41, 0, 0x1b, 0x45, 0x1a], false),
        (&[0x00, 0xd0, FUNC, 0x41, 0, 0x1b, 0x1a], false),
        (&[0x00, 0x41, 0, 0x41, 0], false),
        (&[0x02, 0x40, 0x00, 0x0b, 0x6a, 0x1a], false),
        (&[0x00, 0xd1, 0x1a], true),
        (&[0x00, 0x41, 0, 0xd1, 0x1a], false),
        (&[0x00, 0x0d, 0], true),
        // `select` with types.
        (&[0xd0, FUNC, 0xd0, FUNC, 0x41, 0, 0x1c, 1, FUNC, 0x1a], true),
        (&[0xd0, FUNC, 0xd0, FUNC, 0x41, 0, 0x1b, 0x1a], false),
        (&[0xd0, FUNC, 0xd0, EXTERN, 0x41, 0, 0x1c, 1, FUNC, 0x1a], false),
        (&[0x41, 0, 0x41, 0, 0x41, 0, 0x1c, 0, 0x1a], false),
        (&[0x41, 0, 0x41, 0, 0x41, 0, 0x1c, 2, I32, I32, 0x1a], false),
        (&[0x00, 0x1c, 1, 0x7b, 0x1a], true),
        (&[0x00, 0x1c, 1, 0x79, 0x1a], false),
        (&[0x00, 0x1c, 1, 0x63, FUNC, 0x1a], true),
        (&[0x00, 0x1c, 1, 0x64, FUNC, 0x1a], true),
        (&[0x00, 0x1c, 1, 0x63, 0, 0x1a], true),
        (&[0x00, 0x1c, 1, 0x6e, 0x1a], true),
        (&[0xd0, 0x71, 0x1a], true),
        (&[0xd0, 0x69, 0x1a], true),
        (&[0xd0, 0x68, 0x1a], false),
        (&[0xd0, 0x65, 0x70, 0x1a], false),
    ] {
        assert_eq!(valid_code(code), expected, "{code:02x?}");
    }
}

#[test]
fn memories_tables_globals() {
    for (code, expected) in [
        // Alignment up to the natural one; no flag except that of the memory index.
        (&[0x41, 0, 0x28, 2, 0, 0x1a][..], true),
        (&[0x41, 0, 0x28, 3, 0, 0x1a], false),
        (&[0x41, 0, 0x2d, 0, 0, 0x1a], true),
        (&[0x41, 0, 0x2d, 1, 0, 0x1a], false),
        (&[0x41, 0, 0x28, 0x10, 0, 0x1a], false),
        (&[0x41, 0, 0x28, 0x82, 0, 0, 0x1a], true),
        (&[0x41, 0, 0x28, 0x82, 1, 0, 0x1a], false),
        (&[0x41, 0, 0x28, 0x42, 0, 0, 0x1a], true),
        (&[0x42, 0, 0x28, 0x42, 1, 0, 0x1a], true),
        (&[0x41, 0, 0x28, 0x42, 1, 0, 0x1a], false),
        (&[0x41, 0, 0x28, 0x42, 2, 0, 0x1a], false),
        // Offsets beyond 32 bits, for large memories only.
        (&[0x41, 0, 0x28, 0, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x1a], true),
        (&[0x41, 0, 0x28, 0, 0x80, 0x80, 0x80, 0x80, 0x10, 0x1a], false),
        (&[0x42, 0, 0x28, 0x40, 1, 0x80, 0x80, 0x80, 0x80, 0x10, 0x1a], true),
        // A length has the smaller of the two address types.
        (&[0x41, 0, 0x42, 0, 0x41, 0, 0xfc, 0x0a, 0, 1], true),
        (&[0x42, 0, 0x41, 0, 0x41, 0, 0xfc, 0x0a, 1, 0], true),
        (&[0x42, 0, 0x42, 0, 0x41, 0, 0xfc, 0x0a, 1, 1], false),
        (&[0x42, 0, 0x42, 0, 0x42, 0, 0xfc, 0x0a, 1, 1], true),
        (&[0x41, 0, 0x42, 0, 0x41, 0, 0xfc, 0x0e, 0, 2], true),
        (&[0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 0x0e, 0, 1], false),
        (&[0x42, 0, 0x41, 0, 0x41, 0, 0xfc, 0x08, 0, 1], true),
        (&[0x42, 0, 0x41, 0, 0x42, 0, 0xfc, 0x08, 0, 1], false),
        (&[0xfc, 0x09, 0], true),
        (&[0xfc, 0x09, 1], false),
        (&[0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 0x0c, 0, 0], true),
        (&[0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 0x0c, 1, 0], false),
        (&[0xfc, 0x0d, 1], true),
        (&[0xfc, 0x0d, 2], false),
        // Calls through tables of functions only.
        (&[0x41, 0, 0x11, 0, 0], true),
        (&[0x41, 0, 0x11, 0, 1], false),
        (&[0x41, 0, 0x11, 0, 2], false),
        (&[0x42, 0, 0x11, 0, 2], true),
        (&[0x41, 0, 0x11, 3, 0], false),
        (&[0x41, 0, 0x13, 1, 0], false),
        (&[0x41, 0, 0x24, 0], false),
        (&[0x41, 0, 0x24, 1], true),
        (&[0x23, 2, 0x1a], false),
        // No export, global or segment names the function.
        (&[0xd2, 0, 0x1a], false),
    ] {
        assert_eq!(valid_code(code), expected, "{code:02x?}");
    }
    let uncounted = Env { data_count: false, ..env(&[], &[]) };
    assert!(!valid(&uncounted, &[0, 0xfc, 0x09, 0, 0x0b]));
    let declared = Env { declared: vec![0], ..env(&[], &[]) };
    assert!(valid(&declared, &[0, 0xd2, 0, 0x1a, 0x0b]));
}

#[test]
fn every_opcode_under_every_single_switch() {
    let mut tally = Tally::default();
    let env = Env { memories: vec![false], tables: vec![(FUNC, false)], elements: vec![], ..env(&[], &[]) };
    let env = Env { data: 0, data_count: false, ..env };
    let mut codes: Vec<Vec<u8>> = (0..=0xff).map(|opcode| vec![0x00, opcode, 0, 0]).collect();
    for prefix in [0xfb, 0xfc, 0xfd, 0xfe] {
        codes.extend((0..0x80).map(|opcode| vec![0x00, prefix, opcode, 0, 0]));
    }
    for off in 0..=Switches::COUNT {
        let switches = Switches::ALL.without(Switches(1 << off));
        for code in &codes {
            // Once with longer immediates.
            let tails = [&[0x00, 0x0b][..], &[0, 0, 0, 0, 0, 0, 0x0b, 0x0b]];
            for tail in &tails[..if off == Switches::COUNT { 2 } else { 1 }] {
                let body = [&[0], &code[..], tail].concat();
                check(&mut tally, &env.module(&[body]), switches, 0);
            }
        }
    }
    println!("{tally}");
    assert!(tally.valid > 1500 && tally.invalid_bodies > 2000, "{tally}");
}

#[test]
fn few_bytes_do_not_push_operands_without_end() {
    let env = Env { types: vec![(vec![], vec![I32; 1000])], ..env(&[], &[]) };
    let call = [0x10, 0];
    let block = [0x02, 0, 0x00, 0x0b];
    for (code, count) in [(&call[..], 3000), (&block, 3000), (&call, 3_000_000)] {
        let body = [&[0][..], &code.repeat(count), &[0x00, 0x0b]].concat();
        let wasm = env.module(&[body]);
        for mode in [CompilationMode::Eager, CompilationMode::LazyTranslation] {
            let mut config = wasmote::Config::default();
            config.compilation_mode(mode);
            let error = Module::new(&Engine::new(&config), &wasm).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::Translation(_)), "{error}");
        }
    }
}

#[test]
fn longest_body() {
    const LONGEST: usize = 7_654_321;
    for (len, func) in [(LONGEST, Some(0)), (LONGEST + 1, None)] {
        // Invalid at its start, so that it is refused early.
        let mut body = vec![0x01; len];
        body[..2].copy_from_slice(&[0, 0x1a]);
        let wasm = env(&[], &[]).module(&[body]);
        let error = Module::validate(&Engine::default(), &wasm).unwrap_err();
        let ErrorKind::Wasm(error) = error.kind() else { panic!("{error}") };
        assert_eq!(error.func_index(), func, "{error}");
        check(&mut Tally::default(), &wasm, Switches::ALL, 0);
    }
}

#[test]
fn a_lazily_validated_body_is_refused_when_it_is_called() {
    let mut env = Env { declared: vec![0], ..env(&[], &[I32]) };
    env.memories.truncate(1);
    for body in
        [&[0, 0x0b][..], &[0, 0x42, 0, 0x0b], &[1, 1], &[0, 0x41, 0], &[0, 0x41, 0x80], &[0, 0x10, 9, 0x0b], &[]]
    {
        let wasm = env.module(&[body.to_vec()]);
        let expected = Module::validate(&Engine::default(), &wasm).unwrap_err();
        let mut config = wasmote::Config::default();
        config.compilation_mode(CompilationMode::Lazy);
        let engine = Engine::new(&config);
        let module = Module::new(&engine, &wasm).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let func = instance.get_func(&store, "a").unwrap();
        for _ in 0..2 {
            let error = func.call(&mut store, &[], &mut [wasmote::Val::I32(0)]).unwrap_err();
            assert_eq!(error.to_string(), expected.to_string());
        }
    }
}
