//! `<check>`: one run of one check, and how it ended.

use serde::{Deserialize, Serialize};

use super::super::error::ReadError;
use super::super::grammar::{Content, Element, maybe, one, text};
use super::super::unique::unique;
use super::super::value::{Plain, words};
use crate::domain::evidence::{Evidence, Outcome, Subject};
use crate::domain::ids::{CommitId, Digest, TreeId};
use crate::domain::time::Moment;

/// `<check>`.
pub(super) const CHECK: Element = Element {
    name: "check",
    required: &["number", "commit", "tree", "started", "millis", "outcome", "output"],
    optional: &["criterion", "task", "exit", "limit", "tests"],
    content: Content::Elements(&[
        maybe(text("validator")),
        one(text("command")),
        maybe(text("reason")),
        maybe(text("confirmed")),
    ]),
};

/// The evidence, oldest first.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EvidenceList {
    #[serde(default)]
    check: Vec<CheckShape>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckShape {
    #[serde(rename = "@number")]
    number: Plain<u32>,
    #[serde(rename = "@criterion", default, skip_serializing_if = "Option::is_none")]
    criterion: Option<Plain<u32>>,
    #[serde(rename = "@task", default, skip_serializing_if = "Option::is_none")]
    task: Option<Plain<u32>>,
    #[serde(rename = "@commit")]
    commit: Plain<CommitId>,
    #[serde(rename = "@tree")]
    tree: Plain<TreeId>,
    #[serde(rename = "@started")]
    started: Plain<Moment>,
    #[serde(rename = "@millis")]
    millis: Plain<u64>,
    #[serde(rename = "@outcome")]
    outcome: Plain<OutcomeWord>,
    #[serde(rename = "@exit", default, skip_serializing_if = "Option::is_none")]
    exit: Option<Plain<i32>>,
    #[serde(rename = "@limit", default, skip_serializing_if = "Option::is_none")]
    limit: Option<Plain<u64>>,
    #[serde(rename = "@tests", default, skip_serializing_if = "Option::is_none")]
    tests: Option<Plain<u64>>,
    #[serde(rename = "@output")]
    output: Plain<Digest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    validator: Option<String>,
    command: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    confirmed: Option<String>,
}

words! {
    /// How a check ended.
    enum OutcomeWord {
        Green = "green",
        Exit = "exit",
        TimedOut = "timed-out",
        NoTests = "no-tests",
        NotStarted = "not-started",
    }
}

impl From<&[Evidence]> for EvidenceList {
    fn from(evidence: &[Evidence]) -> Self {
        Self { check: evidence.iter().map(CheckShape::from).collect() }
    }
}

impl From<&Evidence> for CheckShape {
    fn from(evidence: &Evidence) -> Self {
        let (criterion, task, validator) = match &evidence.subject {
            Subject::Criterion(number) => (Some(*number), None, None),
            Subject::Task(number) => (None, Some(*number), None),
            Subject::Validator(name) => (None, None, Some(name.clone())),
        };
        let (outcome, exit, limit, reason) = match &evidence.outcome {
            Outcome::Green => (OutcomeWord::Green, None, None, None),
            Outcome::Exit(code) => (OutcomeWord::Exit, Some(*code), None, None),
            Outcome::TimedOut(limit) => (OutcomeWord::TimedOut, None, Some(*limit), None),
            Outcome::NoTests => (OutcomeWord::NoTests, None, None, None),
            Outcome::NotStarted(reason) => {
                (OutcomeWord::NotStarted, None, None, Some(reason.clone()))
            }
        };
        Self {
            number: Plain(evidence.number),
            criterion: criterion.map(Plain),
            task: task.map(Plain),
            commit: Plain(evidence.commit.clone()),
            tree: Plain(evidence.tree.clone()),
            started: Plain(evidence.started),
            millis: Plain(evidence.millis),
            outcome: Plain(outcome),
            exit: exit.map(Plain),
            limit: limit.map(Plain),
            tests: evidence.tests.map(Plain),
            output: Plain(evidence.output.clone()),
            validator,
            command: evidence.command.clone(),
            reason,
            confirmed: evidence.confirmed.clone(),
        }
    }
}

impl TryFrom<EvidenceList> for Vec<Evidence> {
    type Error = ReadError;

    fn try_from(list: EvidenceList) -> Result<Self, ReadError> {
        unique("check", list.check.iter().map(|check| check.number.0))?;
        list.check.into_iter().map(Evidence::try_from).collect()
    }
}

impl TryFrom<CheckShape> for Evidence {
    type Error = ReadError;

    fn try_from(shape: CheckShape) -> Result<Self, ReadError> {
        let wrong = |reason: &str| ReadError::Contradiction {
            place: format!("check {}", shape.number.0),
            reason: reason.to_owned(),
        };
        let subject = match (&shape.criterion, &shape.task, shape.validator) {
            (Some(number), None, None) => Subject::Criterion(number.0),
            (None, Some(number), None) => Subject::Task(number.0),
            (None, None, Some(name)) => Subject::Validator(name),
            _ => return Err(wrong("it is of one criterion, one task or one validator")),
        };
        let outcome = match (shape.outcome.0, shape.exit, shape.limit, shape.reason) {
            (OutcomeWord::Green, None, None, None) => Outcome::Green,
            (OutcomeWord::Exit, Some(code), None, None) => Outcome::Exit(code.0),
            (OutcomeWord::TimedOut, None, Some(limit), None) => Outcome::TimedOut(limit.0),
            (OutcomeWord::NoTests, None, None, None) => Outcome::NoTests,
            (OutcomeWord::NotStarted, None, None, Some(reason)) => Outcome::NotStarted(reason),
            _ => {
                return Err(wrong(
                    "exit goes with the outcome exit, limit with timed-out, a reason with not-started",
                ));
            }
        };
        Ok(Self {
            number: shape.number.0,
            subject,
            command: shape.command,
            commit: shape.commit.0,
            tree: shape.tree.0,
            started: shape.started.0,
            millis: shape.millis.0,
            outcome,
            tests: shape.tests.map(|tests| tests.0),
            output: shape.output.0,
            confirmed: shape.confirmed,
        })
    }
}
