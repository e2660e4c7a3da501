//! What was born on each issue's branch, as the hook saw it.
//!
//! One file an issue below the common directory, one line a commit, only ever appended to: it
//! outlives the branch, the worktree and every rename. The record takes the births over at its
//! next change. A commit that repeats what another branch had already, such as a picked fix, is
//! marked: it belongs to the issue, but its content is not the issue's own.

use std::collections::BTreeSet;
use std::path::Path;

use super::atomic::Folder;
use super::error::StoreError;
use super::layout::own;
use crate::domain::ids::{CommitId, IssueId};

const COPY: &str = " copy";

/// What is noted of one issue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// The commits, oldest first, each once.
    pub commits: Vec<CommitId>,
    /// Those of them that repeat what was elsewhere before.
    pub copies: BTreeSet<CommitId>,
}

impl Notes {
    /// Whether the commit is noted.
    pub fn has(&self, commit: &CommitId) -> bool {
        self.commits.contains(commit)
    }
}

/// Notes that `commits` were born on the branch of `issue`; those in `copies` repeat what was
/// elsewhere before.
pub fn note_with(
    own_folder: &Path,
    issue: &IssueId,
    commits: &[CommitId],
    copies: &BTreeSet<CommitId>,
) -> Result<(), StoreError> {
    if commits.is_empty() {
        return Ok(());
    }
    let mut lines = String::new();
    for commit in commits {
        lines.push_str(commit.as_str());
        lines.push_str(if copies.contains(commit) { COPY } else { "" });
        lines.push('\n');
    }
    // From here on the hook may write down what comes next.
    Folder::create(own_folder, own::PENDING)?;
    Folder::create(own_folder, own::BIRTHS)?.append(issue.as_str(), lines.as_bytes())
}

/// The same where none is a copy.
pub fn note(own_folder: &Path, issue: &IssueId, commits: &[CommitId]) -> Result<(), StoreError> {
    note_with(own_folder, issue, commits, &BTreeSet::new())
}

/// What is noted for `issue`. A line cut short by a crash is left out: its commit is found again
/// by what the branch reaches.
pub fn notes(own_folder: &Path, issue: &IssueId) -> Result<Notes, StoreError> {
    let Some(folder) = Folder::open(own_folder, own::BIRTHS)? else { return Ok(Notes::default()) };
    let bytes = folder.read(issue.as_str())?.unwrap_or_default();
    let mut seen = BTreeSet::new();
    let mut notes = Notes::default();
    for line in String::from_utf8_lossy(&bytes).lines() {
        let (id, copy) = line.strip_suffix(COPY).map_or((line, false), |id| (id, true));
        let Ok(commit) = id.parse::<CommitId>() else { continue };
        if copy {
            notes.copies.insert(commit.clone());
        }
        if seen.insert(commit.clone()) {
            notes.commits.push(commit);
        }
    }
    Ok(notes)
}

/// The commits noted for `issue`, oldest first, each once.
pub fn noted(own_folder: &Path, issue: &IssueId) -> Result<Vec<CommitId>, StoreError> {
    Ok(notes(own_folder, issue)?.commits)
}

/// What the hook wrote down for `issue` and nobody has looked at yet: commits that `git commit`
/// made, oldest first, each with the name of the ref that it moved.
pub fn pending(own_folder: &Path, issue: &IssueId) -> Result<Vec<(CommitId, String)>, StoreError> {
    let Some(folder) = Folder::open(own_folder, own::PENDING)? else { return Ok(Vec::new()) };
    let bytes = folder.read(issue.as_str())?.unwrap_or_default();
    let line = |line: &str| {
        let (commit, name) = line.split_once(' ')?;
        Some((commit.parse().ok()?, name.to_owned()))
    };
    Ok(String::from_utf8_lossy(&bytes).lines().filter_map(line).collect())
}

/// Drops what was written down for `issue`, after `seen` of it were looked at. When more came
/// meanwhile everything stays, and is looked at again.
pub fn looked_at(own_folder: &Path, issue: &IssueId, seen: usize) -> Result<(), StoreError> {
    if pending(own_folder, issue)?.len() == seen
        && let Some(folder) = Folder::open(own_folder, own::PENDING)?
    {
        folder.remove(issue.as_str())?;
    }
    Ok(())
}

/// Forgets what was noted for `issue`: its record holds it, and it is finished.
pub fn forget(own_folder: &Path, issue: &IssueId) -> Result<(), StoreError> {
    for part in [own::BIRTHS, own::PENDING, own::PRINTS] {
        if let Some(folder) = Folder::open(own_folder, part)? {
            folder.remove(issue.as_str())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_hook_wrote_down_stays_until_all_of_it_was_looked_at() {
        let top = tempfile::tempdir().unwrap();
        let id = "81".parse().unwrap();
        assert_eq!(pending(top.path(), &id).unwrap(), []);
        let (one, two) = ("a".repeat(40), "b".repeat(40));
        let folder = Folder::create(top.path(), own::PENDING).unwrap();
        let lines = format!("{one} refs/heads/issue/81\n{two} refs/heads/x y\nccc");
        folder.append("81", lines.as_bytes()).unwrap();
        let found = pending(top.path(), &id).unwrap();
        let pair = |id: &str, name: &str| (id.parse().unwrap(), name.to_owned());
        assert_eq!(found, [pair(&one, "refs/heads/issue/81"), pair(&two, "refs/heads/x y")]);
        looked_at(top.path(), &id, 1).unwrap();
        assert_eq!(pending(top.path(), &id).unwrap().len(), 2);
        looked_at(top.path(), &id, 2).unwrap();
        assert_eq!(pending(top.path(), &id).unwrap(), []);
    }

    #[test]
    fn notes_are_kept_in_order_and_a_torn_line_is_left_out() {
        let top = tempfile::tempdir().unwrap();
        let id = "81".parse().unwrap();
        let commit = |digit: &str| digit.repeat(40).parse::<CommitId>().unwrap();
        note(top.path(), &id, &[commit("b"), commit("a")]).unwrap();
        note_with(top.path(), &id, &[commit("c"), commit("b")], &[commit("c")].into()).unwrap();
        Folder::create(top.path(), own::BIRTHS).unwrap().append("81", b"dddd").unwrap();
        let notes = notes(top.path(), &id).unwrap();
        assert_eq!(notes.commits, [commit("b"), commit("a"), commit("c")]);
        assert_eq!(notes.copies, [commit("c")].into());
    }
}
