//! `lanes`: many issues of the catalog at once, a worker a lane.
//!
//! [`plan`] says what a run takes on, [`orchestrate`] starts a worker a lane and waits for their
//! signals, [`work`] is such a worker and [`issue`] what it does for each issue: landed with green
//! checks, or untouched. [`survey`] tells how a run stands, [`report`] how it went.
//! [`hunt`] finds issues for the catalog.

pub mod critic;
mod ends;
pub mod finish;
pub mod follow;
pub mod hunt;
pub mod issue;
pub mod job;
pub mod orchestrate;
pub mod order;
mod patience;
pub mod plan;
pub mod report;
mod resolve;
mod seat;
pub mod survey;
pub mod tend;
mod verdict;
mod waiting;
mod who;
pub mod work;

use crate::context::Context;
use crate::domain::agents::AgentCommand;
use crate::domain::ids::IssueId;
use crate::domain::session::Ending;
use crate::error::Error;
use crate::store::chain;
use crate::store::lanes::PlannedAgent;

/// The agent of a plan as a command.
fn command(agent: &PlannedAgent) -> AgentCommand {
    match agent {
        PlannedAgent::Named(name, script) => {
            AgentCommand::Named { name: name.clone(), script: script.clone() }
        }
        PlannedAgent::Words(words) => AgentCommand::Words(words.clone()),
    }
}

/// The same the other way round.
fn planned(agent: &AgentCommand) -> PlannedAgent {
    match agent {
        AgentCommand::Named { name, script } => PlannedAgent::Named(name.clone(), script.clone()),
        AgentCommand::Words(words) => PlannedAgent::Words(words.clone()),
    }
}

/// The walks that an issue of the catalog had or may have: itself, then with numbers. A walk that
/// was given up is archived, and the next try gets another id.
fn walks(id: &IssueId) -> impl Iterator<Item = IssueId> + '_ {
    let numbered = (2..1_000).filter_map(move |number| format!("{id}-{number}").parse().ok());
    std::iter::once(id.clone()).chain(numbered)
}

/// How the walk of an issue ended; `None` when it has not.
fn ending(ctx: &Context, walk: &IssueId) -> Result<Option<Ending>, Error> {
    if chain::open(&ctx.repo, walk)?.is_some() {
        return Ok(None);
    }
    let archived = chain::archived(&ctx.repo, walk)?;
    Ok(archived.and_then(|chain| chain.session.end).map(|end| end.how))
}

/// The first walk of an issue that did not end, or has not begun; and whether one has landed.
fn next_walk(ctx: &Context, id: &IssueId) -> Result<(IssueId, bool), Error> {
    let mut landed = false;
    for walk in walks(id) {
        match ending(ctx, &walk)? {
            None => return Ok((walk, landed)),
            Some(Ending::Landed { .. }) => landed = true,
            Some(Ending::Abandoned { .. }) => {}
        }
    }
    Err(Error::usage(format!("issue {id} was tried too often"), format!("git orch show {id}")))
}

/// Whether an issue of the catalog has landed.
fn has_landed(ctx: &Context, id: &IssueId) -> Result<bool, Error> {
    for walk in walks(id) {
        match ending(ctx, &walk)? {
            Some(Ending::Landed { .. }) => return Ok(true),
            Some(Ending::Abandoned { .. }) => {}
            None => return Ok(false),
        }
    }
    Ok(false)
}
