//! The words that programs rely on: what the program says is what `docs/reason-codes.md` lists.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// All of the program's source in one text.
fn source() -> String {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    files.iter().map(|file| std::fs::read_to_string(file).expect("source")).collect()
}

fn listed() -> BTreeSet<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reason-codes.md");
    let text = std::fs::read_to_string(page).expect("the page");
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    let code = regex::Regex::new("`([a-z][a-z-]+)`").expect("a pattern");
    // The first column alone: the second is prose.
    rows.filter_map(|row| row.split('|').nth(1))
        .flat_map(|cell| code.captures_iter(cell).map(|c| c[1].to_owned()).collect::<Vec<_>>())
        .collect()
}

#[test]
fn every_code_that_is_said_is_listed() {
    let said = r#"(?:Refusal::(?:one|many)|Unmet::new|refuse|unmet)\(\s*"([a-z][a-z-]+)""#;
    let said = regex::Regex::new(said).expect("a pattern");
    let source = source();
    let said: BTreeSet<String> = said.captures_iter(&source).map(|c| c[1].to_owned()).collect();
    assert!(said.len() > 30, "the pattern finds no codes any more: {said:?}");
    let listed = listed();
    let missing: Vec<_> = said.difference(&listed).collect();
    assert!(missing.is_empty(), "not in docs/reason-codes.md: {missing:?}");
}

#[test]
fn every_code_that_is_listed_is_said() {
    let source = source();
    let listed = listed();
    let gone: Vec<_> = listed.iter().filter(|c| !source.contains(&format!("\"{c}\""))).collect();
    assert!(gone.is_empty(), "in docs/reason-codes.md and nowhere else: {gone:?}");
}

#[test]
fn every_finding_of_doctor_is_listed() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ops/doctor"), &mut files);
    let said = regex::Regex::new(r#"code: "([a-z-]+)""#).expect("a pattern");
    let listed = listed();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("source");
        for found in said.captures_iter(&text) {
            assert!(listed.contains(&found[1]), "not in docs/reason-codes.md: {}", &found[1]);
        }
    }
}
