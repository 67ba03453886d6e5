//! Names and texts of modules and scripts, which must neither forge lines of the output nor command the terminal.

/// Returns a name with control characters and invisible characters escaped, line breaks included.
pub(crate) fn escape(name: &str) -> String {
    let mut escaped = String::with_capacity(name.len());
    for char in name.chars() {
        if matches!(char, '"' | '\'' | '\\') {
            escaped.push(char);
        } else {
            escaped.extend(char.escape_debug());
        }
    }
    escaped
}

/// Returns a text with the same characters escaped, except for line breaks and tabs.
pub(crate) fn escape_lines(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for part in text.split_inclusive(['\n', '\t']) {
        let end = part.strip_suffix(['\n', '\t']).map_or(part.len(), str::len);
        escaped.push_str(&escape(&part[..end]));
        escaped.push_str(&part[end..]);
    }
    escaped
}

/// Returns the candidate that is most similar to a name, if one is similar enough to be meant.
pub(crate) fn similar<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most = (name.chars().count() / 3).max(1);
    let distances = candidates.into_iter().map(|candidate| (distance(name, candidate), candidate));
    distances.filter(|&(distance, _)| distance <= most).min_by_key(|&(distance, _)| distance).map(|(_, found)| found)
}

/// Returns the number of characters to insert, remove or replace, or to swap with the next one, to make one text of another.
fn distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<_>, Vec<_>) = (from.chars().collect(), to.chars().collect());
    // Row `i` has the distances of the first `i` characters to all beginnings of `to`.
    let mut before = Vec::new();
    let mut row: Vec<_> = (0..=to.len()).collect();
    for (i, &char) in from.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, &other) in to.iter().enumerate() {
            let mut least = (row[j] + usize::from(char != other)).min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && char == to[j - 1] && from[i - 1] == other {
                least = least.min(before[j - 1] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::{distance, escape, escape_lines, similar};

    #[test]
    fn terminals_get_no_commands() {
        assert_eq!(escape("a\u{1b}[31m\nb\tc"), "a\\u{1b}[31m\\nb\\tc");
        assert_eq!(escape("left\u{202e}right\u{2066}\u{200f}"), "left\\u{202e}right\\u{2066}\\u{200f}");
        assert_eq!(escape("it's \"größer\" \\ 日本"), "it's \"größer\" \\ 日本");
        assert_eq!(escape_lines("a\tb\n\u{1b}c\r\nd"), "a\tb\n\\u{1b}c\\r\nd");
        assert_eq!(escape_lines(""), "");
    }

    #[test]
    fn similar_names_are_found() {
        assert_eq!(similar("ad", ["fac", "add", "sub"]), Some("add"));
        assert_eq!(similar("factorial", ["factroial", "add"]), Some("factroial"));
        assert_eq!(similar("x", ["add", "fac"]), None);
        assert_eq!(similar("add", []), None);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!((distance("rnu", "run"), distance("fcatroial", "factorial")), (1, 2));
        assert_eq!(similar("rnu", ["wast", "run", "dump"]), Some("run"));
    }
}
