//! Packages are accepted only with the checksum of the catalog.

use wasmote_programs::{FetchError, Package, catalog, sha256, unless_offline};

#[test]
fn checksums_are_those_of_the_standard() {
    assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

#[test]
fn a_package_with_another_checksum_is_refused() {
    let wrong = "0000000000000000000000000000000000000000000000000000000000000000";
    let package = Package { sha256: wrong, ..catalog::QUICKJS_PACKAGE };
    match package.directory() {
        Err(FetchError::Checksum { expected, actual, .. }) => {
            assert_eq!((expected.as_str(), actual.as_str()), (wrong, catalog::QUICKJS_PACKAGE.sha256));
        }
        other => assert!(unless_offline(other).is_none(), "a package with a wrong checksum was taken"),
    }
}

#[test]
fn a_package_that_does_not_exist_is_an_error() {
    let package = Package { version: "0.0.0", ..catalog::QUICKJS_PACKAGE };
    let result = package.directory();
    assert!(matches!(result, Err(FetchError::Client { .. } | FetchError::Offline { .. })), "{result:?}");
}
