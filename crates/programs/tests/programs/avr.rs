//! GCC and Binutils for AVR: from C to an image for a microcontroller, on files in memory and on files of the host.

use std::{fs, path::Path};

use wasmote::{CompilationMode, Module};
use wasmote_programs::{Outcome, Program, catalog, engine, run, sha256, unless_offline};
use wasmote_wasi::{MemoryFileSystem, WasiCtxBuilder};

const SUM_C: &str = include_str!("c/sum.c");
const SUM_S: &str = include_str!("c/sum.s");
const SUM_HEX: &str = include_str!("c/sum.hex");
const LINK: &str = include_str!("c/link.ld");

/// The directory `/w` of the programs of a test.
enum Files<'a> {
    Memory(MemoryFileSystem),
    Host(&'a Path),
}

impl Files<'_> {
    fn write(&self, name: &str, contents: &str) {
        match self {
            Self::Memory(files) => files.write(name, contents).unwrap(),
            Self::Host(path) => fs::write(path.join(name), contents).unwrap(),
        }
    }

    fn read(&self, name: &str) -> Vec<u8> {
        match self {
            Self::Memory(files) => files.read(name).unwrap(),
            Self::Host(path) => fs::read(path.join(name)).unwrap(),
        }
    }

    /// Checks length and SHA-256 of a file.
    #[track_caller]
    fn check(&self, name: &str, len: usize, checksum: &str) {
        let bytes = self.read(name);
        assert_eq!((bytes.len(), sha256(&bytes).as_str()), (len, checksum), "{name}");
    }

    /// Runs a program; its libraries are at `/sys`.
    #[track_caller]
    fn run(&self, program: &Program, args: &str) -> Outcome {
        let mut ctx = WasiCtxBuilder::new();
        ctx.arg(program.name).args(args.split_whitespace());
        match self {
            Self::Memory(files) => ctx.preopened_memory(files, "/w"),
            Self::Host(path) => ctx.preopened_dir(path, "/w").unwrap(),
        };
        let sysroot = program.package.directory().unwrap().join(catalog::AVR_SYSROOT);
        ctx.preopened_dir_read_only(sysroot, "/sys").unwrap();
        let module = Module::new(&engine(CompilationMode::LazyTranslation), program.bytes().unwrap()).unwrap();
        run(&module, &mut ctx).unwrap()
    }

    /// Runs a program that has to succeed and print nothing.
    #[track_caller]
    fn succeed(&self, program: &Program, args: &str) {
        assert_eq!(self.run(program, args).parts(), (0, String::new(), String::new()), "{} {args}", program.name);
    }
}

/// Runs a test on files in memory and on files of the host, unless there is no network to fetch the programs.
fn on_all_files(test: impl Fn(&Files<'_>)) {
    if unless_offline(catalog::AVR_PACKAGE.directory()).is_some() {
        test(&Files::Memory(MemoryFileSystem::new()));
        let directory = tempfile::tempdir().unwrap();
        test(&Files::Host(directory.path()));
    }
}

/// Assembles and links `sum.s`, and converts the result to the format of flash programmers.
fn build_sum(files: &Files<'_>) {
    files.write("link.ld", LINK);
    files.succeed(&catalog::AVR_AS, "-mmcu=avr5 /w/sum.s -o /w/sum.o");
    files.check("sum.o", 864, "9d8cdc712fa1a7451326b53ea273741c6b2ed1fafcdbdcc74c14d19bb4af3404");
    files.succeed(&catalog::AVR_LD, "-m avr5 -T /w/link.ld -e sum /w/sum.o -o /w/sum.elf");
    files.check("sum.elf", 768, "cd41657d83f81486594f76f2757bfa584e6b28af12f1fc598422c2530261bf3f");
    files.succeed(&catalog::AVR_OBJCOPY, "-O ihex /w/sum.elf /w/sum.hex");
    assert_eq!(String::from_utf8(files.read("sum.hex")).unwrap().replace('\r', ""), SUM_HEX);
    files.check("sum.hex", 165, "1a24d19c69160352f650ad557b4442bbc38e734f720ad6ae7ddaa7275898a2ae");
}

#[test]
fn binutils_say_their_version() {
    on_all_files(|files| {
        for (program, title) in [
            (catalog::AVR_AS, "GNU assembler (GNU Binutils) 2.42\n"),
            (catalog::AVR_LD, "GNU ld (GNU Binutils) 2.42\n"),
            (catalog::AVR_OBJCOPY, "GNU objcopy (GNU Binutils) 2.42\n"),
        ] {
            let outcome = files.run(&program, "--version");
            assert_eq!((outcome.status, outcome.stderr_text().as_str()), (0, ""));
            assert!(outcome.stdout_text().starts_with(title), "{outcome:?}");
        }
    });
}

#[test]
fn binutils_build_what_gcc_compiled() {
    on_all_files(|files| {
        files.write("sum.s", SUM_S);
        build_sum(files);
    });
}

#[test]
#[ignore = "large"]
fn gcc_compiles_c_and_binutils_build_it() {
    on_all_files(|files| {
        files.write("sum.c", SUM_C);
        files.succeed(&catalog::CC1, "-quiet -O2 -mmcu=avr5 /w/sum.c -o /w/sum.s");
        assert_eq!(String::from_utf8(files.read("sum.s")).unwrap(), SUM_S);
        build_sum(files);
    });
}

/// Floats and 64-bit products on an 8-bit machine, which come from libgcc.
#[test]
#[ignore = "large"]
fn programs_are_linked_with_libgcc() {
    on_all_files(|files| {
        files.write("link.ld", LINK);
        files.write("soft.c", include_str!("c/soft.c"));
        files.succeed(&catalog::CC1, "-quiet -Os -mmcu=avr5 /w/soft.c -o /w/soft.s");
        files.check("soft.s", 956, "1ff4e6a987666696ce36ecb632c79abc834f23c5654d661fead91b914019d5a7");
        files.succeed(&catalog::AVR_AS, "-mmcu=avr5 /w/soft.s -o /w/soft.o");
        files.check("soft.o", 928, "9d261b8e039b6f8161fcbae8e5720ff8bd1291cb47289ba6738130213372e6c2");
        files.succeed(
            &catalog::AVR_LD,
            "-m avr5 --relax -T /w/link.ld -e _start /w/soft.o -L/sys/avr5 --start-group -lgcc -lm --end-group \
             -o /w/soft.elf",
        );
        files.check("soft.elf", 4088, "b5d308ace13318fac4a71003d334d165914018b9fdf858169782eb96d8ed3572");
        files.succeed(&catalog::AVR_OBJCOPY, "-O ihex /w/soft.elf /w/soft.hex");
        files.check("soft.hex", 1745, "35d209165509a20410ab62e2d0e214e39c00969f57b690d408c0d120f4f9ddab");
    });
}

#[test]
#[ignore = "large"]
fn gcc_compiles_cpp() {
    on_all_files(|files| {
        files.write("t.cc", include_str!("c/ring.cc"));
        files.succeed(&catalog::CC1PLUS, "-quiet -O2 -mmcu=avr5 /w/t.cc -o /w/t.s");
        files.check("t.s", 1033, "200308f5c41e5410eb492e634a38570f774e3dcbaeacdeabe1f48a42830c546c");
    });
}

#[test]
#[ignore = "large"]
fn gcc_reports_errors_where_they_are() {
    on_all_files(|files| {
        files.write("bad.c", "int f(void) { return missing; }\n");
        let message = "/w/bad.c: In function 'f':
/w/bad.c:1:22: error: 'missing' undeclared (first use in this function)
    1 | int f(void) { return missing; }
      |                      ^~~~~~~
/w/bad.c:1:22: note: each undeclared identifier is reported only once for each function it appears in
";
        let outcome = files.run(&catalog::CC1, "-quiet -mmcu=avr5 /w/bad.c -o /w/bad.s");
        assert_eq!(outcome.parts(), (1, String::new(), message.into()));
    });
}
