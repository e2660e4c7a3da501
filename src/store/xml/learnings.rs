//! `learnings.xml`: what was learned in one issue, for the archive; and `<learning>`, which the
//! session log holds as well.

use serde::{Deserialize, Serialize};

use super::document::Document;
use super::error::ReadError;
use super::grammar::{Content, Element, each, one, text};
use super::unique::unique;
use super::value::Plain;
use crate::domain::ids::IssueId;
use crate::domain::learning::{Kind, Learning};
use crate::domain::time::Moment;

/// The newest version of the format.
pub const VERSION: u32 = 1;

/// `<learning>`.
pub(super) const LEARNING: Element = Element {
    name: "learning",
    required: &["number", "kind", "at"],
    optional: &["expires"],
    content: Content::Elements(&[
        one(text("trigger")),
        one(text("lesson")),
        one(text("evidence")),
        one(text("author")),
    ]),
};

/// The elements of the document.
pub(super) static ROOT: Element = Element {
    name: "learnings",
    required: &["version", "issue"],
    optional: &[],
    content: Content::Elements(&[each(LEARNING)]),
};

static DOCUMENT: Document = Document { root: &ROOT, version: VERSION };

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LearningsShape {
    #[serde(rename = "@version")]
    version: Plain<u32>,
    #[serde(rename = "@issue")]
    issue: Plain<IssueId>,
    #[serde(default)]
    learning: Vec<LearningShape>,
}

/// The learnings inside another document.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LearningList {
    #[serde(default)]
    learning: Vec<LearningShape>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LearningShape {
    #[serde(rename = "@number")]
    number: Plain<u32>,
    #[serde(rename = "@kind")]
    kind: Plain<Kind>,
    #[serde(rename = "@at")]
    at: Plain<Moment>,
    #[serde(rename = "@expires", default, skip_serializing_if = "Option::is_none")]
    expires: Option<Plain<Moment>>,
    trigger: String,
    lesson: String,
    evidence: String,
    author: String,
}

impl From<&Learning> for LearningShape {
    fn from(learning: &Learning) -> Self {
        Self {
            number: Plain(learning.number),
            kind: Plain(learning.kind),
            at: Plain(learning.at),
            expires: learning.expires.map(Plain),
            trigger: learning.trigger.clone(),
            lesson: learning.lesson.clone(),
            evidence: learning.evidence.clone(),
            author: learning.author.clone(),
        }
    }
}

impl From<LearningShape> for Learning {
    fn from(shape: LearningShape) -> Self {
        Self {
            number: shape.number.0,
            kind: shape.kind.0,
            trigger: shape.trigger,
            lesson: shape.lesson,
            evidence: shape.evidence,
            author: shape.author,
            at: shape.at.0,
            expires: shape.expires.map(|moment| moment.0),
        }
    }
}

impl From<&[Learning]> for LearningList {
    fn from(learnings: &[Learning]) -> Self {
        Self { learning: learnings.iter().map(LearningShape::from).collect() }
    }
}

impl TryFrom<LearningList> for Vec<Learning> {
    type Error = ReadError;

    fn try_from(list: LearningList) -> Result<Self, ReadError> {
        unique("learning", list.learning.iter().map(|learning| learning.number.0))?;
        Ok(list.learning.into_iter().map(Learning::from).collect())
    }
}

/// The document of the `learnings` of `issue`, in canonical form.
pub fn write(issue: &IssueId, learnings: &[Learning]) -> String {
    DOCUMENT.render(&LearningsShape {
        version: Plain(VERSION),
        issue: Plain(issue.clone()),
        learning: LearningList::from(learnings).learning,
    })
}

/// The issue and the learnings that `bytes` hold.
pub fn read(bytes: &[u8]) -> Result<(IssueId, Vec<Learning>), ReadError> {
    let shape: LearningsShape = DOCUMENT.parse(bytes)?;
    let learnings = LearningList { learning: shape.learning }.try_into()?;
    Ok((shape.issue.0, learnings))
}
