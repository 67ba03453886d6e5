//! The use in a shell: help, versions, completions, colours.

use std::process::Command;

use wasmote::{Dispatch, Engine};

use crate::{Dir, PROGRAM, wasmote};

#[test]
fn every_command_has_help_with_examples_and_exit_statuses() {
    for command in ["run", "wast", "dump", "validate"] {
        let outcome = wasmote(&[command, "--help"]);
        let help = outcome.printed();
        for part in ["Usage: ", "Examples:\n", &format!("  wasmote {command} "), "Exit status:\n", "  2  "] {
            assert!(help.contains(part), "{command}: no {part:?} in:\n{help}");
        }
        assert!(!help.contains('\x1b'), "{help:?}");
        let short = wasmote(&[command, "-h"]);
        assert!(!short.printed().contains("Examples"), "{short:?}");
        assert_eq!(wasmote(&["help", command]).printed(), help);
    }
    let run = wasmote(&["run", "--help"]);
    for option in ["--dir", "--env", "--wasi", "--fuel", "--max-memory", "--timeout", "--lazy", "--eager", "--time"] {
        assert!(run.printed().contains(option), "{option}");
    }
    let main = wasmote(&["--help"]);
    for part in ["run", "wast", "dump", "validate", "completions", "124", "134", "NO_COLOR"] {
        assert!(main.printed().contains(part), "{part}");
    }
}

#[test]
fn versions_tell_how_the_program_was_built() {
    let version = wasmote(&["--version"]).printed().trim_end().to_owned();
    assert_eq!(wasmote(&["-V"]).printed().trim_end(), version);
    let parts = version.strip_prefix(concat!("wasmote ", env!("CARGO_PKG_VERSION"), " ("));
    let parts = parts.and_then(|parts| parts.strip_suffix(')')).unwrap_or_else(|| panic!("{version}"));
    let mut parts = parts.split("; ").peekable();
    // There is no commit outside of a checkout.
    if let Some(commit) = parts.next_if(|part| part.starts_with("commit ")) {
        assert!(commit.bytes().skip("commit ".len()).all(|c| c.is_ascii_hexdigit()), "{version}");
    }
    let features = parts.next().and_then(|part| part.strip_prefix("features: ")).expect("the features");
    assert_eq!(features, wasmote::FEATURES.join(", "));
    assert!(features.contains("std, ") && features.contains("inspect"), "{version}");
    let dispatch = parts.next().and_then(|part| part.strip_prefix("dispatch: ")).expect("the dispatcher");
    assert_eq!(
        dispatch,
        match Engine::default().dispatch() {
            Dispatch::Threaded => "threaded",
            _ => "loop-switch",
        }
    );
    assert_eq!(parts.next(), None, "{version}");
}

#[test]
fn faulty_values_of_options_are_explained() {
    for (option, value, part) in [
        ("--fuel", "abc", "expected a whole number"),
        ("--max-table-elements", "-1", "expected a whole number"),
        ("--max-memory", "64 KB", "KiB"),
        ("--timeout", "soon", "500ms"),
    ] {
        wasmote(&["run", &format!("{option}={value}"), "a.wasm"]).failed(2, &[option, value, part]);
    }
    wasmote(&["run", "--features", "smd", "a.wasm"]).failed(2, &["smd", "similar", "simd"]);
    wasmote(&["run", "--features", "simd,-tail-cal", "a.wasm"]).failed(2, &["-tail-cal", "similar", "'tail-call'"]);
    wasmote(&["run", "--time", "json", "a.wasm"]).failed(1, &["cannot read json", "`--time=json`"]);
    wasmote(&["vlidate", "a.wasm"]).failed(2, &["vlidate", "similar", "validate"]);
    wasmote(&["rnu", "a.wasm"]).failed(2, &["rnu", "similar", "'run'"]);
    wasmote(&["xyz", "a.wasm"]).failed(2, &["unrecognized subcommand 'xyz'"]);
}

#[test]
fn completions_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let outcome = wasmote(&["completions", shell]);
        let script = outcome.printed();
        assert!(script.contains("wasmote") && script.contains("max-memory"), "{shell}: {script}");
    }
    wasmote(&["completions", "csh"]).failed(2, &["csh", "bash"]);
}

#[cfg(unix)]
#[test]
fn bash_takes_the_completions() {
    let outcome = wasmote(&["completions", "bash"]);
    for (words, expected) in [("--max-m", "--max-memory"), ("--features wide", "wide-arithmetic")] {
        let (previous, current) = words.rsplit_once(' ').unwrap_or(("run", words));
        let count = words.split(' ').count() + 1;
        let script = format!(
            "{}\nCOMP_WORDS=(wasmote run {words}); COMP_CWORD={count}; _wasmote wasmote {current} {previous}; \
             echo \"${{COMPREPLY[@]}}\"",
            outcome.printed()
        );
        // Without bash, nothing can be tested.
        let Ok(output) = Command::new("bash").args(["--norc", "-c", &script]).output() else { return };
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), expected);
    }
}

/// What help mentions works in the program that prints it.
#[test]
fn help_mentions_options_that_exist() {
    for command in ["run", "wast", "dump", "validate", "completions"] {
        let help = wasmote(&[command, "--help"]).printed().to_owned();
        // The list of options ends where the examples and explanations begin.
        let list = |option: &str| {
            help.lines().any(|line| {
                let mut words = line.split_whitespace().map(|word| word.trim_end_matches(','));
                words.next().is_some_and(|word| word.starts_with('-') && word.starts_with(option))
                    || line.trim_start().starts_with('-') && words.any(|word| word.split('=').next() == Some(option))
            })
        };
        for word in help.split(|c: char| !c.is_ascii_alphanumeric() && c != '-') {
            if let Some(name) =
                word.strip_prefix("--").filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase()))
            {
                let is_example = ["option", "verbose"].contains(&name);
                assert!(is_example || list(&format!("--{name}")), "{command}: --{name}");
            }
        }
    }
}

#[test]
fn colour_where_it_is_wanted() {
    let dir = Dir::new();
    let file = dir.file("trap.wat", "(module (func (export \"main\") unreachable))");
    let stderr = |variables: &[(&str, &str)]| {
        let mut command = Command::new(PROGRAM);
        command.arg(&file).env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").envs(variables.iter().copied());
        String::from_utf8(command.output().expect("it runs").stderr).expect("it is UTF-8")
    };
    assert!(stderr(&[]).starts_with("error: "), "it is no terminal");
    assert!(stderr(&[("NO_COLOR", "1")]).starts_with("error: "));
    assert!(stderr(&[("CLICOLOR_FORCE", "1")]).starts_with('\x1b'));
}

#[test]
fn modules_do_not_command_the_terminal() {
    let dir = Dir::new();
    let file = dir.file("escape.wat", r#"(module (func (export "\1b[2Jclean\07")))"#);
    let outcome = wasmote(&[&file]);
    outcome.failed(2, &["\\u{1b}[2Jclean\\u{7}"]);
    assert!(!outcome.stderr.contains('\x1b'), "{outcome:?}");
}
