//! Undoing the opening of an issue: worktree, branch and record go, as long as nothing was done.
//!
//! The record, and the draft of the specification with it, stays under `refs/git-orch/undone/`.

use std::path::Path;

use super::steps::{Intent, Report, kind};
use crate::context::Context;
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::names::{UNDONE, issue_ref};
use crate::domain::refusal::{Refusal, Unmet};
use crate::domain::session::Session;
use crate::domain::time::Moment;
use crate::error::Error;
use crate::git::RefChange;
use crate::ops::remove::{self, Care};
use crate::ops::{Narrator, births, heal, record, refs};
use crate::store::chain::{self, Change};
use crate::store::{births as notes, intent, layout, runs, trash, working_copy};

/// Takes the issue away again, or says what stands in the way.
pub(super) fn run(
    ctx: &Context,
    held: &record::Held,
    opening: String,
    narrator: &mut dyn Narrator,
) -> Result<Report, Error> {
    let session = held.session().clone();
    let id = session.issue.clone();
    let own = ctx.repo.own_folder();
    let found = Found::of(ctx, &held.chain.tip)?;
    let unmet = in_the_way(ctx, &session, found)?;
    if !unmet.is_empty() {
        let what = format!("undoing \"{opening}\"");
        return Err(Refusal::many("work-there", what, unmet).into());
    }
    // One that speaks of another state was left by an undoing that something else overtook.
    let begun = intent::read::<Intent>(&own, kind(&id))?;
    let begun = begun.filter(|begun| begun.before == held.chain.tip.as_str());
    let intent = begun.unwrap_or_else(|| Intent {
        at: ctx.now.seconds(),
        before: held.chain.tip.to_string(),
        undone: opening.clone(),
    });
    heal::branch_in_the_way(ctx, kind(&id), &session.branch.full())?;
    intent::write(&own, kind(&id), &intent)?;
    let subject = format!("Undo: {opening}");
    let draft = match working_copy::folder(Path::new(&session.worktree))? {
        Some(folder) => folder.read(layout::SPEC)?,
        None => chain::companion(&ctx.repo, &held.chain.tip, layout::SPEC)?,
    };
    let change = Change {
        session: &session,
        files: draft.map(|text| (layout::SPEC.to_owned(), text)).into_iter().collect(),
        subject: &subject,
        author: held.author(),
        at: Moment::from_seconds(intent.at),
    };
    let last = chain::write_undo(&ctx.repo, &held.chain.tip, None, change)?;
    // The draft is safe under a ref before its worktree goes.
    let (undone, there) = undone_ref(ctx, &id, &intent)?;
    if there.is_none() {
        let new = RefChange { name: undone, old: None, new: Some(last.id.clone()) };
        ctx.repo.objects.move_ref(&new)?;
        chain::secure(&ctx.repo, &last)?;
    }
    match found {
        Found::Worktree => working_copy::take_away(Path::new(&session.worktree))?,
        Found::Nothing | Found::Branch => {
            remove::worktree(ctx, &held.git, &session, Care::Clean, narrator)?;
        }
    }
    finish(ctx, &session, found, Some(held.chain.tip.clone()), narrator)?;
    Ok(report(&session, found, opening))
}

/// Finishes what an earlier run began and was killed at.
pub(super) fn go_on(
    ctx: &Context,
    id: &IssueId,
    intent: &Intent,
    narrator: &mut dyn Narrator,
) -> Result<Report, Error> {
    let _lock = record::lock_issue(ctx, id, narrator)?;
    let (name, there) = undone_ref(ctx, id, intent)?;
    let Some(tip) = there else {
        intent::clear(&ctx.repo.own_folder(), kind(id))?;
        return Err(Error::usage(format!("there is no issue {id}"), "git orch op log"));
    };
    let session = chain::session_at(&ctx.repo, &name, &tip)?;
    let found = Found::of(ctx, &tip)?;
    finish(ctx, &session, found, None, narrator)?;
    Ok(report(&session, found, intent.undone.clone()))
}

fn report(session: &Session, found: Found, opening: String) -> Report {
    let mut report = Report::of(&session.issue, opening, None);
    report.besides.push(match found {
        Found::Worktree => format!("left {} as it is: it was there before", session.worktree),
        Found::Nothing | Found::Branch => format!("removed {}", session.worktree),
    });
    report.besides.push(match found {
        Found::Nothing => format!("deleted branch {}", session.branch),
        Found::Branch | Found::Worktree => format!("left branch {} as it is", session.branch),
    });
    report
}

/// What of the issue stood there before it was opened, and is not ours to take away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Nothing,
    Branch,
    Worktree,
}

impl Found {
    /// What the state says.
    fn of(ctx: &Context, state: &CommitId) -> Result<Self, Error> {
        let text = chain::companion(&ctx.repo, state, layout::FOUND)?;
        Ok(match text.as_deref() {
            None => Self::Nothing,
            Some(b"branch\n") => Self::Branch,
            Some(_) => Self::Worktree,
        })
    }
}

/// The ref that keeps what is undone, and where it stands when it is there. Another one that was
/// undone in the same second keeps its name.
fn undone_ref(
    ctx: &Context,
    id: &IssueId,
    intent: &Intent,
) -> Result<(String, Option<CommitId>), Error> {
    let first = format!("{UNDONE}{id}/{}", Moment::from_seconds(intent.at).compact());
    let mut name = first.clone();
    for count in 2.. {
        heal::own_ref(ctx, &name)?;
        let Some(tip) = ctx.repo.objects.read_ref(&name)? else { break };
        let before = ctx.repo.objects.commit(&tip)?.parents.into_iter().next();
        if before.is_some_and(|before| before.as_str() == intent.before) {
            return Ok((name, Some(tip)));
        }
        name = format!("{first}-{count}");
    }
    Ok((name, None))
}

/// What would be lost.
fn in_the_way(ctx: &Context, session: &Session, found: Found) -> Result<Vec<Unmet>, Error> {
    let id = &session.issue;
    if found == Found::Worktree {
        return Ok(Vec::new());
    }
    let mut unmet = remove::obstacles(ctx, session, Care::Clean)?;
    if found == Found::Branch {
        return Ok(unmet);
    }
    let count = births::commits(&ctx.repo, session)?.len();
    let tip = ctx.repo.branch_tip(session.branch.as_str())?;
    if count > 0 || tip.is_some_and(|tip| tip != session.fork) {
        unmet.push(Unmet::new(
            "has-commits",
            format!("{} holds {} of its own", session.branch, commits(count.max(1))),
            format!("git orch abandon {id} --reason 'why it is given up'"),
        ));
    }
    Ok(unmet)
}

fn commits(count: usize) -> String {
    if count == 1 { "a commit".to_owned() } else { format!("{count} commits") }
}

/// Deletes the record, and the branch where that is ours: it is at the fork, so nothing is only
/// there.
fn finish(
    ctx: &Context,
    session: &Session,
    found: Found,
    tip: Option<CommitId>,
    narrator: &mut dyn Narrator,
) -> Result<(), Error> {
    let id = &session.issue;
    let own = ctx.repo.own_folder();
    // Also where a ref is gone already: what is left of its lock goes with it.
    let mut gone = vec![RefChange { name: issue_ref(id), old: tip, new: None }];
    let branch = ctx.repo.branch_tip(session.branch.as_str())?;
    let ours = found == Found::Nothing;
    if ours && branch.as_ref().is_none_or(|branch| *branch == session.fork) {
        let old = branch.map(|_| session.fork.clone());
        gone.push(RefChange { name: session.branch.full(), old, new: None });
    }
    refs::bring(ctx, kind(id), &gone, narrator)?;
    notes::forget(&own, id)?;
    runs::forget(&own, id)?;
    trash::empty(&own);
    Ok(intent::forget(&own, kind(id))?)
}
