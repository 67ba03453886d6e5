//! The functions of a module to call, and their arguments.

use wasmote::{ExternType, FuncType, Module, Val};

use crate::{
    args::RunArgs,
    failure::Failure,
    funcs::Funcs,
    names::{escape, similar},
    source::Source,
    values,
};

/// The function that runs a command module.
const COMMAND: &str = "_start";
/// The function that initializes a reactor module.
const INITIALIZE: &str = "_initialize";
/// The function to call if a module is not a command and no function is named.
const MAIN: &str = "main";

/// A function to call.
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) ty: FuncType,
    pub(crate) inputs: Vec<Val>,
}

/// The calls to make into a module.
pub(crate) struct Plan {
    /// The functions, in the order of the calls
    pub(crate) targets: Vec<Target>,
    /// The arguments that the program gets by WASI, without its name
    pub(crate) program_args: Vec<String>,
}

impl Plan {
    /// Finds the functions to call. There are none if the module has a start function and nothing else to call.
    pub(crate) fn of(args: &RunArgs, has_wasi: bool, source: &Source, module: &Module) -> Result<Self, Failure> {
        let arguments = args.arguments()?;
        let misplaced = || values::misplaced_option(&arguments);
        let file = source.name();
        let func = |name: &str| match module.get_export(name) {
            Some(ExternType::Func(ty)) => Some((name.to_owned(), ty)),
            _ => None,
        };
        let plan = |targets, program_args| Self { targets, program_args };
        let found = match &args.invoke {
            Some(name) => func(name).ok_or_else(|| {
                let what = match module.get_export(name) {
                    Some(ty) => format!("the export `{name}` of {file} is not a function but a {ty}"),
                    None => format!("{file} exports no function `{name}`"),
                };
                let failure = Failure::usage(what).maybe_hint(similar_func(module, name));
                failure.hint(exported_funcs(module))
            })?,
            None => match func(COMMAND).or_else(|| func(MAIN)) {
                Some(found) => found,
                None if Funcs::of(source.bytes()).has_start && arguments.is_empty() => {
                    return Ok(plan(Vec::new(), Vec::new()));
                }
                None if func(INITIALIZE).is_some() => {
                    let what = format!("{file} is a reactor module: it has functions to call but is not a program");
                    return Err(Failure::usage(what).maybe_hint(misplaced()).hint(exported_funcs(module)));
                }
                None => {
                    let what = format!("{file} exports neither a function `{COMMAND}` nor `{MAIN}`");
                    return Err(Failure::usage(what).maybe_hint(misplaced()).hint(exported_funcs(module)));
                }
            },
        };
        let (name, ty) = found;
        // A program gets its arguments by WASI, a function gets them as values.
        let is_program = has_wasi && args.invoke.is_none() && name == COMMAND && ty.params().is_empty();
        let (inputs, program_args) = match is_program {
            true => (Vec::new(), arguments),
            false => (values::parse_args(&name, &ty, &arguments)?, Vec::new()),
        };
        let mut targets = Vec::new();
        if ![COMMAND, INITIALIZE].contains(&name.as_str())
            && let Some((name, ty)) =
                func(INITIALIZE).filter(|(_, ty)| ty.params().is_empty() && ty.results().is_empty())
        {
            targets.push(Target { name, ty, inputs: Vec::new() });
        }
        targets.push(Target { name, ty, inputs });
        Ok(plan(targets, program_args))
    }
}

/// Lists the functions that can be called, with their types.
fn exported_funcs(module: &Module) -> String {
    let funcs: String = callable(module).map(|(name, ty)| format!("\n{}: {ty}", escape(name))).collect();
    if funcs.is_empty() {
        return "the module exports no functions: there is nothing to run".into();
    }
    format!("name one of its functions with `--invoke NAME`, before the file:{funcs}")
}

/// Returns the exported functions that can be called, with their types.
fn callable(module: &Module) -> impl Iterator<Item = (&str, FuncType)> {
    let is_callable = |name: &str| name != INITIALIZE;
    module.exports().filter_map(move |export| {
        let ExternType::Func(ty) = export.ty() else { return None };
        is_callable(export.name()).then(|| (export.name(), ty.clone()))
    })
}

/// Asks about the exported function whose name is similar to a misspelt one.
fn similar_func(module: &Module, name: &str) -> Option<String> {
    let found = similar(name, callable(module).map(|(name, _)| name))?;
    Some(format!("did you mean `{}`?", escape(found)))
}
