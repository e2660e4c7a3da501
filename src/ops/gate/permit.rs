//! The permit to move a protected branch: only the gate makes one, and only a permit lands anything.

use super::proposal;
use super::repository::Gate;
use crate::domain::gate::Verdict;
use crate::domain::ids::CommitId;
use crate::error::Error;

/// That the gate let exactly this move of a branch pass. Nobody else can make one.
#[derive(Debug)]
pub struct MergePermit {
    branch: String,
    from: CommitId,
    to: CommitId,
    strays: Vec<CommitId>,
}

impl MergePermit {
    /// The branch, without `refs/heads/`.
    pub fn branch(&self) -> &str {
        &self.branch
    }

    /// Where it must stand when it is moved.
    pub fn from(&self) -> &CommitId {
        &self.from
    }

    /// Where it may go.
    pub fn to(&self) -> &CommitId {
        &self.to
    }

    /// Commits of no issue among those that come, where the policy wants that said.
    pub fn strays(&self) -> &[CommitId] {
        &self.strays
    }
}

impl Gate {
    /// Asks for the move of `branch` from `from` to `to`. A refusal is the error.
    pub fn permit(
        &self,
        branch: &str,
        from: &CommitId,
        to: &CommitId,
    ) -> Result<MergePermit, Error> {
        let strays = if self.rules()?.protects(branch) {
            match self.judge(&proposal::onto(self, branch, Some(from), to.clone())?)? {
                Verdict::Pass => Vec::new(),
                Verdict::Warn(strays) => strays,
                Verdict::Refuse(refusal) => return Err(refusal.into()),
            }
        } else {
            Vec::new()
        };
        Ok(MergePermit { branch: branch.to_owned(), from: from.clone(), to: to.clone(), strays })
    }
}
