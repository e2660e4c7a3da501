//! `adopt`: takes what came past git-orch under an issue: a commit on a protected branch, or a
//! worktree with its branch.
//!
//! A commit that is adopted is work of its issue like any other: it is validated and compacted, and
//! does not leave before. One that has not landed comes onto the branch of the issue.

use std::path::{Path, PathBuf};

use super::gate::tripwire;
use super::new_issue::{self, Request};
use super::{Narrator, births, facts, policy, record};
use crate::context::Context;
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::names::{HEADS, one_line};
use crate::domain::receipt::Birth;
use crate::domain::refusal::Refusal;
use crate::domain::session::Session;
use crate::domain::tidy::quoted;
use crate::error::Error;
use crate::git::landing::{self, Made, Place};
use crate::git::open::real;
use crate::git::{changes, walk, worktrees};
use crate::store::{births as notes, chain};

/// Most commits that come with one that is adopted.
const MANY: usize = 10_000;

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What was adopted: a commit, or a branch.
    pub what: String,
    /// Where the issue is worked on.
    pub worktree: PathBuf,
    /// Whether it was the issue's already.
    pub already: bool,
}

/// Adopts `what`, a folder of a worktree or a commit, under the issue, which is opened when it is
/// not open yet.
pub fn run(
    ctx: &Context,
    id: &IssueId,
    what: &str,
    narrator: &mut dyn Narrator,
) -> Result<Report, Error> {
    record::require_installed(ctx)?;
    let folder = ctx.around.folder.join(what);
    if folder.is_dir() {
        return worktree(ctx, id, &folder, narrator);
    }
    let found = if what.starts_with('-') { None } else { ctx.repo.objects.resolve(what)? };
    match found {
        Some(commit) => adopt_commit(ctx, id, &commit, narrator),
        None => Err(Error::usage(
            format!("{what} is neither a worktree nor a commit"),
            "git orch audit   # lists what came unseen",
        )),
    }
}

/// A worktree that somebody made, with the branch it is on.
fn worktree(
    ctx: &Context,
    id: &IssueId,
    folder: &Path,
    narrator: &mut dyn Narrator,
) -> Result<Report, Error> {
    let path = real(folder);
    let what = format!("adopting {}", path.display());
    let all = worktrees::list(&ctx.repo)?;
    let there = all.iter().find(|worktree| real(&worktree.path) == path);
    let branch = there.and_then(|worktree| worktree.branch.clone()).ok_or_else(|| {
        Error::usage(
            format!(
                "{} is no worktree of this repository with a branch of its own",
                path.display()
            ),
            "git worktree list",
        )
    })?;
    if policy::in_force(ctx)?.protects(&branch) {
        let why = format!("{branch} is protected: no issue is worked on there");
        let fix = format!("git -C {} switch -c issue/{id}", quoted(&path.display().to_string()));
        return Err(Refusal::one("protected-branch", what, why, fix).into());
    }
    for (other, tip) in chain::all_open(&ctx.repo)? {
        let heading = chain::heading(&ctx.repo, other.clone(), tip);
        if other != *id && heading.is_ok_and(|heading| heading.branch == branch) {
            let why = format!("{branch} is the branch of issue {other}");
            return Err(Refusal::one("adopted", what, why, format!("git orch show {other}")).into());
        }
    }
    if let Some(open) = chain::open(&ctx.repo, id)?
        && open.session.branch.as_str() != branch
    {
        let why = format!("issue {id} is open, on {}", open.session.branch);
        return Err(Refusal::one("adopted", what, why, format!("git orch show {id}")).into());
    }
    let already = chain::open(&ctx.repo, id)?.is_some();
    let request = Request { branch: Some(branch.clone()), ..Request::default() };
    let report = new_issue::run(ctx, id, &request, narrator)?;
    Ok(Report { what: branch, worktree: report.worktree, already })
}

/// A commit that belongs to no issue.
fn adopt_commit(
    ctx: &Context,
    id: &IssueId,
    commit: &CommitId,
    narrator: &mut dyn Narrator,
) -> Result<Report, Error> {
    let own = ctx.repo.own_folder();
    for (other, _) in chain::all_open(&ctx.repo)? {
        if other != *id && notes::noted(&own, &other)?.contains(commit) {
            let what = format!("adopting commit {}", commit.short());
            let why = format!("it was born in issue {other}");
            return Err(Refusal::one("adopted", what, why, format!("git orch show {other}")).into());
        }
    }
    let met = walk::one(&ctx.repo, commit)?;
    let subject = one_line(met.message.lines().next().unwrap_or_default());
    // Also where it is there: an earlier run may have been killed while it made it.
    let request = Request { title: Some(subject.clone()), ..Request::default() };
    new_issue::run(ctx, id, &request, narrator)?;
    let mut held = record::hold(ctx, id, narrator)?;
    let worktree = PathBuf::from(&held.session().worktree);
    let brought = bring(ctx, held.session(), commit)?;
    let already = births::commits(&ctx.repo, held.session())?.contains(commit);
    let known = |one: &CommitId| held.session().births.iter().any(|birth| birth.commit == *one);
    let new: Vec<CommitId> = brought.iter().filter(|one| !known(one)).cloned().collect();
    if !new.is_empty() {
        let mut patches = changes::patch_ids(&ctx.repo, &new)?;
        let mut session = held.session().clone();
        let births = new.into_iter().map(|commit| {
            let patch = patches.remove(&commit);
            Birth { commit, patch }
        });
        session.births.extend(births);
        held.record(ctx, session, Vec::new(), &format!("Adopt {}: {subject}", commit.short()))?;
    }
    notes::note(&own, id, &brought)?;
    settle(ctx, narrator)?;
    Ok(Report { what: commit.to_string(), worktree, already })
}

/// Puts the commit on the branch of its issue, where its checks run, unless it has landed already.
/// Returns it and what came with it.
fn bring(ctx: &Context, session: &Session, commit: &CommitId) -> Result<Vec<CommitId>, Error> {
    let repo = &ctx.repo;
    let policy = policy::in_force(ctx)?;
    let mut there = Vec::new();
    for (name, tip) in repo.objects.refs(HEADS)? {
        let branch = name.strip_prefix(HEADS).unwrap_or(&name);
        let counts = policy.protects(branch) || *branch == *session.branch.as_str();
        if counts && repo.objects.reaches(&tip, commit)? {
            return Ok(vec![commit.clone()]);
        }
        if counts {
            there.push(tip);
        }
    }
    let met = walk::between(repo, std::slice::from_ref(commit), &there, MANY)?;
    let mut coming: Vec<CommitId> = met.into_iter().map(|met| met.id).collect();
    for (other, _) in chain::all_open(repo)?.into_iter().filter(|(id, _)| *id != session.issue) {
        let others = notes::noted(&repo.own_folder(), &other)?;
        coming.retain(|commit| !others.contains(commit));
    }
    let folder = PathBuf::from(&session.worktree);
    let Some(git_dir) = facts::worktree_git_dir(ctx, session) else { return Ok(coming) };
    let place = Place { git: &repo.git, folder: &folder, git_dir: &git_dir };
    let Made::Conflict(files) = landing::bring(place, commit)? else { return Ok(coming) };
    let what = format!("adopting commit {}", commit.short());
    let why = format!("it and {} conflict: {}", session.branch, files.join(", "));
    let fix = format!("git -C {} merge {commit}", quoted(&session.worktree));
    Err(Refusal::one("conflict", what, why, fix).into())
}

/// Unseen moves of which every commit is some issue's by now are looked into.
fn settle(ctx: &Context, narrator: &mut dyn Narrator) -> Result<(), Error> {
    let own = ctx.repo.own_folder();
    let mut known = std::collections::BTreeSet::new();
    for (issue, _) in chain::all_open(&ctx.repo)? {
        known.extend(notes::noted(&own, &issue)?);
    }
    let Some(base) = policy::base_branch(&ctx.repo)? else { return Ok(()) };
    let _repository = record::lock_repository(ctx, narrator)?;
    tripwire::looked_into(&ctx.repo, &base, &known)
}
