//! The one command that restores what git had already changed when a move was refused.
//!
//! git moves files before it moves a branch, and a refusal comes in between. Which command puts
//! things back depends on what git was doing, and the files it keeps for itself tell that. Each
//! answer is tested in the state it is given for.

use crate::domain::tidy::quoted;

/// What git left behind in a worktree.
#[expect(clippy::struct_excessive_bools, reason = "git leaves each of these on its own")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leftover {
    /// A merge that is not committed (`MERGE_HEAD`).
    pub merge: bool,
    /// A pick that is not committed (`CHERRY_PICK_HEAD`), or a list of picks.
    pub pick: bool,
    /// A revert that is not committed (`REVERT_HEAD`), or a list of reverts.
    pub revert: bool,
    /// A rebase (`rebase-merge`).
    pub rebase: bool,
    /// A rebase by patches (`rebase-apply`).
    pub rebase_apply: bool,
    /// Patches from mail (`rebase-apply/applying`).
    pub mail: bool,
    /// A squash that is not committed (`SQUASH_MSG`).
    pub squash: bool,
    /// The end of a rebase that took the worktree off its branch and left no other trace.
    pub rewound: bool,
    /// What of the worktree shows the new commit already.
    pub shows: Shows,
}

/// What of a worktree shows the commit that its branch was not moved to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shows {
    /// Nothing, or nothing that git put there: `update-ref`, or a plain commit, before which the
    /// user had staged what is staged.
    #[default]
    Nothing,
    /// The index: `reset`.
    Index,
    /// Index and files: `reset --hard`, `checkout -B`, a fast-forward.
    Files,
}

/// The command that puts the worktree back to where `branch` stands; `None` when there is nothing
/// to put back.
pub fn command(left: &Leftover, branch: &str) -> Option<String> {
    let branch = quoted(branch);
    let text = if left.rebase {
        "git rebase --abort".to_owned()
    } else if left.mail {
        "git am --abort".to_owned()
    } else if left.rebase_apply {
        format!("git rebase --quit && git checkout {branch}")
    } else if left.merge {
        "git merge --abort".to_owned()
    } else if left.pick {
        "git cherry-pick --abort".to_owned()
    } else if left.revert {
        "git revert --abort".to_owned()
    } else if left.squash {
        // git leaves the message of the squash lying; the next commit would begin with it.
        let message = "\"$(git rev-parse --git-path SQUASH_MSG)\"";
        format!("mv {message} {message}.undone && git reset --merge")
    } else if left.rewound {
        format!("git checkout {branch}")
    } else {
        match left.shows {
            Shows::Nothing => return None,
            Shows::Index => "git reset --quiet".to_owned(),
            Shows::Files => "git reset --merge".to_owned(),
        }
    };
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operation_under_way_names_the_command() {
        let none = Leftover::default();
        assert_eq!(command(&none, "main"), None);
        let rebase = Leftover { rebase: true, pick: true, shows: Shows::Files, ..none };
        assert_eq!(command(&rebase, "main").as_deref(), Some("git rebase --abort"));
        let mail = Leftover { mail: true, rebase_apply: true, ..none };
        assert_eq!(command(&mail, "main").as_deref(), Some("git am --abort"));
        let reset = Leftover { shows: Shows::Files, ..none };
        assert_eq!(command(&reset, "main").as_deref(), Some("git reset --merge"));
    }
}
