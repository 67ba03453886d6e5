//! `wasmote-tune profiles`: the profiles of all programs that the ranking is made of.

use std::{fs, path::Path};

use wasmote::{Engine, Module};
use wasmote_programs::{Package, Program, Registry};

use crate::{Result, args::ProfilesArgs, count::of_code, profile::Names};

/// The programs whose code is counted.
const PROGRAMS: &str = include_str!("../inputs/programs.txt");

/// The magic number and the version of Wasm in Base64, as far as its digits do not depend on the next bytes.
const BASE64_MAGIC: &str = "AGFzbQEAAA";

/// Runs the command.
///
/// # Errors
///
/// If a program cannot be fetched or counted, or a profile cannot be written.
pub(crate) fn profiles(args: &ProfilesArgs) -> Result<()> {
    let write = |name: &str, text: String| -> Result<()> {
        let path = args.into.join(format!("{name}.ops"));
        fs::write(&path, text).map_err(|error| format!("cannot write {}: {error}", path.display()).into())
    };
    fs::create_dir_all(&args.into)?;
    for program in programs()? {
        write(program.name, of_program(&program).map_err(|error| format!("{}: {error}", program.name))?)?;
    }
    #[cfg(feature = "run")]
    crate::runs::profiles(write)?;
    #[cfg(not(feature = "run"))]
    eprintln!("Executed ops are counted only with the feature `run`.");
    Ok(())
}

/// Returns the programs whose code is counted.
fn programs() -> Result<Vec<Program>> {
    let lines = PROGRAMS.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| match line.split(' ').collect::<Vec<_>>()[..] {
            [name, package, version, sha256, path] => {
                let package = Package { registry: Registry::Npm, name: package, version, sha256 };
                Ok(Program { name, package, path })
            }
            _ => Err(format!("malformed line `{line}`").into()),
        })
        .collect()
}

/// Returns the text of the profile of a program's code.
fn of_program(program: &Program) -> Result<String> {
    let mut names = Names::new(false);
    let bytes = program.bytes()?;
    let is_script = Path::new(program.path).extension().is_some_and(|extension| extension == "js");
    let modules = if is_script { embedded(&bytes) } else { vec![bytes] };
    let mut merged = None;
    for wasm in modules {
        let module = Module::new(&Engine::default(), &wasm)?;
        let profile = of_code(program.name.into(), &module, &wasm, true, &mut names)?;
        match &mut merged {
            None => merged = Some(profile),
            Some(merged) => merged.merge(profile),
        }
    }
    Ok(merged.ok_or("the file contains no module")?.save(&names))
}

/// Returns the modules that a script contains in Base64.
fn embedded(script: &[u8]) -> Vec<Vec<u8>> {
    let script = String::from_utf8_lossy(script);
    script.match_indices(BASE64_MAGIC).map(|(at, _)| decode(&script[at..])).collect()
}

/// Decodes the Base64 that a text begins with.
fn decode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for digit in text.bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => break,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::{decode, embedded, programs};

    #[test]
    fn the_list_of_programs_is_read() {
        let programs = programs().expect("the list");
        assert!(programs.len() > 50 && programs.iter().all(|program| program.package.sha256.len() == 64));
    }

    #[test]
    fn modules_are_found_in_scripts() {
        assert_eq!(decode("AGFzbQEAAAABBAFgAAA=;"), b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0");
        let modules = embedded(b"var a='AGFzbQEAAAA=',b=\"AGFzbQEAAAABBAFgAAA=\";");
        assert_eq!(modules, [&b"\0asm\x01\0\0\0"[..], b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0"]);
    }
}
