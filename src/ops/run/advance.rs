//! What git-orch can do for an issue without an agent: move it on, run its checks, archive it.

use super::park::Person;
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::phase::Phase;
use crate::domain::policy::LandedBy;
use crate::domain::refusal::Refusal;
use crate::error::Error;
use crate::ops::survey::{self, Whole};
use crate::ops::{Mark, Narrator, archive, land, next, policy, validate};

/// Refusals that no agent can do anything about.
const FOR_A_PERSON: [&str; 6] =
    ["untrusted", "branch-gone", "worktree-gone", "needs-person", "dirty-base", "overtaken"];

/// What came of looking at the issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It moved from one phase to another.
    Moved(Phase, Phase),
    /// It is in the phase asked for.
    Reached(Phase),
    /// It is archived.
    Archived,
    /// It waits for the agent of this phase.
    Waits(Phase),
    /// It waits for a person, in this phase.
    Person(Phase, Person),
}

/// Does the next thing that needs no agent.
pub(super) fn step(
    ctx: &Context,
    id: &IssueId,
    until: Option<Phase>,
    narrator: &mut dyn Narrator,
) -> Result<Step, Error> {
    let whole = survey::show(ctx, id)?;
    if whole.archived {
        return Ok(Step::Archived);
    }
    let phase = whole.phase;
    if until.is_some_and(|until| phase >= until) {
        return Ok(Step::Reached(phase));
    }
    match phase {
        Phase::Validate => checks(ctx, id, &whole, narrator),
        Phase::Complete => ending(ctx, id, &whole, narrator),
        _ => onwards(ctx, id, phase, narrator),
    }
}

fn onwards(
    ctx: &Context,
    id: &IssueId,
    phase: Phase,
    narrator: &mut dyn Narrator,
) -> Result<Step, Error> {
    match next::run(ctx, id, narrator) {
        Ok(report) => Ok(Step::Moved(phase, report.to)),
        Err(Error::Refused(refusal)) => Ok(waits(phase, &refusal)),
        Err(other) => Err(other),
    }
}

/// Runs the checks; the agent is for what is red.
fn checks(
    ctx: &Context,
    id: &IssueId,
    whole: &Whole,
    narrator: &mut dyn Narrator,
) -> Result<Step, Error> {
    let phase = Phase::Validate;
    if whole.unmet.is_empty() {
        return onwards(ctx, id, phase, narrator);
    }
    let report = match validate::run(ctx, id, &validate::Options::default(), narrator) {
        Ok(report) => report,
        Err(Error::Refused(refusal)) => return Ok(waits(phase, &refusal)),
        Err(other) => return Err(other),
    };
    if report.is_green() {
        return onwards(ctx, id, phase, narrator);
    }
    let waiting = report.checks.iter().find_map(|check| Some((check, check.fix(id)?)));
    match waiting {
        Some((check, fix)) if report.red().is_empty() && report.stopped.is_none() => {
            let why = format!("{}: a person has to look", check.name());
            Ok(Step::Person(phase, Person { code: "needs-person", why, fix }))
        }
        _ => Ok(Step::Waits(phase)),
    }
}

/// Lands, when that is git-orch's part, and archives what has landed; the agent is for what does
/// not go in.
fn ending(
    ctx: &Context,
    id: &IssueId,
    whole: &Whole,
    narrator: &mut dyn Narrator,
) -> Result<Step, Error> {
    if whole.unmet.iter().any(|one| one.code == "unlanded") {
        if policy::in_force(ctx)?.landed_by == LandedBy::Agent {
            return Ok(Step::Waits(Phase::Complete));
        }
        match land::run(ctx, id, narrator) {
            Ok(report) => {
                narrator.end(
                    &format!("issue {id}"),
                    &format!("landed in {}", report.into),
                    Mark::Good,
                );
            }
            Err(Error::Refused(refusal)) => {
                narrator.say(&refusal.to_string());
                return Ok(waits(Phase::Complete, &refusal));
            }
            Err(Error::Red(words)) => {
                narrator.say(&words);
                return Ok(Step::Waits(Phase::Complete));
            }
            Err(other) => return Err(other),
        }
    }
    match archive::run(ctx, id, false, narrator) {
        Ok(_) => Ok(Step::Archived),
        Err(Error::Refused(refusal)) => Ok(waits(Phase::Complete, &refusal)),
        Err(other) => Err(other),
    }
}

fn waits(phase: Phase, refusal: &Refusal) -> Step {
    let hopeless = refusal.unmet.iter().find(|one| FOR_A_PERSON.contains(&one.code));
    match hopeless {
        Some(one) => {
            let (why, fix) = (one.why.clone(), one.fix.clone());
            Step::Person(phase, Person { code: one.code, why, fix })
        }
        None => Step::Waits(phase),
    }
}
