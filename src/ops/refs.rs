//! Moving several refs for an operation that has written down its intent.
//!
//! git moves the refs of a transaction one after the other, and leaves locks when it is killed in
//! between. So whoever goes on from the intent moves what is missing, and what git left behind is
//! healed before and after.

use super::{Narrator, heal, record};
use crate::context::Context;
use crate::error::Error;
use crate::git::RefChange;
use crate::store::intent::Kind;

/// Brings each ref to where `changes` wants it. The lock is held, and `kind` is the
/// operation under way.
pub fn bring(
    ctx: &Context,
    kind: Kind<'_>,
    changes: &[RefChange],
    narrator: &mut dyn Narrator,
) -> Result<(), Error> {
    let repository = record::lock_repository(ctx, narrator)?;
    let mut locks: Vec<&str> = changes.iter().map(|change| change.name.as_str()).collect();
    locks.extend(["packed-refs", "reftable/tables.list"]);
    heal::shared(ctx, kind, &locks)?;
    let mut missing = Vec::new();
    for change in changes {
        if ctx.repo.objects.read_ref(&change.name)? != change.new {
            missing.push(change.clone());
        }
    }
    if !missing.is_empty() {
        ctx.repo.move_refs(&ctx.repo.git.holding(&repository.file), &missing)?;
        // git ends well even when it could not remove a lock of its own.
        heal::shared(ctx, kind, &locks)?;
    }
    Ok(())
}
