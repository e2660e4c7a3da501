#![expect(clippy::disallowed_methods, reason = "a home of child processes other than git")]
//! Runs one command by `sh -c` to its end, or to its time limit.
//!
//! The command has no stdin, one pipe for stdout and stderr so that their lines keep their order,
//! and a process group of its own that cannot outlive us. The pipe is drained to the end, so that
//! it never blocks; a process left behind that keeps the pipe open is waited for one second. No
//! file of ours is inherited: each is opened close-on-exec, and the locks among them are freed
//! when git-orch ends, not when a check does.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::output::Output;
use super::running::{self, Cause, Running};

/// A command to be run.
#[derive(Debug)]
pub struct Check<'a> {
    /// Given to `sh -c`.
    pub command: &'a str,
    /// Where it runs.
    pub folder: &'a Path,
    /// Variables it must not see.
    pub without: &'a [&'a str],
    /// Variables it gets.
    pub with: &'a [(&'a str, OsString)],
    /// Time limit.
    pub limit: Duration,
    /// A lock that stays held as long as anything of it runs, even when git-orch is killed; the
    /// command itself does not get the file.
    pub held: Option<&'a File>,
}

/// How a command ended.
#[derive(Debug)]
pub enum End {
    /// With this exit code; 128 plus the number for a signal.
    Exited(i32),
    /// It ran past its limit and was ended.
    TimedOut,
    /// It never began.
    NotStarted(io::Error),
}

/// What came of a command.
#[derive(Debug)]
pub struct Ran {
    /// How it ended.
    pub end: End,
    /// How long it took.
    pub took: Duration,
    /// What it printed, from both ends.
    pub output: Vec<u8>,
    /// Whether it left processes running, which were ended.
    pub left_running: bool,
}

/// Runs a command to its end. `heard` gets each line it prints, as it comes.
pub fn check(check: &Check<'_>, heard: &mut dyn FnMut(&str)) -> Ran {
    let begin = Instant::now();
    match start(check) {
        Ok(running) => {
            let mut output = Output::default();
            let mut take = |bytes: &[u8]| output.take(bytes, heard);
            let over = running.follow(begin, check.limit, None, &mut take);
            let took = begin.elapsed();
            let end = match over.cause {
                Cause::Itself if over.code >= 0 => End::Exited(over.code),
                _ => End::TimedOut,
            };
            Ran { end, took, output: output.end(heard), left_running: over.left_running }
        }
        Err(error) => Ran {
            end: End::NotStarted(error),
            took: begin.elapsed(),
            output: Vec::new(),
            left_running: false,
        },
    }
}

fn start(check: &Check<'_>) -> io::Result<Running> {
    let mut command = Command::new("sh");
    command.args(["-c", check.command]).current_dir(check.folder).stdin(Stdio::null());
    for name in check.without {
        command.env_remove(name);
    }
    command.envs(check.with.iter().map(|(name, value)| (name, value)));
    running::start(command, check.held)
}

#[cfg(test)]
mod tests;
