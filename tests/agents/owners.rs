//! Who runs an issue: a live runner is named, a dead one taken over, a signal ends everything.

use std::process::{Child, Stdio};

use super::scene::{
    QUICK, WHOLE, lives, open_tasks, pid_in, program, run, runs, script, signal, until, world,
};
use crate::harness::{World, binary};

/// An agent that writes who it is and who its child is, and waits.
const WAITS: &str = "#!/bin/sh\nsleep 300 & echo $! >\"$ORCH_CONTEXT/child\"\n\
    echo $$ >\"$ORCH_CONTEXT/agent.new\" && mv \"$ORCH_CONTEXT/agent.new\" \"$ORCH_CONTEXT/agent\"\n\
    sleep 300\n";

/// Starts a run whose agent waits, and waits until it does.
fn started(world: &World) -> Child {
    let agent = program(world, "waits.sh", WAITS);
    let child = world
        .command(&world.repo, &binary())
        .args(["run", "81", "--", &agent])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a run");
    let told = world.worktree("81").join(".context/agent");
    until("the agent's start", || told.exists());
    child
}

fn people(world: &World) -> [u32; 2] {
    let context = world.worktree("81").join(".context");
    [pid_in(&context.join("agent")), pid_in(&context.join("child"))]
}

#[test]
fn sigterm_ends_the_whole_group_and_the_next_run_goes_on() {
    let world = world(QUICK);
    run(&world, WHOLE, &["--until", "execute"]).ok();
    let child = started(&world);
    let people = people(&world);
    signal(child.id(), "-TERM");
    let ended = child.wait_with_output().unwrap();
    assert!(!ended.status.success());
    for pid in people {
        until("the end of the group", || !lives(pid));
    }
    assert_eq!(runs(&world)["claim"], serde_json::Value::Null);
    assert_eq!(runs(&world)["failures"], 0, "an interruption is no failure");
    run(&world, WHOLE, &["--until", "validate"]).ok();
    assert!(open_tasks(&world).is_empty());
}

#[test]
fn a_live_runner_is_named() {
    let world = world(QUICK);
    let mut child = started(&world);
    let said = run(&world, WHOLE, &[]).code(1);
    let why = format!("why: pid {} runs it since", child.id());
    assert!(said.stderr.contains(&why), "{}", said.stderr);
    signal(child.id(), "-INT");
    child.wait().unwrap();
    run(&world, WHOLE, &["--until", "execute"]).ok();
}

#[test]
fn a_dead_runner_is_taken_over_with_its_remains() {
    let world = world(QUICK);
    run(&world, WHOLE, &["--until", "execute"]).ok();
    let mut child = started(&world);
    let people = people(&world);
    child.kill().unwrap();
    child.wait().unwrap();
    let file = script(&world, WHOLE);
    let said = world.orch(&["run", "81", "--script", &file, "--until", "validate"]).ok();
    assert!(
        said.stderr.contains(&format!("taking over from pid {}", child.id())),
        "{}",
        said.stderr
    );
    for pid in people {
        assert!(!lives(pid), "nothing of the dead runner's agent is left when the next one runs");
    }
    assert!(open_tasks(&world).is_empty());
}
