//! A learning with where it stands today.

use super::anchored::Ground;
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::learning::standing::{Tally, doubted};
use crate::domain::learning::{Learning, learning_id};
use crate::error::Error;
use crate::store::recall::Found;

/// A learning of some issue, as it stands today.
#[derive(Clone, Debug)]
pub struct Known {
    /// Whose it is.
    pub issue: IssueId,
    /// The learning.
    pub learning: Learning,
    /// Where it stands, its expiry and anchor looked at.
    pub tally: Tally,
}

impl Known {
    /// Its name across issues.
    pub fn name(&self) -> String {
        learning_id(&self.issue, self.learning.number)
    }
}

/// The found learning, looked at today.
pub fn known(ctx: &Context, ground: &Ground, found: Found) -> Result<Known, Error> {
    let anchored = ground.anchored(ctx, &found)?;
    let tally = doubted(found.tally, &found.learning, &anchored, ctx.now);
    Ok(Known { issue: found.issue, learning: found.learning, tally })
}
