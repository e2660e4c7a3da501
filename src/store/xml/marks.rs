//! `marks.xml`: what was done with the learnings of one issue after they were given.

use serde::{Deserialize, Serialize};

use super::document::Document;
use super::error::ReadError;
use super::grammar::{Content, Element, each, maybe, one, text};
use super::value::Plain;
use crate::domain::ids::IssueId;
use crate::domain::learning::standing::{Act, Mark};
use crate::domain::time::Moment;

/// The newest version of the format.
pub const VERSION: u32 = 1;

/// The elements of the document.
pub(super) static ROOT: Element = Element {
    name: "marks",
    required: &["version", "issue"],
    optional: &[],
    content: Content::Elements(&[each(Element {
        name: "mark",
        required: &["learning", "act", "at"],
        optional: &["issue"],
        content: Content::Elements(&[
            one(text("by")),
            maybe(text("reason")),
            maybe(text("successor")),
        ]),
    })]),
};

static DOCUMENT: Document = Document { root: &ROOT, version: VERSION };

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MarksShape {
    #[serde(rename = "@version")]
    version: Plain<u32>,
    #[serde(rename = "@issue")]
    issue: Plain<IssueId>,
    #[serde(default)]
    mark: Vec<MarkShape>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MarkShape {
    #[serde(rename = "@learning")]
    learning: Plain<u32>,
    #[serde(rename = "@act")]
    act: Plain<Act>,
    #[serde(rename = "@at")]
    at: Plain<Moment>,
    #[serde(rename = "@issue", default, skip_serializing_if = "Option::is_none")]
    issue: Option<Plain<IssueId>>,
    by: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    successor: Option<String>,
}

/// The document of what was done with the learnings of `issue`, in canonical form.
pub fn write(issue: &IssueId, marks: &[Mark]) -> String {
    let shape = |mark: &Mark| MarkShape {
        learning: Plain(mark.learning),
        act: Plain(mark.act),
        at: Plain(mark.at),
        issue: mark.issue.clone().map(Plain),
        by: mark.by.clone(),
        reason: mark.reason.clone(),
        successor: mark.successor.clone(),
    };
    DOCUMENT.render(&MarksShape {
        version: Plain(VERSION),
        issue: Plain(issue.clone()),
        mark: marks.iter().map(shape).collect(),
    })
}

/// The issue and what was done with its learnings, oldest first.
pub fn read(bytes: &[u8]) -> Result<(IssueId, Vec<Mark>), ReadError> {
    let shape: MarksShape = DOCUMENT.parse(bytes)?;
    let mark = |mark: MarkShape| Mark {
        learning: mark.learning.0,
        act: mark.act.0,
        at: mark.at.0,
        by: mark.by,
        issue: mark.issue.map(|issue| issue.0),
        reason: mark.reason,
        successor: mark.successor,
    };
    Ok((shape.issue.0, shape.mark.into_iter().map(mark).collect()))
}
