//! An ending that was begun and killed: its choices, and whether they still hold.
//!
//! From the intent on until the record has moved, only the ending goes on: what would change the
//! issue meanwhile would be lost with it, or ended unseen. When the branch has moved on since, the
//! choices are void: they were made of other work, nothing of them shows yet, and all is open again.

use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::refusal::Refusal;
use crate::domain::session::{Ending, Session};
use crate::error::Error;
use crate::store::intent::{self, Kind, operation};

/// The intent that ending `id` leaves.
pub fn kind(id: &IssueId) -> Kind<'_> {
    Kind::of_issue(operation::ENDING, id)
}

/// Every choice of an ending, made once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Intent {
    /// When, in seconds since 1970.
    pub at: i64,
    /// The branch the work has landed in; `None` when it is given up.
    pub into: Option<String>,
    /// Why it is given up.
    pub reason: Option<String>,
    /// The ref that is to keep what only the worktree holds.
    pub salvage: Option<String>,
    /// The last commit of the issue's branch.
    pub tip: Option<String>,
    /// Whether what is under way in the worktree is given up.
    #[serde(default)]
    pub force: bool,
}

impl Intent {
    /// How the issue ends; `kept` is the ref that keeps what was not in the branch.
    pub fn how(&self, kept: Option<&str>) -> Ending {
        match (&self.into, &self.reason) {
            (Some(into), _) => Ending::Landed { into: into.clone() },
            (None, reason) => Ending::Abandoned {
                reason: reason.clone().unwrap_or_default(),
                salvage: kept.unwrap_or("none").to_owned(),
            },
        }
    }

    /// Whether the branch stands where it stood, or is gone by now.
    fn holds(&self, ctx: &Context, session: &Session) -> Result<bool, Error> {
        let tip = ctx.repo.branch_tip(session.branch.as_str())?;
        Ok(tip.is_none_or(|tip| self.tip.as_deref() == Some(tip.as_str())))
    }
}

/// The choices of an ending of this open issue that was begun; `None` when there are none, or none
/// that hold.
pub fn begun(ctx: &Context, session: &Session) -> Result<Option<Intent>, Error> {
    let begun: Option<Intent> = intent::read(&ctx.repo.own_folder(), kind(&session.issue))?;
    match begun {
        Some(intent) if intent.holds(ctx, session)? => Ok(Some(intent)),
        _ => Ok(None),
    }
}

/// Fails when the open issue is about to end.
pub fn refuse(ctx: &Context, session: &Session) -> Result<(), Error> {
    let id = &session.issue;
    if begun(ctx, session)?.is_none() {
        return Ok(());
    }
    let why = "it is being archived, and that was interrupted";
    let fix = format!("git orch archive {id}");
    Err(Refusal::one("ending", format!("changing issue {id}"), why, fix).into())
}
