//! The open issues as the gate sees them, and which of them are closed to landing.

use std::collections::BTreeSet;

use crate::clock;
use crate::domain::gate::{Missing, OpenIssue};
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::policy::Policy;
use crate::domain::receipt::Birth;
use crate::error::Error;
use crate::git::Repo;
use crate::ops::births::{self, Place, born};
use crate::ops::policy::base_branch;
use crate::ops::signature;
use crate::store::births as notes;
use crate::store::chain::{self, Chain, Heading};

/// An open issue.
#[derive(Clone, Debug)]
pub struct Head {
    /// The issue.
    pub issue: IssueId,
    /// What the message of its newest state says, or of the last one that can be read; `None` when
    /// none can.
    pub heading: Option<Heading>,
    /// Whether its record is damaged or gone: whatever the heading says, its work cannot land.
    pub damaged: bool,
}

/// The open issues. One whose record is damaged, broken or gone is one all the same.
pub fn heads(repo: &Repo) -> Result<Vec<Head>, Error> {
    let open = chain::all_open(repo)?;
    let mut list = Vec::new();
    for issue in chain::lost(repo, &open)? {
        let heading = chain::last_heading(repo, &issue);
        list.push(Head { issue, heading, damaged: true });
    }
    list.extend(open.into_iter().map(|(issue, tip)| {
        let now = chain::heading(repo, issue.clone(), tip).ok();
        let damaged = now.is_none();
        let heading = now.or_else(|| chain::last_heading(repo, &issue));
        Head { issue, heading, damaged }
    }));
    Ok(list)
}

/// Those of the issues whose work must not land yet, with their births.
pub fn closed_to_landing(
    repo: &Repo,
    policy: &Policy,
    heads: &[Head],
) -> Result<Vec<OpenIssue>, Error> {
    let mut list = Vec::new();
    for head in heads {
        list.extend(closed(repo, policy, head)?);
    }
    Ok(list)
}

/// The issue as one closed to landing; `None` when it is open to it.
pub fn closed(repo: &Repo, policy: &Policy, head: &Head) -> Result<Option<OpenIssue>, Error> {
    let why = match &head.heading {
        _ if head.damaged => Missing::Damaged,
        None => Missing::Damaged,
        Some(heading) if heading.sealed.is_none() => Missing::Compaction,
        Some(_) => match chain::open(repo, &head.issue) {
            Ok(Some(chain)) if births::sealed(repo, &chain)? => {
                if signature::on_record(repo, policy, &chain)? {
                    return Ok(None);
                }
                Missing::Signature
            }
            // Finished in this very moment.
            Ok(None) => return Ok(None),
            Ok(Some(chain)) => stale(repo, &chain)?,
            Err(_) => Missing::Damaged,
        },
    };
    let births = known(repo, policy, head)?.into_iter().map(|commit| Birth { commit, patch: None });
    Ok(Some(OpenIssue {
        id: head.issue.clone(),
        phase: head.heading.as_ref().map(|heading| heading.phase),
        why,
        births: births.collect(),
        prints: Vec::new(),
        current: BTreeSet::new(),
    }))
}

/// Why a sealed issue is not open to landing: its waiver has ended, or commits came after its
/// receipt.
fn stale(repo: &Repo, chain: &Chain) -> Result<Missing, Error> {
    let ended =
        births::receipt(repo, chain)?.is_some_and(|receipt| !receipt.holds_at(clock::now()));
    Ok(if ended { Missing::Expired } else { Missing::Stale })
}

/// The births of an open issue: what the hook noted, and where that does not reach the tip of
/// the branch also what the record and the branch itself say.
fn known(repo: &Repo, policy: &Policy, head: &Head) -> Result<Vec<CommitId>, Error> {
    catch_up(repo, head)?;
    let mut all = notes::noted(&repo.own_folder(), &head.issue)?;
    let Some(heading) = &head.heading else {
        let pending = notes::pending(&repo.own_folder(), &head.issue)?;
        all.extend(pending.into_iter().map(|(commit, _)| commit));
        all.extend(on_usual_branch(repo, policy, &head.issue, &all)?);
        return Ok(all);
    };
    let mut seen: BTreeSet<CommitId> = all.iter().cloned().collect();
    let tip = repo.branch_tip(&heading.branch)?;
    let complete = !all.is_empty() && tip.as_ref().is_none_or(|tip| seen.contains(tip));
    if complete || (all.is_empty() && tip.as_ref() == Some(&heading.fork)) {
        return Ok(all);
    }
    // A record that cannot be read says nothing; the branch still does.
    if let Ok(Some(chain)) = chain::open(repo, &head.issue) {
        for birth in chain.session.births {
            if seen.insert(birth.commit.clone()) {
                all.push(birth.commit);
            }
        }
    }
    let place = Place { issue: &head.issue, branch: &heading.branch, fork: &heading.fork };
    all.extend(births::unseen(repo, place, &seen)?);
    Ok(all)
}

/// What nobody noted on the branch that the policy calls the issue's: all that is known of one whose
/// record is lost and was never noted.
fn on_usual_branch(
    repo: &Repo,
    policy: &Policy,
    issue: &IssueId,
    known: &[CommitId],
) -> Result<Vec<CommitId>, Error> {
    let branch = policy.branch.replace("{id}", issue.as_str());
    let Some(base) = base_branch(repo)? else { return Ok(Vec::new()) };
    let (Some(tip), Some(base)) = (repo.branch_tip(&branch)?, repo.branch_tip(&base)?) else {
        return Ok(Vec::new());
    };
    let Some(fork) = repo.objects.merge_base(&tip, &base)? else { return Ok(Vec::new()) };
    let place = Place { issue, branch: &branch, fork: &fork };
    births::unseen(repo, place, &known.iter().cloned().collect())
}

/// Notes the births that the hook left for later; returns them.
pub fn catch_up(repo: &Repo, head: &Head) -> Result<Vec<CommitId>, Error> {
    let Some(heading) = &head.heading else { return Ok(Vec::new()) };
    let place = Place { issue: &head.issue, branch: &heading.branch, fork: &heading.fork };
    born::catch_up(repo, place)
}

/// Whether a receipt of the open issue `issue` covers `commit`, also one that the issue has
/// outgrown since.
pub fn was_covered(repo: &Repo, issue: &IssueId, commit: &CommitId) -> Result<bool, Error> {
    let Ok(Some(open)) = chain::open(repo, issue) else { return Ok(false) };
    let Some(receipt) = chain::receipt(repo, &open.tip)? else { return Ok(false) };
    let ours = receipt.issue == *issue && receipt.session == open.session.id;
    Ok(ours && receipt.covered.iter().any(|birth| birth.commit == *commit))
}
