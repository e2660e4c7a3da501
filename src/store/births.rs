//! What was born on each issue's branch, as the hook saw it.
//!
//! One file an issue below the common directory, one line a commit, only ever appended to: it
//! outlives the branch, the worktree and every rename. The record takes the births over at its
//! next change.

use std::path::Path;

use super::atomic::Folder;
use super::error::StoreError;
use super::layout::own;
use crate::domain::ids::{CommitId, IssueId};

/// Notes that `commits` were born on the branch of `issue`.
pub fn note(own_folder: &Path, issue: &IssueId, commits: &[CommitId]) -> Result<(), StoreError> {
    if commits.is_empty() {
        return Ok(());
    }
    let lines: String = commits.iter().flat_map(|commit| [commit.as_str(), "\n"]).collect();
    Folder::create(own_folder, own::BIRTHS)?.append(issue.as_str(), lines.as_bytes())
}

/// The commits noted for `issue`, oldest first, each once. A line cut short by a crash is left
/// out: its commit is found again by what the branch reaches.
pub fn noted(own_folder: &Path, issue: &IssueId) -> Result<Vec<CommitId>, StoreError> {
    let Some(folder) = Folder::open(own_folder, own::BIRTHS)? else { return Ok(Vec::new()) };
    let bytes = folder.read(issue.as_str())?.unwrap_or_default();
    let mut seen = Vec::new();
    for line in String::from_utf8_lossy(&bytes).lines() {
        if let Ok(commit) = line.parse::<CommitId>()
            && !seen.contains(&commit)
        {
            seen.push(commit);
        }
    }
    Ok(seen)
}

/// Forgets what was noted for `issue`: its record holds it, and it is finished.
pub fn forget(own_folder: &Path, issue: &IssueId) -> Result<(), StoreError> {
    match Folder::open(own_folder, own::BIRTHS)? {
        Some(folder) => folder.remove(issue.as_str()),
        None => Ok(()),
    }
}
