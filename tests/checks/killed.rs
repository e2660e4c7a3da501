//! git-orch killed or asked to stop while a check runs, and two of them at once.

use std::process::{Child, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::harness::{World, binary};
use crate::scene::{in_validate, is_gone, recorded, wait_for};

fn begin(world: &World, args: &[&str]) -> Child {
    let mut command = world.command(&world.repo, &binary());
    command.args(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn send(child: &Child, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
}

/// Three checks that pass, one that says its number and does not end while `hold` is there, one
/// that passes.
fn five(world: &World) -> std::path::PathBuf {
    let slow = "echo $$ > ../pid; sleep 300 & echo $! > ../child; while test -e ../hold; do sleep 0.05; done; kill $!";
    let worktree = in_validate(
        world,
        "81",
        &[
            ("One", Some("echo >> ../runs")),
            ("Two", Some("echo >> ../runs")),
            ("Three", Some("echo >> ../runs")),
            ("Four", Some(slow)),
            ("Five", Some("true")),
        ],
    );
    let around = worktree.parent().unwrap().to_owned();
    world.write_in(&around, "hold", "");
    around
}

#[test]
fn killed_in_the_fourth_of_five_costs_the_fourth() {
    for signal in [Signal::KILL, Signal::TERM, Signal::INT] {
        let world = World::ready();
        let around = five(&world);
        let mut child = begin(&world, &["validate", "81"]);
        let pid = wait_for(&around.join("pid"));
        let grandchild = wait_for(&around.join("child"));
        send(&child, signal);
        child.wait().unwrap();
        assert!(is_gone(&pid), "{signal:?}: the check outlived git-orch");
        assert!(is_gone(&grandchild), "{signal:?}: its child outlived git-orch");
        let three: Vec<_> =
            (1..=3).map(|n| (format!("criterion {n}"), "passed".to_owned())).collect();
        assert_eq!(recorded(&world, "81"), three);
        std::fs::read_to_string(around.join("runs")).unwrap();
        world.sh(&around, "rm hold").ok();
        world.orch(&["validate", "81"]).ok();
        assert_eq!(recorded(&world, "81").len(), 5);
        let runs = std::fs::read_to_string(around.join("runs")).unwrap();
        assert_eq!(runs.lines().count(), 3, "{signal:?}: a green check ran again");
    }
}

#[test]
fn a_second_run_waits_for_the_first_and_the_issue_stays_free() {
    let world = World::ready();
    let around = five(&world);
    let mut first = begin(&world, &["validate", "81"]);
    wait_for(&around.join("pid"));
    // The record can be written while the check runs.
    world.orch(&["learn", "none", "81", "--reason", "nothing that would help anybody"]).ok();
    let mut second = begin(&world, &["validate", "81"]);
    world.sh(&around, "rm hold").ok();
    assert!(first.wait().unwrap().success());
    assert!(second.wait().unwrap().success());
    assert_eq!(recorded(&world, "81").len(), 5, "the second had nothing left to run");
}

#[test]
fn after_a_kill_the_next_run_waits_until_nothing_of_the_old_one_runs() {
    let world = World::ready();
    // It does not listen: only the kill two seconds later ends it.
    let stubborn = "test -e ../go && exit 0; trap '' TERM; echo $$ > ../pid; while :; do echo >> ../beats; sleep 0.05; done";
    let worktree = in_validate(&world, "81", &[("It ends", Some(stubborn))]);
    let around = worktree.parent().unwrap().to_owned();
    let mut child = begin(&world, &["validate", "81"]);
    let pid = wait_for(&around.join("pid"));
    send(&child, Signal::KILL);
    child.wait().unwrap();
    world.write_in(&around, "go", "");
    world.orch(&["validate", "81"]).ok();
    // No waiting here: by the time the second run has ended the first check is no more.
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    assert!(stat.is_empty() || stat.contains(") Z"), "{stat}");
}
