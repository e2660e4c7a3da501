//! Kills a command at a system call of its own: all of it, and everything it started.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use crate::harness::{World, binary};
use crate::{kill_after, start};

/// Runs a command up to a share of its calls; whether it died there, and did not end before.
/// `None` when it was not run.
pub fn kill(world: &World, words: &[String], kind: &str, share: u64) -> Option<bool> {
    let Some(tracer) = tracer() else {
        let mut command = world.command(&world.repo, &binary());
        command.args(words);
        kill_after(start(command), Duration::from_millis(share / 100));
        return Some(true);
    };
    let calls = calls(world, tracer, words, kind);
    (calls > 0).then(|| traced(world, tracer, words, 1 + share * calls / 10_000).1)
}

/// How many calls of a command of this kind change files: told by a run that is then undone,
/// once for each kind.
fn calls(world: &World, tracer: &Path, words: &[String], kind: &str) -> u64 {
    static LEARNED: OnceLock<Mutex<HashMap<String, u64>>> = OnceLock::new();
    let learned = LEARNED.get_or_init(Mutex::default);
    if let Some(calls) = learned.lock().expect("table").get(kind) {
        return *calls;
    }
    let root = world.root();
    let twin = tempfile::tempdir().expect("folder");
    let place = twin.path().display();
    world.sh(&root, &format!("cp -a . '{place}'")).ok();
    let calls = traced(world, tracer, words, 0).0;
    let back = format!("find . -mindepth 1 -delete && cp -a '{place}/.' .");
    world.sh(&root, &back).ok();
    learned.lock().expect("table").insert(kind.to_owned(), calls);
    calls
}

/// Runs a command under the tracer up to its `point`-th call that changes a file; how many there
/// were, and whether it died.
fn traced(world: &World, tracer: &Path, words: &[String], point: u64) -> (u64, bool) {
    let log = tempfile::NamedTempFile::new().expect("file");
    let mut command = world.command(&world.repo, tracer.to_str().expect("a path"));
    command.args(["-n", &point.to_string(), "-l"]).arg(log.path());
    command.args(["--", &binary()]).args(words);
    start(command).wait().expect("its end");
    let told = std::fs::read_to_string(log.path()).expect("log");
    let last = told.lines().next_back().unwrap_or_default();
    let calls = last.split("count=").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok());
    (calls.expect("a count"), last.contains("acted=1"))
}

/// The crash rig's tracer; `None` where it cannot be built.
pub fn tracer() -> Option<&'static PathBuf> {
    static TRACER: OnceLock<Option<PathBuf>> = OnceLock::new();
    let build = || {
        let rig = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/crash_every_syscall.sh");
        let said = Command::new("bash").args([rig, "--tracer"]).output().ok()?;
        let path = PathBuf::from(String::from_utf8(said.stdout).ok()?.trim());
        path.is_file().then_some(path)
    };
    let found = TRACER.get_or_init(build).as_ref();
    if found.is_none() {
        eprintln!("skipped: no tracer here; steps are killed at a random moment");
    }
    found
}
