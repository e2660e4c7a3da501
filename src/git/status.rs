//! What is uncommitted in a worktree, and what git has under way there.

use std::path::Path;

use super::exec::{Git, GitError};

/// Paths with uncommitted changes, untracked ones included, ignored ones not.
///
/// The repository is named outright by `git_dir`, so that a rewritten `.git` file cannot point
/// the question elsewhere.
pub fn dirty(git: &Git, worktree: &Path, git_dir: &Path) -> Result<Vec<String>, GitError> {
    let output = git
        .in_repository(git_dir, Some(worktree))
        .args(["-c", "core.fsmonitor=false", "status", "--porcelain=v1", "-z"])
        .args(["--untracked-files=normal", "--no-renames"])
        .done()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(text
        .split('\0')
        .filter(|entry| entry.len() > 3)
        .map(|entry| entry[3..].to_owned())
        .collect())
}

/// Paths that git does not track and that are not ignored, a folder of nothing else as one, in
/// the form of [`dirty`].
pub fn untracked(git: &Git, worktree: &Path, git_dir: &Path) -> Result<Vec<String>, GitError> {
    let output = git
        .in_repository(git_dir, Some(worktree))
        .args(["-c", "core.fsmonitor=false", "ls-files", "--others", "--exclude-standard"])
        .args(["--directory", "--no-empty-directory", "-z"])
        .done()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(text.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect())
}

/// What lies in a worktree beside what is committed, each file by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lying {
    /// Paths with uncommitted changes, untracked ones included. A repository of its own is one
    /// path that ends in `/`.
    pub dirty: Vec<String>,
    /// Those of them that `git add --intent-to-add` speaks of.
    pub intended: Vec<String>,
    /// Paths that are ignored. A folder that is ignored as a whole is one path that ends in `/`.
    pub ignored: Vec<String>,
}

/// The same as [`dirty`], folder by folder down to the files, and what is ignored besides.
pub fn lying(git: &Git, worktree: &Path, git_dir: &Path) -> Result<Lying, GitError> {
    let output = git
        .in_repository(git_dir, Some(worktree))
        .args(["-c", "core.fsmonitor=false", "status", "--porcelain=v1", "-z"])
        .args(["--untracked-files=all", "--ignored=matching", "--no-renames"])
        .done()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut all = Lying::default();
    for entry in text.split('\0').filter(|entry| entry.len() > 3) {
        let path = entry[3..].to_owned();
        match &entry[..3] {
            "!! " => all.ignored.push(path),
            " A " => {
                all.intended.push(path.clone());
                all.dirty.push(path);
            }
            _ => all.dirty.push(path),
        }
    }
    Ok(all)
}

/// The git operation under way, by the word that continues it (`git <word> --continue`).
pub fn operation(git: &Git, git_dir: &Path) -> Option<&'static str> {
    let word = by_files(git_dir);
    // A rebase may have a picked commit under way too; so this comes last.
    word.or_else(|| in_tables(git, git_dir)).or_else(|| sequence(git_dir))
}

/// A list of commits that are still to be picked or reverted, none of them at this moment.
fn sequence(git_dir: &Path) -> Option<&'static str> {
    let folder = git_dir.join("sequencer");
    if !folder.exists() {
        return None;
    }
    let list = std::fs::read_to_string(folder.join("todo")).unwrap_or_default();
    Some(if list.starts_with("revert") { "revert" } else { "cherry-pick" })
}

/// What is a file elsewhere, where refs are kept in tables.
fn in_tables(git: &Git, git_dir: &Path) -> Option<&'static str> {
    let head = std::fs::read_to_string(git_dir.join("HEAD")).unwrap_or_default();
    if head.trim() != "ref: refs/heads/.invalid" {
        return None;
    }
    let there = |name: &str| {
        let call =
            git.in_repository(git_dir, None).args(["rev-parse", "--quiet", "--verify", name]);
        call.run().is_ok_and(|output| output.code == 0)
    };
    [("CHERRY_PICK_HEAD", "cherry-pick"), ("REVERT_HEAD", "revert")]
        .into_iter()
        .find(|(name, _)| there(name))
        .map(|(_, word)| word)
}

fn by_files(git_dir: &Path) -> Option<&'static str> {
    [
        ("rebase-merge", "rebase"),
        ("rebase-apply/applying", "am"),
        ("rebase-apply", "rebase"),
        ("MERGE_HEAD", "merge"),
        ("CHERRY_PICK_HEAD", "cherry-pick"),
        ("REVERT_HEAD", "revert"),
        ("BISECT_LOG", "bisect"),
    ]
    .into_iter()
    .find(|(file, _)| git_dir.join(file).exists())
    .map(|(_, word)| word)
}
