//! The orchestrator: starts a worker a lane, waits for signals and ends, and looks for itself what
//! came of them. It reads a few bytes a lane and no transcript.
//!
//! Killed anywhere, the same command goes on: workers that are still there are found again, and
//! the remains of those that are not are continued.

use std::collections::BTreeSet;
use std::time::Instant;

use super::finish::{self, Report};
use super::plan::{self, Made, Request};
use super::seat::{self, Seat, Stand};
use super::waiting::{Ear, Happened};
use super::who;
use crate::agent::owner::Presence;
use crate::agent::stop::Stop;
use crate::clock;
use crate::context::Context;
use crate::domain::catalog::LaneName;
use crate::domain::lane::settings::Settings;
use crate::domain::refusal::Refusal;
use crate::domain::signal::{Odd, Said};
use crate::error::Error;
use crate::ops::catalog::verify;
use crate::ops::{claims, policy, record};
use crate::store::lanes::{Current, Event, Lanes, Plan, Progress};
use crate::store::signals::{Kind, Signals};

/// Hears what happens in a run.
pub trait Watcher {
    /// Something happened.
    fn event(&mut self, event: &Event);
}

/// What came of a run.
#[derive(Debug)]
pub enum Ended {
    /// There was nothing to do; these issues were left out.
    Nothing(Vec<(String, String)>),
    /// It came to its end.
    Finished(Box<Report>),
    /// This signal came; the same command goes on.
    Interrupted(i32),
}

/// Runs lanes, or goes on with a run that did not come to its end.
pub fn run(
    ctx: &Context,
    request: &Request,
    stop: &Stop,
    watcher: &mut dyn Watcher,
) -> Result<Ended, Error> {
    record::require_installed(ctx)?;
    let lanes = Lanes::of(&ctx.repo.own_folder());
    let mut current = lanes.current()?;
    refuse_twice(current.as_ref())?;
    let unfinished = current.take().filter(|current| !current.finished);
    let (plan, again) = match unfinished {
        Some(current) => match lanes.plan(&current.run)? {
            Some(plan) => (plan, true),
            None => (planned(ctx, request)?.plan, false),
        },
        None if request.resume => return Ok(Ended::Nothing(Vec::new())),
        None => (planned(ctx, request)?.plan, false),
    };
    if plan.lanes.is_empty() {
        return Ok(Ended::Nothing(plan.left_out));
    }
    if !again {
        lanes.set_plan(&plan)?;
    }
    lanes.set_current(&Current::new(&plan.run, claims::ours(ctx.now)))?;
    let signals = Signals::create(ctx.repo.home(), &plan.run)?;
    let settings = policy::in_force(ctx)?.lanes;
    let (ear, trouble) = Ear::open(&signals);
    let mut hall = Hall {
        ctx,
        plan: &plan,
        lanes: &lanes,
        signals,
        settings,
        ear,
        watcher,
        seats: Vec::new(),
        read: 0,
    };
    let words = if again { "going on" } else { "" };
    hall.note(None, "run", words)?;
    if let Some(trouble) = trouble {
        hall.note(None, "unwatched", &trouble)?;
    }
    hall.seat_all()?;
    // From here on a signal only ends us in an orderly way.
    let attending = stop.attend();
    let interrupted = hall.until_through(stop)?;
    if let Some(signal) = interrupted {
        hall.stop_all()?;
        let mut current = Current::new(&plan.run, claims::ours(ctx.now));
        current.claim = None;
        lanes.set_current(&current)?;
        return Ok(Ended::Interrupted(signal));
    }
    drop(attending);
    let read = hall.read;
    let report = finish::run(&ctx.again()?, &plan, &lanes, read)?;
    hall.note(None, "finished", &report.words())?;
    let mut current = Current::new(&plan.run, claims::ours(ctx.now));
    current.claim = None;
    current.finished = true;
    lanes.set_current(&current)?;
    Ok(Ended::Finished(Box::new(report)))
}

/// A plan whose commands a person has read.
fn planned(ctx: &Context, request: &Request) -> Result<Made, Error> {
    let made = plan::make(ctx, request)?;
    let entries = plan::entries(&made.plan, &made.catalog);
    verify::require_trust(ctx, &made.place, &entries, "running lanes")?;
    if !made.plan.lanes.is_empty() {
        who::require(ctx, &made.plan)?;
    }
    Ok(made)
}

/// Refuses while another orchestrator is there.
fn refuse_twice(current: Option<&Current>) -> Result<(), Error> {
    let Some(claim) = current.and_then(|current| current.claim.as_ref()) else { return Ok(()) };
    if claims::owner(claim).presence() == Presence::Gone {
        return Ok(());
    }
    let why = format!("pid {} on {} runs them since {}", claim.pid, claim.host, claim.at);
    Err(Refusal::one("running", "running lanes", why, "git orch lanes status").into())
}

/// Where the lanes of a run sit.
pub(super) struct Hall<'a> {
    pub(super) ctx: &'a Context,
    pub(super) plan: &'a Plan,
    pub(super) lanes: &'a Lanes,
    pub(super) signals: Signals,
    pub(super) settings: Settings,
    pub(super) ear: Ear,
    watcher: &'a mut dyn Watcher,
    pub(super) seats: Vec<Seat>,
    /// Bytes of signals that were read since the last event.
    read: u64,
}

impl Hall<'_> {
    pub(super) fn note(
        &mut self,
        lane: Option<&LaneName>,
        kind: &str,
        text: &str,
    ) -> Result<(), Error> {
        let event = Event {
            at: clock::now_millis(),
            lane: lane.map(ToString::to_string),
            kind: kind.to_owned(),
            text: crate::domain::names::one_line(text).chars().take(200).collect(),
            read: std::mem::take(&mut self.read),
        };
        self.lanes.add_event(&self.plan.run, &event)?;
        self.watcher.event(&event);
        Ok(())
    }

    pub(super) fn progress(&self, lane: &LaneName) -> Result<Progress, Error> {
        Ok(self.lanes.progress(&self.plan.run, lane.as_str())?.unwrap_or_default())
    }

    /// Seats every lane as it stands: workers of an earlier orchestrator may still be there.
    fn seat_all(&mut self) -> Result<(), Error> {
        let mut before = self.before()?;
        for planned in &self.plan.lanes {
            let Ok(lane) = planned.name.parse::<LaneName>() else { continue };
            let mut seat = Seat::new(lane, planned.clone());
            let progress = self.progress(&seat.lane)?;
            seat.count(&progress);
            if let Some((deaths, given_up)) = before.remove(&planned.name) {
                seat.deaths = deaths;
                seat.stand = given_up.map_or(Stand::Queued, Stand::GivenUp);
            }
            let alive = |claim: &_| claims::owner(claim).presence() == Presence::Alive;
            if let Some(claim) = progress.claim.filter(alive) {
                seat.pid = claim.pid;
                seat.adopted = Some(claim);
                seat.stand = Stand::Working;
                let (lane, words) = (seat.lane.clone(), format!("pid {}", seat.pid));
                self.note(Some(&lane), "found", &words)?;
            } else if seat.is_whole() {
                seat.stand = Stand::Through;
            }
            self.seats.push(seat);
        }
        Ok(())
    }

    /// Waits until every lane is through; returns the signal that came before that.
    fn until_through(&mut self, stop: &Stop) -> Result<Option<i32>, Error> {
        loop {
            if let Some(signal) = stop.caught() {
                return Ok(Some(signal));
            }
            self.fill()?;
            if !self.seats.iter().any(|seat| seat.stand == Stand::Working) {
                return Ok(None);
            }
            match self.ear.next() {
                Happened::File(name) => self.listen(name)?,
                Happened::Exited(lane, code) => self.ended(&lane, code)?,
                Happened::Tick => {}
            }
            self.look_after()?;
        }
    }

    /// Starts as many workers as may be at work.
    fn fill(&mut self) -> Result<(), Error> {
        let landed: BTreeSet<String> =
            self.seats.iter().flat_map(|seat| seat.landed.iter().cloned()).collect();
        let mut working = self.seats.iter().filter(|s| s.stand == Stand::Working).count();
        for at in 0..self.seats.len() {
            if working >= self.plan.jobs {
                return Ok(());
            }
            let seat = &self.seats[at];
            let ready = match &seat.stand {
                Stand::Queued => true,
                // Something that it waits for landed since it looked.
                Stand::Waiting(what) => what.split(", ").any(|id| landed.contains(id)),
                _ => false,
            };
            if ready {
                self.start(at)?;
                working += 1;
            }
        }
        let idle = !self.seats.iter().any(|seat| seat.stand == Stand::Working);
        for at in 0..self.seats.len() {
            if let (true, Stand::Waiting(what)) = (idle, self.seats[at].stand.clone()) {
                let why = format!("waits for {what}, which did not land");
                self.seats[at].stand = Stand::GivenUp(why.clone());
                let lane = self.seats[at].lane.clone();
                self.note(Some(&lane), "blocked", &why)?;
            }
        }
        Ok(())
    }

    fn start(&mut self, at: usize) -> Result<(), Error> {
        let lane = self.seats[at].lane.clone();
        self.signals.forget(&lane)?;
        let folder = self.lanes.folder(&self.plan.run);
        let places = (self.signals.path(), folder);
        let places = (places.0.as_path(), places.1.as_path());
        let pid = seat::start(self.ctx, &self.plan.run, &lane, places, &self.ear.tell)?;
        let seat = &mut self.seats[at];
        seat.stand = Stand::Working;
        seat.pid = pid;
        seat.adopted = None;
        seat.heard = Instant::now();
        seat.silent = false;
        self.note(Some(&lane), "started", &format!("pid {pid}"))
    }

    pub(super) fn at(&self, lane: &LaneName) -> Option<usize> {
        self.seats.iter().position(|seat| seat.lane == *lane)
    }

    /// Reads the signals that changed.
    pub(super) fn listen(&mut self, name: Option<String>) -> Result<(), Error> {
        for (lane, kind) in self.ear.changed(&self.signals, name)? {
            let Some(at) = self.at(&lane) else {
                self.note(Some(&lane), "odd", &format!("{kind:?}: {}", Odd::Unknown))?;
                continue;
            };
            match kind {
                Kind::Status => self.heard_status(at)?,
                Kind::Done => self.heard_done(at)?,
            }
        }
        Ok(())
    }

    fn heard_status(&mut self, at: usize) -> Result<(), Error> {
        let lane = self.seats[at].lane.clone();
        let Some(heard) = self.signals.status(&lane) else { return Ok(()) };
        self.read += u64::try_from(heard.bytes).unwrap_or_default();
        match heard.said {
            Ok(status) => {
                let progress = self.progress(&lane)?;
                let seat = &mut self.seats[at];
                seat.heard = Instant::now();
                seat.silent = false;
                seat.count(&progress);
                let line = status.write();
                let is_new = seat.status.as_ref() != Some(&status);
                seat.status = Some(status);
                if is_new {
                    self.note(Some(&lane), "status", line.trim_end())?;
                }
                Ok(())
            }
            Err(odd) => self.note(Some(&lane), "odd", &format!("status ignored: {odd}")),
        }
    }

    /// A completion while the worker is there: one made by hand is looked into, and nothing more.
    fn heard_done(&mut self, at: usize) -> Result<(), Error> {
        let lane = self.seats[at].lane.clone();
        let Some(heard) = self.signals.done(&lane) else { return Ok(()) };
        self.read += u64::try_from(heard.bytes).unwrap_or_default();
        self.seats[at].heard = Instant::now();
        match heard.said {
            Ok(Said::Done(done)) if done.run != self.plan.run => {
                let odd = Odd::Stale(format!("it is of run {}", done.run));
                self.note(Some(&lane), "odd", &format!("completion ignored: {odd}"))
            }
            Ok(Said::Done(_)) => Ok(()),
            Ok(Said::ByHand) => {
                let progress = self.progress(&lane)?;
                self.seats[at].count(&progress);
                let (landed, skipped) = self.seats[at].counts;
                let planned = self.seats[at].planned.issues.len();
                let words = format!(
                    "it says it is through; of {planned} issues {landed} landed, {skipped} were skipped"
                );
                self.note(Some(&lane), "unverified", &words)
            }
            Err(odd) => self.note(Some(&lane), "odd", &format!("completion ignored: {odd}")),
        }
    }
}
