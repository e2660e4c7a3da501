//! `receipt.xml`: the sealed proof that an issue was compacted.
//!
//! The digest of a receipt is the SHA-256 of exactly the bytes [`write()`] gives; the flag file and
//! the session log hold it. Nothing that depends on the digest may therefore stand inside: a
//! signature has its place in a file of its own beside the document.

use serde::{Deserialize, Serialize};

use super::births::{BIRTH, BirthList};
use super::document::Document;
use super::error::ReadError;
use super::grammar::{Content, Element, each, group, maybe, one, text};
use super::value::Plain;
use crate::domain::ids::{CommitId, Digest, IssueId, PatchId, TreeId};
use crate::domain::receipt::{Receipt, Waiver};
use crate::domain::time::Moment;

/// The newest version of the format.
pub const VERSION: u32 = 1;

/// The elements of the document.
pub(super) static ROOT: Element = Element {
    name: "receipt",
    required: &["version", "issue", "session", "sealed", "tool"],
    optional: &[],
    content: Content::Elements(&[
        one(text("base")),
        one(text("tip")),
        one(text("tree")),
        maybe(text("whole")),
        maybe(WAIVER),
        one(text("learnings")),
        one(text("evidence")),
        one(group("covered", &[each(BIRTH)])),
    ]),
};

/// `<waiver>`.
const WAIVER: Element = Element {
    name: "waiver",
    required: &["expires"],
    optional: &[],
    content: Content::Elements(&[one(text("reason")), one(text("by"))]),
};

static DOCUMENT: Document = Document { root: &ROOT, version: VERSION };

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReceiptShape {
    #[serde(rename = "@version")]
    version: Plain<u32>,
    #[serde(rename = "@issue")]
    issue: Plain<IssueId>,
    #[serde(rename = "@session")]
    session: String,
    #[serde(rename = "@sealed")]
    sealed: Plain<Moment>,
    #[serde(rename = "@tool")]
    tool: String,
    base: Plain<CommitId>,
    tip: Plain<CommitId>,
    tree: Plain<TreeId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    whole: Option<Plain<PatchId>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    waiver: Option<WaiverShape>,
    learnings: Plain<Digest>,
    evidence: Plain<Digest>,
    covered: BirthList,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WaiverShape {
    #[serde(rename = "@expires")]
    expires: Plain<Moment>,
    reason: String,
    by: String,
}

impl From<&Waiver> for WaiverShape {
    fn from(waiver: &Waiver) -> Self {
        let expires = Plain(waiver.expires);
        Self { expires, reason: waiver.reason.clone(), by: waiver.by.clone() }
    }
}

impl From<WaiverShape> for Waiver {
    fn from(shape: WaiverShape) -> Self {
        Self { expires: shape.expires.0, reason: shape.reason, by: shape.by }
    }
}

/// The document of `receipt`, in canonical form.
pub fn write(receipt: &Receipt) -> String {
    DOCUMENT.render(&ReceiptShape {
        version: Plain(VERSION),
        issue: Plain(receipt.issue.clone()),
        session: receipt.session.clone(),
        sealed: Plain(receipt.sealed),
        tool: receipt.tool.clone(),
        base: Plain(receipt.base.clone()),
        tip: Plain(receipt.tip.clone()),
        tree: Plain(receipt.tree.clone()),
        whole: receipt.whole.clone().map(Plain),
        waiver: receipt.waiver.as_ref().map(Into::into),
        learnings: Plain(receipt.learnings.clone()),
        evidence: Plain(receipt.evidence.clone()),
        covered: receipt.covered.as_slice().into(),
    })
}

/// The receipt that `bytes` hold.
pub fn read(bytes: &[u8]) -> Result<Receipt, ReadError> {
    let shape: ReceiptShape = DOCUMENT.parse(bytes)?;
    Ok(Receipt {
        issue: shape.issue.0,
        session: shape.session,
        base: shape.base.0,
        tip: shape.tip.0,
        tree: shape.tree.0,
        whole: shape.whole.map(|patch| patch.0),
        waiver: shape.waiver.map(Into::into),
        covered: shape.covered.try_into()?,
        learnings: shape.learnings.0,
        evidence: shape.evidence.0,
        sealed: shape.sealed.0,
        tool: shape.tool,
    })
}
