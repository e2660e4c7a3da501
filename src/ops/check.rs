//! `check`: the wall's judgement of commits on their way onto a protected branch, for servers, CI
//! and whoever wants to know first.
//!
//! The gate's own judgement comes first where this repository knows of open issues; then each
//! commit answers for itself, by what it says and what receipts cover ([`super::arrivals`],
//! [`super::receipts`]). The policy is that of the branch the commits are to come onto, as it is before
//! they do.

pub mod event;
pub mod pre_receive;

use std::collections::BTreeMap;
use std::slice;

use super::gate::{Gate, Head, Proposal, Strays, issues_here, rules};
use super::receipts::{Place, Pushed};
use super::{arrivals, policy};
use crate::context::Context;
use crate::domain::gate::{Case, Verdict};
use crate::domain::ids::CommitId;
use crate::domain::names::{HEADS, issue_ref};
use crate::domain::policy::{Direct, Policy, Scope};
use crate::domain::refusal::Refusal;
use crate::domain::time::Moment;
use crate::domain::wall::{self, Arrival, Coming};
use crate::error::Error;
use crate::git::{Repo, changes, walk};

/// Most commits that are looked at for one move.
const WALK_LIMIT: usize = 200_000;

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// The range, `A..B`; without it, what the commit that is checked out has beyond `onto`.
    pub range: Option<String>,
    /// The protected branch that the commits are to come onto; the base branch when missing.
    pub onto: Option<String>,
    /// Whether every commit has to answer, whatever the policy's scope.
    pub strict: bool,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The branch that the commits are to come onto.
    pub onto: String,
    /// What counts as there; `None` when nothing is.
    pub from: Option<CommitId>,
    /// What comes.
    pub to: CommitId,
    /// Each commit and how it comes, newest first.
    pub judged: Vec<(Arrival, Coming)>,
    /// Why not all of it may come.
    pub refusal: Option<Refusal>,
    /// Whether the policy wants commits of no issue to be pointed out.
    pub warns: bool,
    /// What is wrong with the policy, when it cannot be read.
    pub trouble: Option<String>,
}

/// A move onto a protected branch.
#[derive(Clone, Debug)]
pub struct Move {
    /// The branch, without `refs/heads/`.
    pub onto: String,
    /// What counts as there already.
    pub there: Vec<CommitId>,
    /// What is to stand there.
    pub new: CommitId,
}

/// What judgements are made by.
#[derive(Debug)]
pub struct Wall {
    gate: Gate,
    policy: Policy,
    trouble: Option<String>,
    pushed: Pushed,
    copies: bool,
    now: Option<Moment>,
}

/// What a wall is built from.
#[derive(Clone, Debug, Default)]
pub struct Ground {
    /// The protected branch whose policy holds, without `refs/heads/`.
    pub base: String,
    /// Where that stands or stood; `None` where there is none yet.
    pub policy: Option<CommitId>,
    /// Refs that move in the same push.
    pub pushed: Pushed,
    /// Whether every commit has to answer, whatever the policy's scope.
    pub strict: bool,
    /// Whether the records here are copies of those that people work with.
    pub copies: bool,
    /// The time that waivers are judged by; `None` when it no longer matters.
    pub now: Option<Moment>,
}

/// Judges a range of commits.
pub fn range(ctx: Context, question: &Question) -> Result<(Report, Wall), Error> {
    let onto = onto(&ctx.repo, question)?;
    let (from, to) = ends(&ctx.repo, question, &onto)?;
    let ground = Ground {
        policy: policy::team_commit(&ctx.repo, &onto)?.or_else(|| Some(from.clone())),
        base: onto.clone(),
        pushed: Pushed::new(),
        strict: question.strict,
        copies: false,
        now: Some(ctx.now),
    };
    let wall = Wall::build(ctx.repo, ground)?;
    let report = wall.judge(&Move { onto, there: vec![from], new: to })?;
    Ok((report, wall))
}

impl Wall {
    /// Reads the policy and looks which issues are open here.
    pub fn build(repo: Repo, ground: Ground) -> Result<Self, Error> {
        let mut rules = rules::read(&repo, &ground.base, ground.policy.as_ref())?;
        if ground.strict {
            rules.policy.scope = Scope::Strict;
        }
        let policy = rules.policy.clone();
        // Commits of no issue are judged here, one by one; and what this very push finishes is not
        // unfinished.
        rules.policy.direct = Direct::Pass;
        rules.policy.scope = Scope::Issues;
        let trouble = rules.trouble.clone();
        let moves = |head: &Head| ground.pushed.contains_key(&issue_ref(&head.issue));
        let heads = issues_here(&repo)?.into_iter().filter(|head| !moves(head)).collect();
        let gate = Gate::knowing(repo, rules, heads);
        Ok(Self {
            gate,
            policy,
            trouble,
            pushed: ground.pushed,
            copies: ground.copies,
            now: ground.now,
        })
    }

    /// The repository.
    pub fn repo(&self) -> &Repo {
        &self.gate.repo
    }

    /// The rules, which say what is protected.
    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    /// Judges one move.
    pub fn judge(&self, asked: &Move) -> Result<Report, Error> {
        let repo = self.repo();
        let new = slice::from_ref(&asked.new);
        let mends = self.trouble.is_some() && self.gate.rules()?.mends(repo, new, &asked.there)?;
        let (scope, direct) = if mends {
            (Scope::Issues, Direct::Pass)
        } else {
            (self.policy.scope, self.policy.direct)
        };
        let met = walk::between(repo, new, &asked.there, WALK_LIMIT)?;
        let strict = scope == Scope::Strict || direct == Direct::Refuse;
        let judged: Vec<(Arrival, Coming)> = arrivals::gather(self.place(asked), &met, strict)?
            .into_iter()
            .map(|arrival| {
                let coming = wall::judge(&arrival, scope, direct);
                (arrival, coming)
            })
            .collect();
        let case = Case::onto(&asked.onto);
        let refusal = match (wall::refusal(&case, self.policy.carrier, &judged), &self.trouble) {
            (Some(refusal), Some(trouble)) if only_strays(&judged) => {
                Some(rules::unreadable(refusal, trouble, &asked.onto, None))
            }
            (None, _) => self.by_gate(case, asked)?,
            (refusal, _) => refusal,
        };
        Ok(Report {
            onto: asked.onto.clone(),
            from: asked.there.first().cloned(),
            to: asked.new.clone(),
            judged,
            refusal,
            warns: direct == Direct::Warn,
            trouble: self.trouble.clone(),
        })
    }

    /// How each of the commits came that are in already, `limit` at most: nothing is refused.
    pub fn told(&self, asked: &Move, limit: usize) -> Result<Vec<(Arrival, Coming)>, Error> {
        let new = slice::from_ref(&asked.new);
        let met = walk::between(self.repo(), new, &asked.there, limit)?;
        let told = arrivals::gather(self.place(asked), &met, true)?.into_iter();
        let each = |arrival: Arrival| {
            let coming = wall::judge(&arrival, Scope::Issues, Direct::Pass);
            (arrival, coming)
        };
        Ok(told.map(each).collect())
    }

    fn place<'a>(&'a self, asked: &'a Move) -> Place<'a> {
        Place {
            repo: self.repo(),
            policy: &self.policy,
            pushed: &self.pushed,
            tree: &asked.new,
            there: &asked.there,
            now: self.now,
        }
    }

    /// What the gate says, which knows copies of unfinished work by their content.
    fn by_gate(&self, case: Case, asked: &Move) -> Result<Option<Refusal>, Error> {
        let case = if self.copies { case.carried_by(self.policy.carrier) } else { case };
        let proposal = Proposal {
            case,
            new: vec![asked.new.clone()],
            there: asked.there.clone(),
            judged: Vec::new(),
            strays: Strays::None,
        };
        Ok(match self.gate.judge(&proposal)? {
            Verdict::Refuse(refusal) => Some(refusal),
            Verdict::Pass | Verdict::Warn(_) => None,
        })
    }

    /// The first path that each refused commit gives content to, for programs that point at files.
    pub fn places(&self, report: &Report) -> Result<BTreeMap<CommitId, String>, Error> {
        let refused = report.judged.iter().filter(|(_, coming)| coming.is_refusal());
        let ids: Vec<CommitId> = refused.map(|(arrival, _)| arrival.id.clone()).collect();
        let first =
            |(id, pairs): (CommitId, Vec<changes::Pair>)| Some((id, pairs.into_iter().next()?.0));
        Ok(changes::touched(self.repo(), &ids)?.into_iter().filter_map(first).collect())
    }
}

fn only_strays(judged: &[(Arrival, Coming)]) -> bool {
    judged.iter().all(|(_, coming)| !coming.is_refusal() || *coming == Coming::NoIssue)
}

fn onto(repo: &Repo, question: &Question) -> Result<String, Error> {
    let named =
        question.onto.as_ref().map(|name| name.strip_prefix(HEADS).unwrap_or(name).to_owned());
    match named {
        Some(name) => Ok(name),
        None => policy::base_branch(repo)?.ok_or_else(|| {
            Error::usage("it is not clear which branch this is for", "git orch check --onto main")
        }),
    }
}

/// The two ends of the range. `A...B` is what B has and A has not, which is `A..B`.
fn ends(repo: &Repo, question: &Question, onto: &str) -> Result<(CommitId, CommitId), Error> {
    let text = question.range.as_deref().unwrap_or("..");
    let (from, to) = match text.split_once("...").or_else(|| text.split_once("..")) {
        Some((from, to)) => (from, to),
        None => ("", text),
    };
    let to = commit(repo, if to.is_empty() { "HEAD" } else { to })?;
    if !from.is_empty() {
        return Ok((commit(repo, from)?, to));
    }
    // In CI the branch is often there only as the remote's copy.
    policy::team_commit(repo, onto)?.map(|from| (from, to)).ok_or_else(|| no_commit(onto))
}

fn commit(repo: &Repo, revision: &str) -> Result<CommitId, Error> {
    repo.objects.resolve(revision)?.ok_or_else(|| no_commit(revision))
}

fn no_commit(name: &str) -> Error {
    Error::usage(
        format!("there is no commit called {name}"),
        "git orch check --range origin/main..HEAD   # fetch both ends first",
    )
}
