//! The gate: gathers the facts of a move, lets the domain judge, and keeps what was judged.
//!
//! [`Gate`] is one repository with what a judgement needs of it, each part looked up at most once
//! and only when it is needed: most moves are nobody's business, and must not cost anything. The
//! doors are [`transaction`], [`merge`] and [`push`]; [`crate::ops::check`] is the one for CI.

mod content;
pub mod deletion;
mod exempt;
mod incoming;
mod issues;
pub mod merge;
pub mod message;
pub mod permit;
mod proposal;
pub mod push;
mod records;
pub mod replace;
mod repository;
pub mod rules;
mod strays;
pub mod transaction;
pub mod tripwire;
pub mod undo;

pub use incoming::published;
pub use issues::{Head, heads as issues_here};
pub use proposal::{Proposal, Strays};
pub use repository::Gate;
pub use rules::Rules;

use self::incoming::WALK_LIMIT;
use crate::domain::gate::{self, Incoming, OpenIssue, Verdict};
use crate::domain::policy::Direct;
use crate::error::Error;
use crate::git::walk::{self, Met};
use crate::ops::policy;

impl Gate {
    /// Judges `proposal`.
    pub fn judge(&self, proposal: &Proposal) -> Result<Verdict, Error> {
        let met = walk::between(&self.repo, &proposal.new, &proposal.there, WALK_LIMIT)?;
        if met.is_empty() {
            return Ok(Verdict::Pass);
        }
        let rules = self.rules()?;
        let mut direct = rules.direct_for(&self.repo, &proposal.new, &proposal.there)?;
        if proposal.strays == Strays::None {
            direct = Direct::Pass;
        }
        if self.heads()?.is_empty() && direct == Direct::Pass {
            return Ok(Verdict::Pass);
        }
        let mut open = issues::closed_to_landing(&self.repo, &self.rules()?.policy, self.heads()?)?;
        let mut incoming: Vec<Incoming> = met.iter().map(incoming::named).collect();
        let fresh = self.fresh(proposal, &met)?;
        let mut found = gate::by_name(&incoming, &open);
        self.drop_landed(&mut found, &fresh, &open)?;
        if found.is_empty() && !open.is_empty() {
            found = content::matches(self, proposal, &fresh, &mut incoming, &mut open)?;
        }
        if direct != Direct::Pass && found.is_empty() {
            strays::claim(self, proposal, &met, &mut incoming)?;
        }
        let verdict = gate::decide(&proposal.case, &incoming, &open, &found, direct);
        Ok(match (&rules.trouble, verdict) {
            (Some(trouble), Verdict::Refuse(refusal)) if found.is_empty() => {
                let base = policy::base_branch(&self.repo)?.unwrap_or_default();
                let place = rules::place_of(&self.repo, &base)?;
                Verdict::Refuse(rules::unreadable(refusal, trouble, &base, place.as_deref()))
            }
            (_, verdict) => verdict,
        })
    }

    /// Those of the commits that were not judged before.
    fn fresh(&self, proposal: &Proposal, met: &[Met]) -> Result<Vec<Met>, Error> {
        if proposal.judged.is_empty() {
            return Ok(met.to_vec());
        }
        let mut before = proposal.there.clone();
        before.extend(proposal.judged.iter().cloned());
        Ok(walk::between(&self.repo, &proposal.new, &before, WALK_LIMIT)?)
    }

    /// Drops the matches that a judgement let pass before and that are right still: an issue that
    /// went on after it landed is stale, but what its receipt covered has landed rightly.
    fn drop_landed(
        &self,
        found: &mut Vec<gate::Match>,
        fresh: &[Met],
        open: &[OpenIssue],
    ) -> Result<(), Error> {
        let mut kept = Vec::new();
        for one in found.drain(..) {
            let is_fresh = fresh.iter().any(|met| met.id == one.commit);
            if is_fresh
                || (one.rule == gate::Rule::Birth
                    && !issues::was_covered(&self.repo, &open[one.issue].id, &one.commit)?)
            {
                kept.push(one);
            }
        }
        *found = kept;
        Ok(())
    }
}
