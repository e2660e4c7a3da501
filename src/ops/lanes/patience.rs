//! What the orchestrator does about workers that it cannot simply wait for: those of an earlier
//! orchestrator, those that say nothing, and all of them when it is told to stop.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::orchestrate::Hall;
use super::seat::{Seat, Stand};
use super::waiting::Happened;
use crate::agent::owner::Presence;
use crate::agent::worker;
use crate::domain::signal::issue_in;
use crate::error::Error;
use crate::ops::claims;

/// How long workers that were asked to stop may take.
const PATIENCE: Duration = Duration::from_secs(20);

impl Hall<'_> {
    /// What an earlier orchestrator of the run noted of each lane: how often its worker died, and
    /// why it was given up, when it was.
    pub(super) fn before(&self) -> Result<BTreeMap<String, (u32, Option<String>)>, Error> {
        let mut before: BTreeMap<String, (u32, Option<String>)> = BTreeMap::new();
        for event in self.lanes.events(&self.plan.run, 0)?.0 {
            let Some(lane) = event.lane else { continue };
            let (deaths, given_up) = before.entry(lane).or_default();
            match event.kind.as_str() {
                "died" => *deaths += 1,
                "given-up" => *given_up = Some(event.text),
                _ => {}
            }
        }
        Ok(before)
    }

    /// Workers that we did not start, and lanes that say nothing.
    pub(super) fn look_after(&mut self) -> Result<(), Error> {
        let limit = Duration::from_secs(self.settings.silence);
        for at in 0..self.seats.len() {
            let seat = &self.seats[at];
            if seat.stand != Stand::Working {
                continue;
            }
            let gone = |claim: &_| claims::owner(claim).presence() != Presence::Alive;
            if seat.adopted.as_ref().is_some_and(gone) {
                let lane = seat.lane.clone();
                self.ended(&lane, -1)?;
                continue;
            }
            if seat.silent && seat.heard.elapsed() > limit + PATIENCE {
                // Asked, and still there: stopped, or stuck where no request is heard.
                worker::kill(seat.pid);
                continue;
            }
            if seat.heard.elapsed() > limit && !seat.silent {
                let (lane, pid) = (seat.lane.clone(), seat.pid);
                let at_work = seat.status.as_ref().and_then(|status| issue_in(&status.text));
                let what = at_work.map(|id| format!(", at {id}")).unwrap_or_default();
                self.seats[at].silent = true;
                self.note(
                    Some(&lane),
                    "silent",
                    &format!("for {} s{what}; ending it", limit.as_secs()),
                )?;
                worker::ask(pid);
            }
        }
        Ok(())
    }

    /// Asks every worker to stop and waits for them.
    pub(super) fn stop_all(&mut self) -> Result<(), Error> {
        let at_work = |seat: &&mut Seat| seat.stand == Stand::Working;
        for seat in self.seats.iter_mut().filter(at_work) {
            worker::ask(seat.pid);
        }
        let end = Instant::now() + PATIENCE;
        while self.seats.iter().any(|seat| seat.stand == Stand::Working) {
            if Instant::now() > end {
                for seat in self.seats.iter_mut().filter(at_work) {
                    worker::kill(seat.pid);
                    seat.stand = Stand::Queued;
                }
                break;
            }
            if let Happened::Exited(lane, _) = self.ear.next()
                && let Some(at) = self.at(&lane)
            {
                self.seats[at].stand = Stand::Queued;
            }
            for seat in self.seats.iter_mut().filter(at_work) {
                let gone = |claim: &_| claims::owner(claim).presence() != Presence::Alive;
                if seat.adopted.as_ref().is_some_and(gone) {
                    seat.stand = Stand::Queued;
                }
            }
        }
        self.note(None, "stopped", "every worker was asked to stop; the same command goes on")
    }
}
