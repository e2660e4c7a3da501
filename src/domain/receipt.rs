//! The receipt: proof that what was learned in an issue was extracted for exactly these commits.

use std::collections::BTreeSet;

use super::ids::{CommitId, Digest, IssueId, PatchId, TreeId};
use super::time::Moment;

/// A commit that belongs to an issue because it was born on its branch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Birth {
    /// The commit.
    pub commit: CommitId,
    /// What its diff is, independent of where it stands; `None` for a merge or an empty commit.
    pub patch: Option<PatchId>,
}

/// What `git orch compact` seals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The issue it speaks of.
    pub issue: IssueId,
    /// The session it was sealed in, so that it fits no other one of the same issue.
    pub session: String,
    /// Where the issue's branch left its base.
    pub base: CommitId,
    /// The branch tip it was sealed to.
    pub tip: CommitId,
    /// The tree of that tip.
    pub tree: TreeId,
    /// Every birth of the issue up to then.
    pub covered: Vec<Birth>,
    /// What the whole of it changes, as one diff without lines around: what a squash would have;
    /// `None` when that is nothing.
    pub whole: Option<PatchId>,
    /// That compaction was waived, and nothing was said of what was learned.
    pub waiver: Option<Waiver>,
    /// Digest of the accepted learnings, or of the reason for none.
    pub learnings: Digest,
    /// Digest of the evidence that was green.
    pub evidence: Digest,
    /// When it was sealed.
    pub sealed: Moment,
    /// The version of git-orch that sealed it.
    pub tool: String,
}

/// Why an issue may land without compaction: for this one tip, and not for long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// Why.
    pub reason: String,
    /// Who said so, `Name <address>`.
    pub by: String,
    /// Until when it holds.
    pub expires: Moment,
}

impl Receipt {
    /// Whether it holds at `now`: a waiver ends.
    pub fn holds_at(&self, now: Moment) -> bool {
        self.waiver.as_ref().is_none_or(|waiver| now <= waiver.expires)
    }

    /// The births this receipt says nothing of: neither their commit nor their diff is covered.
    pub fn uncovered<'a>(&self, births: &'a [Birth]) -> Vec<&'a Birth> {
        let commits: BTreeSet<&CommitId> = self.covered.iter().map(|b| &b.commit).collect();
        let patches: BTreeSet<&PatchId> =
            self.covered.iter().filter_map(|b| b.patch.as_ref()).collect();
        births
            .iter()
            .filter(|birth| {
                !commits.contains(&birth.commit)
                    && !birth.patch.as_ref().is_some_and(|patch| patches.contains(patch))
            })
            .collect()
    }
}
