//! An issue, a configuration that does not make tests wait, and agents.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::harness::{Ended, World};

/// Waits that do not make a test slow.
pub const QUICK: &str =
    "[agent.retry]\ncrash_wait = 0.05\nrate_limit_wait = 0.1\nlongest_wait = 0.2\n";

/// A script that does everything, in one task or several.
pub const WHOLE: &str = r#"
[[step]]
role = "spec-agent"
write = ".context/spec.md"
text = """
# Work

## Goal
The files are there.

## Acceptance criteria
- [ ] There is a first file
  verify: test -s f1
"""
[[step]]
role = "spec-agent"
run = "git orch spec finalise"

[[step]]
role = "implement"
run = "test -n \"$ORCH_TASK\" || for n in 1 2 3 4 5; do git orch task add \"step $n\" --verify \"test -s f$n\"; done"

[[step]]
role = "implement"
run = "test -z \"$ORCH_TASK\" || { echo \"words of step $ORCH_TASK, in a file of its own\" >\"f$ORCH_TASK\" && git add -A && git commit -qm \"Step $ORCH_TASK\" && git orch task done \"$ORCH_TASK\"; }"

[[step]]
role = "compact-agent"
run = "git orch learn none --reason 'the change was mechanical and met no surprise'"

[[step]]
role = "merge"
run = "git -C \"$(dirname \"$(git rev-parse --path-format=absolute --git-common-dir)\")\" merge -q issue/$ORCH_ISSUE"
"#;

/// A world with issue 81 open and this configuration on main.
pub fn world(config: &str) -> World {
    let world = World::ready();
    world.write(".orchestration/config.toml", config);
    world.commit(&world.repo.clone(), "Configure");
    world.orch(&["new-issue", "81", "--title", "Files"]).ok();
    world
}

/// Writes a script beside the repository, and returns its path.
pub fn script(world: &World, text: &str) -> String {
    let path = world.root().join("script.toml");
    std::fs::write(&path, text).expect("script");
    path.to_str().expect("text").to_owned()
}

/// Runs issue 81 with this script.
pub fn run(world: &World, text: &str, more: &[&str]) -> Ended {
    let file = script(world, text);
    world.orch(&[&["run", "81", "--script", &file], more].concat())
}

/// Everything a command printed.
pub fn all(ended: &Ended) -> String {
    format!("{}{}", ended.stdout, ended.stderr)
}

/// What `git orch run` keeps of how the runs stand.
pub fn runs(world: &World) -> serde_json::Value {
    let path = world.repo.join(".git/git-orch/runs/81.json");
    serde_json::from_slice(&std::fs::read(path).expect("runs")).expect("json")
}

/// The tasks of issue 81 that are still open.
pub fn open_tasks(world: &World) -> Vec<u64> {
    let shown = world.orch(&["task", "list", "--issue", "81", "--json"]).ok().stdout;
    let value: serde_json::Value = serde_json::from_str(&shown).expect("json");
    let tasks = value["data"]["tasks"].as_array().expect("tasks").iter();
    let open = tasks.filter(|task| task["state"] == "open");
    open.filter_map(|task| task["number"].as_u64()).collect()
}

/// A program of shell beside the repository.
pub fn program(world: &World, name: &str, text: &str) -> String {
    use std::os::unix::fs::PermissionsExt;
    let path = world.root().join(name);
    std::fs::write(&path, text).expect("program");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("mode");
    path.to_str().expect("text").to_owned()
}

/// Waits until `ready` says so; a minute is more than any of this takes.
pub fn until(what: &str, mut ready: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !ready() {
        assert!(Instant::now() < end, "{what} did not come about");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Sends a signal to a process.
pub fn signal(pid: u32, name: &str) {
    let status = std::process::Command::new("kill").args([name, &pid.to_string()]).status();
    assert!(status.expect("kill").success());
}

/// The number in a file that an agent wrote.
pub fn pid_in(path: &Path) -> u32 {
    std::fs::read_to_string(path).expect("pid").trim().parse().expect("number")
}

/// Whether a process is there and not only waiting to be noticed.
pub fn lives(pid: u32) -> bool {
    let stat = std::fs::read_to_string(PathBuf::from(format!("/proc/{pid}/stat")));
    stat.is_ok_and(|text| !text.contains(") Z "))
}
