//! What the orchestrator waits for: a signal, the end of a worker, the slow look at everything.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use crate::agent::watch::{self, Watch};
use crate::domain::catalog::LaneName;
use crate::error::Error;
use crate::store::signals::{Kind, Signals, named};

/// How often we look whether we are to stop, and whether workers that we did not start are there.
const TICK: Duration = Duration::from_millis(200);
/// How often everything is looked at, for events that were lost.
const LOOK: Duration = Duration::from_secs(2);

/// Something that happened.
#[derive(Debug)]
pub(super) enum Happened {
    /// A file of this name changed, or nobody knows which.
    File(Option<String>),
    /// The worker of a lane ended with this code.
    Exited(LaneName, i32),
    /// Nothing, for a while.
    Tick,
}

/// Waits for what happens.
#[derive(Debug)]
pub(super) struct Ear {
    /// For those who tell.
    pub tell: Sender<Happened>,
    heard: Receiver<Happened>,
    marks: BTreeMap<String, (i64, i64, u64)>,
    looked: Instant,
    _watch: Option<Watch>,
}

impl Ear {
    /// Begins to listen; what the system cannot watch is told by the slow look alone, and said.
    pub fn open(signals: &Signals) -> (Self, Option<String>) {
        let (tell, heard) = channel();
        let sender = tell.clone();
        let changed = move |name: Option<String>| {
            // Nobody listens any more when the run has ended.
            let _ = sender.send(Happened::File(name));
        };
        let (watch, trouble) = match watch::folder(&signals.path(), changed) {
            Ok(watch) => (Some(watch), None),
            Err(trouble) => (None, Some(trouble)),
        };
        let (marks, looked) = (BTreeMap::new(), Instant::now());
        (Self { tell, heard, marks, looked, _watch: watch }, trouble)
    }

    /// The next thing that happens.
    pub fn next(&mut self) -> Happened {
        if self.looked.elapsed() >= LOOK {
            self.looked = Instant::now();
            return Happened::File(None);
        }
        match self.heard.recv_timeout(TICK) {
            Ok(happened) => happened,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Happened::Tick,
        }
    }

    /// The signals that changed since they were last looked at: of one name, or all.
    pub fn changed(
        &mut self,
        signals: &Signals,
        name: Option<String>,
    ) -> Result<Vec<(LaneName, Kind)>, Error> {
        let names = match name {
            Some(name) => vec![name],
            None => signals.names()?,
        };
        let mut changed = Vec::new();
        for name in names {
            let Some((lane, kind)) = named(&name) else { continue };
            let mark = signals.mark(&name);
            let before = match mark {
                Some(mark) => self.marks.insert(name, mark),
                None => self.marks.remove(&name),
            };
            if mark.is_some() && before != mark {
                changed.push((lane, kind));
            }
        }
        Ok(changed)
    }
}
