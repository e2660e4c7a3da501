//! What a run of lanes keeps below the common directory: what was planned, what happened, how far
//! each lane is, and what was given up before.
//!
//! `lanes/run.json` names the newest run; `lanes/<run>/plan.json` is written once, `events.jsonl`
//! only grows, and `<LANE>.json` belongs to the worker of that lane alone. None of it proves
//! anything about the work: that is in the state chains and in the base branch.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::atomic::Folder;
use super::error::StoreError;
use super::layout::own;
use super::runs::Claim;
use crate::domain::ids::IssueId;

/// Version of the form.
const VERSION: u32 = 1;
/// The newest run.
const RUN: &str = "run.json";
/// What was planned.
const PLAN: &str = "plan.json";
/// What happened, a line each.
const EVENTS: &str = "events.jsonl";
/// What was given up, by issue.
const GIVEN_UP: &str = "given-up.json";

/// The newest run of the repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Current {
    version: u32,
    /// Its name: when it began.
    pub run: String,
    /// Who orchestrates it, or did when it was ended.
    pub claim: Option<Claim>,
    /// Whether it came to its end.
    pub finished: bool,
}

impl Current {
    /// A run that begins.
    pub fn new(run: &str, claim: Claim) -> Self {
        Self { version: VERSION, run: run.to_owned(), claim: Some(claim), finished: false }
    }
}

/// What a run set out to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Its name.
    pub run: String,
    /// When it was planned.
    pub at: String,
    /// The page of the catalog, from the top of the work tree or absolute.
    pub page: String,
    /// Whether the catalog is tracked on the base branch.
    pub tracked: bool,
    /// Most workers at once.
    pub jobs: usize,
    /// The agent, when one was chosen for the run: a name, or the words of a command.
    pub agent: Option<PlannedAgent>,
    /// The lanes, in order.
    pub lanes: Vec<PlannedLane>,
    /// Issues that were left out, with the reason.
    pub left_out: Vec<(String, String)>,
}

/// An agent chosen for a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PlannedAgent {
    /// By name, with the script of the scripted one.
    Named(String, Option<String>),
    /// A command.
    Words(Vec<String>),
}

/// A lane of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedLane {
    /// Its name.
    pub name: String,
    /// Its issues, oldest first.
    pub issues: Vec<PlannedIssue>,
}

/// An issue of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedIssue {
    /// The issue.
    pub id: String,
    /// How hard it is, in a word.
    pub complexity: String,
    /// Why.
    pub reason: String,
    /// Digest of its file.
    pub digest: String,
    /// Issues that must be resolved first.
    pub waits_for: Vec<String>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// The lane; none for the run as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lane: Option<String>,
    /// What, in one word.
    pub kind: String,
    /// The rest in words.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub text: String,
    /// Bytes of signals that were read since the event before.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub read: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// How far a lane is, as its worker keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The process at work, or the last one.
    pub claim: Option<Claim>,
    /// Which attempt at the lane this is.
    pub attempt: u32,
    /// The issues it took on, in order.
    pub taken: Vec<Taken>,
    /// Bytes that its agents printed.
    pub printed: u64,
}

/// An issue that a lane took on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// The issue of the catalog.
    pub issue: String,
    /// The id of its walk: the same, or with a number when it was tried before.
    pub walk: String,
    /// How hard it is, in a word.
    pub complexity: String,
    /// When it was begun.
    pub started: String,
    /// When it ended.
    pub ended: Option<String>,
    /// How it ended: `landed` or `skipped`.
    pub end: Option<String>,
    /// Where the base stood after it landed, or why it was skipped.
    pub detail: String,
    /// The ref its work is kept under, when it was skipped.
    pub salvage: Option<String>,
    /// The verdict: the word, the score and each dimension in words.
    pub verdict: Option<(String, u32, Vec<String>)>,
}

/// Why an issue was given up, and what it looked like then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenUp {
    /// The run.
    pub run: String,
    /// Digest of its file, and of the agent that was to fix it.
    pub digest: String,
    /// Why.
    pub why: String,
}

/// The folder of everything about lanes.
#[derive(Clone, Debug)]
pub struct Lanes {
    own: PathBuf,
}

impl Lanes {
    /// What the repository with this folder of ours keeps.
    pub fn of(own_folder: &Path) -> Self {
        Self { own: own_folder.to_owned() }
    }

    /// The folder of a run.
    pub fn folder(&self, run: &str) -> PathBuf {
        self.own.join(own::LANES).join(run)
    }

    /// The newest run.
    pub fn current(&self) -> Result<Option<Current>, StoreError> {
        let current: Option<Current> = self.read("", RUN)?;
        Ok(current.filter(|current| current.version == VERSION))
    }

    /// Writes which run is the newest.
    pub fn set_current(&self, current: &Current) -> Result<(), StoreError> {
        self.write("", RUN, current)
    }

    /// What a run set out to do.
    pub fn plan(&self, run: &str) -> Result<Option<Plan>, StoreError> {
        self.read(run, PLAN)
    }

    /// The lane of the newest run that this is a walk of: one of its issues, or a numbered try.
    pub fn lane_of(&self, walk: &IssueId) -> Result<Option<String>, StoreError> {
        let Some(current) = self.current()? else { return Ok(None) };
        let Some(plan) = self.plan(&current.run)? else { return Ok(None) };
        let is_walk = |issue: &PlannedIssue| {
            let rest = walk.as_str().strip_prefix(issue.id.as_str());
            rest.is_some_and(|rest| {
                let number = rest.strip_prefix('-').unwrap_or(rest);
                rest.is_empty() || rest != number && number.bytes().all(|b| b.is_ascii_digit())
            })
        };
        let lane = plan.lanes.into_iter().find(|lane| lane.issues.iter().any(is_walk));
        Ok(lane.map(|lane| lane.name))
    }

    /// Writes what a run sets out to do.
    pub fn set_plan(&self, plan: &Plan) -> Result<(), StoreError> {
        self.write(&plan.run, PLAN, plan)
    }

    /// How far a lane is.
    pub fn progress(&self, run: &str, lane: &str) -> Result<Option<Progress>, StoreError> {
        self.read(run, &format!("{lane}.json"))
    }

    /// Writes how far a lane is.
    pub fn set_progress(
        &self,
        run: &str,
        lane: &str,
        progress: &Progress,
    ) -> Result<(), StoreError> {
        self.write(run, &format!("{lane}.json"), progress)
    }

    /// What was given up before, by issue.
    pub fn given_up(&self) -> Result<std::collections::BTreeMap<String, GivenUp>, StoreError> {
        Ok(self.read("", GIVEN_UP)?.unwrap_or_default())
    }

    /// Writes what was given up.
    pub fn set_given_up(
        &self,
        list: &std::collections::BTreeMap<String, GivenUp>,
    ) -> Result<(), StoreError> {
        self.write("", GIVEN_UP, list)
    }

    /// Adds to what happened.
    pub fn add_event(&self, run: &str, event: &Event) -> Result<(), StoreError> {
        let mut line = serde_json::to_vec(event).unwrap_or_default();
        line.push(b'\n');
        Folder::create(&self.own, &below(run))?.append(EVENTS, &line)
    }

    /// What happened since byte `from`, and where it ends now. A line that is there in part is left
    /// for the next time.
    pub fn events(&self, run: &str, from: u64) -> Result<(Vec<Event>, u64), StoreError> {
        use std::io::{Read, Seek, SeekFrom};
        let path = self.folder(run).join(EVENTS);
        let wrong = |e| StoreError::file(&path, e);
        let mut file = match std::fs::File::open(&path) {
            Ok(file) => file,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok((Vec::new(), 0)),
            Err(e) => return Err(wrong(e)),
        };
        let length = file.metadata().map_err(wrong)?.len();
        let from = if from > length { 0 } else { from };
        file.seek(SeekFrom::Start(from)).map_err(wrong)?;
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(wrong)?;
        let whole = text.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let lines = text[..whole].split(|&byte| byte == b'\n');
        let events = lines.filter_map(|line| serde_json::from_slice(line).ok()).collect();
        Ok((events, from + u64::try_from(whole).unwrap_or_default()))
    }

    fn read<T: DeserializeOwned>(&self, run: &str, name: &str) -> Result<Option<T>, StoreError> {
        let Some(folder) = Folder::open(&self.own, &below(run))? else { return Ok(None) };
        let Some(bytes) = folder.read(name)? else { return Ok(None) };
        serde_json::from_slice(&bytes).map(Some).map_err(|e| StoreError::Damaged {
            name: folder.path().join(name).display().to_string(),
            reason: e.to_string(),
        })
    }

    fn write<T: Serialize>(&self, run: &str, name: &str, value: &T) -> Result<(), StoreError> {
        let folder = Folder::create(&self.own, &below(run))?;
        let text = serde_json::to_string_pretty(value).unwrap_or_default() + "\n";
        folder.write(name, text.as_bytes()).map(drop)
    }
}

fn below(run: &str) -> String {
    if run.is_empty() { own::LANES.to_owned() } else { format!("{}/{run}", own::LANES) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_from_where_one_was() {
        let top = tempfile::tempdir().unwrap();
        let lanes = Lanes::of(top.path());
        let event = |kind: &str| Event {
            at: 1,
            lane: Some("E".into()),
            kind: kind.to_owned(),
            text: String::new(),
            read: 0,
        };
        assert_eq!(lanes.events("r", 0).unwrap(), (Vec::new(), 0));
        lanes.add_event("r", &event("one")).unwrap();
        let (first, cursor) = lanes.events("r", 0).unwrap();
        assert_eq!(first, [event("one")]);
        lanes.add_event("r", &event("two")).unwrap();
        let folder = Folder::open(top.path(), "lanes/r").unwrap().unwrap();
        folder.append(EVENTS, b"{\"at\":1,\"ki").unwrap();
        let (second, end) = lanes.events("r", cursor).unwrap();
        assert_eq!(second, [event("two")]);
        assert_eq!(lanes.events("r", end).unwrap().0, []);
        assert_eq!(lanes.events("r", 1 << 40).unwrap().0.len(), 2, "of another run: all of it");
    }
}
