//! The features of this crate that it was built with.

macro_rules! features {
    ($($name:literal)*) => {
        /// The features of this crate that it was built with, as `Cargo.toml` names them.
        ///
        /// Programs tell with it what their library can do. [`Engine::dispatch`](crate::Engine::dispatch) tells the
        /// rest.
        ///
        /// ```
        /// assert_eq!(wasmote::FEATURES.contains(&"std"), cfg!(feature = "std"));
        /// ```
        pub const FEATURES: &[&str] = &[$( #[cfg(feature = $name)] $name, )*];

        #[cfg(test)]
        const ALL: &[&str] = &[$( $name, )*];
    };
}

features! {
    "std" "wat" "sequences" "simd" "memory64" "gc" "exceptions" "threads" "parallel" "serialize" "verify" "loader" "floats" "small"
    "multi-memory" "tail-call" "function-references" "wide-arithmetic" "interruption" "inspect" "count-ops" "addr2line" "coredump"
    "portable-dispatch" "deterministic" "wasmi-defaults"
    // Names of `wasmi` without effect.
    "validate" "stable" "unstable" "debug" "libm" "auto-dispatch" "indirect-dispatch" "hash-collections"
    "prefer-btree-collections" "extra-checks"
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::{ALL, FEATURES};

    #[test]
    fn all_features_of_the_manifest_are_listed() {
        let manifest = include_str!("../../Cargo.toml");
        let (_, features) = manifest.split_once("\n[features]\n").unwrap();
        let lines = features.lines().take_while(|line| !line.starts_with('['));
        let names = lines.filter_map(|line| line.split_once(" = [")).map(|(name, _)| name);
        let mut names: Vec<_> = names.filter(|name| *name != "default" && !name.starts_with('#')).collect();
        let mut all = ALL.to_vec();
        names.sort_unstable();
        all.sort_unstable();
        assert_eq!(names, all);
        assert!(FEATURES.iter().all(|name| all.contains(name)));
        assert_eq!(FEATURES.contains(&"portable-dispatch"), cfg!(feature = "portable-dispatch"));
    }
}
