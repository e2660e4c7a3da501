#![expect(clippy::disallowed_methods, reason = "this is the one place that spawns git")]
//! Runs the `git` program: absolute path, fixed locale, no stdin of ours, a time limit, and none
//! of the variables that tie a child to the repository of a hook around us.
//!
//! A `git` started inside a hook inherits `GIT_DIR` and `GIT_INDEX_FILE` of that hook; a child
//! that keeps them writes into the wrong repository. Everything that
//! `git rev-parse --local-env-vars` lists is removed here for every call.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

pub use super::error::GitError;

/// What `git rev-parse --local-env-vars` prints (git 2.34 to 2.55 agree), and the variables that
/// name the hook around us.
const LOCAL_VARIABLES: [&str; 17] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_CONFIG",
    "GIT_CONFIG_PARAMETERS",
    "GIT_CONFIG_COUNT",
    "GIT_OBJECT_DIRECTORY",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_GRAFT_FILE",
    "GIT_INDEX_FILE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_REPLACE_REF_BASE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_COMMON_DIR",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_REFLOG_ACTION",
];

/// The variables that every child of ours runs without, git or not.
pub fn local_variables() -> &'static [&'static str] {
    &LOCAL_VARIABLES
}

/// Settings for calls whose effect must outlast a power cut.
const DURABLE: [&str; 4] = ["-c", "core.fsync=all", "-c", "core.fsyncMethod=fsync"];

/// Settings for calls that nobody else is to hear of, and that start nothing that outlives them.
const ALONE: [&str; 14] = [
    "-c",
    "core.hooksPath=/dev/null",
    // git 2.54 and later run these as well.
    "-c",
    "hook.git-orch-lock.enabled=false",
    "-c",
    "hook.git-orch-boundary.enabled=false",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "gc.auto=0",
    "-c",
    "maintenance.auto=false",
    "-c",
    "advice.detachedHead=false",
];

/// Longest a git call may take unless it says otherwise.
const TIME_LIMIT: Duration = Duration::from_secs(600);

/// How a call ended.
#[derive(Clone, Debug)]
pub struct Output {
    /// Exit code; 128 plus the number for a signal.
    pub code: i32,
    /// Everything on stdout.
    pub stdout: Vec<u8>,
    /// Everything on stderr.
    pub stderr: Vec<u8>,
}

impl Output {
    /// stdout as text without its last line break.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).trim_end_matches('\n').to_owned()
    }

    /// stderr as text, trimmed.
    pub fn complaint(&self) -> String {
        String::from_utf8_lossy(&self.stderr).trim().to_owned()
    }
}

/// Where the objects of a push are until it is let in: what git tells `pre-receive`.
#[derive(Clone, Debug)]
pub struct Quarantine {
    /// The folder they are in, `GIT_OBJECT_DIRECTORY`.
    pub objects: PathBuf,
    /// Where all others are, `GIT_ALTERNATE_OBJECT_DIRECTORIES`.
    pub others: OsString,
}

/// The `git` program, and what its children are to inherit.
#[derive(Clone, Debug)]
pub struct Git {
    program: PathBuf,
    held: Vec<Arc<File>>,
    quarantine: Option<Quarantine>,
}

impl Git {
    /// Finds `git` on PATH.
    pub fn find() -> Result<Self, GitError> {
        let program = which::which("git").map_err(|_| GitError::NoProgram)?;
        Ok(Self { program, held: Vec::new(), quarantine: None })
    }

    /// The same program, which also sees objects in quarantine.
    #[must_use]
    pub fn seeing(self, quarantine: Option<Quarantine>) -> Self {
        Self { quarantine, ..self }
    }

    /// The quarantine it sees into.
    pub fn quarantine(&self) -> Option<&Quarantine> {
        self.quarantine.as_ref()
    }

    /// The same program, whose children keep `lock` for as long as they run. If only git-orch is
    /// killed, a running child keeps the lock and the next run waits for it.
    #[must_use]
    pub fn holding(&self, lock: &Arc<File>) -> Self {
        let mut held = self.held.clone();
        held.push(Arc::clone(lock));
        Self { held, ..self.clone() }
    }

    /// Where the program is.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// A call in `folder`.
    pub fn at<'a>(&'a self, folder: &Path) -> Call<'a> {
        let mut call =
            Call { git: self, args: Vec::new(), input: None, limit: TIME_LIMIT, vars: Vec::new() };
        call.args.push("-C".into());
        call.args.push(folder.into());
        call
    }

    /// A call that names the repository outright, so that a `.git` file which was rewritten to
    /// point elsewhere has no say.
    pub fn in_repository<'a>(&'a self, git_dir: &Path, worktree: Option<&Path>) -> Call<'a> {
        let mut call =
            Call { git: self, args: Vec::new(), input: None, limit: TIME_LIMIT, vars: Vec::new() };
        // From a place that is there: the folder we were started in may be gone by now, and git does
        // nothing from such a one.
        call.args.push("-C".into());
        call.args.push(worktree.unwrap_or(git_dir).into());
        call.args.push(joined("--git-dir=", git_dir));
        if let Some(worktree) = worktree {
            call.args.push(joined("--work-tree=", worktree));
        }
        call
    }
}

fn joined(option: &str, path: &Path) -> OsString {
    let mut text = OsString::from(option);
    text.push(path);
    text
}

/// A call of git being put together.
#[derive(Debug)]
pub struct Call<'a> {
    git: &'a Git,
    args: Vec<OsString>,
    input: Option<Vec<u8>>,
    limit: Duration,
    vars: Vec<(OsString, OsString)>,
}

impl Call<'_> {
    /// Our own bookkeeping: durable, no hooks, no daemons.
    #[must_use]
    pub fn quiet(mut self) -> Self {
        self.args.extend(DURABLE.iter().map(OsString::from));
        self.alone()
    }

    /// Work that is made durable later, all at once: no hooks, no daemons.
    #[must_use]
    pub fn alone(mut self) -> Self {
        self.args.extend(ALONE.iter().map(OsString::from));
        self
    }

    /// One more argument.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    /// More arguments.
    #[must_use]
    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// What the call reads on stdin.
    #[must_use]
    pub fn input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = Some(bytes.into());
        self
    }

    /// A variable for this call alone.
    #[must_use]
    pub fn var(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.vars.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Another time limit.
    #[must_use]
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Runs it and returns how it ended, whatever the exit code.
    pub fn run(self) -> Result<Output, GitError> {
        let mut command = Command::new(&self.git.program);
        command
            .args(&self.args)
            .env("LC_ALL", "C")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_ADVICE", "0")
            .stdin(if self.input.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for name in LOCAL_VARIABLES {
            command.env_remove(name);
        }
        if let Some(quarantine) = &self.git.quarantine {
            command
                .env("GIT_OBJECT_DIRECTORY", &quarantine.objects)
                .env("GIT_ALTERNATE_OBJECT_DIRECTORIES", &quarantine.others)
                .env("GIT_QUARANTINE_PATH", &quarantine.objects);
        }
        command.envs(self.vars.iter().map(|(name, value)| (name, value)));
        let child = self.git.spawn(&mut command)?;
        let shown = self.shown();
        collect(child, self.input, self.limit, shown)
    }

    /// Runs it; a non-zero exit code is an error.
    pub fn done(self) -> Result<Output, GitError> {
        let command = self.shown();
        let output = self.run()?;
        if output.code == 0 {
            Ok(output)
        } else {
            Err(GitError::Failed { command, code: output.code, stderr: output.complaint() })
        }
    }

    /// Runs it and returns stdout as text; a non-zero exit code is an error.
    pub fn text(self) -> Result<String, GitError> {
        self.done().map(|output| output.text())
    }

    /// The arguments from the subcommand on, for messages.
    fn shown(&self) -> String {
        let mut words = self.args.iter().map(|arg| arg.to_string_lossy());
        let mut kept = Vec::new();
        while let Some(word) = words.next() {
            match word.as_ref() {
                "-c" | "-C" => drop(words.next()),
                option
                    if option.starts_with("--git-dir=") || option.starts_with("--work-tree=") => {}
                _ => kept.push(word.into_owned()),
            }
        }
        kept.join(" ")
    }
}

impl Git {
    /// Starts the child; the locks we hold are inheritable for just this moment.
    fn spawn(&self, command: &mut Command) -> Result<Child, GitError> {
        use rustix::io::{FdFlags, fcntl_setfd};
        for lock in &self.held {
            fcntl_setfd(lock, FdFlags::empty()).map_err(|e| GitError::Start(e.into()))?;
        }
        let child = command.spawn().map_err(GitError::Start);
        for lock in &self.held {
            fcntl_setfd(lock, FdFlags::CLOEXEC).map_err(|e| GitError::Start(e.into()))?;
        }
        child
    }
}

/// Feeds and drains the child, and ends it at its limit.
fn collect(
    mut child: Child,
    input: Option<Vec<u8>>,
    limit: Duration,
    command: String,
) -> Result<Output, GitError> {
    let (done, ended) = mpsc::channel();
    let stdout = child.stdout.take();
    let stderr = child.stderr.take();
    let stdin = child.stdin.take();
    let (stdout, stderr) = std::thread::scope(|scope| {
        let feed = move || {
            if let (Some(mut pipe), Some(bytes)) = (stdin, input) {
                // A child that stops reading early says so by its exit code.
                let _ = pipe.write_all(&bytes);
            }
        };
        scope.spawn(feed);
        let errors = scope.spawn(move || drained(stderr));
        let signal = done.clone();
        let answer = scope.spawn(move || {
            let bytes = drained(stdout);
            let _ = signal.send(());
            bytes
        });
        let timed_out = ended.recv_timeout(limit).is_err();
        if timed_out {
            end(&mut child);
        }
        let both = (answer.join().unwrap_or_default(), errors.join().unwrap_or_default());
        if timed_out { Err(()) } else { Ok(both) }
    })
    .map_err(|()| GitError::TimedOut { command, seconds: limit.as_secs() })?;
    let status = child.wait().map_err(GitError::Start)?;
    Ok(Output { code: exit_code(status), stdout, stderr })
}

fn drained(pipe: Option<impl Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        // What arrived before a broken pipe is still what the child said.
        let _ = pipe.read_to_end(&mut bytes);
    }
    bytes
}

/// Asks the child to stop, so that it can remove its lock files, and only then kills it.
fn end(child: &mut Child) {
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
    }
    for _ in 0..20 {
        if matches!(child.try_wait(), Ok(Some(_))) {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    let _ = child.kill();
}

fn exit_code(status: std::process::ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(-1)
}

/// The first two numbers of a version such as `2.47.3`.
pub fn version_pair(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split('.').map(|part| part.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}
