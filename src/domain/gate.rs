//! The gate: whether commits may come onto a protected branch.
//!
//! [`judge`] gets what is coming in and what is known of the open issues, and says *pass* or names
//! each commit that belongs to an issue whose work is not compacted. Whose a commit is, is told by
//! where it was **born**, never by what reaches it; copies are told by message, by diff and by
//! content, in that order.

use std::collections::BTreeSet;

use super::ids::{BlobId, CommitId, IssueId, PatchId};
use super::phase::Phase;
use super::policy::{Direct, Policy};
use super::receipt::Birth;
use super::refusal::{Refusal, Unmet};

/// Fewest added lines that tell a change from a coincidence; smaller ones are told by patch id.
pub const TELLING_LINES: usize = 6;

/// What a change is, independent of the commit that carries it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fingerprint {
    /// `git patch-id --stable` of the diff.
    pub patch: Option<PatchId>,
    /// Each path with the content it was given.
    pub blobs: BTreeSet<(String, BlobId)>,
    /// Hashes of the added lines that say something.
    pub lines: BTreeSet<u64>,
}

/// A commit on its way onto a protected branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// The commit.
    pub id: CommitId,
    /// Issues that its message names in an `Orch-Issue` line.
    pub named: Vec<IssueId>,
    /// What it changes; `None` until content is asked for.
    pub print: Option<Fingerprint>,
}

/// An issue whose work must not land yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenIssue {
    /// The issue.
    pub id: IssueId,
    /// The phase it is in.
    pub phase: Phase,
    /// Why it must not land, in words.
    pub why: Missing,
    /// The commits born on its branch.
    pub births: Vec<Birth>,
    /// What each birth changes; empty until content is asked for.
    pub prints: Vec<Fingerprint>,
}

/// What an issue lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// It was never compacted.
    Compaction,
    /// It was, but commits came after the receipt.
    Stale,
    /// The record cannot be read.
    Damaged,
}

/// How a commit was recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// It was born on the issue's branch.
    Birth,
    /// Its message says so.
    Trailer,
    /// Its diff is that of a birth.
    Patch,
    /// It brings content that only the issue introduced.
    Blob,
    /// It contains most of the lines that the issue added.
    Lines,
}

/// A commit that belongs to an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// The commit.
    pub commit: CommitId,
    /// Position of the issue in the list given.
    pub issue: usize,
    /// How it was recognised.
    pub rule: Rule,
}

/// What the gate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may pass.
    Pass,
    /// It may pass; these commits belong to no issue and the policy wants that said.
    Warn(Vec<CommitId>),
    /// It may not.
    Refuse(Refusal),
}

/// Judges `incoming` for the protected branch `target`.
pub fn judge(target: &str, incoming: &[Incoming], open: &[OpenIssue], policy: &Policy) -> Verdict {
    let found = attribute(incoming, open, policy.containment);
    if !found.is_empty() {
        return Verdict::Refuse(explain(target, &found, open));
    }
    let strays: Vec<CommitId> =
        incoming.iter().filter(|c| c.named.is_empty()).map(|c| c.id.clone()).collect();
    match policy.direct {
        Direct::Warn if !strays.is_empty() => Verdict::Warn(strays),
        Direct::Refuse if !strays.is_empty() => Verdict::Refuse(Refusal::one(
            "no-issue",
            format!("bringing {} onto {target}", commits(strays.len())),
            format!("{} belongs to no issue, and this team lands only issues", strays[0].short()),
            "git orch new-issue ID   (and put the change on its branch)",
        )),
        _ => Verdict::Pass,
    }
}

/// Every incoming commit that belongs to an open issue, with the first rule that tells.
pub fn attribute(incoming: &[Incoming], open: &[OpenIssue], containment: f64) -> Vec<Match> {
    let mut found = Vec::new();
    for (issue, known) in open.iter().enumerate() {
        let births: BTreeSet<&CommitId> = known.births.iter().map(|b| &b.commit).collect();
        let patches: BTreeSet<&PatchId> =
            known.births.iter().filter_map(|b| b.patch.as_ref()).collect();
        let blobs: BTreeSet<&(String, BlobId)> =
            known.prints.iter().flat_map(|p| &p.blobs).collect();
        for commit in incoming {
            let patch = commit.print.as_ref().and_then(|p| p.patch.as_ref());
            let rule = if births.contains(&commit.id) {
                Rule::Birth
            } else if commit.named.contains(&known.id) {
                Rule::Trailer
            } else if patch.is_some_and(|patch| patches.contains(patch)) {
                Rule::Patch
            } else if commit.print.iter().flat_map(|p| &p.blobs).any(|blob| blobs.contains(blob)) {
                Rule::Blob
            } else {
                continue;
            };
            found.push(Match { commit: commit.id.clone(), issue, rule });
        }
        if !found.iter().any(|m| m.issue == issue)
            && let Some(commit) = contained(incoming, known, containment)
        {
            found.push(Match { commit, issue, rule: Rule::Lines });
        }
    }
    found.sort_by_key(|m| m.rule);
    found
}

/// The incoming commit that brings most of the lines the issue added, when enough came in.
fn contained(incoming: &[Incoming], issue: &OpenIssue, share: f64) -> Option<CommitId> {
    let own: BTreeSet<u64> = issue.prints.iter().flat_map(|p| p.lines.iter().copied()).collect();
    if own.len() < TELLING_LINES {
        return None;
    }
    let shared = |commit: &Incoming| -> BTreeSet<u64> {
        commit.print.iter().flat_map(|p| p.lines.intersection(&own).copied()).collect()
    };
    let all: BTreeSet<u64> = incoming.iter().flat_map(&shared).collect();
    let count = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    if count(all.len()) / count(own.len()) < share {
        return None;
    }
    incoming.iter().max_by_key(|commit| shared(commit).len()).map(|commit| commit.id.clone())
}

fn explain(target: &str, found: &[Match], open: &[OpenIssue]) -> Refusal {
    let mut named = BTreeSet::new();
    let mut unmet = Vec::new();
    for one in found {
        if named.insert(one.issue) {
            unmet.push(reason(&open[one.issue], one));
        }
    }
    let ids: Vec<String> = named.iter().map(|&i| format!("issue {}", open[i].id)).collect();
    Refusal::many("uncompacted", format!("bringing {} onto {target}", ids.join(", ")), unmet)
}

fn reason(issue: &OpenIssue, found: &Match) -> Unmet {
    let id = &issue.id;
    let commit = found.commit.short();
    let how = match found.rule {
        Rule::Birth => format!("commit {commit} is its work"),
        Rule::Trailer => format!("commit {commit} names it"),
        Rule::Patch => format!("commit {commit} is a copy of its work"),
        Rule::Blob => format!("commit {commit} brings files only it wrote"),
        Rule::Lines => format!("commit {commit} brings most of the lines it added"),
    };
    let lack = match issue.why {
        Missing::Compaction => "compaction is missing",
        Missing::Stale => "its compaction is stale: commits came after it",
        Missing::Damaged => "its record cannot be read",
    };
    let fix = match (issue.why, issue.phase) {
        (Missing::Damaged, _) => "git orch doctor --fix".to_owned(),
        (_, Phase::Discussion | Phase::Execute | Phase::Validate) => format!("git orch next {id}"),
        (_, Phase::Compact | Phase::Complete) => format!("git orch compact {id}"),
    };
    Unmet::new("uncompacted", format!("issue {id} is in {}, {lack}; {how}", issue.phase), fix)
}

fn commits(count: usize) -> String {
    if count == 1 { "a commit".to_owned() } else { format!("{count} commits") }
}

/// The issues that a message names in an `Orch-Issue:` line, however far it is indented: a squash
/// indents the messages it collects.
pub fn named_issues(message: &str) -> Vec<IssueId> {
    message
        .lines()
        .filter_map(|line| {
            let (key, value) = line.trim().split_once(':')?;
            key.trim().eq_ignore_ascii_case("Orch-Issue").then(|| value.trim().parse().ok())?
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(digit: char) -> CommitId {
        digit.to_string().repeat(40).parse().unwrap()
    }

    fn issue(births: &[char]) -> OpenIssue {
        OpenIssue {
            id: "81".parse().unwrap(),
            phase: Phase::Compact,
            why: Missing::Compaction,
            births: births.iter().map(|&c| Birth { commit: id(c), patch: None }).collect(),
            prints: Vec::new(),
        }
    }

    fn coming(digit: char, message: &str) -> Incoming {
        Incoming { id: id(digit), named: named_issues(message), print: None }
    }

    #[test]
    fn a_birth_of_an_open_issue_is_refused_and_others_pass() {
        let policy = Policy::default();
        let open = [issue(&['a'])];
        assert_eq!(judge("main", &[coming('b', "")], &open, &policy), Verdict::Pass);
        let Verdict::Refuse(refusal) = judge("main", &[coming('a', "")], &open, &policy) else {
            panic!("passed");
        };
        assert_eq!(
            refusal.to_string(),
            "refused: bringing issue 81 onto main\n    why: issue 81 is in COMPACT, compaction is \
             missing; commit aaaaaaaaaa is its work\n    fix: git orch compact 81"
        );
    }

    #[test]
    fn an_indented_trailer_tells() {
        let message = "Squashed commit\n\n    Fix it\n\n    orch-issue: #81\n";
        assert_eq!(attribute(&[coming('b', message)], &[issue(&[])], 0.5)[0].rule, Rule::Trailer);
    }

    #[test]
    fn most_of_the_lines_tell_and_few_do_not() {
        let print = |lines: std::ops::Range<u64>| Fingerprint {
            lines: lines.collect(),
            ..Fingerprint::default()
        };
        let mut known = issue(&[]);
        known.prints = vec![print(0..10)];
        let with = |lines| [Incoming { print: Some(print(lines)), ..coming('b', "") }];
        assert_eq!(attribute(&with(0..5), std::slice::from_ref(&known), 0.5)[0].rule, Rule::Lines);
        assert_eq!(attribute(&with(6..20), std::slice::from_ref(&known), 0.5), []);
        known.prints = vec![print(0..4)];
        assert_eq!(attribute(&with(0..4), &[known], 0.5), []);
    }

    #[test]
    fn a_policy_may_want_every_commit_to_have_an_issue() {
        let strict = Policy { direct: Direct::Refuse, ..Policy::default() };
        assert!(matches!(judge("main", &[coming('b', "")], &[], &strict), Verdict::Refuse(_)));
        let warn = Policy { direct: Direct::Warn, ..Policy::default() };
        assert!(matches!(judge("main", &[coming('b', "")], &[], &warn), Verdict::Warn(_)));
    }
}
