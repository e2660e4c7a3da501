//! What a file refers to: every path and `use` of its production code, with names that `use`
//! brought in written out in full. Code for tests is not looked at.

use std::collections::BTreeMap;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItem, Item, Macro, Meta, UseTree, Visibility};

use crate::source::{Source, is_test};

/// One mention of something by path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// Whether it is in this crate; `path` then starts below the crate root.
    pub own: bool,
    /// The segments.
    pub path: Vec<String>,
    /// Whether it ends in `*`.
    pub glob: bool,
    pub line: usize,
}

impl Mention {
    pub fn words(&self) -> String {
        let start = if self.own { "crate::" } else { "" };
        format!("{start}{}{}", self.path.join("::"), if self.glob { "::*" } else { "" })
    }
}

/// A macro that is called.
pub struct Call {
    pub name: String,
    pub line: usize,
}

/// Everything a file refers to.
pub struct Mentions {
    pub paths: Vec<Mention>,
    pub calls: Vec<Call>,
}

/// The mentions of `source`; `library` is the name under which the program knows the library.
pub fn mentions(source: &Source, library: &str) -> Mentions {
    let module = match source.module().as_str() {
        "lib" | "main" => Vec::new(),
        name => name.split("::").map(str::to_owned).collect(),
    };
    let mut gather = Gather { library, module, raw: Vec::new(), calls: Vec::new() };
    gather.visit_file(&source.tree);
    let names = names(&gather.raw);
    let paths = gather.raw.iter().flat_map(|raw| resolved(raw, &names)).collect();
    Mentions { paths, calls: gather.calls }
}

/// A path, ours from the crate root on, before imported names are written out.
struct Raw {
    path: Vec<String>,
    /// What a `use` calls it.
    imported_as: Option<String>,
    /// Set on the declaration `mod x;`: names the child, and is no mention.
    child: bool,
    glob: bool,
    line: usize,
}

struct Gather<'a> {
    library: &'a str,
    module: Vec<String>,
    raw: Vec<Raw>,
    calls: Vec<Call>,
}

impl Gather<'_> {
    fn push(&mut self, path: Vec<String>, line: usize) {
        self.push_use(path, None, false, line);
    }

    fn push_use(&mut self, path: Vec<String>, name: Option<String>, glob: bool, line: usize) {
        let path = self.absolute(path);
        self.raw.push(Raw { path, imported_as: name, child: false, glob, line });
    }

    /// `crate`, `self` and `super` written out; `crate` stays in front as the mark of our own.
    fn absolute(&self, path: Vec<String>) -> Vec<String> {
        let mut here = self.module.clone();
        let mut rest = path.as_slice();
        match rest.first().map(String::as_str) {
            Some("crate") => here.clear(),
            Some(name) if name == self.library => here.clear(),
            Some("self") => {}
            Some("super") => drop(here.pop()),
            _ => return path,
        }
        rest = &rest[1..];
        while rest.first().is_some_and(|name| name == "super") {
            here.pop();
            rest = &rest[1..];
        }
        let start = std::iter::once("crate".to_owned());
        start.chain(here).chain(rest.iter().cloned()).collect()
    }

    fn tree(&mut self, tree: &UseTree, before: &[String]) {
        let joined = |name: String| [before, &[name]].concat();
        match tree {
            UseTree::Path(part) => self.tree(&part.tree, &joined(part.ident.to_string())),
            UseTree::Name(name) => {
                let line = name.ident.span().start().line;
                let word = name.ident.to_string();
                // `use a::b::{self}` names b.
                let path = if word == "self" { before.to_vec() } else { joined(word) };
                let last = path.last().cloned();
                self.push_use(path, last, false, line);
            }
            UseTree::Rename(part) => {
                let line = part.ident.span().start().line;
                let word = part.ident.to_string();
                let path = if word == "self" { before.to_vec() } else { joined(word) };
                self.push_use(path, Some(part.rename.to_string()), false, line);
            }
            UseTree::Glob(glob) => {
                let line = glob.star_token.spans[0].start().line;
                self.push_use(before.to_vec(), None, true, line);
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(tree, before)),
        }
    }

    /// Paths in what a macro is given: there is no syntax tree of it, so `a::b` is looked for.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut line = 0;
        let mut joints = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(word) => {
                    if joints != 2 {
                        self.flush(&mut path, line);
                    }
                    line = word.span().start().line;
                    path.push(word.to_string());
                    joints = 0;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' && !path.is_empty() => joints += 1,
                TokenTree::Punct(mark) => {
                    if mark.as_char() == '!' && path.len() == 1 {
                        self.calls.push(Call { name: path[0].clone(), line });
                    }
                    self.flush(&mut path, line);
                    joints = 0;
                }
                TokenTree::Group(group) => {
                    self.flush(&mut path, line);
                    joints = 0;
                    self.tokens(group.stream());
                }
                TokenTree::Literal(_) => {
                    self.flush(&mut path, line);
                    joints = 0;
                }
            }
        }
        self.flush(&mut path, line);
    }

    fn flush(&mut self, path: &mut Vec<String>, line: usize) {
        let path = std::mem::take(path);
        if path.len() > 1 {
            self.push(path, line);
        }
    }
}

impl<'ast> Visit<'ast> for Gather<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_test(item_attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        if !matches!(item, ImplItem::Fn(function) if is_test(&function.attrs)) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        let name = module.ident.to_string();
        let path = [vec!["crate".to_owned()], self.module.clone(), vec![name.clone()]].concat();
        let line = module.ident.span().start().line;
        self.raw.push(Raw {
            path,
            imported_as: Some(name.clone()),
            child: true,
            glob: false,
            line,
        });
        self.module.push(name);
        visit::visit_item_mod(self, module);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.tree(&item.tree, &[]);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 {
            let line = path.segments[0].ident.span().start().line;
            self.push(path.segments.iter().map(|s| s.ident.to_string()).collect(), line);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        if let Some(last) = call.path.segments.last() {
            let line = last.ident.span().start().line;
            self.calls.push(Call { name: last.ident.to_string(), line });
        }
        self.tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        let path = attribute.path();
        if let Some(first) = path.segments.first() {
            // `#[serde(…)]`: an attribute of one word belongs to the crate that gave it.
            self.push(vec![first.ident.to_string()], first.ident.span().start().line);
        }
        if let Meta::List(list) = &attribute.meta {
            self.tokens(list.tokens.clone());
        }
        visit::visit_attribute(self, attribute);
    }

    /// `pub(super)` and `pub(in crate::x)` say who may look, not what is used.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}
}

/// What the names that `use` and `mod` bring in stand for. A name brought in twice, in different
/// functions, stands for both.
fn names(raw: &[Raw]) -> BTreeMap<String, Vec<Vec<String>>> {
    let mut names: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
    for entry in raw {
        let Some(name) = &entry.imported_as else { continue };
        names.entry(name.clone()).or_default().push(entry.path.clone());
    }
    names
}

fn resolved(raw: &Raw, names: &BTreeMap<String, Vec<Vec<String>>>) -> Vec<Mention> {
    if raw.child {
        return Vec::new();
    }
    let mut done = Vec::new();
    let mut open = vec![(raw.path.clone(), 0)];
    while let Some((path, depth)) = open.pop() {
        let first = path[0].as_str();
        let meant = names.get(first).filter(|_| depth < 4 && first != "crate" && path.len() > 1);
        match meant {
            // `use serde::…` names itself: nothing is gained by writing it out.
            Some(targets) if !targets.iter().all(|target| target[0] == first) => {
                for target in targets.iter().filter(|target| target[0] != first) {
                    open.push(([target, &path[1..]].concat(), depth + 1));
                }
            }
            _ => done.push(path),
        }
    }
    done.into_iter()
        .map(|mut path| {
            let own = path[0] == "crate";
            if own {
                path.remove(0);
            }
            Mention { own, path, glob: raw.glob, line: raw.line }
        })
        .collect()
}

fn item_attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(i) => &i.attrs,
        Item::Enum(i) => &i.attrs,
        Item::Fn(i) => &i.attrs,
        Item::Impl(i) => &i.attrs,
        Item::Macro(i) => &i.attrs,
        Item::Mod(i) => &i.attrs,
        Item::Static(i) => &i.attrs,
        Item::Struct(i) => &i.attrs,
        Item::Trait(i) => &i.attrs,
        Item::Type(i) => &i.attrs,
        Item::Use(i) => &i.attrs,
        _ => &[],
    }
}
