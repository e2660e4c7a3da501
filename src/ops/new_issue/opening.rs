//! What an opening decided, kept until it is carried out, and what came of it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::domain::ids::IssueId;
use crate::store::intent::{Kind, operation};

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The issue.
    pub issue: String,
    /// Its worktree.
    pub worktree: PathBuf,
    /// Its branch.
    pub branch: String,
    /// What was done: `present`, `created`, `restored` or `adopted`.
    pub done: &'static str,
}

/// The intent that opening `id` leaves.
pub fn kind(id: &IssueId) -> Kind<'_> {
    Kind::of_issue(operation::OPENING, id)
}

/// Every choice of an opening, made once; it outlives a crash, so that the next run goes on with
/// the same choices.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Intent {
    /// The issue.
    pub id: String,
    /// Name of the session.
    pub session: String,
    /// One line.
    pub title: String,
    /// What the issue is about, for the specification.
    pub body: String,
    /// Where it came from.
    pub source: Option<String>,
    /// The branch it lands on.
    pub base: String,
    /// The commit where its branch leaves the base.
    pub fork: String,
    /// The commit its branch begins at.
    pub start: String,
    /// Its branch.
    pub branch: String,
    /// Its worktree.
    pub worktree: String,
    /// When, in seconds since 1970.
    pub at: i64,
    /// A whole specification to begin with.
    pub spec: Option<String>,
    /// The worktree stands already and only the record is missing.
    pub adopt_worktree: bool,
    /// Files are being put into the worktree by us; until they all are, it holds no work.
    pub filling: bool,
    /// What will have been done: `created`, `restored` or `adopted`.
    pub done: String,
}
