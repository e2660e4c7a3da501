#![expect(clippy::disallowed_methods, reason = "a home of child processes other than git")]
//! Workers: processes that outlive whoever started them, each in a process group of its own.
//!
//! An agent dies with its runner; a worker of a lane does not die with the orchestrator, which
//! finds it again by number, start time and boot.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

/// A worker to be started.
#[derive(Debug)]
pub struct Job<'a> {
    /// The program.
    pub program: &'a Path,
    /// Its arguments.
    pub args: &'a [OsString],
    /// Where it runs.
    pub folder: &'a Path,
    /// Variables it must not see.
    pub without: &'a [&'a str],
    /// Variables it gets.
    pub with: &'a [(&'a str, OsString)],
    /// Takes what it prints.
    pub log: File,
}

/// Starts a worker and returns its number. `ended` is called on another thread when it has ended,
/// with its exit code, or 128 plus the number of the signal.
pub fn start(job: Job<'_>, ended: impl FnOnce(i32) + Send + 'static) -> io::Result<u32> {
    use std::os::unix::process::{CommandExt, ExitStatusExt};
    let mut command = Command::new(job.program);
    command
        .args(job.args)
        .current_dir(job.folder)
        .stdin(Stdio::null())
        .stdout(Stdio::from(job.log.try_clone()?))
        .stderr(Stdio::from(job.log))
        .process_group(0);
    for name in job.without {
        command.env_remove(name);
    }
    command.envs(job.with.iter().map(|(name, value)| (name, value)));
    let mut child = command.spawn()?;
    let pid = child.id();
    std::thread::spawn(move || {
        let code = child.wait().ok().and_then(|status| {
            status.code().or_else(|| status.signal().map(|signal| 128 + signal))
        });
        ended(code.unwrap_or(-1));
    });
    Ok(pid)
}

/// Asks a worker to stop. It ends its agents, puts things in order and goes.
pub fn ask(pid: u32) {
    send(pid, Signal::TERM);
}

/// Ends a worker at once; guards end its agents.
pub fn kill(pid: u32) {
    send(pid, Signal::KILL);
}

fn send(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        // One that is gone by now has done what was asked.
        let _ = kill_process(pid, signal);
    }
}
