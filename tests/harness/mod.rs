//! A world for one test: a repository, a home, an environment with nothing of ours in it.
//!
//! The real binary is driven against real git. `ORCH_TEST_GIT` names another `git` to use, and
//! `ORCH_TEST_FORMAT` the object format of the repositories: `ORCH_TEST_FORMAT=sha256`.
#![expect(clippy::disallowed_methods, reason = "tests start programs and write files")]
#![allow(dead_code, reason = "each test binary uses a part of the harness")]

pub mod follow;
pub mod person;
pub mod receipts;
pub mod seed;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// How a command ended.
#[derive(Clone, Debug)]
pub struct Ended {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    /// The command must have succeeded.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, 0, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// The command must have ended with this code.
    #[track_caller]
    pub fn code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Stdout without its last line break.
    pub fn line(&self) -> String {
        self.stdout.trim_end().to_owned()
    }
}

/// A repository with a commit on `main`, and everything around it.
pub struct World {
    top: TempDir,
    pub repo: PathBuf,
}

impl World {
    /// A repository with one commit; git-orch is not set up.
    pub fn new() -> Self {
        Self::named("repo", &["-b", "main"])
    }

    /// The same in a folder of this name, with these options of `git init`.
    pub fn named(name: &str, options: &[&str]) -> Self {
        let top = tempfile::Builder::new().prefix("git-orch-test").tempdir().expect("temp folder");
        let root = top.path().canonicalize().expect("temp folder");
        let repo = root.join(name);
        std::fs::create_dir_all(root.join("home")).expect("home");
        std::fs::create_dir_all(&repo).expect("repository folder");
        let world = Self { top, repo };
        world.run(&world.repo, "git", [&["init", "-q"], options].concat()).ok();
        world.write("README.md", "# A project\n\nIt does something useful for somebody.\n");
        world.git(&["add", "-A"]).ok();
        world.git(&["commit", "-qm", "Begin"]).ok();
        world
    }

    /// A repository in which git-orch is set up.
    pub fn ready() -> Self {
        let world = Self::new();
        world.orch(&["init", "--yes"]).ok();
        world
    }

    /// The folder that holds everything of this world.
    pub fn root(&self) -> PathBuf {
        self.top.path().canonicalize().expect("temp folder")
    }

    /// The worktree of an issue, by the default pattern.
    pub fn worktree(&self, id: &str) -> PathBuf {
        let name = self.repo.file_name().expect("name").to_string_lossy().into_owned();
        self.root().join(format!("{name}.worktrees")).join(id)
    }

    /// The state folder that trust is kept in.
    pub fn state_home(&self) -> PathBuf {
        self.root().join("home").join("state")
    }

    /// Runs git in the main worktree.
    #[must_use = "say how it must end"]
    pub fn git(&self, args: &[&str]) -> Ended {
        self.git_in(&self.repo, args)
    }

    /// Runs git in `folder`.
    #[must_use = "say how it must end"]
    pub fn git_in(&self, folder: &Path, args: &[&str]) -> Ended {
        self.run(folder, "git", args)
    }

    /// Runs git-orch in the main worktree.
    #[must_use = "say how it must end"]
    pub fn orch(&self, args: &[&str]) -> Ended {
        self.orch_in(&self.repo, args)
    }

    /// Runs git-orch in `folder`.
    #[must_use = "say how it must end"]
    pub fn orch_in(&self, folder: &Path, args: &[&str]) -> Ended {
        self.run(folder, &binary(), args)
    }

    /// Runs a line of shell in `folder`.
    #[must_use = "say how it must end"]
    pub fn sh(&self, folder: &Path, line: &str) -> Ended {
        self.run(folder, "sh", ["-c", line])
    }

    /// Runs a program in `folder` with the environment of this world.
    #[must_use = "say how it must end"]
    pub fn run<S: AsRef<OsStr>>(
        &self,
        folder: &Path,
        program: &str,
        args: impl IntoIterator<Item = S>,
    ) -> Ended {
        let output = self.command(folder, program).args(args).output().expect(program);
        Ended {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// A command with the environment of this world and no stdin.
    pub fn command(&self, folder: &Path, program: &str) -> Command {
        let mut command = Command::new(program);
        let home = self.root().join("home");
        command
            .current_dir(folder)
            .env_clear()
            .env("PATH", path())
            .env("HOME", &home)
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env("XDG_STATE_HOME", self.state_home())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_NAME", "Ada")
            .env("GIT_AUTHOR_EMAIL", "ada@example.org")
            .env("GIT_COMMITTER_NAME", "Ada")
            .env("GIT_COMMITTER_EMAIL", "ada@example.org")
            .env("GIT_EDITOR", "true")
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null());
        if let Ok(format) = std::env::var("ORCH_TEST_FORMAT") {
            command.env("GIT_DEFAULT_HASH", format);
        }
        command
    }

    /// Writes a file of the main worktree.
    pub fn write(&self, name: &str, text: &str) {
        self.write_in(&self.repo, name, text);
    }

    /// Writes a file below `folder`.
    pub fn write_in(&self, folder: &Path, name: &str, text: &str) {
        assert!(folder.starts_with(self.root()), "only within this world");
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("parent")).expect("folder");
        std::fs::write(path, text).expect("file");
    }

    /// Commits everything in `folder`.
    pub fn commit(&self, folder: &Path, message: &str) -> String {
        self.git_in(folder, &["add", "-A"]).ok();
        self.git_in(folder, &["commit", "-qm", message]).ok();
        self.git_in(folder, &["rev-parse", "HEAD"]).ok().line()
    }

    /// `text` with everything that differs from run to run replaced.
    pub fn plain(&self, text: &str) -> String {
        let root = self.root().display().to_string();
        let text = text.replace(&root, "[TOP]");
        let rules = [
            (r"[0-9a-f]{64}", "[DIGEST]"),
            (r"[0-9a-f]{40}", "[COMMIT]"),
            (r"\b[0-9a-f]{10}\b", "[SHORT]"),
            (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "[TIME]"),
            (r"\d{8}T\d{6}Z(-[0-9a-f]{6})?", "[STAMP]"),
            (r"\b\d+ ms\b", "[MS]"),
        ];
        rules.iter().fold(text, |text, (pattern, with)| {
            regex::Regex::new(pattern).expect(pattern).replace_all(&text, *with).into_owned()
        })
    }

    /// An issue that is opened, specified and in EXECUTE; returns its worktree.
    pub fn in_execute(&self, id: &str) -> PathBuf {
        let worktree = PathBuf::from(self.orch(&["new-issue", id, "--yes"]).ok().line());
        self.write_in(&worktree, ".context/spec.md", SPEC);
        self.orch(&["spec", "finalise", id]).ok();
        self.orch(&["next", id]).ok();
        worktree
    }

    /// An issue with a commit that passed its checks; returns its worktree.
    pub fn validated(&self, id: &str) -> PathBuf {
        let worktree = self.in_execute(id);
        let text = format!("work of {id}, first line of it\nwork of {id}, second line of it\n");
        self.write_in(&worktree, &format!("work-{id}.txt"), &text);
        self.commit(&worktree, &format!("Do the work of {id}"));
        self.orch(&["next", id]).ok();
        self.orch(&["validate", id]).ok();
        worktree
    }

    /// An issue whose receipt is sealed; returns its worktree.
    pub fn sealed(&self, id: &str) -> PathBuf {
        let worktree = self.validated(id);
        let reason = "the change was mechanical and met no surprise";
        self.orch(&["learn", "none", id, "--reason", reason]).ok();
        self.orch(&["compact", id]).ok();
        worktree
    }
}

/// A specification with one criterion that always holds.
pub const SPEC: &str = "# Work\n\n## Goal\n\nThe work is done.\n\n## Acceptance criteria\n\n\
    - [ ] It holds\n  verify: true\n";

/// The binary under test.
pub fn binary() -> String {
    env!("CARGO_BIN_EXE_git-orch").to_owned()
}

/// PATH with the folder of the binary in front, so that `git orch` finds it, and of the git that
/// `ORCH_TEST_GIT` names.
fn path() -> String {
    let own =
        Path::new(env!("CARGO_BIN_EXE_git-orch")).parent().expect("folder").display().to_string();
    let rest = std::env::var("PATH").expect("PATH");
    match std::env::var("ORCH_TEST_GIT").ok().map(PathBuf::from) {
        Some(git) => format!("{own}:{}:{rest}", git.parent().expect("folder").display()),
        None => format!("{own}:{rest}"),
    }
}
