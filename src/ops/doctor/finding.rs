//! One thing that was noticed: what it is, how much it matters, what mends it.

use serde::Serialize;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Good to know.
    Info,
    /// Something works less well.
    Care,
    /// Something does not work, or does not hold.
    Bad,
}

/// What `--fix` does about a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mend {
    /// Nothing: `step` is for a person.
    Person,
    /// Set up anew what is missing of the installation.
    Install,
    /// Finish opening this issue, or make its worktree again.
    Open(String),
    /// Finish archiving this issue.
    Archive(String),
    /// Finish opening this archived issue again.
    Restore(String),
    /// Write `.context/` of this issue anew.
    Copy(String),
    /// Empty the trash.
    Trash,
    /// Say again that the repository has a work tree, and where.
    NotBare,
    /// Go back to the last whole state of the record of this issue.
    Record(String),
    /// Set aside what is none of ours in a place of ours.
    Foreign(String),
    /// Let checkpoints go that are past their time.
    Checkpoints,
}

/// One thing that was noticed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable word for programs.
    pub code: &'static str,
    /// How much it matters.
    pub level: Level,
    /// What was noticed.
    pub what: String,
    /// Why it matters.
    pub why: String,
    /// What mends it, in words or as a command.
    pub step: String,
    /// What `--fix` does.
    pub mend: Mend,
}
