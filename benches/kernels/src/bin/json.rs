//! Reads `n` times a document in JSON: tokens, nesting, numbers, escapes.

#![no_std]
#![no_main]

use core::hint::black_box;
use wasmote_kernels::mix;

static DOCUMENT: &[u8] = br#"{
  "device": {"name": "sensor-17", "firmware": "2.4.1", "uptime": 1839201, "online": true, "parent": null},
  "location": {"lat": 48.13743, "lon": 11.57549, "alt": 519.0, "label": "M\u00fcnchen \"Mitte\""},
  "samples": [
    {"t": 0, "temperature": 21.5, "humidity": 40, "flags": ["ok"]},
    {"t": 60, "temperature": 21.625, "humidity": 41, "flags": ["ok", "filtered"]},
    {"t": 120, "temperature": -3.25e1, "humidity": 0, "flags": ["range", "dropped", "retry\n"]},
    {"t": 180, "temperature": 21.75, "humidity": 42, "flags": []}
  ],
  "history": [[1, 2, 3], [4, 5, [6, 7, [8, 9, [10]]]], [], {}, {"a": [true, false, null]}],
  "notes": "The third sample was taken while the door stood open; see \/log\/2026\t(line 88).",
  "limits": {"low": -40, "high": 125, "rate": 0.016666, "burst": 1.5E3}
}"#;

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    sum: u64,
}

impl Reader<'_> {
    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), b' ' | b'\n' | b'\t' | b'\r') {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        self.skip_space();
        (self.peek() == byte).then(|| self.at += 1)
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        let rest = self.bytes.get(self.at..)?;
        rest.starts_with(word).then(|| self.at += word.len())?;
        self.sum = mix(self.sum, word.len() as u64);
        Some(())
    }

    fn string(&mut self) -> Option<()> {
        self.take(b'"')?;
        let mut hash = 5381u32;
        loop {
            let mut byte = u32::from(self.peek());
            self.at += 1;
            match byte as u8 {
                0..0x20 => return None,
                b'"' => break,
                b'\\' => {
                    let escape = self.peek();
                    self.at += 1;
                    byte = match escape {
                        b'n' => 10,
                        b't' => 9,
                        b'r' => 13,
                        b'b' => 8,
                        b'f' => 12,
                        b'u' => {
                            let mut code = 0;
                            for _ in 0..4 {
                                code = code * 16 + char::from(self.peek()).to_digit(16)?;
                                self.at += 1;
                            }
                            code
                        }
                        b'"' | b'\\' | b'/' => u32::from(escape),
                        _ => return None,
                    };
                }
                _ => {}
            }
            hash = hash.wrapping_mul(33) ^ byte;
        }
        self.sum = mix(self.sum, u64::from(hash));
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        let negative = self.peek() == b'-';
        self.at += usize::from(negative);
        let (mut mantissa, mut exponent, start) = (0i64, 0i32, self.at);
        while self.peek().is_ascii_digit() {
            mantissa = mantissa.wrapping_mul(10) + i64::from(self.peek() - b'0');
            self.at += 1;
        }
        if self.at == start {
            return None;
        }
        if self.peek() == b'.' {
            self.at += 1;
            while self.peek().is_ascii_digit() {
                mantissa = mantissa.wrapping_mul(10) + i64::from(self.peek() - b'0');
                exponent -= 1;
                self.at += 1;
            }
        }
        if matches!(self.peek(), b'e' | b'E') {
            self.at += 1;
            let minus = self.peek() == b'-';
            self.at += usize::from(matches!(self.peek(), b'+' | b'-'));
            let mut value = 0i32;
            while self.peek().is_ascii_digit() {
                value = value.wrapping_mul(10) + i32::from(self.peek() - b'0');
                self.at += 1;
            }
            exponent += if minus { -value } else { value };
        }
        let mut value = mantissa as f64;
        for _ in 0..exponent.unsigned_abs().min(308) {
            value = if exponent < 0 { value / 10.0 } else { value * 10.0 };
        }
        self.sum = mix(self.sum, if negative { -value } else { value }.to_bits());
        Some(())
    }

    fn value(&mut self, depth: u32) -> Option<()> {
        if depth > 32 {
            return None;
        }
        self.skip_space();
        match self.peek() {
            b'{' => {
                self.at += 1;
                self.sum = mix(self.sum, u64::from(depth));
                if self.take(b'}').is_some() {
                    return Some(());
                }
                loop {
                    self.string()?;
                    self.take(b':')?;
                    self.value(depth + 1)?;
                    if self.take(b',').is_none() {
                        return self.take(b'}');
                    }
                }
            }
            b'[' => {
                self.at += 1;
                self.sum = mix(self.sum, u64::from(depth));
                if self.take(b']').is_some() {
                    return Some(());
                }
                loop {
                    self.value(depth + 1)?;
                    if self.take(b',').is_none() {
                        return self.take(b']');
                    }
                }
            }
            b'"' => self.string(),
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'n' => self.word(b"null"),
            _ => self.number(),
        }
    }
}

#[unsafe(no_mangle)]
extern "C" fn run(n: i32) -> i64 {
    let mut sum = 0;
    for _ in 0..n {
        let mut reader = Reader { bytes: black_box(DOCUMENT), at: 0, sum };
        sum = match reader.value(0) {
            Some(()) => mix(reader.sum, reader.at as u64),
            None => return -1,
        };
    }
    sum as i64
}
