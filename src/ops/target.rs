//! Which issue a command is about: the one named, or the one whose worktree we are in.

use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::error::Error;
use crate::git::worktrees;
use crate::store::chain;

/// The issue `named`, or the one of the worktree around us.
pub fn issue(ctx: &Context, named: Option<IssueId>) -> Result<IssueId, Error> {
    match named {
        Some(id) => Ok(id),
        None => here(ctx)?.ok_or_else(|| {
            Error::usage(
                "no issue is named, and this is no issue's worktree",
                format!("git orch {} ISSUE   # git orch status lists them", ctx.doing),
            )
        }),
    }
}

/// The open issue whose branch is checked out in the worktree around us.
pub fn here(ctx: &Context) -> Result<Option<IssueId>, Error> {
    if ctx.repo.worktree.is_none() {
        return Ok(None);
    }
    let Some(branch) = worktrees::checked_out(&ctx.repo, &ctx.repo.git_dir)? else {
        return Ok(None);
    };
    // A chain that cannot be read is reported when it is asked for, not when another one is.
    for (id, tip) in chain::all_open(&ctx.repo)? {
        if chain::heading(&ctx.repo, id.clone(), tip).is_ok_and(|h| h.branch == branch) {
            return Ok(Some(id));
        }
    }
    Ok(None)
}
