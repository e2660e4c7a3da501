//! Notes births as they happen: when an issue's branch has moved, what is new to the whole
//! repository was born there.

use std::collections::BTreeSet;

use super::origin;
use super::search::{Place, fresh};
use crate::domain::ids::CommitId;
use crate::domain::names::HEADS;
use crate::error::Error;
use crate::git::walk::{self, Met};
use crate::git::{Repo, remotes};
use crate::store::{births, chain};

/// Notes what was born when the branch of the issue at `place` came to stand at `new`. `making`
/// says that it was `git commit` that moved it, which makes the one commit it moves to.
pub fn note(
    repo: &Repo,
    place: Place<'_>,
    new: &CommitId,
    making: bool,
) -> Result<Vec<CommitId>, Error> {
    let own = repo.own_folder();
    let notes = births::notes(&own, place.issue)?;
    if notes.has(new) || new == place.fork {
        return Ok(Vec::new());
    }
    let known: BTreeSet<CommitId> = notes.commits.iter().cloned().collect();
    let (found, recorded) = match plain(repo, place, new, &known, making)? {
        Some(commit) => (vec![commit], Vec::new()),
        None => searched(repo, place, new, &known)?,
    };
    let on_top =
        |met: &Met| met.parents.first() == Some(notes.commits.last().unwrap_or(place.fork));
    // Written here and now, on top of the last birth: that repeats nothing.
    let copies = match found.as_slice() {
        [one] if making && !one.is_remade() && on_top(one) => BTreeSet::new(),
        _ => origin::copies(repo, place, &found)?,
    };
    let mut born: Vec<CommitId> = found.into_iter().map(|met| met.id).collect();
    // A walk goes from the newest to the oldest; notes are kept the other way round.
    born.reverse();
    let all: Vec<CommitId> = recorded.into_iter().chain(born.iter().cloned()).collect();
    births::note_with(&own, place.issue, &all, &copies)?;
    Ok(born)
}

/// Notes what the hook wrote down for later: each as if it had just happened.
pub fn catch_up(repo: &Repo, place: Place<'_>) -> Result<Vec<CommitId>, Error> {
    let own = repo.own_folder();
    let pending = births::pending(&own, place.issue)?;
    if pending.is_empty() {
        return Ok(Vec::new());
    }
    let mut born = Vec::new();
    for (commit, name) in &pending {
        // A branch of another issue may be called like this one; its own are found by searching.
        let is_ours = name.strip_prefix(HEADS) == Some(place.branch);
        // A commit that was collected as garbage can land nowhere any more.
        if is_ours && repo.objects.resolve(commit.as_str())?.is_some() {
            born.extend(note(repo, place, commit, true)?);
        }
    }
    births::looked_at(&own, place.issue, pending.len())?;
    Ok(born)
}

/// The commit that `git commit` made on top of what is known: the one case that needs no search.
fn plain(
    repo: &Repo,
    place: Place<'_>,
    new: &CommitId,
    known: &BTreeSet<CommitId>,
    making: bool,
) -> Result<Option<Met>, Error> {
    if !making {
        return Ok(None);
    }
    let met = walk::one(repo, new)?;
    let on_known = |parent: &CommitId| parent == place.fork || known.contains(parent);
    Ok(matches!(met.parents.as_slice(), [parent] if on_known(parent)).then_some(met))
}

/// What is new to the repository, and the births that only the record knows. Once they are noted,
/// whoever finds the tip among the notes needs no look at the record.
fn searched(
    repo: &Repo,
    place: Place<'_>,
    new: &CommitId,
    known: &BTreeSet<CommitId>,
) -> Result<(Vec<Met>, Vec<CommitId>), Error> {
    // A record that cannot be read is reported by whoever needs what it says.
    let recorded: Vec<CommitId> = match chain::open(repo, place.issue) {
        Ok(Some(chain)) => chain.session.births.into_iter().map(|b| b.commit).collect(),
        _ => Vec::new(),
    };
    let recorded: Vec<CommitId> = recorded.into_iter().filter(|c| !known.contains(c)).collect();
    let mut hidden = known.clone();
    hidden.extend(recorded.iter().cloned());
    hidden.extend(remotes::fetched(repo));
    Ok((fresh(repo, place, &hidden, new)?, recorded))
}
