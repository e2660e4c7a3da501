//! The one way in which a worktree is removed.
//!
//! Looked at once more at the last moment, then renamed into the trash: whole or not at all.
//! Nothing else in the program removes a folder of a user's.

use std::path::Path;

use super::facts;
use crate::context::Context;
use crate::domain::refusal::{Refusal, Unmet};
use crate::domain::session::Session;
use crate::domain::transition::quoted;
use crate::error::Error;
use crate::store::trash;

/// What keeps the issue's worktree from being removed; `kept` says that uncommitted work has
/// been salvaged.
pub fn obstacles(ctx: &Context, session: &Session, kept: bool) -> Result<Vec<Unmet>, Error> {
    let (dirty, operation) = facts::worktree_state(ctx, session)?;
    let place = quoted(&session.worktree);
    let mut unmet = Vec::new();
    if let Some(word) = operation {
        unmet.push(Unmet::new(
            "operation",
            format!("a {word} is under way in {}", session.worktree),
            if word == "bisect" {
                format!("git -C {place} bisect reset")
            } else {
                format!("git -C {place} {word} --abort")
            },
        ));
    }
    if !kept && !dirty.is_empty() {
        let shown: Vec<&str> = dirty.iter().take(5).map(String::as_str).collect();
        let more =
            if dirty.len() > 5 { format!(" and {} more", dirty.len() - 5) } else { String::new() };
        unmet.push(Unmet::new(
            "dirty",
            format!("{} holds uncommitted work: {}{more}", session.worktree, shown.join(", ")),
            format!("git -C {place} add -A && git -C {place} commit"),
        ));
    }
    Ok(unmet)
}

/// Removes the issue's worktree and git's entry for it. One that is gone already is no error.
pub fn worktree(ctx: &Context, session: &Session, kept: bool) -> Result<(), Error> {
    let path = Path::new(&session.worktree);
    let Some(git_dir) = facts::worktree_git_dir(ctx, session) else {
        return remove_stale_entry(ctx, path);
    };
    if git_dir == ctx.repo.common_dir {
        // The main worktree is never ours to remove.
        return Ok(());
    }
    let unmet = obstacles(ctx, session, kept)?;
    if !unmet.is_empty() {
        let what = format!("removing the worktree of issue {}", session.issue);
        return Err(Refusal::many("work-there", what, unmet).into());
    }
    let own = ctx.repo.own_folder();
    let stamp = ctx.now.compact();
    trash::put(&own, path, &stamp)?;
    trash::put(&own, &git_dir, &stamp)?;
    trash::empty(&own);
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
