//! The receipts that a server or CI can see: in the records of issues, pushed as refs, and as files
//! of the tree where the policy lets them travel there.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::domain::ids::{CommitId, IssueId, PatchId};
use crate::domain::names::{ARCHIVE, ISSUES, archive_ref, issue_ref};
use crate::domain::policy::{Carrier, Policy};
use crate::domain::receipt::Receipt;
use crate::domain::time::Moment;
use crate::domain::wall::Lack;
use crate::error::Error;
use crate::git::Repo;
use crate::git::changes::{self, Change, FileChange, Kind};
use crate::git::walk::Met;
use crate::ops::{births, signature};
use crate::store::chain::{self, Chain};
use crate::store::{layout, xml};

/// Refs that are about to move: what counts is where they will stand.
pub type Pushed = BTreeMap<String, Option<CommitId>>;

/// Where receipts are looked for.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The repository.
    pub repo: &'a Repo,
    /// The policy in force.
    pub policy: &'a Policy,
    /// Refs that are about to move.
    pub pushed: &'a Pushed,
    /// The commit whose tree carries receipts.
    pub tree: &'a CommitId,
    /// What is there already, from which an issue's change is told.
    pub there: &'a [CommitId],
    /// The time, for waivers; `None` when it was long ago and no longer matters.
    pub now: Option<Moment>,
}

/// A receipt that counts.
#[derive(Debug)]
pub struct Valid {
    /// What it says.
    pub receipt: Receipt,
    commits: BTreeSet<CommitId>,
    patches: BTreeSet<PatchId>,
    /// Everything the issue changes as one change, where the objects are here; looked up once.
    whole: OnceCell<Option<Change>>,
}

/// The receipts of one issue.
#[derive(Debug, Default)]
pub struct Known {
    /// Those that count, of each carrier.
    pub valid: Vec<Valid>,
    /// Why one does not.
    pub lack: Option<Lack>,
}

impl Valid {
    fn of(receipt: Receipt) -> Self {
        let commits = receipt.covered.iter().map(|birth| birth.commit.clone()).collect();
        let patches = receipt.covered.iter().filter_map(|birth| birth.patch.clone()).collect();
        Self { receipt, commits, patches, whole: OnceCell::new() }
    }

    /// Whether it names the commit.
    pub fn names(&self, commit: &CommitId) -> bool {
        self.commits.contains(commit)
    }

    /// Whether it names the diff of `met` that is the whole issue's, as a squash has it.
    pub fn is_whole(&self, place: Place<'_>, met: &Met) -> Result<bool, Error> {
        let (Some(whole), [parent]) = (&self.receipt.whole, met.parents.as_slice()) else {
            return Ok(false);
        };
        Ok(changes::lean_patch_id(place.repo, parent, &met.id)?.as_ref() == Some(whole))
    }

    /// Whether it names the diff of one commit.
    pub fn knows(&self, change: &Change) -> bool {
        change.patch.as_ref().is_some_and(|patch| self.patches.contains(patch))
    }

    /// What the issue changes as a whole; `None` when its commits are not here.
    fn change(&self, place: Place<'_>) -> Result<Option<&Change>, Error> {
        if self.whole.get().is_none() {
            let found = whole(place, &self.receipt)?;
            self.whole.get_or_init(|| found);
        }
        Ok(self.whole.get().and_then(Option::as_ref))
    }
}

/// Whether all that `change` does is part of what these issues do together, as a squash onto a base
/// that has moved on is.
pub fn hold(place: Place<'_>, receipts: &[&Valid], change: &Change) -> Result<bool, Error> {
    let mut own: Vec<&FileChange> = Vec::new();
    for valid in receipts {
        own.extend(valid.change(place)?.into_iter().flat_map(|change| &change.files));
    }
    let mut files = change.files.iter().filter(|file| !changes::is_receipt(&file.path)).peekable();
    Ok(files.peek().is_some() && files.all(|file| is_part(file, &own)))
}

/// Whether one file's change is part of others': the same outcome, or no line that they lack.
fn is_part(file: &FileChange, others: &[&FileChange]) -> bool {
    let same: Vec<&&FileChange> = others.iter().filter(|own| own.path == file.path).collect();
    if same.iter().any(|own| own.blob == file.blob) {
        return true;
    }
    let texts = || same.iter().filter(|own| own.kind == Kind::Text);
    file.kind == Kind::Text
        && !(file.added.is_empty() && file.removed.is_empty())
        && file.added.iter().all(|line| texts().any(|own| own.added.contains(line)))
        && file.removed.iter().all(|line| texts().any(|own| own.removed.contains(line)))
}

/// What the issue changes as a whole; `None` when its commits are not here.
fn whole(place: Place<'_>, receipt: &Receipt) -> Result<Option<Change>, Error> {
    let objects = &place.repo.objects;
    let Some(tip) = objects.resolve(receipt.tip.as_str())? else { return Ok(None) };
    let mut from = objects.resolve(receipt.base.as_str())?;
    // The newest of what the issue was brought up to: less of others' work counts as its own.
    for there in place.there {
        let Some(common) = objects.merge_base(there, &tip)?.filter(|common| *common != tip) else {
            continue;
        };
        let newer = match &from {
            Some(from) => objects.reaches(&common, from)?,
            None => true,
        };
        if newer {
            from = Some(common);
        }
    }
    match from {
        Some(from) => Ok(Some(changes::whole(place.repo, &from, &tip)?)),
        None => Ok(None),
    }
}

/// The receipts of `issue`, wherever they may travel.
pub fn of(place: Place<'_>, issue: &IssueId) -> Result<Known, Error> {
    let mut known = Known::default();
    for name in [issue_ref(issue), archive_ref(issue)] {
        if let Some(tip) = stands(place, &name)? {
            keep(&mut known, in_chain(place, name, tip)?);
        }
    }
    if place.policy.carrier == Carrier::Tree {
        let path = layout::carried_receipt(issue);
        if let Some(bytes) = place.repo.objects.file(place.tree, &path)? {
            let proof = place.repo.objects.file(place.tree, &layout::signature_of(&path))?;
            keep(&mut known, in_tree(place, issue, &bytes, proof.as_deref())?);
        }
    }
    Ok(known)
}

fn keep(known: &mut Known, found: Result<Receipt, Lack>) {
    match found {
        Ok(receipt) => known.valid.push(Valid::of(receipt)),
        Err(lack) => known.lack = Some(lack),
    }
}

fn stands(place: Place<'_>, name: &str) -> Result<Option<CommitId>, Error> {
    match place.pushed.get(name) {
        Some(new) => Ok(new.clone()),
        None => Ok(place.repo.objects.read_ref(name)?),
    }
}

fn in_chain(place: Place<'_>, name: String, tip: CommitId) -> Result<Result<Receipt, Lack>, Error> {
    let repo = place.repo;
    let session = match chain::session_at(repo, &name, &tip) {
        Ok(session) => session,
        Err(e) => return Ok(Err(Lack::Unusable(e.to_string()))),
    };
    let chain = Chain { name, tip, session };
    let Some(receipt) = births::receipt(repo, &chain)? else { return Ok(Err(Lack::Receipt)) };
    let bytes = chain::companion(repo, &chain.tip, layout::RECEIPT)?.unwrap_or_default();
    let proof = chain::companion(repo, &chain.tip, &layout::signature_of(layout::RECEIPT))?;
    judged(place, receipt, &bytes, proof.as_deref())
}

fn in_tree(
    place: Place<'_>,
    issue: &IssueId,
    bytes: &[u8],
    proof: Option<&[u8]>,
) -> Result<Result<Receipt, Lack>, Error> {
    match xml::receipt::read(bytes) {
        Ok(receipt) if receipt.issue == *issue => judged(place, receipt, bytes, proof),
        Ok(receipt) => Ok(Err(Lack::Unusable(format!("it is that of issue {}", receipt.issue)))),
        Err(e) => Ok(Err(Lack::Unusable(e.to_string()))),
    }
}

fn judged(
    place: Place<'_>,
    receipt: Receipt,
    bytes: &[u8],
    proof: Option<&[u8]>,
) -> Result<Result<Receipt, Lack>, Error> {
    if place.policy.signed && !signature::holds(place.policy, bytes, proof)? {
        return Ok(Err(Lack::Signature));
    }
    let expires = receipt.waiver.as_ref().map(|waiver| waiver.expires);
    match (expires, place.now) {
        (Some(until), Some(now)) if until < now => Ok(Err(Lack::Expired(until))),
        _ => Ok(Ok(receipt)),
    }
}

/// The open issues with where their records stand, or will.
pub fn open(repo: &Repo, pushed: &Pushed) -> Result<BTreeMap<IssueId, CommitId>, Error> {
    let mut open: BTreeMap<IssueId, CommitId> = chain::all_open(repo)?.into_iter().collect();
    for (name, new) in pushed {
        let Some(id) = name.strip_prefix(ISSUES).and_then(|id| id.parse().ok()) else { continue };
        match new {
            Some(new) => drop(open.insert(id, new.clone())),
            None => drop(open.remove(&id)),
        }
    }
    Ok(open)
}

/// The finished issues.
pub fn finished(repo: &Repo, pushed: &Pushed) -> Result<BTreeSet<IssueId>, Error> {
    let mut all: BTreeSet<IssueId> =
        chain::all_archived(repo)?.into_iter().map(|(issue, _)| issue).collect();
    all.extend(pushed.keys().filter_map(|name| name.strip_prefix(ARCHIVE)?.parse().ok()));
    Ok(all)
}
