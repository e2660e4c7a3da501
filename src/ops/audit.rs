//! `audit`: every commit that came onto a protected branch since a point, and how it came.

use std::collections::BTreeSet;

use super::check::{Ground, Move, Wall};
use super::gate::{published, tripwire};
use super::policy;
use crate::context::Context;
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::names::HEADS;
use crate::domain::wall::{Arrival, Coming};
use crate::error::Error;
use crate::git::{Repo, walk};

/// How many commits are told when no point is named.
const USUAL: usize = 1_000;
/// Most commits that are told, and looked at.
const WALK_LIMIT: usize = 200_000;

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The branch; the one that work lands on when missing.
    pub branch: Option<String>,
    /// The commit after which it begins; the last thousand commits when missing.
    pub since: Option<String>,
}

/// How a commit came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The commit.
    pub arrival: Arrival,
    /// One word: `issue`, `waived`, `merge`, `stated`, `author`, `direct`, `upstream` or `unseen`.
    pub how: &'static str,
    /// The issue it belongs to.
    pub issue: Option<IssueId>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The branch.
    pub branch: String,
    /// Where it stands.
    pub tip: CommitId,
    /// The point it began after.
    pub since: Option<CommitId>,
    /// Each commit, newest first.
    pub lines: Vec<Line>,
    /// Whether older commits were left out.
    pub cut: bool,
}

/// Tells how each commit came.
pub fn run(ctx: Context, request: &Request) -> Result<Report, Error> {
    let unclear =
        || Error::usage("it is not clear which branch this is for", "git orch audit --branch main");
    let branch = match &request.branch {
        Some(name) => name.strip_prefix(HEADS).unwrap_or(name).to_owned(),
        None => policy::base_branch(&ctx.repo)?.ok_or_else(unclear)?,
    };
    let tip = policy::team_commit(&ctx.repo, &branch)?.ok_or_else(|| no_commit(&branch))?;
    let since = match &request.since {
        Some(text) => Some(ctx.repo.objects.resolve(text)?.ok_or_else(|| no_commit(text))?),
        None => None,
    };
    let there: Vec<CommitId> = since.iter().cloned().collect();
    let limit = if since.is_some() { WALK_LIMIT } else { USUAL };
    let unseen = unseen(&ctx.repo, &branch)?;
    let upstream = upstream(&ctx.repo, &branch, &there)?;
    let base = policy::base_branch(&ctx.repo)?.unwrap_or_else(|| branch.clone());
    let policy = policy::team_commit(&ctx.repo, &base)?;
    let wall = Wall::build(ctx.repo, Ground { base, policy, ..Ground::default() })?;
    let asked = Move { onto: branch.clone(), there, new: tip.clone() };
    let judged = wall.told(&asked, limit)?;
    let cut = since.is_none() && judged.len() == limit;
    let lines = judged
        .into_iter()
        .map(|(arrival, coming)| {
            let how = way(&arrival.id, &coming, &unseen, &upstream);
            Line { how, issue: coming.issue().cloned(), arrival }
        })
        .collect();
    Ok(Report { branch, tip, since, lines, cut })
}

/// How a commit came, as one word.
fn way(
    commit: &CommitId,
    coming: &Coming,
    unseen: &BTreeSet<CommitId>,
    upstream: &BTreeSet<CommitId>,
) -> &'static str {
    match coming {
        Coming::Direct | Coming::NoIssue | Coming::Plain if unseen.contains(commit) => "unseen",
        // Also somebody else's issue, whose record is not here.
        Coming::Direct | Coming::NoIssue | Coming::Lacking(..) if upstream.contains(commit) => {
            "upstream"
        }
        Coming::NoIssue => "direct",
        Coming::Lacking(..) => "unseen",
        other => other.name(),
    }
}

/// What came onto the branch without being judged.
fn unseen(repo: &Repo, branch: &str) -> Result<BTreeSet<CommitId>, Error> {
    let mut all = BTreeSet::new();
    let published = published(repo, branch, None)?;
    for one in tripwire::unseen(repo, branch)? {
        let mut there = published.clone();
        there.push(one.from);
        let met = walk::between(repo, std::slice::from_ref(&one.to), &there, WALK_LIMIT)?;
        all.extend(met.into_iter().map(|met| met.id));
    }
    Ok(all)
}

/// What remotes have published of it.
fn upstream(repo: &Repo, branch: &str, there: &[CommitId]) -> Result<BTreeSet<CommitId>, Error> {
    let tips = published(repo, branch, None)?;
    let met = walk::between(repo, &tips, there, WALK_LIMIT)?;
    Ok(met.into_iter().map(|met| met.id).collect())
}

fn no_commit(name: &str) -> Error {
    Error::usage(format!("there is no commit called {name}"), "git log --oneline")
}
