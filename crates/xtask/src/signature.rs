//! Public items as lines, in a form in which two packages can be compared: what no program can see is left out.
//!
//! `pub fn wasmi::Caller<'a, T>::get_export(&self, &str) -> core::option::Option<wasmi::Extern>` becomes
//! `pub fn Caller::get_export(&self, &str) -> Option<Extern>`. Lifetimes and type parameters are numbered, and a type that is named
//! in its own method is `Self`. The items of an implementation of a trait are left out, since they are those of the trait.

use std::collections::{BTreeMap, BTreeSet};

/// Traits that programs cannot name on a stable compiler.
const UNSTABLE: [&str; 3] = ["Freeze", "UnsafeUnpin", "StructuralPartialEq"];

/// Splits a line into names, lifetimes, `::`, and single characters.
fn tokens(line: &str) -> Vec<&str> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut tokens = Vec::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '\'' => 1 + rest[1..].find(|c| !is_name(c)).unwrap_or(rest.len() - 1),
            ':' if rest.starts_with("::") => 2,
            '-' if rest.starts_with("->") => 2,
            _ if is_name(first) => rest.find(|c| !is_name(c)).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        let (token, after) = rest.split_at(end);
        tokens.push(token);
        rest = after;
    }
    tokens
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Returns the position after the `>` that closes the `<` at `start`, or `start` if there is none.
fn generics_end(tokens: &[String], start: usize) -> usize {
    if tokens.get(start).is_none_or(|token| token != "<") {
        return start;
    }
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(start) {
        match &**token {
            "<" => depth += 1,
            ">" if depth == 1 => return at + 1,
            ">" => depth -= 1,
            _ => {}
        }
    }
    tokens.len()
}

/// Returns the names that a list of generics declares.
fn declared(generics: &[String]) -> Vec<String> {
    let mut depth = 0_usize;
    let mut names = Vec::new();
    let mut expects = false;
    for token in generics {
        match &**token {
            "<" | "(" | "[" => {
                depth += 1;
                expects = depth == 1;
            }
            ">" | ")" | "]" => depth -= 1,
            "," => expects = depth == 1,
            " " | "const" => {}
            token => {
                if expects && is_name(token) {
                    names.push(token.to_owned());
                }
                expects = false;
            }
        }
    }
    names
}

/// Splits tokens at commas that are inside no brackets.
fn parts(tokens: &[String]) -> Vec<Vec<String>> {
    let mut parts = vec![Vec::new()];
    let mut depth = 0_usize;
    for token in tokens {
        match &**token {
            "<" | "(" | "[" => depth += 1,
            ">" | ")" | "]" => depth = depth.saturating_sub(1),
            "," if depth == 0 => {
                parts.push(Vec::new());
                continue;
            }
            _ => {}
        }
        let part = parts.last_mut().expect("there is a last part");
        if token != " " || !part.is_empty() {
            part.push(token.clone());
        }
    }
    parts
}

/// Returns what a list of generics declares with a bound.
fn bounded(generics: &[String]) -> Vec<Vec<String>> {
    let inner = generics.get(1..generics.len().saturating_sub(1)).unwrap_or_default();
    parts(inner).into_iter().filter(|part| part.iter().any(|token| token == ":")).collect()
}

/// Numbers of lifetimes and type parameters, in the order in which they appear.
#[derive(Default)]
struct Numbers {
    params: Vec<String>,
    order: Vec<String>,
    lifetimes: BTreeMap<String, usize>,
}

impl Numbers {
    fn replace(&mut self, tokens: &mut [String]) {
        for token in tokens {
            if self.params.contains(token) {
                let at = self.order.iter().position(|name| name == token).unwrap_or_else(|| {
                    self.order.push(token.clone());
                    self.order.len() - 1
                });
                *token = format!("T{}", at + 1);
            } else if token.starts_with('\'') && token != "'static" {
                let next = self.lifetimes.len() + 1;
                let key = if token == "'_" { format!("'_{next}") } else { token.clone() };
                *token = format!("'{}", self.lifetimes.entry(key).or_insert(next));
            }
        }
    }
}

/// A line without paths: names of modules before the name of a type are dropped, except in the name of the item itself.
struct Line {
    tokens: Vec<String>,
    /// Where the name of the item is: nothing for implementations.
    name: Option<std::ops::Range<usize>>,
}

impl Line {
    fn new(line: &str, root: &str) -> Self {
        let all = tokens(line);
        let root = tokens(root);
        let item = !line.starts_with("impl") && !line.starts_with('#');
        let starts = item.then(|| all.windows(root.len()).position(|window| *window == root[..])).flatten();
        let mut out: Vec<String> = Vec::new();
        let mut name = None;
        let mut at = 0;
        let mut depth = 0_usize;
        while at < all.len() {
            if starts == Some(at) {
                // The name of the item, without that of the package.
                at += root.len() + usize::from(all.get(at + root.len()) == Some(&"::"));
                name = Some(out.len()..all.len());
            }
            let in_name = name.as_ref().is_some_and(|name| out.len() < name.end);
            match all.get(at) {
                Some(&"<") => depth += 1,
                Some(&">") => depth = depth.saturating_sub(1),
                Some(&token) if in_name && depth == 0 && token != "::" && !is_name(token) => {
                    name = name.map(|name| name.start..out.len());
                }
                _ => {}
            }
            let in_name = depth == 0 && name.as_ref().is_some_and(|name| out.len() < name.end);
            let path = |at: usize| is_name(all[at]) && all.get(at + 1) == Some(&"::");
            if !in_name && at < all.len() && path(at) && all.get(at + 2).is_some_and(|next| is_name(next)) {
                at += 2;
            } else if at < all.len() {
                out.push(all[at].to_owned());
                at += 1;
            }
        }
        let name = name.map(|name| name.start..name.end.min(out.len()));
        Self { tokens: out, name }
    }

    /// Returns the comparable form.
    fn finish(self) -> String {
        let mut numbers = Numbers::default();
        let mut bounds = Vec::new();
        let mut rest = self.tokens;
        if let Some(at) = rest.iter().position(|token| token == "where") {
            bounds.extend(parts(&rest.split_off(at)[1..]));
        }
        let (mut head, mut owner) = (Vec::new(), Vec::new());
        if let Some(name) = self.name {
            // Generics of the types that the name goes through are left out, and are what the owner has.
            let after = rest.split_off(name.end.min(rest.len()));
            let mut at = 0;
            while at < rest.len() {
                let end = if at > name.start { generics_end(&rest, at) } else { at };
                if end == at {
                    head.push(rest[at].clone());
                    at += 1;
                    continue;
                }
                numbers.params.extend(declared(&rest[at..end]));
                bounds.extend(bounded(&rest[at..end]));
                if end < rest.len() {
                    owner = [&head[head.len() - 1..], &rest[at..end]].concat();
                }
                at = end;
            }
            rest = after;
            if owner.is_empty() && head.len() >= 3 && head[head.len() - 2] == "::" {
                owner.push(head[head.len() - 3].clone());
            }
        } else if rest.first().is_some_and(|token| token == "impl") {
            let end = generics_end(&rest, 1);
            numbers.params.extend(declared(&rest[1..end]));
            bounds.extend(bounded(&rest[1..end]));
            rest.drain(1..end);
        }
        numbers.replace(&mut owner);
        numbers.replace(&mut rest);
        bounds.iter_mut().for_each(|bound| numbers.replace(bound));
        let owner = owner.concat();
        let mut rest = rest.concat();
        if owner.starts_with(char::is_uppercase) {
            rest = replace_name(&rest, &owner, "Self");
        }
        let bounds: BTreeSet<_> = bounds.iter().map(|bound| bound.concat().trim().to_owned()).collect();
        let bounds: Vec<_> = bounds.into_iter().filter(|bound| !bound.is_empty()).collect();
        let bounds = if bounds.is_empty() { String::new() } else { format!(" where {}", bounds.join(", ")) };
        head.concat() + rest.trim_end() + &bounds
    }
}

/// Replaces a type where it stands as a whole.
fn replace_name(text: &str, name: &str, with: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(name) {
        let (before, found) = rest.split_at(at);
        let after = &found[name.len()..];
        let inside = |c: char| c.is_alphanumeric() || c == '_';
        let whole = !before.ends_with(inside) && !after.starts_with(|c| inside(c) || c == '<');
        out += before;
        out += if whole { with } else { name };
        rest = after;
    }
    out + rest
}

/// Returns the comparable forms of the lines of a package whose public names begin with `root`.
pub(crate) fn items(lines: impl Iterator<Item = String>, root: &str) -> BTreeSet<String> {
    let mut items = BTreeSet::new();
    let mut of_trait = false;
    for line in lines {
        if line.starts_with("impl") {
            let item = Line::new(&line, root).finish();
            of_trait = item.contains(" for ");
            // Implementations without a trait are known by their items.
            if of_trait
                && !item.starts_with("impl !")
                && !UNSTABLE.iter().any(|name| item.contains(&format!(" {name} for ")))
            {
                items.insert(item);
            }
            continue;
        }
        // Representations are no business of programs; whether a type may grow is.
        let open = line.contains("#[non_exhaustive]");
        // A constant function can do all that others can.
        let line = line[line.find("pub ").unwrap_or(0)..].replace("pub const fn ", "pub fn ");
        let line = line.as_str();
        if of_trait && is_member(line) {
            continue;
        }
        of_trait = false;
        if line.starts_with("pub mod ") || !line.contains(root) {
            continue;
        }
        // Fields that nobody sees.
        let mut item = Line::new(line, root).finish().replace("(_)", "");
        if is_member(line) {
            // A type may have several paths, of which its items have one.
            item = without_modules(&item);
        }
        items.insert(if open { format!("#[non_exhaustive] {item}") } else { item });
    }
    items
}

/// Tells whether a line is an item of a type or a trait rather than of a module.
fn is_member(line: &str) -> bool {
    let kinds = ["pub fn ", "pub const fn ", "pub type ", "pub const "];
    let Some(rest) = kinds.iter().find_map(|kind| line.strip_prefix(kind)) else { return false };
    let name = rest.split(['(', '=']).next().unwrap_or_default();
    // A type, or the end of its generics, is before the last name.
    name.contains(">::") || name.rsplit("::").nth(1).is_some_and(|of| of.starts_with(char::is_uppercase))
}

/// Leaves out the modules before the name of a type: `errors::` of `pub fn errors::FuelError::new()`.
fn without_modules(item: &str) -> String {
    let name = item.find('(').unwrap_or(item.len());
    let start = item[..name].rfind(' ').map_or(0, |at| at + 1);
    let mut rest = &item[start..];
    while let Some((module, after)) = rest.split_once("::") {
        if !module.starts_with(|c: char| c.is_lowercase()) || module.contains('(') {
            break;
        }
        rest = after;
    }
    format!("{}{rest}", &item[..start])
}

/// Puts the items of another package in the place of `pub use` of their types.
pub(crate) fn resolve(items: &mut BTreeSet<String>, more: &BTreeSet<String>) {
    let uses: Vec<String> = items.iter().filter_map(|item| Some(item.strip_prefix("pub use ")?.to_owned())).collect();
    for path in uses {
        let (module, name) = path.rsplit_once("::").map_or(("", &*path), |(module, name)| (module, name));
        let inside = |c: char| c.is_alphanumeric() || c == '_';
        let found: Vec<String> = more
            .iter()
            .filter_map(|item| {
                if item.starts_with("impl") {
                    let subject = item.split_once(" for ")?.1.split(" where ").next()?;
                    return (subject.split('<').next()? == name).then(|| item.clone());
                }
                // The name of the item comes first of all that is no keyword.
                let at = item.find(&format!(" {name}"))? + 1;
                let whole = !item[at + name.len()..].starts_with(inside) && !item[..at].contains(['(', ':']);
                // Items of a type are known by its name.
                let module = if is_member(item) { "" } else { module };
                let separator = if module.is_empty() { "" } else { "::" };
                whole.then(|| format!("{}{module}{separator}{}", &item[..at], &item[at..]))
            })
            .collect();
        if !found.is_empty() {
            items.remove(&format!("pub use {path}"));
            items.extend(found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{items, resolve};

    fn comparable(line: &str) -> String {
        items([line.to_owned()].into_iter(), "wasmi").into_iter().next().unwrap_or_default()
    }

    #[test]
    fn paths_and_names_of_parameters_are_left_out() {
        for (line, expected) in [
            (
                "pub fn wasmi::Caller<'a, T>::get_export(&self, &str) -> core::option::Option<wasmi::Extern>",
                "pub fn Caller::get_export(&self, &str) -> Option<Extern>",
            ),
            (
                "impl<T, F: core::ops::Fn(A) -> R, A: wasmi::Ty, R> wasmi::Into<T, (A,), R> for F where R: wasmi::Ret",
                "impl Into<T1, (T2,), T3> for T4 where T2: Ty, T3: Ret, T4: Fn(T2) -> T3",
            ),
            ("pub fn wasmi::Engine::same(&wasmi::Engine) -> bool", "pub fn Engine::same(&Self) -> bool"),
            ("pub fn wasmi::Call<R>::next(self) -> wasmi::Call<R>", "pub fn Call::next(self) -> Self"),
            ("pub fn wasmi::Section<'x>::data(&self) -> &'x [u8]", "pub fn Section::data(&self) -> &'1 [u8]"),
            (
                "impl<T: core::fmt::Debug> core::fmt::Debug for wasmi::Linker<T>",
                "impl Debug for Linker<T1> where T1: Debug",
            ),
            ("impl<'i> core::clone::Clone for wasmi::Export<'i>", "impl Clone for Export<'1>"),
            ("pub fn wasmi::f<U: wasmi::Ty>(U) -> wasmi::errors::Error", "pub fn f(T1) -> Error where T1: Ty"),
            ("pub const fn wasmi::errors::E::code(self) -> u8", "pub fn E::code(self) -> u8"),
            ("#[repr(C)] pub struct wasmi::Func(_)", "pub struct Func"),
            ("#[non_exhaustive] pub enum wasmi::errors::E", "#[non_exhaustive] pub enum errors::E"),
            ("impl core::marker::Freeze for wasmi::Func", ""),
        ] {
            assert_eq!(comparable(line), expected, "{line}");
        }
    }

    #[test]
    fn items_of_implementations_of_traits_are_left_out() {
        let lines = ["impl a::From<b::X> for wasmi::Y", "pub fn wasmi::Y::from(b::X) -> Self", "pub fn wasmi::free()"];
        let found: Vec<_> = items(lines.map(str::to_owned).into_iter(), "wasmi").into_iter().collect();
        assert_eq!(found, ["impl From<X> for Y", "pub fn free()"]);
    }

    #[test]
    fn what_is_exported_is_the_other_package() {
        let mut found = [String::from("pub use errors::X")].into();
        let more =
            ["pub struct X", "pub fn X::new() -> Self", "impl Clone for X", "pub struct XY", "impl Clone for XY"];
        resolve(&mut found, &more.map(str::to_owned).into());
        let found: Vec<_> = found.into_iter().collect();
        assert_eq!(found, ["impl Clone for X", "pub fn X::new() -> Self", "pub struct errors::X"]);
    }
}
