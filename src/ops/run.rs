//! `run`: starts the agent of each phase, looks for itself what came of it, and goes on until the
//! issue is where it was to be brought, or a person has to look.
//!
//! What git-orch can do itself, it does without an agent: move on, run the checks, land, archive. What
//! an agent says counts for nothing; the next step looks at the world again. So a run that was
//! ended anywhere is continued by the same command.

mod advance;
mod attempt;
mod claim;
mod instead;
pub mod log;
mod park;
mod progress;

use std::cell::Cell;
use std::path::PathBuf;
use std::rc::Rc;

use super::{Mark, Narrator, archive, new_issue, policy, record};
use crate::agent::stop::Stop;
use crate::clock;
use crate::context::Context;
use crate::domain::agents::AgentCommand;
use crate::domain::ids::IssueId;
use crate::domain::phase::Phase;
use crate::error::Error;
use crate::store::atomic::Folder;
use crate::store::chain;
use advance::Step;
use claim::Runner;
pub use park::IDLE;
use park::Person;

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Stop as soon as the issue is in this phase; go on to the archive when missing.
    pub until: Option<Phase>,
    /// The agent for every role, in place of the configured ones.
    pub agent: Option<AgentCommand>,
    /// Take over from a runner on another machine.
    pub take_over: bool,
    /// Park it as soon as an agent ends well and has changed nothing, instead of asking again.
    pub once: bool,
    /// Bytes that agents printed are added here.
    pub printed: Rc<Cell<u64>>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Where it ended.
    pub end: End,
    /// How many agents ran.
    pub agents: u32,
}

/// Where a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The issue is in the phase asked for.
    Reached(Phase),
    /// The issue is finished and archived.
    Archived,
    /// This signal came; everything is as the next run needs it.
    Interrupted(i32),
}

/// Brings the issue as far as it was asked for. Ends with a refusal when it is parked: the reason
/// stays on record, and the same command tries again.
pub fn run(
    ctx: &Context,
    id: &IssueId,
    options: &Options,
    stop: &Stop,
    narrator: &mut dyn Narrator,
) -> Result<Report, Error> {
    record::require_installed(ctx)?;
    archive::go_on(ctx, id, narrator)?;
    if chain::archived(&ctx.repo, id)?.is_some() && chain::open(&ctx.repo, id)?.is_none() {
        return Ok(Report { end: End::Archived, agents: 0 });
    }
    let session = record::require(ctx, id)?.session.id;
    let mut runner = claim::take(ctx, id, &session, options.take_over, narrator)?;
    // Makes the worktree again when it is gone; otherwise nothing.
    let opened = new_issue::run(ctx, id, &new_issue::Request::default(), narrator);
    let before = runner.runs.spent.runs;
    let ended = match opened {
        Ok(_) => go_on(ctx, id, options, stop, &mut runner, narrator),
        Err(error) => Err(error),
    };
    let agents = runner.runs.spent.runs.saturating_sub(before);
    // What agents committed is in git's hands, which syncs no index: it is on disk before we say
    // how far the issue came.
    let there = chain::open(&ctx.repo, id)?.map(|chain| chain.session.worktree);
    if let Some(folder) = there.map(PathBuf::from).filter(|folder| folder.is_dir()) {
        Folder::create(&folder, "")?.sync_file_system()?;
    }
    let finished = matches!(ended, Ok(End::Archived));
    runner.release(finished)?;
    Ok(Report { end: ended?, agents })
}

fn go_on(
    ctx: &Context,
    id: &IssueId,
    options: &Options,
    stop: &Stop,
    runner: &mut Runner,
    narrator: &mut dyn Narrator,
) -> Result<End, Error> {
    loop {
        if let Some(signal) = stop.caught() {
            return Ok(End::Interrupted(signal));
        }
        let ctx = &ctx.again()?;
        let step = advance::step(ctx, id, options.until, narrator)?;
        let phase = match step {
            Step::Moved(from, to) => {
                narrator.end(&format!("issue {id}"), &format!("{from} → {to}"), Mark::Good);
                continue;
            }
            Step::Reached(phase) => return Ok(End::Reached(phase)),
            Step::Archived => return Ok(End::Archived),
            Step::Person(phase, person) => {
                runner.enter(phase);
                return aside(ctx, id, runner, &person);
            }
            Step::Waits(phase) => phase,
        };
        let agents = policy::in_force(ctx)?.agents;
        runner.enter(phase);
        if let Some(person) = park::spent(&runner.runs, &agents, id) {
            return aside(ctx, id, runner, &person);
        }
        if let Some(signal) = wait(runner, stop, narrator) {
            return Ok(End::Interrupted(signal));
        }
        let work = attempt::Work {
            id,
            phase,
            agent: options.agent.as_ref(),
            agents: &agents,
            printed: &options.printed,
            once: options.once,
        };
        match attempt::run(ctx, &work, runner, stop, narrator)? {
            attempt::Came::Ended => {}
            attempt::Came::Interrupted(signal) => return Ok(End::Interrupted(signal)),
            attempt::Came::Hopeless(person) => return aside(ctx, id, runner, &person),
        }
    }
}

/// Puts the issue aside until a person has looked.
fn aside(ctx: &Context, id: &IssueId, runner: &mut Runner, person: &Person) -> Result<End, Error> {
    let refusal = park::park(ctx, id, &mut runner.runs, person);
    runner.save()?;
    Err(refusal)
}

/// Waits until the next run may begin; returns the signal that came meanwhile.
fn wait(runner: &Runner, stop: &Stop, narrator: &mut dyn Narrator) -> Option<i32> {
    let left = runner.wait_left(clock::now_millis())?;
    let seconds = left.as_secs_f64();
    narrator.say(&format!("waiting {seconds:.1} s before the next attempt"));
    let attending = stop.attend();
    let stopped = stop.sleep(left);
    drop(attending);
    if stopped { stop.caught() } else { None }
}
