//! The folded form of the legacy `try`, which the parser does not know, in the flat form that it knows.
//!
//! ```text
//!   (try (result i32) (do …) (catch $e …) (catch_all …))      try (result i32) … catch $e … catch_all … end
//!   (try (do …) (delegate 0))                                 try … delegate 0
//! ```

use std::borrow::Cow;

/// What a parenthesis belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Other,
    Try {
        /// Whether it ends with `delegate`.
        delegates: bool,
    },
    /// A part of a `try`.
    Part,
}

/// Returns the script without folded `try`s. All lines stay where they are.
pub(crate) fn unfold(script: &str) -> Cow<'_, str> {
    if !script.contains("(try") {
        return script.into();
    }
    let mut text = String::with_capacity(script.len());
    let mut open = Vec::new();
    let mut rest = script;
    while let Some(first) = rest.chars().next() {
        let len = match first {
            '"' => string(rest),
            ';' if rest.starts_with(";;") => rest.find('\n').unwrap_or(rest.len()),
            '(' if rest.starts_with("(;") => comment(rest),
            '(' => {
                let keyword = rest[1..].split(|c: char| c.is_whitespace() || "();\"".contains(c)).next().unwrap_or("");
                let in_try = matches!(open.last(), Some(Open::Try { .. }));
                let (kind, replaced) = match keyword {
                    "try" => (Open::Try { delegates: false }, Some(keyword)),
                    "do" if in_try => (Open::Part, Some("")),
                    "catch" | "catch_all" if in_try => (Open::Part, Some(keyword)),
                    "delegate" if in_try => {
                        if let Some(Open::Try { delegates }) = open.last_mut() {
                            *delegates = true;
                        }
                        (Open::Part, Some(keyword))
                    }
                    _ => (Open::Other, None),
                };
                open.push(kind);
                if let Some(replaced) = replaced {
                    text.push(' ');
                    text.push_str(replaced);
                    rest = &rest[1 + keyword.len()..];
                    continue;
                }
                1
            }
            ')' => {
                let closed = match open.pop() {
                    Some(Open::Try { delegates: false }) => " end ",
                    Some(Open::Try { delegates: true } | Open::Part) => " ",
                    Some(Open::Other) | None => ")",
                };
                text.push_str(closed);
                rest = &rest[1..];
                continue;
            }
            first => first.len_utf8(),
        };
        text.push_str(&rest[..len]);
        rest = &rest[len..];
    }
    text.into()
}

/// Returns the length of the string that `text` begins with.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Returns the length of the comment that `text` begins with, which may contain others.
fn comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while let Some(found) = text[at..].find(['(', ';']) {
        at += found;
        match text.get(at..at + 2) {
            Some("(;") => depth += 1,
            Some(";)") => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::unfold;

    fn words(text: &str) -> String {
        unfold(text).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn folded_forms_become_flat() {
        assert_eq!(
            words("(func (try $t (result i32) (do (call 0)) (catch $e (drop)) (catch_all (nop))))"),
            "(func try $t (result i32) (call 0) catch $e (drop) catch_all (nop) end )"
        );
        assert_eq!(words("(try (do (try (do) (delegate 0))) (catch 0))"), "try try delegate 0 catch 0 end");
    }

    #[test]
    fn nothing_else_changes() {
        for text in
            ["(try_table (catch 0 0) (do))", "\"(try \\\" (do))\" (try_table)", "(; (try (; ;) ;) ;; (try\n(nop)"]
        {
            assert_eq!(unfold(text), text);
        }
        assert_eq!(unfold("(try\n(do)\n)").lines().count(), 3);
    }
}
