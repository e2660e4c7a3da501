//! Receipts that travel in the tree: a commit on the issue's branch that holds nothing else.
//!
//! It comes after the commit the receipt is sealed to and changes nothing of it, so what was proved
//! of that one holds for this one.

use std::path::Path;

use super::record::Held;
use super::{births, facts, policy};
use crate::context::Context;
use crate::domain::gate::trailer;
use crate::domain::ids::CommitId;
use crate::domain::policy::Carrier;
use crate::error::Error;
use crate::git::{NewCommit, RefChange, worktrees};
use crate::store::{chain, layout};

/// Commits the receipt of a sealed issue to its branch, where receipts travel in the tree and it is
/// not there yet. Returns whether it did.
pub fn ensure(ctx: &Context, held: &Held) -> Result<bool, Error> {
    if policy::in_force(ctx)?.carrier != Carrier::Tree {
        return Ok(false);
    }
    let (repo, chain) = (&ctx.repo, &held.chain);
    let session = &chain.session;
    let tip = facts::require_tip(ctx, session)?;
    let sealed = session.seal.as_ref().map(|seal| &seal.tip);
    if sealed != Some(&facts::work_tip(repo, session, &tip)?)
        || births::receipt(repo, chain)?.is_none()
    {
        return Ok(false);
    }
    let path = layout::carried_receipt(&session.issue);
    let mut files = Vec::new();
    for (name, path) in [
        (layout::RECEIPT.to_owned(), path.clone()),
        (layout::signature_of(layout::RECEIPT), layout::signature_of(&path)),
    ] {
        if let Some(bytes) = chain::companion(repo, &chain.tip, &name)?
            && repo.objects.file(&tip, &path)?.as_ref() != Some(&bytes)
        {
            files.push((path, bytes));
        }
    }
    commit(ctx, held, &tip, files, &format!("Carry the receipt of issue {}", session.issue))
}

/// Commits `files` on top of the issue's branch, which stands at `tip`; returns whether there were
/// any.
pub fn commit(
    ctx: &Context,
    held: &Held,
    tip: &CommitId,
    files: Vec<(String, Vec<u8>)>,
    subject: &str,
) -> Result<bool, Error> {
    if files.is_empty() {
        return Ok(false);
    }
    let commit = ctx.repo.objects.write(&NewCommit {
        files,
        parents: vec![tip.clone()],
        message: format!("{subject}\n\n{}: {}\n", trailer::KEY, held.session().issue),
        author: held.author().to_owned(),
        time: ctx.now,
    })?;
    advance(ctx, held, tip, &commit)?;
    Ok(true)
}

/// Moves the branch of an issue on from `tip` to `commit`, and the worktree that has it checked out.
fn advance(ctx: &Context, held: &Held, tip: &CommitId, commit: &CommitId) -> Result<(), Error> {
    let session = held.session();
    let place = Path::new(&session.worktree);
    let own = worktrees::git_dir_of(&ctx.repo, place);
    let branch = match &own {
        Some(git_dir) => worktrees::checked_out(&ctx.repo, git_dir)?,
        None => None,
    };
    let Some(git_dir) = own.filter(|_| branch.as_deref() == Some(session.branch.as_str())) else {
        let (old, new) = (Some(tip.clone()), Some(commit.clone()));
        let change = RefChange { name: session.branch.full(), old, new };
        return Ok(ctx.repo.move_refs(&held.git, &[change])?);
    };
    held.git
        .in_repository(&git_dir, Some(place))
        .quiet()
        .args(["merge", "--quiet", "--ff-only", commit.as_str()])
        .done()?;
    Ok(())
}
