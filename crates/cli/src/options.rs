//! Values of options: sizes, times, directories, variables.

use std::{path::PathBuf, str::FromStr, time::Duration};

/// A number of bytes, with or without a suffix.
pub(crate) fn byte_size(text: &str) -> Result<usize, String> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let shift = match suffix.to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "kib" => 10,
        "mib" => 20,
        "gib" => 30,
        _ => return Err("expected a number of bytes, or one with the suffix KiB, MiB or GiB".into()),
    };
    let number: usize = number.parse().map_err(|_| "expected a number of bytes that fits the address space")?;
    number.checked_mul(1 << shift).ok_or_else(|| "more bytes than the address space has".into())
}

/// A time span: a decimal number and a unit, seconds if there is none.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    const EXPECTED: &str = "expected a number with one of the units ms, s, m and h, like 500ms or 1.5s";
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = match unit {
        "ms" => 1e-3,
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return Err(EXPECTED.into()),
    };
    let number: f64 = number.parse().map_err(|_| EXPECTED)?;
    let duration = Duration::try_from_secs_f64(number * unit).map_err(|_| "that is too long")?;
    if duration.is_zero() { Err("that is no time at all".into()) } else { Ok(duration) }
}

/// A directory of the host that a program gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Preopen {
    /// Its path on the host
    pub(crate) host: PathBuf,
    /// Its path for the program
    pub(crate) guest: String,
    /// Whether the program can change nothing in it
    pub(crate) read_only: bool,
}

impl FromStr for Preopen {
    type Err = String;

    /// Parses `HOST[::GUEST][:ro]`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (paths, read_only) = match text.strip_suffix(":ro") {
            Some(paths) => (paths, true),
            None => (text.strip_suffix(":rw").unwrap_or(text), false),
        };
        let (host, guest) = paths.split_once("::").unwrap_or((paths, paths));
        if host.is_empty() || guest.is_empty() {
            return Err("expected HOST or HOST::GUEST, then perhaps :ro".into());
        }
        Ok(Self { host: host.into(), guest: guest.into(), read_only })
    }
}

/// A variable of a program's environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Variable {
    pub(crate) name: String,
    /// None for that of this process
    pub(crate) value: Option<String>,
}

impl FromStr for Variable {
    type Err = String;

    /// Parses `NAME=VALUE` or `NAME`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (text, None),
        };
        if name.is_empty() {
            return Err("expected NAME=VALUE or NAME".into());
        }
        Ok(Self { name: name.into(), value })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Preopen, Variable, byte_size, duration};

    #[test]
    fn sizes() {
        assert_eq!(byte_size("65536"), Ok(65536));
        assert_eq!(byte_size("64KiB"), Ok(65536));
        assert_eq!(byte_size("1mib"), Ok(1 << 20));
        assert!(byte_size("").is_err());
        assert!(byte_size("KiB").is_err());
        assert!(byte_size("64 KB").is_err());
        assert!(byte_size("-1").is_err());
        assert!(byte_size("99999999999GiB").is_err());
    }

    #[test]
    fn durations() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("2s"), Ok(Duration::from_secs(2)));
        assert_eq!(duration("1.5"), Ok(Duration::from_millis(1500)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(duration("1h"), Ok(Duration::from_secs(3600)));
        for text in ["", "s", "0", "0ms", "-1s", "1 s", "1d", "1..5s", "nan", "inf", "1e3s"] {
            assert!(duration(text).is_err(), "{text}");
        }
        assert!(duration(&"9".repeat(400)).is_err());
    }

    #[test]
    fn directories() {
        let parse = |text: &str| {
            let Preopen { host, guest, read_only } = text.parse().ok()?;
            Some((host.to_str()?.to_owned(), guest, read_only))
        };
        let some = |host: &str, guest: &str, read_only| Some((host.to_owned(), guest.to_owned(), read_only));
        assert_eq!(parse("."), some(".", ".", false));
        assert_eq!(parse(".:ro"), some(".", ".", true));
        assert_eq!(parse("a::/b"), some("a", "/b", false));
        assert_eq!(parse("a::/b:ro"), some("a", "/b", true));
        assert_eq!(parse("a::/b:rw"), some("a", "/b", false));
        assert_eq!(parse("C:\\a::/b"), some("C:\\a", "/b", false));
        for text in ["", "::", "a::", "::b", ":ro"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn variables() {
        let variable = |name: &str, value: Option<&str>| Variable { name: name.into(), value: value.map(Into::into) };
        assert_eq!("A=b=c".parse(), Ok(variable("A", Some("b=c"))));
        assert_eq!("A=".parse(), Ok(variable("A", Some(""))));
        assert_eq!("A".parse(), Ok(variable("A", None)));
        assert!("=b".parse::<Variable>().is_err());
        assert!("".parse::<Variable>().is_err());
    }
}
