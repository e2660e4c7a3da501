//! A lane as the orchestrator sees it: waiting for its turn, at work, or through.

use std::path::Path;
use std::sync::mpsc::Sender;
use std::time::Instant;

use super::waiting::Happened;
use crate::agent::worker::{self, Job};
use crate::context::Context;
use crate::domain::catalog::LaneName;
use crate::domain::signal::Status;
use crate::error::Error;
use crate::git::exec::local_variables;
use crate::store::StoreError;
use crate::store::lanes::{PlannedLane, Progress};
use crate::store::runs::Claim;

/// Where a lane stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stand {
    /// It waits for its turn.
    Queued,
    /// Its worker is there.
    Working,
    /// It waits for issues of other lanes.
    Waiting(String),
    /// It is through.
    Through,
    /// It was given up.
    GivenUp(String),
}

/// A lane of the run.
#[derive(Debug)]
pub(super) struct Seat {
    /// Its name.
    pub lane: LaneName,
    /// Its issues.
    pub planned: PlannedLane,
    /// Where it stands.
    pub stand: Stand,
    /// The process at work.
    pub pid: u32,
    /// The claim of a worker that we did not start.
    pub adopted: Option<Claim>,
    /// How often a worker of it died.
    pub deaths: u32,
    /// When something was last heard of it.
    pub heard: Instant,
    /// Whether its silence was reported.
    pub silent: bool,
    /// What it said last.
    pub status: Option<Status>,
    /// Issues that landed and that were given up.
    pub counts: (usize, usize),
    /// The issues that landed.
    pub landed: Vec<String>,
}

impl Seat {
    pub fn new(lane: LaneName, planned: PlannedLane) -> Self {
        Self {
            lane,
            planned,
            stand: Stand::Queued,
            pid: 0,
            adopted: None,
            deaths: 0,
            heard: Instant::now(),
            silent: false,
            status: None,
            counts: (0, 0),
            landed: Vec::new(),
        }
    }

    /// Takes over how far its worker says it is.
    pub fn count(&mut self, progress: &Progress) {
        let ended = |word: &str| {
            progress.taken.iter().filter(|taken| taken.end.as_deref() == Some(word)).count()
        };
        self.counts = (ended("landed"), ended("skipped"));
        let landed = progress.taken.iter().filter(|taken| taken.end.as_deref() == Some("landed"));
        self.landed = landed.map(|taken| taken.issue.clone()).collect();
    }

    /// Whether every planned issue came to an end.
    pub fn is_whole(&self) -> bool {
        self.counts.0 + self.counts.1 >= self.planned.issues.len()
    }
}

/// Starts the worker of a lane.
pub(super) fn start(
    ctx: &Context,
    run: &str,
    lane: &LaneName,
    (signals, folder): (&Path, &Path),
    tell: &Sender<Happened>,
) -> Result<u32, Error> {
    let program = ctx.around.program.clone().ok_or_else(|| {
        Error::surroundings("the system does not say where git-orch is", "git orch --version")
    })?;
    let log = folder.join(format!("{lane}.log"));
    let file = crate::store::atomic::Folder::create(folder, "")
        .and_then(|folder| folder.append_file(&format!("{lane}.log")))?;
    let args = ["lanes", "work", lane.as_str(), "--run", run].map(std::ffi::OsString::from);
    let with = [
        ("ORCH_RUN", run.into()),
        ("ORCH_LANE", lane.as_str().into()),
        ("ORCH_SIGNALS", signals.as_os_str().to_owned()),
        ("GIT_TERMINAL_PROMPT", "0".into()),
    ];
    let job = Job {
        program: &program,
        args: &args,
        folder: ctx.repo.home(),
        without: local_variables(),
        with: &with,
        log: file,
    };
    let (tell, name) = (tell.clone(), lane.clone());
    let ended = move |code| {
        // Nobody listens any more when the run has ended.
        let _ = tell.send(Happened::Exited(name, code));
    };
    Ok(worker::start(job, ended).map_err(|e| StoreError::file(&log, e))?)
}
