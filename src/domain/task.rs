//! The steps of an issue, ticked one by one.

use super::ids::CommitId;
use super::time::Moment;

/// One step of the work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Number within the issue, from 1, never reused.
    pub number: u32,
    /// What is to be done, one line.
    pub text: String,
    /// The command that shows it is done; run when the task is ticked.
    pub verify: Option<String>,
    /// Where it stands.
    pub state: TaskState,
    /// How often it was taken up again after being done.
    pub reopened: u32,
}

/// Where a task stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskState {
    /// To be done.
    Open,
    /// Done, and its command was green where it has one.
    Done {
        /// When.
        at: Moment,
        /// The branch tip at that moment.
        tip: CommitId,
    },
    /// Not to be done after all.
    Dropped {
        /// When.
        at: Moment,
        /// Why, one line.
        reason: String,
    },
}

impl Task {
    /// A new open task.
    pub fn new(number: u32, text: String, verify: Option<String>) -> Self {
        Self { number, text, verify, state: TaskState::Open, reopened: 0 }
    }

    /// Whether work on it remains.
    pub fn is_open(&self) -> bool {
        self.state == TaskState::Open
    }
}
