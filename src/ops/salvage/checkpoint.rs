//! Checkpoints: what is uncommitted is saved at each step of an issue.

use std::path::{Path, PathBuf};

use super::capture::{Captured, Salvage, capture, ignored_in, is_whole};
use super::ignored;
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
    let hidden = !lying.dirty.is_empty() || !obstacles::hidden_edits(ctx, session)?.is_empty();
    if hidden || !ignored::among(ctx, session, &lying.ignored)?.files.is_empty() {
        everything(ctx, git, session)?;
    }
    Ok(true)
}

/// Saves what is uncommitted in the issue's worktree, however much it is.
pub(super) fn everything(
    ctx: &Context,
    git: &Git,
    session: &Session,
) -> Result<Option<Salvage>, Error> {
    let Some(captured) = capture(ctx, git, session)? else { return Ok(None) };
    let saved = ctx.repo.objects.refs(&format!("{CHECKPOINT}{}/", session.issue))?;
    let tidy = captured.is_tidy(ctx)?;
    for (name, commit) in &saved {
        // One that cannot be read is another one.
        let same = captured.is(ctx, commit).unwrap_or(false);
        // The same ignored files lie there at every step.
        if same || (tidy && holds_ignored(ctx, &captured, commit).unwrap_or(false)) {
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

/// Whether what was saved holds the same ignored files.
fn holds_ignored(ctx: &Context, now: &Captured, saved: &CommitId) -> Result<bool, Error> {
    let parents = ctx.repo.objects.commit(saved)?.parents;
    let now = now.ignored(ctx)?;
    Ok(now.is_none() || ignored_in(ctx, &parents)? == now)
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

/// Whether there is more than anybody types: a checkpoint must stay cheap.
fn is_large(worktree: &Path, dirty: &[String]) -> bool {
    let mut paths = 0;
    let mut bytes = 0;
    let mut stack: Vec<PathBuf> = dirty.iter().map(|path| worktree.join(path)).collect();
    while let Some(path) = stack.pop() {
        let Ok(meta) = path.symlink_metadata() else { continue };
        paths += 1;
        if meta.is_dir() {
            let Ok(entries) = std::fs::read_dir(&path) else { continue };
            stack.extend(entries.flatten().map(|entry| entry.path()));
        } else {
            bytes += meta.len();
        }
        if paths > MANY || bytes > LARGE {
            return true;
        }
    }
    false
}
