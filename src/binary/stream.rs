//! Loading a module while its bytes arrive.

use alloc::vec::Vec;

use crate::{
    binary::{
        code::Sink,
        load::{Loader, Loading, Step, Window},
    },
    error::Error,
    errors::{LimitsError, ReadError},
    module::{bytes::ModuleBytes, data::ModuleData},
};

/// The fewest bytes that are asked for at once.
const CHUNK: usize = if cfg!(feature = "std") { 16 << 10 } else { 1 << 10 };

/// Loads a module from a source of bytes. `read` fills a buffer and gives the number of bytes, 0 at
/// the end.
///
/// Sections and function bodies are handled when they are complete. The buffer holds no more than twice the bytes
/// of the longest of them that have arrived, whatever a section claims.
///
/// # Errors
///
/// If reading fails, the bytes are malformed or invalid, a limit is exceeded, or `sink` fails.
pub(crate) fn load_stream(
    read: &mut dyn FnMut(&mut [u8]) -> Result<usize, ReadError>,
    loading: Loading<'_>,
    sink: &mut Sink<'_>,
) -> Result<ModuleData, Error> {
    let mut loader = Loader::new(loading, ModuleBytes::default());
    let mut buffer: Vec<u8> = Vec::new();
    // What of the buffer was handled, and where the buffer begins in the module.
    let (mut handled, mut start) = (0, 0);
    let mut last = false;
    loop {
        let mut window = Window { bytes: &buffer[handled..], start: start + handled };
        let step = loader.step(&mut window, last, sink)?;
        handled = window.start - start;
        match step {
            Step::Section => {}
            Step::End => return Ok(loader.finish()),
            Step::NeedMore if last => {
                return Err(Error::invalid_wasm("unexpected end", start + buffer.len(), None));
            }
            Step::NeedMore => {
                buffer.drain(..handled);
                start += handled;
                handled = 0;
                let len = buffer.len();
                buffer.resize(len + len.max(CHUNK), 0);
                let count = read(&mut buffer[len..])?;
                if count > buffer.len() - len {
                    return Err(ReadError::UnknownError.into());
                }
                buffer.truncate(len + count);
                last = count == 0;
                if u32::try_from(start + buffer.len()).is_err() {
                    return Err(LimitsError::ModuleTooBig.into());
                }
            }
        }
    }
}

#[cfg(all(test, feature = "wat"))]
mod tests {
    use alloc::{format, string::ToString, vec::Vec};

    use super::load_stream;
    use crate::{
        binary::{
            code::Bodies,
            load::{Loading, load},
        },
        config::Config,
        error::Error,
        errors::ReadError,
        module::{data::ModuleData, env::ModuleHeader, registry::TypeRegistry},
    };

    fn take_all(_: &ModuleHeader, _: usize, bodies: &mut Bodies<'_, '_>) -> Result<(), Error> {
        while bodies()?.is_some() {}
        Ok(())
    }

    const MODULE: &str = r#"(module
        (import "env" "f" (func (param i32)))
        (memory 1) (table 3 funcref)
        (func (export "a") (call 0 (i32.const 1)))
        (func (export "b") (result i32) (local i64) (i32.const 7))
        (elem (i32.const 0) 1 2)
        (data (i32.const 5) "hello") (data "passive")
        (@custom "first" "one") (@custom "last" (after data) "two"))"#;

    fn stream(bytes: &[u8], step: usize, keep_bodies: bool) -> Result<(ModuleData, Vec<Vec<u8>>), Error> {
        let (config, types) = (Config::default(), TypeRegistry::default());
        let loading = Loading { config: &config, types: &types, keep_bodies, make_ready: |_| {} };
        let mut rest = bytes;
        let mut bodies = Vec::new();
        let mut read = |buffer: &mut [u8]| -> Result<usize, ReadError> {
            let count = rest.len().min(step).min(buffer.len());
            buffer[..count].copy_from_slice(&rest[..count]);
            rest = &rest[count..];
            Ok(count)
        };
        let data = load_stream(&mut read, loading, &mut |_, _, next| {
            while let Some(body) = next()? {
                bodies.push(body.bytes.to_vec());
            }
            Ok(())
        })?;
        Ok((data, bodies))
    }

    #[test]
    fn whatever_the_steps_the_module_is_the_same() {
        let bytes = wat::parse_str(MODULE).unwrap();
        let (config, types) = (Config::default(), TypeRegistry::default());
        let loading = Loading { config: &config, types: &types, keep_bodies: true, make_ready: |_| {} };
        let whole = load(&bytes, loading, &mut take_all).unwrap();
        for step in [1, 2, 3, 7, 64, 10_000] {
            let (data, bodies) = stream(&bytes, step, true).unwrap();
            assert_eq!(data.bodies, whole.bodies);
            for (range, body) in data.bodies.iter().zip(bodies) {
                let range = range.start as usize..range.end as usize;
                assert_eq!(
                    (&data.bytes[range.clone()], &whole.bytes[range.clone()]),
                    (&body[..], &bytes[range.clone()])
                );
            }
            let segments = |data: &ModuleData| -> Vec<Vec<u8>> {
                data.data.iter().map(|segment| data.bytes[segment.bytes()].to_vec()).collect()
            };
            assert_eq!(segments(&data), [b"hello".to_vec(), b"passive".to_vec()]);
            let customs = |data: &ModuleData| -> Vec<Vec<u8>> {
                data.customs.iter().map(|custom| data.bytes[custom.bytes.clone()].to_vec()).collect()
            };
            assert_eq!(customs(&data), customs(&whole));
            assert!(customs(&data).contains(&b"one".to_vec()) && customs(&data).contains(&b"two".to_vec()));
            let exports = |data: &ModuleData| -> Vec<_> {
                data.exports.iter().map(|export| (data.names.get(export.name).to_string(), export.index)).collect()
            };
            assert_eq!(exports(&data), exports(&whole));
            let (data, _) = stream(&bytes, step, false).unwrap();
            assert_eq!(segments(&data), segments(&whole));
        }
    }

    #[test]
    fn errors_are_those_of_the_whole() {
        let bytes = wat::parse_str(MODULE).unwrap();
        let (config, types) = (Config::default(), TypeRegistry::default());
        let loading = Loading { config: &config, types: &types, keep_bodies: true, make_ready: |_| {} };
        let compare = |bytes: &[u8], what: &str| {
            let whole = load(bytes, loading, &mut take_all);
            let parts = stream(bytes, 5, true);
            assert_eq!(whole.is_ok(), parts.is_ok(), "{what}");
            if let (Err(whole), Err(parts)) = (whole, parts) {
                let (whole, parts) = (whole.to_string(), parts.to_string());
                assert!(parts.contains("unexpected end") || whole == parts, "{what}: {whole}, {parts}");
            }
        };
        for len in 0..bytes.len() {
            compare(&bytes[..len], &format!("{len} bytes"));
        }
        // Sections and bodies that claim more or less than they have.
        for place in 8..bytes.len() {
            for byte in [0, 1, 2, 0x40, 0x7f, 0x80, 0xff] {
                let mut bytes = bytes.clone();
                bytes[place] = byte;
                compare(&bytes, &format!("byte {byte} at {place}"));
            }
        }
    }

    #[test]
    fn sources_can_fail_and_lie() {
        let (config, types) = (Config::default(), TypeRegistry::default());
        let loading = Loading { config: &config, types: &types, keep_bodies: true, make_ready: |_| {} };
        let failing = load_stream(&mut |_| Err(ReadError::EndOfStream), loading, &mut take_all);
        assert!(failing.is_err());
        let lying = load_stream(&mut |buffer| Ok(buffer.len() + 1), loading, &mut take_all);
        assert!(lying.is_err());
    }
}
