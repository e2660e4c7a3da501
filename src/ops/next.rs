//! `next`: moves an issue on by one phase, or lists every condition that is not met.

use super::{Narrator, compact, facts, record, standing};
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::phase::Phase;
use crate::error::Error;

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The phase the issue was in.
    pub from: Phase,
    /// The phase it is in now.
    pub to: Phase,
    /// Why it first fell back, when it did.
    pub fell_back: Option<String>,
}

/// Moves the issue on, or refuses with every unmet condition.
pub fn run(ctx: &Context, id: &IssueId, narrator: &mut dyn Narrator) -> Result<Report, Error> {
    let mut held = record::hold(ctx, id, narrator)?;
    let facts = facts::gather(ctx, &held.chain)?;
    let from = held.session().phase;
    let fell_back = standing::settle(ctx, &mut held, &facts)?;
    if let Some(reason) = &fell_back {
        narrator.say(&format!("back to {}: {reason}", held.session().phase));
    }
    let phase = held.session().phase;
    // In COMPACT the step itself seals, once something was said of what was learned.
    if phase == Phase::Compact && held.session().speaks_of_learning() {
        compact::seal(ctx, &mut held, &facts)?;
        return Ok(Report { from, to: held.session().phase, fell_back });
    }
    standing::advance(ctx, &mut held, &facts)?;
    let to = held.session().phase;
    Ok(Report { from, to, fell_back })
}
