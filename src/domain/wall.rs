//! The wall: whether commits may come onto a protected branch where only receipts tell, on a
//! server or in CI.
//!
//! The gate knows which commits were born in which issue; the wall knows only what commits say and
//! what receipts cover. So each incoming commit answers for itself, and [`judge`] says how it comes.

use std::collections::BTreeSet;

use super::gate::{Case, carrying};
use super::ids::{CommitId, IssueId};
use super::policy::{Carrier, Direct, Scope};
use super::refusal::{Refusal, Unmet};
use super::time::Moment;

/// Most reasons that one refusal lists.
const REASONS: usize = 5;

/// A commit on its way in, with what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// The commit.
    pub id: CommitId,
    /// The first line of its message.
    pub subject: String,
    /// Who wrote it, `Name <address>`.
    pub author: String,
    /// Whether the policy lets that author in without an issue.
    pub admitted: bool,
    /// The reason in its `Orch-No-Issue` line.
    pub stated: Option<String>,
    /// Whether it changes nothing by itself: a merge of two sides, a receipt being carried.
    pub plain: bool,
    /// The receipt that covers it.
    pub cover: Option<Cover>,
    /// The issues it belongs to whose receipts do not cover it, and why not.
    pub lacks: Vec<(IssueId, Lack)>,
}

/// A receipt that covers a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cover {
    /// The issue.
    pub issue: IssueId,
    /// Whether compaction was waived.
    pub waived: bool,
}

/// What the receipt of an issue lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// There is none here.
    Receipt,
    /// There is one, and it does not speak of this commit.
    Cover,
    /// It bears no signature of anybody who may sign.
    Signature,
    /// It is a waiver, and held only until then.
    Expired(Moment),
    /// It cannot be used, and why.
    Unusable(String),
}

/// How a commit comes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Coming {
    /// As work of an issue that is compacted, or waived.
    Covered(Cover),
    /// It changes nothing by itself.
    Plain,
    /// Of no issue, for this reason.
    Stated(String),
    /// Of no issue, by an author who is let in.
    Author,
    /// Of no issue, which the policy lets pass.
    Direct,
    /// Not at all: it belongs to this issue, whose receipt lacks something.
    Lacking(IssueId, Lack),
    /// Not at all: it belongs to no issue.
    NoIssue,
}

impl Coming {
    /// Whether it may not come in.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Lacking(..) | Self::NoIssue)
    }

    /// One word for programs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Covered(cover) if cover.waived => "waived",
            Self::Covered(_) => "issue",
            Self::Plain => "merge",
            Self::Stated(_) => "stated",
            Self::Author => "author",
            Self::Direct => "direct",
            Self::Lacking(_, lack) => lack.code(),
            Self::NoIssue => "no-issue",
        }
    }

    /// The issue it comes with, or lacks the receipt of.
    pub fn issue(&self) -> Option<&IssueId> {
        match self {
            Self::Covered(cover) => Some(&cover.issue),
            Self::Lacking(issue, _) => Some(issue),
            _ => None,
        }
    }
}

impl Lack {
    /// Stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Receipt => "uncompacted",
            Self::Cover => "stale",
            Self::Signature => "unsigned",
            Self::Expired(_) => "waiver-expired",
            Self::Unusable(_) => "receipt-unusable",
        }
    }

    fn why(&self, issue: &IssueId, commit: &CommitId) -> String {
        let commit = commit.short();
        match self {
            Self::Receipt => {
                format!("commit {commit} is of issue {issue}, whose receipt is not here")
            }
            Self::Cover => format!("the receipt of issue {issue} does not cover commit {commit}"),
            Self::Signature => {
                format!(
                    "the receipt of issue {issue} bears no signature of one of the team's signers"
                )
            }
            Self::Expired(until) => format!("the waiver of issue {issue} held until {until}"),
            Self::Unusable(reason) => {
                format!("the receipt of issue {issue} cannot be used: {reason}")
            }
        }
    }
}

/// How `arrival` comes in, or that it may not.
pub fn judge(arrival: &Arrival, scope: Scope, direct: Direct) -> Coming {
    if arrival.plain {
        return Coming::Plain;
    }
    if let Some((issue, lack)) = arrival.lacks.first() {
        return Coming::Lacking(issue.clone(), lack.clone());
    }
    if let Some(cover) = &arrival.cover {
        return Coming::Covered(cover.clone());
    }
    if let Some(reason) = &arrival.stated {
        return Coming::Stated(reason.clone());
    }
    if arrival.admitted {
        return Coming::Author;
    }
    if scope == Scope::Strict || direct == Direct::Refuse {
        Coming::NoIssue
    } else {
        Coming::Direct
    }
}

/// The refusal of what may not come in, a reason for each issue; `None` when all of it may.
pub fn refusal(case: &Case, carrier: Carrier, judged: &[(Arrival, Coming)]) -> Option<Refusal> {
    let mut unmet: Vec<Unmet> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut issues: Vec<&str> = Vec::new();
    let mut strays = 0;
    for (arrival, coming) in judged.iter().filter(|(_, coming)| coming.is_refusal()) {
        let reason = if let Coming::Lacking(issue, lack) = coming {
            if !issues.contains(&issue.as_str()) {
                issues.push(issue.as_str());
            }
            Unmet::new(
                lack.code(),
                lack.why(issue, &arrival.id),
                remedy(lack, issue, arrival, carrier),
            )
        } else {
            strays += 1;
            Unmet::new("no-issue", stray(arrival), answering(arrival, carrier))
        };
        // The first commit tells enough: the remedy is the same for all of an issue.
        if seen.insert((coming.issue(), reason.code)) && unmet.len() < REASONS {
            unmet.push(reason);
        }
    }
    let code = unmet.first()?.code;
    Some(Refusal::many(code, case.of(&subject(&issues, strays)), unmet))
}

fn stray(arrival: &Arrival) -> String {
    format!("commit {} belongs to no issue, and this team lands only issues", arrival.id.short())
}

fn subject(issues: &[&str], strays: usize) -> String {
    match (issues, strays) {
        ([], 1) => "a commit".to_owned(),
        ([], n) => format!("{n} commits"),
        ([one], _) => format!("issue {one}"),
        ([most @ .., last], _) => format!("issues {} and {last}", most.join(", ")),
    }
}

/// What makes a commit of no issue come in: it becomes an issue's, whose receipt is brought.
fn answering(arrival: &Arrival, carrier: Carrier) -> String {
    let push = if carrier == Carrier::Ref { " --push" } else { "" };
    format!(
        "git orch adopt {} --issue ID && git orch compact ID{push}   # the issue that it is to land with",
        arrival.id.short()
    )
}

/// What makes a commit come in: where the receipt does not speak of it, it has to be the issue's
/// first.
fn remedy(lack: &Lack, issue: &IssueId, arrival: &Arrival, carrier: Carrier) -> String {
    let fix = carrying(issue, carrier);
    match lack {
        Lack::Cover => format!("git orch adopt {} --issue {issue} && {fix}", arrival.id.short()),
        _ => fix,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrival() -> Arrival {
        Arrival {
            id: "a".repeat(40).parse().unwrap(),
            subject: "Do it".to_owned(),
            author: "Ada <ada@example.org>".to_owned(),
            admitted: false,
            stated: None,
            plain: false,
            cover: None,
            lacks: Vec::new(),
        }
    }

    fn name(arrival: &Arrival, scope: Scope, direct: Direct) -> &'static str {
        judge(arrival, scope, direct).name()
    }

    #[test]
    fn what_an_issue_lacks_weighs_more_than_every_excuse() {
        let issue: IssueId = "81".parse().unwrap();
        let lacking = Arrival {
            admitted: true,
            stated: Some("typo".to_owned()),
            cover: Some(Cover { issue: "82".parse().unwrap(), waived: false }),
            lacks: vec![(issue, Lack::Receipt)],
            ..arrival()
        };
        assert_eq!(name(&lacking, Scope::Issues, Direct::Pass), "uncompacted");
        let plain = Arrival { plain: true, ..lacking };
        assert_eq!(name(&plain, Scope::Strict, Direct::Refuse), "merge");
    }

    #[test]
    fn commits_of_no_issue_follow_scope_and_policy() {
        let stray = arrival();
        assert_eq!(name(&stray, Scope::Issues, Direct::Pass), "direct");
        assert_eq!(name(&stray, Scope::Issues, Direct::Refuse), "no-issue");
        assert_eq!(name(&stray, Scope::Strict, Direct::Pass), "no-issue");
        let stated = Arrival { stated: Some("typo".to_owned()), ..arrival() };
        assert_eq!(name(&stated, Scope::Strict, Direct::Refuse), "stated");
        let admitted = Arrival { admitted: true, ..arrival() };
        assert_eq!(name(&admitted, Scope::Strict, Direct::Pass), "author");
    }

    #[test]
    fn a_refusal_names_each_issue_once() {
        let lacking = |issue: &str, lack: Lack| {
            let coming = Coming::Lacking(issue.parse().unwrap(), lack);
            (arrival(), coming)
        };
        let judged = [
            lacking("81", Lack::Receipt),
            lacking("81", Lack::Receipt),
            lacking("9", Lack::Cover),
            (arrival(), Coming::Direct),
        ];
        let refusal = refusal(&Case::onto("main"), Carrier::Ref, &judged).unwrap();
        assert_eq!(refusal.what, "bringing issues 81 and 9 onto main");
        let fixes: Vec<&str> = refusal.unmet.iter().map(|unmet| unmet.fix.as_str()).collect();
        let adopting = "git orch adopt aaaaaaaaaa --issue 9 && git orch compact 9 --push";
        assert_eq!(fixes, ["git orch compact 81 --push", adopting]);
    }
}
