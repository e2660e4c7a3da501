//! What a run tells: what its compact-agents say, its logs as they grow, and what reading it cost.

use std::process::Stdio;

use super::scene::{
    NONE, landings, ready, report, resolved, run, script, signals, start, tidy, until,
};
use crate::harness::{World, binary};

/// The script with another compact-agent, or none.
fn with_compact(world: &World, steps: &str) -> String {
    let path = script(world, &[]);
    let text = std::fs::read_to_string(&path).expect("script").replace(NONE, steps);
    std::fs::write(&path, text).expect("script");
    path
}

fn configure(world: &World, more: &str) {
    let config = format!("[agent]\nattempts = 2\n[agent.retry]\ncrash_wait = 0.05\n{more}");
    world.write(".orchestration/config.toml", &config);
    world.commit(&world.repo.clone(), "Configure");
}

#[test]
fn a_compact_agent_that_says_nothing_is_asked_again_and_then_given_up_with_the_reason() {
    let world = ready();
    let mute = with_compact(&world, "");
    let said = run(&world, &mute, &["--lanes", "M"]).ok();
    let why = "its compact-agent named no lesson and no reason for having none: 2 runs in a row";
    assert!(said.stderr.contains(&format!("skipped M-01: {why}")), "{}", said.stderr);
    assert!(said.stderr.contains("0 landed, 2 skipped"), "{}", said.stderr);
    assert_eq!(landings(&world, "M-01"), 0);
    assert!(report(&world).contains("its work is kept under `refs/git-orch/salvage/M-01"));
    tidy(&world);
}

#[test]
fn a_team_may_take_silence_for_an_answer_but_no_crash() {
    let world = ready();
    configure(&world, "[lanes]\nunlearned = 'record'\n");
    let crash = "[[step]]\nrole = \"compact-agent\"\nissue = \"M-02\"\nend = 3\n";
    let mute = with_compact(&world, crash);
    let said = run(&world, &mute, &["--lanes", "M"]).ok();
    assert!(said.stderr.contains("1 landed, 1 skipped"), "{}", said.stderr);
    assert_eq!(resolved(&world), ["M-01"]);
    assert!(said.stderr.contains("skipped M-02: its compact-agent named no lesson"));
    assert!(said.stderr.contains("exit code 3"), "{}", said.stderr);
    let log = world.orch(&["show", "M-01", "--json"]).ok().stdout;
    assert!(log.contains("was asked and said nothing"), "{log}");
}

#[test]
fn logs_are_followed_until_the_lane_ends() {
    let world = ready();
    let mark = world.root().join("at-M-02");
    let slow = super::scene::step(
        "M-02",
        &format!("echo words of the agent; touch {}; sleep 2", mark.display()),
    ) + &super::scene::fix("M-02");
    let script = script(&world, &[("M-02", slow)]);
    let mut orchestrator = start(&world, &script);
    until("the agent of M-02", || mark.exists());
    let follower = world
        .command(&world.repo, &binary())
        .args(["lanes", "logs", "-f", "M"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("logs");
    let said = follower.wait_with_output().expect("end");
    let text = String::from_utf8_lossy(&said.stdout);
    assert!(said.status.success());
    for words in ["EXECUTE → VALIDATE", "words of the agent", "issue M-02: landed in main"] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    assert!(orchestrator.wait().unwrap().success());
    let again = world.orch(&["lanes", "logs", "-f", "M"]).ok().stdout;
    assert!(again.contains("landed in main"), "{again}");
}

/// Bytes of signals that the events of the newest run speak of.
fn read_so_far(world: &World) -> u64 {
    let name = signals(world).file_name().expect("events").to_owned();
    let file = world.repo.join(".git/git-orch/lanes").join(name).join("events.jsonl");
    let text = std::fs::read_to_string(file).expect("events");
    let events = text.lines().filter_map(|l| serde_json::from_str::<serde_json::Value>(l).ok());
    events.filter_map(|event| event["read"].as_u64()).sum()
}

#[test]
fn what_reading_cost_is_counted_over_a_resume() {
    let world = ready();
    let mark = world.root().join("at-E-02");
    let slow = super::scene::step(
        "E-02",
        // Until it is stopped: on a busy machine a few seconds pass before that is asked for.
        &format!("test -e {0} || {{ touch {0}; sleep 60; }}", mark.display()),
    ) + &super::scene::fix("E-02");
    let script = script(&world, &[("E-02", slow)]);
    let mut orchestrator = start(&world, &script);
    until("the agent of E-02", || mark.exists());
    world.orch(&["lanes", "stop"]).ok();
    orchestrator.wait().unwrap();
    let before = read_so_far(&world);
    assert!(before > 0);
    run(&world, &script, &[]).ok();
    let all = read_so_far(&world);
    assert!(all > before, "{all} {before}");
    let report = report(&world);
    assert!(report.contains(&format!("Signals: {all} bytes")), "{all}\n{report}");
    assert_eq!(resolved(&world).len(), 5, "{report}");
}
