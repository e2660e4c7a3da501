//! How the runs of an issue's agents stand: who runs them, what they cost so far, and why they were
//! parked.
//!
//! One file an issue below the common directory, and no part of the issue's record: it speaks of
//! processes of this machine, of attempts and of waits, which prove nothing about the work and are
//! nobody else's business. Losing it loses counts. The record is what the next run goes on from.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::atomic::Folder;
use super::error::StoreError;
use super::layout::own;
use crate::domain::ids::IssueId;

/// Version of the form.
const VERSION: u32 = 1;

/// How many runs are remembered one by one.
const REMEMBERED: usize = 20;

/// How the runs of an issue stand.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Runs {
    version: u32,
    /// Names the walk of the issue; what speaks of another one does not count.
    pub session: String,
    /// Who runs agents now, or did when it was ended.
    pub claim: Option<Claim>,
    /// How often the claim was made; a runner that finds another number has lost it.
    pub generation: u64,
    /// What was spent since a person last let it run.
    pub spent: Spent,
    /// The phase that `failures` were counted in.
    pub phase: String,
    /// Runs in a row that brought the issue no further.
    pub failures: u32,
    /// When the next run may begin, in milliseconds since 1970.
    pub not_before: Option<i64>,
    /// Why a person has to look.
    pub parked: Option<Parked>,
    /// The newest runs, oldest first.
    pub runs: Vec<Run>,
    /// Bytes that all of them printed.
    #[serde(default)]
    pub printed: u64,
}

/// A process that runs agents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Name of its machine.
    pub host: String,
    /// Which boot of that.
    pub boot: String,
    /// Its number.
    pub pid: u32,
    /// When it started, as the system counts.
    pub started: String,
    /// When it made the claim.
    pub at: String,
}

/// What was spent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    /// Runs of agents.
    pub runs: u32,
    /// Milliseconds that they worked.
    pub millis: u64,
    /// Turns that they reported.
    pub turns: u64,
}

/// That a person has to look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parked {
    /// Since when.
    pub at: String,
    /// Stable word for programs.
    pub code: String,
    /// Why.
    pub why: String,
    /// The command that goes on.
    pub fix: String,
}

/// One run of an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Number within the issue, from 1.
    pub number: u32,
    /// The role.
    pub role: String,
    /// The task it was given, when there was one.
    pub task: Option<u32>,
    /// Which attempt it was, from 1.
    pub attempt: u32,
    /// When it began.
    pub started: String,
    /// What it came to; nothing while it runs, or when we were killed.
    pub ended: Option<String>,
    /// Its log, below the worktree.
    pub log: String,
}

impl Runs {
    /// Nothing yet, for this walk of an issue.
    pub fn new(session: &str) -> Self {
        Self { version: VERSION, session: session.to_owned(), ..Self::default() }
    }

    /// Whether they are of this walk of the issue.
    pub fn session_is(&self, session: &str) -> bool {
        self.session == session
    }

    /// The number for the next run.
    pub fn next_number(&self) -> u32 {
        self.runs.last().map_or(0, |run| run.number) + 1
    }

    /// Adds a run, and forgets the oldest beyond those that are remembered.
    pub fn push(&mut self, run: Run) {
        self.runs.push(run);
        let surplus = self.runs.len().saturating_sub(REMEMBERED);
        self.runs.drain(..surplus);
    }
}

fn file_name(id: &IssueId) -> String {
    format!("{id}.json")
}

fn script_name(id: &IssueId) -> String {
    format!("{id}.script.toml")
}

/// How the runs of an issue stand; `None` when there were none, or when the file cannot be read.
pub fn read(own_folder: &Path, id: &IssueId) -> Result<Option<Runs>, StoreError> {
    let Some(folder) = Folder::open(own_folder, own::RUNS)? else { return Ok(None) };
    let Some(bytes) = folder.read(&file_name(id))? else { return Ok(None) };
    let runs: Option<Runs> = serde_json::from_slice(&bytes).ok();
    Ok(runs.filter(|runs| runs.version == VERSION))
}

/// Writes how they stand, durably.
pub fn write(own_folder: &Path, id: &IssueId, runs: &Runs) -> Result<(), StoreError> {
    let folder = Folder::create(own_folder, own::RUNS)?;
    let text = serde_json::to_string_pretty(runs).unwrap_or_default() + "\n";
    folder.write(&file_name(id), text.as_bytes()).map(drop)
}

/// Keeps the script that an issue's agent follows, and returns where.
pub fn keep_script(own_folder: &Path, id: &IssueId, text: &str) -> Result<PathBuf, StoreError> {
    let folder = Folder::create(own_folder, own::RUNS)?;
    let name = script_name(id);
    folder.write(&name, text.as_bytes())?;
    Ok(folder.path().join(name))
}

/// Forgets the runs of an issue that is finished.
pub fn forget(own_folder: &Path, id: &IssueId) -> Result<(), StoreError> {
    let Some(folder) = Folder::open(own_folder, own::RUNS)? else { return Ok(()) };
    folder.remove(&script_name(id))?;
    folder.remove(&file_name(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_and_damage_counts_as_nothing() {
        let top = tempfile::tempdir().unwrap();
        let id: IssueId = "81".parse().unwrap();
        assert_eq!(read(top.path(), &id).unwrap(), None);
        let mut runs = Runs::new("s");
        for number in 1..=25 {
            assert_eq!(runs.next_number(), number);
            let role = "implement".to_owned();
            let (started, log) = (String::new(), String::new());
            runs.push(Run { number, role, task: None, attempt: 1, started, ended: None, log });
        }
        assert_eq!((runs.runs.len(), runs.runs[0].number), (REMEMBERED, 6));
        write(top.path(), &id, &runs).unwrap();
        assert_eq!(read(top.path(), &id).unwrap(), Some(runs));
        Folder::create(top.path(), own::RUNS)
            .unwrap()
            .write("81.json", b"{\"version\":1,")
            .unwrap();
        assert_eq!(read(top.path(), &id).unwrap(), None);
        forget(top.path(), &id).unwrap();
        forget(top.path(), &id).unwrap();
    }
}
