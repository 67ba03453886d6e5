//! Ops of exceptions.

/// Passes `$given` and the rows of this file to `$next!`.
#[cfg(feature = "exceptions")]
macro_rules! exception_ops {
    ($next:ident $($given:tt)*) => {
        $next! { $($given)* {
        /// Wasm `throw`.
        throw: throw [x] = exception::throw, sequence never;
        /// Wasm `throw_ref`. Traps: null.
        throw_ref: throw_ref [r s] = exception::throw_ref, sequence never;
        /// A clause of Wasm `try_table` or of the legacy `try`. This op is data after the code of a function and is never executed.
        region: region [x] = exception::region, sequence never;
        /// The last region of a function. Data, which is not executed.
        regions: regions [x] = exception::regions, sequence never;
        } }
    };
}

/// Passes `$given` and no rows to `$next!`: this build has no exceptions.
#[cfg(not(feature = "exceptions"))]
macro_rules! exception_ops {
    ($next:ident $($given:tt)*) => {
        $next! { $($given)* { } }
    };
}
