//! What the orchestrator does when a worker ends: takes its word, looks for itself, begins the lane
//! anew or gives it up with what it was at.

use super::orchestrate::Hall;
use super::seat::Stand;
use super::{has_landed, issue};
use crate::clock;
use crate::domain::catalog::LaneName;
use crate::domain::ids::IssueId;
use crate::domain::signal::{Outcome, Said};
use crate::error::Error;
use crate::ops::Silence;
use crate::store::runs;

impl Hall<'_> {
    /// A worker ended: what it said, or what is true.
    pub(super) fn ended(&mut self, lane: &LaneName, code: i32) -> Result<(), Error> {
        let Some(at) = self.at(lane) else { return Ok(()) };
        if self.seats[at].stand != Stand::Working {
            return Ok(());
        }
        // What it said last may not have been looked at yet.
        self.listen(None)?;
        let progress = self.progress(lane)?;
        self.seats[at].count(&progress);
        let pid = self.seats[at].pid;
        let done = match self.signals.done(lane).map(|heard| heard.said) {
            Some(Ok(Said::Done(done))) if done.run == self.plan.run && done.pid == pid => {
                Some(done)
            }
            _ => None,
        };
        match done.map(|done| (done.outcome, done)) {
            Some((Outcome::Complete, done)) => {
                self.seats[at].stand = Stand::Through;
                let words =
                    format!("{} landed, {} skipped, {} left", done.landed, done.skipped, done.left);
                self.note(Some(lane), "complete", &words)
            }
            Some((Outcome::Waiting, done)) => {
                self.seats[at].stand = Stand::Waiting(done.why.clone());
                self.note(Some(lane), "waiting", &done.why)
            }
            Some((Outcome::Failed, done)) => self.died(at, &done.why),
            Some((Outcome::Stopped, _)) => self.died(at, "it was asked to stop"),
            None if self.seats[at].is_whole() => {
                self.seats[at].stand = Stand::Through;
                self.note(Some(lane), "complete", "by what landed; it said nothing")
            }
            None => {
                let words = match code {
                    128.. => format!("its worker was ended by signal {}", code - 128),
                    _ => format!("its worker ended with exit code {code}, without a word"),
                };
                self.died(at, &words)
            }
        }
    }

    /// Begins a lane anew, or gives it up with what it was at.
    fn died(&mut self, at: usize, why: &str) -> Result<(), Error> {
        let lane = self.seats[at].lane.clone();
        self.seats[at].deaths += 1;
        self.note(Some(&lane), "died", why)?;
        if self.seats[at].deaths < self.settings.attempts {
            self.seats[at].stand = Stand::Queued;
            return self.note(Some(&lane), "retried", "beginning it again");
        }
        self.close(&lane, why)?;
        self.seats[at].stand = Stand::GivenUp(why.to_owned());
        let progress = self.progress(&lane)?;
        self.seats[at].count(&progress);
        self.note(Some(&lane), "given-up", why)
    }

    /// Ends what a lane that is given up was at: untouched, its work kept.
    fn close(&mut self, lane: &LaneName, why: &str) -> Result<(), Error> {
        let mut progress = self.progress(lane)?;
        for at in 0..progress.taken.len() {
            if progress.taken[at].end.is_some() {
                continue;
            }
            let Ok(walk) = progress.taken[at].walk.parse::<IssueId>() else { continue };
            let why = format!("lane {lane} was given up: {why}");
            let printed = runs::read(&self.ctx.repo.own_folder(), &walk)?.map_or(0, |r| r.printed);
            progress.printed += printed;
            let end = if has_landed(&self.ctx.again()?, &walk)? {
                issue::End::Landed(String::new())
            } else {
                issue::give_up(self.ctx, &walk, &why, &mut Silence)?
            };
            let taken = &mut progress.taken[at];
            taken.ended = Some(clock::now().to_string());
            match end {
                issue::End::Landed(to) => {
                    taken.end = Some("landed".to_owned());
                    taken.detail = to;
                }
                issue::End::Skipped { why, salvage } => {
                    taken.end = Some("skipped".to_owned());
                    taken.detail = why;
                    taken.salvage = salvage;
                }
                issue::End::Stopped => {}
            }
        }
        progress.claim = None;
        Ok(self.lanes.set_progress(&self.plan.run, lane.as_str(), &progress)?)
    }
}
