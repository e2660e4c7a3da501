//! The worktrees of a repository: which there are, and registering a new one.

use std::fs;
use std::path::{Path, PathBuf};

use super::exec::{Git, GitError};
use super::open::{Repo, real};
use crate::domain::ids::CommitId;

/// A worktree that git knows of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worktree {
    /// Its top folder.
    pub path: PathBuf,
    /// Its own git directory: `<common>/worktrees/<name>`, or the common one for the main worktree.
    pub git_dir: PathBuf,
    /// The branch checked out, without `refs/heads/`; `None` when detached.
    pub branch: Option<String>,
    /// Why it is locked, when it is.
    pub locked: Option<String>,
    /// Whether its folder is there.
    pub present: bool,
}

/// All worktrees, the main one first. Read from the files themselves: a damaged entry of one
/// worktree must not hide the others, as it does for `git worktree list`.
pub fn list(repo: &Repo) -> Result<Vec<Worktree>, GitError> {
    let mut all = Vec::new();
    if let Some(main) = &repo.main_worktree {
        all.push(Worktree {
            path: main.clone(),
            git_dir: repo.common_dir.clone(),
            branch: checked_out(repo, &repo.common_dir)?,
            locked: None,
            present: true,
        });
    }
    let Ok(folder) = fs::read_dir(repo.common_dir.join("worktrees")) else {
        return Ok(all);
    };
    let mut linked = Vec::new();
    for entry in folder.flatten() {
        let git_dir = entry.path();
        let Ok(link) = fs::read_to_string(git_dir.join("gitdir")) else { continue };
        let dot_git = git_dir.join(link.trim_end());
        let Some(path) = dot_git.parent() else { continue };
        linked.push(Worktree {
            path: real(path),
            branch: checked_out(repo, &git_dir)?,
            locked: fs::read_to_string(git_dir.join("locked")).ok(),
            present: dot_git.exists(),
            git_dir,
        });
    }
    linked.sort_by(|a, b| a.path.cmp(&b.path));
    all.extend(linked);
    Ok(all)
}

/// The branch that the worktree of `git_dir` has checked out, without `refs/heads/`.
pub fn checked_out(repo: &Repo, git_dir: &Path) -> Result<Option<String>, GitError> {
    let head = fs::read_to_string(git_dir.join("HEAD")).unwrap_or_default();
    let Some(name) = head.trim().strip_prefix("ref: ") else { return Ok(None) };
    // With reftable the file holds a stand-in and only git knows.
    if name == "refs/heads/.invalid" {
        let output = repo
            .git
            .in_repository(git_dir, None)
            .args(["symbolic-ref", "--quiet", "HEAD"])
            .run()?;
        return Ok((output.code == 0)
            .then(|| output.text())
            .and_then(|name| name.strip_prefix("refs/heads/").map(str::to_owned)));
    }
    Ok(name.strip_prefix("refs/heads/").map(str::to_owned))
}

/// The commit that the worktree of `git_dir` has checked out where that is on no branch.
pub fn detached(repo: &Repo, git_dir: &Path) -> Result<Option<CommitId>, GitError> {
    if checked_out(repo, git_dir)?.is_some() {
        return Ok(None);
    }
    let head = fs::read_to_string(git_dir.join("HEAD")).unwrap_or_default();
    if let Ok(commit) = head.trim().parse() {
        return Ok(Some(commit));
    }
    // With reftable only git knows.
    let call = repo.git.in_repository(git_dir, None);
    let output = call.args(["rev-parse", "--quiet", "--verify", "HEAD^{commit}"]).run()?;
    Ok((output.code == 0).then(|| output.text()).and_then(|text| text.parse().ok()))
}

/// The git directory of the worktree at `path`, when it is one of this repository's.
pub fn git_dir_of(repo: &Repo, path: &Path) -> Option<PathBuf> {
    let path = real(path);
    if repo.main_worktree.as_deref() == Some(&path) {
        return Some(repo.common_dir.clone());
    }
    let text = fs::read_to_string(path.join(".git")).ok()?;
    let named = text.trim_end().strip_prefix("gitdir: ")?;
    let git_dir = real(&path.join(named));
    // Ours only if the entry points back: a rewritten `.git` file names somebody else's.
    let back = fs::read_to_string(git_dir.join("gitdir")).ok()?;
    let points_back = real(&git_dir.join(back.trim_end())) == real(&path.join(".git"));
    (points_back && git_dir.starts_with(repo.common_dir.join("worktrees"))).then_some(git_dir)
}

/// Registers a worktree at `path` for the existing branch `branch`, without files.
pub fn register(git: &Git, common_dir: &Path, path: &Path, branch: &str) -> Result<(), GitError> {
    git.in_repository(common_dir, None)
        .quiet()
        .args(["worktree", "add", "--quiet", "--no-checkout"])
        .arg(path)
        .arg(branch)
        .done()
        .map(drop)
}
