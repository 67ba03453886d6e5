//! The values of options: counts, sizes, times, directories, variables.

use std::{
    num::{IntErrorKind, ParseIntError},
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

/// Parses a whole number.
pub(crate) fn whole_number<N: FromStr<Err = ParseIntError>>(text: &str) -> Result<N, String> {
    text.parse().map_err(|error: ParseIntError| match error.kind() {
        IntErrorKind::PosOverflow => "the number is too large".into(),
        _ => "expected a whole number like 1000000".into(),
    })
}

/// Parses a number of bytes with an optional unit. `KiB` and `K` are 1024 bytes, `KB` is 1000 bytes.
pub(crate) fn byte_size(text: &str) -> Result<usize, String> {
    const EXPECTED: &str =
        "expected a number of bytes with one of the units KiB, MiB, GiB, KB, MB and GB, or none, like 65536 or 1.5MiB";
    const TOO_LARGE: &str = "more bytes than the address space has";
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit: u64 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        "kb" => 1000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        _ => return Err(EXPECTED.into()),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    if whole.is_empty() || fraction.is_empty() {
        return Err(EXPECTED.into());
    }
    let whole: u64 = whole.parse().map_err(|_| TOO_LARGE)?;
    // The fraction of a unit, rounded down to bytes.
    let fraction: f64 = format!("0.{fraction}").parse().map_err(|_| EXPECTED)?;
    let bytes = whole.checked_mul(unit).and_then(|bytes| bytes.checked_add((fraction * unit as f64) as u64));
    bytes.and_then(|bytes| usize::try_from(bytes).ok()).ok_or_else(|| TOO_LARGE.into())
}

/// Parses a time span: a decimal number and a unit, which is seconds if it is left out.
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
    let duration = Duration::try_from_secs_f64(number * unit).map_err(|_| "the time is too long")?;
    if duration.is_zero() { Err("the time must be longer than zero".into()) } else { Ok(duration) }
}

/// A directory of the host that is given to a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Preopen {
    /// Its path on the host
    pub(crate) host: PathBuf,
    /// Its path as the program sees it
    pub(crate) guest: String,
    /// Whether the program may only read it
    pub(crate) read_only: bool,
}

impl FromStr for Preopen {
    type Err = String;

    /// Parses `HOST[::GUEST][:ro]`. `:rw` is the opposite of `:ro`.
    fn from_str(text: &str) -> Result<Self, String> {
        const EXPECTED: &str = "expected HOST or HOST::GUEST, optionally followed by :ro";
        let (paths, read_only) = match text.strip_suffix(":ro") {
            Some(paths) => (paths, true),
            None => (text.strip_suffix(":rw").unwrap_or(text), false),
        };
        let (host, guest) = paths.split_once("::").unwrap_or((paths, paths));
        if host.is_empty() || guest.is_empty() {
            return Err(EXPECTED.into());
        }
        // Something that is not understood must not become a part of a path, except for the drive of Windows.
        let is_drive = |(drive, path): (&str, &str)| cfg!(windows) && drive.len() == 1 && path.starts_with(['\\', '/']);
        let rest = guest.split_once(':').filter(|&parts| !is_drive(parts) || parts.1.contains(':'));
        match rest {
            Some((_, rest)) => Err(format!(
                "`:{rest}` is not understood; {EXPECTED}. A path with a colon can be HOST before ::GUEST only"
            )),
            None => Ok(Self { host: host.into(), guest: guest.into(), read_only }),
        }
    }
}

/// A variable of a program's environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Variable {
    pub(crate) name: String,
    /// None for the value in the environment of this process
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

    use super::{Preopen, Variable, byte_size, duration, whole_number};

    #[test]
    fn sizes() {
        assert_eq!(byte_size("65536"), Ok(65536));
        assert_eq!(byte_size("64KiB"), Ok(65536));
        assert_eq!(byte_size("1mib"), Ok(1 << 20));
        assert_eq!(byte_size("64k"), Ok(65536));
        assert_eq!(byte_size("64KB"), Ok(64000));
        assert_eq!(byte_size("1.5MiB"), Ok(3 << 19));
        assert_eq!(byte_size("0.5"), Ok(0));
        assert_eq!(byte_size("2G"), Ok(2 << 30));
        for text in ["", "KiB", "64 KB", "-1", "1.", ".5k", "1.2.3", "1e3", "64 k", "64x"] {
            assert!(byte_size(text).is_err_and(|error| error.starts_with("expected")), "{text}");
        }
        for text in ["99999999999GiB", "99999999999999999999"] {
            assert!(byte_size(text).is_err_and(|error| error.starts_with("more bytes")), "{text}");
        }
    }

    #[test]
    fn numbers() {
        assert_eq!(whole_number("17"), Ok(17u64));
        for text in ["", "abc", "-1", "1.5", "1 000"] {
            let expected = Err("expected a whole number like 1000000".into());
            assert_eq!(whole_number::<u64>(text), expected, "{text}");
        }
        assert_eq!(whole_number::<u64>(&"9".repeat(30)), Err("the number is too large".into()));
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
        assert_eq!(parse("a:b::/b"), some("a:b", "/b", false));
        for text in ["", "::", "a::", "::b", ":ro", "a:rx", "a::/b:rx", "a::/b::c", "a::/b:ro:rw", "ab:cd"] {
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
