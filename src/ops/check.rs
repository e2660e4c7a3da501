//! `check`: the gate's judgement of a range of commits, for CI and for whoever wants to know first.

use std::slice;

use super::gate::{Gate, Proposal};
use super::policy;
use crate::context::Context;
use crate::domain::gate::{Case, Verdict};
use crate::domain::ids::CommitId;
use crate::error::Error;
use crate::git::{Repo, walk};

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// The range, `A..B`; without it, what the commit that is checked out has beyond `onto`.
    pub range: Option<String>,
    /// The protected branch that the commits are to come onto; the base branch when missing.
    pub onto: Option<String>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The branch that the commits are to come onto.
    pub onto: String,
    /// What counts as there.
    pub from: CommitId,
    /// What comes.
    pub to: CommitId,
    /// How many commits come.
    pub commits: usize,
    /// Commits of no issue, where the policy wants that said.
    pub strays: Vec<CommitId>,
    /// What is wrong with the policy, when it cannot be read.
    pub trouble: Option<String>,
}

/// Judges the range. A refusal is the error.
pub fn range(ctx: Context, question: &Question) -> Result<Report, Error> {
    let onto = onto(&ctx.repo, question)?;
    let (from, to) = ends(&ctx.repo, question, &onto)?;
    let commits =
        walk::between(&ctx.repo, slice::from_ref(&to), slice::from_ref(&from), usize::MAX)?.len();
    let gate = Gate::of(ctx.repo);
    let proposal = Proposal {
        case: Case::onto(&onto),
        new: vec![to.clone()],
        there: vec![from.clone()],
        judged: Vec::new(),
    };
    let strays = match gate.judge(&proposal)? {
        Verdict::Pass => Vec::new(),
        Verdict::Warn(strays) => strays,
        Verdict::Refuse(refusal) => return Err(refusal.into()),
    };
    let trouble = gate.rules()?.trouble.clone();
    Ok(Report { onto, from, to, commits, strays, trouble })
}

fn onto(repo: &Repo, question: &Question) -> Result<String, Error> {
    let named = question
        .onto
        .as_ref()
        .map(|name| name.strip_prefix("refs/heads/").unwrap_or(name).to_owned());
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
    for name in [format!("refs/heads/{onto}"), format!("refs/remotes/origin/{onto}")] {
        if let Some(from) = repo.objects.read_ref(&name)? {
            return Ok((from, to));
        }
    }
    Err(no_commit(onto))
}

fn commit(repo: &Repo, revision: &str) -> Result<CommitId, Error> {
    repo.objects.resolve(revision)?.ok_or_else(|| no_commit(revision))
}

fn no_commit(name: &str) -> Error {
    Error::usage(
        format!("there is no commit called {name}"),
        "git orch check --range origin/main..HEAD   (fetch both ends first)",
    )
}
