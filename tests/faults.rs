//! What happens to people in the end: killed commands, many at once, hostile input.
//!
//! `GIT_ORCH_TESTS=full` runs the counts that `scripts/faults.sh --full` asks for.
#![expect(clippy::disallowed_methods, reason = "tests start programs and change files")]
#![expect(clippy::print_stderr, reason = "what cannot be tried here is said")]

mod harness;

#[path = "faults/beside.rs"]
mod beside;
#[path = "faults/branches.rs"]
mod branches;
#[path = "faults/crossed.rs"]
mod crossed;
#[path = "faults/entries.rs"]
mod entries;
#[path = "faults/hostile.rs"]
mod hostile;
#[path = "faults/killed.rs"]
mod killed;
#[path = "faults/leftovers.rs"]
mod leftovers;
#[path = "faults/locks.rs"]
mod locks;
#[path = "faults/mending.rs"]
mod mending;
#[path = "faults/model.rs"]
mod model;
#[path = "faults/openings.rs"]
mod openings;
#[path = "faults/plan.rs"]
mod plan;
#[path = "faults/planted.rs"]
mod planted;
#[path = "faults/records.rs"]
mod records;
#[path = "faults/together.rs"]
mod together;
#[path = "faults/walk.rs"]
mod walk;
#[path = "faults/written.rs"]
mod written;

use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// One of two counts: for every run of the tests, or for the long script.
fn count(few: usize, many: usize) -> usize {
    if std::env::var("GIT_ORCH_TESTS").is_ok_and(|kind| kind == "full") { many } else { few }
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// Starts a command in a process group of its own, without output.
fn start(mut command: Command) -> Child {
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a command")
}

/// Kills a command with all its children after `wait`, unless it has ended before.
fn kill_after(mut child: Child, wait: Duration) {
    std::thread::sleep(wait);
    let group = rustix::process::Pid::from_child(&child);
    let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    child.wait().expect("its end");
}
