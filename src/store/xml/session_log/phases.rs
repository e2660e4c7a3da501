//! `<phase>`: the markers that tell people where an issue stands.
//!
//! They are derived from the rest of the record, never entered. Writing computes them; reading
//! computes them again and refuses a document whose markers say something else, so that what a
//! person sees is what git-orch acts on.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::super::error::ReadError;
use super::super::grammar::{Content, Element, maybe, text};
use super::super::value::{Plain, Value, words};
use crate::domain::phase::Phase;
use crate::domain::session::{End, Ending, Move, Session};
use crate::domain::time::Moment;

/// `<phase>`; only that of COMPACT holds the two elements.
pub(super) const PHASE: Element = Element {
    name: "phase",
    required: &["name", "status"],
    optional: &["timestamp"],
    content: Content::Elements(&[
        maybe(text("patterns-extracted")),
        maybe(text("session-archived")),
    ]),
};

/// The five markers.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PhaseList {
    #[serde(default)]
    phase: Vec<PhaseShape>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PhaseShape {
    #[serde(rename = "@name")]
    name: Plain<Phase>,
    #[serde(rename = "@status")]
    status: Plain<Status>,
    #[serde(rename = "@timestamp", default, skip_serializing_if = "Option::is_none")]
    timestamp: Option<Plain<Moment>>,
    #[serde(rename = "patterns-extracted", default, skip_serializing_if = "Option::is_none")]
    patterns: Option<Plain<u64>>,
    #[serde(rename = "session-archived", default, skip_serializing_if = "Option::is_none")]
    archived: Option<Plain<bool>>,
}

words! {
    /// Where a phase stands.
    enum Status { Pending = "pending", Active = "active", Complete = "complete" }
}

impl From<&Session> for PhaseList {
    fn from(session: &Session) -> Self {
        Self { phase: Phase::ALL.iter().map(|&phase| marker(session, phase)).collect() }
    }
}

fn marker(session: &Session, phase: Phase) -> PhaseShape {
    let (status, timestamp) = match phase.cmp(&session.phase) {
        Ordering::Less => {
            // The newest step out of it: a phase that was repeated was completed again.
            let out = |step: &&Move| step.from == phase && step.to > phase;
            (Status::Complete, session.moves.iter().rev().find(out).map(|step| step.at))
        }
        Ordering::Greater => (Status::Pending, None),
        Ordering::Equal => match &session.end {
            None => (Status::Active, None),
            Some(End { how: Ending::Landed { .. }, at }) if phase == Phase::Complete => {
                (Status::Complete, Some(*at))
            }
            // It ended before this phase was complete, and nobody works in it any more.
            Some(_) => (Status::Pending, None),
        },
    };
    let compact = phase == Phase::Compact;
    PhaseShape {
        name: Plain(phase),
        status: Plain(status),
        timestamp: timestamp.map(Plain),
        patterns: compact.then_some(Plain(session.learnings.len() as u64)),
        archived: compact.then_some(Plain(session.end.is_some())),
    }
}

impl PhaseList {
    /// Refuses markers other than those derived from `session`.
    pub(super) fn check(&self, session: &Session) -> Result<(), ReadError> {
        let derived = Self::from(session);
        for (index, right) in derived.phase.iter().enumerate() {
            let given = self.phase.get(index);
            if given != Some(right) {
                return Err(ReadError::Marker {
                    phase: right.name.0,
                    said: given.map_or_else(|| "nothing".to_owned(), PhaseShape::words),
                    derived: right.words(),
                });
            }
        }
        match self.phase.get(derived.phase.len()) {
            None => Ok(()),
            Some(extra) => {
                let name = extra.name.0.write();
                Err(ReadError::Duplicate { what: "phase", name })
            }
        }
    }
}

impl PhaseShape {
    /// The marker in one line.
    fn words(&self) -> String {
        let mut words = format!("{} {}", self.name.0.write(), self.status.0.write());
        let mut add = |label: &str, value: Option<String>| {
            if let Some(value) = value {
                words.push_str(", ");
                words.push_str(label);
                words.push(' ');
                words.push_str(&value);
            }
        };
        add("timestamp", self.timestamp.as_ref().map(|plain| plain.0.write()));
        add("patterns-extracted", self.patterns.as_ref().map(|plain| plain.0.write()));
        add("session-archived", self.archived.as_ref().map(|plain| plain.0.write()));
        words
    }
}
