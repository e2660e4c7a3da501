//! The gate: whether commits may come onto a protected branch.
//!
//! [`judge`] gets what is coming in and what is known of the open issues, and says *pass* or names
//! each issue whose work is not compacted. Whose a commit is, is told by where it was **born**,
//! never by what reaches it; copies are told by message, by diff and by content, in that order.
//! [`attribute`] holds the rules, [`words`] what a refusal says, [`undo`] the command that restores
//! what git left behind, [`trailer`] the line in a commit's message.

mod attribute;
mod facts;
pub mod trailer;
pub mod undo;
mod words;

pub use attribute::{Match, Rule, by_content, by_name, whole};
pub use facts::{
    Fingerprint, Incoming, Missing, OpenIssue, TELLING_COMMIT, TELLING_FILE, TELLING_LINES,
};
pub use words::{Case, carrying};

use super::ids::CommitId;
use super::policy::{Direct, Policy};
use super::refusal::Refusal;

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

impl Verdict {
    /// Whether it may not pass.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Refuse(_))
    }
}

/// Judges `incoming` by all that is given: names first, then content.
pub fn judge(case: &Case, incoming: &[Incoming], open: &[OpenIssue], policy: &Policy) -> Verdict {
    let mut found = by_name(incoming, open);
    if found.is_empty() {
        found = by_content(incoming, open, policy.containment);
    }
    decide(case, incoming, open, &found, policy.direct)
}

/// The verdict for what was found: a refusal that names each issue, else what the policy says of
/// commits that belong to none.
pub fn decide(
    case: &Case,
    incoming: &[Incoming],
    open: &[OpenIssue],
    found: &[Match],
    direct: Direct,
) -> Verdict {
    if !found.is_empty() {
        return Verdict::Refuse(words::uncompacted(case, found, open));
    }
    let strays: Vec<CommitId> =
        incoming.iter().filter(|c| !c.owned).map(|c| c.id.clone()).collect();
    match (direct, strays.first()) {
        (Direct::Warn, Some(_)) => Verdict::Warn(strays),
        (Direct::Refuse, Some(first)) => Verdict::Refuse(words::stray(case, first, strays.len())),
        _ => Verdict::Pass,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::phase::Phase;
    use crate::domain::receipt::Birth;
    use trailer::named_issues;

    fn id(digit: char) -> CommitId {
        digit.to_string().repeat(40).parse().unwrap()
    }

    fn issue(births: &[char]) -> OpenIssue {
        OpenIssue {
            id: "81".parse().unwrap(),
            phase: Some(Phase::Compact),
            why: Missing::Compaction,
            births: births.iter().map(|&c| Birth { commit: id(c), patch: None }).collect(),
            prints: Vec::new(),
            current: BTreeSet::new(),
        }
    }

    fn coming(digit: char, message: &str) -> Incoming {
        Incoming { id: id(digit), named: named_issues(message), owned: false, print: None }
    }

    fn said(incoming: &[Incoming], open: &[OpenIssue], policy: &Policy) -> Verdict {
        judge(&Case::onto("main"), incoming, open, policy)
    }

    #[test]
    fn a_birth_of_an_open_issue_is_refused_and_others_pass() {
        let policy = Policy::default();
        let open = [issue(&['a'])];
        assert_eq!(said(&[coming('b', "")], &open, &policy), Verdict::Pass);
        let Verdict::Refuse(refusal) = said(&[coming('a', "")], &open, &policy) else {
            panic!("passed");
        };
        assert_eq!(
            refusal.to_string(),
            "refused: bringing issue 81 onto main\n    why: issue 81 is in COMPACT, compaction is \
             missing; commit aaaaaaaaaa is its work\n    fix: git orch compact 81"
        );
    }

    #[test]
    fn several_issues_are_named_each_with_its_remedy() {
        let other = OpenIssue {
            id: "82".parse().unwrap(),
            phase: Some(Phase::Execute),
            why: Missing::Stale,
            ..issue(&['b'])
        };
        let open = [issue(&['a']), other];
        let verdict = said(&[coming('a', ""), coming('b', "")], &open, &Policy::default());
        let Verdict::Refuse(refusal) = verdict else { panic!("passed") };
        assert_eq!(refusal.what, "bringing issues 81 and 82 onto main");
        let fixes: Vec<&str> = refusal.unmet.iter().map(|unmet| unmet.fix.as_str()).collect();
        assert_eq!(fixes, ["git orch compact 81", "git orch next 82"]);
    }

    #[test]
    fn a_policy_may_want_every_commit_to_have_an_issue() {
        let strict = Policy { direct: Direct::Refuse, ..Policy::default() };
        assert!(said(&[coming('b', "")], &[], &strict).is_refusal());
        let warn = Policy { direct: Direct::Warn, ..Policy::default() };
        assert!(matches!(said(&[coming('b', "")], &[], &warn), Verdict::Warn(_)));
        assert_eq!(said(&[], &[], &strict), Verdict::Pass);
    }
}
