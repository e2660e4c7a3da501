//! Which commits belong to an issue: those born on its branch.

use std::collections::BTreeSet;

use crate::context::Context;
use crate::domain::ids::CommitId;
use crate::domain::receipt::Birth;
use crate::domain::session::Session;
use crate::error::Error;
use crate::git::{Repo, changes};
use crate::store::{births, chain};

/// Every commit born on the issue's branch, as far as anybody saw: recorded, noted by the hook,
/// or reachable from the branch and from nothing else that could have brought it.
pub fn commits(repo: &Repo, session: &Session) -> Result<Vec<CommitId>, Error> {
    let mut all: Vec<CommitId> = session.births.iter().map(|b| b.commit.clone()).collect();
    let mut seen: BTreeSet<CommitId> = all.iter().cloned().collect();
    for commit in births::noted(&repo.own_folder(), &session.issue)? {
        if seen.insert(commit.clone()) {
            all.push(commit);
        }
    }
    if let Some(tip) = repo.branch_tip(session.branch.as_str())? {
        for commit in unseen(repo, session, &tip)? {
            if seen.insert(commit.clone()) {
                all.push(commit);
            }
        }
    }
    Ok(all)
}

/// Commits of the branch that no hook noted: made with hooks switched off, or before git-orch was
/// set up. What other issues own and what the base or a remote has is left out.
fn unseen(repo: &Repo, session: &Session, tip: &CommitId) -> Result<Vec<CommitId>, Error> {
    let mut hidden = vec![session.fork.clone()];
    hidden.extend(repo.branch_tip(&session.base)?);
    for (name, commit) in repo.objects.refs("refs/remotes/")? {
        if !name.ends_with(&format!("/{}", session.branch)) {
            hidden.push(commit);
        }
    }
    let mut foreign = BTreeSet::new();
    for (id, _) in chain::all_open(repo)? {
        if id != session.issue {
            foreign.extend(births::noted(&repo.own_folder(), &id)?);
        }
    }
    let mut commits = repo.objects.history(std::slice::from_ref(tip), &hidden)?;
    commits.retain(|commit| !foreign.contains(commit));
    commits.reverse();
    Ok(commits)
}

/// The same with patch ids; those that the record knows already are not computed again.
pub fn gather(ctx: &Context, session: &Session) -> Result<Vec<Birth>, Error> {
    let commits = commits(&ctx.repo, session)?;
    let known = &session.births;
    let fresh: Vec<CommitId> =
        commits.iter().filter(|c| !known.iter().any(|b| b.commit == **c)).cloned().collect();
    // A commit that was collected as garbage can land nowhere any more.
    let fresh = present(ctx, fresh)?;
    let mut patches = changes::patch_ids(&ctx.repo, &fresh)?;
    let mut births = known.clone();
    births.extend(fresh.into_iter().map(|commit| Birth { patch: patches.remove(&commit), commit }));
    Ok(births)
}

fn present(ctx: &Context, commits: Vec<CommitId>) -> Result<Vec<CommitId>, Error> {
    let mut kept = Vec::new();
    for commit in commits {
        if ctx.repo.objects.resolve(commit.as_str())?.is_some() {
            kept.push(commit);
        }
    }
    Ok(kept)
}
