//! The specification of an issue: what `spec.md` says, and what keeps it from being final.
//!
//! The file is Markdown that people write. Three headings count: `Goal`, `Acceptance criteria`
//! and `Open questions`; whatever else stands there is kept and ignored.

pub mod parse;

use super::ids::{Digest, IssueId};
use super::refusal::Unmet;
use super::time::Moment;

/// What a `spec.md` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spec {
    /// The text under `## Goal`.
    pub goal: String,
    /// The acceptance criteria, numbered from 1 in their order.
    pub criteria: Vec<Criterion>,
    /// The open questions.
    pub questions: Vec<Question>,
}

/// One thing that must be true when the issue is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Criterion {
    /// Number, from 1.
    pub number: u32,
    /// What must be true, one line.
    pub text: String,
    /// How that is shown.
    pub check: Check,
}

/// How a criterion is shown to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// By a command that git-orch runs.
    Command(String),
    /// By a person who looks.
    Manual,
    /// Nothing is said: the specification is not final.
    Missing,
}

/// Something that was not clear when the specification was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The question, one line.
    pub text: String,
    /// Whether work must not begin without an answer.
    pub must: bool,
    /// What came of it.
    pub answer: Option<Answer>,
}

/// What came of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Somebody answered.
    Answered(String),
    /// Nobody did; this was assumed, with the reason.
    Assumed(String),
}

/// Something about a `spec.md` that keeps it from being final.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Line in the file, from 1; 0 when it is about something that is not there.
    pub line: usize,
    /// What is wrong.
    pub what: String,
    /// What to write instead.
    pub write: String,
}

/// A specification that was made final, as the record keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrozenSpec {
    /// Digest of the file's bytes.
    pub digest: Digest,
    /// When it was frozen.
    pub at: Moment,
    /// What it says.
    pub spec: Spec,
}

/// The problem as a condition that is not met.
pub fn unmet(id: &IssueId, problem: &Problem) -> Unmet {
    let place = if problem.line == 0 { String::new() } else { format!(" line {}", problem.line) };
    Unmet::new(
        "spec-problem",
        format!(".context/spec.md{place}: {}", problem.what),
        format!("git orch spec edit {id}   # write {}", problem.write),
    )
}
