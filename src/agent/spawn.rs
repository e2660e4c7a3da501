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
use std::io::{self, PipeReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::group::{Group, PATIENCE};
use super::output::Output;

/// How long the output may stay open after the command itself ended.
const GRACE: Duration = Duration::from_secs(1);
/// How long a killed command may take to be gone; one stuck in the kernel is left behind.
const GIVE_UP: Duration = Duration::from_secs(5);
/// Longest time limit; a larger number would overflow the clock.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

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
            let (end, output, left_running) = running.follow(begin, check.limit, heard);
            Ran { end, took: begin.elapsed(), output, left_running }
        }
        Err(error) => Ran {
            end: End::NotStarted(error),
            took: begin.elapsed(),
            output: Vec::new(),
            left_running: false,
        },
    }
}

/// A command under way.
struct Running {
    group: Group,
    output: PipeReader,
    /// Becomes readable, with nothing to read, when `status` has its value.
    ended: PipeReader,
    status: mpsc::Receiver<io::Result<ExitStatus>>,
}

fn start(check: &Check<'_>) -> io::Result<Running> {
    let (output, writer) = io::pipe()?;
    let mut command = Command::new("sh");
    command
        .args(["-c", check.command])
        .current_dir(check.folder)
        .stdin(Stdio::null())
        .stdout(Stdio::from(writer.try_clone()?))
        .stderr(Stdio::from(writer));
    for name in check.without {
        command.env_remove(name);
    }
    command.envs(check.with.iter().map(|(name, value)| (name, value)));
    let group = Group::start(check.held)?;
    let child = match group.spawn(&mut command) {
        Ok(child) => child,
        Err(error) => {
            group.end();
            return Err(error);
        }
    };
    let (ended, status) = wait_for(child)?;
    Ok(Running { group, output, ended, status })
}

/// Waits for the child on a thread of its own, which is left behind if the child cannot die.
fn wait_for(mut child: Child) -> io::Result<(PipeReader, mpsc::Receiver<io::Result<ExitStatus>>)> {
    let (ended, signal) = io::pipe()?;
    let (tell, status) = mpsc::channel();
    std::thread::spawn(move || {
        // Nobody listens any more when the wait was given up.
        let _ = tell.send(child.wait());
        drop(signal);
    });
    Ok((ended, status))
}

/// What is being waited for, until when.
#[derive(Clone, Copy, PartialEq)]
enum Stage {
    /// The command, until its limit.
    Running,
    /// The command, after it was asked to stop.
    Asked,
    /// The command, after it was killed.
    Killed,
    /// The rest of the output.
    Draining,
}

impl Running {
    fn follow(
        mut self,
        begin: Instant,
        limit: Duration,
        heard: &mut dyn FnMut(&str),
    ) -> (End, Vec<u8>, bool) {
        let mut stage = Stage::Running;
        let mut until = begin + limit.min(LONGEST);
        let mut timed_out = false;
        let mut open = true;
        let mut code = None;
        let mut kept = Output::default();
        while open || code.is_none() {
            let now = Instant::now();
            if now >= until {
                let wait = match stage {
                    Stage::Running => {
                        timed_out = true;
                        self.group.ask();
                        stage = Stage::Asked;
                        PATIENCE
                    }
                    Stage::Asked => {
                        self.group.kill();
                        stage = Stage::Killed;
                        GIVE_UP
                    }
                    Stage::Killed | Stage::Draining => break,
                };
                until = now + wait;
                continue;
            }
            let (speaks, over) = self.wait(open, code.is_none(), until - now);
            if speaks {
                open = read_some(&mut self.output, &mut kept, heard);
            }
            if over {
                code = Some(self.status.recv().ok().and_then(Result::ok).map_or(-1, exit_code));
                stage = Stage::Draining;
                until = Instant::now() + GRACE;
            }
        }
        let left_running = self.group.end();
        let output = kept.end(heard);
        let end = match code {
            Some(code) if !timed_out => End::Exited(code),
            _ => End::TimedOut,
        };
        (end, output, left_running)
    }

    /// Waits until the output can be read or the command has ended, of those asked for.
    fn wait(&self, output: bool, end: bool, longest: Duration) -> (bool, bool) {
        let mut fds = Vec::with_capacity(2);
        if output {
            fds.push(PollFd::new(&self.output, PollFlags::IN));
        }
        if end {
            fds.push(PollFd::new(&self.ended, PollFlags::IN));
        }
        let longest = Timespec::try_from(longest).ok();
        // Interrupted or refused: the caller looks at the clock and comes back.
        if poll(&mut fds, longest.as_ref()).is_err() {
            return (false, false);
        }
        let ready = |at: Option<usize>| {
            at.and_then(|at| fds.get(at)).is_some_and(|fd| !fd.revents().is_empty())
        };
        (ready(output.then_some(0)), ready(end.then_some(usize::from(output))))
    }
}

/// Reads once; returns whether there may be more.
fn read_some(pipe: &mut PipeReader, kept: &mut Output, heard: &mut dyn FnMut(&str)) -> bool {
    let mut buffer = [0; 16 * 1024];
    match pipe.read(&mut buffer) {
        Ok(0) => false,
        Ok(count) => {
            kept.take(&buffer[..count], heard);
            true
        }
        Err(error) => error.kind() == io::ErrorKind::Interrupted,
    }
}

fn exit_code(status: ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(-1)
}

#[cfg(test)]
mod tests;
