//! The last part of `--help`: explanations, examples and exit statuses.

/// `wasmote --help`.
pub(crate) const MAIN: &str = "\
Examples:
  wasmote app.wasm --verbose input.txt        Run a program
  wasmote run --dir data::/data:ro app.wasm   Run it with read access to `data`
  wasmote run --time app.wasm                 Print the time of each phase
  wasmote validate *.wasm                     Check whether modules are valid
  wasmote compile app.wasm                    Translate a module to an artefact
  wasmote help run                            Print the whole manual of `run`

Exit status:
  0    success
  1    a file cannot be read or is invalid, or a script fails
  2    the command line is wrong
  124  the time is up (`run --timeout`)
  134  the program trapped
  Otherwise the status that the program passes to `proc_exit` or `env::exit`. Only its lowest eight bits are kept; \
a code that does not fit is reported and never becomes 0.

Environment:
  NO_COLOR  If set and not empty, messages have no colours. Output that is not a terminal has none either.";

/// `wasmote compile --help`.
pub(crate) const COMPILE: &str = "\
An artefact has the internal code of all functions. It runs in programs whose library has the same version, and on every \
target: `Module::deserialize_static` runs it from flash. `run`, `dump` and `validate` take artefacts too. They check the code; \
`run` asks for `--allow-precompiled`, since nothing tells which module an artefact was made of.
  Code that was made with `--fuel` runs where fuel is metered, other code where it is not. Firmware that is built with the crate \
feature `small` runs only artefacts of a program that was built with `--features small`; `--target` makes sure of that.

Examples:
  wasmote compile app.wasm                         Write app.wmo
  wasmote run --allow-precompiled app.wmo          Run it
  wasmote compile --fuel --strip app.wat -o app.wmo";

/// `wasmote run --help`.
pub(crate) const RUN: &str = "\
Which function is called:
  A command module exports `_start`, which runs the program. The program gets everything after the file as its \
arguments, also what begins with `-`; before them comes the name of the file, or that of `--argv0`. A `--` directly after \
the file is left out. A reactor module exports `_initialize`, which is called first, and functions for `--invoke`.
  The arguments of `main`, and of a function named with `--invoke`, are values as in the text format: 7 or 0x1f for \
integers; -1.5, 2e10, 0x1.8p3, inf, nan or nan:0x1 for floats; \"i32x4 1 2 3 4\" or 0x and 32 digits for vectors; null for \
references. Results are printed one per line, in forms that can be passed again.

Which imports are defined:
  From `wasi_snapshot_preview1` and `wasi_unstable`: all functions. The program has access to standard input, output \
and error, the clocks and random numbers. It has access to files only in the directories of `--dir`, and to variables \
only with `--env`.
  From `env`: `print_i32`, `print_i64`, `print_f32` and `print_f64`, which print a line; `print_str (pointer length)`, \
which prints text of the exported memory `memory` unchanged; `exit (status)`; `abort`, with which AssemblyScript ends a \
program.
  From `spectest`: the print functions.
  From `wasi`: `thread-spawn`, which starts a thread. It runs `wasi_thread_start` of a new instance of the module. Memories \
that are imported shared are made, and all instances have them. When the first function returns, or a thread traps or \
calls `proc_exit`, the program ends with all its threads. Fuel and time are limits for all of them together.
  With `--unknown-imports=trap`, other imported functions are defined too: a call of one traps.

What files can be used for:
  Files and directories can be read, or written, if the program asked for that when it opened them. Everything else \
follows the option `--dir`, and whether that ends in `:ro`. With `--strict-rights`, the program must have asked for every \
right that it uses. A program has at most 512 descriptors.

How time is limited:
  With `--timeout`, code counts its work and looks after every few microseconds whether it is interrupted, which costs some \
speed. The time includes everything: reading, validation and translation, instantiation, execution. Waits for \
clocks, input, output, pipes and other threads end when it is up. What cannot be interrupted, like loading or a collection, \
is ended 5 ms later with the whole process; then `--time` prints no report.

How fuel is consumed:
  With `--fuel`, each operator costs fuel, and bulk operators by the amount that they move. WASI costs fuel for the work of \
this computer: a unit for 64 bytes that are copied, or 8 random bytes, and 500 for each entry of a directory that is read \
and each subscription of a poll.

How time is measured:
  With `--time`, the module is first validated on its own. Then it is created with translation of all its functions, \
which includes validation. The time of translation is the difference of both. With `--lazy` or another `--mode`, \
functions are translated during the run, and the time is part of it. Reading includes the conversion of text. Resident \
memory is the value of the system at the end of a phase (on Linux only). JSON is one line of its own on standard error.

Examples:
  wasmote run hello.wasm
  wasmote run tool.wasm --option file         Pass arguments to the program
  wasmote run --argv0 ls busybox.wasm -l      Choose the name of the program, on which some programs depend
  wasmote run --dir . --env LANG=C tool.wasm  Give it the current directory and a variable
  wasmote run --dir data::/data:ro tool.wasm  Give it `data` as `/data`, read-only
  wasmote run --invoke add lib.wasm 40 2      Call an exported function
  wasmote run --fuel 1000000 --max-memory 16MiB --timeout 2s untrusted.wasm
  wasmote run --time=json app.wasm 2>report   Measure
  wat2wasm -o - app.wat | wasmote run -       Read the module from standard input

Exit status:
  0    success
  1    the file cannot be read, is invalid, or has unknown imports
  2    the command line is wrong
  124  the time is up (`--timeout`)
  134  the program trapped, or ran out of fuel (`--fuel`)
  Otherwise the status that the program passes to `proc_exit` or `env::exit`. Only its lowest eight bits are kept; \
a code that does not fit is reported and never becomes 0.";

/// `wasmote wast --help`.
pub(crate) const WAST: &str = "\
Examples:
  wasmote wast i32.wast               Run a script
  wasmote wast --all-features tests   Run all scripts in a directory and its subdirectories
  wasmote wast --mode eager --portable-dispatch tests

Exit status:
  0  all directives passed or were skipped
  1  a directive failed, or a file cannot be read
  2  the command line is wrong";

/// `wasmote dump --help`.
pub(crate) const DUMP: &str = "\
Examples:
  wasmote dump lib.wasm               All functions
  wasmote dump lib.wasm --func add    One function, by its name, its export, or its index

Exit status:
  0  success
  1  the file cannot be read or is invalid
  2  the command line is wrong, or there is no such function";

/// `wasmote validate --help`.
pub(crate) const VALIDATE: &str = "\
Examples:
  wasmote validate lib.wasm
  wasmote validate --features wide-arithmetic,-memory64 *.wasm

Exit status:
  0  all modules are valid
  1  a module is invalid or cannot be read
  2  the command line is wrong";

/// `wasmote addr2line --help`.
pub(crate) const ADDR2LINE: &str = "\
Examples:
  wasmote addr2line app.wasm 12:0x4e           One place
  wasmote addr2line --fuel app.wasm 12:78 3:9  The calls of a trap on a device whose engine meters fuel

Exit status:
  0  success
  1  the file cannot be read or is invalid
  2  the command line is wrong, or there is no such function";

/// `wasmote completions --help`.
pub(crate) const COMPLETIONS: &str = "\
Examples:
  wasmote completions bash > ~/.local/share/bash-completion/completions/wasmote
  wasmote completions zsh > ~/.zfunc/_wasmote
  wasmote completions fish > ~/.config/fish/completions/wasmote.fish";
