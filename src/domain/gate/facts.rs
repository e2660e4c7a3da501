//! What the gate is told: the commits that come in, the issues that must not land, and from how
//! much on content tells.

use std::collections::BTreeSet;

use crate::domain::ids::{BlobId, CommitId, IssueId, PatchId};
use crate::domain::phase::Phase;
use crate::domain::receipt::Birth;

/// Fewest added lines that tell an edited copy from a coincidence.
pub const TELLING_LINES: usize = 6;
/// Fewest added lines that make one commit, not the whole issue, worth comparing.
pub const TELLING_COMMIT: usize = 12;
/// Fewest added lines that make the resulting content of one file tell; smaller changes are told
/// by patch id alone.
pub const TELLING_FILE: usize = 3;

/// What a change is, independent of the commit that carries it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fingerprint {
    /// `git patch-id --stable` of the diff.
    pub patch: Option<PatchId>,
    /// Each path with the content it was given, where that tells.
    pub blobs: BTreeSet<(String, BlobId)>,
    /// Hashes of the added lines that say something.
    pub added: BTreeSet<u64>,
    /// The same of the removed lines.
    pub removed: BTreeSet<u64>,
}

/// A commit on its way onto a protected branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// The commit.
    pub id: CommitId,
    /// Issues that its message names in an `Orch-Issue` line.
    pub named: Vec<IssueId>,
    /// Whether it belongs to an issue that is open to landing, or finished.
    pub owned: bool,
    /// What it changes; `None` until content is asked for.
    pub print: Option<Fingerprint>,
}

/// An issue whose work must not land yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenIssue {
    /// The issue.
    pub id: IssueId,
    /// The phase it is in; `None` when the record cannot be read.
    pub phase: Option<Phase>,
    /// Why it must not land.
    pub why: Missing,
    /// The commits born on its branch.
    pub births: Vec<Birth>,
    /// What the births change, oldest first, copies of other people's work left out; empty until
    /// content is asked for.
    pub prints: Vec<Fingerprint>,
    /// Positions in `prints` of the births that its branch still reaches.
    pub current: BTreeSet<usize>,
}

/// What an issue lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// It was never compacted.
    Compaction,
    /// It was, but commits came after the receipt.
    Stale,
    /// It was waived, and the waiver has ended.
    Expired,
    /// Nobody whom the policy names has signed its receipt.
    Signature,
    /// The record cannot be read.
    Damaged,
}
