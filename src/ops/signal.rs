//! `signal`: says how a lane is doing, for agents that do not write the file themselves.

use std::path::PathBuf;

use crate::clock;
use crate::context::Context;
use crate::domain::catalog::LaneName;
use crate::domain::signal::{Done, Outcome, State, Status};
use crate::error::Error;
use crate::store::lanes::Lanes;
use crate::store::signals::Signals;

/// What is to be said.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The lane; the one of the agent that runs this when missing.
    pub lane: Option<LaneName>,
    /// The folder of signals; the one of the run when missing.
    pub folder: Option<PathBuf>,
}

/// Says how the lane is doing; returns the file.
pub fn say(ctx: &Context, request: &Request, state: State, text: &str) -> Result<PathBuf, Error> {
    let (signals, lane, _) = place(ctx, request)?;
    signals.say(&lane, &Status { state, text: text.to_owned() })?;
    Ok(signals.path().join(format!("{lane}.status")))
}

/// Says that the lane is through; returns the file.
pub fn end(
    ctx: &Context,
    request: &Request,
    outcome: Outcome,
    (landed, skipped, left): (u32, u32, u32),
    why: &str,
) -> Result<PathBuf, Error> {
    let (signals, lane, run) = place(ctx, request)?;
    let now = clock::now().to_string();
    let done = Done {
        outcome,
        landed,
        skipped,
        left,
        attempt: Lanes::of(&ctx.repo.own_folder())
            .progress(&run, lane.as_str())?
            .map_or(1, |progress| progress.attempt),
        pid: std::process::id(),
        run,
        started: ctx.now.to_string(),
        ended: now,
        why: why.to_owned(),
    };
    signals.end(&lane, &done)?;
    Ok(signals.path().join(format!("{lane}.done")))
}

/// Where the signals go, for which lane, of which run.
fn place(ctx: &Context, request: &Request) -> Result<(Signals, LaneName, String), Error> {
    let called = &ctx.around.called;
    let named = called.lane.as_deref().and_then(|lane| lane.parse().ok());
    let lane = request.lane.clone().or(named).ok_or_else(|| {
        Error::usage("it is not clear which lane speaks", "git orch signal NORMAL --lane E")
    })?;
    let folder = request.folder.clone().or_else(|| called.signals.clone());
    if let Some(folder) = folder {
        let run = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let signals = Signals::open(&ctx.around.folder.join(&folder))?.ok_or_else(|| {
            Error::usage(
                format!("there is no folder {}", folder.display()),
                "git orch lanes status",
            )
        })?;
        return Ok((signals, lane, run));
    }
    let current = Lanes::of(&ctx.repo.own_folder())
        .current()?
        .ok_or_else(|| Error::usage("no lanes were run here", "git orch lanes run --dry-run"))?;
    let signals = Signals::create(ctx.repo.home(), &current.run)?;
    Ok((signals, lane, current.run))
}
