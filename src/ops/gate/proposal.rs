//! A move that is to be judged.

use super::repository::Gate;
use super::{incoming, tripwire};
use crate::domain::gate::Case;
use crate::domain::ids::CommitId;
use crate::error::Error;

/// A move to be judged.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// How a refusal speaks of it.
    pub case: Case,
    /// What is to be there afterwards.
    pub new: Vec<CommitId>,
    /// What is there already, or may come in whatever it holds.
    pub there: Vec<CommitId>,
    /// What was judged before: copies in there are not looked for again, births are.
    pub judged: Vec<CommitId>,
    /// Whose commits of nobody are asked for.
    pub strays: Strays,
}

/// Which commits of nobody have to answer, where the policy asks them at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Strays {
    /// Every one.
    All,
    /// Those that are on no protected branch here but this one: the others were asked there.
    But(String),
    /// None: nothing protected is there yet.
    None,
}

/// The move of the protected branch `branch` from `now` to `new`.
pub fn onto(
    gate: &Gate,
    branch: &str,
    now: Option<&CommitId>,
    new: CommitId,
) -> Result<Proposal, Error> {
    let mut there = incoming::published(&gate.repo, branch, None)?;
    match now {
        Some(now) => there.push(now.clone()),
        // Deleted and made again: what was judged once need not be judged twice.
        None => there.extend(tripwire::passed(&gate.repo, branch)?),
    }
    Ok(Proposal {
        case: Case::onto(branch),
        new: vec![new],
        there,
        judged: Vec::new(),
        strays: Strays::But(branch.to_owned()),
    })
}
