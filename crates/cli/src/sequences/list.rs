//! The list of sequences in the library's sources, `src/ir/frequent.rs`.

use crate::sequences::ops::{Ops, Sequence};

/// The lines between which the sequences stand.
const BEGIN: &str = "        $consumer! {\n";
const END: &str = "        }\n";
/// What stands before the sequences of a line.
const INDENT: &str = "            ";
/// The most columns of a line.
const MAX_COLUMNS: usize = 116;

/// What stands before the list in a file, the list, and the rest.
fn split(file: &str) -> Option<[&str; 3]> {
    let begin = file.find(BEGIN)? + BEGIN.len();
    let end = begin + if file[begin..].starts_with(END) { 0 } else { file[begin..].find(&format!("\n{END}"))? + 1 };
    Some([&file[..begin], &file[begin..end], &file[end..]])
}

/// The sequences of a file; none if there is no list, or an op in it that there is not.
pub(super) fn read(file: &str, ops: &Ops) -> Option<Vec<Sequence>> {
    let [_, list, _] = split(file)?;
    let items = list.split(';').map(str::trim).filter(|item| !item.is_empty());
    items.map(|item| ops.sequence(item.split_whitespace())).collect()
}

/// The file with these sequences instead of its own; none if it has no list.
pub(super) fn replace(file: &str, sequences: &[Sequence], ops: &Ops) -> Option<String> {
    let [before, _, behind] = split(file)?;
    let mut text = before.to_owned();
    let mut column = 0;
    let mut row_before = None;
    for sequence in sequences {
        let item = ops.text(sequence) + ";";
        let row = ops.row(sequence[0]);
        // Those that begin with the same row stand together.
        if column != 0 && row_before == Some(row) && column + 1 + item.len() <= MAX_COLUMNS {
            text.push(' ');
            column += 1;
        } else {
            text.push_str(if column == 0 { "" } else { "\n" });
            text.push_str(INDENT);
            column = INDENT.len();
        }
        text.push_str(&item);
        column += item.len();
        row_before = Some(row);
    }
    text.push_str(if column == 0 { "" } else { "\n" });
    Some(text + behind)
}

/// Sorts sequences as they stand in the list, and takes out what is there twice.
pub(super) fn sort(sequences: &mut Vec<Sequence>, ops: &Ops) {
    sequences.sort_by_cached_key(|sequence| ops.text(sequence) + ";");
    sequences.dedup();
}

#[cfg(test)]
mod tests {
    use super::{read, replace, sort};
    use crate::sequences::ops::Ops;

    const EMPTY: &str = "//! What stands first.\n\n        $consumer! {\n        }\n    };\n}\n";

    #[test]
    fn what_is_written_is_read_again() {
        let ops = Ops::new();
        let mut sequences: Vec<_> =
            ["i32_add.rss copy.sr", "i32_add.rss copy.sr call.x", "copy.ss br.x", "copy.ss br.x"]
                .into_iter()
                .filter_map(|names| ops.sequence(names.split(' ')))
                .collect();
        sort(&mut sequences, &ops);
        let file = replace(EMPTY, &sequences, &ops).expect("a list");
        let expected = "            copy.ss br.x;\n            i32_add.rss copy.sr call.x; i32_add.rss copy.sr;\n";
        assert_eq!(file, EMPTY.replace("{\n", &format!("{{\n{expected}")));
        assert_eq!(read(&file, &ops), Some(sequences));
        assert_eq!(replace(&file, &[], &ops).as_deref(), Some(EMPTY));
        assert_eq!(replace("fn main() {}", &[], &ops), None);
        assert_eq!(read(&file.replace("br.x", "br.q"), &ops), None);
    }

    #[test]
    fn the_list_of_the_library_is_as_it_is_written() {
        let ops = Ops::new();
        let file = include_str!("../../../../src/ir/frequent.rs");
        let mut sequences = read(file, &ops).expect("a list of ops that there are");
        sort(&mut sequences, &ops);
        assert_eq!(replace(file, &sequences, &ops).as_deref(), Some(file));
    }
}
