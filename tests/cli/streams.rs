//! What becomes of an answer that nobody can take.

use crate::harness::World;

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let world = World::ready();
    let line = "{ git orch man; echo $? >&2; } | head -n 1 >/dev/null";
    assert_eq!(world.sh(&world.repo, line).ok().stderr.trim(), "0");
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_does_not_get_out_is_said_to_be_lost() {
    let world = World::ready();
    let ended = world.sh(&world.repo, "git orch status --json >/dev/full").code(3);
    assert!(ended.stderr.contains("the answer could not be written"), "{}", ended.stderr);
    // What it did is done all the same, and the same command answers.
    world.sh(&world.repo, "git orch new-issue 81 --yes >/dev/full").code(3);
    let path = world.orch(&["new-issue", "81"]).ok().line();
    assert_eq!(path, world.worktree("81").display().to_string());
}
