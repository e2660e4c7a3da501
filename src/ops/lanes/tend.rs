//! Looking after runs of lanes: stopping one, reading its logs, finding what is left of it.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::agent::owner::Presence;
use crate::agent::worker;
use crate::context::Context;
use crate::domain::catalog::LaneName;
use crate::error::Error;
use crate::ops::{claims, survey};
use crate::store::lanes::{Lanes, Plan};
use crate::store::runs::Claim;
use crate::store::signals::{Signals, folder_of, named};

/// How long those who were asked to stop may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The process of a claim, when it is there.
pub(super) fn alive(claim: Option<&Claim>) -> Option<u32> {
    let claim = claim?;
    (claims::owner(claim).presence() == Presence::Alive).then_some(claim.pid)
}

fn no_run() -> Error {
    Error::usage("no lanes were run here", "git orch lanes run --dry-run")
}

/// The newest run with its plan.
fn newest(ctx: &Context) -> Result<(Lanes, crate::store::lanes::Current, Plan), Error> {
    let lanes = Lanes::of(&ctx.repo.own_folder());
    let current = lanes.current()?.ok_or_else(no_run)?;
    let plan = lanes.plan(&current.run)?.ok_or_else(no_run)?;
    Ok((lanes, current, plan))
}

/// Workers of a plan that are there.
fn workers(lanes: &Lanes, plan: &Plan) -> Result<Vec<(String, u32)>, Error> {
    let mut found = Vec::new();
    for lane in &plan.lanes {
        let progress = lanes.progress(&plan.run, &lane.name)?;
        if let Some(pid) = alive(progress.and_then(|one| one.claim).as_ref()) {
            found.push((lane.name.clone(), pid));
        }
    }
    Ok(found)
}

/// Asks the orchestrator of the newest run, or its workers when that is gone, to stop, and waits
/// until they have. Returns how many were asked.
pub fn stop(ctx: &Context) -> Result<usize, Error> {
    let (lanes, current, plan) = newest(ctx)?;
    let asked = match alive(current.claim.as_ref()) {
        Some(pid) => vec![pid],
        None => workers(&lanes, &plan)?.into_iter().map(|(_, pid)| pid).collect(),
    };
    for pid in &asked {
        worker::ask(*pid);
    }
    let end = Instant::now() + PATIENCE;
    loop {
        let claim = lanes.current()?.and_then(|current| current.claim);
        let left = workers(&lanes, &plan)?;
        if alive(claim.as_ref()).is_none() && left.is_empty() {
            return Ok(asked.len());
        }
        if Instant::now() > end {
            let names: Vec<&str> = left.iter().map(|(lane, _)| lane.as_str()).collect();
            return Err(Error::surroundings(
                format!("after {} s these still run: {}", PATIENCE.as_secs(), names.join(", ")),
                "git orch lanes stop",
            ));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// The logs of a lane: that of its worker, and the newest of the agent it runs.
pub fn logs(ctx: &Context, lane: &LaneName) -> Result<Vec<PathBuf>, Error> {
    let (lanes, _, plan) = newest(ctx)?;
    let mut found = vec![lanes.folder(&plan.run).join(format!("{lane}.log"))];
    let progress = lanes.progress(&plan.run, lane.as_str())?.unwrap_or_default();
    let at_work = progress.taken.iter().find(|taken| taken.end.is_none());
    if let Some(walk) = at_work.and_then(|taken| taken.walk.parse().ok()) {
        let session = survey::show(ctx, &walk).map(|whole| whole.chain.session);
        let folder = session.map(|session| PathBuf::from(session.worktree));
        if let Ok(folder) = folder.map(|folder| folder.join(crate::store::layout::LOGS)) {
            let names = std::fs::read_dir(&folder).into_iter().flatten().flatten();
            let newest = names.map(|entry| entry.path()).filter(|path| path.is_file()).max();
            found.extend(newest);
        }
    }
    found.retain(|path| path.is_file());
    Ok(found)
}

/// Something about runs of lanes that wants a look, and the command that helps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub what: String,
    /// The command.
    pub fix: String,
}

/// What is not as it should be.
pub fn doctor(ctx: &Context) -> Result<Vec<Finding>, Error> {
    let lanes = Lanes::of(&ctx.repo.own_folder());
    let Some(current) = lanes.current()? else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    let mut add = |what: String, fix: &str| found.push(Finding { what, fix: fix.to_owned() });
    let Some(plan) = lanes.plan(&current.run)? else {
        add(format!("run {} has no plan", current.run), "git orch lanes run");
        return Ok(found);
    };
    let orchestrator = alive(current.claim.as_ref());
    if !current.finished && orchestrator.is_none() {
        add(format!("run {} did not come to its end", current.run), "git orch lanes resume");
    }
    for (lane, pid) in workers(&lanes, &plan)? {
        if orchestrator.is_none() {
            let what = format!("the worker of lane {lane} (pid {pid}) has no orchestrator");
            add(what, "git orch lanes resume");
        }
    }
    if current.finished {
        for lane in &plan.lanes {
            let progress = lanes.progress(&plan.run, &lane.name)?.unwrap_or_default();
            for taken in progress.taken.iter().filter(|taken| taken.end.is_none()) {
                let what = format!("{} was begun and came to no end", taken.issue);
                add(what, &format!("git orch show {}", taken.walk));
            }
        }
    }
    if let Some(signals) = Signals::open(&ctx.repo.home().join(folder_of(&current.run)))? {
        for name in signals.names()? {
            let Some((lane, _)) = named(&name) else { continue };
            let known = plan.lanes.iter().any(|one| one.name == lane.as_str());
            let odd = signals.status(&lane).and_then(|heard| heard.said.err());
            let odd = odd.or_else(|| signals.done(&lane).and_then(|heard| heard.said.err()));
            let place = signals.path().join(&name);
            let fix = format!("ls -l {}", crate::domain::tidy::quoted(&place.to_string_lossy()));
            if !known {
                add(format!("a signal of a lane that run {} has not: {name}", current.run), &fix);
            } else if let Some(odd) = odd {
                add(format!("the signal {name} is ignored: {odd}"), &fix);
            }
        }
    }
    Ok(found)
}
