//! What is new to the whole repository on an issue's branch.

use std::collections::BTreeSet;

use crate::domain::ids::{CommitId, IssueId};
use crate::domain::names::HEADS;
use crate::domain::session::Session;
use crate::error::Error;
use crate::git::Repo;
use crate::git::walk::{self, Met};
use crate::store::{births, chain};

/// Most commits that are looked at in one search.
const WALK_LIMIT: usize = 20_000;

/// Where an issue's branch is and began: what a search for its births needs.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The issue.
    pub issue: &'a IssueId,
    /// Its branch, without `refs/heads/`.
    pub branch: &'a str,
    /// Where it began.
    pub fork: &'a CommitId,
}

impl<'a> Place<'a> {
    /// The place of a session.
    pub fn of(session: &'a Session) -> Self {
        Self { issue: &session.issue, branch: session.branch.as_str(), fork: &session.fork }
    }
}

/// Commits that `tip` reaches and nothing else in the repository does, newest first: neither
/// another branch or tag, nor a copy of a remote's, nor another issue's births.
pub fn fresh(
    repo: &Repo,
    place: Place<'_>,
    known: &BTreeSet<CommitId>,
    tip: &CommitId,
) -> Result<Vec<Met>, Error> {
    let mut hidden = vec![place.fork.clone()];
    hidden.extend(known.iter().cloned());
    hidden.extend(elsewhere(repo, place.branch)?);
    let mut found = walk::between(repo, std::slice::from_ref(tip), &hidden, WALK_LIMIT)?;
    if found.is_empty() {
        return Ok(found);
    }
    let mut foreign = BTreeSet::new();
    let open = chain::all_open(repo)?;
    let lost = chain::lost(repo, &open)?;
    for id in open.into_iter().map(|(id, _)| id).chain(lost) {
        if id != *place.issue {
            foreign.extend(births::noted(&repo.own_folder(), &id)?);
        }
    }
    found.retain(|met| !foreign.contains(&met.id));
    Ok(found)
}

/// Where everything stands that is not the issue's: branches, tags, and copies of remotes'
/// branches, the issue's own left out. `refs/git-orch/` holds nobody's work but ours.
pub fn elsewhere(repo: &Repo, branch: &str) -> Result<Vec<CommitId>, Error> {
    let own = format!("{HEADS}{branch}");
    let copy = format!("/{branch}");
    let mut tips = BTreeSet::new();
    for prefix in [HEADS, "refs/remotes/", "refs/tags/"] {
        for (name, commit) in repo.objects.refs(prefix)? {
            let is_copy = prefix == "refs/remotes/" && name.ends_with(&copy);
            if name != own && !is_copy {
                tips.insert(commit);
            }
        }
    }
    Ok(tips.into_iter().collect())
}
