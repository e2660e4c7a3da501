//! Who would work: every agent that a run starts is known, and a person has read its command,
//! before the run begins.

use crate::context::Context;
use crate::domain::phase::Phase;
use crate::error::Error;
use crate::ops::agents::{self, By};
use crate::ops::{policy, trust};
use crate::store::lanes::Plan;

/// What is refused.
const WHAT: &str = "running lanes";
/// The phases whose agents a lane starts: specifications are made from the issues' files.
const STARTED: [Phase; 4] = [Phase::Execute, Phase::Validate, Phase::Compact, Phase::Complete];

/// Refuses a run one of whose agents is missing or unread.
pub fn require(ctx: &Context, plan: &Plan) -> Result<(), Error> {
    let policy = policy::in_force(ctx)?;
    if policy.lanes.critic.is_some() {
        trust::require_named(ctx, "critic", WHAT)?;
    }
    if plan.agent.is_some() {
        return Ok(());
    }
    let own = |name: &str| {
        let lane = policy.lanes.lanes.iter().find(|(lane, _)| lane.as_str() == name);
        lane.is_some_and(|(_, lane)| lane.command.is_some())
    };
    for lane in plan.lanes.iter().filter(|lane| own(&lane.name)) {
        trust::require_named(ctx, &format!("lane {}", lane.name), WHAT)?;
    }
    if plan.lanes.iter().all(|lane| own(&lane.name)) {
        return Ok(());
    }
    for phase in STARTED {
        if agents::choose(ctx, None, &policy.agents, phase.role())?.by == By::Team {
            trust::require_agent(ctx, phase.role(), WHAT)?;
        }
    }
    Ok(())
}
