//! `pr`: the branch and receipt of a finished issue on the other side, and a pull request for it.
//!
//! What is pushed is the commit the receipt is sealed to, by its id, whatever the branch does
//! meanwhile. The tools of forges are asked when they are there; they know the user's account.

mod body;
mod forge;

use std::collections::BTreeSet;

use super::{Narrator, births, facts, policy, publish, record, standing};
use crate::context::Context;
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::phase::Phase;
use crate::domain::policy::{Carrier, IssuePush};
use crate::domain::refusal::Refusal;
use crate::domain::session::Session;
use crate::error::Error;
use crate::store::intent::{self, Kind};

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// A draft: where the policy allows backups, of work that is not finished too.
    pub draft: bool,
    /// Go on in the browser.
    pub web: bool,
    /// The remote; told by git's settings when missing.
    pub remote: Option<String>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The branch on the other side.
    pub branch: String,
    /// The branch it is to land on.
    pub base: String,
    /// The commit that was pushed.
    pub commit: CommitId,
    /// The remote.
    pub remote: String,
    /// The pull request, as its tool names it; `None` when no tool opened one.
    pub opened: Option<String>,
    /// Whether there was one already, which was brought up to date.
    pub already: bool,
    /// Where a person opens it, as far as the remote's address tells.
    pub compare: Option<String>,
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// Why a tool that is there opened none.
    pub trouble: Option<String>,
}

/// Pushes, and opens the pull request or brings it up to date.
pub fn run(
    ctx: &Context,
    id: &IssueId,
    request: &Request,
    narrator: &mut dyn Narrator,
) -> Result<Report, Error> {
    let mut held = record::hold(ctx, id, narrator)?;
    let facts = facts::gather(ctx, &held.chain)?;
    if let Some(reason) = standing::settle(ctx, &mut held, &facts)? {
        narrator.say(&format!("back to {}: {reason}", held.session().phase));
    }
    let session = held.session().clone();
    let sealed = births::sealed(&ctx.repo, &held.chain)?;
    let branch = branch(ctx, &session, sealed, request)?;
    let commit = facts::require_tip(ctx, &session)?;
    let remote = publish::remote(ctx, request.remote.as_deref())?;
    let receipt = births::receipt(&ctx.repo, &held.chain)?.filter(|_| sealed);
    // No check of the other side is to look for a receipt that is not there yet; in the tree it
    // comes with the branch.
    if sealed && policy::in_force(ctx)?.carrier == Carrier::Ref {
        narrator.say(&format!("pushing the record of issue {id} to {remote}"));
        publish::record(ctx, id, &remote)?;
    }
    narrator.say(&format!("pushing {} to {branch} of {remote}", commit.short()));
    push(ctx, &session, &remote, &branch, &commit)?;
    let title = body::title(&session);
    let body = body::text(ctx, &session, receipt.as_ref(), &commit)?;
    drop(held);
    let base = session.base.clone();
    let address = publish::address(ctx, &remote)?;
    let asked = forge::Asked {
        title: &title,
        body: &body,
        branch: &branch,
        base: &base,
        draft: request.draft,
        web: request.web,
    };
    let place = ctx.repo.home();
    let answer = forge::open(place, &address, &asked);
    let compare = forge::compare(&address, &base, &branch);
    let (opened, already, trouble) = match answer {
        forge::Answer::Opened { name, already } => (Some(name), already, None),
        forge::Answer::NoTool => (None, false, None),
        forge::Answer::Failed(why) => (None, false, Some(why)),
    };
    Ok(Report { branch, base, commit, remote, opened, already, compare, title, body, trouble })
}

/// The branch it goes to, or why it may not leave.
fn branch(
    ctx: &Context,
    session: &Session,
    sealed: bool,
    request: &Request,
) -> Result<String, Error> {
    if sealed {
        return Ok(session.branch.to_string());
    }
    let id = &session.issue;
    match (policy::in_force(ctx)?.issue_push, request.draft) {
        (IssuePush::Any, true) => return Ok(session.branch.to_string()),
        (IssuePush::Wip, true) => return Ok(format!("wip/{id}")),
        _ => {}
    }
    let fix = match session.phase {
        Phase::Compact | Phase::Complete => format!("git orch compact {id}"),
        _ => format!("git orch next {id}"),
    };
    let what = format!("opening a pull request for issue {id}");
    let why = format!("it is in {}, and no receipt of it holds", session.phase);
    Err(Refusal::one("unsealed", what, why, fix).into())
}

/// Pushes the commit. What stands there is replaced only when it is the issue's own earlier work,
/// which is on record here.
fn push(
    ctx: &Context,
    session: &Session,
    remote: &str,
    branch: &str,
    commit: &CommitId,
) -> Result<(), Error> {
    let name = format!("refs/heads/{branch}");
    let old: Option<CommitId> = publish::stands(ctx, remote, &name)?;
    let kind = Kind::of_issue("push", &session.issue);
    if old.as_ref() == Some(commit) && !intent::is_open(&ctx.repo.own_folder(), kind) {
        return Ok(());
    }
    let own: BTreeSet<CommitId> = births::commits(&ctx.repo, session)?.into_iter().collect();
    let lease =
        old.filter(|old| own.contains(old)).map(|old| format!("--force-with-lease={name}:{old}"));
    let target = format!("{commit}:{name}");
    let mut args = vec!["push", "--quiet"];
    args.extend(lease.as_deref());
    args.extend([remote, target.as_str()]);
    publish::push(ctx, kind, remote, std::slice::from_ref(&name), &args)
}
