//! `undo` and `op log`: every change of an issue's state is one entry of its chain, and the newest
//! one can be taken back.
//!
//! Undoing adds an entry that says what an earlier one said; nothing is rewritten, and undoing
//! again goes further back. What was observed stays: what checks said, and which commits were
//! born. What would lose work of the user's is refused.

mod reopen;
mod steps;
mod withdraw;

pub use steps::Report;

use steps::{Intent, kind, restored};

use super::{Narrator, archive, facts, record};
use crate::context::Context;
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::names::{ARCHIVE, ISSUES, LEARNINGS, UNDONE};
use crate::domain::refusal::Refusal;
use crate::domain::session::Session;
use crate::domain::time::Moment;
use crate::error::Error;
use crate::git::RefChange;
use crate::store::chain::{self, Change, Entry};
use crate::store::{intent, layout, working_copy};

/// One entry of the operation log.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The issue.
    pub issue: String,
    /// The entry.
    pub entry: Entry,
}

/// Everything that happened, of one issue or of all, newest first.
pub fn log(ctx: &Context, issue: Option<&IssueId>) -> Result<Vec<Operation>, Error> {
    let mut all = Vec::new();
    for prefix in [ISSUES, ARCHIVE, UNDONE] {
        for (name, tip) in ctx.repo.objects.refs(prefix)? {
            let id = name[prefix.len()..].split('/').next().unwrap_or_default();
            if issue.is_some_and(|issue| issue.as_str() != id) {
                continue;
            }
            let entries = chain::history(&ctx.repo, &tip)?;
            all.extend(entries.into_iter().map(|entry| Operation { issue: id.to_owned(), entry }));
        }
    }
    if let Some(tip) = ctx.repo.objects.read_ref(LEARNINGS)? {
        for entry in chain::history(&ctx.repo, &tip)? {
            // `7.1 confirmed`: which issue gave the learning.
            let name = entry.subject.split_whitespace().next().unwrap_or_default();
            let id = name.rsplit_once('.').map_or(name, |(id, _)| id);
            if issue.is_none_or(|issue| issue.as_str() == id) {
                all.push(Operation { issue: id.to_owned(), entry });
            }
        }
    }
    // Stable: within an issue the order of the chain stays, also within one second.
    all.sort_by_key(|op| std::cmp::Reverse(op.entry.at));
    Ok(all)
}

/// The issue in which something happened last.
pub fn newest(ctx: &Context) -> Result<IssueId, Error> {
    let mut newest: Option<(Moment, IssueId)> = None;
    let open = chain::all_open(&ctx.repo)?;
    for (id, tip) in open.into_iter().chain(chain::all_archived(&ctx.repo)?) {
        let at = ctx.repo.objects.commit(&tip)?.time;
        if newest.as_ref().is_none_or(|(before, _)| at >= *before) {
            newest = Some((at, id));
        }
    }
    newest
        .map(|(_, id)| id)
        .ok_or_else(|| Error::usage("nothing has happened yet", "git orch new-issue ID"))
}

/// Undoes the newest entry of the issue that is not an observation.
pub fn run(ctx: &Context, id: &IssueId, narrator: &mut dyn Narrator) -> Result<Report, Error> {
    let own = ctx.repo.own_folder();
    archive::finish_opening(ctx, id, narrator)?;
    let begun: Option<Intent> = intent::read(&own, kind(id))?;
    if chain::open(&ctx.repo, id)?.is_none() {
        if chain::archived(&ctx.repo, id)?.is_some() {
            archive::finish_ended(ctx, id, narrator)?;
            return reopen::run(ctx, id, begun, narrator);
        }
        return match begun {
            Some(intent) => withdraw::go_on(ctx, id, &intent, narrator),
            None => record::require(ctx, id).map(|_| Report::of(id, String::new(), None)),
        };
    }
    let mut held = record::hold(ctx, id, narrator)?;
    if let Some(intent) = begun {
        match stands(ctx, &held, &intent)? {
            Stands::Before => {}
            Stands::Undone => {
                intent::forget(&own, kind(id))?;
                return Ok(Report::of(id, intent.undone, Some(held.session())));
            }
            Stands::Open => {
                drop(held);
                return reopen::go_on(ctx, id, &intent, narrator);
            }
        }
    }
    let entries = chain::history(&ctx.repo, &held.chain.tip)?;
    let Some((op, before)) = newest_decision(ctx, &held, &entries)? else {
        let opening = entries.last().map(|entry| entry.subject.clone()).unwrap_or_default();
        return withdraw::run(ctx, &held, opening, narrator);
    };
    let old = chain::session_at(&ctx.repo, &held.chain.name, &before.commit)?;
    refuse_ending(ctx, held.session(), &old, &op.subject)?;
    let session = restored(held.session(), old);
    refuse_unfreezing(held.session(), &session, &op.subject)?;
    let intent = Intent {
        at: ctx.now.seconds(),
        before: held.chain.tip.to_string(),
        undone: op.subject.clone(),
    };
    intent::write(&own, kind(id), &intent)?;
    take_back(ctx, &mut held, session, &op.subject, &before.commit)?;
    intent::forget(&own, kind(id))?;
    Ok(Report::of(id, op.subject, Some(held.session())))
}

/// How far an earlier run came.
enum Stands {
    /// Nothing was recorded.
    Before,
    /// The record says what it is to say.
    Undone,
    /// The issue is open again; branch and worktree may be missing.
    Open,
}

fn stands(ctx: &Context, held: &record::Held, intent: &Intent) -> Result<Stands, Error> {
    let entries = chain::history(&ctx.repo, &held.chain.tip)?;
    let [newest, before, ..] = &entries[..] else { return Ok(Stands::Before) };
    if before.commit.as_str() != intent.before || newest.restores.is_none() {
        return Ok(Stands::Before);
    }
    let ended = chain::session_at(&ctx.repo, &held.chain.name, &before.commit)?.end.is_some();
    Ok(if ended { Stands::Open } else { Stands::Undone })
}

/// The newest entry that is neither undone nor an observation, and the one before it; `None` when
/// that is the opening.
fn newest_decision(
    ctx: &Context,
    held: &record::Held,
    entries: &[Entry],
) -> Result<Option<(Entry, Entry)>, Error> {
    let mut at = 0;
    while let Some(entry) = entries.get(at) {
        if let Some(restored) = &entry.restores {
            let back = entries.iter().position(|entry| entry.commit == *restored);
            match back.filter(|&back| back > at) {
                Some(back) => at = back,
                None => break,
            }
            continue;
        }
        let Some(before) = entries.get(at + 1) else { break };
        let read = |entry: &Entry| chain::session_at(&ctx.repo, &held.chain.name, &entry.commit);
        let (after, earlier) = (read(entry)?, read(before)?);
        if restored(&after, earlier.clone()) != after {
            return Ok(Some((entry.clone(), before.clone())));
        }
        at += 1;
    }
    Ok(None)
}

/// An issue does not end by way of undoing, and what has landed does not come back from the base.
fn refuse_ending(ctx: &Context, now: &Session, then: &Session, subject: &str) -> Result<(), Error> {
    let id = &now.issue;
    let landed = match &now.seal {
        Some(seal) => facts::landed_in(ctx, now, &seal.tip)?,
        None => None,
    };
    let (code, why, fix) = match (landed, &then.end) {
        (Some(into), _) => {
            ("landed", format!("its work has landed in {into}"), format!("git orch archive {id}"))
        }
        (None, Some(_)) => (
            "ended",
            "the issue would be finished again, and its worktree is there".to_owned(),
            format!("git orch abandon {id} --reason 'it was opened again by mistake'"),
        ),
        (None, None) => return Ok(()),
    };
    let what = format!("undoing \"{subject}\" of issue {id}");
    Err(Refusal::one(code, what, why, fix).into())
}

/// What was promised when the work began cannot be made less by way of undoing.
fn refuse_unfreezing(now: &Session, then: &Session, subject: &str) -> Result<(), Error> {
    let Some(frozen) = now.spec.as_ref().filter(|_| then.spec.is_none()) else { return Ok(()) };
    Err(Refusal::one(
        "spec-frozen",
        format!("undoing \"{subject}\" of issue {}", now.issue),
        format!("the specification was made final on {} and cannot change on the way", frozen.at),
        format!("git orch abandon {} --reason 'the specification was wrong'", now.issue),
    )
    .into())
}

/// Records `session` as what the state `restores` said.
fn take_back(
    ctx: &Context,
    held: &mut record::Held,
    session: Session,
    undone: &str,
    restores: &CommitId,
) -> Result<(), Error> {
    let before = held.chain.tip.clone();
    let subject = format!("Undo: {undone}");
    let change = Change {
        session: &session,
        files: receipt(ctx, &before, restores)?,
        subject: &subject,
        author: held.author(),
        at: ctx.now,
    };
    let new = chain::write_undo(&ctx.repo, &before, Some(restores), change)?;
    let (name, to) = (held.chain.name.clone(), Some(new.id.clone()));
    ctx.repo.objects.move_ref(&RefChange { name, old: Some(before), new: to })?;
    chain::secure(&ctx.repo, &new)?;
    held.chain.tip = new.id;
    held.chain.session = session;
    working_copy::sync(&ctx.repo, &held.chain, ctx.now)?;
    Ok(())
}

/// The receipt of the state that is brought back, where it is another one.
fn receipt(
    ctx: &Context,
    now: &CommitId,
    then: &CommitId,
) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let there = chain::companion(&ctx.repo, then, layout::RECEIPT)?;
    let same = chain::companion(&ctx.repo, now, layout::RECEIPT)? == there;
    Ok(there.filter(|_| !same).map(|b| (layout::RECEIPT.to_owned(), b)).into_iter().collect())
}
