//! `session-log.xml`: the record of one issue.
//!
//! [`write()`] gives the one canonical form of a session, [`read`] takes it back. A document whose
//! parts contradict each other is refused: two entries of one number, steps that do not lead to
//! the recorded phase, markers that say something else than the record.

mod evidence;
mod moves;
mod phases;
mod spec;
mod tasks;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::births::{BIRTH, BirthList};
use super::document::Document;
use super::error::ReadError;
use super::grammar::{Content, Element, each, group, maybe, one, text};
use super::learnings::{LEARNING, LearningList};
use super::value::Plain;
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::names::BranchName;
use crate::domain::phase::Phase;
use crate::domain::session::Session;
use crate::domain::time::Moment;
use evidence::{CHECK, EvidenceList};
use moves::{END, EndShape, MOVE, MoveList, SEAL, SealShape};
use phases::{PHASE, PhaseList};
use spec::{SPEC, SpecShape};
use tasks::{TASK, TaskList};

/// The newest version of the format.
pub const VERSION: u32 = 1;

/// The elements of the document.
pub(super) static ROOT: Element = Element {
    name: "session-log",
    required: &["version", "issue", "session", "phase", "created"],
    optional: &[],
    content: Content::Elements(&[
        one(text("title")),
        maybe(text("source")),
        one(text("branch")),
        one(text("base")),
        one(text("fork")),
        one(text("worktree")),
        one(group("phases", &[each(PHASE)])),
        maybe(END),
        maybe(SPEC),
        one(group("tasks", &[each(TASK)])),
        one(group("evidence", &[each(CHECK)])),
        one(group("learnings", &[each(LEARNING)])),
        maybe(text("none-learned")),
        maybe(SEAL),
        one(group("births", &[each(BIRTH)])),
        one(group("moves", &[each(MOVE)])),
    ]),
};

static DOCUMENT: Document = Document { root: &ROOT, version: VERSION };

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SessionShape {
    #[serde(rename = "@version")]
    version: Plain<u32>,
    #[serde(rename = "@issue")]
    issue: Plain<IssueId>,
    #[serde(rename = "@session")]
    session: String,
    #[serde(rename = "@phase")]
    phase: Plain<Phase>,
    #[serde(rename = "@created")]
    created: Plain<Moment>,
    title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    branch: Plain<BranchName>,
    base: String,
    fork: Plain<CommitId>,
    worktree: String,
    phases: PhaseList,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end: Option<EndShape>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    spec: Option<SpecShape>,
    tasks: TaskList,
    evidence: EvidenceList,
    learnings: LearningList,
    #[serde(rename = "none-learned", default, skip_serializing_if = "Option::is_none")]
    none_learned: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seal: Option<SealShape>,
    births: BirthList,
    moves: MoveList,
}

/// The document of `session`, in canonical form. Characters that a document may not hold are
/// replaced by U+FFFD; everything else comes back from [`read`] as it was.
pub fn write(session: &Session) -> String {
    DOCUMENT.render(&SessionShape {
        version: Plain(VERSION),
        issue: Plain(session.issue.clone()),
        session: session.id.clone(),
        phase: Plain(session.phase),
        created: Plain(session.created),
        title: session.title.clone(),
        source: session.source.clone(),
        branch: Plain(session.branch.clone()),
        base: session.base.clone(),
        fork: Plain(session.fork.clone()),
        worktree: session.worktree.clone(),
        phases: session.into(),
        end: session.end.as_ref().map(EndShape::from),
        spec: session.spec.as_ref().map(SpecShape::from),
        tasks: session.tasks.as_slice().into(),
        evidence: session.evidence.as_slice().into(),
        learnings: session.learnings.as_slice().into(),
        none_learned: session.none_learned.clone(),
        seal: session.seal.as_ref().map(SealShape::from),
        births: session.births.as_slice().into(),
        moves: session.moves.as_slice().into(),
    })
}

/// The session that `bytes` hold.
pub fn read(bytes: &[u8]) -> Result<Session, ReadError> {
    let shape: SessionShape = DOCUMENT.parse(bytes)?;
    let session = Session {
        issue: shape.issue.0,
        id: shape.session,
        title: shape.title,
        source: shape.source,
        created: shape.created.0,
        branch: shape.branch.0,
        base: shape.base,
        fork: shape.fork.0,
        worktree: shape.worktree,
        phase: shape.phase.0,
        end: shape.end.map(TryInto::try_into).transpose()?,
        spec: shape.spec.map(TryInto::try_into).transpose()?,
        tasks: shape.tasks.try_into()?,
        evidence: shape.evidence.try_into()?,
        learnings: shape.learnings.try_into()?,
        none_learned: shape.none_learned,
        seal: shape.seal.map(Into::into),
        births: shape.births.try_into()?,
        moves: shape.moves.into(),
    };
    moves::check_replay(&session)?;
    shape.phases.check(&session)?;
    Ok(session)
}
