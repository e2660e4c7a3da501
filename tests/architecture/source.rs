//! The sources as the rules see them: text, syntax tree, module name, and which files are test
//! code because their parent declares them so.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::{Attribute, Item, Lit, Meta};

/// One `.rs` file.
pub struct Source {
    /// Path below the package, with `/`.
    pub path: String,
    pub text: String,
    pub tree: syn::File,
}

impl Source {
    /// A file from its text, which must be Rust.
    pub fn new(path: &str, text: &str) -> Self {
        let tree = syn::parse_file(text).unwrap_or_else(|e| panic!("{path}: {e}"));
        Self { path: path.to_owned(), text: text.to_owned(), tree }
    }

    /// The module this file is, below the crate root: `ops::next`; the root itself is `lib`, and
    /// the program `main`.
    pub fn module(&self) -> String {
        let below = self.path.strip_prefix("src/").unwrap_or(&self.path);
        let name = below.strip_suffix(".rs").unwrap_or(below);
        name.strip_suffix("/mod").unwrap_or(name).replace('/', "::")
    }
}

/// Every `.rs` file below `root/folder`, sorted by path; none when the folder is not there.
pub fn load(root: &Path, folder: &str) -> Vec<Source> {
    let mut paths = Vec::new();
    walk(&root.join(folder), &mut paths);
    paths.sort();
    paths
        .iter()
        .map(|path| {
            let text =
                fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            let below = path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned();
            Source::new(&below, &text)
        })
        .collect()
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.expect("folder entry").path();
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// What the `mod` declarations reach from the roots.
#[derive(Default)]
pub struct Reached {
    /// Files that are part of the crate.
    pub production: BTreeSet<String>,
    /// Files that are compiled for tests only.
    pub tests: BTreeSet<String>,
}

/// Follows the `mod` declarations from `roots`, as the compiler does.
pub fn reach(sources: &[Source], roots: &[&str]) -> Reached {
    let by_path: BTreeMap<&str, &Source> = sources.iter().map(|s| (s.path.as_str(), s)).collect();
    let mut reached = Reached::default();
    // Path, whether it owns its folder (a root, a mod.rs, or named by #[path]), whether test code.
    let mut open: Vec<(String, bool, bool)> =
        roots.iter().map(|root| ((*root).to_owned(), true, false)).collect();
    while let Some((path, owns_folder, test)) = open.pop() {
        let Some(source) = by_path.get(path.as_str()) else { continue };
        let list = if test { &mut reached.tests } else { &mut reached.production };
        if !list.insert(path.clone()) {
            continue;
        }
        let owns_folder = owns_folder || path.ends_with("/mod.rs");
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        let children =
            if owns_folder { folder.clone() } else { path.trim_end_matches(".rs").to_owned() };
        for (declared, named, child_test) in declarations(&source.tree.items, false) {
            let test = test || child_test;
            if let Some(named) = named {
                open.push((plain(&format!("{folder}/{named}")), true, test));
            } else {
                open.push((format!("{children}/{declared}.rs"), false, test));
                open.push((format!("{children}/{declared}/mod.rs"), true, test));
            }
        }
    }
    reached.tests = &reached.tests - &reached.production;
    reached
}

/// The `mod x;` of a file: name, `#[path]`, whether test code. Inline modules are walked too.
fn declarations(items: &[Item], test: bool) -> Vec<(String, Option<String>, bool)> {
    let mut found = Vec::new();
    for item in items {
        let Item::Mod(module) = item else { continue };
        let test = test || is_test(&module.attrs);
        match &module.content {
            Some((_, items)) => found.extend(
                declarations(items, test)
                    .into_iter()
                    .map(|(name, path, test)| (format!("{}/{name}", module.ident), path, test)),
            ),
            None => found.push((module.ident.to_string(), path_of(&module.attrs), test)),
        }
    }
    found
}

fn path_of(attributes: &[Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| {
        let Meta::NameValue(pair) = &attribute.meta else { return None };
        let syn::Expr::Lit(value) = &pair.value else { return None };
        match &value.lit {
            Lit::Str(text) if pair.path.is_ident("path") => Some(text.value()),
            _ => None,
        }
    })
}

fn plain(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// Whether an item is compiled for tests only: `#[test]`, or a `cfg` that asks for `test`.
pub fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("cfg") => {
            let condition = list.tokens.to_string().replace(' ', "");
            condition == "test" || (condition.starts_with("all(") && asks_for_test(&condition))
        }
        _ => false,
    })
}

fn asks_for_test(condition: &str) -> bool {
    let inside = condition.trim_start_matches("all(").trim_end_matches(')');
    inside.split(',').any(|part| part == "test")
}
