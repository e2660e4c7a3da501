//! The commands that make a worktree exactly what its branch has.

/// What git-orch keeps in a worktree for itself.
const OWN: &str = ".context/";

/// The command that commits what is `dirty` in `worktree`. Where somebody committed what git-orch
/// writes there, that is taken out of the branch first: it changes with every step of the issue.
pub fn committing(worktree: &str, dirty: &[String]) -> String {
    let place = quoted(worktree);
    let commit = format!("git -C {place} add -A && git -C {place} commit");
    if dirty.iter().any(|path| path.starts_with(OWN)) {
        format!("git -C {place} rm -r -q --cached .context && {commit}")
    } else {
        commit
    }
}

/// The command that goes on with the `operation` of git's that is under way in `worktree`.
pub fn going_on(worktree: &str, operation: &str) -> String {
    let step = if operation == "bisect" { "reset" } else { "--continue" };
    format!("git -C {} {operation} {step}", quoted(worktree))
}

/// A path as one word of a shell command.
pub fn quoted(path: &str) -> String {
    let plain =
        |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | '+' | ',' | '@' | ':');
    if !path.is_empty() && path.chars().all(plain) {
        path.to_owned()
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ours_leaves_the_branch() {
        let plain = committing("/w", &["a.txt".to_owned()]);
        assert_eq!(plain, "git -C /w add -A && git -C /w commit");
        let own = committing("/w", &["a.txt".to_owned(), ".context/session-log.xml".to_owned()]);
        assert_eq!(own, format!("git -C /w rm -r -q --cached .context && {plain}"));
    }

    #[test]
    fn a_search_has_no_going_on() {
        assert_eq!(going_on("/a b", "bisect"), "git -C '/a b' bisect reset");
        assert_eq!(going_on("/w", "am"), "git -C /w am --continue");
    }
}
