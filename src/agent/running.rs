//! A child under way, in a process group of its own that cannot outlive us.
//!
//! One pipe takes stdout and stderr, so that their lines keep their order, and is drained to the
//! end, so that it never blocks; a process left behind that keeps it open is waited for one
//! second. The child ends by itself, at its time limit, or when we are told to stop. Then the
//! whole group is asked first, and killed when it does not listen.

use std::fs::File;
use std::io::{self, PipeReader, Read};
use std::os::fd::BorrowedFd;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::group::{Group, PATIENCE};

/// How long the output may stay open after the child itself ended.
const GRACE: Duration = Duration::from_secs(1);
/// How long a killed child may take to be gone; one stuck in the kernel is left behind.
const GIVE_UP: Duration = Duration::from_secs(5);
/// Longest time limit; a larger number would overflow the clock.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// How a child ended.
#[derive(Debug, PartialEq, Eq)]
pub struct Over {
    /// Its exit code, 128 plus the number for a signal; -1 when it could not be learned.
    pub code: i32,
    /// Who ended it.
    pub cause: Cause,
    /// Whether it left processes running, which were ended.
    pub left_running: bool,
}

/// Who ended a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Nobody but itself.
    Itself,
    /// We, at its time limit.
    Limit,
    /// We, because we were told to stop.
    Stop,
}

/// A child under way.
pub struct Running {
    group: Group,
    output: PipeReader,
    /// Becomes readable, with nothing to read, when `status` has its value.
    ended: PipeReader,
    status: mpsc::Receiver<io::Result<ExitStatus>>,
}

/// Starts `command`, whose output becomes ours; see [`Group::start`] for `held`.
pub fn start(mut command: Command, held: Option<&File>) -> io::Result<Running> {
    let (output, writer) = io::pipe()?;
    command.stdout(Stdio::from(writer.try_clone()?)).stderr(Stdio::from(writer));
    let group = Group::start(held)?;
    let child = match group.spawn(&mut command) {
        Ok(child) => child,
        Err(error) => {
            group.end();
            return Err(error);
        }
    };
    // The command keeps our ends of the pipe open for as long as it lives.
    drop(command);
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
    /// The child, until its limit.
    Running,
    /// The child, after it was asked to stop.
    Asked,
    /// The child, after it was killed.
    Killed,
    /// The rest of the output.
    Draining,
}

/// What happened while waiting.
#[derive(Default)]
struct Woken {
    speaks: bool,
    over: bool,
    stop: bool,
}

impl Running {
    /// Follows the child to its end, or to `limit` after `begin`, or until `stop` becomes
    /// readable. `heard` gets what it prints, as it comes.
    pub fn follow(
        mut self,
        begin: Instant,
        limit: Duration,
        stop: Option<BorrowedFd<'_>>,
        heard: &mut dyn FnMut(&[u8]),
    ) -> Over {
        let mut stage = Stage::Running;
        let mut until = begin + limit.min(LONGEST);
        let mut cause = Cause::Itself;
        let mut open = true;
        let mut code = None;
        while open || code.is_none() {
            let now = Instant::now();
            if now >= until {
                let wait = match stage {
                    Stage::Running => {
                        cause = Cause::Limit;
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
            let stop = stop.filter(|_| stage == Stage::Running);
            let woken = self.wait(open, code.is_none(), stop, until - now);
            if woken.speaks {
                open = read_some(&mut self.output, heard);
            }
            if woken.over {
                code = Some(self.status.recv().ok().and_then(Result::ok).map_or(-1, exit_code));
                stage = Stage::Draining;
                until = Instant::now() + GRACE;
            } else if woken.stop {
                cause = Cause::Stop;
                self.group.ask();
                stage = Stage::Asked;
                until = Instant::now() + PATIENCE;
            }
        }
        let left_running = self.group.end();
        Over { code: code.unwrap_or(-1), cause, left_running }
    }

    /// Waits until the output can be read, the child has ended or we are to stop, of those asked
    /// for.
    fn wait(
        &self,
        output: bool,
        end: bool,
        stop: Option<BorrowedFd<'_>>,
        longest: Duration,
    ) -> Woken {
        let mut fds = Vec::with_capacity(3);
        if output {
            fds.push(PollFd::new(&self.output, PollFlags::IN));
        }
        if end {
            fds.push(PollFd::new(&self.ended, PollFlags::IN));
        }
        if let Some(stop) = stop {
            fds.push(PollFd::from_borrowed_fd(stop, PollFlags::IN));
        }
        let longest = Timespec::try_from(longest).ok();
        // Interrupted or refused: the caller looks at the clock and comes back.
        if poll(&mut fds, longest.as_ref()).is_err() {
            return Woken::default();
        }
        let mut ready = fds.iter().map(|fd| !fd.revents().is_empty());
        let mut next = |asked: bool| asked && ready.next().unwrap_or(false);
        Woken { speaks: next(output), over: next(end), stop: next(stop.is_some()) }
    }
}

/// Reads once; returns whether there may be more.
fn read_some(pipe: &mut PipeReader, heard: &mut dyn FnMut(&[u8])) -> bool {
    let mut buffer = vec![0; 64 * 1024];
    match pipe.read(&mut buffer) {
        Ok(0) => false,
        Ok(count) => {
            heard(&buffer[..count]);
            true
        }
        Err(error) => error.kind() == io::ErrorKind::Interrupted,
    }
}

fn exit_code(status: ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(-1)
}
