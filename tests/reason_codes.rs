//! `docs/reason-codes.md` lists every reason code that the program can give, and no other.

use std::collections::BTreeSet;
use std::path::Path;

use regex::Regex;

/// The text of every source file below the folder.
fn sources(below: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(below)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("folder") {
            let path = entry.expect("entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = std::fs::read_to_string(path).expect("text");
                // Examples in tests are no codes.
                let end = text.find("#[cfg(test)]\nmod tests").unwrap_or(text.len());
                texts.push(text[..end].to_owned());
            }
        }
    }
    texts
}

/// The words that `pattern` finds in the sources, its first group.
fn found(texts: &[String], pattern: &str) -> BTreeSet<String> {
    let pattern = Regex::new(pattern).expect("pattern");
    let all = texts.iter().flat_map(|text| pattern.captures_iter(text));
    all.map(|found| found[1].to_owned()).collect()
}

/// The words in code marks in the first column of the tables below the heading.
fn listed(heading: &str) -> BTreeSet<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reason-codes.md");
    let text = std::fs::read_to_string(page).expect("page");
    let part = text.split_once(heading).expect(heading).1;
    let part = part.split_once("\n## ").map_or(part, |(part, _)| part);
    let rows = part.lines().filter_map(|line| line.strip_prefix('|')?.split('|').next());
    let word = Regex::new("`([a-z-]+)`").expect("pattern");
    rows.flat_map(|cell| word.captures_iter(cell).map(|f| f[1].to_owned()).collect::<Vec<_>>())
        .collect()
}

fn difference(one: &BTreeSet<String>, other: &BTreeSet<String>) -> Vec<String> {
    one.difference(other).cloned().collect()
}

#[test]
fn every_refusal_is_listed() {
    let texts = sources("src");
    let given = found(&texts, r#"(?:Refusal::(?:one|many)|Unmet::new)\(\s*"([a-z-]+)""#);
    let given: BTreeSet<_> =
        given.union(&found(&texts, r#"refusal\.code = "([a-z-]+)""#)).cloned().collect();
    let listed = listed("## Refusals");
    assert_eq!(difference(&given, &listed), Vec::<String>::new(), "not in docs/reason-codes.md");
    // Some are chosen before they are given: any literal of that form will do.
    let literals = found(&texts, r#""([a-z]+(?:-[a-z]+)*)""#);
    assert_eq!(difference(&listed, &literals), Vec::<String>::new(), "nothing gives these");
}

#[test]
fn every_finding_of_doctor_is_listed() {
    let given = found(&sources("src/ops/doctor"), r#"code: "([a-z-]+)""#);
    let listed = listed("## Findings");
    assert_eq!(difference(&given, &listed), Vec::<String>::new(), "not in docs/reason-codes.md");
    assert_eq!(difference(&listed, &given), Vec::<String>::new(), "nothing gives these");
}
