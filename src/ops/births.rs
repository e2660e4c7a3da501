//! Which commits belong to an issue: those born on its branch.
//!
//! The hook notes births as they happen ([`born`]); what no hook saw is found by what the branch
//! reaches and by what git wrote down of the branch's moves. Whether a receipt covers them all is
//! answered here too, for the gate and for everybody else.

pub mod born;
mod origin;
mod search;

pub use search::Place;

use std::collections::BTreeSet;

use crate::clock;
use crate::context::Context;
use crate::domain::ids::{CommitId, Digest};
use crate::domain::names::HEADS;
use crate::domain::receipt::{Birth, Receipt};
use crate::domain::session::Session;
use crate::error::Error;
use crate::git::{Repo, changes, reflog};
use crate::store::chain::{self, Chain};
use crate::store::{births, layout};

/// Every commit born on the issue's branch, as far as anybody saw: recorded, noted by the hook,
/// or reachable from the branch and from nothing else that could have brought it.
pub fn commits(repo: &Repo, session: &Session) -> Result<Vec<CommitId>, Error> {
    born::catch_up(repo, Place::of(session))?;
    let recorded = session.births.iter().map(|b| b.commit.clone());
    let noted = births::noted(&repo.own_folder(), &session.issue)?;
    let mut all = Vec::new();
    let mut seen = BTreeSet::new();
    for commit in recorded.chain(noted) {
        if seen.insert(commit.clone()) {
            all.push(commit);
        }
    }
    all.extend(unseen(repo, Place::of(session), &seen)?);
    Ok(all)
}

/// Births that nobody noted, oldest first: made with hooks switched off, or before git-orch was
/// set up. `known` are those that somebody did. When the tip is known, so is all below it: each
/// move of the branch is searched as it happens.
pub fn unseen(
    repo: &Repo,
    place: Place<'_>,
    known: &BTreeSet<CommitId>,
) -> Result<Vec<CommitId>, Error> {
    let Some(tip) = repo.branch_tip(place.branch)? else { return Ok(Vec::new()) };
    if tip == *place.fork || known.contains(&tip) {
        return Ok(Vec::new());
    }
    let mut found: Vec<CommitId> =
        search::fresh(repo, place, known, &tip)?.into_iter().map(|met| met.id).collect();
    found.reverse();
    for commit in logged(repo, place)? {
        if !known.contains(&commit) && !found.contains(&commit) {
            found.push(commit);
        }
    }
    Ok(found)
}

/// Commits that git says it made on the branch, whatever else reaches them by now.
fn logged(repo: &Repo, place: Place<'_>) -> Result<Vec<CommitId>, Error> {
    let name = format!("{HEADS}{}", place.branch);
    let made = |message: &str| {
        ["commit", "cherry-pick", "revert", "am:"].iter().any(|word| message.starts_with(word))
    };
    let mut list = Vec::new();
    for entry in reflog::entries(repo, &name)?.unwrap_or_default() {
        if let Some(commit) = entry.new.filter(|_| made(&entry.message))
            && !list.contains(&commit)
        {
            list.push(commit);
        }
    }
    present(repo, list)
}

/// The births with their patch ids; those that the record knows already are not computed again.
pub fn gather(ctx: &Context, session: &Session) -> Result<Vec<Birth>, Error> {
    let repo = &ctx.repo;
    let commits = commits(repo, session)?;
    let own = repo.own_folder();
    let noted: BTreeSet<CommitId> = births::noted(&own, &session.issue)?.into_iter().collect();
    // Whoever finds the tip among the notes looks no further, so they must hold all that is known.
    let missing: Vec<CommitId> = commits.iter().filter(|c| !noted.contains(c)).cloned().collect();
    births::note(&own, &session.issue, &missing)?;
    let known: BTreeSet<&CommitId> = session.births.iter().map(|b| &b.commit).collect();
    let fresh: Vec<CommitId> = commits.into_iter().filter(|c| !known.contains(c)).collect();
    // A commit that was collected as garbage can land nowhere any more.
    let fresh = present(repo, fresh)?;
    let mut patches = changes::patch_ids(repo, &fresh)?;
    let mut births = session.births.clone();
    births.extend(fresh.into_iter().map(|commit| Birth { patch: patches.remove(&commit), commit }));
    Ok(births)
}

fn present(repo: &Repo, commits: Vec<CommitId>) -> Result<Vec<CommitId>, Error> {
    let mut kept = Vec::new();
    for commit in commits {
        if repo.objects.resolve(commit.as_str())?.is_some() {
            kept.push(commit);
        }
    }
    Ok(kept)
}

/// The receipt of an issue, when it is the one its record speaks of.
pub fn receipt(repo: &Repo, chain: &Chain) -> Result<Option<Receipt>, Error> {
    let session = &chain.session;
    let Some(seal) = &session.seal else { return Ok(None) };
    let Some(bytes) = chain::companion(repo, &chain.tip, layout::RECEIPT)? else {
        return Ok(None);
    };
    // The record names the receipt by its digest: no other one fits, not that of another issue
    // and not that of an earlier walk of this one.
    if Digest::of(&bytes) != seal.receipt {
        return Ok(None);
    }
    let receipt = chain::receipt(repo, &chain.tip)?;
    Ok(receipt.filter(|r| r.issue == session.issue && r.session == session.id))
}

/// Whether the issue is open to landing: its receipt covers every birth, by commit or by patch id,
/// and, when it is a waiver, still holds.
pub fn sealed(repo: &Repo, chain: &Chain) -> Result<bool, Error> {
    match receipt(repo, chain)?.filter(|receipt| receipt.holds_at(clock::now())) {
        Some(receipt) => Ok(uncovered(repo, &receipt, commits(repo, &chain.session)?)?.is_empty()),
        None => Ok(false),
    }
}

/// Those of `births` that the receipt says nothing of. Patch ids are worked out for what is not
/// covered by its id alone; a commit that changes nothing, such as a merge that took each file
/// from one side or the other, or that only carries a receipt, needs no cover.
pub fn uncovered(
    repo: &Repo,
    receipt: &Receipt,
    births: Vec<CommitId>,
) -> Result<Vec<CommitId>, Error> {
    let covered: BTreeSet<&CommitId> = receipt.covered.iter().map(|b| &b.commit).collect();
    let left: Vec<CommitId> = births.into_iter().filter(|c| !covered.contains(c)).collect();
    if left.is_empty() {
        return Ok(left);
    }
    let patches: BTreeSet<_> = receipt.covered.iter().filter_map(|b| b.patch.as_ref()).collect();
    let changes = changes::changes(repo, &present(repo, left)?)?;
    Ok(changes
        .into_iter()
        .filter(|(_, change)| {
            let known = change.patch.as_ref().is_some_and(|patch| patches.contains(patch));
            !known && !change.files.iter().all(|file| changes::is_receipt(&file.path))
        })
        .map(|(commit, _)| commit)
        .collect())
}
