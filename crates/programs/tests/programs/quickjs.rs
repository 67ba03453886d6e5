//! QuickJS as a library: the host calls it, it calls host functions, and those call it again.

use std::time::{Duration, SystemTime};

use wasmote_wasi::WasiCtxBuilder;

use crate::javascript::{Javascript, Thrown};

/// Evaluates scripts one after the other in one engine. Returns the result of each as a string.
#[track_caller]
fn evaluates(scripts: &[(&str, &str)]) {
    let Some(mut javascript) = Javascript::new(&mut WasiCtxBuilder::new()) else { return };
    for (script, expected) in scripts {
        assert_eq!(javascript.eval(script).as_deref(), Ok(*expected), "{script}");
    }
}

#[test]
fn evaluates_expressions() {
    evaluates(&[
        ("1 + 2", "3"),
        ("0.1 + 0.2", "0.30000000000000004"),
        ("[1, 2, 3].map(x => x ** 2).join()", "1,4,9"),
        ("(2n ** 100n).toString(36)", "3ewfdnca0n6ld1ggvfgg"),
        ("'ﬀ'.toUpperCase() + [...'a😀'].length", "FF2"),
        ("JSON.stringify({a: [1, null, 'é'], b: new Date(0)})", r#"{"a":[1,null,"é"],"b":"1970-01-01T00:00:00.000Z"}"#),
        ("'2026-11-21'.replace(/(?<y>\\d+)-(?<m>\\d+)-(?<d>\\d+)/u, '$<d>.$<m>.$<y>')", "21.11.2026"),
        ("Math.hypot(3, 4) + Math.cbrt(27) + Math.clz32(1)", "39"),
        ("let {a, ...rest} = {a: 1, b: 2, c: 3}; Object.keys(rest).join()", "b,c"),
        ("typeof globalThis.process", "undefined"),
    ]);
}

#[test]
fn keeps_its_state() {
    evaluates(&[
        ("function* fib() { let [a, b] = [0n, 1n]; for (;;) { yield a; [a, b] = [b, a + b]; } } 'ok'", "ok"),
        ("var numbers = fib(); for (let i = 0; i < 100; i++) numbers.next(); 'ok'", "ok"),
        ("numbers.next().value", "354224848179261915075"),
        ("var log = []; class A { #x = 1; get x() { return this.#x++; } } var a = new A(); a.x; a.x", "2"),
        ("new Proxy({}, {get: (_, name) => name + '!'}).hello", "hello!"),
        ("[5, 3, 9, 1].toSorted((a, b) => b - a) + ''", "9,5,3,1"),
        ("new Float32Array([0.1, 1e40, NaN]).join()", "0.10000000149011612,Infinity,NaN"),
    ]);
}

#[test]
fn throws() {
    let Some(mut javascript) = Javascript::new(&mut WasiCtxBuilder::new()) else { return };
    for (script, expected) in [
        ("null.x", "TypeError: cannot read property 'x' of null"),
        ("missing", "ReferenceError: missing is not defined"),
        ("throw new RangeError('far')", "RangeError: far"),
    ] {
        assert_eq!(javascript.eval(script), Err(Thrown(expected.into())), "{script}");
    }
    assert!(javascript.eval("1 +").is_err());
    assert_eq!(javascript.eval("try { null.x } catch (error) { error.name }").as_deref(), Ok("TypeError"));
}

/// The recursion depth of a script is limited only by the stack that the module keeps in its memory.
#[test]
fn recurses_as_deep_as_its_stack() {
    let Some(mut javascript) = Javascript::new(&mut WasiCtxBuilder::new()) else { return };
    javascript.limit_stack(512 << 10);
    let too_deep = Err(Thrown("RangeError: Maximum call stack size exceeded".into()));
    assert_eq!(javascript.eval("let depth = 0; (function f() { depth++; f(); })()"), too_deep);
    assert_eq!(javascript.eval("depth").as_deref(), Ok("2046"));
}

#[test]
fn runs_jobs() {
    let Some(mut javascript) = Javascript::new(&mut WasiCtxBuilder::new()) else { return };
    let script = "var order = [];
        (async () => { order.push('a'); await null; order.push('c'); })().then(() => order.push('d'));
        order.push('b'); order.join('')";
    assert_eq!(javascript.eval(script).as_deref(), Ok("ab"));
    assert!(javascript.run_jobs() > 0);
    assert_eq!(javascript.eval("order.join('')").as_deref(), Ok("abcd"));
}

#[test]
fn calls_the_host_that_calls_it_back() {
    let Some(mut javascript) = Javascript::new(&mut WasiCtxBuilder::new()) else { return };
    javascript.define("shout");
    assert_eq!(javascript.eval("shout('a', 1, {toString: () => 'b'}) + shout()").as_deref(), Ok("A 1 B!!"));
    assert_eq!(javascript.eval("['x', 'y'].map(x => shout(x)).join()").as_deref(), Ok("X!,Y!"));
    // The host function evaluates its argument, which calls it again.
    javascript.define("run");
    let nested = "run(\"run('1 + 1') + run('shout(7)')\")";
    assert_eq!(javascript.eval(nested).as_deref(), Ok("27!"));
    assert_eq!(javascript.calls(), ["shout", "shout", "shout", "shout", "run", "run", "run", "shout"]);
}

#[test]
fn is_interrupted() {
    let Some(mut javascript) = Javascript::new(&mut WasiCtxBuilder::new()) else { return };
    javascript.interrupt_after(3);
    assert_eq!(javascript.eval("for (;;);"), Err(Thrown("InternalError: interrupted".into())));
    javascript.interrupt_after(u32::MAX);
    assert_eq!(javascript.eval("1").as_deref(), Ok("1"));
}

#[test]
fn stays_within_its_memory() {
    let Some(mut javascript) = Javascript::new(&mut WasiCtxBuilder::new()) else { return };
    javascript.limit_memory(2 << 20);
    let script =
        "let all = []; try { for (;;) all.push(new Array(1000).fill(0)); } catch (error) { all = []; error.message }";
    assert_eq!(javascript.eval(script).as_deref(), Ok("out of memory"));
    assert_eq!(javascript.eval("'alive'").as_deref(), Ok("alive"));
}

#[test]
fn sees_the_clock_it_is_given() {
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let mut ctx = WasiCtxBuilder::new();
    ctx.fixed_clocks(start, Duration::from_nanos(1)).seeded_random(1);
    let Some(mut javascript) = Javascript::new(&mut ctx) else { return };
    assert_eq!(javascript.eval("new Date().toISOString()").as_deref(), Ok("2001-09-09T01:46:40.000Z"));
}

#[test]
#[ignore = "large"]
fn computes() {
    let sieve = "let n = 200000, sieve = new Uint8Array(n + 1), count = 0;
        for (let i = 2; i <= n; i++) { if (!sieve[i]) { count++; for (let j = i * 2; j <= n; j += i) sieve[j] = 1; } }
        count";
    let words = "let words = {}; let seed = 1;
        for (let i = 0; i < 50000; i++) {
            seed = (seed * 1103515245 + 12345) % 2147483648;
            let word = seed.toString(36).slice(-2); words[word] = (words[word] ?? 0) + 1;
        }
        Object.values(words).reduce((a, b) => a + b) + ' ' + Object.keys(words).length";
    evaluates(&[
        (sieve, "17984"),
        (words, "50000 199"),
        ("function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2) } fib(24)", "46368"),
        ("'a'.repeat(16).match(/^(a?){16}a{16}$/) !== null", "true"),
    ]);
}
