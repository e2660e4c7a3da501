//! Fills a new worktree with the files of a commit, as fast as the disk allows.

use std::path::Path;

use crate::context::Context;
use crate::domain::ids::CommitId;
use crate::error::Error;
use crate::git::{Git, GitError, worktrees};
use crate::store::atomic::Folder;

/// Fills the registered, empty worktree at `path` with `commit`.
pub fn fill(ctx: &Context, git: &Git, path: &Path, commit: &CommitId) -> Result<(), Error> {
    let git_dir = worktrees::git_dir_of(&ctx.repo, path)
        .ok_or_else(|| GitError::Unexpected(format!("{} was not registered", path.display())))?;
    git.in_repository(&git_dir, Some(path))
        .quiet()
        .args(["-c", "checkout.workers=0", "reset", "--hard", "--quiet", commit.as_str()])
        .done()?;
    if let Some(folder) = Folder::open(path, "")? {
        folder.sync_file_system()?;
    }
    Ok(())
}
