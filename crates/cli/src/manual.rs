//! What stands at the end of `--help`: examples and exit statuses.

/// `wasmote --help`.
pub(crate) const MAIN: &str = "\
Examples:
  wasmote app.wasm -- --verbose input.txt     Run a program
  wasmote run --dir data::/data:ro app.wasm   Let it read the files in `data`
  wasmote run --time app.wasm                 See where the time goes
  wasmote validate *.wasm                     Say whether modules are valid
  wasmote help run                            All there is to say about `run`

Exit status:
  0    success
  1    a file cannot be read or is invalid, or a script fails
  2    the command line is wrong
  124  the time was up (`run --timeout`)
  134  the program trapped
  Otherwise that of the program, which ends with `proc_exit` or `env::exit`.

Environment:
  NO_COLOR  If set and not empty, nothing is coloured. Nothing is either where the output is not a terminal.";

/// `wasmote run --help`.
pub(crate) const RUN: &str = "\
What is called:
  A command module exports `_start`, which runs the program: arguments are the program's, the first one it sees is \
the name of the file. A reactor module exports `_initialize`, which is called first, and functions for `--invoke`.
  Arguments of a function that is named with `--invoke`, and of `main`, are values: decimal or 0x… for integers, \
decimal, inf or nan for floats, null for references. Results are printed one per line.

What can be imported:
  From `wasi_snapshot_preview1` and `wasi_unstable`, all functions. The program gets standard input, output and \
error, the clocks, and random numbers; files only in directories given with `--dir`, and variables only with `--env`.
  From `env`: `print_i32`, `print_i64`, `print_f32` and `print_f64`, which print a line; `print_str (pointer length)`, \
which prints text of the exported memory `memory` as it is; `exit (status)`.
  From `spectest`: the print functions.

How time is limited:
  With `--timeout` fuel is metered, which costs some speed: the program runs in slices of fuel, and the clock is read \
between them. The time runs while the module is instantiated and run, not while it is read and made. Waiting for \
clocks and input ends in time as well; other operations on files are not interrupted. What is translated at its first \
call costs no fuel then.

How time is measured:
  With `--time` the module is validated on its own first. Then it is made, with translation of all its functions, \
which validates once more: the time of translation is what this takes longer than the validation. With `--lazy` or \
another `--mode` translation happens while the program runs and is part of that. Reading includes the conversion of \
text. Resident memory is what the system says at the end of a phase (on Linux). JSON is one line, without the program's \
output or messages in it.

Examples:
  wasmote run hello.wasm
  wasmote run tool.wasm -- --option file      Arguments for the program stand behind `--`
  wasmote run --dir . --env LANG=C tool.wasm  With the current directory, and a variable
  wasmote run --dir data::/data:ro tool.wasm  With `data` as `/data`, where it can change nothing
  wasmote run lib.wasm --invoke add 40 2      Call an exported function
  wasmote run --fuel 1000000 --max-memory 16MiB --timeout 2s untrusted.wasm
  wasmote run --time=json app.wasm 2>report   Measure
  wat2wasm -o - app.wat | wasmote run -       Read the module from standard input

Exit status:
  0    success
  1    the file cannot be read or is invalid, or imports what there is not
  2    the command line is wrong
  124  the time was up (`--timeout`)
  134  the program trapped, which includes that its fuel is used up (`--fuel`)
  Otherwise that of the program, which ends with `proc_exit` or `env::exit`.";

/// `wasmote wast --help`.
pub(crate) const WAST: &str = "\
Examples:
  wasmote wast i32.wast               Run a script
  wasmote wast --all-features tests   Run all scripts in a directory, and in those below it
  wasmote wast --mode eager --portable-dispatch tests

Exit status:
  0  all directives passed or were skipped
  1  a directive failed, or a file cannot be read
  2  the command line is wrong";

/// `wasmote dump --help`.
pub(crate) const DUMP: &str = "\
Examples:
  wasmote dump lib.wasm               All functions
  wasmote dump lib.wasm --func add    One, by its name, the name of its export, or its index

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

/// `wasmote completions --help`.
pub(crate) const COMPLETIONS: &str = "\
Examples:
  wasmote completions bash > ~/.local/share/bash-completion/completions/wasmote
  wasmote completions zsh > ~/.zfunc/_wasmote
  wasmote completions fish > ~/.config/fish/completions/wasmote.fish";
