//! `new-issue`: a branch, a worktree and a record for one issue, or what of them is missing.

pub(super) mod entry;
mod opening;
mod perform;
mod remains;

use std::path::{Path, PathBuf};

pub use self::opening::Report;

use self::opening::{Intent, kind};
use super::{Narrator, ending, place, policy, record};
use crate::context::Context;
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::issue::{self, Found, FoundBranch, FoundSession, Opening, Place};
use crate::domain::names::{archive_ref, one_line};
use crate::domain::policy::Policy;
use crate::domain::refusal::Refusal;
use crate::domain::session::Session;
use crate::domain::tidy::quoted;
use crate::error::Error;
use crate::git::worktrees::{self, Worktree};
use crate::store::chain::{self, Chain};
use crate::store::intent::{self, Kind, operation};
use crate::store::{layout, redact};

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// One line; a default is used when missing.
    pub title: Option<String>,
    /// What the issue is about, for the specification.
    pub body: Option<String>,
    /// Where it came from.
    pub source: Option<String>,
    /// The branch or commit to start from.
    pub base: Option<String>,
    /// A branch that is there and becomes the issue's; by the policy's pattern when missing.
    pub branch: Option<String>,
    /// A whole specification to begin with.
    pub spec: Option<Vec<u8>>,
}

/// Opens the issue, or finishes opening it.
pub fn run(
    ctx: &Context,
    id: &IssueId,
    request: &Request,
    narrator: &mut dyn Narrator,
) -> Result<Report, Error> {
    let installed = record::require_installed(ctx)?;
    super::spec::refuse_large(id, request.spec.as_deref().unwrap_or_default())?;
    super::spec::refuse_large(id, request.body.as_deref().unwrap_or_default().as_bytes())?;
    let lock = record::lock_issue(ctx, id, narrator)?;
    let own = ctx.repo.own_folder();
    if let Some(intent) = intent::read::<Intent>(&own, kind(id))? {
        return perform::carry_out(ctx, id, intent, &lock, narrator);
    }
    let policy = policy::in_force(ctx)?;
    let base = request.base.clone().unwrap_or_else(|| installed.base.clone());
    let pattern = || policy.branch.replace("{id}", id.as_str());
    let branch = request.branch.clone().unwrap_or_else(pattern);
    let folder = place::worktree(ctx, &policy, id);
    refuse_half_made(ctx, id, &branch, &folder)?;
    let (found, chain) = gather(ctx, id, &branch, &folder, &base)?;
    if let Some(chain) = &chain {
        ending::refuse(ctx, &chain.session)?;
    }
    let shown = folder.display().to_string();
    let opening = issue::open(id, &found, &branch, &shown, &base)?;
    if chain.is_none() {
        // What was begun with an earlier issue of this name is not to go on with this one.
        for begun in [operation::STEP, operation::UNDOING] {
            intent::clear(&own, Kind::of_issue(begun, id))?;
        }
    }
    match (opening, chain) {
        (Opening::Present { worktree }, Some(chain)) => {
            present(ctx, id, &worktree, &chain, narrator)
        }
        (Opening::Restore, Some(chain)) => {
            let intent = restoring(ctx, &chain, &folder)?;
            perform::begin(ctx, id, intent, &lock, narrator)
        }
        (Opening::Create { start }, _) => {
            let mut intent = fresh(ctx, id, request, &installed.base, &base, &policy);
            intent.fork = start.to_string();
            intent.start = start.to_string();
            intent.worktree = shown;
            perform::begin(ctx, id, intent, &lock, narrator)
        }
        // Somebody took the record away: it is brought back, not begun anew.
        (Opening::Adopt { .. }, _) if record::bereft(ctx, id)?.is_some() => {
            record::require(ctx, id)?;
            Err(Error::usage(format!("the record of issue {id} is gone"), "git orch doctor --fix"))
        }
        (Opening::Adopt { tip, worktree }, _) => {
            let mut intent = fresh(ctx, id, request, &installed.base, &base, &policy);
            adopt(ctx, id, &mut intent, &found, &tip, worktree.as_deref(), &shown)?;
            perform::begin(ctx, id, intent, &lock, narrator)
        }
        // A record that was found is always passed along.
        (Opening::Present { .. } | Opening::Restore, None) => {
            Err(Error::usage(format!("there is no issue {id}"), format!("git orch new-issue {id}")))
        }
    }
}

/// A worktree that somebody else's git is making, or was killed at: its files are not there, and
/// taken over it would look as if all of them had been deleted.
fn refuse_half_made(ctx: &Context, id: &IssueId, branch: &str, folder: &Path) -> Result<(), Error> {
    for worktree in worktrees::list(&ctx.repo)? {
        let concerns = worktree.path == folder || worktree.branch.as_deref() == Some(branch);
        if !concerns || !remains::is_being_made(&worktree) {
            continue;
        }
        let name = worktree.git_dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let aside = ctx.repo.common_dir.join(format!("{name}.half-made"));
        let shown = |path: &Path| quoted(&path.display().to_string());
        let left = worktree.path.with_file_name(format!("{name}.left"));
        return Err(Refusal::one(
            "occupied",
            format!("opening issue {id}"),
            format!(
                "git worktree add is at work in {}, or was killed there",
                worktree.path.display()
            ),
            format!(
                "mv {} {} && mv {} {} && git orch new-issue {id}   # when no git is at work there",
                shown(&worktree.git_dir),
                shown(&aside),
                shown(&worktree.path),
                shown(&left)
            ),
        )
        .into());
    }
    Ok(())
}

fn present(
    ctx: &Context,
    id: &IssueId,
    worktree: &str,
    chain: &Chain,
    narrator: &mut dyn Narrator,
) -> Result<Report, Error> {
    let synced = crate::store::working_copy::sync(&ctx.repo, chain, ctx.now)?;
    for name in &synced.set_aside {
        narrator.say(&format!("a hand-edited file is kept as .context/{name} and has no effect"));
    }
    Ok(Report {
        issue: id.to_string(),
        worktree: PathBuf::from(worktree),
        branch: chain.session.branch.to_string(),
        done: "present",
    })
}

/// Looks at everything that may be there already.
fn gather(
    ctx: &Context,
    id: &IssueId,
    branch: &str,
    folder: &Path,
    base: &str,
) -> Result<(Found, Option<Chain>), Error> {
    let chain = chain::open(&ctx.repo, id)?;
    let all = worktrees::list(&ctx.repo)?;
    let branch = chain.as_ref().map_or(branch, |c| c.session.branch.as_str());
    let holder = all.iter().find(|w| w.branch.as_deref() == Some(branch) && w.present);
    let tip = ctx.repo.branch_tip(branch)?;
    let session = chain.as_ref().map(|chain| FoundSession {
        // A worktree that was moved is the issue's wherever it is now.
        whole: holder.is_some(),
        worktree: holder
            .map_or_else(|| chain.session.worktree.clone(), |w| w.path.display().to_string()),
        branch: tip.is_some(),
    });
    let twins = || -> Result<Option<IssueId>, Error> {
        let open = chain::all_open(&ctx.repo)?;
        let archived = chain::all_archived(&ctx.repo)?;
        let mut ids = open.into_iter().chain(archived).map(|(other, _)| other);
        Ok(ids.find(|other| other.is_case_twin_of(id)))
    };
    let place = stands_at(&all, folder, branch);
    let start = resolve_base(ctx, base)?;
    let begun = tip.as_ref().or(start.as_ref());
    let context_taken = match begun {
        Some(commit) => ctx.repo.objects.file(commit, layout::CONTEXT)?.is_some(),
        None => false,
    };
    let found = Found {
        unborn: begun.is_none() && ctx.repo.objects.refs("refs/heads/")?.is_empty(),
        context_taken,
        archived: ctx.repo.objects.read_ref(&archive_ref(id))?.is_some(),
        case_twin: if chain.is_none() { twins()? } else { None },
        branch: tip.map(|tip| FoundBranch {
            tip,
            checked_out: holder.map(|w| w.path.display().to_string()),
        }),
        base: start,
        session,
        place,
    };
    Ok((found, chain))
}

/// Fails when the worktree of a finished issue could not be made again: what opens it looks before
/// it moves anything.
pub fn require_room(ctx: &Context, session: &Session) -> Result<(), Error> {
    let id = &session.issue;
    let folder = place::worktree(ctx, &policy::in_force(ctx)?, id);
    let all = worktrees::list(&ctx.repo)?;
    let branch = session.branch.as_str();
    if all.iter().any(|w| w.branch.as_deref() == Some(branch) && w.present) {
        return Ok(());
    }
    let found = FoundSession { whole: false, branch: true, ..FoundSession::default() };
    let place = stands_at(&all, &folder, branch);
    let found = Found { session: Some(found), place, ..Found::default() };
    issue::open(id, &found, branch, &folder.display().to_string(), &session.base)?;
    Ok(())
}

/// What stands where the worktree goes.
fn stands_at(all: &[Worktree], folder: &Path, branch: &str) -> Place {
    match all.iter().find(|w| w.path == folder && w.present) {
        Some(w) if w.branch.as_deref() == Some(branch) => Place::OwnWorktree,
        Some(w) => w.branch.clone().map_or(Place::Detached, Place::OtherWorktree),
        None if occupied(folder) => Place::Unregistered,
        None => Place::Free,
    }
}

/// Anything but an empty folder.
fn occupied(folder: &Path) -> bool {
    match std::fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_some(),
        Err(_) => folder.symlink_metadata().is_ok(),
    }
}

fn resolve_base(ctx: &Context, base: &str) -> Result<Option<CommitId>, Error> {
    for name in [format!("refs/heads/{base}"), format!("refs/remotes/origin/{base}")] {
        if let Some(commit) = ctx.repo.objects.read_ref(&name)? {
            return Ok(Some(commit));
        }
    }
    Ok(if base.starts_with('-') { None } else { ctx.repo.objects.resolve(base)? })
}

fn fresh(
    ctx: &Context,
    id: &IssueId,
    request: &Request,
    home: &str,
    base: &str,
    policy: &Policy,
) -> Intent {
    let title = request.title.as_deref().map(|text| redact::text(&one_line(text)));
    let title = title.filter(|title| !title.is_empty());
    // A base that is no branch is only where the work starts; it lands on the usual one.
    let is_branch = ctx.repo.branch_tip(base).is_ok_and(|tip| tip.is_some())
        || ctx
            .repo
            .objects
            .read_ref(&format!("refs/remotes/origin/{base}"))
            .is_ok_and(|r| r.is_some());
    Intent {
        id: id.to_string(),
        session: format!("{}-{:06x}", ctx.now.compact(), std::process::id() & 0x00ff_ffff),
        title: title.unwrap_or_else(|| format!("Issue {id}")),
        body: request.body.clone().unwrap_or_default(),
        source: request.source.clone(),
        base: if is_branch { base } else { home }.to_owned(),
        fork: String::new(),
        start: String::new(),
        branch: request
            .branch
            .clone()
            .unwrap_or_else(|| policy.branch.replace("{id}", id.as_str())),
        worktree: String::new(),
        at: ctx.now.seconds(),
        spec: request.spec.as_ref().map(|bytes| String::from_utf8_lossy(bytes).into_owned()),
        adopt_worktree: false,
        filling: true,
        done: "created".to_owned(),
    }
}

/// Makes the worktree of an open issue again.
fn restoring(ctx: &Context, chain: &Chain, folder: &Path) -> Result<Intent, Error> {
    let session = &chain.session;
    let tip = super::facts::require_tip(ctx, session)?;
    Ok(Intent {
        id: session.issue.to_string(),
        session: session.id.clone(),
        title: session.title.clone(),
        body: String::new(),
        source: session.source.clone(),
        base: session.base.clone(),
        fork: session.fork.to_string(),
        start: tip.to_string(),
        branch: session.branch.to_string(),
        worktree: folder.display().to_string(),
        at: ctx.now.seconds(),
        spec: None,
        adopt_worktree: false,
        filling: true,
        done: "restored".to_owned(),
    })
}

/// Takes over a branch, and its worktree, that stand there without a record.
fn adopt(
    ctx: &Context,
    id: &IssueId,
    intent: &mut Intent,
    found: &Found,
    tip: &CommitId,
    worktree: Option<&str>,
    folder: &str,
) -> Result<(), Error> {
    let main = ctx.repo.main_worktree.as_ref().map(|path| path.display().to_string());
    if worktree.is_some() && worktree == main.as_deref() {
        return Err(Refusal::one(
            "branch-in-main",
            format!("opening issue {id}"),
            format!("its branch {} is checked out in the main worktree", intent.branch),
            format!("git switch {}", intent.base),
        )
        .into());
    }
    let fork = match &found.base {
        Some(base) => ctx.repo.objects.merge_base(tip, base)?,
        None => None,
    };
    intent.fork = fork.unwrap_or_else(|| tip.clone()).to_string();
    intent.start = tip.to_string();
    intent.adopt_worktree = worktree.is_some();
    intent.worktree = worktree.unwrap_or(folder).into();
    intent.done = "adopted".into();
    Ok(())
}
