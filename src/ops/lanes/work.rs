//! The worker of a lane: one issue after the other, oldest first, as many as the rules allow.
//!
//! It says how it is doing in a few bytes and keeps how far it is in a file of its own, so that
//! the one that follows a worker that was killed goes on from there.

use std::cell::Cell;
use std::rc::Rc;

use super::issue::{self, End};
use super::job::Job;
use super::{command, has_landed, next_walk};
use crate::agent::owner::Presence;
use crate::agent::stop::Stop;
use crate::clock;
use crate::context::Context;
use crate::domain::agents::AgentCommand;
use crate::domain::catalog::LaneName;
use crate::domain::ids::IssueId;
use crate::domain::lane::{self, Candidate, Complexity, Step};
use crate::domain::policy::Policy;
use crate::domain::refusal::Refusal;
use crate::domain::signal::{Done, Outcome, State, Status};
use crate::error::Error;
use crate::ops::catalog::{self, Place, verify};
use crate::ops::{Mark, Narrator, claims, policy, trust};
use crate::store::lanes::{Lanes, Plan, PlannedLane, Progress, Taken};
use crate::store::runs;
use crate::store::signals::Signals;

/// Works on a lane of a run until it is through.
pub fn run(
    ctx: &Context,
    run: &str,
    lane: &LaneName,
    stop: &Stop,
    narrator: &mut dyn Narrator,
) -> Result<Outcome, Error> {
    let lanes = Lanes::of(&ctx.repo.own_folder());
    let missing = || Error::usage(format!("run {run} has no lane {lane}"), "git orch lanes status");
    let plan = lanes.plan(run)?.ok_or_else(missing)?;
    let planned = plan.lanes.iter().find(|one| one.name == lane.as_str()).ok_or_else(missing)?;
    let signals = Signals::create(ctx.repo.home(), run)?;
    let mut progress = lanes.progress(run, lane.as_str())?.unwrap_or_default();
    refuse_twice(&progress, lane)?;
    progress.attempt += 1;
    progress.claim = Some(claims::ours(ctx.now));
    lanes.set_progress(run, lane.as_str(), &progress)?;
    let policy = policy::in_force(ctx)?;
    let page = ctx.repo.home().join(&plan.page);
    let at_home = Context { around: ctx.around.clone(), ..ctx.again()? };
    let place = catalog::place(&at_home, Some(&page))?;
    let mut worker = Worker {
        ctx,
        lane,
        plan: &plan,
        planned,
        place: &place,
        policy: &policy,
        lanes: &lanes,
        signals: &signals,
        progress,
        printed: Rc::new(Cell::new(0)),
    };
    worker.say(State::Starting, &format!("{} issues", planned.issues.len()));
    let ended = worker.work(stop, narrator);
    let (outcome, why) = match &ended {
        Ok((outcome, why)) => (*outcome, why.clone()),
        Err(error) => (Outcome::Failed, error.to_string()),
    };
    worker.end(outcome, &why)?;
    ended.map(|(outcome, _)| outcome)
}

/// Refuses while another worker of the lane is there.
fn refuse_twice(progress: &Progress, lane: &LaneName) -> Result<(), Error> {
    let Some(claim) = &progress.claim else { return Ok(()) };
    if claims::owner(claim).presence() != Presence::Alive || claim.pid == std::process::id() {
        return Ok(());
    }
    let why = format!("pid {} works on it since {}", claim.pid, claim.at);
    let what = format!("working on lane {lane}");
    Err(Refusal::one("running", what, why, "git orch lanes status").into())
}

struct Worker<'a> {
    ctx: &'a Context,
    lane: &'a LaneName,
    plan: &'a Plan,
    planned: &'a PlannedLane,
    place: &'a Place,
    policy: &'a Policy,
    lanes: &'a Lanes,
    signals: &'a Signals,
    progress: Progress,
    printed: Rc<Cell<u64>>,
}

impl Worker<'_> {
    /// Works until the lane is through; returns how it ended, and why or what it waits for.
    fn work(
        &mut self,
        stop: &Stop,
        narrator: &mut dyn Narrator,
    ) -> Result<(Outcome, String), Error> {
        let agent = self.agent()?;
        let job = Job {
            ctx: self.ctx,
            place: self.place,
            tracked: self.plan.tracked,
            policy: self.policy,
            agent,
            printed: Rc::clone(&self.printed),
            stop,
        };
        loop {
            if stop.caught().is_some() {
                return Ok((Outcome::Stopped, String::new()));
            }
            let at = match self.progress.taken.iter().position(|taken| taken.end.is_none()) {
                Some(at) => at,
                None => match self.next()? {
                    Next::Take(at) => at,
                    Next::Ended(outcome, why) => return Ok((outcome, why)),
                },
            };
            if !self.one(&job, at, narrator)? {
                return Ok((Outcome::Stopped, String::new()));
            }
        }
    }

    /// The agent of the run or of the lane, when one of them is not the configured one.
    fn agent(&self) -> Result<Option<AgentCommand>, Error> {
        if let Some(agent) = &self.plan.agent {
            return Ok(Some(command(agent)));
        }
        let own = self.policy.lanes.lanes.get(self.lane).and_then(|lane| lane.command.clone());
        if own.is_some() {
            let what = format!("starting the agent of lane {}", self.lane);
            trust::require_named(self.ctx, &format!("lane {}", self.lane), &what)?;
        }
        Ok(own)
    }

    /// Takes on the next issue; returns its position among those taken on.
    fn next(&mut self) -> Result<Next, Error> {
        let candidates = self.candidates();
        let mut open = std::collections::BTreeSet::new();
        for id in candidates.iter().flat_map(|one| &one.waits_for) {
            if !has_landed(self.ctx, id)? {
                open.insert(id.clone());
            }
        }
        let taken: Vec<Complexity> =
            self.progress.taken.iter().map(|taken| complexity(&taken.complexity)).collect();
        let is_open = |id: &IssueId| open.contains(id);
        match lane::step(&candidates, &taken, &is_open, &self.policy.lanes.rules) {
            Step::Take(at) => {
                let Candidate { id, complexity, .. } = &candidates[at];
                let (walk, _) = next_walk(self.ctx, id)?;
                self.progress.taken.push(Taken {
                    issue: id.to_string(),
                    walk: walk.to_string(),
                    complexity: complexity.word().to_owned(),
                    started: clock::now().to_string(),
                    ..Taken::default()
                });
                self.save()?;
                Ok(Next::Take(self.progress.taken.len() - 1))
            }
            Step::Wait(ids) => {
                let names: Vec<&str> = ids.iter().map(IssueId::as_str).collect();
                Ok(Next::Ended(Outcome::Waiting, names.join(", ")))
            }
            Step::Through(left) => {
                let words = left.first().map(|(_, why)| why.words()).unwrap_or_default();
                Ok(Next::Ended(Outcome::Complete, words.to_owned()))
            }
        }
    }

    /// The planned issues that were not taken on yet.
    fn candidates(&self) -> Vec<Candidate> {
        let taken = |id: &str| self.progress.taken.iter().any(|taken| taken.issue == id);
        let issues = self.planned.issues.iter().filter(|issue| !taken(&issue.id));
        issues
            .filter_map(|issue| {
                Some(Candidate {
                    id: issue.id.parse().ok()?,
                    complexity: complexity(&issue.complexity),
                    waits_for: issue.waits_for.iter().filter_map(|id| id.parse().ok()).collect(),
                })
            })
            .collect()
    }

    /// Works on one issue; returns whether the lane may go on.
    fn one(
        &mut self,
        job: &Job<'_>,
        at: usize,
        narrator: &mut dyn Narrator,
    ) -> Result<bool, Error> {
        let mut taken = self.progress.taken[at].clone();
        let id: IssueId =
            taken.issue.parse().map_err(|e| Error::usage(format!("{e}"), "git orch"))?;
        let hard = complexity(&taken.complexity);
        let planned = self.planned.issues.iter().find(|issue| issue.id == taken.issue);
        let reason = planned.map(|issue| issue.reason.clone()).unwrap_or_default();
        let state = if hard.is_complex() { State::Complex } else { State::Normal };
        let words = format!("{id} ({} - {reason})", hard.word());
        self.say(state, &words);
        let entry = super::plan::entry(&self.ctx.again()?, self.place, self.lane, &id)?;
        let end = match &entry {
            Some(entry) => {
                // Read again: the base may have other commands by now than those planned with.
                verify::require_trust(self.ctx, self.place, &[entry], &format!("working on {id}"))?;
                let mut heard = Heard {
                    narrator,
                    signals: self.signals,
                    lane: self.lane,
                    state,
                    words: &words,
                };
                // What a worker before this one had its agents print.
                job.printed.set(before(self.ctx, &taken)?);
                issue::go(job, entry, &mut taken, &mut heard)?
            }
            None => End::Skipped { why: "its file is gone".to_owned(), salvage: None },
        };
        match end {
            End::Stopped => {
                self.save()?;
                return Ok(false);
            }
            End::Landed(to) => {
                taken.end = Some("landed".to_owned());
                taken.detail = to;
            }
            End::Skipped { why, salvage } => {
                taken.end = Some("skipped".to_owned());
                taken.detail = why;
                taken.salvage = salvage;
            }
        }
        self.progress.printed += self.printed.replace(0);
        taken.ended = Some(clock::now().to_string());
        let how = format!("{id} {} ({})", taken.end.as_deref().unwrap_or_default(), taken.detail);
        self.progress.taken[at] = taken;
        self.save()?;
        self.say(state, &how);
        Ok(true)
    }

    fn save(&self) -> Result<(), Error> {
        Ok(self.lanes.set_progress(&self.plan.run, self.lane.as_str(), &self.progress)?)
    }

    /// A signal that cannot be written is no reason to stop: the truth is elsewhere.
    fn say(&self, state: State, text: &str) {
        let _ = self.signals.say(self.lane, &Status { state, text: text.to_owned() });
    }

    fn end(&mut self, outcome: Outcome, why: &str) -> Result<(), Error> {
        let count = |word: &str| {
            let all = self.progress.taken.iter();
            let ended = all.filter(|taken| taken.end.as_deref() == Some(word)).count();
            u32::try_from(ended).unwrap_or(u32::MAX)
        };
        let (landed, skipped) = (count("landed"), count("skipped"));
        let planned = u32::try_from(self.planned.issues.len()).unwrap_or(u32::MAX);
        let done = Done {
            outcome,
            landed,
            skipped,
            left: planned.saturating_sub(landed + skipped),
            attempt: self.progress.attempt,
            pid: std::process::id(),
            run: self.plan.run.clone(),
            started: self.ctx.now.to_string(),
            ended: clock::now().to_string(),
            why: why.to_owned(),
        };
        self.progress.claim = None;
        self.save()?;
        if outcome == Outcome::Complete {
            self.say(State::Complete, &format!("{landed} landed, {skipped} skipped"));
        }
        Ok(self.signals.end(self.lane, &done)?)
    }
}

/// Bytes that agents printed for an issue so far, as its runs have it.
fn before(ctx: &Context, taken: &Taken) -> Result<u64, Error> {
    let Ok(walk) = taken.walk.parse() else { return Ok(0) };
    Ok(runs::read(&ctx.repo.own_folder(), &walk)?.map_or(0, |runs| runs.printed))
}

/// What a lane does next.
enum Next {
    Take(usize),
    Ended(Outcome, String),
}

/// The complexity that a word of a plan means.
pub fn complexity(word: &str) -> Complexity {
    [Complexity::Low, Complexity::Medium, Complexity::High]
        .into_iter()
        .find(|one| one.word() == word)
        .unwrap_or(Complexity::Extreme)
}

/// Passes on what is said, and says in the status what an issue is at.
struct Heard<'a> {
    narrator: &'a mut dyn Narrator,
    signals: &'a Signals,
    lane: &'a LaneName,
    state: State,
    words: &'a str,
}

impl Narrator for Heard<'_> {
    fn say(&mut self, line: &str) {
        self.narrator.say(line);
    }

    fn begin(&mut self, what: &str) {
        self.narrator.begin(what);
    }

    fn end(&mut self, what: &str, how: &str, mark: Mark) {
        if what.starts_with("issue ") {
            let text = format!("{}: {how}", self.words);
            let _ = self.signals.say(self.lane, &Status { state: self.state, text });
        }
        self.narrator.end(what, how, mark);
    }
}
