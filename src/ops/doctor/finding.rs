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
    /// Finish this operation on the repository.
    Finish(String),
    /// Set this intent aside, which cannot be read.
    Intent(String),
    /// Take away the lock that is left on this ref of ours.
    Lock(String),
    /// Make git's entry for the worktree of this issue again.
    Entry(String),
    /// Record where the worktree of this issue was moved to.
    Moved(String),
}

impl Mend {
    /// What `--fix` does, in words.
    pub fn words(&self) -> String {
        match self {
            Self::Person => "nothing, this is left to you".to_owned(),
            Self::Install => "sets up what is missing, as git orch init does".to_owned(),
            Self::Open(id) => format!("finishes opening issue {id}, or makes its worktree again"),
            Self::Archive(id) => format!("finishes archiving issue {id}"),
            Self::Restore(id) => format!("finishes opening archived issue {id} again"),
            Self::Copy(id) => {
                format!("writes .context/ of issue {id} anew and keeps what was edited beside it")
            }
            Self::Trash => "empties the trash".to_owned(),
            Self::NotBare => "sets core.bare to false and unsets core.worktree".to_owned(),
            Self::Record(id) => {
                format!("brings the record of issue {id} back to its last whole state")
            }
            Self::Foreign(_) | Self::Intent(_) => "sets it aside and keeps it".to_owned(),
            Self::Checkpoints => "lets them go".to_owned(),
            Self::Finish(_) => "finishes it".to_owned(),
            Self::Lock(_) => "takes it away when no process holds it".to_owned(),
            Self::Entry(_) => {
                "makes git's entry for it again; every file stays, and what was staged is unstaged"
                    .to_owned()
            }
            Self::Moved(_) => "records where it is now".to_owned(),
        }
    }
}

/// One thing that was noticed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "Told")]
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

/// A finding as programs read it.
#[derive(Serialize)]
struct Told {
    code: &'static str,
    level: Level,
    what: String,
    why: String,
    step: String,
    mend: Mend,
    with_fix: String,
}

impl From<Finding> for Told {
    fn from(found: Finding) -> Self {
        let Finding { code, level, what, why, step, mend } = found;
        let with_fix = mend.words();
        Self { code, level, what, why, step, mend, with_fix }
    }
}
