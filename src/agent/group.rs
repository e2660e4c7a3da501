#![expect(clippy::disallowed_methods, reason = "a home of child processes other than git")]
//! A process group that cannot outlive us.
//!
//! Its first member is a small shell that waits for one thing: the end of a pipe that only we
//! hold. If git-orch ends in any way, a kill included, the pipe ends and that shell asks the whole
//! group to stop and kills it two seconds later. Being a member, it keeps the group's number from
//! being given to anybody else, and it needs nothing that only one system has or that only unsafe
//! code can reach (a parent-death signal has to be set by the child itself before it runs the
//! command, and says nothing of grandchildren). A process that makes a session of its own leaves
//! the group on purpose, as daemons do, and is not ended.

use std::fs::File;
use std::io::{self, PipeWriter};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

/// How long a group that was asked to stop may take before it is killed.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// The guard ignores what it sends to its own group, except the kill.
const GUARD: &str = "trap '' TERM INT HUP QUIT; read -r over; \
                     kill -TERM 0; kill -CONT 0; sleep 2; kill -KILL 0";

/// A process group with its guard.
#[derive(Debug)]
pub struct Group {
    guard: Child,
    id: Pid,
    _alive: PipeWriter,
}

impl Group {
    /// Starts a group. While anything of it may run, the guard keeps `held` open: a lock on it
    /// stays locked even if git-orch alone is killed.
    pub fn start(held: Option<&File>) -> io::Result<Self> {
        use std::os::unix::process::CommandExt;
        let (ended, alive) = io::pipe()?;
        let held = match held {
            Some(file) => Stdio::from(file.try_clone()?),
            None => Stdio::null(),
        };
        let mut guard = Command::new("sh")
            .args(["-c", GUARD])
            .current_dir(Path::new("/"))
            .stdin(Stdio::from(ended))
            .stdout(held)
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        if let Some(id) = i32::try_from(guard.id()).ok().and_then(Pid::from_raw) {
            return Ok(Self { guard, id, _alive: alive });
        }
        guard.kill()?;
        guard.wait()?;
        Err(io::Error::other("the process number does not fit"))
    }

    /// Starts `command` as a member.
    pub fn spawn(&self, command: &mut Command) -> io::Result<Child> {
        use std::os::unix::process::CommandExt;
        command.process_group(self.id.as_raw_nonzero().get()).spawn()
    }

    /// Asks every member to stop; one that is suspended has to go on to hear it.
    pub fn ask(&self) {
        // A group that is empty by now has done what was asked.
        let _ = kill_process_group(self.id, Signal::TERM);
        let _ = kill_process_group(self.id, Signal::CONT);
    }

    /// Kills every member, the guard included.
    pub fn kill(&self) {
        let _ = kill_process_group(self.id, Signal::KILL);
    }

    /// Ends the group: whatever the command left running is asked to stop, and killed after one
    /// second. Returns whether there was anything.
    pub fn end(mut self) -> bool {
        // A guard that somebody killed before us is gone already.
        let _ = self.guard.kill();
        let _ = self.guard.wait();
        // From here on only what still runs keeps the number.
        let runs = |id| test_kill_process_group(id).is_ok();
        if !runs(self.id) {
            return false;
        }
        self.ask();
        let patience = Instant::now() + Duration::from_secs(1);
        while runs(self.id) && Instant::now() < patience {
            std::thread::sleep(Duration::from_millis(10));
        }
        self.kill();
        true
    }
}
