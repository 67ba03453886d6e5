//! Decides which dispatchers the library is built with.
//!
//! - `tail_dispatch`: handlers end in jumps to each other. That needs an optimizing build (otherwise the final calls stay
//!   calls and the native stack grows), and a calling convention that passes all registers of the machine in machine
//!   registers. A build script does not see debug assertions; `src/config` does without such handlers then. It does not see
//!   all flags either: a probe decides before threaded dispatch is used first.
//! - `optimized`: the optimizer runs.
//! - `one_loop`: the loop-switch is one large function, which takes half of the time to build the library. Otherwise it
//!   calls the bodies of ops through a table, which is slower. It is one function where it is the only dispatcher, but
//!   not at level 1, which is for fast builds, and not with debug information: all variables of 1,800 inlined bodies
//!   describe the same few values there, and the compiler takes time and memory with the square of their number (more
//!   than 10 GB).
//! - `replicated_dispatch`: the end of each arm of the loop-switch dispatches. For speed, not for size.
//! - `vector_register`: the accumulator for vectors is a machine register. Elsewhere it is in the context.
//! - `sequences`: threaded dispatch has handlers for sequences of ops. For speed, not for size.
//! - `small_loop`: the loop-switch is built for size. It calls the semantics of the larger operators instead of inlining
//!   them into the arms of all forms, and lacks forms that are worth less than they take.
//! - `terse`: messages for what this library does not support at all have numbers instead of names.
//! - `lean`: hash tables are simple ones.
//! - `small_heap`: the heap grows in smaller steps.
//! - `heap`: stores have a heap, which structs and arrays need as well as exceptions.
//! - `host_refs`: the host has handles of what is on the heap. The values of `wasmi` have no room for them.
//! - `mapped_memory`: large memories come from the system rather than from the allocator.
//! - `assembly_accesses`: accesses to shared memories are instructions of inline assembly. Tools that watch a program (Miri,
//!   sanitizers) do not see through these, so they get atomic accesses.

fn main() {
    println!("cargo::rustc-check-cfg=cfg(tail_dispatch)");
    println!("cargo::rustc-check-cfg=cfg(optimized)");
    println!("cargo::rustc-check-cfg=cfg(one_loop)");
    println!("cargo::rustc-check-cfg=cfg(replicated_dispatch)");
    println!("cargo::rustc-check-cfg=cfg(mapped_memory)");
    println!("cargo::rustc-check-cfg=cfg(assembly_accesses)");
    println!("cargo::rustc-check-cfg=cfg(sequences)");
    println!("cargo::rustc-check-cfg=cfg(small_loop)");
    println!("cargo::rustc-check-cfg=cfg(vector_register)");
    println!("cargo::rustc-check-cfg=cfg(terse)");
    println!("cargo::rustc-check-cfg=cfg(lean)");
    println!("cargo::rustc-check-cfg=cfg(heap)");
    println!("cargo::rustc-check-cfg=cfg(host_refs)");
    println!("cargo::rustc-check-cfg=cfg(small_heap)");
    println!("cargo::rerun-if-changed=build.rs");
    let var = |name: &str| std::env::var(name).unwrap_or_default();
    let level = var("OPT_LEVEL");
    let optimized = level != "0";
    // Instrumented code adds calls after what would be the last one.
    let flags = var("CARGO_ENCODED_RUSTFLAGS");
    let instrumented = flags.contains("instrument-coverage") || flags.contains("sanitizer");
    let architecture = matches!(var("CARGO_CFG_TARGET_ARCH").as_str(), "x86_64" | "aarch64");
    let target_features = var("CARGO_CFG_TARGET_FEATURE");
    let has = |feature| target_features.split(',').any(|found| found == feature);
    let vector_register = match var("CARGO_CFG_TARGET_ARCH").as_str() {
        "x86_64" => has("sse2"),
        "aarch64" => has("neon") && var("CARGO_CFG_TARGET_ENDIAN") == "little",
        _ => false,
    };
    let portable = std::env::var_os("CARGO_FEATURE_PORTABLE_DISPATCH").is_some();
    let miri = std::env::var_os("CARGO_CFG_MIRI").is_some();
    let std = std::env::var_os("CARGO_FEATURE_STD").is_some();
    if ["CARGO_FEATURE_GC", "CARGO_FEATURE_EXCEPTIONS"].into_iter().any(|name| std::env::var_os(name).is_some()) {
        println!("cargo::rustc-cfg=heap");
        if std::env::var_os("CARGO_FEATURE_WASMI_DEFAULTS").is_none() {
            println!("cargo::rustc-cfg=host_refs");
        }
    }
    if std && var("CARGO_CFG_TARGET_OS") == "linux" && !miri {
        println!("cargo::rustc-cfg=mapped_memory");
    }
    if architecture && !miri && !instrumented {
        println!("cargo::rustc-cfg=assembly_accesses");
    }
    if vector_register && !miri && std::env::var_os("CARGO_FEATURE_SIMD").is_some() {
        println!("cargo::rustc-cfg=vector_register");
    }
    if optimized {
        println!("cargo::rustc-cfg=optimized");
    }
    let fast = matches!(level.as_str(), "2" | "3");
    let small = matches!(level.as_str(), "s" | "z");
    if small {
        println!("cargo::rustc-cfg=terse");
        println!("cargo::rustc-cfg=small_heap");
    }
    if small && !std {
        println!("cargo::rustc-cfg=lean");
    }
    let threaded = (fast || small) && architecture && !portable && !instrumented && !miri;
    // Any debug information: a build script is not told how much.
    if (fast || small) && !threaded && var("DEBUG") != "true" {
        println!("cargo::rustc-cfg=one_loop");
    }
    if fast && architecture && !miri {
        println!("cargo::rustc-cfg=replicated_dispatch");
    }
    if small && !threaded {
        println!("cargo::rustc-cfg=small_loop");
    }
    if threaded {
        println!("cargo::rustc-cfg=tail_dispatch");
        if fast && std::env::var_os("CARGO_FEATURE_SEQUENCES").is_some() {
            println!("cargo::rustc-cfg=sequences");
        }
    }
}
