//! A catalogue's files are read or complained about, never with a panic, and each issue in them has
//! a name that is fit for refs. What is written of an issue reads back as that issue; marking one as
//! resolved is seen, and doing so again changes nothing.
#![no_main]

use git_orch::domain::catalog::{Entry, Standing};
use git_orch::store::catalog::write::{Resolution, issue, resolved};
use git_orch::store::catalog::{front, issue_file, page};

const COMMANDS: &str = "grep -q 'the end' src/file.txt";

/// The issue in a file that is called as it says, or as `entry` does.
fn read(text: &str, entry: &Entry) -> Option<Entry> {
    issue_file::read(text, &format!("{}/{}.md", entry.lane, entry.id), &mut Vec::new())
}

/// An issue as `git orch catalog add` may be told of it: the words are no page of their own.
fn as_told(entry: Entry) -> Entry {
    let plain = |words: String| {
        words.lines().filter(|line| is_plain(line)).collect::<Vec<_>>().join("\n").trim().to_owned()
    };
    Entry {
        problem: plain(entry.problem),
        evidence: plain(entry.evidence),
        fix: plain(entry.fix),
        ..entry
    }
}

fn is_plain(line: &str) -> bool {
    let line = line.trim();
    !line.starts_with(['#', '`', '~']) && !line.ends_with("---") && !line.contains("Status")
}

libfuzzer_sys::fuzz_target!(|text: &str| {
    let mut complaints = Vec::new();
    let _ = front::read(text);
    let _ = page::read(text, "README.md", &mut complaints);
    let Some(entry) = issue_file::read(text, "E-81.md", &mut complaints) else { return };
    let shown = entry.id.to_string();
    assert_eq!(shown.parse().ok(), Some(entry.id.clone()));
    // The first writing brings the words into their form, and from then on they stay.
    let entry = as_told(entry);
    let first = read(&issue(&entry, COMMANDS), &entry).expect("what was written");
    assert_eq!((&first.id, &first.lane, first.severity), (&entry.id, &entry.lane, entry.severity));
    assert_eq!(first.depends_on, entry.depends_on);
    assert_eq!(first.paths, entry.paths);
    assert_eq!(read(&issue(&first, COMMANDS), &first).as_ref(), Some(&first));
    let resolution = Resolution {
        day: "2026-11-20".to_owned(),
        by: "lane E".to_owned(),
        changed: Vec::new(),
        verification: "1 of 1 checks passed".to_owned(),
    };
    let done = resolved(&issue(&first, COMMANDS), &resolution).expect("YAML in front");
    assert_eq!(read(&done, &first).map(|entry| entry.status.standing), Some(Standing::Resolved));
    assert_eq!(resolved(&done, &resolution).as_deref(), Some(done.as_str()));
});
