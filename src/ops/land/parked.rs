//! That a landing did not go in, kept where runs keep why a person has to look.

use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::refusal::Unmet;
use crate::domain::session::Session;
use crate::error::Error;
use crate::store::runs::{self, Parked, Runs};

/// What only a landing writes.
const CODES: [&str; 2] = ["conflict", "red-together"];

/// Notes why. A runner at work writes its own reason.
pub fn note(ctx: &Context, session: &Session, unmet: &Unmet) -> Result<(), Error> {
    let own = ctx.repo.own_folder();
    let mut kept = match runs::read(&own, &session.issue)? {
        Some(kept) if kept.session_is(&session.id) => kept,
        _ => Runs::new(&session.id),
    };
    if kept.claim.is_some() {
        return Ok(());
    }
    session.phase.name().clone_into(&mut kept.phase);
    kept.parked = Some(Parked {
        at: ctx.now.to_string(),
        code: unmet.code.to_owned(),
        why: unmet.why.clone(),
        fix: unmet.fix.clone(),
    });
    Ok(runs::write(&own, &session.issue, &kept)?)
}

/// Forgets it, once it went in.
pub fn clear(ctx: &Context, id: &IssueId) -> Result<(), Error> {
    let own = ctx.repo.own_folder();
    let Some(mut kept) = runs::read(&own, id)? else { return Ok(()) };
    let ours = kept.parked.as_ref().is_some_and(|p| CODES.contains(&p.code.as_str()));
    if ours && kept.claim.is_none() {
        kept.parked = None;
        runs::write(&own, id, &kept)?;
    }
    Ok(())
}
