//! Notices what moved a protected branch without being judged: hooks switched off, a program that
//! writes refs by itself, an edited file.
//!
//! Where each protected branch stood after its last judged move is kept, and where it was allowed
//! to move since. When it stands elsewhere, and what came is not published by a remote, somebody went round the gate: that is said, and
//! never blocks later work.

use std::collections::BTreeSet;
use std::fmt;

use super::incoming::{self, WALK_LIMIT};
use crate::domain::ids::CommitId;
use crate::error::Error;
use crate::git::{Repo, walk};
use crate::store::judged::{self, Judged};

/// A move that nobody judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unseen {
    /// The branch, without `refs/heads/`.
    pub branch: String,
    /// Where it stood when it was judged last.
    pub from: CommitId,
    /// Where it was found.
    pub to: CommitId,
    /// How many commits came in that no remote has published.
    pub commits: usize,
}

impl fmt::Display for Unseen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.commits {
            1 => f.write_str("a commit")?,
            many => write!(f, "{many} commits")?,
        }
        write!(f, " came onto {} without being judged", self.branch)
    }
}

/// What is kept of `branch`, which stands at `now`: an allowed move that was made is a judged one,
/// also when others came after it.
fn kept(repo: &Repo, branch: &str, now: Option<&CommitId>) -> Result<Option<Judged>, Error> {
    let mut kept = judged::read(&repo.own_folder(), branch)?;
    if let (Some(kept), Some(now)) = (&mut kept, now)
        && let Some(allowed) = &kept.allowed
        && (allowed == now || *now != kept.value && holds(repo, now, allowed)?)
        && let Some(allowed) = kept.allowed.take()
    {
        kept.value = allowed;
    }
    Ok(kept)
}

/// Whether `older`, which may be gone, is reachable from `newer`.
fn holds(repo: &Repo, newer: &CommitId, older: &CommitId) -> Result<bool, Error> {
    let there = repo.objects.resolve(older.as_str())?.is_some();
    Ok(there && repo.objects.reaches(newer, older)?)
}

/// Where `branch` stood after its last judged move.
pub fn value(repo: &Repo, branch: &str) -> Result<Option<CommitId>, Error> {
    let now = repo.branch_tip(branch)?;
    Ok(kept(repo, branch, now.as_ref())?.map(|judged| judged.value))
}

/// Everything that `branch`, which is gone, was last judged to be.
pub fn passed(repo: &Repo, branch: &str) -> Result<Vec<CommitId>, Error> {
    let kept = judged::read(&repo.own_folder(), branch)?;
    Ok(kept.into_iter().flat_map(|kept| [Some(kept.value), kept.allowed]).flatten().collect())
}

/// Looks whether `branch`, which stands at `now`, got there unseen, and keeps that.
pub fn notice(repo: &Repo, branch: &str, now: &CommitId) -> Result<(), Error> {
    let own = repo.own_folder();
    let Some(mut kept) = kept(repo, branch, Some(now))? else { return Ok(()) };
    if kept.value == *now || kept.unseen.last().is_some_and(|(_, to)| to == now) {
        return Ok(());
    }
    if !strangers(repo, branch, &kept.value, now)?.is_empty() {
        kept.unseen.push((kept.value.clone(), now.clone()));
    }
    kept.value = now.clone();
    Ok(judged::write(&own, branch, &kept)?)
}

/// Keeps that `branch`, which stands at `now`, may move to `new`. Once it stands there that was a
/// judged move, without anybody being told.
pub fn allow(
    repo: &Repo,
    branch: &str,
    now: Option<&CommitId>,
    new: &CommitId,
) -> Result<(), Error> {
    let mut kept = match kept(repo, branch, now)? {
        Some(kept) => kept,
        None => Judged::at(now.unwrap_or(new).clone()),
    };
    kept.allowed = Some(new.clone());
    Ok(judged::write(&repo.own_folder(), branch, &kept)?)
}

/// Keeps that `branch` stands at `now` after a move that was judged.
pub fn keep(repo: &Repo, branch: &str, now: &CommitId) -> Result<(), Error> {
    let own = repo.own_folder();
    let kept = match judged::read(&own, branch)? {
        Some(kept) if kept.value == *now => return Ok(()),
        Some(kept) => Judged { value: now.clone(), allowed: None, ..kept },
        None => Judged::at(now.clone()),
    };
    Ok(judged::write(&own, branch, &kept)?)
}

/// Every unseen move of `branch` whose commits it still holds and no remote has published
/// meanwhile.
pub fn unseen(repo: &Repo, branch: &str) -> Result<Vec<Unseen>, Error> {
    let Some(now) = repo.branch_tip(branch)? else { return Ok(Vec::new()) };
    let Some(kept) = kept(repo, branch, Some(&now))? else { return Ok(Vec::new()) };
    let mut moves = kept.unseen;
    if now != kept.value {
        moves.push((kept.value, now.clone()));
    }
    let mut list = Vec::new();
    for (from, to) in moves {
        let came = strangers(repo, branch, &from, &to)?;
        let held = if to == now { came.clone() } else { strangers(repo, branch, &from, &now)? };
        let commits = came.intersection(&held).count();
        if commits > 0 {
            list.push(Unseen { branch: branch.to_owned(), from, to, commits });
        }
    }
    Ok(list)
}

/// Drops the unseen moves of `branch` of which every commit is among `known`: somebody looked into
/// them, and they are work of an issue by now.
pub fn looked_into(repo: &Repo, branch: &str, known: &BTreeSet<CommitId>) -> Result<(), Error> {
    let own = repo.own_folder();
    if let Some(now) = repo.branch_tip(branch)? {
        notice(repo, branch, &now)?;
    }
    let Some(kept) = judged::read(&own, branch)? else { return Ok(()) };
    let mut left = Vec::new();
    for (from, to) in &kept.unseen {
        if !strangers(repo, branch, from, to)?.is_subset(known) {
            left.push((from.clone(), to.clone()));
        }
    }
    if left.len() < kept.unseen.len() {
        judged::write(&own, branch, &Judged { unseen: left, ..kept })?;
    }
    Ok(())
}

/// The commits that `to` has and neither `from` nor any remote.
fn strangers(
    repo: &Repo,
    branch: &str,
    from: &CommitId,
    to: &CommitId,
) -> Result<BTreeSet<CommitId>, Error> {
    let mut there = incoming::published(repo, branch, None)?;
    // What is gone came from nowhere, and hides nothing, that can still be asked.
    for commit in [from, to] {
        if repo.objects.resolve(commit.as_str())?.is_none() {
            return Ok(BTreeSet::new());
        }
    }
    there.push(from.clone());
    let met = walk::between(repo, std::slice::from_ref(to), &there, WALK_LIMIT)?;
    Ok(met.into_iter().map(|met| met.id).collect())
}
