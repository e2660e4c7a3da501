//! Everything a command can end with other than success, and the exit code of each.

use crate::domain::refusal::Refusal;
use crate::domain::tidy::quoted;
use crate::git::GitError;
use crate::store::StoreError;

/// Exit codes, the same for every command and listed by `git orch -h`.
pub mod exit {
    /// Done.
    pub const DONE: u8 = 0;
    /// Refused by a rule.
    pub const REFUSED: u8 = 1;
    /// The command line was wrong.
    pub const USAGE: u8 = 2;
    /// The surroundings lack something: no repository, git too old, a tool missing.
    pub const SURROUNDINGS: u8 = 3;
    /// State is damaged, or busy.
    pub const STATE: u8 = 4;
    /// A check that git-orch ran was red.
    pub const RED: u8 = 5;
    /// A bug of ours.
    pub const BUG: u8 = 70;
}

/// Every exit code with its meaning.
pub const EXIT_CODES: [(u8, &str); 7] = [
    (exit::DONE, "done"),
    (exit::REFUSED, "refused by a rule"),
    (exit::USAGE, "usage"),
    (exit::SURROUNDINGS, "surroundings (no repository, git too old, tool missing)"),
    (exit::STATE, "state damaged or busy"),
    (exit::RED, "a check that git-orch ran was red"),
    (exit::BUG, "a bug of git-orch"),
];

/// The codes as help prints them.
pub fn exit_codes() -> String {
    let codes = EXIT_CODES.map(|(code, meaning)| format!("{code} {meaning}"));
    format!("Exit codes: {}", codes.join(", "))
}

/// How a command fails.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rule said no. Boxed: it is the large one, and the rare one.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// What was asked for makes no sense.
    #[error("{what}")]
    Usage {
        /// What is wrong with it.
        what: String,
        /// The command that would be right.
        fix: String,
    },
    /// Something around us is missing.
    #[error("{what}")]
    Surroundings {
        /// What is missing.
        what: String,
        /// The command that would be right.
        fix: String,
    },
    /// Checks were red; their names and outcomes were reported.
    #[error("{0}")]
    Red(String),
    /// Our own files.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// git.
    #[error(transparent)]
    Git(#[from] GitError),
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl Error {
    /// A command line that makes no sense, with one that would.
    pub fn usage(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Usage { what: what.into(), fix: fix.into() }
    }

    /// Something missing around us, with the command that helps.
    pub fn surroundings(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Surroundings { what: what.into(), fix: fix.into() }
    }

    /// The exit code.
    pub fn code(&self) -> u8 {
        match self {
            Self::Refused(_) => exit::REFUSED,
            Self::Usage { .. } => exit::USAGE,
            Self::Surroundings { .. } => exit::SURROUNDINGS,
            Self::Red(_) => exit::RED,
            Self::Store(StoreError::Git(e)) | Self::Git(e) => git_code(e),
            Self::Store(_) => exit::STATE,
        }
    }

    /// The command that makes it right, where one is known.
    pub fn fix(&self) -> Option<String> {
        match self {
            Self::Usage { fix, .. }
            | Self::Surroundings { fix, .. }
            | Self::Store(StoreError::Archive { fix, .. } | StoreError::Left { fix, .. }) => {
                Some(fix.clone())
            }
            Self::Store(StoreError::Busy { .. }) => Some("run the same command again".to_owned()),
            Self::Store(StoreError::Document { .. } | StoreError::Damaged { .. }) => {
                Some("git orch doctor".to_owned())
            }
            Self::Store(StoreError::Git(e)) | Self::Git(e) => git_fix(e),
            Self::Store(StoreError::Index { .. }) => Some("git orch recall --rebuild".to_owned()),
            Self::Store(StoreError::Config { .. }) => {
                Some("git config -f .orchestration/config.toml --edit   # on the branch that it names, and commit it".to_owned())
            }
            Self::Store(StoreError::NotPlain { path }) => {
                Some(format!("ls -ld {}", quoted(&path.display().to_string())))
            }
            Self::Refused(_) | Self::Red(_) | Self::Store(_) => None,
        }
    }
}

fn git_code(error: &GitError) -> u8 {
    match error {
        GitError::NoProgram | GitError::NoRepository(_) | GitError::Start(_) => exit::SURROUNDINGS,
        GitError::Unexpected(_) => exit::BUG,
        _ => exit::STATE,
    }
}

fn git_fix(error: &GitError) -> Option<String> {
    match error {
        GitError::NoProgram => Some("install git 2.34 or newer".to_owned()),
        GitError::NoRepository(_) => Some("cd into a repository, or git init".to_owned()),
        GitError::Broken(_) => Some("git orch doctor --fix".to_owned()),
        GitError::Moved(_) | GitError::TimedOut { .. } => {
            Some("run the same command again".to_owned())
        }
        _ => None,
    }
}
