//! `wasmote dump`: the Wasm code of functions beside the internal code.
//!
//! Each column lists all instructions of a function. Lines beside each other do not correspond, because the internal
//! code has fewer instructions than the Wasm code.

use std::io::{self, Write};

use wasmote::{Engine, Module};

use crate::{
    args::DumpArgs,
    failure::{Failure, status},
    funcs::{FuncInfo, Funcs},
    names::{escape, similar},
    output::Output,
    source::Source,
};

/// The greatest width of the left column. Longer lines are wrapped.
const MAX_LEFT: usize = 64;

/// Runs the command and returns the exit status.
pub(crate) fn dump(args: &DumpArgs, mut output: Output) -> Result<i32, Failure> {
    let source = Source::read(&args.file)?;
    let proposals = args.features.proposals();
    if source.is_artefact() {
        return dump_artefact(args, &source.inspect(&proposals)?, output);
    }
    let engine = Engine::new(&proposals.config());
    let module = source.module(&engine, &proposals)?;
    let funcs = Funcs::of(source.bytes());
    let file = source.name();
    let only = match &args.func {
        Some(name) => {
            let index = funcs.find(name).ok_or_else(|| {
                let count = funcs.funcs.len();
                let meant = similar(name, funcs.funcs.iter().filter_map(FuncInfo::best_name));
                Failure::usage(format!("{file} has no function `{name}`"))
                    .maybe_hint(meant.map(|meant| format!("did you mean `{}`?", escape(meant))))
                    .hint(format!("it has {count} functions; without `--func`, all are shown with their names"))
            })?;
            if let Some((module, name)) = &funcs.funcs[index].import {
                return Err(Failure::usage(format!(
                    "function {index} is imported from `{}::{}`: it has no code",
                    escape(module),
                    escape(name)
                )));
            }
            Some(index)
        }
        None => None,
    };

    let mut text = String::new();
    let mut lines = wasmprinter::Config::new()
        .offsets_and_lines(source.bytes(), &mut text)
        .map_err(|error| Failure::new(format!("{file} cannot be printed: {error}")))?
        .filter_map(|(offset, line)| Some((offset?, line.trim_end())))
        .peekable();

    let mut is_first = true;
    for (index, func) in funcs.funcs.iter().enumerate() {
        if only.is_some_and(|only| only != index) {
            continue;
        }
        let Some(body) = &func.body else {
            writeln!(output, "{}", funcs.header(index))?;
            is_first = false;
            continue;
        };
        if !is_first {
            writeln!(output)?;
        }
        is_first = false;
        let len = body.end - body.start;
        writeln!(output, "{}, {len} bytes at {:#x}..{:#x}", funcs.header(index), body.start, body.end)?;
        let mut wasm = Vec::new();
        // The lines come in the order of the bytes.
        while lines.next_if(|(offset, _)| *offset < body.start).is_some() {}
        while let Some((offset, line)) = lines.next_if(|(offset, _)| *offset < body.end) {
            wasm.push(format!("{offset:#07x}: {}", escape(line.strip_prefix("  ").unwrap_or(line))));
        }
        let ir = u32::try_from(index).map(|index| module.disassemble(index));
        let ir = match ir {
            Ok(Ok(ir)) => ir,
            Ok(Err(error)) => return Err(Failure::new(format!("function {index} cannot be translated: {error}"))),
            Err(_) => continue,
        };
        columns(&mut output, &wasm, &ir)?;
    }
    output.flush()?;
    Ok(status::SUCCESS)
}

/// Prints the internal code of an artefact.
fn dump_artefact(args: &DumpArgs, module: &Module, mut output: Output) -> Result<i32, Failure> {
    let imported = module.imports().filter(|import| import.ty().func().is_some()).count() as u32;
    let only = match &args.func {
        Some(index) => Some(index.parse::<u32>().map_err(|_| {
            Failure::usage(format!("functions of an artefact are named by their indices, not `{index}`"))
        })?),
        None => None,
    };
    let first = only.unwrap_or(imported);
    let mut index = first;
    while let Ok(code) = module.disassemble(index) {
        if index > first {
            writeln!(output)?;
        }
        writeln!(output, "func {index}")?;
        columns(&mut output, &[], &code)?;
        index += 1;
        if only.is_some() {
            break;
        }
    }
    if only.is_some() && index == first {
        return Err(Failure::usage(format!("the artefact defines no function {first}")));
    }
    output.flush()?;
    Ok(status::SUCCESS)
}

/// Prints Wasm code on the left and internal code on the right.
fn columns(output: &mut Output, wasm: &[String], ir: &str) -> io::Result<()> {
    let mut left = Vec::new();
    for line in wasm {
        wrap(line, &mut left);
    }
    let width = left.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    let mut left = left.iter();
    let mut right = ir.lines();
    loop {
        match (left.next(), right.next()) {
            (None, None) => return Ok(()),
            (Some(left), None) => writeln!(output, "  {left}")?,
            (left, Some(right)) => {
                let left = left.map_or("", String::as_str);
                writeln!(output, "  {left:width$}  | {right}")?;
            }
        }
    }
}

/// Wraps a line to the width of the column.
fn wrap(line: &str, lines: &mut Vec<String>) {
    const MARGIN: &str = "           ";
    let mut chars = line.chars();
    lines.push(chars.by_ref().take(MAX_LEFT).collect());
    while !chars.as_str().is_empty() {
        let rest: String = chars.by_ref().take(MAX_LEFT - MARGIN.len()).collect();
        lines.push(format!("{MARGIN}{rest}"));
    }
}
