//! What is to be ended, or was half ended by a run that was killed.

use super::{INTENT, kind, run};
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::phase::Phase;
use crate::error::Error;
use crate::ops::{Narrator, facts};
use crate::store::{chain, intent};

/// Finishes the ending of an issue that an earlier run began; whether there was one.
pub fn finish_begun(
    ctx: &Context,
    id: &IssueId,
    narrator: &mut dyn Narrator,
) -> Result<bool, Error> {
    let begun = intent::is_open(&ctx.repo.own_folder(), kind(id));
    if begun {
        run(ctx, id, false, narrator)?;
    }
    Ok(begun)
}

/// The open issues whose work has landed and whose receipt is sealed, and those whose archive an
/// earlier run began.
pub fn finished(ctx: &Context) -> Result<Vec<IssueId>, Error> {
    let begun = intent::all(&ctx.repo.own_folder())?.into_iter();
    let mut ids: Vec<IssueId> =
        begun.filter(|(operation, _)| operation == INTENT).map(|(_, id)| id).collect();
    for (id, tip) in chain::all_open(&ctx.repo)? {
        // One that cannot be read is reported when it is asked for, not when the others are.
        let Ok(heading) = chain::heading(&ctx.repo, id.clone(), tip) else { continue };
        if heading.phase != Phase::Complete || ids.contains(&id) {
            continue;
        }
        let Some(open) = chain::open(&ctx.repo, &id)? else { continue };
        let tip = ctx.repo.branch_tip(open.session.branch.as_str())?;
        if let Some(tip) = tip
            && facts::landed_in(ctx, &open.session, &tip)?.is_some()
        {
            ids.push(id);
        }
    }
    Ok(ids)
}
