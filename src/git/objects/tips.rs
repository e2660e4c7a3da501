#![expect(
    clippy::disallowed_methods,
    reason = "the notes belong to the moves of refs, not to a command"
)]
//! Where the records of open issues stand, noted beside their refs.
//!
//! A record is one ref, and a ref is one small file: a power cut leaves it empty, a tool writes
//! into it, somebody removes it. Whether an issue is open must not hang on that alone. So each move
//! of a record is noted in a file of its own, a line a state, after it happened; the file goes just
//! before the record does. It is not synced: it is looked at only where the ref fails.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::{RefChange, durable};
use crate::domain::ids::CommitId;
use crate::domain::names::ISSUES;
use crate::git::exec::GitError;

/// Where the notes are, below the common directory.
const TIPS: &str = "git-orch/tips";

/// Before a record goes: the note goes first, so that it never speaks of an issue that is finished.
pub(super) fn going(common_dir: &Path, change: &RefChange) -> Result<(), GitError> {
    let (Some(file), None) = (file_of(common_dir, &change.name), &change.new) else {
        return Ok(());
    };
    match fs::remove_file(&file) {
        Ok(()) => durable::folder(&common_dir.join(TIPS)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(GitError::File { path: file, source }),
    }
}

/// After a record moved, or did not: notes where it stands.
pub(super) fn gone(common_dir: &Path, change: &RefChange, done: bool) {
    let Some(file) = file_of(common_dir, &change.name) else { return };
    let at = if done { &change.new } else { &change.old };
    let Some(at) = at.as_ref().filter(|_| done || change.new.is_none()) else { return };
    // The record stands where it stands, whether or not this can be noted. The line break in front
    // ends a line that was cut short.
    let write = || -> std::io::Result<()> {
        let folder = common_dir.join(TIPS);
        if !folder.exists() {
            fs::create_dir_all(folder)?;
        }
        let mut opened = fs::File::options().create(true).append(true).open(&file)?;
        opened.write_all(format!("\n{at}\n").as_bytes())
    };
    let _ = write();
}

/// The issues of which there is a note, by the last part of their records' names.
pub fn noted(common_dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(common_dir.join(TIPS)).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

/// Where the record `name` stood, newest first; `None` when nothing is noted of it.
pub fn of(common_dir: &Path, name: &str) -> Option<Vec<CommitId>> {
    let text = fs::read(file_of(common_dir, name)?).ok()?;
    let text = String::from_utf8_lossy(&text);
    Some(text.lines().rev().filter_map(|line| line.parse().ok()).collect())
}

fn file_of(common_dir: &Path, name: &str) -> Option<PathBuf> {
    let id = name.strip_prefix(ISSUES).filter(|id| !id.contains('/'))?;
    Some(common_dir.join(TIPS).join(id))
}
