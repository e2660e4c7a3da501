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

/// The git operation under way, by the word that continues it (`git <word> --continue`).
pub fn operation(git_dir: &Path) -> Option<&'static str> {
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
