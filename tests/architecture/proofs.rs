//! Each rule fails where it must and is silent where it must be, on sources small enough to read.

use crate::graph::{self, Row};
use crate::shape;
use crate::source::{self, Source};

fn edges(files: &[(&str, &str)]) -> Vec<graph::Edge> {
    let sources: Vec<Source> = files.iter().map(|(path, text)| Source::new(path, text)).collect();
    graph::edges(&sources.iter().collect::<Vec<_>>(), "git_orch")
}

fn arrows(files: &[(&str, &str)]) -> Vec<String> {
    edges(files).iter().map(|edge| format!("{} {}", edge.from, edge.to)).collect()
}

#[test]
fn every_way_of_mentioning_a_module_is_an_edge() {
    let target = ("src/b.rs", "pub mod deep; pub struct S; pub fn f() {}");
    let deep = ("src/b/deep.rs", "pub fn f() {}");
    for (text, to) in [
        ("use crate::b::S;", "b"),
        ("use crate::b::{deep::f, S as T};", "b::deep"),
        ("use crate::{b, c};", "b"),
        ("use super::b::deep::*;", "b::deep"),
        ("pub use super::b::S;", "b"),
        ("fn g() { crate::b::f() }", "b"),
        ("fn g(s: crate::b::S) {}", "b"),
        ("fn g() { use crate::b as other; other::deep::f() }", "b::deep"),
        ("fn g() { println!(\"{}\", crate::b::deep::f()) }", "b::deep"),
        ("fn g() { assert!(matches!(x, Some(super::b::S))) }", "b"),
        ("mod inner { use super::super::b::S; }", "b"),
        ("impl crate::b::Trait for u8 {}", "b"),
        ("#[derive(crate::b::Derive)] struct X;", "b"),
        ("const C: u8 = crate::b::C;", "b"),
        ("use crate::b::deep; fn g() { deep::f() }", "b::deep"),
    ] {
        let found = arrows(&[("src/a.rs", text), target, deep, ("src/c.rs", "")]);
        assert!(found.contains(&format!("a {to}")), "{text}: {found:?}");
    }
}

#[test]
fn a_parent_uses_the_child_it_re_exports_or_calls_but_not_the_one_it_declares() {
    let child = ("src/a/child.rs", "pub struct Thing; pub fn run() {}");
    let with = |text| arrows(&[("src/a.rs", text), child]);
    assert_eq!(with("mod child;"), [""; 0]);
    assert_eq!(with("mod child; pub use child::Thing;"), ["a a::child"]);
    assert_eq!(with("mod child; fn f() { child::run() }"), ["a a::child"]);
    assert_eq!(with("mod child; pub use self::child::Thing as T;"), ["a a::child"]);
}

#[test]
fn tests_documents_and_visibility_are_no_edges() {
    let b = ("src/b.rs", "pub struct S;");
    for text in [
        "#[cfg(test)] mod tests { use crate::b::S; }",
        "#[cfg(all(test, unix))] use crate::b::S;",
        "#[test] fn t() { crate::b::S; }",
        "struct A; impl A { #[cfg(test)] fn f() { crate::b::S; } }",
        "/// See [`crate::b::S`].\npub(in crate::b) fn f() {}",
        "fn f() { let _ = \"crate::b::S\"; }",
    ] {
        assert_eq!(arrows(&[("src/a.rs", text), b]), [""; 0], "{text}");
    }
    assert_eq!(arrows(&[("src/a.rs", "#[cfg(not(test))] use crate::b::S;"), b]), ["a b"]);
}

#[test]
fn the_program_uses_the_library_by_its_name() {
    let found =
        arrows(&[("src/main.rs", "fn main() { git_orch::cli::main() }"), ("src/cli.rs", "")]);
    assert_eq!(found, ["main cli"]);
}

#[test]
fn a_cycle_is_told_as_a_chain_with_places() {
    let found = graph::cycles(&edges(&[
        ("src/a.rs", "use crate::b::B;"),
        ("src/b.rs", "\nuse crate::c::{self};"),
        ("src/c.rs", "fn f() {\n    crate::a::f()\n}"),
        ("src/d.rs", "use crate::a::A;"),
    ]));
    assert_eq!(
        found,
        [
            "a cycle of 3:\n    a uses b (src/a.rs:1)\n    b uses c (src/b.rs:2)\n    c uses a (src/c.rs:2)"
        ]
    );
}

#[test]
fn parents_and_siblings_can_form_cycles_too() {
    let parent = ("src/a.rs", "mod x; mod y; pub use x::X; pub struct P;");
    let found = graph::cycles(&edges(&[
        parent,
        ("src/a/x.rs", "use super::P; pub struct X;"),
        ("src/a/y.rs", "use super::P;"),
    ]));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("a::x uses a (src/a/x.rs:1)"), "{found:?}");
    let apart =
        graph::cycles(&edges(&[parent, ("src/a/x.rs", ""), ("src/a/y.rs", "use super::P;")]));
    assert_eq!(apart, [""; 0]);
}

#[test]
fn two_cycles_apart_are_both_told() {
    let found = graph::cycles(&edges(&[
        ("src/a.rs", "use crate::b::B;"),
        ("src/b.rs", "use crate::a::A;"),
        ("src/c.rs", "use crate::d::D; use crate::a::A;"),
        ("src/d.rs", "use crate::c::C;"),
    ]));
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn a_layer_that_reaches_up_is_told() {
    const ROWS: [Row; 3] = [("domain", &[]), ("ops", &["domain"]), ("cli", &["ops", "domain"])];
    let wrong = |files: &[(&str, &str)]| graph::wrong_layers(&edges(files), &ROWS);
    let cli = ("src/cli.rs", "use crate::ops::Op;");
    assert_eq!(wrong(&[cli, ("src/ops.rs", "")]), [""; 0]);
    assert_eq!(
        wrong(&[cli, ("src/ops.rs", ""), ("src/domain/issue.rs", "\nuse crate::ops::Op;")]),
        ["src/domain/issue.rs:2: domain may not use ops (it may use nothing of ours)"]
    );
    assert_eq!(
        wrong(&[cli, ("src/ops.rs", "fn f() { crate::cli::run() }")]),
        ["src/ops.rs:1: ops may not use cli (it may use domain)"]
    );
    assert_eq!(
        wrong(&[("src/ops.rs", ""), ("src/new.rs", "use crate::ops::Op;")]),
        ["src/new.rs:1: new has no row in the layer table"]
    );
    assert_eq!(
        wrong(&[("src/ops.rs", "use crate::Thing;")]),
        ["src/ops.rs:1: ops may not use lib (it may use domain)"]
    );
}

#[test]
fn openings_lengths_and_names_are_seen() {
    let file = |text: &str| Source::new("src/a.rs", text);
    assert!(shape::missing_opening(&file("//! Owns a.\nfn f() {}")).is_none());
    assert!(shape::missing_opening(&file("#![expect(x, reason = \"y\")]\n//! Owns a.")).is_none());
    assert!(shape::missing_opening(&file("// Owns a.\nfn f() {}")).is_some());
    assert!(shape::missing_opening(&file("/// Doc of f.\nfn f() {}")).is_some());

    assert!(shape::too_long(&file(&"\n".repeat(400)), 400).is_none());
    assert_eq!(
        shape::too_long(&file(&"\n".repeat(401)), 400).as_deref(),
        Some("src/a.rs:400: 401 lines; a file has at most 400")
    );

    let names = |path| shape::empty_names(&Source::new(path, ""), &["utils"]).len();
    assert_eq!(names("src/git/utils.rs"), 1);
    assert_eq!(names("src/utils/git.rs"), 1);
    assert_eq!(names("src/git/utilities_of_git.rs"), 0);
}

#[test]
fn long_functions_are_seen_where_they_hide() {
    let body = "{\n".to_owned() + &"    x();\n".repeat(79) + "}\n";
    let just = "{\n".to_owned() + &"    x();\n".repeat(78) + "}\n";
    let long = |text: String| shape::long_functions(&Source::new("src/a.rs", &text), 80);
    assert_eq!(long(format!("\nfn f() {body}")), ["src/a.rs:2: fn f: 81 lines, at most 80"]);
    assert_eq!(long(format!("impl A {{ fn f(&self) {body} }}")).len(), 1);
    assert_eq!(long(format!("trait A {{ fn f(&self) {body} }}")).len(), 1);
    assert_eq!(long(format!("mod m {{ fn f() {body} }}")).len(), 1);
    assert_eq!(long(format!("fn f() {just}")), [""; 0]);
    assert_eq!(long(format!("#[cfg(test)] mod tests {{ fn f() {body} }}")), [""; 0]);
    assert_eq!(long(format!("impl A {{ #[cfg(test)] fn f() {body} }}")), [""; 0]);
    let outer = format!("fn outer() {{\n fn inner() {body} }}");
    assert_eq!(long(outer).len(), 2, "both the inner and the outer one are long");
}

#[test]
fn attributes_and_words_are_seen() {
    let file = |text: &str| Source::new("src/a.rs", text);
    for text in [
        "#[allow(dead_code)] fn f() {}",
        "#![allow(dead_code, reason = \"x\")]",
        "#[cfg_attr(unix, allow(dead_code))] fn f() {}",
        "m! { #[allow(dead_code)] fn f() {} }",
    ] {
        assert_eq!(shape::allows(&file(text)).len(), 1, "{text}");
    }
    assert_eq!(shape::allows(&file("#[expect(x)] fn f() { \"#[allow(x)]\"; }")), [""; 0]);

    let fence = "clippy::disallowed_methods";
    let split = "//! Doc.\n#![expect(\n    clippy::disallowed_methods,\n    reason = \"x\"\n)]";
    assert_eq!(shape::expects(&file(split), fence), Some(2));
    assert_eq!(
        shape::expects(&file("#[expect(clippy::disallowed_methods)] fn f() {}"), fence),
        Some(1)
    );
    assert_eq!(shape::expects(&file("#![expect(clippy::print_stdout)]"), fence), None);

    let word = concat!("TO", "DO");
    let text = format!("// {word}: later\n// {word}S are not meant, nor my{word}\n");
    assert_eq!(shape::words(&file(&text), &[word]), [format!("src/a.rs:1: {word}")]);
}

#[test]
fn fences_hold_against_every_way_of_climbing() {
    let file = |text: &str| Source::new("src/domain/a.rs", text);
    let seen = |text: &str, fence: &str| shape::beyond_fence(&file(text), &[fence], "why").len();
    assert_eq!(seen("use std::fs;", "std::fs"), 1);
    assert_eq!(seen("use std::{fmt, fs::File};", "std::fs"), 1);
    assert_eq!(seen("fn f() { std::fs::read(\"x\"); }", "std::fs"), 1);
    assert_eq!(
        seen("use std::time; fn f() { time::SystemTime::now(); }", "std::time::SystemTime"),
        1
    );
    assert_eq!(seen("use std::time::*;", "std::time::SystemTime"), 1);
    assert_eq!(seen("#[derive(serde::Serialize)] struct S;", "serde"), 1);
    assert_eq!(seen("#[serde(flatten)] struct S;", "serde"), 1);
    assert_eq!(seen("fn f() { vec![std::env::var(\"x\")]; }", "std::env"), 1);
    assert_eq!(seen("use std::fmt; use std::time::Duration;", "std::fs"), 0);
    assert_eq!(seen("use crate::domain::serde::S;", "serde"), 0);
    assert_eq!(seen("#[cfg(test)] mod tests { use std::fs; }", "std::fs"), 0);

    let spoken = |text: &str| shape::called(&file(text), &["println"], "why").len();
    assert_eq!(spoken("fn f() { println!(\"x\") }"), 1);
    assert_eq!(spoken("fn f() { std::println!(\"x\") }"), 1);
    assert_eq!(spoken("m! { println!(\"x\") }"), 1);
    assert_eq!(spoken("fn f() { writeln!(out, \"println!\") }"), 0);
}

#[test]
fn files_are_reached_as_the_compiler_reaches_them() {
    let file = |path: &str, text: &str| Source::new(path, text);
    let sources = [
        file(
            "src/lib.rs",
            "mod a; mod b; mod inline { mod inside; } #[path = \"odd/z.rs\"] mod z;",
        ),
        file("src/a.rs", "mod x; #[cfg(test)] mod tests;"),
        file("src/a/x.rs", ""),
        file("src/a/tests.rs", "mod more;"),
        file("src/a/tests/more.rs", ""),
        file("src/b/mod.rs", "mod y;"),
        file("src/b/y.rs", ""),
        file("src/inline/inside.rs", ""),
        file("src/odd/z.rs", "mod beside;"),
        file("src/odd/beside.rs", ""),
        file("src/orphan.rs", ""),
    ];
    let reached = source::reach(&sources, &["src/lib.rs"]);
    assert_eq!(
        reached.tests.into_iter().collect::<Vec<_>>(),
        ["src/a/tests.rs", "src/a/tests/more.rs"]
    );
    assert_eq!(reached.production.len(), 8);
    assert!(!reached.production.contains("src/orphan.rs"));
}
