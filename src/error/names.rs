//! Names of modules in messages. They are arbitrary text, and must neither add lines to a message nor control the terminal
//! that shows it.

use core::fmt::{self, Write};

/// A name that displays with control characters and invisible characters escaped: line breaks, escape sequences, marks
/// that change the direction of text.
pub(crate) struct Escaped<'a>(pub(crate) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|char| match char {
            // Harmless, and frequent in names of symbols.
            '"' | '\'' | '\\' => f.write_char(char),
            _ => char.escape_debug().try_for_each(|char| f.write_char(char)),
        })
    }
}

#[cfg(test)]
mod tests {
    use alloc::{boxed::Box, format, string::ToString};

    use super::Escaped;
    use crate::{
        error::{
            backtrace::FrameInfo,
            kinds::{ImportName, LinkerError},
        },
        types::{ExternType, FuncType},
    };

    #[test]
    fn harmless_names_stay_as_they_are() {
        for name in ["", "add", "_ZN4core3fmt9Formatter17h0123E", "a::b<'c, \"d\">", "C:\\x", "größer", "日本"] {
            assert_eq!(Escaped(name).to_string(), name);
        }
    }

    #[test]
    fn control_characters_and_marks_of_direction_are_escaped() {
        let shown = |name| Escaped(name).to_string();
        assert_eq!(shown("two\nlines\r\t\0"), "two\\nlines\\r\\t\\0");
        assert_eq!(shown("\u{1b}[2J\u{7f}\u{9b}m"), "\\u{1b}[2J\\u{7f}\\u{9b}m");
        let marks = "\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}\u{61c}";
        assert!(shown(marks).is_ascii(), "{:?}", shown(marks));
        assert!(shown("\u{2028}\u{2029}\u{feff}\u{200b}").is_ascii());
    }

    #[test]
    fn messages_escape_names() {
        let name = ImportName::new("env\n", "ok`\nerror: \u{202e}forged");
        let missing = LinkerError::MissingDefinition { name, ty: ExternType::from(FuncType::new([], [])) };
        let message = missing.to_string();
        assert!(message.contains("`env\\n::ok`\\nerror: \\u{202e}forged`"), "{message}");
        let call = FrameInfo::new(3, Some(Box::from("\u{1b}[31mred\n")));
        assert_eq!(format!("{call}"), "\\u{1b}[31mred\\n (function 3)");
        assert_eq!(call.func_name(), Some("\u{1b}[31mred\n"), "the name itself is unchanged");
    }
}
