//! What is true of an issue's branch and worktree at this moment.

use std::path::{Path, PathBuf};

use super::{births, policy};
use crate::context::Context;
use crate::domain::ids::{CommitId, Digest, IssueId, TreeId};
use crate::domain::phase::Phase;
use crate::domain::refusal::Refusal;
use crate::domain::session::Session;
use crate::domain::spec;
use crate::domain::tidy::quoted;
use crate::domain::transition::{self, Facts};
use crate::error::Error;
use crate::git::{Repo, changes, status, worktrees};
use crate::store::chain::Chain;
use crate::store::{layout, redact, working_copy};

/// Everything a transition is decided by.
pub fn gather(ctx: &Context, chain: &Chain) -> Result<Facts, Error> {
    let session = &chain.session;
    let tip = work_tip(&ctx.repo, session, &require_tip(ctx, session)?)?;
    let tree = proved_tree(&ctx.repo, session, &tip)?;
    let policy = policy::in_force(ctx)?;
    let asks = transition::asks_for_landing(session);
    let sealed = is_sealed(ctx, chain)?;
    // What was adopted lies in the base from the beginning, and has landed once it is sealed.
    let landed =
        if asks && (sealed || tip != session.fork) { landed_in(ctx, session, &tip)? } else { None };
    let mut facts = Facts {
        draft: draft(session)?,
        commits: births::commits(&ctx.repo, session)?.len(),
        sealed,
        landed,
        validators: policy
            .validators
            .into_iter()
            .map(|v| (v.name, redact::text(&v.command)))
            .collect(),
        dirty: Vec::new(),
        operation: None,
        tip,
        tree,
    };
    // What git says of the worktree costs a process; where the issue stands does not depend on it.
    if transition::asks_for_worktree(&transition::standing(session, &facts)) {
        let (dirty, operation) = worktree_state(ctx, session)?;
        facts.dirty = dirty;
        facts.operation = operation.map(str::to_owned);
    }
    Ok(facts)
}

/// The tip of the issue's branch.
pub fn require_tip(ctx: &Context, session: &Session) -> Result<CommitId, Error> {
    let id = &session.issue;
    if ctx.repo.is_broken(&session.branch.full()) {
        let why = format!("its branch {} is broken: its file names no commit", session.branch);
        let what = format!("working on issue {id}");
        return Err(Refusal::one("branch-gone", what, why, "git orch doctor --fix").into());
    }
    ctx.repo.branch_tip(session.branch.as_str())?.ok_or_else(|| {
        Refusal::one(
            "branch-gone",
            format!("working on issue {id}"),
            format!("its branch {} is gone", session.branch),
            format!("git branch {} {}", quoted(session.branch.as_str()), last_seen(session)),
        )
        .into()
    })
}

/// The commit whose work `tip` holds: `tip` itself, or the sealed one when `tip` only carries the
/// receipt of it.
pub fn work_tip(repo: &Repo, session: &Session, tip: &CommitId) -> Result<CommitId, Error> {
    let Some(seal) = &session.seal else { return Ok(tip.clone()) };
    let path = layout::carried_receipt(&session.issue);
    let mut here = tip.clone();
    while here != seal.tip {
        let carried = repo.objects.file(&here, &path)?;
        let parents = repo.objects.commit(&here)?.parents;
        let ours = carried.is_some_and(|bytes| Digest::of(&bytes) == seal.receipt);
        let [parent] = parents.as_slice() else { return Ok(tip.clone()) };
        let touched = changes::touched(repo, std::slice::from_ref(&here))?;
        if !ours || !touched.values().flatten().all(|(path, _)| changes::is_receipt(path)) {
            return Ok(tip.clone());
        }
        here = parent.clone();
    }
    Ok(here)
}

/// The commit whose checks speak for `tip`: the one below those that add nothing but a receipt or the
/// readable archive of the issue.
pub fn proved(repo: &Repo, session: &Session, tip: &CommitId) -> Result<CommitId, Error> {
    let mut here = work_tip(repo, session, tip)?;
    while here != session.fork && only_archives(repo, &session.issue, &here)? {
        let parent = repo.objects.commit(&here)?.parents.into_iter().next();
        here = parent.unwrap_or_else(|| session.fork.clone());
    }
    Ok(here)
}

/// The tree of that commit.
pub fn proved_tree(repo: &Repo, session: &Session, tip: &CommitId) -> Result<TreeId, Error> {
    Ok(repo.objects.commit(&proved(repo, session, tip)?)?.tree)
}

/// Whether a commit changes nothing but the readable archive of the issue.
pub fn only_archives(repo: &Repo, issue: &IssueId, commit: &CommitId) -> Result<bool, Error> {
    let folder = layout::archive_folder(issue);
    if repo.objects.list(commit, folder.trim_end_matches('/'))?.is_empty()
        || repo.objects.commit(commit)?.parents.len() != 1
    {
        return Ok(false);
    }
    let changes = changes::changes(repo, std::slice::from_ref(commit))?;
    let mut files = changes.values().flat_map(|change| &change.files).peekable();
    Ok(files.peek().is_some() && files.all(|file| file.path.starts_with(&folder)))
}

/// The newest tip that the record speaks of.
fn last_seen(session: &Session) -> &CommitId {
    let moved = session.moves.last().map(|step| &step.tip);
    session
        .seal
        .as_ref()
        .map(|seal| &seal.tip)
        .or_else(|| session.births.last().map(|birth| &birth.commit))
        .or(moved)
        .unwrap_or(&session.fork)
}

/// The git directory of the issue's worktree; `None` when the worktree is not there.
pub fn worktree_git_dir(ctx: &Context, session: &Session) -> Option<PathBuf> {
    worktrees::git_dir_of(&ctx.repo, Path::new(&session.worktree))
}

/// The issue with its worktree where that is now: `git worktree move` tells nobody. Another
/// worktree that has the branch checked out is somebody's own: it has no copy of the record.
pub fn located(ctx: &Context, session: &Session) -> Result<Session, Error> {
    if Path::new(&session.worktree).join(".git").symlink_metadata().is_ok() {
        return Ok(session.clone());
    }
    let branch = Some(session.branch.as_str());
    let moved = worktrees::list(&ctx.repo)?.into_iter().find(|worktree| {
        worktree.present
            && worktree.branch.as_deref() == branch
            && worktree.git_dir != ctx.repo.common_dir
            && working_copy::is_of(&worktree.path, session)
    });
    let place = moved.map(|worktree| worktree.path.display().to_string());
    Ok(Session { worktree: place.unwrap_or(session.worktree.clone()), ..session.clone() })
}

/// Uncommitted paths and the operation under way; nothing of either when the worktree is gone.
pub fn worktree_state(
    ctx: &Context,
    session: &Session,
) -> Result<(Vec<String>, Option<&'static str>), Error> {
    match worktree_git_dir(ctx, session) {
        Some(git_dir) => {
            let path = Path::new(&session.worktree);
            let git = &ctx.repo.git;
            Ok((status::dirty(git, path, &git_dir)?, status::operation(git, &git_dir)))
        }
        None => Ok((Vec::new(), None)),
    }
}

fn draft(session: &Session) -> Result<Option<Vec<spec::Problem>>, Error> {
    if session.phase != Phase::Discussion || session.spec.is_some() {
        return Ok(None);
    }
    let Some(folder) = working_copy::folder(Path::new(&session.worktree))? else { return Ok(None) };
    let Some(bytes) = folder.read(layout::SPEC)? else { return Ok(None) };
    Ok(Some(spec::parse::parse(&String::from_utf8_lossy(&bytes)).1))
}

/// Whether the receipt in the chain covers every birth of the issue.
pub fn is_sealed(ctx: &Context, chain: &Chain) -> Result<bool, Error> {
    births::sealed(&ctx.repo, chain)
}

/// The branch that holds the issue's work: by its tip, by its diffs, or by its content.
pub fn landed_in(
    ctx: &Context,
    session: &Session,
    tip: &CommitId,
) -> Result<Option<String>, Error> {
    if *tip == session.fork {
        return adopted_in(ctx, session);
    }
    let objects = &ctx.repo.objects;
    let base = &session.base;
    let names = [format!("refs/heads/{base}"), format!("refs/remotes/origin/{base}")];
    for name in names {
        let Some(target) = objects.read_ref(&name)? else { continue };
        if target == session.fork {
            continue;
        }
        if objects.reaches(&target, tip)? || same_work(ctx, tip, &target)? {
            let short =
                name.strip_prefix("refs/heads/").or_else(|| name.strip_prefix("refs/remotes/"));
            return Ok(short.map(str::to_owned));
        }
    }
    Ok(None)
}

/// The same, from the facts when they speak of it.
pub fn known_landed(
    ctx: &Context,
    session: &Session,
    facts: &Facts,
) -> Result<Option<String>, Error> {
    match &facts.landed {
        Some(into) => Ok(Some(into.clone())),
        None if transition::asks_for_landing(session) => Ok(None),
        None => landed_in(ctx, session, &facts.tip),
    }
}

/// The branch that holds everything the issue adopted, when it has no commit of its own.
fn adopted_in(ctx: &Context, session: &Session) -> Result<Option<String>, Error> {
    let Some(base) = ctx.repo.branch_tip(&session.base)? else { return Ok(None) };
    for birth in &session.births {
        if !ctx.repo.objects.reaches(&base, &birth.commit)? {
            return Ok(None);
        }
    }
    Ok((!session.births.is_empty()).then(|| session.base.clone()))
}

/// Whether `target` holds the branch's work under other commits: rebased (each diff is there) or
/// squashed (one commit has the diff of the whole branch).
fn same_work(ctx: &Context, tip: &CommitId, target: &CommitId) -> Result<bool, Error> {
    let objects = &ctx.repo.objects;
    let Some(fork) = objects.merge_base(tip, target)? else { return Ok(false) };
    let theirs = objects.history(std::slice::from_ref(target), std::slice::from_ref(&fork))?;
    if theirs.is_empty() {
        return Ok(false);
    }
    let mut ours = objects.history(std::slice::from_ref(tip), std::slice::from_ref(&fork))?;
    // Without a path in common no diff is the same; most calls end here.
    if changes::are_apart(&ctx.repo, &ours, &theirs)? {
        return Ok(false);
    }
    let merges: Vec<bool> = ours
        .iter()
        .map(|c| Ok(objects.commit(c)?.parents.len() > 1))
        .collect::<Result<_, Error>>()?;
    let mut merge = merges.iter();
    ours.retain(|_| !merge.next().copied().unwrap_or(false));
    let there: std::collections::BTreeSet<_> =
        changes::patch_ids(&ctx.repo, &theirs)?.into_values().collect();
    let here = changes::patch_ids(&ctx.repo, &ours)?;
    if !here.is_empty() && here.values().all(|patch| there.contains(patch)) {
        return Ok(true);
    }
    let Some(whole) = changes::lean_patch_id(&ctx.repo, &fork, tip)? else { return Ok(false) };
    for commit in &theirs {
        // What stood around the change may have moved on before the squash.
        if let [parent] = objects.commit(commit)?.parents.as_slice()
            && changes::lean_patch_id(&ctx.repo, parent, commit)?.as_ref() == Some(&whole)
        {
            return Ok(true);
        }
    }
    Ok(false)
}
