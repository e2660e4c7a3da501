//! Waivers: a person's, for one tip, never of a fact.
#![expect(clippy::disallowed_methods, reason = "tests take files away")]

use insta::assert_snapshot;
use serde_json::Value;

use crate::harness::World;
use crate::harness::person::Person;
use crate::harness::receipts::expire;
use crate::scene::{configure, origin, refusal, unfinished};

const WAIVE: [&str; 4] = ["waive", "81", "--reason", "the shop is down and people wait"];

fn record(world: &World) -> String {
    world.git(&["rev-parse", "refs/git-orch/issues/81"]).ok().line()
}

#[test]
fn a_person_waives_one_tip_and_it_is_told_everywhere() {
    let world = World::ready();
    let worktree = world.validated("81");
    world.git(&["merge", "-q", "issue/81"]).code(128);
    let mut person = Person::at(&world, &world.repo, &WAIVE);
    person.answer("Let issue 81 land at", "y");
    assert_eq!(person.code(), 0);
    // Again is the same answer, and needs nobody.
    let before = record(&world);
    world.orch(&WAIVE).ok();
    assert_eq!(record(&world), before);
    let log = world.orch(&["log", "81"]).ok().stdout;
    assert!(log.contains("Waive compaction until"), "{log}");
    assert!(log.contains("the shop is down and people wait"), "{log}");
    let shown = world.orch(&["show", "81"]).ok().stdout;
    assert!(shown.contains("waived    the shop is down and people wait"), "{shown}");
    let shown: Value =
        serde_json::from_str(&world.orch(&["show", "81", "--json"]).ok().stdout).unwrap();
    assert_eq!(shown["data"]["waived"], "the shop is down and people wait");
    let receipt = world.git(&["show", "refs/git-orch/issues/81:receipt.xml"]).ok().stdout;
    assert!(receipt.contains("<by>Ada &lt;ada@example.org&gt;, at a terminal</by>"), "{receipt}");
    // A commit after it is not covered by it.
    world.write_in(&worktree, "more.txt", "more of the work after it was waived\n");
    world.commit(&worktree, "More");
    world.git(&["merge", "-q", "issue/81"]).code(128);
    world.git_in(&worktree, &["reset", "-q", "--hard", "HEAD~1"]).ok();
}

#[test]
fn a_waived_issue_lands_and_its_archive_says_so() {
    let world = World::ready();
    configure(&world, "[waive]\nby = 'anyone'\n[receipt]\ncarrier = 'tree'\n");
    let bare = origin(&world);
    world.orch(&["init", "--server", bare.to_str().unwrap()]).ok();
    world.validated("81");
    world.orch(&WAIVE).ok();
    world.git(&["merge", "-q", "--ff-only", "issue/81"]).ok();
    let check = world.orch(&["check", "--range", "origin/main..main", "--json"]).ok().stdout;
    let check: Value = serde_json::from_str(&check).unwrap();
    assert_eq!(check["data"]["commits"][1]["how"], "waived");
    world.git(&["push", "-q", "origin", "main"]).ok();
    world.orch(&["archive", "81"]).ok();
    let summary = world.repo.join(".orchestration/archived-sessions/81/summary.md");
    let summary = std::fs::read_to_string(summary).unwrap();
    assert!(summary.contains("Waived: the shop is down and people wait"), "{summary}");
}

#[test]
fn nobody_else_waives() {
    let world = World::ready();
    let worktree = world.validated("81");
    let before = record(&world);
    let ended = world.orch(&WAIVE).code(1);
    assert_snapshot!(refusal(&world, &ended), @r"
    refused: waiving the compaction of issue 81
        why: a person has to say so at a terminal, and this is none
        fix: git orch waive 81 --reason 'why it cannot wait'
    ");
    // An agent on a terminal is an agent.
    let mut command = world.command(&worktree, &crate::harness::binary());
    command.args(WAIVE).env("ORCH_ISSUE", "81");
    let (said, code) = Person::with(command).end();
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("a person has to say so"), "{said}");
    // A branch cannot give itself that right.
    world.write_in(&worktree, ".orchestration/config.toml", "[waive]\nby = 'anyone'\n");
    world.orch(&WAIVE).code(1);
    std::fs::remove_dir_all(worktree.join(".orchestration")).unwrap();
    // No is an answer, and a reason is wanted.
    let mut person = Person::at(&world, &world.repo, &WAIVE);
    person.answer("with nothing learned?", "n");
    assert_eq!(person.code(), 1);
    let ended = world.orch(&["waive", "81", "--reason", "soon"]).code(1);
    assert_snapshot!(refusal(&world, &ended), @r"
    refused: waiving the compaction of issue 81
        why: a reason has 10 characters at least: it is what others will read
        fix: git orch waive 81 --reason 'why it cannot wait'
    ");
    assert_eq!(record(&world), before);
}

#[test]
fn facts_are_not_waived() {
    let world = World::ready();
    configure(&world, "[waive]\nby = 'anyone'\n");
    let worktree = unfinished(&world, "81");
    let ended = world.orch(&WAIVE).code(1);
    assert_snapshot!(refusal(&world, &ended), @r"
    refused: waiving the compaction of issue 81
        why: its checks have not run, and what they say is not waived: it is in EXECUTE
        fix: git orch next 81
    ");
    world.orch(&["next", "81"]).ok();
    let ended = world.orch(&WAIVE).code(1);
    assert_snapshot!(refusal(&world, &ended), @r"
    refused: waiving the compaction of issue 81
        why: criterion 1 (It holds): not run for [SHORT]
        fix: git orch validate 81
    ");
    world.orch(&["validate", "81"]).ok();
    world.write_in(&worktree, "left.txt", "what was not committed\n");
    let ended = world.orch(&WAIVE).code(1);
    assert!(refusal(&world, &ended).contains("uncommitted changes: left.txt"));
    std::fs::remove_file(worktree.join("left.txt")).unwrap();
    world.orch(&WAIVE).ok();
    world.git(&["merge", "-q", "issue/81"]).ok();
}

#[test]
fn a_red_check_stays_red() {
    let world = World::ready();
    configure(&world, "[waive]\nby = 'anyone'\n");
    let worktree = world.worktree("81");
    world.orch(&["new-issue", "81", "--yes"]).ok();
    let spec = "# Work\n\n## Goal\n\nThe work is done.\n\n## Acceptance criteria\n\n\
        - [ ] It holds\n  verify: test -e good.txt\n";
    world.write_in(&worktree, ".context/spec.md", spec);
    world.orch(&["spec", "finalise", "81"]).ok();
    world.orch(&["next", "81"]).ok();
    world.write_in(&worktree, "bad.txt", "work that does not hold\n");
    world.commit(&worktree, "Work");
    world.orch(&["next", "81"]).ok();
    world.orch(&["validate", "81"]).code(5);
    let ended = world.orch(&WAIVE).code(1);
    assert_snapshot!(refusal(&world, &ended), @r"
    refused: waiving the compaction of issue 81
        why: criterion 1 (It holds): exit code 1
        fix: git orch validate 81
    ");
}

#[test]
fn compacted_work_needs_none_and_a_waiver_can_be_made_good() {
    let world = World::ready();
    configure(&world, "[waive]\nby = 'anyone'\n");
    world.sealed("82");
    let ended = world.orch(&["waive", "82", "--reason", "because it is possible"]).code(1);
    assert_snapshot!(refusal(&world, &ended), @r"
    refused: waiving the compaction of issue 82
        why: it is compacted: there is nothing to waive
        fix: git orch show 82
    ");
}

#[test]
fn it_ends_with_its_time() {
    let world = World::ready();
    configure(&world, "[waive]\nby = 'anyone'\nhours = 1\n");
    world.validated("81");
    world.orch(&WAIVE).ok();
    expire(&world);
    let ended = world.git(&["merge", "-q", "issue/81"]).code(128);
    assert_snapshot!(refusal(&world, &ended), @r"
    refused: bringing issue 81 onto main
        why: issue 81 is in COMPLETE, its waiver has ended; commit [SHORT] is its work
        fix: git orch compact 81
    ");
    // The remedy leads on: what was not said has to be said after all.
    let ended = world.orch(&["compact", "81"]).code(1);
    assert!(ended.stderr.contains("git orch learn add 81"), "{}", ended.stderr);
}
