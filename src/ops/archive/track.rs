//! `archive.tracked`: the readable archive of an issue, committed to its branch before the receipt is
//! sealed, so that it lands with the work.
//!
//! The commit holds nothing else, so what was proved of the one before it holds for this one, and the
//! receipt covers it like any other commit of the issue. What is there already is not committed again:
//! a run that was killed after the commit goes on with the seal.

use super::readable;
use crate::context::Context;
use crate::domain::ids::CommitId;
use crate::error::Error;
use crate::ops::record::Held;
use crate::ops::{births, carry, facts, policy};
use crate::store::layout;

/// Commits the readable archive of an issue that is about to be sealed, where the team wants that
/// and it is not there yet. Returns whether it did.
pub fn ensure(ctx: &Context, held: &Held) -> Result<bool, Error> {
    if !policy::in_force(ctx)?.archive.tracked {
        return Ok(false);
    }
    let (repo, session) = (&ctx.repo, held.session());
    let tip = facts::require_tip(ctx, session)?;
    let work = facts::proved(repo, session, &tip)?;
    let mut commits: Vec<CommitId> = Vec::new();
    for commit in births::commits(repo, session)? {
        if !facts::only_archives(repo, &session.issue, &commit).unwrap_or(false) {
            commits.push(commit);
        }
    }
    let folder = layout::archive_folder(&session.issue);
    let mut files = Vec::new();
    for (name, bytes) in readable::files(ctx, session, &held.chain.tip, (&commits, Some(&work)))? {
        let path = format!("{folder}{name}");
        if repo.objects.file(&tip, &path)?.as_ref() != Some(&bytes) {
            files.push((path, bytes));
        }
    }
    let subject = format!("Keep what issue {} did and learned", session.issue);
    carry::commit(ctx, held, &tip, files, &subject)
}
