//! `next`: moves an issue on by one phase, or lists every condition that is not met.
//!
//! "One phase on" means something else once it has happened. So the intent says where the issue
//! stood; a run that finds it, and the step recorded since, reports that step and takes no other.

use serde::{Deserialize, Serialize};

use super::{Narrator, compact, facts, record, salvage, standing};
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::phase::Phase;
use crate::error::Error;
use crate::store::chain;
use crate::store::intent::{self, Kind, operation};

/// Where the issue stood when it was to move on.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Intent {
    /// The newest state of its chain.
    before: String,
    /// Its phase, by name.
    from: String,
    /// How many steps it had taken.
    moves: usize,
}

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
    let own = ctx.repo.own_folder();
    let kind = Kind::of_issue(operation::STEP, id);
    if let Some(report) = already(ctx, &held, kind)? {
        intent::forget(&own, kind)?;
        return Ok(report);
    }
    let session = held.session();
    let (before, from) = (held.chain.tip.to_string(), session.phase.name().to_owned());
    let moves = session.moves.len();
    intent::write(&own, kind, &Intent { before, from, moves })?;
    let report = step(ctx, &mut held, narrator);
    if report.is_ok() {
        salvage::save(ctx, &held, narrator);
    }
    // After an accident the step may have been recorded; the next run finds that out.
    if matches!(report, Ok(_) | Err(Error::Refused(_))) {
        intent::forget(&own, kind)?;
    }
    report
}

/// What there is to say when an earlier run took the step and was killed before it said so.
fn already(ctx: &Context, held: &record::Held, kind: Kind<'_>) -> Result<Option<Report>, Error> {
    let Some(Intent { before, from, moves }) = intent::read(&ctx.repo.own_folder(), kind)? else {
        return Ok(None);
    };
    // The step is one state, or two when the issue fell back first.
    let newest = chain::history(&ctx.repo, &held.chain.tip)?;
    let since = newest.iter().take(3).position(|entry| entry.commit.as_str() == before);
    let (Some(since @ (1 | 2)), Ok(from)) = (since, from.parse()) else { return Ok(None) };
    // Each of these states is a step: with anything else among them, another step is meant.
    if held.session().moves.len() != moves + since {
        return Ok(None);
    }
    let mut steps = held.session().moves.iter().skip(moves).rev();
    match (steps.next(), steps.next()) {
        (Some(step), earlier) if step.reason.is_none() => Ok(Some(Report {
            from,
            to: step.to,
            fell_back: earlier.filter(|_| since == 2).and_then(|back| back.reason.clone()),
        })),
        _ => Ok(None),
    }
}

fn step(
    ctx: &Context,
    held: &mut record::Held,
    narrator: &mut dyn Narrator,
) -> Result<Report, Error> {
    let facts = facts::gather(ctx, &held.chain)?;
    let from = held.session().phase;
    let fell_back = standing::settle(ctx, held, &facts)?;
    if let Some(reason) = &fell_back {
        narrator.say(&format!("back to {}: {reason}", held.session().phase));
    }
    let phase = held.session().phase;
    // In COMPACT the step itself seals, once something was said of what was learned.
    if phase == Phase::Compact && held.session().speaks_of_learning() {
        compact::seal(ctx, held, &facts)?;
        return Ok(Report { from, to: held.session().phase, fell_back });
    }
    standing::advance(ctx, held, &facts)?;
    let to = held.session().phase;
    Ok(Report { from, to, fell_back })
}
