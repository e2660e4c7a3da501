//! Scenes that checks are tried in: an issue in VALIDATE, a terminal with a person.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::World;
pub use crate::harness::person::Person;

/// A specification with these criteria: a text, and a command or nothing for a manual one.
pub fn spec(criteria: &[(&str, Option<&str>)]) -> String {
    let mut text =
        "# Work\n\n## Goal\n\nThe work is done.\n\n## Acceptance criteria\n\n".to_owned();
    for (words, command) in criteria {
        match command {
            Some(command) => text.push_str(&format!("- [ ] {words}\n  verify: {command}\n")),
            None => text.push_str(&format!("- [ ] {words} (manual)\n")),
        }
    }
    text
}

/// An issue in EXECUTE with these criteria; returns its worktree.
pub fn in_execute(world: &World, id: &str, criteria: &[(&str, Option<&str>)]) -> PathBuf {
    let worktree = PathBuf::from(world.orch(&["new-issue", id, "--yes"]).ok().line());
    world.write_in(&worktree, ".context/spec.md", &spec(criteria));
    world.orch(&["spec", "finalise", id]).ok();
    world.orch(&["next", id]).ok();
    worktree
}

/// An issue in VALIDATE, with one commit; returns its worktree.
pub fn in_validate(world: &World, id: &str, criteria: &[(&str, Option<&str>)]) -> PathBuf {
    let worktree = in_execute(world, id, criteria);
    world.write_in(&worktree, "work.txt", "the work that was to be done is done here\n");
    world.commit(&worktree, "Do the work");
    world.orch(&["next", id]).ok();
    worktree
}

/// Puts a configuration on the protected branch.
pub fn configure(world: &World, text: &str) {
    world.write(".orchestration/config.toml", text);
    world.commit(&world.repo, "Configure");
}

/// Commands of a configuration that have been approved at a terminal.
pub fn configure_approved(world: &World, text: &str) {
    configure(world, text);
    let mut person = Person::at(world, &world.repo, &["trust"]);
    for _ in text.matches("[[validator]]") {
        person.answer("?", "y");
    }
    assert_eq!(person.code(), 0);
}

/// The JSON answer of a command, which must be the only thing on stdout.
pub fn data(stdout: &str) -> Value {
    let document: Value = serde_json::from_str(stdout).expect("one JSON document");
    assert_eq!(document["schema"], 1);
    document["data"].clone()
}

/// Everything on record of an issue.
pub fn shown(world: &World, id: &str) -> Value {
    data(&world.orch(&["show", id, "--json"]).ok().stdout)
}

/// What is on record of the checks: subject, outcome.
pub fn recorded(world: &World, id: &str) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let shown = shown(world, id);
    let evidence = shown["evidence"].as_array().expect("evidence");
    evidence.iter().map(|e| (text(&e["subject"]), text(&e["outcome"]))).collect()
}

/// The newest state of an issue's chain.
pub fn state(world: &World, id: &str) -> String {
    world.git(&["rev-parse", &format!("refs/git-orch/issues/{id}")]).ok().line()
}

/// Waits until `file` is there and has content.
pub fn wait_for(file: &Path) -> String {
    let patience = Instant::now() + Duration::from_secs(60);
    while Instant::now() < patience {
        if let Ok(text) = std::fs::read_to_string(file)
            && text.ends_with('\n')
        {
            return text.trim().to_owned();
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{} did not appear", file.display());
}

/// Whether the process `pid` is gone, given a moment. A zombie that nobody reaps is gone.
pub fn is_gone(pid: &str) -> bool {
    let patience = Instant::now() + Duration::from_secs(20);
    while Instant::now() < patience {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        if stat.rsplit(')').next().is_none_or(|rest| rest.is_empty() || rest.starts_with(" Z")) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}
