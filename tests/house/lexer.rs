//! Takes out of a source what is not code of the program: comments, literals and items that only tests have.
//!
//! Blanked bytes become spaces, so that places and lines stay the same.

pub(crate) fn is_word(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric()
}

/// Blanks comments and the contents of string and character literals.
pub(crate) fn without_prose(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let len = match rest {
            [b'/', b'/', ..] => rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len()),
            [b'/', b'*', ..] => block_comment(rest),
            [b'"', ..] => string(rest),
            [b'r', b'"' | b'#', ..] if at == 0 || !is_word(bytes[at - 1]) || bytes[at - 1] == b'b' => raw_string(rest),
            // A lifetime has no second quote where a character has one.
            [b'\'', b'\\', ..] => 3 + rest[3..].iter().position(|&b| b == b'\'').map_or(rest.len() - 3, |end| end + 1),
            [b'\'', ..] => character(&text[at + 1..]),
            _ => 0,
        };
        for byte in &mut code[at..at + len] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at += len.max(1);
    }
    String::from_utf8(code).expect("whole characters are blanked")
}

fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        match rest[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] if depth == 1 => return at + 2,
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    rest.len()
}

fn string(rest: &[u8]) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// The length of `r"…"` or `r#"…"#`, 0 for a raw identifier.
fn raw_string(rest: &[u8]) -> usize {
    let hashes = rest[1..].iter().take_while(|&&b| b == b'#').count();
    if rest.get(1 + hashes) != Some(&b'"') {
        return 0;
    }
    let mut end = vec![b'#'; hashes + 1];
    end[0] = b'"';
    let body = &rest[2 + hashes..];
    body.windows(end.len()).position(|w| w == end).map_or(rest.len(), |at| 2 + hashes + at + end.len())
}

/// The length of a character literal whose first quote is before `rest`, 0 for a lifetime.
fn character(rest: &str) -> usize {
    let mut chars = rest.chars();
    match (chars.next(), chars.next()) {
        (Some(c), Some('\'')) => c.len_utf8() + 2,
        _ => 0,
    }
}

/// Blanks each item after `#[cfg(test)]` or `#[cfg(all(test, …))]`.
pub(crate) fn without_tests(code: String) -> String {
    let mut bytes = code.into_bytes();
    for attribute in [&b"#[cfg(test)]"[..], b"#[cfg(all(test,"] {
        let mut at = 0;
        while at + attribute.len() <= bytes.len() {
            if bytes[at..].starts_with(attribute) {
                let end = at + item(&bytes[at..]);
                bytes[at..end].iter_mut().filter(|b| **b != b'\n').for_each(|b| *b = b' ');
            }
            at += 1;
        }
    }
    String::from_utf8(bytes).expect("whole characters are blanked")
}

/// The length of an item with its attributes: up to its `;` or the end of its `{…}`.
fn item(rest: &[u8]) -> usize {
    let (mut braces, mut brackets) = (0_u32, 0_u32);
    for (at, byte) in rest.iter().enumerate() {
        match byte {
            b'{' => braces += 1,
            b'}' if braces <= 1 => return at + 1,
            b'}' => braces -= 1,
            b'[' | b'(' => brackets += 1,
            b']' | b')' => brackets = brackets.saturating_sub(1),
            b';' if braces == 0 && brackets == 0 => return at + 1,
            _ => {}
        }
    }
    rest.len()
}
