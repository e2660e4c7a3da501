//! Copies of an issue's work among what comes in, told by content.
//!
//! Reading diffs is the dear part, so it is put off as long as it can be: first which files each
//! commit gives what content, from the trees alone; then which of the issue's lines stand in those
//! files at all; and only for commits that may still be copies the diff itself. What the births
//! change is kept from earlier judgements.

use std::collections::{BTreeMap, BTreeSet};

use super::exempt;
use super::proposal::Proposal;
use super::repository::Gate;
use super::rules::Rules;
use crate::domain::gate::{
    self, Fingerprint, Incoming, Match, OpenIssue, TELLING_FILE, by_content,
};
use crate::domain::ids::{BlobId, CommitId};
use crate::error::Error;
use crate::git::Repo;
use crate::git::changes::{self, Change, FileChange, Kind, Pair};
use crate::git::walk::Met;
use crate::store::births;
use crate::store::chain;
use crate::store::prints::{self, Print};

/// Most incoming commits that are looked into, the newest ones: nobody hides a copy under more.
const LOOK_INTO: usize = 3_000;

/// Every incoming commit that is a copy of an open issue's work.
pub fn matches(
    gate: &Gate,
    proposal: &Proposal,
    met: &[Met],
    incoming: &mut [Incoming],
    open: &mut [OpenIssue],
) -> Result<Vec<Match>, Error> {
    let (repo, rules) = (&gate.repo, gate.rules()?);
    let mut shapes = BTreeSet::new();
    for issue in open.iter_mut() {
        shapes.extend(recall(repo, rules, issue)?);
    }
    let met = &met[..met.len().min(LOOK_INTO)];
    look_into(repo, rules, met, incoming, open, &shapes)?;
    let mut clear: BTreeSet<CommitId> = BTreeSet::new();
    loop {
        let found = by_content(incoming, open, rules.policy.containment);
        let mut cleared = false;
        for one in &found {
            let Some(met) = met.iter().find(|met| met.id == one.commit) else { continue };
            if clear.contains(&met.id) || !exempt::is_from_elsewhere(repo, proposal, met)? {
                continue;
            }
            clear.insert(met.id.clone());
            for commit in incoming.iter_mut().filter(|commit| commit.id == met.id) {
                commit.print = None;
                cleared = true;
            }
        }
        if !cleared {
            return Ok(found);
        }
    }
}

/// The paths a commit changes, as one text: two diffs are the same only where these are.
type Shape = String;

fn shape<'a>(paths: impl Iterator<Item = &'a str>) -> Shape {
    let mut paths: Vec<&str> = paths.collect();
    paths.sort_unstable();
    paths.join("\n")
}

/// Fills in what the births of `issue` change, and returns the shapes of those changes.
fn recall(repo: &Repo, rules: &Rules, issue: &mut OpenIssue) -> Result<BTreeSet<Shape>, Error> {
    let own = repo.own_folder();
    let notes = births::notes(&own, &issue.id)?;
    let births: Vec<CommitId> = issue
        .births
        .iter()
        .map(|birth| birth.commit.clone())
        .filter(|commit| !notes.copies.contains(commit))
        .collect();
    let prints = prints_of(repo, issue, &births)?;
    let mut shapes = BTreeSet::new();
    issue.prints.clear();
    let reached = reached(repo, issue, &prints)?;
    for commit in &births {
        let Some(Print { change, .. }) = prints.get(commit) else { continue };
        shapes.insert(shape(change.files.iter().map(|file| file.path.as_str())));
        if reached.contains(commit) {
            issue.current.insert(issue.prints.len());
        }
        issue.prints.push(fingerprint(change, rules));
    }
    Ok(shapes)
}

/// What the births change, from what is kept, else from the commits themselves.
fn prints_of(
    repo: &Repo,
    issue: &OpenIssue,
    births: &[CommitId],
) -> Result<BTreeMap<CommitId, Print>, Error> {
    let own = repo.own_folder();
    let mut all = prints::kept(&own, &issue.id)?;
    let mut missing = Vec::new();
    for commit in births.iter().filter(|commit| !all.contains_key(commit)) {
        // A commit that was collected as garbage can land nowhere any more.
        if repo.objects.resolve(commit.as_str())?.is_some() {
            missing.push(commit.clone());
        }
    }
    let fresh = made(repo, &missing)?;
    // Kept for the next time; without it the next time takes as long as this one.
    let _ = prints::keep(&own, &issue.id, &fresh);
    all.extend(fresh);
    Ok(all)
}

/// The prints of `commits`, from the commits themselves.
fn made(repo: &Repo, commits: &[CommitId]) -> Result<BTreeMap<CommitId, Print>, Error> {
    let mut prints = BTreeMap::new();
    for (commit, change) in changes::changes(repo, commits)? {
        let parents = repo.objects.commit(&commit)?.parents;
        prints.insert(commit, Print { change, parents });
    }
    Ok(prints)
}

/// The births that the issue's branch still reaches; all of them when it is gone.
fn reached(
    repo: &Repo,
    issue: &OpenIssue,
    prints: &BTreeMap<CommitId, Print>,
) -> Result<BTreeSet<CommitId>, Error> {
    let births: Vec<CommitId> = issue.births.iter().map(|b| b.commit.clone()).collect();
    let Some(tip) = tip_of(repo, issue)? else { return Ok(births.into_iter().collect()) };
    // Births hide nothing of each other below the first that is no birth: walk by parents.
    let own: BTreeSet<&CommitId> = births.iter().collect();
    let mut reached = BTreeSet::new();
    let mut next = vec![tip];
    while let Some(commit) = next.pop() {
        if own.contains(&commit) && reached.insert(commit.clone()) {
            match prints.get(&commit) {
                Some(print) => next.extend(print.parents.iter().cloned()),
                None => next.extend(repo.objects.commit(&commit)?.parents),
            }
        }
    }
    Ok(reached)
}

fn tip_of(repo: &Repo, issue: &OpenIssue) -> Result<Option<CommitId>, Error> {
    let name = crate::domain::names::issue_ref(&issue.id);
    let state = repo.objects.read_ref(&name).ok().flatten();
    let now = state.and_then(|state| chain::heading(repo, issue.id.clone(), state).ok());
    match now.or_else(|| chain::last_heading(repo, &issue.id)) {
        Some(heading) => Ok(repo.branch_tip(&heading.branch)?),
        None => Ok(None),
    }
}

/// What a change says about whose it is; ignored paths say nothing.
fn fingerprint(change: &Change, rules: &Rules) -> Fingerprint {
    let files: Vec<&FileChange> =
        change.files.iter().filter(|file| !rules.ignores(&file.path)).collect();
    let written = |file: &&&FileChange| matches!(file.kind, Kind::Text | Kind::Binary);
    let tells = |file: &&FileChange| match file.kind {
        Kind::Text => file.added.len() >= TELLING_FILE,
        Kind::Binary => true,
        Kind::Hollow | Kind::Submodule => false,
    };
    Fingerprint {
        patch: change.patch.clone().filter(|_| files.iter().any(|file| written(&file))),
        blobs: files
            .iter()
            .copied()
            .filter(tells)
            .filter_map(|file| Some((file.path.clone(), file.blob.clone()?)))
            .collect(),
        added: files.iter().flat_map(|file| file.added.iter().copied()).collect(),
        removed: files.iter().flat_map(|file| file.removed.iter().copied()).collect(),
    }
}

/// Fills in what the incoming commits change, as far as any of them may be a copy.
fn look_into(
    repo: &Repo,
    rules: &Rules,
    met: &[Met],
    incoming: &mut [Incoming],
    open: &[OpenIssue],
    shapes: &BTreeSet<Shape>,
) -> Result<(), Error> {
    let ids: Vec<CommitId> = met.iter().map(|met| met.id.clone()).collect();
    let touched = changes::touched(repo, &ids)?;
    let blobs: BTreeSet<&Pair> =
        open.iter().flat_map(|issue| &issue.prints).flat_map(|print| &print.blobs).collect();
    let sets: Vec<BTreeSet<u64>> = open.iter().flat_map(gate::whole).collect();
    let lines: BTreeSet<u64> = sets.iter().flatten().copied().collect();
    let mut suspects: BTreeSet<CommitId> = BTreeSet::new();
    let mut with_lines: BTreeMap<CommitId, BTreeSet<u64>> = BTreeMap::new();
    for (id, pairs) in &touched {
        let tells = pairs.iter().any(|pair| blobs.contains(pair));
        if tells || shapes.contains(&shape(pairs.iter().map(|(path, _)| path.as_str()))) {
            suspects.insert(id.clone());
        }
        let told = pairs.iter().filter(|(path, _)| !rules.ignores(path));
        let here: BTreeSet<&BlobId> = told.map(|(_, blob)| blob).collect();
        match changes::lines_of(repo, here.into_iter())? {
            Some(all) => {
                let shared: BTreeSet<u64> = all.intersection(&lines).copied().collect();
                if !shared.is_empty() {
                    with_lines.insert(id.clone(), shared);
                }
            }
            None => {
                suspects.insert(id.clone());
            }
        }
    }
    // More lines than stand in the files no diff can add.
    let came: BTreeSet<u64> = with_lines.values().flatten().copied().collect();
    if sets.iter().any(|set| share(&came, set) >= rules.policy.containment) {
        suspects.extend(with_lines.into_keys());
    }
    let suspects: Vec<CommitId> = suspects.into_iter().collect();
    let changes = changes::changes(repo, &suspects)?;
    for commit in incoming.iter_mut() {
        commit.print = changes.get(&commit.id).map(|change| fingerprint(change, rules));
    }
    Ok(())
}

fn share(came: &BTreeSet<u64>, set: &BTreeSet<u64>) -> f64 {
    let count = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    count(set.intersection(came).count()) / count(set.len().max(1))
}

/// Works out what `commits` change and keeps it for `issue`, so that no judgement has to.
pub fn keep_prints(repo: &Repo, issue: &crate::domain::ids::IssueId, commits: &[CommitId]) {
    if let Ok(prints) = made(repo, commits) {
        let _ = prints::keep(&repo.own_folder(), issue, &prints);
    }
}
