//! `learnings.xml`: what was learned in one issue, for the archive; and `<learning>`, which the
//! session log holds as well.

use serde::{Deserialize, Serialize};

use super::document::Document;
use super::error::ReadError;
use super::grammar::{Content, Element, each, maybe, one, text};
use super::unique::unique;
use super::value::Plain;
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::learning::anchor::Anchor;
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
        maybe(text("error")),
        each(text("path")),
        one(text("lesson")),
        one(text("evidence")),
        maybe(ANCHOR),
        one(text("author")),
    ]),
};

/// `<anchor>`: what of the evidence was found when it was given.
const ANCHOR: Element = Element {
    name: "anchor",
    required: &[],
    optional: &["commit", "check", "criterion", "task"],
    content: Content::Elements(&[maybe(text("file")), maybe(text("symbol"))]),
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    path: Vec<String>,
    lesson: String,
    evidence: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    anchor: Option<AnchorShape>,
    author: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AnchorShape {
    #[serde(rename = "@commit", default, skip_serializing_if = "Option::is_none")]
    commit: Option<Plain<CommitId>>,
    #[serde(rename = "@check", default, skip_serializing_if = "Option::is_none")]
    check: Option<Plain<u32>>,
    #[serde(rename = "@criterion", default, skip_serializing_if = "Option::is_none")]
    criterion: Option<Plain<u32>>,
    #[serde(rename = "@task", default, skip_serializing_if = "Option::is_none")]
    task: Option<Plain<u32>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    symbol: Option<String>,
}

impl From<&Anchor> for AnchorShape {
    fn from(anchor: &Anchor) -> Self {
        Self {
            commit: anchor.commit.clone().map(Plain),
            check: anchor.check.map(Plain),
            criterion: anchor.criterion.map(Plain),
            task: anchor.task.map(Plain),
            file: anchor.file.clone(),
            symbol: anchor.symbol.clone(),
        }
    }
}

impl From<AnchorShape> for Anchor {
    fn from(shape: AnchorShape) -> Self {
        Self {
            commit: shape.commit.map(|commit| commit.0),
            check: shape.check.map(|number| number.0),
            criterion: shape.criterion.map(|number| number.0),
            task: shape.task.map(|number| number.0),
            file: shape.file,
            symbol: shape.symbol,
        }
    }
}

impl From<&Learning> for LearningShape {
    fn from(learning: &Learning) -> Self {
        Self {
            number: Plain(learning.number),
            kind: Plain(learning.kind),
            at: Plain(learning.at),
            expires: learning.expires.map(Plain),
            trigger: learning.trigger.clone(),
            error: learning.error.clone(),
            path: learning.paths.clone(),
            lesson: learning.lesson.clone(),
            evidence: learning.evidence.clone(),
            anchor: (!learning.anchor.is_empty()).then(|| (&learning.anchor).into()),
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
            error: shape.error,
            paths: shape.path,
            lesson: shape.lesson,
            evidence: shape.evidence,
            anchor: shape.anchor.map(Anchor::from).unwrap_or_default(),
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
