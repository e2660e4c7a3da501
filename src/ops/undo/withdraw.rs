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
    let unmet = in_the_way(ctx, &session)?;
    if !unmet.is_empty() {
        let what = format!("undoing \"{opening}\"");
        return Err(Refusal::many("work-there", what, unmet).into());
    }
    let intent = match intent::read::<Intent>(&own, kind(&id))? {
        Some(intent) => intent,
        None => Intent {
            at: ctx.now.seconds(),
            before: held.chain.tip.to_string(),
            undone: opening.clone(),
        },
    };
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
    let undone = undone_ref(&id, &intent);
    // The draft is safe under a ref before its worktree goes.
    heal::own_ref(ctx, &undone)?;
    if ctx.repo.objects.read_ref(&undone)?.is_none() {
        let new = RefChange { name: undone, old: None, new: Some(last.id.clone()) };
        ctx.repo.objects.move_ref(&new)?;
        chain::secure(&ctx.repo, &last)?;
    }
    remove::worktree(ctx, &held.git, &session, Care::Clean, narrator)?;
    finish(ctx, &session, Some(held.chain.tip.clone()), narrator)?;
    Ok(report(&session, opening))
}

/// Finishes what an earlier run began and was killed at.
pub(super) fn go_on(
    ctx: &Context,
    id: &IssueId,
    intent: &Intent,
    narrator: &mut dyn Narrator,
) -> Result<Report, Error> {
    let _lock = record::lock_issue(ctx, id, narrator)?;
    let name = undone_ref(id, intent);
    let Some(tip) = ctx.repo.objects.read_ref(&name)? else {
        intent::clear(&ctx.repo.own_folder(), kind(id))?;
        return Err(Error::usage(format!("there is no issue {id}"), "git orch op log"));
    };
    let session = chain::session_at(&ctx.repo, &name, &tip)?;
    finish(ctx, &session, None, narrator)?;
    Ok(report(&session, intent.undone.clone()))
}

fn report(session: &Session, opening: String) -> Report {
    let mut report = Report::of(&session.issue, opening, None);
    report.besides =
        vec![format!("removed {}", session.worktree), format!("deleted branch {}", session.branch)];
    report
}

fn undone_ref(id: &IssueId, intent: &Intent) -> String {
    format!("{UNDONE}{id}/{}", Moment::from_seconds(intent.at).compact())
}

/// What would be lost.
fn in_the_way(ctx: &Context, session: &Session) -> Result<Vec<Unmet>, Error> {
    let id = &session.issue;
    let mut unmet = remove::obstacles(ctx, session, Care::Clean)?;
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

/// Deletes record and branch. The branch is at the fork: nothing is only there.
fn finish(
    ctx: &Context,
    session: &Session,
    tip: Option<CommitId>,
    narrator: &mut dyn Narrator,
) -> Result<(), Error> {
    let id = &session.issue;
    let own = ctx.repo.own_folder();
    // Also where a ref is gone already: what is left of its lock goes with it.
    let mut gone = vec![RefChange { name: issue_ref(id), old: tip, new: None }];
    let branch = ctx.repo.branch_tip(session.branch.as_str())?;
    if branch.as_ref().is_none_or(|branch| *branch == session.fork) {
        let old = branch.map(|_| session.fork.clone());
        gone.push(RefChange { name: session.branch.full(), old, new: None });
    }
    refs::bring(ctx, kind(id), &gone, narrator)?;
    notes::forget(&own, id)?;
    runs::forget(&own, id)?;
    trash::empty(&own);
    Ok(intent::forget(&own, kind(id))?)
}
