//! Undoing an ending: the record is open again, the branch and the worktree stand where they
//! stood, and what lay uncommitted in the worktree lies there again.

use super::steps::{Intent, Report, kind, restored};
use crate::context::Context;
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::names::{archive_ref, issue_ref};
use crate::domain::refusal::Refusal;
use crate::domain::session::{Ending, Session};
use crate::domain::time::Moment;
use crate::error::Error;
use crate::git::{RefChange, config};
use crate::ops::{Narrator, heal, new_issue, place, record, refs, salvage};
use crate::store::chain::{self, Chain, Change};
use crate::store::{intent, trash};

/// Opens a finished issue again, or says what stands in the way.
pub(super) fn run(
    ctx: &Context,
    id: &IssueId,
    begun: Option<Intent>,
    narrator: &mut dyn Narrator,
) -> Result<Report, Error> {
    let lock = record::lock_issue(ctx, id, narrator)?;
    heal::own_refs(ctx, id)?;
    let Some(closed) = chain::archived(&ctx.repo, id)? else {
        return Err(Error::usage(format!("there is no issue {id}"), "git orch op log"));
    };
    let entries = chain::history(&ctx.repo, &closed.tip)?;
    let [ending, before, ..] = &entries[..] else {
        return Err(Error::usage(format!("issue {id} has only an ending"), "git orch op log"));
    };
    let tip = ctx.repo.objects.commit(&closed.tip)?.parents.into_iter().nth(1);
    let branch = branch(ctx, &closed.session, tip.as_ref())?;
    new_issue::require_room(ctx, &closed.session)?;
    // One that speaks of another state was left by an undoing that never came to anything.
    let begun = begun.filter(|begun| begun.before == closed.tip.as_str());
    let intent = begun.unwrap_or_else(|| Intent {
        at: ctx.now.seconds(),
        before: closed.tip.to_string(),
        undone: ending.subject.clone(),
    });
    intent::write(&ctx.repo.own_folder(), kind(id), &intent)?;
    let old = chain::session_at(&ctx.repo, &closed.name, &before.commit)?;
    let session = restored(&closed.session, old);
    let subject = format!("Undo: {}", intent.undone);
    let author = config::identity(&ctx.repo, &ctx.around.committer);
    let at = Moment::from_seconds(intent.at);
    let change =
        Change { session: &session, files: Vec::new(), subject: &subject, author: &author, at };
    let new = chain::write_undo(&ctx.repo, &closed.tip, Some(&before.commit), change)?;
    // The branch first: an open record without one would be taken for damage.
    let mut changes: Vec<RefChange> = branch.into_iter().collect();
    changes.push(RefChange { name: issue_ref(id), old: None, new: Some(new.id.clone()) });
    changes.push(RefChange { name: archive_ref(id), old: Some(closed.tip.clone()), new: None });
    refs::bring(ctx, kind(id), &changes, narrator)?;
    chain::secure(&ctx.repo, &new)?;
    drop(lock);
    go_on(ctx, id, &intent, narrator)
}

/// The branch to be made again; `None` when it is there. One of that name elsewhere is in the way.
fn branch(
    ctx: &Context,
    session: &Session,
    tip: Option<&CommitId>,
) -> Result<Option<RefChange>, Error> {
    let id = &session.issue;
    let what = format!("opening issue {id} again");
    match (ctx.repo.branch_tip(session.branch.as_str())?, tip) {
        (Some(there), Some(tip)) if there == *tip => Ok(None),
        (Some(_), _) => Err(Refusal::one(
            "branch-taken",
            what,
            format!("there is a branch {} that is not the issue's", session.branch),
            format!("git branch -m {} {}-other", session.branch, session.branch),
        )
        .into()),
        (None, Some(tip)) => {
            Ok(Some(RefChange { name: session.branch.full(), old: None, new: Some(tip.clone()) }))
        }
        (None, None) => Err(Refusal::one(
            "branch-gone",
            what,
            "its branch was gone when it ended",
            format!("git orch show {id}"),
        )
        .into()),
    }
}

/// Makes the worktree again and puts back what lay there; the record is open already.
pub(super) fn go_on(
    ctx: &Context,
    id: &IssueId,
    intent: &Intent,
    narrator: &mut dyn Narrator,
) -> Result<Report, Error> {
    let own = ctx.repo.own_folder();
    let name = issue_ref(id);
    let before = intent
        .before
        .parse()
        .map_err(|_| Error::usage(format!("{:?} is no state", intent.before), "git orch doctor"))?;
    let ended = chain::session_at(&ctx.repo, &name, &before)?;
    // A run that was killed in the middle of git's transaction left the finished record too.
    let gone = RefChange { name: archive_ref(id), old: Some(before), new: None };
    refs::bring(ctx, kind(id), &[gone], narrator)?;
    let ctx = &ctx.again()?;
    let opened = new_issue::run(ctx, id, &new_issue::Request::default(), narrator)?;
    let held = record::hold(ctx, id, narrator)?;
    let mut report = Report::of(id, intent.undone.clone(), Some(held.session()));
    report.besides.push(format!("made {} again", opened.worktree.display()));
    if let Some(item) = kept(ctx, &ended, &held.chain)? {
        salvage::into_worktree(ctx, &held, &item, narrator)?;
        report.besides.push(format!("put back {} uncommitted files", item.files.len()));
    }
    let (root, folder) = place::archive(ctx, id);
    trash::put(&own, &root.join(folder), &ctx.now.compact())?;
    trash::empty(&own);
    intent::forget(&own, kind(id))?;
    Ok(report)
}

/// What was uncommitted when the issue ended.
fn kept(ctx: &Context, ended: &Session, chain: &Chain) -> Result<Option<salvage::Item>, Error> {
    let Some(end) = &ended.end else { return Ok(None) };
    let name = match &end.how {
        Ending::Abandoned { salvage, .. } => salvage.clone(),
        // With `--force`; the name is that of the moment.
        Ending::Landed { .. } => salvage::name(&ended.issue, end.at),
    };
    let Some(item) = salvage::kept(ctx, &name)?.filter(|item| !item.files.is_empty()) else {
        return Ok(None);
    };
    let tip = ctx.repo.branch_tip(chain.session.branch.as_str())?;
    Ok(tip.is_some_and(|tip| tip.as_str() == item.tip).then_some(item))
}
