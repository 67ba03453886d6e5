//! The time to load a module is linear in its bytes.

use std::{time::Duration, time::Instant};

use wasmote::{CompilationMode, Config, Engine, Module};
use wasmote_bombs::bytes::{leb, many_functions, module, section};

use crate::wasm::{
    br_table, high_stack, many_blocks, many_branches, nested_ifs, nested_loops, nesting, set_while_read,
    unreachable_code, with_body, with_thousand_results,
};

/// Returns the minimum time of a few loads.
fn load_time(wasm: &[u8]) -> Duration {
    let mut config = Config::default();
    config.compilation_mode(CompilationMode::Eager).wasm_compact_imports(true);
    let engine = Engine::new(&config);
    let attempt = |_| {
        let start = Instant::now();
        Module::new(&engine, wasm).unwrap();
        start.elapsed()
    };
    (0..2).map(attempt).min().unwrap()
}

/// Fails if a module of four times the size takes much more than four times the time.
fn assert_linear(name: &str, size: usize, wasm: impl Fn(usize) -> Vec<u8>) {
    const MOST: f64 = 6.0;
    let (one, four) = (wasm(size), wasm(4 * size));
    let mut ratios = Vec::new();
    for _ in 0..5 {
        let (one, four) = (load_time(&one), load_time(&four));
        let ratio = four.as_secs_f64() / one.as_secs_f64().max(1e-6);
        if ratio <= MOST {
            return;
        }
        ratios.push(format!("{one:?} -> {four:?}: {ratio:.1}"));
    }
    panic!("{name}: {ratios:?}");
}

#[test]
fn translation_is_linear() {
    assert_linear("br_table", 50_000, br_table);
    assert_linear("nesting", 25_000, nesting);
    assert_linear("loops", 25_000, nested_loops);
    assert_linear("ifs", 25_000, nested_ifs);
    assert_linear("blocks", 25_000, many_blocks);
    assert_linear("branches", 25_000, many_branches);
    assert_linear("set while read", 25_000, set_while_read);
    assert_linear("unreachable", 50_000, unreachable_code);
    assert_linear("operands", 10_000, high_stack);
    assert_linear("functions", 20_000, many_functions);
    assert_linear("locals", 12_000, |size| {
        // Each local is set and read again.
        let locals = [leb(size as u64), [1, 0x7f].repeat(size)].concat();
        let mut code = Vec::new();
        for i in 1..size as u64 {
            code.push(0x20);
            code.extend(leb(i - 1));
            code.push(0x21);
            code.extend(leb(i));
        }
        code.extend([0x20, 0, 0x0b]);
        with_body(&locals, &code)
    });
    assert_linear("blocks with locals", 6000, |size| {
        // Many locals, one of them on the operand stack, and many blocks.
        let locals = [vec![1], leb(size as u64), vec![0x7f]].concat();
        let mut code = vec![0x20, 1];
        code.extend([0x02, 0x40, 0x20, 0, 0x0d, 0, 0x20, 0, 0x21, 1, 0x0b].repeat(size));
        code.push(0x0b);
        with_body(&locals, &code)
    });
    assert_linear("operands and blocks", 4000, |size| {
        // Operands on the stack below many blocks.
        let mut code = [0x20, 0].repeat(size);
        code.extend([0x02, 0x40, 0x20, 0, 0x0d, 0, 0x0b].repeat(size));
        code.extend([0x6a].repeat(size - 1));
        code.push(0x0b);
        with_body(&[0], &code)
    });
    assert_linear("operands and sets", 4000, |size| {
        let mut code = [0x20, 0].repeat(size);
        code.extend([0x41, 5, 0x21, 0].repeat(size));
        code.extend([0x6a].repeat(size - 1));
        code.push(0x0b);
        with_body(&[0], &code)
    });
    assert_linear("constants", 20_000, |size| {
        let mut code = vec![0x42, 0];
        for i in 0..size as u64 {
            code.push(0x42);
            code.extend(leb(i * 0x1_0001 % (1 << 40)).iter().copied());
            code.push(0x7c);
        }
        code.extend([0x1a, 0x20, 0, 0x0b]);
        with_body(&[0], &code)
    });
    assert_linear("branches with a thousand values", 800, |size| {
        let mut code = vec![0x02, 1];
        code.extend([0x20, 0].repeat(1000));
        code.extend([0x20, 0, 0x0d, 0].repeat(size));
        code.push(0x0b);
        code.extend([0x1a].repeat(1000));
        code.extend([0x20, 0, 0x0b]);
        with_thousand_results(&code)
    });
    assert_linear("br_table with a thousand values", 2500, |size| {
        let mut code = vec![0x02, 1, 0x02, 1];
        code.extend([0x20, 0].repeat(1001));
        code.push(0x0e);
        code.extend(leb(size as u64));
        code.extend((0..=size).map(|i| (i % 2) as u8));
        code.extend([0x0b, 0x0b]);
        code.extend([0x1a].repeat(1000));
        code.extend([0x20, 0, 0x0b]);
        with_thousand_results(&code)
    });
    assert_linear("branches with values", 25_000, |size| {
        let mut code = vec![0x02, 0x7f, 0x41, 0];
        code.extend([0x20, 0, 0x0d, 0].repeat(size));
        code.extend([0x0b, 0x0b]);
        with_body(&[0], &code)
    });
}

#[test]
fn loading_is_linear() {
    let count = |size: usize| leb(size as u64);
    assert_linear("types", 20_000, |size| {
        // All types differ: the parameters encode the number of the type.
        let mut types = count(size);
        for i in 0..size {
            types.extend([0x60, 20]);
            types.extend((0..20).map(|bit| if i >> bit & 1 == 0 { 0x7f } else { 0x7e }));
            types.push(0);
        }
        module(&[section(1, &types)])
    });
    assert_linear("imports", 20_000, |size| {
        let import = [1, b'm', 1, b'n', 0, 0];
        module(&[section(1, &[1, 0x60, 0, 0]), section(2, &[count(size), import.repeat(size)].concat())])
    });
    assert_linear("imports that share a long name", 20_000, |size| {
        // A group of functions with empty names: one byte for each import.
        let group = [count(size), vec![b'm'; size], vec![0, 0x7e, 0, 0], count(size), vec![0; size]].concat();
        module(&[section(1, &[1, 0x60, 0, 0]), section(2, &[vec![1], group].concat())])
    });
    assert_linear("exports", 20_000, |size| {
        let mut exports = count(size);
        for i in 0..size {
            let name = format!("{i}");
            exports.extend([vec![name.len() as u8], name.into_bytes(), vec![3, 0]].concat());
        }
        module(&[section(6, &[1, 0x7f, 0, 0x41, 0, 0x0b]), section(7, &exports)])
    });
    assert_linear("globals", 20_000, |size| {
        module(&[section(6, &[count(size), [0x7f, 0, 0x41, 0, 0x0b].repeat(size)].concat())])
    });
    assert_linear("data", 20_000, |size| {
        module(&[section(5, &[1, 0, 1]), section(11, &[count(size), [1, 1, 7].repeat(size)].concat())])
    });
    assert_linear("elements", 20_000, |size| {
        let func = [section(1, &[1, 0x60, 0, 0]), section(3, &[1, 0]), section(4, &[1, 0x70, 0, 1])].concat();
        let elements = [count(size), [1, 0, 1, 0].repeat(size)].concat();
        module(&[func, section(9, &elements), section(10, &[1, 2, 0, 0x0b])])
    });
    assert_linear("custom sections", 20_000, |size| module(&vec![section(0, &[1, b'c', 7]); size]));
    assert_linear("large data", 1 << 20, |size| {
        let data = [vec![1, 1], count(size), vec![7; size]].concat();
        module(&[section(5, &[1, 0, 1]), section(11, &data)])
    });
}
