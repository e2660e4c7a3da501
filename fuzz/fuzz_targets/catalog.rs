//! A catalogue's files are read or complained about, never with a panic, and each issue in them has
//! a name that is fit for refs.
#![no_main]

use git_orch::store::catalog::{front, issue_file, page};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let mut complaints = Vec::new();
    if let Some(entry) = issue_file::read(text, "E-81.md", &mut complaints) {
        let shown = entry.id.to_string();
        assert_eq!(shown.parse().ok(), Some(entry.id));
    }
    let _ = front::read(text);
    let _ = page::read(text, "README.md", &mut complaints);
});
