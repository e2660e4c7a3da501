//! What the hook noted of an issue's commits is read whatever a crash left of it, and reads back as
//! what is written of it.
#![no_main]

use std::path::Path;
use std::sync::OnceLock;

use git_orch::domain::ids::IssueId;
use git_orch::store::births::{forget, note_with, notes, pending};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    let top = FOLDER.get_or_init(|| tempfile::tempdir().expect("a folder")).path();
    let id: IssueId = "81".parse().expect("an id");
    let put = |folder: &str| {
        let folder = Path::new(top).join(folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join("81"), bytes).expect("a file");
    };
    put("births");
    put("pending");
    let read = notes(top, &id).expect("notes");
    let _ = pending(top, &id).expect("what is pending");
    forget(top, &id).expect("forgotten");
    assert!(notes(top, &id).expect("notes").commits.is_empty());
    note_with(top, &id, &read.commits, &read.copies).expect("noted");
    assert_eq!(notes(top, &id).expect("notes"), read);
});
