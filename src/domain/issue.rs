//! Opening an issue: what there is already decides what is done.

use super::ids::{CommitId, IssueId};
use super::refusal::Refusal;
use super::tidy::quoted;

/// What there is of an issue when `new-issue` is asked for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// An open session of the issue: its worktree, and whether that is whole.
    pub session: Option<FoundSession>,
    /// The issue was finished and archived.
    pub archived: bool,
    /// An open or archived issue whose id differs only in letter case.
    pub case_twin: Option<IssueId>,
    /// The branch, without a session.
    pub branch: Option<FoundBranch>,
    /// What stands where the worktree would go.
    pub place: Place,
    /// The commit that the base names; `None` when nothing is there.
    pub base: Option<CommitId>,
    /// The repository has no commit at all.
    pub unborn: bool,
    /// The commit to start from holds a file or link called `.context`, where ours would go.
    pub context_taken: bool,
}

/// An open session that was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundSession {
    /// Its worktree.
    pub worktree: String,
    /// Whether the worktree is there and is this issue's.
    pub whole: bool,
    /// Whether its branch is still there.
    pub branch: bool,
}

/// A branch of the issue's name that was found without a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundBranch {
    /// Its tip.
    pub tip: CommitId,
    /// The worktree that has it checked out.
    pub checked_out: Option<String>,
}

/// What stands where the worktree would go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// Nothing, or an empty folder.
    #[default]
    Free,
    /// A worktree of this repository with the issue's branch checked out.
    OwnWorktree,
    /// A worktree of this repository with something else checked out.
    OtherWorktree(String),
    /// A worktree of this repository with no branch checked out.
    Detached,
    /// A folder or file that git does not know as a worktree.
    Unregistered,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opening {
    /// The issue is open and whole: nothing.
    Present {
        /// Its worktree.
        worktree: String,
    },
    /// The issue is open, its worktree is gone: make it again.
    Restore,
    /// Start afresh from this commit.
    Create {
        /// Where the branch starts.
        start: CommitId,
    },
    /// Take over the branch (and worktree) that stand there without a session.
    Adopt {
        /// The branch's tip.
        tip: CommitId,
        /// The worktree that has it checked out.
        worktree: Option<String>,
    },
}

/// Decides from what was found; `branch`, `place` and `base` are the names to use in words.
pub fn open(
    issue: &IssueId,
    found: &Found,
    branch: &str,
    place: &str,
    base: &str,
) -> Result<Opening, Refusal> {
    let what = format!("opening issue {issue}");
    let refuse = |code, why: String, fix: String| Err(Refusal::one(code, what.clone(), why, fix));
    if let Some(session) = &found.session {
        return again(issue, session, &found.place, branch, place);
    }
    if let Some(twin) = &found.case_twin {
        return refuse(
            "case-twin",
            format!("issue {twin} exists and differs only in letter case"),
            format!("git orch new-issue {twin}"),
        );
    }
    if found.archived {
        return refuse(
            "archived",
            "it is finished and archived".to_owned(),
            format!("git orch show {issue}"),
        );
    }
    if found.unborn {
        return refuse(
            "unborn",
            "this repository has no commit yet".to_owned(),
            "git commit --allow-empty -m 'Begin'".to_owned(),
        );
    }
    if found.context_taken {
        return refuse(
            "context-taken",
            format!(
                "{base} holds a file or link called .context, where the working copy of the record goes"
            ),
            "git rm --cached .context && git commit -m 'Make room for .context'".to_owned(),
        );
    }
    match (&found.place, &found.branch) {
        (Place::Unregistered, _) => refuse(
            "place-taken",
            format!("{place} exists and is not a worktree of this repository"),
            aside(place),
        ),
        (Place::Detached, _) => refuse(
            "place-taken",
            format!("{place} is a worktree with no branch checked out"),
            format!("git worktree move {} {}", quoted(place), quoted(&format!("{place}.aside"))),
        ),
        (Place::OtherWorktree(other), _) => refuse(
            "place-taken",
            format!("{place} is a worktree with {other} checked out"),
            format!("git worktree move {} {}", quoted(place), quoted(&format!("{place}.aside"))),
        ),
        (_, Some(there)) => {
            Ok(Opening::Adopt { tip: there.tip.clone(), worktree: there.checked_out.clone() })
        }
        (_, None) => match &found.base {
            Some(start) => Ok(Opening::Create { start: start.clone() }),
            None => refuse(
                "base-missing",
                format!("there is no commit called {base}"),
                format!("git orch new-issue {issue} --base HEAD"),
            ),
        },
    }
}

/// The same for an issue that is open.
fn again(
    issue: &IssueId,
    session: &FoundSession,
    at: &Place,
    branch: &str,
    place: &str,
) -> Result<Opening, Refusal> {
    let what = format!("opening issue {issue}");
    let refuse = |code, why: String, fix: String| Err(Refusal::one(code, what.clone(), why, fix));
    match (session.whole, session.branch, at) {
        (true, _, _) => Ok(Opening::Present { worktree: session.worktree.clone() }),
        (false, false, _) => refuse(
            "branch-gone",
            format!("its branch {branch} is gone, its record is not"),
            format!("git orch abandon {issue} --reason 'the branch was deleted'"),
        ),
        (false, true, Place::Unregistered) => refuse(
            "place-taken",
            format!("{place} exists and is not a worktree of this repository"),
            aside(place),
        ),
        (false, true, Place::OtherWorktree(other)) => refuse(
            "place-taken",
            format!("{place} has {other} checked out, not {branch}"),
            format!("git -C {} switch {branch}", quoted(place)),
        ),
        // In the middle of a rebase, say: it is the issue's all the same.
        (false, true, Place::Detached) => Ok(Opening::Present { worktree: place.to_owned() }),
        (false, true, _) => Ok(Opening::Restore),
    }
}

fn aside(place: &str) -> String {
    format!("mv {} {}", quoted(place), quoted(&format!("{place}.aside")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commit() -> CommitId {
        "a".repeat(40).parse().unwrap()
    }

    fn ask(found: &Found) -> Result<Opening, &'static str> {
        open(&"81".parse().unwrap(), found, "issue/81", "../x/81", "main")
            .map_err(|r| r.unmet[0].code)
    }

    #[test]
    fn each_finding_has_one_answer() {
        let fresh = Found { base: Some(commit()), ..Found::default() };
        assert_eq!(ask(&fresh), Ok(Opening::Create { start: commit() }));
        assert_eq!(ask(&Found::default()), Err("base-missing"));
        assert_eq!(ask(&Found { archived: true, ..fresh.clone() }), Err("archived"));
        assert_eq!(ask(&Found { place: Place::Unregistered, ..fresh.clone() }), Err("place-taken"));
        let branch = FoundBranch { tip: commit(), checked_out: None };
        assert_eq!(
            ask(&Found { branch: Some(branch), ..fresh.clone() }),
            Ok(Opening::Adopt { tip: commit(), worktree: None })
        );
        let session = FoundSession { worktree: "w".into(), whole: false, branch: true };
        assert_eq!(
            ask(&Found { session: Some(session.clone()), ..fresh.clone() }),
            Ok(Opening::Restore)
        );
        let gone = FoundSession { branch: false, ..session };
        assert_eq!(ask(&Found { session: Some(gone), ..fresh }), Err("branch-gone"));
    }
}
