//! The record of one issue: everything git-orch knows of it.

use super::evidence::Evidence;
use super::ids::{CommitId, Digest, IssueId};
use super::learning::Learning;
use super::names::BranchName;
use super::phase::Phase;
use super::receipt::Birth;
use super::spec::FrozenSpec;
use super::task::Task;
use super::time::Moment;

/// One issue, from `new-issue` to the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The issue.
    pub issue: IssueId,
    /// Names this walk of the issue, so that nothing of an earlier walk fits it.
    pub id: String,
    /// One line.
    pub title: String,
    /// Where the issue came from, such as the address of a GitHub issue.
    pub source: Option<String>,
    /// When it was opened.
    pub created: Moment,
    /// Its branch.
    pub branch: BranchName,
    /// The branch or revision it started from, as named then.
    pub base: String,
    /// The commit it started from.
    pub fork: CommitId,
    /// Absolute path of its worktree.
    pub worktree: String,
    /// The phase it has reached.
    pub phase: Phase,
    /// How it ended; `None` while it is open.
    pub end: Option<End>,
    /// The specification, once final.
    pub spec: Option<FrozenSpec>,
    /// The steps of the work.
    pub tasks: Vec<Task>,
    /// Every check that git-orch ran, oldest first.
    pub evidence: Vec<Evidence>,
    /// What was learned.
    pub learnings: Vec<Learning>,
    /// Why nothing was, when that was said.
    pub none_learned: Option<String>,
    /// The receipt, once sealed.
    pub seal: Option<Seal>,
    /// The commits known to be born on its branch.
    pub births: Vec<Birth>,
    /// How it moved from phase to phase.
    pub moves: Vec<Move>,
}

/// That a receipt was sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// Digest of the receipt's bytes; the flag holds the same.
    pub receipt: Digest,
    /// The tip it was sealed to.
    pub tip: CommitId,
    /// When.
    pub at: Moment,
}

/// How an issue ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// Landed, or given up.
    pub how: Ending,
    /// When.
    pub at: Moment,
}

/// The two honest ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Its work is in this branch.
    Landed {
        /// The branch, such as `main`.
        into: String,
    },
    /// It was given up; the work stays under a salvage ref.
    Abandoned {
        /// Why.
        reason: String,
        /// Where the work is kept.
        salvage: String,
    },
}

/// One step from phase to phase, forwards or back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The phase it left.
    pub from: Phase,
    /// The phase it entered.
    pub to: Phase,
    /// When.
    pub at: Moment,
    /// The branch tip then.
    pub tip: CommitId,
    /// Why, for a step back.
    pub reason: Option<String>,
}

/// How the reason of a step begins that a waiver took.
pub const WAIVED: &str = "waived: ";

impl Session {
    /// Why its compaction was waived, when it is sealed and was.
    pub fn waived(&self) -> Option<&str> {
        let last = self.moves.last().filter(|_| self.seal.is_some())?;
        last.reason.as_deref()?.strip_prefix(WAIVED)
    }

    /// The number for the next task.
    pub fn next_task(&self) -> u32 {
        self.tasks.iter().map(|task| task.number).max().unwrap_or(0) + 1
    }

    /// The number for the next piece of evidence.
    pub fn next_evidence(&self) -> u32 {
        self.evidence.iter().map(|e| e.number).max().unwrap_or(0) + 1
    }

    /// The number for the next learning.
    pub fn next_learning(&self) -> u32 {
        self.learnings.iter().map(|l| l.number).max().unwrap_or(0) + 1
    }

    /// The first task that is not done.
    pub fn open_task(&self) -> Option<&Task> {
        self.tasks.iter().find(|task| task.is_open())
    }

    /// Whether something was said about what was learned: learnings, or a reason for none.
    pub fn speaks_of_learning(&self) -> bool {
        !self.learnings.is_empty() || self.none_learned.is_some()
    }

    /// When it entered the phase it is in.
    pub fn entered(&self) -> Moment {
        self.moves.last().map_or(self.created, |step| step.at)
    }

    /// The same session moved to another phase at `tip`; `reason` says why, for a step back.
    #[must_use]
    pub fn moved(&self, to: Phase, tip: &CommitId, at: Moment, reason: Option<String>) -> Self {
        let mut session = self.clone();
        session.moves.push(Move { from: self.phase, to, at, tip: tip.clone(), reason });
        session.phase = to;
        session
    }

    /// The phase that the recorded steps lead to, or the step that does not fit its predecessor.
    pub fn replay(&self) -> Result<Phase, &Move> {
        let mut phase = Phase::Discussion;
        for step in &self.moves {
            if step.from != phase || (step.to > step.from && step.from.next() != Some(step.to)) {
                return Err(step);
            }
            phase = step.to;
        }
        Ok(phase)
    }
}
