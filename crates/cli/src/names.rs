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

/// Returns the number of characters to insert, remove or replace to make one text of another.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<_> = to.chars().collect();
    let mut row: Vec<_> = (0..=to.len()).collect();
    for (i, char) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &other) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(char != other);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
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
    }
}
