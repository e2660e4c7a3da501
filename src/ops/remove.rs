//! The one way in which a worktree is removed.
//!
//! Looked at once more at the last moment, then renamed into the trash: whole or not at all.
//! Nothing else in the program removes a folder of a user's.

use std::path::Path;

use super::facts;
use crate::agent::owner::{Owner, Presence};
use crate::context::Context;
use crate::domain::ids::CommitId;
use crate::domain::names::HEADS;
use crate::domain::refusal::{Refusal, Unmet};
use crate::domain::session::Session;
use crate::domain::tidy;
use crate::domain::tidy::quoted;
use crate::error::Error;
use crate::git::worktrees;
use crate::store::{runs, trash};

/// How a worktree is to be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Care {
    /// Only when it holds no work that is not elsewhere too.
    Clean,
    /// What it holds has been salvaged; what git has under way there would not be.
    Kept,
    /// Whatever it holds has been salvaged, and what is under way there is given up.
    Forced,
}

/// What keeps the issue's worktree from being removed.
pub fn obstacles(ctx: &Context, session: &Session, care: Care) -> Result<Vec<Unmet>, Error> {
    let place = quoted(&session.worktree);
    let mut unmet: Vec<Unmet> = agent(ctx, session)?.into_iter().collect();
    if care == Care::Forced {
        return Ok(unmet);
    }
    let (dirty, operation) = facts::worktree_state(ctx, session)?;
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
    if care == Care::Clean && !dirty.is_empty() {
        let shown: Vec<&str> = dirty.iter().take(5).map(String::as_str).collect();
        let more =
            if dirty.len() > 5 { format!(" and {} more", dirty.len() - 5) } else { String::new() };
        unmet.push(Unmet::new(
            "dirty",
            format!("{} holds uncommitted work: {}{more}", session.worktree, shown.join(", ")),
            tidy::committing(&session.worktree, &dirty),
        ));
    }
    if care == Care::Clean && operation.is_none() {
        unmet.extend(loose_commits(ctx, session)?);
    }
    Ok(unmet)
}

/// Commits that only the detached `HEAD` of the worktree leads to.
fn loose_commits(ctx: &Context, session: &Session) -> Result<Option<Unmet>, Error> {
    let Some(git_dir) = facts::worktree_git_dir(ctx, session) else { return Ok(None) };
    if worktrees::checked_out(&ctx.repo, &git_dir)?.is_some() {
        return Ok(None);
    }
    let head = std::fs::read_to_string(git_dir.join("HEAD")).unwrap_or_default();
    let Ok(head) = head.trim().parse::<CommitId>() else { return Ok(None) };
    let mut named = Vec::new();
    for prefix in [HEADS, "refs/remotes/", "refs/tags/"] {
        named.extend(ctx.repo.objects.refs(prefix)?.into_iter().map(|(_, commit)| commit));
    }
    let count = ctx.repo.objects.history(std::slice::from_ref(&head), &named)?.len();
    Ok((count > 0).then(|| {
        let place = quoted(&session.worktree);
        Unmet::new(
            "loose-commits",
            format!("{} has commits checked out that no branch holds: {count}", session.worktree),
            format!("git -C {place} branch {}-loose HEAD", session.issue),
        )
    }))
}

/// An agent that somebody else runs there. One that git-orch runs may end its own issue.
fn agent(ctx: &Context, session: &Session) -> Result<Option<Unmet>, Error> {
    let id = &session.issue;
    if ctx.around.called.issue.as_deref() == Some(id.as_str()) {
        return Ok(None);
    }
    let runs = runs::read(&ctx.repo.own_folder(), id)?.filter(|runs| runs.session == session.id);
    let Some(claim) = runs.and_then(|runs| runs.claim) else { return Ok(None) };
    let owner = Owner {
        host: claim.host.clone(),
        boot: claim.boot,
        pid: claim.pid,
        started: claim.started,
    };
    let there = owner != Owner::me() && owner.presence() == Presence::Alive;
    Ok(there.then(|| {
        let why = format!("pid {} runs agents there since {}", claim.pid, claim.at);
        Unmet::new("running", why, format!("git orch show {id}   # and end that first"))
    }))
}

/// Removes the issue's worktree and git's entry for it. One that is gone already is no error.
pub fn worktree(ctx: &Context, session: &Session, care: Care) -> Result<(), Error> {
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
