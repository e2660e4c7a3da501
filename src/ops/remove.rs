//! The one way in which a worktree is removed.
//!
//! Looked at once more at the last moment, then renamed into the trash: whole or not at all.
//! Nothing else in the program removes a folder of a user's. What git ignores there and somebody
//! may have typed is kept first, whatever else is asked for.

use std::path::Path;

pub use super::obstacles::{Care, obstacles};

use super::{Narrator, facts, ground, salvage};
use crate::context::Context;
use crate::domain::refusal::Refusal;
use crate::domain::session::Session;
use crate::error::Error;
use crate::git::Git;
use crate::store::trash;

/// Removes the issue's worktree and git's entry for it. One that is gone already is no error.
pub fn worktree(
    ctx: &Context,
    git: &Git,
    session: &Session,
    care: Care,
    narrator: &mut dyn Narrator,
) -> Result<(), Error> {
    let session = &facts::located(ctx, session)?;
    let path = Path::new(&session.worktree);
    let Some(git_dir) = facts::worktree_git_dir(ctx, session) else {
        return remove_stale_entry(ctx, path);
    };
    if git_dir == ctx.repo.common_dir {
        // The main worktree is never ours to remove.
        return Ok(());
    }
    let unmet = obstacles(ctx, session, care)?;
    if !unmet.is_empty() {
        let what = format!("removing the worktree of issue {}", session.issue);
        return Err(Refusal::many("work-there", what, unmet).into());
    }
    keep_ignored(ctx, git, session, care, narrator)?;
    let own = ctx.repo.own_folder();
    let stamp = ctx.now.compact();
    trash::put(&own, path, &stamp)?;
    trash::put(&own, &git_dir, &stamp)?;
    trash::empty(&own);
    Ok(())
}

/// Keeps the ignored files that somebody may have typed, and says which are not kept. They are in
/// the salvage of a worktree that was salvaged; the same is not kept twice.
fn keep_ignored(
    ctx: &Context,
    git: &Git,
    session: &Session,
    care: Care,
    narrator: &mut dyn Narrator,
) -> Result<(), Error> {
    let ignored = salvage::ignored(ctx, session)?;
    if care != Care::Kept && !ignored.files.is_empty() {
        let name = salvage::name(&session.issue, ctx.now);
        if let Some(kept) = salvage::keep(ctx, git, session, &name)? {
            let shown = kept.name.trim_start_matches("refs/git-orch/");
            let paths: Vec<String> = ignored.files.into_iter().map(|file| file.path).collect();
            narrator.say(&format!(
                "ignored files are kept ({}): git orch salvage show {shown}",
                ground::some_of(&paths)
            ));
        }
    }
    if !ignored.left.is_empty() {
        let left = ground::some_of(&ignored.left);
        narrator.say(&format!("not kept, as git ignores it and it is large or a folder: {left}"));
    }
    Ok(())
}

/// git's entry for a worktree whose folder is gone: only the one of this path, never a bystander
/// on a disk that is not mounted.
fn remove_stale_entry(ctx: &Context, path: &Path) -> Result<(), Error> {
    if path.exists() {
        return Ok(());
    }
    let dot_git = path.join(".git");
    let Ok(entries) = std::fs::read_dir(ctx.repo.common_dir.join("worktrees")) else {
        return Ok(());
    };
    for entry in entries.flatten() {
        let link = std::fs::read_to_string(entry.path().join("gitdir")).unwrap_or_default();
        if Path::new(link.trim_end()) == dot_git {
            trash::put(&ctx.repo.own_folder(), &entry.path(), &ctx.now.compact())?;
        }
    }
    Ok(())
}
