//! The policy in force: read from the protected branch, never from the branch under judgement.

use crate::context::Context;
use crate::domain::ids::CommitId;
use crate::domain::policy::Policy;
use crate::error::Error;
use crate::git::{Repo, worktrees};
use crate::store::{StoreError, config, layout, manifest};

/// The branch that work lands on when nothing else is said: what `init` recorded, else the
/// remote's default, else the branch of the main worktree.
pub fn base_branch(repo: &Repo) -> Result<Option<String>, Error> {
    if let Some(installed) = manifest::read(&repo.own_folder())? {
        return Ok(Some(installed.base));
    }
    guess_base(repo)
}

/// The same without `init`'s record.
pub fn guess_base(repo: &Repo) -> Result<Option<String>, Error> {
    let head = repo.objects.symbolic("refs/remotes/origin/HEAD")?;
    if let Some(name) = head.as_deref().and_then(|name| name.strip_prefix("refs/remotes/origin/")) {
        return Ok(Some(name.to_owned()));
    }
    for name in ["main", "master"] {
        if repo.branch_tip(name)?.is_some() {
            return Ok(Some(name.to_owned()));
        }
    }
    Ok(worktrees::checked_out(repo, &repo.common_dir)?)
}

/// The policy as the protected branch has it. Without a configuration there, the defaults, with
/// the base branch protected.
pub fn in_force(ctx: &Context) -> Result<Policy, Error> {
    load(&ctx.repo)
}

/// The same for a repository without a command's context, as hooks have it.
pub fn load(repo: &Repo) -> Result<Policy, Error> {
    let Some(base) = base_branch(repo)? else { return Ok(Policy::default()) };
    let commit = team_commit(repo, &base)?;
    of(repo, &base, commit.as_ref())
}

/// The policy that `commit`, which stands or stood at the head of the protected branch `base`, has.
pub fn of(repo: &Repo, base: &str, commit: Option<&CommitId>) -> Result<Policy, Error> {
    let mut policy = Policy::default();
    if !policy.protects(base) {
        policy.protected.push(base.to_owned());
    }
    let Some(commit) = commit else { return Ok(policy) };
    let Some(bytes) = repo.objects.file(commit, layout::CONFIG)? else { return Ok(policy) };
    let place = format!("{} on {base} ({})", layout::CONFIG, commit.short());
    let text = String::from_utf8(bytes).map_err(|_| StoreError::Config {
        place: place.clone(),
        message: "it is not UTF-8 text".to_owned(),
    })?;
    Ok(config::parse(&text, &place, &policy)?)
}

/// The policy that stands in the main worktree and waits to be committed for the first time: until
/// then the defaults are in force, and what is filled in for them would be outdated by that commit.
pub fn to_come(repo: &Repo, base: &str) -> Option<Policy> {
    if team_file(repo, layout::CONFIG).ok()?.is_some() {
        return None;
    }
    let text = std::fs::read_to_string(repo.main_worktree.as_ref()?.join(layout::CONFIG)).ok()?;
    let defaults = of(repo, base, None).ok()?;
    config::parse(&text, layout::CONFIG, &defaults).ok()
}

/// How many commits are looked back for a configuration that can be read.
const LOOK_BACK: usize = 1_000;

/// The newest policy in the history of `commit` that can be read, when the present one cannot.
pub fn last_readable(repo: &Repo, base: &str, commit: &CommitId) -> Result<Option<Policy>, Error> {
    let mut seen = repo.objects.file(commit, layout::CONFIG)?;
    let mut next = Some(commit.clone());
    for _ in 0..LOOK_BACK {
        let Some(here) = next else { break };
        let there = repo.objects.file(&here, layout::CONFIG)?;
        if there.is_some() && there != seen {
            match of(repo, base, Some(&here)) {
                Ok(policy) => return Ok(Some(policy)),
                Err(Error::Store(StoreError::Config { .. })) => {}
                Err(other) => return Err(other),
            }
            seen = there;
        }
        next = repo.objects.commit(&here)?.parents.into_iter().next();
    }
    Ok(None)
}

/// A file as the protected branch has it; `None` when it has none of that name.
pub fn team_file(repo: &Repo, path: &str) -> Result<Option<Vec<u8>>, Error> {
    let Some(base) = base_branch(repo)? else { return Ok(None) };
    match team_commit(repo, &base)? {
        Some(commit) => Ok(repo.objects.file(&commit, path)?),
        None => Ok(None),
    }
}

/// The commit that the team's files are read from: of the branch here, or as the remote has it.
pub fn team_commit(repo: &Repo, base: &str) -> Result<Option<CommitId>, Error> {
    for name in [format!("refs/heads/{base}"), format!("refs/remotes/origin/{base}")] {
        if let Some(commit) = repo.objects.read_ref(&name)? {
            return Ok(Some(commit));
        }
    }
    Ok(None)
}
