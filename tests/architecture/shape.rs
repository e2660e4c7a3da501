//! Rules a single file keeps or breaks: its opening, its length, its functions, its name, its
//! words, and what it may mention.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{AttrStyle, ImplItem};

use crate::paths::{Mention, mentions};
use crate::source::{Source, is_test};

/// The `//!` that says what the file owns; an inner attribute may stand before it.
pub fn missing_opening(source: &Source) -> Option<String> {
    let documented = source.tree.attrs.iter().any(|attribute| {
        attribute.path().is_ident("doc") && matches!(attribute.style, AttrStyle::Inner(_))
    });
    (!documented).then(|| format!("{}:1: no `//!` says what this file owns", source.path))
}

/// More lines than a file may have.
pub fn too_long(source: &Source, limit: usize) -> Option<String> {
    let lines = source.text.lines().count();
    (lines > limit)
        .then(|| format!("{}:{limit}: {lines} lines; a file has at most {limit}", source.path))
}

/// Names for what is left over, which say nothing of what is inside.
pub fn empty_names(source: &Source, names: &[&str]) -> Vec<String> {
    let parts = source.path.split('/').map(|part| part.trim_end_matches(".rs"));
    parts
        .filter(|part| names.contains(part))
        .map(|part| format!("{}:1: {part} says nothing of what is inside", source.path))
        .collect()
}

/// Functions with more lines, from `fn` to the closing brace, than one may have. Those for tests
/// are left out.
pub fn long_functions(source: &Source, limit: usize) -> Vec<String> {
    let mut measure = Measure { path: &source.path, limit, long: Vec::new() };
    measure.visit_file(&source.tree);
    measure.long
}

struct Measure<'a> {
    path: &'a str,
    limit: usize,
    long: Vec<String>,
}

impl Measure<'_> {
    fn measure(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let first = signature.fn_token.span.start().line;
        let lines = block.brace_token.span.close().end().line + 1 - first;
        if lines > self.limit {
            let (path, name, limit) = (self.path, &signature.ident, self.limit);
            self.long.push(format!("{path}:{first}: fn {name}: {lines} lines, at most {limit}"));
        }
    }
}

impl<'ast> Visit<'ast> for Measure<'_> {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !is_test(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        if !is_test(&function.attrs) {
            self.measure(&function.sig, &function.block);
            visit::visit_item_fn(self, function);
        }
    }

    fn visit_item_impl(&mut self, block: &'ast syn::ItemImpl) {
        if !is_test(&block.attrs) {
            visit::visit_item_impl(self, block);
        }
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        if let ImplItem::Fn(function) = item {
            if is_test(&function.attrs) {
                return;
            }
            self.measure(&function.sig, &function.block);
        }
        visit::visit_impl_item(self, item);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(block) = &function.default {
            self.measure(&function.sig, block);
        }
        visit::visit_trait_item_fn(self, function);
    }
}

/// Lines that hold one of `words`, each as a whole word.
pub fn words(source: &Source, words: &[&str]) -> Vec<String> {
    let inside = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let mut found = Vec::new();
    for (number, line) in source.text.lines().enumerate() {
        for word in words {
            let whole = line.match_indices(word).any(|(at, _)| {
                !inside(line[..at].chars().next_back())
                    && !inside(line[at + word.len()..].chars().next())
            });
            if whole {
                found.push(format!("{}:{}: {word}", source.path, number + 1));
            }
        }
    }
    found
}

/// Lines with an attribute `allow(…)`, in macros and behind `cfg_attr` too.
pub fn allows(source: &Source) -> Vec<String> {
    attributes(source)
        .into_iter()
        .filter(|(_, tokens)| {
            tokens.starts_with("allow")
                || (tokens.starts_with("cfg_attr") && tokens.contains("allow("))
        })
        .map(|(line, tokens)| format!("{}:{line}: #[{tokens}]", source.path))
        .collect()
}

/// The line of the attribute that expects `lint` to be broken here, if there is one.
pub fn expects(source: &Source, lint: &str) -> Option<usize> {
    attributes(source)
        .into_iter()
        .find(|(_, tokens)| tokens.starts_with("expect(") && tokens.contains(lint))
        .map(|(line, _)| line)
}

/// Every attribute with its line and its text without spaces.
fn attributes(source: &Source) -> Vec<(usize, String)> {
    let tokens: TokenStream = source.text.parse().expect("it was parsed before");
    let mut found = Vec::new();
    gather(tokens, &mut found);
    found
}

fn gather(tokens: TokenStream, found: &mut Vec<(usize, String)>) {
    let mut after_hash = false;
    for token in tokens {
        match token {
            TokenTree::Punct(mark) if mark.as_char() == '#' => after_hash = true,
            // `#![…]`
            TokenTree::Punct(mark) if mark.as_char() == '!' && after_hash => {}
            TokenTree::Group(group) => {
                if after_hash && group.delimiter() == Delimiter::Bracket {
                    let line = group.span_open().start().line;
                    found.push((line, group.stream().to_string().replace([' ', '\n'], "")));
                }
                after_hash = false;
                gather(group.stream(), found);
            }
            _ => after_hash = false,
        }
    }
}

/// Mentions of what a file may not know. A fence is a path: `std::fs`, or a whole crate.
pub fn beyond_fence(source: &Source, fences: &[&str], why: &str) -> Vec<String> {
    let mentions = mentions(source, "");
    let strangers = mentions.paths.iter().filter(|mention| !mention.own);
    let mut found: Vec<String> = strangers
        .filter(|mention| fences.iter().any(|fence| reaches(mention, fence)))
        .map(|mention| format!("{}:{}: {} ({why})", source.path, mention.line, mention.words()))
        .collect();
    found.sort();
    found.dedup();
    found
}

/// Whether a mention is of what `fence` names or of something below it; a glob above counts too.
fn reaches(mention: &Mention, fence: &str) -> bool {
    let fence: Vec<&str> = fence.split("::").collect();
    let path: Vec<&str> = mention.path.iter().map(String::as_str).collect();
    path.starts_with(&fence) || (mention.glob && fence.starts_with(&path))
}

/// Calls of the macros `names`.
pub fn called(source: &Source, names: &[&str], why: &str) -> Vec<String> {
    let calls = mentions(source, "").calls;
    calls
        .iter()
        .filter(|call| names.contains(&call.name.as_str()))
        .map(|call| format!("{}:{}: {}! ({why})", source.path, call.line, call.name))
        .collect()
}
