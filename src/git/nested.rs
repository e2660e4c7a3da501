//! Repositories within a worktree, whose commits are in no object store of ours: they would go
//! with it.
//!
//! Nothing of a repository that lies there by itself is run or read: it may be anybody's. Those of
//! submodules git made itself, below the git directory of the worktree.

use std::fs;
use std::path::{Path, PathBuf};

use super::exec::{Git, GitError};
use super::open::real;

/// How deep submodules may lie in each other.
const DEPTH: usize = 16;

/// Which of `paths`, relative to the worktree, are repositories that lie there by themselves.
pub fn repositories<'a>(
    worktree: &Path,
    git_dir: &Path,
    paths: impl IntoIterator<Item = &'a String>,
) -> Vec<String> {
    let modules = real(&git_dir.join("modules"));
    let by_itself = |path: &&String| {
        let dot_git = worktree.join(path.as_str()).join(".git");
        let Ok(meta) = dot_git.symlink_metadata() else { return false };
        if !meta.is_file() {
            return true;
        }
        let text = fs::read_to_string(&dot_git).unwrap_or_default();
        let named = text.trim_end().strip_prefix("gitdir: ").unwrap_or_default();
        let target = real(&worktree.join(path.as_str()).join(named));
        !target.starts_with(&modules)
    };
    let mut found: Vec<String> = paths
        .into_iter()
        .filter(by_itself)
        .map(|path| path.trim_end_matches('/').to_owned())
        .collect();
    found.sort();
    found.dedup();
    found
}

/// A submodule of a worktree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// Its git directory.
    pub git_dir: PathBuf,
    /// Where its files lie; `None` when they do not.
    pub worktree: Option<PathBuf>,
    /// Paths with uncommitted changes.
    pub dirty: usize,
    /// Whether something is stashed in it.
    pub stashed: bool,
    /// Commits that none of its remotes is known to have; `None` when it cannot tell.
    pub loose: Option<usize>,
}

impl Module {
    /// Whether it may go: all of it is elsewhere too.
    pub fn is_elsewhere(&self) -> bool {
        self.dirty == 0 && !self.stashed && self.loose == Some(0)
    }
}

/// The submodules whose git directories are below that of a worktree, also those whose files are
/// not there any more.
pub fn modules(git: &Git, git_dir: &Path) -> Result<Vec<Module>, GitError> {
    let mut folders = vec![(git_dir.join("modules"), 0)];
    let mut found = Vec::new();
    while let Some((folder, depth)) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries.flatten().filter(|e| e.file_type().is_ok_and(|kind| kind.is_dir())) {
            let path = entry.path();
            if !path.join("HEAD").exists() {
                // A name with a slash in it.
                if depth < DEPTH {
                    folders.push((path, depth + 1));
                }
                continue;
            }
            if depth < DEPTH {
                folders.push((path.join("modules"), depth + 1));
            }
            found.push(module(git, path)?);
        }
    }
    found.sort_by(|a, b| a.git_dir.cmp(&b.git_dir));
    Ok(found)
}

fn module(git: &Git, git_dir: PathBuf) -> Result<Module, GitError> {
    let call = git.at(&git_dir).quiet();
    let file = git_dir.join("config");
    let place = call.args(["config", "--file"]).arg(&file).arg("core.worktree").run()?;
    let worktree = Some(real(&git_dir.join(place.text())))
        .filter(|path| place.code == 0 && path.join(".git").exists());
    let dirty = match &worktree {
        Some(worktree) => super::status::dirty(git, worktree, &git_dir)?.len(),
        None => 0,
    };
    // Its files may be gone while its settings still name them; this asks for none.
    let call = || {
        let call = git.in_repository(&git_dir, None).quiet();
        call.var("GIT_WORK_TREE", &git_dir)
    };
    let stash = call().args(["rev-parse", "--quiet", "--verify", "refs/stash"]).run()?;
    let count = call().args(["rev-list", "--count", "HEAD", "--branches", "--not", "--remotes"]);
    let count = count.run()?;
    let loose = (count.code == 0).then(|| count.text().parse().ok()).flatten();
    Ok(Module { worktree, dirty, stashed: stash.code == 0, loose, git_dir })
}
