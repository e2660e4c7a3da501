//! The bench: a throw-away worktree in which what is to land is made and looked at, so that
//! nothing happens in a work tree of the user's before it is known to be right.

use std::path::{Path, PathBuf};

use crate::context::Context;
use crate::domain::ids::CommitId;
use crate::error::Error;
use crate::git::landing::{self, Place};
use crate::git::{Git, GitError, worktrees};
use crate::ops::{Narrator, checkout, place, policy, record};
use crate::store::trash;

/// A worktree that is thrown away when this is dropped; one that was killed is cleared by the next.
#[derive(Debug)]
pub struct Bench {
    /// The worktree.
    pub folder: PathBuf,
    /// Its git directory.
    pub git_dir: PathBuf,
    own: PathBuf,
    stamp: String,
}

impl Bench {
    /// Sets one up with `commit` checked out, on no branch.
    pub fn set_up(
        ctx: &Context,
        git: &Git,
        name: &str,
        commit: &CommitId,
        narrator: &mut dyn Narrator,
    ) -> Result<Self, Error> {
        let folder = place::landing(ctx, &policy::in_force(ctx)?, name);
        let repository = record::lock_repository(ctx, narrator)?;
        clear(ctx, &folder)?;
        landing::register(&git.holding(&repository.file), &ctx.repo.common_dir, &folder, commit)?;
        drop(repository);
        let git_dir = worktrees::git_dir_of(&ctx.repo, &folder).ok_or_else(|| {
            GitError::Unexpected(format!("{} is no worktree after all", folder.display()))
        })?;
        let (own, stamp) = (ctx.repo.own_folder(), ctx.now.compact());
        let bench = Self { folder, git_dir, own, stamp };
        checkout::fill(ctx, git, &bench.folder, &bench.git_dir, commit)?;
        Ok(bench)
    }

    /// For calls of git there.
    pub fn place<'a>(&'a self, git: &'a Git) -> Place<'a> {
        Place { git, folder: &self.folder, git_dir: &self.git_dir }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // What stays is cleared by the next landing of that name, and is nobody's work.
        let _ = trash::put(&self.own, &self.folder, &self.stamp);
        let _ = trash::put(&self.own, &self.git_dir, &self.stamp);
        trash::empty(&self.own);
    }
}

/// Clears what a landing that was killed left behind.
pub fn clear(ctx: &Context, folder: &Path) -> Result<(), Error> {
    let own = ctx.repo.own_folder();
    let stamp = ctx.now.compact();
    let entries = worktrees::list(&ctx.repo)?;
    let real = crate::git::open::real(folder);
    for entry in entries.iter().filter(|w| w.path == real || w.path == folder) {
        if entry.git_dir != ctx.repo.common_dir {
            trash::put(&own, &entry.git_dir, &stamp)?;
        }
    }
    trash::put(&own, folder, &stamp)?;
    Ok(())
}
