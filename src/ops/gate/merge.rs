//! A merge or rebase that is about to begin: judged before anything is touched.

use super::proposal;
use super::repository::Gate;
use crate::domain::gate::Verdict;
use crate::domain::ids::CommitId;
use crate::error::Error;
use crate::git::{Repo, worktrees};

/// The branch that the worktree around us has checked out, by the name it really has: a branch
/// may be another name for another.
pub fn head_branch(repo: &Repo) -> Result<Option<String>, Error> {
    let Some(mut branch) = worktrees::checked_out(repo, &repo.git_dir)? else { return Ok(None) };
    for _ in 0..5 {
        let name = format!("refs/heads/{branch}");
        let Some(target) = repo.objects.symbolic(&name)? else { break };
        let Some(followed) = target.strip_prefix("refs/heads/") else { break };
        followed.clone_into(&mut branch);
    }
    Ok(Some(branch))
}

/// Judges bringing `heads` into the branch that is checked out; what is no object id is passed
/// over.
pub fn judge(gate: &Gate, heads: &[String]) -> Result<Verdict, Error> {
    let new: Vec<CommitId> = heads.iter().filter_map(|head| head.parse().ok()).collect();
    let Some(branch) = head_branch(&gate.repo)? else { return Ok(Verdict::Pass) };
    judge_into(gate, &branch, new)
}

/// Judges bringing `new` into `branch`.
pub fn judge_into(gate: &Gate, branch: &str, new: Vec<CommitId>) -> Result<Verdict, Error> {
    let Some(first) = new.first().cloned() else { return Ok(Verdict::Pass) };
    if !gate.rules()?.protects(branch) {
        return Ok(Verdict::Pass);
    }
    let now = gate.repo.branch_tip(branch)?;
    let mut proposal = proposal::onto(gate, branch, now.as_ref(), first)?;
    proposal.new = new;
    gate.judge(&proposal)
}

/// Judges rebasing `branch`, or the one that is checked out, onto `upstream`.
pub fn judge_rebase(gate: &Gate, upstream: &str, branch: Option<&str>) -> Result<Verdict, Error> {
    let branch = match branch {
        Some(name) => Some(name.to_owned()),
        None => head_branch(&gate.repo)?,
    };
    let Some(branch) = branch else { return Ok(Verdict::Pass) };
    let name = branch.strip_prefix("refs/heads/").unwrap_or(&branch);
    match gate.repo.objects.resolve(upstream)? {
        Some(new) => judge_into(gate, name, vec![new]),
        None => Ok(Verdict::Pass),
    }
}
