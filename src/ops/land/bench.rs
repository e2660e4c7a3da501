//! The bench: a throw-away worktree in which what is to land is made and looked at, so that
//! nothing happens in a work tree of the user's before it is known to be right.

use std::path::{Path, PathBuf};

use crate::context::Context;
use crate::domain::ids::CommitId;
use crate::error::Error;
use crate::git::Git;
use crate::git::landing::Place;
use crate::ops::new_issue::entry::{self, Head};
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
        let key = format!("bench-{name}");
        let repository = record::lock_repository(ctx, narrator)?;
        clear(ctx, &folder, &key)?;
        let head = Head::Commit(commit);
        let entry = entry::begin(ctx, &git.holding(&repository.file), &folder, head, &key)?;
        drop(repository);
        checkout::fill(ctx, git, &folder, &entry.git_dir, commit)?;
        // A half entry that a power cut leaves would stop everybody; one that is whole stops nobody.
        entry.sync(ctx)?;
        let _repository = record::lock_repository(ctx, narrator)?;
        let git_dir = entry.show(ctx)?;
        Ok(Self { folder, git_dir, own: ctx.repo.own_folder(), stamp: ctx.now.compact() })
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
fn clear(ctx: &Context, folder: &Path, key: &str) -> Result<(), Error> {
    entry::put_aside(ctx, folder, key)?;
    Ok(trash::put(&ctx.repo.own_folder(), folder, &ctx.now.compact())?)
}
