//! The rules that say whose a commit is.
//!
//! By name: born on the issue's branch, or naming the issue in its message. By content: the diff
//! of a birth, the content of a file that only the issue wrote, most of the lines it added. The
//! first rule that tells is the one that is named.

use std::collections::BTreeSet;

use super::facts::{Fingerprint, Incoming, OpenIssue, TELLING_COMMIT, TELLING_LINES};
use crate::domain::ids::{BlobId, CommitId, PatchId};

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

/// Every incoming commit that was born in an open issue or names one.
pub fn by_name(incoming: &[Incoming], open: &[OpenIssue]) -> Vec<Match> {
    let mut found = Vec::new();
    for (issue, known) in open.iter().enumerate() {
        let births: BTreeSet<&CommitId> = known.births.iter().map(|b| &b.commit).collect();
        for commit in incoming {
            let rule = if births.contains(&commit.id) {
                Rule::Birth
            } else if commit.named.contains(&known.id) {
                Rule::Trailer
            } else {
                continue;
            };
            found.push(Match { commit: commit.id.clone(), issue, rule });
        }
    }
    found.sort_by_key(|m| m.rule);
    found
}

/// Every incoming commit that is a copy of an open issue's work; `share` is the part of its added
/// lines that makes one, 0 to 1.
pub fn by_content(incoming: &[Incoming], open: &[OpenIssue], share: f64) -> Vec<Match> {
    let mut found = Vec::new();
    for (issue, known) in open.iter().enumerate() {
        let patches: BTreeSet<&PatchId> =
            known.prints.iter().filter_map(|p| p.patch.as_ref()).collect();
        let blobs: BTreeSet<&(String, BlobId)> =
            known.prints.iter().flat_map(|p| &p.blobs).collect();
        let before = found.len();
        for commit in incoming {
            let Some(print) = &commit.print else { continue };
            let rule = if print.patch.as_ref().is_some_and(|patch| patches.contains(patch)) {
                Rule::Patch
            } else if print.blobs.iter().any(|blob| blobs.contains(blob)) {
                Rule::Blob
            } else {
                continue;
            };
            found.push(Match { commit: commit.id.clone(), issue, rule });
        }
        if found.len() == before
            && let Some(commit) = contained(incoming, known, share)
        {
            found.push(Match { commit, issue, rule: Rule::Lines });
        }
    }
    found.sort_by_key(|m| m.rule);
    found
}

/// The incoming commit that brings most of the lines the issue added, when enough came in.
fn contained(incoming: &[Incoming], issue: &OpenIssue, share: f64) -> Option<CommitId> {
    let own = whole(issue).into_iter().find(|own| {
        let came: BTreeSet<u64> = incoming.iter().flat_map(|commit| shared(commit, own)).collect();
        count(came.len()) / count(own.len()) >= share
    })?;
    incoming.iter().max_by_key(|commit| shared(commit, &own).count()).map(|c| c.id.clone())
}

fn shared<'a>(commit: &'a Incoming, own: &'a BTreeSet<u64>) -> impl Iterator<Item = u64> + 'a {
    commit.print.iter().flat_map(|print| print.added.intersection(own).copied())
}

fn count(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}

/// The sets of lines that make up an issue's change, each large enough to tell: what its branch
/// comes to, what all its births came to, and each larger commit by itself. A line that a later
/// birth took away again is no part of the first two.
pub fn whole(issue: &OpenIssue) -> Vec<BTreeSet<u64>> {
    let all: Vec<&Fingerprint> = issue.prints.iter().collect();
    let current: Vec<&Fingerprint> =
        issue.current.iter().filter_map(|&at| issue.prints.get(at)).collect();
    let mut sets = vec![came_to(&current), came_to(&all)];
    sets.retain(|set| set.len() >= TELLING_LINES);
    sets.extend(
        all.iter().map(|print| came_to(&[print])).filter(|set| set.len() >= TELLING_COMMIT),
    );
    sets.dedup();
    sets
}

/// The lines that are there after `prints`, in their order, and were not before. What a commit
/// both takes away and adds it moved or indented, and did not write.
fn came_to(prints: &[&Fingerprint]) -> BTreeSet<u64> {
    let mut lines = BTreeSet::new();
    for print in prints {
        let gone: BTreeSet<u64> = print.removed.difference(&print.added).copied().collect();
        lines.extend(print.added.difference(&print.removed).copied());
        lines.retain(|line| !gone.contains(line));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::gate::Missing;
    use crate::domain::gate::trailer::named_issues;
    use crate::domain::phase::Phase;

    fn lines(range: std::ops::Range<u64>) -> Fingerprint {
        Fingerprint { added: range.collect(), ..Fingerprint::default() }
    }

    fn issue(prints: Vec<Fingerprint>) -> OpenIssue {
        OpenIssue {
            id: "81".parse().unwrap(),
            phase: Some(Phase::Compact),
            why: Missing::Compaction,
            births: Vec::new(),
            current: (0..prints.len()).collect(),
            prints,
        }
    }

    fn coming(message: &str, print: Option<Fingerprint>) -> Incoming {
        let id = "b".repeat(40).parse().unwrap();
        Incoming { id, named: named_issues(message), owned: false, print }
    }

    fn rule(incoming: Incoming, known: &OpenIssue) -> Option<Rule> {
        let found = by_content(&[incoming], std::slice::from_ref(known), 0.5);
        found.first().map(|m| m.rule)
    }

    #[test]
    fn an_indented_trailer_tells() {
        let message = "Squashed commit\n\n    Fix it\n\n    orch-issue: #81\n";
        let found = by_name(&[coming(message, None)], &[issue(Vec::new())]);
        assert_eq!(found[0].rule, Rule::Trailer);
    }

    #[test]
    fn most_of_the_lines_tell_and_few_do_not() {
        let known = issue(vec![lines(0..10)]);
        assert_eq!(rule(coming("", Some(lines(0..5))), &known), Some(Rule::Lines));
        assert_eq!(rule(coming("", Some(lines(6..20))), &known), None);
        let small = issue(vec![lines(0..4)]);
        assert_eq!(rule(coming("", Some(lines(0..4))), &small), None);
    }

    #[test]
    fn lines_written_and_taken_away_again_are_no_part_of_the_change() {
        let mut second = lines(20..28);
        second.removed = (0..20).collect();
        let known = issue(vec![lines(0..20), second]);
        assert_eq!(whole(&known)[0], (20..28).collect());
        assert_eq!(rule(coming("", Some(lines(20..26))), &known), Some(Rule::Lines));
    }

    #[test]
    fn lines_that_only_moved_do_not_tell() {
        let mut moved = lines(0..30);
        moved.removed = (0..30).collect();
        assert_eq!(rule(coming("", Some(lines(0..30))), &issue(vec![moved])), None);
    }

    #[test]
    fn one_large_commit_of_many_tells_by_itself() {
        let known = issue(vec![lines(0..20), lines(100..400)]);
        assert_eq!(rule(coming("", Some(lines(0..12))), &known), Some(Rule::Lines));
    }
}
