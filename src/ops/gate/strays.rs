//! Commits of nobody, where the policy lands only what belongs to an issue or says why not.

use std::collections::BTreeSet;

use super::incoming::WALK_LIMIT;
use super::issues::{self, Head};
use super::proposal::{Proposal, Strays};
use super::repository::Gate;
use crate::clock;
use crate::domain::gate::Incoming;
use crate::domain::gate::trailer::stated_reason;
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::names::{HEADS, archive_ref};
use crate::domain::policy::Policy;
use crate::error::Error;
use crate::git::walk::{self, Met};
use crate::git::{Repo, changes};
use crate::ops::arrivals;
use crate::ops::receipts::{Place, Pushed};
use crate::store::births;

/// Marks the commits that answer for themselves or belong to an issue; the others are strays.
pub fn claim(
    gate: &Gate,
    proposal: &Proposal,
    met: &[Met],
    incoming: &mut [Incoming],
) -> Result<(), Error> {
    let policy = &gate.rules()?.policy;
    let_in(gate, proposal, incoming)?;
    known(&gate.repo, met, incoming, gate.heads()?, policy)?;
    covered(&gate.repo, met, incoming, proposal, policy)
}

/// Marks the commits that came onto another protected branch here before.
fn let_in(gate: &Gate, proposal: &Proposal, incoming: &mut [Incoming]) -> Result<(), Error> {
    let Strays::But(branch) = &proposal.strays else { return Ok(()) };
    let rules = gate.rules()?;
    let mut there = proposal.there.clone();
    for (name, tip) in gate.repo.objects.refs(HEADS)? {
        let other = name.strip_prefix(HEADS).unwrap_or(&name);
        if other != branch && rules.protects(other) {
            there.push(tip);
        }
    }
    let fresh = walk::between(&gate.repo, &proposal.new, &there, WALK_LIMIT)?;
    let fresh: BTreeSet<&CommitId> = fresh.iter().map(|met| &met.id).collect();
    for commit in incoming {
        commit.owned |= !fresh.contains(&commit.id);
    }
    Ok(())
}

/// Marks the commits that belong to an issue, open to landing or finished: by their message, by
/// birth, or because they change nothing by themselves, as a merge does. Those that say why they
/// belong to none, and those of authors whom the policy admits, come in the same way.
fn known(
    repo: &Repo,
    met: &[Met],
    incoming: &mut [Incoming],
    heads: &[Head],
    policy: &Policy,
) -> Result<(), Error> {
    let mut born: BTreeSet<CommitId> = BTreeSet::new();
    for head in heads {
        issues::catch_up(repo, head)?;
        born.extend(births::noted(&repo.own_folder(), &head.issue)?);
    }
    let known = |issue: &IssueId| -> Result<bool, Error> {
        Ok(heads.iter().any(|head| head.issue == *issue)
            || repo.objects.read_ref(&archive_ref(issue))?.is_some())
    };
    for (commit, met) in incoming.iter_mut().zip(met) {
        commit.owned |= born.contains(&commit.id)
            || policy.admits(&met.author.0)
            || stated_reason(&met.message).is_some();
        for issue in &commit.named {
            commit.owned |= known(issue)?;
        }
        if !commit.owned && met.parents.len() > 1 {
            let change = changes::changes(repo, std::slice::from_ref(&commit.id))?;
            commit.owned = change.values().all(|change| change.files.is_empty());
        }
    }
    Ok(())
}

/// Marks the commits that a receipt covers though nothing else tells of their issue: squashed under
/// another message, applied with hooks switched off, adopted.
fn covered(
    repo: &Repo,
    met: &[Met],
    incoming: &mut [Incoming],
    proposal: &Proposal,
    policy: &Policy,
) -> Result<(), Error> {
    let Some(tree) = proposal.new.first() else { return Ok(()) };
    let strays: Vec<Met> = met
        .iter()
        .zip(incoming.iter())
        .filter(|(_, commit)| !commit.owned)
        .map(|(met, _)| met.clone())
        .collect();
    if strays.is_empty() {
        return Ok(());
    }
    let pushed = Pushed::new();
    let there = &proposal.there;
    let place = Place { repo, policy, pushed: &pushed, tree, there, now: Some(clock::now()) };
    for arrival in arrivals::gather(place, &strays, true)? {
        if arrival.cover.is_some() && arrival.lacks.is_empty() {
            let same = |commit: &&mut Incoming| commit.id == arrival.id;
            incoming.iter_mut().filter(same).for_each(|commit| commit.owned = true);
        }
    }
    Ok(())
}
