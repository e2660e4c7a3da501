//! What every undoing needs: its choices and its report.

use serde::{Deserialize, Serialize};

use crate::domain::ids::IssueId;
use crate::domain::session::Session;
use crate::store::intent::{Kind, operation};

pub(super) fn kind(id: &IssueId) -> Kind<'_> {
    Kind::of_issue(operation::UNDOING, id)
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The issue.
    pub issue: String,
    /// What was undone, by its subject.
    pub undone: String,
    /// The phase the issue is in now; `None` when it is gone.
    pub phase: Option<&'static str>,
    /// What was brought back besides the record, or taken away.
    pub besides: Vec<String>,
}

impl Report {
    pub(super) fn of(id: &IssueId, undone: String, session: Option<&Session>) -> Self {
        let phase = session.map(|session| session.phase.name());
        Self { issue: id.to_string(), undone, phase, besides: Vec::new() }
    }
}

/// The choices of an undoing, made once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Intent {
    /// When, in seconds since 1970.
    pub at: i64,
    /// The newest state before.
    pub before: String,
    /// What is undone, by its subject.
    pub undone: String,
}

/// `old` as a state that follows `now`: what was observed since stays, and so does the place.
pub(super) fn restored(now: &Session, old: Session) -> Session {
    Session {
        evidence: now.evidence.clone(),
        births: now.births.clone(),
        worktree: now.worktree.clone(),
        ..old
    }
}
