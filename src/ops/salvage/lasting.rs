//! Where an issue stood whose branch is gone: what git wrote down, and what the record says.

use std::path::Path;

use crate::context::Context;
use crate::domain::ids::CommitId;
use crate::domain::names::HEADS;
use crate::domain::session::Session;
use crate::error::Error;
use crate::git::{NewCommit, reflog};
use crate::store::births;

/// The commits that the work of the issue ends in, as far as they are there, what was checked out
/// last first. The one it began at is among them only where its worktree is there.
pub(super) fn heads(
    ctx: &Context,
    session: &Session,
    git_dir: Option<&Path>,
) -> Result<Vec<CommitId>, Error> {
    let mut named: Vec<CommitId> = Vec::new();
    let last = |log: Option<Vec<reflog::Entry>>| {
        log.unwrap_or_default().into_iter().rev().find_map(|entry| entry.new.or(entry.old))
    };
    if let Some(git_dir) = git_dir {
        named.extend(last(reflog::of_head(&ctx.repo, git_dir)?));
    }
    named.extend(last(reflog::entries(&ctx.repo, &format!("{HEADS}{}", session.branch))?));
    let noted = births::noted(&ctx.repo.own_folder(), &session.issue)?;
    named.extend(noted.into_iter().rev());
    named.extend(session.births.iter().rev().map(|birth| birth.commit.clone()));
    named.extend(session.seal.iter().map(|seal| seal.tip.clone()));
    named.extend(session.moves.iter().rev().map(|step| step.tip.clone()));
    if git_dir.is_some() {
        named.push(session.fork.clone());
    }
    let mut heads: Vec<CommitId> = Vec::new();
    for commit in named {
        let nothing_new = git_dir.is_none() && commit == session.fork;
        if heads.contains(&commit) || nothing_new || !ctx.repo.objects.is_whole(&commit) {
            continue;
        }
        let mut known = false;
        for head in &heads {
            known |= ctx.repo.objects.reaches(head, &commit)?;
        }
        if !known {
            heads.push(commit);
        }
    }
    Ok(heads)
}

/// A commit of nothing, for files of which no commit is left that they could stand on.
pub(super) fn nothing(ctx: &Context, session: &Session) -> Result<CommitId, Error> {
    Ok(ctx.repo.objects.write(&NewCommit {
        files: Vec::new(),
        parents: Vec::new(),
        message: format!("Nothing is left of {}\n", session.branch),
        author: "git-orch <git-orch@localhost>".to_owned(),
        time: session.created,
    })?)
}
