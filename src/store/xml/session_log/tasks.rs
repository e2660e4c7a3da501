//! `<task>`: a step of the work and where it stands.

use serde::{Deserialize, Serialize};

use super::super::error::ReadError;
use super::super::grammar::{Content, Element, maybe, one, text};
use super::super::unique::unique;
use super::super::value::{Plain, words};
use crate::domain::ids::CommitId;
use crate::domain::task::{Task, TaskState};
use crate::domain::time::Moment;

/// `<task>`.
pub(super) const TASK: Element = Element {
    name: "task",
    required: &["number", "status", "reopened"],
    optional: &["at", "tip"],
    content: Content::Elements(&[one(text("text")), maybe(text("verify")), maybe(text("reason"))]),
};

/// The tasks, in their order.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TaskList {
    #[serde(default)]
    task: Vec<TaskShape>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TaskShape {
    #[serde(rename = "@number")]
    number: Plain<u32>,
    #[serde(rename = "@status")]
    status: Plain<Status>,
    #[serde(rename = "@at", default, skip_serializing_if = "Option::is_none")]
    at: Option<Plain<Moment>>,
    #[serde(rename = "@tip", default, skip_serializing_if = "Option::is_none")]
    tip: Option<Plain<CommitId>>,
    #[serde(rename = "@reopened")]
    reopened: Plain<u32>,
    text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    verify: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

words! {
    /// Where a task stands.
    enum Status { Open = "open", Done = "done", Dropped = "dropped" }
}

impl From<&[Task]> for TaskList {
    fn from(tasks: &[Task]) -> Self {
        Self { task: tasks.iter().map(TaskShape::from).collect() }
    }
}

impl From<&Task> for TaskShape {
    fn from(task: &Task) -> Self {
        let (status, at, tip, reason) = match &task.state {
            TaskState::Open => (Status::Open, None, None, None),
            TaskState::Done { at, tip } => (Status::Done, Some(*at), Some(tip.clone()), None),
            TaskState::Dropped { at, reason } => {
                (Status::Dropped, Some(*at), None, Some(reason.clone()))
            }
        };
        Self {
            number: Plain(task.number),
            status: Plain(status),
            at: at.map(Plain),
            tip: tip.map(Plain),
            reopened: Plain(task.reopened),
            text: task.text.clone(),
            verify: task.verify.clone(),
            reason,
        }
    }
}

impl TryFrom<TaskList> for Vec<Task> {
    type Error = ReadError;

    fn try_from(list: TaskList) -> Result<Self, ReadError> {
        unique("task", list.task.iter().map(|task| task.number.0))?;
        list.task.into_iter().map(Task::try_from).collect()
    }
}

impl TryFrom<TaskShape> for Task {
    type Error = ReadError;

    fn try_from(shape: TaskShape) -> Result<Self, ReadError> {
        let state = match (shape.status.0, shape.at, shape.tip, shape.reason) {
            (Status::Open, None, None, None) => TaskState::Open,
            (Status::Done, Some(at), Some(tip), None) => TaskState::Done { at: at.0, tip: tip.0 },
            (Status::Dropped, Some(at), None, Some(reason)) => {
                TaskState::Dropped { at: at.0, reason }
            }
            (status, ..) => {
                let reason = match status {
                    Status::Open => "an open task has no time, tip or reason",
                    Status::Done => "a done task has a time and a tip, and no reason",
                    Status::Dropped => "a dropped task has a time and a reason, and no tip",
                };
                let place = format!("task {}", shape.number.0);
                return Err(ReadError::Contradiction { place, reason: reason.to_owned() });
            }
        };
        Ok(Self {
            number: shape.number.0,
            text: shape.text,
            verify: shape.verify,
            state,
            reopened: shape.reopened.0,
        })
    }
}
