//! The graph of files: which file uses which, and the circles in it.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{Source, Used};

/// The files of one crate by the module that each is.
pub(crate) struct Graph<'a> {
    files: BTreeMap<Vec<&'a str>, &'a Source>,
    /// By module and name: where a `pub use` of the module finds that name.
    exports: BTreeMap<(Vec<&'a str>, String), Vec<String>>,
}

impl<'a> Graph<'a> {
    pub(crate) fn new(sources: &'a [Source]) -> Self {
        let files: BTreeMap<_, _> = sources.iter().map(|source| (source.module(), source)).collect();
        let mut exports = BTreeMap::new();
        for source in sources {
            for Used { names, exported, .. } in source.used() {
                if let (true, Some(name)) = (exported, names.last()) {
                    exports.insert((source.module(), name.clone()), names.clone());
                }
            }
        }
        Self { files, exports }
    }

    /// The file in which the thing with this path is defined, if it is in this crate: `pub use` is looked through.
    pub(crate) fn file(&self, names: &[String]) -> Option<&'a Source> {
        self.find(names, 8)
    }

    fn find(&self, names: &[String], exports_left: u32) -> Option<&'a Source> {
        let path: Vec<&str> = names.iter().map(String::as_str).collect();
        let len = (0..=path.len()).rev().find(|&len| self.files.contains_key(&path[..len]))?;
        if let (Some(name), true) = (names.get(len), exports_left > 0) {
            let export =
                self.exports.iter().find(|((module, exported), _)| module[..] == path[..len] && exported == name);
            if let Some((_, target)) = export
                && target != names
            {
                return self.find(target, exports_left - 1);
            }
        }
        self.files.get(&path[..len]).copied()
    }

    /// By path: the other files that a file uses. A `pub use` is no use.
    pub(crate) fn arrows(&self) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
        let mut arrows = BTreeMap::new();
        for source in self.files.values() {
            let used = source.used();
            let used = used.iter().filter(|used| !used.exported).filter_map(|used| self.file(&used.names));
            let paths = used.map(|file| &*file.path).filter(|path| *path != source.path);
            arrows.insert(&*source.path, paths.collect());
        }
        arrows
    }

    /// The circles: sets of files of which each uses each, directly or through others.
    pub(crate) fn circles(&self) -> Vec<Vec<&'a str>> {
        let arrows = self.arrows();
        let reached: BTreeMap<&str, BTreeSet<&str>> =
            arrows.keys().map(|&from| (from, reached(&arrows, from))).collect();
        let mut circles = BTreeSet::new();
        for (&file, to) in &reached {
            if to.contains(file) {
                let circle: Vec<&str> = to.iter().copied().filter(|other| reached[other].contains(file)).collect();
                circles.insert(circle);
            }
        }
        circles.into_iter().collect()
    }
}

/// The files that can be reached from `from` in one step or more.
fn reached<'a>(arrows: &BTreeMap<&'a str, BTreeSet<&'a str>>, from: &str) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut next: Vec<&str> = arrows[from].iter().copied().collect();
    while let Some(file) = next.pop() {
        if found.insert(file) {
            next.extend(&arrows[file]);
        }
    }
    found
}
