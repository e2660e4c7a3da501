//! Names git gives to things, and the names git-orch keeps its own things under.

use std::fmt;
use std::str::FromStr;

use super::ids::IssueId;

/// Where the chains of open issues live.
pub const ISSUES: &str = "refs/git-orch/issues/";
/// Where the chains of finished issues live.
pub const ARCHIVE: &str = "refs/git-orch/archive/";
/// Where rescued work lives: `refs/git-orch/salvage/<issue>/<time>`.
pub const SALVAGE: &str = "refs/git-orch/salvage/";
/// The chain of what was done with learnings after they were given.
pub const LEARNINGS: &str = "refs/git-orch/learnings";
/// Where what is uncommitted is saved as an issue goes on: `refs/git-orch/checkpoints/<issue>/<time>`.
pub const CHECKPOINT: &str = "refs/git-orch/checkpoints/";
/// Where a state is kept until its chain leads to it, while somebody collects garbage:
/// `refs/git-orch/writing/<issue>`.
pub const WRITING: &str = "refs/git-orch/writing/";
/// Where the chains of issues live whose opening was undone: `refs/git-orch/undone/<issue>/<time>`.
pub const UNDONE: &str = "refs/git-orch/undone/";
/// Where branches live.
pub const HEADS: &str = "refs/heads/";

/// The ref of an open issue's state chain.
pub fn issue_ref(id: &IssueId) -> String {
    format!("{ISSUES}{id}")
}

/// The ref of a finished issue's state chain.
pub fn archive_ref(id: &IssueId) -> String {
    format!("{ARCHIVE}{id}")
}

/// The ref that keeps a state of an issue while it is recorded beside somebody who collects.
pub fn writing_ref(id: &IssueId) -> String {
    format!("{WRITING}{id}")
}

/// A branch, without `refs/heads/`, checked against git's rules for ref names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BranchName(String);

/// Why a text is no branch name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{shown:?} is not a branch name: {reason}")]
pub struct BadBranchName {
    /// The text as given, cut to sixty characters.
    pub shown: String,
    /// The rule it breaks, one of `git help check-ref-format`.
    pub reason: &'static str,
}

impl BranchName {
    /// The name without `refs/heads/`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The full name of the ref.
    pub fn full(&self) -> String {
        format!("{HEADS}{}", self.0)
    }
}

impl fmt::Display for BranchName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for BranchName {
    type Err = BadBranchName;

    fn from_str(text: &str) -> Result<Self, BadBranchName> {
        let name = text.strip_prefix(HEADS).unwrap_or(text);
        match broken_rule(name) {
            None => Ok(Self(name.to_owned())),
            Some(reason) => Err(BadBranchName { shown: text.chars().take(60).collect(), reason }),
        }
    }
}

/// The first rule of `git check-ref-format --branch` that `name` breaks.
fn broken_rule(name: &str) -> Option<&'static str> {
    let bad =
        |c: char| c.is_control() || matches!(c, ' ' | '~' | '^' | ':' | '?' | '*' | '[' | '\\');
    if name.is_empty() || name == "@" || name == "HEAD" {
        Some("it is empty or reserved")
    } else if name.starts_with('-') {
        Some("it begins with a hyphen")
    } else if name.chars().any(bad) {
        Some("it holds a space, a control character or one of ~^:?*[\\")
    } else if name.contains("..") || name.contains("@{") {
        Some("it holds .. or @{")
    } else if name.ends_with('.') || name.starts_with('/') || name.ends_with('/') {
        Some("it ends with a dot or begins or ends with a slash")
    } else if name.split('/').any(|part| {
        part.is_empty() || part.starts_with('.') || part.to_ascii_lowercase().ends_with(".lock")
    }) {
        Some("a part of it is empty, begins with a dot or ends with .lock")
    } else {
        None
    }
}

/// A text made fit for one line of a terminal or a commit message: control characters and line
/// breaks become spaces, runs of spaces one space. A title could otherwise forge trailers or
/// send escape codes.
pub fn one_line(text: &str) -> String {
    let blanked: String =
        text.chars().map(|c| if c.is_control() || is_invisible(c) { ' ' } else { c }).collect();
    blanked.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A number with what is counted: `1 commit`, `3 commits`.
pub fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Characters that reorder or hide what stands around them.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branch_names_follow_git() {
        for good in ["main", "issue/81", "feature/ü", "a.b", "release/1.x"] {
            assert!(good.parse::<BranchName>().is_ok(), "{good}");
        }
        for bad in
            ["", "-x", "a..b", "a b", "a~1", "x.lock", "a/.b", "/a", "a/", "a@{1}", "a.", "x\u{7}"]
        {
            assert!(bad.parse::<BranchName>().is_err(), "{bad}");
        }
        assert_eq!("refs/heads/main".parse::<BranchName>().unwrap().full(), "refs/heads/main");
    }

    #[test]
    fn one_line_takes_the_teeth_out_of_a_title() {
        assert_eq!(one_line("Fix\u{1b}[31m it\n\nOrch-Issue: 9"), "Fix [31m it Orch-Issue: 9");
    }

    #[test]
    fn a_branch_reads_back_by_its_full_name() {
        let name: BranchName = "refs/heads/issue/81".parse().unwrap();
        assert_eq!(name.full().parse::<BranchName>().unwrap(), name);
        let odd: BranchName = "refs/heads/refs/heads/issue/81".parse().unwrap();
        assert_eq!(odd.full().parse::<BranchName>().unwrap(), odd);
    }
}
