//! Fills a new worktree with the files of a commit, as fast as the disk allows.
//!
//! Files that are clean in another worktree are copied; git writes the rest, and everything where
//! there is nothing to copy from.

use std::path::Path;

use crate::context::Context;
use crate::domain::ids::CommitId;
use crate::error::Error;
use crate::git::conversions::{self, Places};
use crate::git::materialise::{GitCall, GitFailure, Job, materialise};
use crate::git::worktrees::{self, Worktree};
use crate::git::{Git, GitError};

/// Threads that copy: beyond a few, the disk is what one waits for.
const MOST_THREADS: usize = 8;

/// Fills the empty worktree at `path`, whose own git directory is `git_dir`, with `commit`. It is
/// not durable before its file system is synced.
pub fn fill(
    ctx: &Context,
    git: &Git,
    path: &Path,
    git_dir: &Path,
    commit: &CommitId,
) -> Result<(), Error> {
    let run = |call: GitCall<'_>| -> Result<Vec<u8>, GitFailure> {
        let mut command = git.in_repository(git_dir, Some(path)).alone().args(call.args);
        for (name, value) in call.vars {
            command = command.var(name, value);
        }
        Ok(command.input(call.input).done()?.stdout)
    };
    let source = source(ctx, path, commit)?;
    let tree = ctx.repo.objects.commit(commit)?.tree;
    let places = Places {
        home: ctx.around.home.as_deref(),
        config_home: ctx.around.config_home.as_deref(),
        elsewhere: ctx.around.committer.elsewhere,
    };
    let settings = conversions::settings(&ctx.repo, git_dir, places);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let job = Job {
        source_worktree: source.as_ref().map_or(path, |w| &w.path),
        source_git_dir: source.as_ref().map_or(git_dir, |w| &w.git_dir),
        target_worktree: path,
        target_git_dir: git_dir,
        tree: &tree,
        settings: settings.as_deref(),
        attributes_outside: conversions::attributes_outside(&ctx.repo, places),
        threads: threads.min(MOST_THREADS),
    };
    materialise(&job, &run).map_err(|e| GitError::Unexpected(e.to_string()))?;
    Ok(())
}

/// The worktree to copy from: one that has this very commit checked out, else the main one, else
/// any.
fn source(ctx: &Context, path: &Path, commit: &CommitId) -> Result<Option<Worktree>, Error> {
    let mut all = worktrees::list(&ctx.repo)?;
    all.retain(|w| w.present && w.path != path && w.git_dir.join("index").exists());
    for (at, worktree) in all.iter().enumerate() {
        if let Some(branch) = &worktree.branch
            && ctx.repo.branch_tip(branch)?.as_ref() == Some(commit)
        {
            return Ok(Some(all.swap_remove(at)));
        }
    }
    Ok(all.into_iter().next())
}
