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
pub mod push;
mod replace;
pub mod rules;
pub mod transaction;
pub mod tripwire;
pub mod undo;

use std::cell::OnceCell;
use std::path::Path;

pub use issues::Head;
pub use rules::Rules;

use crate::context::Surroundings;
use crate::domain::gate::{self, Case, Incoming, OpenIssue, Verdict};
use crate::domain::ids::CommitId;
use crate::domain::policy::Direct;
use crate::error::Error;
use crate::git::walk::{self, Met};
use crate::git::{Git, Repo};

/// Most commits that are looked at for one move.
const WALK_LIMIT: usize = 200_000;

/// A repository under judgement.
#[derive(Debug)]
pub struct Gate {
    /// The repository.
    pub repo: Repo,
    rules: OnceCell<Rules>,
    heads: OnceCell<Vec<Head>>,
}

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
}

impl Gate {
    /// The repository around a hook.
    pub fn open(around: &Surroundings) -> Result<Self, Error> {
        Self::open_at(&around.folder, around.git_dir.as_deref())
    }

    /// The repository around `folder`, or the one that `git_dir` names.
    pub fn open_at(folder: &Path, git_dir: Option<&Path>) -> Result<Self, Error> {
        Ok(Self::of(Repo::open(Git::find()?, folder, git_dir)?))
    }

    /// A repository that is open already.
    pub fn of(repo: Repo) -> Self {
        Self { repo, rules: OnceCell::new(), heads: OnceCell::new() }
    }

    /// The policy in force.
    pub fn rules(&self) -> Result<&Rules, Error> {
        if self.rules.get().is_none() {
            let rules = rules::load(&self.repo)?;
            return Ok(self.rules.get_or_init(|| rules));
        }
        self.rules.get().ok_or_else(|| unreachable_cell("rules"))
    }

    /// The open issues, as far as their newest states' messages tell.
    pub fn heads(&self) -> Result<&[Head], Error> {
        if self.heads.get().is_none() {
            let heads = issues::heads(&self.repo)?;
            return Ok(self.heads.get_or_init(|| heads));
        }
        self.heads.get().map(Vec::as_slice).ok_or_else(|| unreachable_cell("heads"))
    }

    /// The open issue whose branch is `branch`.
    pub fn issue_of(&self, branch: &str) -> Result<Option<&Head>, Error> {
        let same = |head: &&Head| head.heading.as_ref().is_some_and(|h| h.branch == branch);
        Ok(self.heads()?.iter().find(same))
    }

    /// Judges `proposal`.
    pub fn judge(&self, proposal: &Proposal) -> Result<Verdict, Error> {
        let met = walk::between(&self.repo, &proposal.new, &proposal.there, WALK_LIMIT)?;
        if met.is_empty() {
            return Ok(Verdict::Pass);
        }
        let rules = self.rules()?;
        let direct = rules.direct_for(&self.repo, &proposal.new)?;
        if self.heads()?.is_empty() && direct == Direct::Pass {
            return Ok(Verdict::Pass);
        }
        let mut open = issues::closed_to_landing(&self.repo, self.heads()?)?;
        let mut incoming: Vec<Incoming> = met.iter().map(incoming::named).collect();
        let fresh = self.fresh(proposal, &met)?;
        let mut found = gate::by_name(&incoming, &open);
        self.drop_landed(&mut found, &fresh, &open)?;
        if found.is_empty() && !open.is_empty() {
            found = content::matches(self, proposal, &fresh, &mut incoming, &mut open)?;
        }
        if direct != Direct::Pass && found.is_empty() {
            incoming::claim(&self.repo, &met, &mut incoming, self.heads()?)?;
        }
        let verdict = gate::decide(&proposal.case, &incoming, &open, &found, direct);
        Ok(match (&rules.trouble, verdict) {
            (Some(trouble), Verdict::Refuse(refusal)) if found.is_empty() => {
                Verdict::Refuse(rules::unreadable(refusal, trouble))
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

fn unreachable_cell(name: &str) -> Error {
    crate::git::GitError::Unexpected(format!("{name} were set and are gone")).into()
}
