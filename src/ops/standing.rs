//! Where an issue really stands: falling back when what was sealed is stale, and staying while a
//! condition is not met.

use super::record;
use crate::context::Context;
use crate::domain::phase::Phase;
use crate::domain::refusal::Refusal;
use crate::domain::transition::{self, Facts};
use crate::error::Error;

/// Records that the issue fell back, when what was sealed is stale; returns why.
pub fn settle(
    ctx: &Context,
    held: &mut record::Held,
    facts: &Facts,
) -> Result<Option<String>, Error> {
    let standing = transition::standing(held.session(), facts);
    let Some(reason) = standing.stale else { return Ok(None) };
    let mut session =
        record::moved(held.session(), standing.phase, &facts.tip, ctx.now, Some(reason.clone()));
    session.seal = None;
    let subject = format!("Fall back to {}: {reason}", standing.phase);
    held.record(ctx, session, Vec::new(), &subject)?;
    Ok(Some(reason))
}

/// Refuses to leave `phase` while a condition is not met.
pub fn refuse_unmet(held: &record::Held, phase: Phase, facts: &Facts) -> Result<(), Error> {
    let unmet = transition::unmet(held.session(), phase, facts);
    if unmet.is_empty() {
        return Ok(());
    }
    let id = &held.session().issue;
    let what = match phase.next() {
        Some(next) => format!("moving issue {id} from {phase} to {next}"),
        None => format!("finishing issue {id}"),
    };
    Err(Refusal::many("unmet", what, unmet).into())
}
