//! Which births repeat what was elsewhere before: a fix picked from another branch.
//!
//! Such a commit belongs to the issue, but its content is not the issue's own: the fix may land by
//! itself at any time. Who was first cannot be told later, so it is asked at the birth.

use std::collections::{BTreeMap, BTreeSet};

use super::search::{Place, elsewhere};
use crate::domain::ids::CommitId;
use crate::error::Error;
use crate::git::walk::{self, Met};
use crate::git::{Repo, changes};
use crate::store::births;

/// How many commits of other branches are looked at.
const LOOK_BACK: usize = 1_000;

/// Those of `born` that another branch had before, under another id: by the same author, written
/// at the same moment, with the same diff. A pick or rebase keeps all three.
pub fn copies(repo: &Repo, place: Place<'_>, born: &[Met]) -> Result<BTreeSet<CommitId>, Error> {
    let single: Vec<&Met> = born.iter().filter(|met| met.parents.len() == 1).collect();
    if single.is_empty() {
        return Ok(BTreeSet::new());
    }
    let tips = elsewhere(repo, place.branch)?;
    let own: BTreeSet<CommitId> =
        births::noted(&repo.own_folder(), place.issue)?.into_iter().collect();
    let ours: BTreeSet<&CommitId> = born.iter().map(|met| &met.id).collect();
    let mut pairs: BTreeMap<CommitId, CommitId> = BTreeMap::new();
    for other in walk::between(repo, &tips, std::slice::from_ref(place.fork), LOOK_BACK)? {
        let same = single.iter().find(|met| met.author == other.author);
        if let Some(met) = same
            && !own.contains(&other.id)
            && !ours.contains(&other.id)
        {
            pairs.insert(other.id, met.id.clone());
        }
    }
    let both: Vec<CommitId> = pairs.iter().flat_map(|(a, b)| [a.clone(), b.clone()]).collect();
    let patches = changes::patch_ids(repo, &both)?;
    let same = |(a, b): &(CommitId, CommitId)| {
        patches.get(a).is_some_and(|patch| patches.get(b) == Some(patch))
    };
    Ok(pairs.into_iter().filter(same).map(|(_, ours)| ours).collect())
}
