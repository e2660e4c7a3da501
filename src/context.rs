#![expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
//! What every command works with: the surroundings, read once.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::clock;
use crate::domain::time::Moment;
use crate::error::Error;
use crate::git::config::Committer;
use crate::git::{Git, Quarantine, Repo};

/// What the environment says, read once at the start.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Where we were started.
    pub folder: PathBuf,
    /// `GIT_DIR`, which git sets for hooks in linked worktrees and for `git --git-dir=…`.
    pub git_dir: Option<PathBuf>,
    /// This program, without links: what the shims start.
    pub program: Option<PathBuf>,
    /// The user's home.
    pub home: Option<PathBuf>,
    /// Where programs keep settings, `XDG_CONFIG_HOME`.
    pub config_home: Option<PathBuf>,
    /// Where programs keep state, `XDG_STATE_HOME`.
    pub state_home: Option<PathBuf>,
    /// Where programs are looked for, `PATH`.
    pub search_path: Option<OsString>,
    /// The editor, as git would choose it from the environment.
    pub editor: Option<String>,
    /// `GIT_REFLOG_ACTION`: what git is doing while it runs a hook.
    pub reflog_action: String,
    /// The commits of `GITHEAD_<oid>` variables: what a merge brings in.
    pub merge_heads: Vec<String>,
    /// Whether it is `git commit` that runs the hook: it alone writes the author's date this way.
    pub committing: bool,
    /// `GIT_ORCH_SEEN`: what a shim already read of the hook's input, in whatever encoding.
    pub seen: OsString,
    /// Who git is told the user is.
    pub committer: Committer,
    /// What an agent was told when it was started.
    pub called: Called,
    /// Where the objects of a push are until it is let in.
    pub quarantine: Option<Quarantine>,
    /// `GITHUB_EVENT_PATH`: the file that says what started a workflow.
    pub event_file: Option<PathBuf>,
}

/// What an agent finds in its environment.
#[derive(Clone, Debug, Default)]
pub struct Called {
    /// `ORCH_ISSUE`.
    pub issue: Option<String>,
    /// `ORCH_PHASE`.
    pub phase: Option<String>,
    /// `ORCH_TASK`.
    pub task: Option<String>,
    /// `ORCH_ATTEMPT`.
    pub attempt: Option<String>,
    /// `ORCH_LANE`.
    pub lane: Option<String>,
    /// `ORCH_SIGNALS`.
    pub signals: Option<PathBuf>,
}

/// Variables that have git take settings and attributes from elsewhere than libgit2 does.
const ELSEWHERE: [&str; 4] =
    ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_ATTR_SOURCE"];

/// The variable that names the folder for marks of hooks that ran.
pub const MARKS: &str = "GIT_ORCH_SELFTEST";

/// The folder in which a hook that runs is to leave a mark.
pub fn marks() -> Option<PathBuf> {
    std::env::var_os(MARKS).filter(|value| !value.is_empty()).map(PathBuf::from)
}

impl Surroundings {
    /// Reads the environment.
    pub fn read() -> Self {
        let path = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        let text = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
        let merge_heads = std::env::vars_os()
            .filter_map(|(name, _)| name.to_str()?.strip_prefix("GITHEAD_").map(str::to_owned))
            .collect();
        Self {
            folder: std::env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
            git_dir: path("GIT_DIR"),
            program: std::env::current_exe().ok(),
            home: path("HOME"),
            config_home: path("XDG_CONFIG_HOME"),
            state_home: path("XDG_STATE_HOME"),
            search_path: std::env::var_os("PATH"),
            editor: text("GIT_EDITOR").or_else(|| text("VISUAL")).or_else(|| text("EDITOR")),
            reflog_action: text("GIT_REFLOG_ACTION").unwrap_or_default(),
            merge_heads,
            committing: text("GIT_AUTHOR_DATE").is_some_and(|date| date.starts_with('@')),
            seen: std::env::var_os("GIT_ORCH_SEEN").unwrap_or_default(),
            committer: Committer {
                name: text("GIT_COMMITTER_NAME"),
                address: text("GIT_COMMITTER_EMAIL"),
                elsewhere: ELSEWHERE.iter().any(|name| std::env::var_os(name).is_some()),
            },
            called: Called {
                issue: text("ORCH_ISSUE"),
                phase: text("ORCH_PHASE"),
                task: text("ORCH_TASK"),
                attempt: text("ORCH_ATTEMPT"),
                lane: text("ORCH_LANE"),
                signals: path("ORCH_SIGNALS"),
            },
            quarantine: path("GIT_QUARANTINE_PATH").map(|objects| Quarantine {
                objects: path("GIT_OBJECT_DIRECTORY").unwrap_or(objects),
                others: std::env::var_os("GIT_ALTERNATE_OBJECT_DIRECTORIES").unwrap_or_default(),
            }),
            event_file: path("GITHUB_EVENT_PATH"),
        }
    }

    /// The names of all variables, for children that must see none but those we choose.
    pub fn names() -> Vec<String> {
        std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect()
    }

    /// Where what must outlive a repository is kept: `$XDG_STATE_HOME/git-orch`, or
    /// `~/.local/state/git-orch`.
    pub fn state_folder(&self) -> Option<PathBuf> {
        let base = self
            .state_home
            .clone()
            .or_else(|| self.home.as_ref().map(|home| home.join(".local").join("state")))?;
        Some(base.join("git-orch"))
    }
}

/// A repository with the surroundings of this command.
#[derive(Debug)]
pub struct Context {
    /// What the environment says.
    pub around: Surroundings,
    /// The repository.
    pub repo: Repo,
    /// When the command began: every record it makes bears this time.
    pub now: Moment,
    /// What we are doing, for people who wait for our locks.
    pub doing: String,
}

impl Context {
    /// Opens the repository around us; `doing` names the command.
    pub fn open(doing: &str) -> Result<Self, Error> {
        let around = Surroundings::read();
        let folder = around.folder.clone();
        Self::open_at(around, &folder, doing)
    }

    /// Opens the repository around `folder`.
    pub fn open_at(around: Surroundings, folder: &Path, doing: &str) -> Result<Self, Error> {
        let git = Git::find()?.seeing(around.quarantine.clone());
        let repo = Repo::open(git, folder, around.git_dir.as_deref())?;
        Ok(Self { around, repo, now: clock::now(), doing: doing.to_owned() })
    }

    /// The same repository at this moment, for a command that lasts: what it records bears the
    /// time at which it happened. Seen from where the repository is at home, since the folder we
    /// were started in may be gone by now.
    pub fn again(&self) -> Result<Self, Error> {
        let around = Surroundings { git_dir: None, ..self.around.clone() };
        Self::open_at(around, self.repo.home(), &self.doing)
    }

    /// Who we are, for people who wait for our locks.
    pub fn owner(&self) -> String {
        format!("pid {}, git orch {}, since {}", std::process::id(), self.doing, self.now)
    }
}
