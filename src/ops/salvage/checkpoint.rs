//! Checkpoints: what is uncommitted is saved at each step of an issue.

use std::path::Path;

use super::capture::{Salvage, capture, is_whole};
use super::ignored::{self, File};
use crate::context::Context;
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::names::CHECKPOINT;
use crate::domain::session::Session;
use crate::domain::time::Moment;
use crate::error::Error;
use crate::git::{Git, RefChange, status};
use crate::ops::{Narrator, facts, heal, obstacles, record};

/// How many checkpoints of an issue are kept.
const CHECKPOINTS: usize = 10;
/// More uncommitted bytes than this are no typed work, and are not saved at every step.
const LARGE: u64 = 64 << 20;
/// The same in paths.
const MANY: usize = 5_000;
/// How often it is written that something else takes away at once.
const TRIES: usize = 5;

/// Saves what is uncommitted at a step of an issue. A step never fails for want of that.
pub fn save(ctx: &Context, held: &record::Held, narrator: &mut dyn Narrator) {
    match checkpoint(ctx, &held.git, held.session()) {
        Ok(true) => {}
        Ok(false) => narrator.say(&format!(
            "what is uncommitted is not saved at this step: it is more than {} MiB or {MANY} paths",
            LARGE >> 20
        )),
        Err(e) => narrator.say(&format!("what is uncommitted could not be saved: {e}")),
    }
}

/// Saves what is uncommitted in the issue's worktree at this step, so that the loss of the
/// worktree loses no more than what was typed since. `false` when it is too much for that.
/// The issue's lock is held.
fn checkpoint(ctx: &Context, git: &Git, session: &Session) -> Result<bool, Error> {
    let Some(git_dir) = facts::worktree_git_dir(ctx, session) else { return Ok(true) };
    let worktree = Path::new(&session.worktree);
    let lying = status::lying(git, worktree, &git_dir)?;
    if is_large(worktree, &lying.dirty) {
        return Ok(false);
    }
    if lying.dirty.is_empty() && obstacles::hidden_edits(ctx, session)?.is_empty() {
        // The same drafts and notes lie there at every step.
        let files = ignored::among(ctx, session, &lying.ignored)?.files;
        if files.is_empty() || are_saved(ctx, session, &files)? {
            return Ok(true);
        }
    }
    everything(ctx, git, session)?;
    Ok(true)
}

/// Whether one of the issue's checkpoints holds these ignored files.
fn are_saved(ctx: &Context, session: &Session, files: &[File]) -> Result<bool, Error> {
    for (_, commit) in ctx.repo.objects.refs(&format!("{CHECKPOINT}{}/", session.issue))? {
        // One that cannot be read is another one.
        let Ok(Some(beside)) = ignored::beside(ctx, &commit) else { continue };
        if ignored::read(ctx, &beside).is_ok_and(|saved| saved == files) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Saves what is uncommitted in the issue's worktree, however much it is.
pub(super) fn everything(
    ctx: &Context,
    git: &Git,
    session: &Session,
) -> Result<Option<Salvage>, Error> {
    let Some(captured) = capture(ctx, git, session)? else { return Ok(None) };
    heal::below(ctx, &format!("{CHECKPOINT}{}", session.issue))?;
    let saved = ctx.repo.objects.refs(&format!("{CHECKPOINT}{}/", session.issue))?;
    for (name, commit) in &saved {
        // One that cannot be read is another one.
        if captured.is(ctx, commit).unwrap_or(false) {
            return Ok(Some(Salvage { name: name.clone(), commit: commit.clone() }));
        }
    }
    let (name, old) = slot(ctx, &session.issue, &saved);
    heal::own_ref(ctx, &name)?;
    let mut commit = captured.commit(ctx, git, &session.issue)?;
    let change = RefChange { name: name.clone(), old, new: Some(commit.clone()) };
    ctx.repo.objects.move_ref(&change)?;
    for _ in 0..TRIES {
        if is_whole(ctx, &commit).unwrap_or(false) {
            return Ok(Some(Salvage { name, commit }));
        }
        // Written again, and not taken away: taking a ref away needs a lock that whoever collects
        // garbage may hold, and one that leads to something broken hinders everybody.
        let Some(again) = capture(ctx, git, session)? else { break };
        let new = again.commit(ctx, git, &session.issue)?;
        let change = RefChange { name: name.clone(), old: Some(commit), new: Some(new.clone()) };
        ctx.repo.objects.move_ref(&change)?;
        commit = new;
    }
    if is_whole(ctx, &commit).unwrap_or(false) {
        return Ok(Some(Salvage { name, commit }));
    }
    ctx.repo.objects.pin(&name, None)?;
    Ok(None)
}

/// The ref that the next checkpoint of an issue goes to, and what it holds: an empty one, or the
/// one that has been there longest. Nothing is deleted for it: that would lock what others need.
fn slot(ctx: &Context, id: &IssueId, saved: &[(String, CommitId)]) -> (String, Option<CommitId>) {
    let name = |slot: usize| format!("{CHECKPOINT}{id}/{slot}");
    if let Some(free) = (0..CHECKPOINTS).map(name).find(|name| saved.iter().all(|(n, _)| n != name))
    {
        return (free, None);
    }
    let mut oldest: Option<(Moment, &(String, CommitId))> = None;
    for pair in saved {
        let read = ctx.repo.objects.commit(&pair.1);
        let at = read.map_or(Moment::from_seconds(0), |data| data.time);
        if oldest.is_none_or(|(before, _)| at < before) {
            oldest = Some((at, pair));
        }
    }
    oldest.map_or_else(|| (name(0), None), |(_, (name, old))| (name.clone(), Some(old.clone())))
}

/// Whether there is more than anybody types: a checkpoint must stay cheap. A folder among the paths
/// is a repository of its own, of which nothing is saved.
fn is_large(worktree: &Path, dirty: &[String]) -> bool {
    let sizes = dirty.iter().filter_map(|path| worktree.join(path).symlink_metadata().ok());
    let bytes: u64 = sizes.filter(|meta| !meta.is_dir()).map(|meta| meta.len()).sum();
    dirty.len() > MANY || bytes > LARGE
}
