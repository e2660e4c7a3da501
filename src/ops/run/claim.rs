//! Who runs the agents of an issue: one process at a time.
//!
//! The claim names it, so that others can be told; the lock proves it, and is also kept by what an
//! agent leaves running. A claim of a process that is gone is taken over, with its record.

use std::path::PathBuf;
use std::time::Duration;

use crate::agent::owner::{Owner, Presence};
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::phase::Phase;
use crate::domain::refusal::Refusal;
use crate::error::Error;
use crate::ops::{Narrator, claims};
use crate::store::StoreError;
use crate::store::lock::{self, Lock};
use crate::store::runs::{self, Runs, Spent};

/// The right to run agents for an issue.
#[derive(Debug)]
pub(super) struct Runner {
    /// How its runs stand.
    pub runs: Runs,
    /// Held as long as this process, or anything an agent left running.
    pub lock: Lock,
    id: IssueId,
    own: PathBuf,
}

/// Claims the issue, or says who has it.
pub(super) fn take(
    ctx: &Context,
    id: &IssueId,
    session: &str,
    take_over: bool,
    narrator: &mut dyn Narrator,
) -> Result<Runner, Error> {
    let own = ctx.repo.own_folder();
    let me = Owner::me();
    refuse_others(runs::read(&own, id)?.as_ref(), id, &me, take_over)?;
    let lock = lock::runner(&own, id, &ctx.owner(), &mut |line| narrator.say(line))?;
    // Read again: while we waited for the lock, another one may have come and gone.
    let before = runs::read(&own, id)?;
    refuse_others(before.as_ref(), id, &me, take_over)?;
    let mut runs = match before {
        Some(runs) if runs.session == session => runs,
        _ => Runs::new(session),
    };
    if let Some(claim) = &runs.claim {
        narrator.say(&format!("taking over from pid {}, which is gone", claim.pid));
    }
    if let Some(run) = runs.runs.last_mut().filter(|run| run.ended.is_none()) {
        // Nobody saw its end. It counts, or an agent that takes the machine down runs for ever.
        run.ended = Some("git-orch was ended while it ran".to_owned());
        runs.failures += 1;
    }
    if let Some(parked) = runs.parked.take() {
        narrator.say(&format!("it was parked: {}; trying again", parked.why));
        runs.spent = Spent::default();
        runs.failures = 0;
        runs.not_before = None;
    }
    runs.generation += 1;
    runs.claim = Some(claims::ours(ctx.now));
    let runner = Runner { runs, lock, id: id.clone(), own };
    runs::write(&runner.own, id, &runner.runs)?;
    Ok(runner)
}

/// Refuses when somebody else has the issue who is, or may be, still there.
fn refuse_others(
    runs: Option<&Runs>,
    id: &IssueId,
    me: &Owner,
    take_over: bool,
) -> Result<(), Error> {
    let Some(claim) = runs.and_then(|runs| runs.claim.as_ref()) else { return Ok(()) };
    let owner = claims::owner(claim);
    let what = format!("running issue {id}");
    match owner.presence() {
        Presence::Alive if owner != *me => {
            let log = runs.and_then(|runs| runs.runs.last()).map(|run| run.log.clone());
            let fix = match log {
                Some(log) => format!("tail -f \"$(git orch where {id})/{log}\""),
                None => format!("git orch show {id}"),
            };
            let why = format!("pid {} runs it since {}", claim.pid, claim.at);
            Err(Refusal::one("running", what, why, fix).into())
        }
        Presence::Elsewhere if !take_over => {
            let why = format!(
                "pid {} on {} runs it since {}, as far as can be told from here",
                claim.pid, claim.host, claim.at
            );
            let fix = format!("git orch run {id} --take-over   # once nothing runs there");
            Err(Refusal::one("elsewhere", what, why, fix).into())
        }
        _ => Ok(()),
    }
}

impl Runner {
    /// Writes how the runs stand, as long as the issue is still ours: a process that was frozen
    /// while another machine took over must not write over what that did.
    pub fn save(&self) -> Result<(), Error> {
        let there = runs::read(&self.own, &self.id)?;
        if there.is_some_and(|there| there.generation != self.runs.generation) {
            return Err(StoreError::Busy {
                what: format!("the runner of issue {}", self.id),
                holder: "another machine, which took over".to_owned(),
            }
            .into());
        }
        Ok(runs::write(&self.own, &self.id, &self.runs)?)
    }

    /// Begins to count failures anew when the issue is in another phase.
    pub fn enter(&mut self, phase: Phase) {
        if self.runs.phase != phase.name() {
            phase.name().clone_into(&mut self.runs.phase);
            self.runs.failures = 0;
            self.runs.not_before = None;
        }
    }

    /// How long the next run has to wait, when it does; `now` in milliseconds since 1970.
    pub fn wait_left(&self, now: i64) -> Option<Duration> {
        let left = u64::try_from(self.runs.not_before? - now).ok()?;
        (left > 0).then(|| Duration::from_millis(left))
    }

    /// Gives the issue free; of a finished one nothing is kept.
    pub fn release(mut self, finished: bool) -> Result<(), Error> {
        self.runs.claim = None;
        if finished {
            return Ok(runs::forget(&self.own, &self.id)?);
        }
        self.save()
    }
}
