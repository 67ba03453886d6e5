//! BLAKE3, whose names a minifier shortened: `e` is the constructors, `h` is `malloc`, `f` hashes at once.

use wasmote_programs::catalog;

use crate::library::Library;

/// Checks the hash of some bytes. The expected one is that of the test vectors of BLAKE3.
#[track_caller]
fn hashes(input: &[u8], expected: &str) {
    let Some(mut blake3) = Library::new(&catalog::BLAKE3, None, "b") else { return };
    let () = blake3.call("e", ());
    let len = u32::try_from(input.len()).unwrap();
    let from: u32 = blake3.call("h", len + 1);
    let to: u32 = blake3.call("h", 32_u32);
    blake3.write(from, input);
    let () = blake3.call("f", (from, len, to, 32_u32));
    let hash: String = blake3.read(to, 32).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hash, expected);
}

#[test]
fn hashes_a_word() {
    hashes(b"abc", "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85");
}

/// Hashes several chunks at once, one in each lane.
#[test]
fn hashes_100_kib() {
    let input: Vec<u8> = (0..251).cycle().take(100 << 10).collect();
    hashes(&input, "bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085");
}
