//! What a refusal of the gate says: the issue, its phase, what is missing, the one command.

use std::collections::BTreeSet;

use super::attribute::{Match, Rule};
use super::facts::{Missing, OpenIssue};
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::phase::Phase;
use crate::domain::policy::Carrier;
use crate::domain::refusal::{Refusal, Unmet};

/// What is being judged, in the words of a refusal: `bringing … onto main`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    verb: &'static str,
    place: String,
    /// How receipts come to where this is judged; `None` where the records themselves are.
    carrier: Option<Carrier>,
}

impl Case {
    /// Commits that come onto the protected branch `branch` of this repository.
    pub fn onto(branch: &str) -> Self {
        Self { verb: "bringing", place: format!("onto {branch}"), carrier: None }
    }

    /// Commits that are pushed to `branch` of the repository at `remote`.
    pub fn pushed(branch: &str, remote: &str) -> Self {
        Self { verb: "pushing", place: format!("to {branch} of {remote}"), carrier: None }
    }

    /// Commits that show up in place of the object `object` of protected history.
    pub fn in_place_of(object: &str) -> Self {
        Self { verb: "showing", place: format!("in place of {object}"), carrier: None }
    }

    /// The same where only copies of the records are, to which receipts come by `carrier`.
    #[must_use]
    pub fn carried_by(self, carrier: Carrier) -> Self {
        Self { carrier: Some(carrier), ..self }
    }

    /// The whole sentence for `what`.
    pub fn of(&self, what: &str) -> String {
        format!("{} {what} {}", self.verb, self.place)
    }
}

/// The refusal for work that is not compacted: a reason and a remedy for each issue.
pub fn uncompacted(case: &Case, found: &[Match], open: &[OpenIssue]) -> Refusal {
    let mut named = BTreeSet::new();
    let mut unmet = Vec::new();
    for one in found {
        if named.insert(one.issue) {
            unmet.push(reason(case, &open[one.issue], one));
        }
    }
    let ids: Vec<&str> = named.iter().map(|&at| open[at].id.as_str()).collect();
    Refusal::many("uncompacted", case.of(&issues(&ids)), unmet)
}

/// The refusal for commits of no issue, where the policy lands only issues.
pub fn stray(case: &Case, first: &CommitId, count: usize) -> Refusal {
    let what = if count == 1 { "a commit".to_owned() } else { format!("{count} commits") };
    Refusal::one(
        "no-issue",
        case.of(&what),
        format!("commit {} belongs to no issue, and this team lands only issues", first.short()),
        adopting(first),
    )
}

/// The remedy for a commit of no issue: the issue it is to belong to.
fn adopting(commit: &CommitId) -> String {
    format!("git orch adopt {} --issue ID   # the issue that it is to land with", commit.short())
}

/// The command that brings the receipt of an issue to where it is looked for.
pub fn carrying(issue: &IssueId, carrier: Carrier) -> String {
    match carrier {
        Carrier::Ref => format!("git orch compact {issue} --push"),
        Carrier::Tree => format!("git orch compact {issue}"),
    }
}

/// `issue 81`, `issues 81 and 82`, `issues 81, 82 and 83`.
fn issues(ids: &[&str]) -> String {
    match ids {
        [] => "nothing".to_owned(),
        [one] => format!("issue {one}"),
        [most @ .., last] => format!("issues {} and {last}", most.join(", ")),
    }
}

fn reason(case: &Case, issue: &OpenIssue, found: &Match) -> Unmet {
    let id = &issue.id;
    let commit = found.commit.short();
    let how = match found.rule {
        Rule::Birth => format!("commit {commit} is its work"),
        Rule::Trailer => format!("commit {commit} names it"),
        Rule::Patch => format!("commit {commit} is a copy of its work"),
        Rule::Blob => format!("commit {commit} brings files only it wrote"),
        Rule::Lines => format!("commit {commit} brings most of the lines it added"),
    };
    let (code, lack) = match issue.why {
        Missing::Compaction => ("uncompacted", "compaction is missing"),
        Missing::Stale => ("stale", "its compaction is stale: commits came after it"),
        Missing::Damaged => ("damaged", ""),
        Missing::Expired => ("waiver-expired", "its waiver has ended"),
        Missing::Signature => ("unsigned", "nobody whom the policy names has signed its receipt"),
    };
    let state = match issue.phase {
        Some(phase) if issue.why != Missing::Damaged => format!("issue {id} is in {phase}, {lack}"),
        _ => format!("the record of issue {id} cannot be read"),
    };
    let fix = match case.carrier {
        Some(carrier) => carrying(id, carrier),
        None => remedy(issue),
    };
    Unmet::new(code, format!("{state}; {how}"), fix)
}

/// The command that brings the issue on, by the phase it is in.
pub fn remedy(issue: &OpenIssue) -> String {
    let id = &issue.id;
    match (issue.why, issue.phase) {
        (Missing::Damaged, _) | (_, None) => "git orch doctor --fix".to_owned(),
        (_, Some(Phase::Discussion | Phase::Execute | Phase::Validate)) => {
            format!("git orch next {id}")
        }
        (_, Some(Phase::Compact | Phase::Complete)) => format!("git orch compact {id}"),
    }
}
