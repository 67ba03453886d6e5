//! The shim and `wasmi` itself, in one package: its tests compare them.
