//! When a person has to look: something no agent can do, or a budget that is used up.

use crate::context::Context;
use crate::domain::agents::Agents;
use crate::domain::ids::IssueId;
use crate::domain::refusal::Refusal;
use crate::domain::time::span;
use crate::error::Error;
use crate::store::runs::{Parked, Runs};

/// The code of an issue whose agent changed nothing and is not to be asked again.
pub const IDLE: &str = "idle";

/// Something only a person can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Person {
    /// Stable word for programs.
    pub code: &'static str,
    /// What it is about.
    pub why: String,
    /// The command that goes on.
    pub fix: String,
}

/// What of the budget is used up.
pub(super) fn spent(runs: &Runs, agents: &Agents, id: &IssueId) -> Option<Person> {
    let budget = &agents.budget;
    let minutes = runs.spent.millis / 60_000;
    let last = runs.runs.last();
    let came = last.and_then(|run| run.ended.as_deref()).unwrap_or("it was ended");
    let log = last.map(|run| format!(" (log: {})", run.log)).unwrap_or_default();
    let (code, why) = if runs.failures >= budget.attempts {
        let times = match budget.attempts {
            1 => "a run".to_owned(),
            several => format!("{several} runs in a row"),
        };
        ("attempts", format!("{times} brought it no further; the last: {came}{log}"))
    } else if runs.spent.runs >= budget.runs {
        ("runs", format!("its agents ran {} times, which is the limit{log}", runs.spent.runs))
    } else if minutes >= budget.minutes {
        let time = span(runs.spent.millis / 1_000);
        ("minutes", format!("its agents worked for {time}, which is the limit{log}"))
    } else if budget.turns.is_some_and(|turns| runs.spent.turns >= turns) {
        ("turns", format!("its agents took {} turns, which is the limit{log}", runs.spent.turns))
    } else {
        return None;
    };
    Some(Person { code, why, fix: format!("git orch run {id}") })
}

/// Notes that a person has to look, and why; the refusal says the same.
pub(super) fn park(ctx: &Context, id: &IssueId, runs: &mut Runs, person: &Person) -> Error {
    let Person { code, why, fix } = person.clone();
    runs.parked = Some(Parked {
        at: ctx.now.to_string(),
        code: code.to_owned(),
        why: why.clone(),
        fix: fix.clone(),
    });
    Refusal::one("parked", format!("running issue {id} any further"), why, fix).into()
}
