//! Where an issue really stands: falling back when what was sealed is stale, and staying while a
//! condition is not met.

use super::record;
use crate::context::Context;
use crate::domain::refusal::{Refusal, Unmet};
use crate::domain::session::Session;
use crate::domain::transition::{self, Facts};
use crate::error::Error;

/// Records that the issue fell back, when what was sealed is stale; returns why.
pub fn settle(
    ctx: &Context,
    held: &mut record::Held,
    facts: &Facts,
) -> Result<Option<String>, Error> {
    let Some((session, reason)) = transition::settled(held.session(), facts, ctx.now) else {
        return Ok(None);
    };
    let subject = format!("Fall back to {}: {reason}", session.phase);
    held.record(ctx, session, Vec::new(), &subject)?;
    Ok(Some(reason))
}

/// Records that the issue moved on by one phase, or refuses with every unmet condition.
pub fn advance(ctx: &Context, held: &mut record::Held, facts: &Facts) -> Result<(), Error> {
    let session = transition::advanced(held.session(), facts, ctx.now)
        .map_err(|unmet| refused(held.session(), unmet))?;
    let subject = format!("Move on to {}", session.phase);
    held.record(ctx, session, Vec::new(), &subject)
}

fn refused(session: &Session, unmet: Vec<Unmet>) -> Refusal {
    let id = &session.issue;
    let phase = session.phase;
    let what = match phase.next() {
        Some(next) => format!("moving issue {id} from {phase} to {next}"),
        None => format!("finishing issue {id}"),
    };
    Refusal::many("unmet", what, unmet)
}
