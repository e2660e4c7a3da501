#![expect(clippy::disallowed_methods, reason = "a home of child processes other than git")]
//! Runs one agent: any command, in a process group of its own, to its end or ours.
//!
//! It has no terminal: stdin holds what it is to do, or nothing. What it prints goes to whoever
//! listens, whole. Nothing here says what its end means.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Seek, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::running::{self, Cause};
use super::stop::Stop;

/// An agent to be run.
#[derive(Debug)]
pub struct Job<'a> {
    /// The program.
    pub program: &'a Path,
    /// Its arguments.
    pub args: &'a [OsString],
    /// What it reads on stdin; nothing when it takes its orders as an argument.
    pub input: Option<&'a str>,
    /// Where it runs.
    pub folder: &'a Path,
    /// Variables it must not see.
    pub without: &'a [&'a str],
    /// Variables it gets.
    pub with: &'a [(&'a str, OsString)],
    /// Time limit.
    pub limit: Duration,
    /// A lock that stays held as long as anything of it runs, even when git-orch is killed.
    pub held: Option<&'a File>,
}

/// How an agent ended.
#[derive(Debug)]
pub enum Ended {
    /// By itself, with this exit code; 128 plus the number for a signal.
    Exited(i32),
    /// It ran past its limit and was ended.
    TimedOut,
    /// We were told to stop, and it was ended.
    Stopped,
    /// It never began.
    NotStarted(io::Error),
}

/// What came of an agent.
#[derive(Debug)]
pub struct Outcome {
    /// How it ended.
    pub ended: Ended,
    /// How long it took.
    pub took: Duration,
    /// Whether it left processes running, which were ended.
    pub left_running: bool,
}

/// Runs an agent to its end. `heard` gets what it prints, as it comes. The caller attends to
/// `stop`: otherwise a signal ends us before it ends the agent.
pub fn run(job: &Job<'_>, stop: &Stop, heard: &mut dyn FnMut(&[u8])) -> Outcome {
    let begin = Instant::now();
    let running = command(job).and_then(|command| running::start(command, job.held));
    let (ended, left_running) = match running {
        Ok(running) => {
            let over = running.follow(begin, job.limit, Some(stop.as_fd()), heard);
            let ended = match over.cause {
                Cause::Itself => Ended::Exited(over.code),
                Cause::Limit => Ended::TimedOut,
                Cause::Stop => Ended::Stopped,
            };
            (ended, over.left_running)
        }
        Err(error) => (Ended::NotStarted(error), false),
    };
    Outcome { ended, took: begin.elapsed(), left_running }
}

fn command(job: &Job<'_>) -> io::Result<Command> {
    let mut command = Command::new(job.program);
    let stdin = match job.input {
        None => Stdio::null(),
        Some(text) => {
            // A file and no pipe: an agent that does not read must not make us wait.
            let mut file = tempfile::tempfile()?;
            file.write_all(text.as_bytes())?;
            file.rewind()?;
            Stdio::from(file)
        }
    };
    command.args(job.args).current_dir(job.folder).stdin(stdin);
    for name in job.without {
        command.env_remove(name);
    }
    command.envs(job.with.iter().map(|(name, value)| (name, value)));
    Ok(command)
}

/// The program that `word` names: a path, seen from `folder`, when it holds a slash, otherwise
/// looked for on PATH.
pub fn find(word: &str, folder: &Path) -> Option<PathBuf> {
    if word.contains('/') {
        let path = folder.join(word);
        return path.is_file().then_some(path);
    }
    which::which(word).ok()
}
