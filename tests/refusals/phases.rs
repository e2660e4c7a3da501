//! From phase to phase.

use insta::assert_snapshot;

use crate::harness::World;
use crate::harness::follow::{fixes, follow, opened, run};

#[test]
fn from_a_draft_to_execute() {
    let world = World::ready();
    let worktree = opened(&world);
    std::fs::remove_file(worktree.join(".context/spec.md")).expect("removed");
    assert_snapshot!(follow(&world, &worktree, "git orch next"), @"
    $ git orch next
    refused: moving issue 81 from DISCUSSION to EXECUTE
        why: there is no .context/spec.md
        fix: git orch spec new 81
    $ git orch spec new 81
    $ git orch next
    refused: moving issue 81 from DISCUSSION to EXECUTE
        why: .context/spec.md: no goal is given
        fix: git orch spec edit 81   # write a sentence or two under `## Goal`
        why: .context/spec.md: no acceptance criterion is given
        fix: git orch spec edit 81   # write `- [ ] what must be true` and below it `  verify: command` under `## Acceptance criteria`
    $ git orch spec edit 81   # write a sentence or two under `## Goal`
    $ git orch next
    refused: moving issue 81 from DISCUSSION to EXECUTE
        why: the specification is not final yet
        fix: git orch spec finalise 81
    $ git orch spec finalise 81
    $ git orch next
    ");
}

#[test]
fn a_task_waits_for_the_specification() {
    let world = World::ready();
    let worktree = opened(&world);
    world.orch(&["task", "add", "Write it", "--issue", "81"]).ok();
    assert_snapshot!(follow(&world, &worktree, "git orch task done 1"), @"
    $ git orch task done 1
    refused: ticking task 1 of issue 81
        why: it is in DISCUSSION: spec finalised: a criterion at least, no must-ask question open
        fix: git orch next 81
    $ git orch next 81
    refused: moving issue 81 from DISCUSSION to EXECUTE
        why: .context/spec.md: no goal is given
        fix: git orch spec edit 81   # write a sentence or two under `## Goal`
        why: .context/spec.md: no acceptance criterion is given
        fix: git orch spec edit 81   # write `- [ ] what must be true` and below it `  verify: command` under `## Acceptance criteria`
    $ git orch spec edit 81   # write a sentence or two under `## Goal`
    $ git orch next 81
    refused: moving issue 81 from DISCUSSION to EXECUTE
        why: the specification is not final yet
        fix: git orch spec finalise 81
    $ git orch spec finalise 81
    $ git orch next 81
    $ git orch task done 1
    ");
}

#[test]
fn out_of_execute() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.orch(&["task", "add", "Write it", "--issue", "81"]).ok();
    world.write_in(&worktree, "work.txt", "the work\n");
    assert_snapshot!(follow(&world, &worktree, "git orch next"), @"
    $ git orch next
    refused: moving issue 81 from EXECUTE to VALIDATE
        why: task 1 is open: Write it
        fix: git orch task done 1 --issue 81
        why: the work tree has uncommitted changes: work.txt
        fix: git -C [TOP]/repo.worktrees/81 add -A && git -C [TOP]/repo.worktrees/81 commit
    $ git orch task done 1 --issue 81
    $ git orch next
    refused: moving issue 81 from EXECUTE to VALIDATE
        why: the work tree has uncommitted changes: work.txt
        fix: git -C [TOP]/repo.worktrees/81 add -A && git -C [TOP]/repo.worktrees/81 commit
    $ git -C [TOP]/repo.worktrees/81 add -A && git -C [TOP]/repo.worktrees/81 commit
    $ git orch next
    ");
}

#[test]
fn without_any_work_the_brief_is_the_way() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    let refused = run(&world, &worktree, "git orch next").code(1);
    assert_snapshot!(world.plain(refused.stderr.trim_end()), @"
    refused: moving issue 81 from EXECUTE to VALIDATE
        why: branch issue/81 holds no commit of its own
        fix: git orch prime 81   # says what is to be done and committed
    ");
    run(&world, &worktree, &fixes(&refused)[0]).ok();
    world.write_in(&worktree, "work.txt", "the work\n");
    world.commit(&worktree, "Work");
    run(&world, &worktree, "git orch next").ok();
}

#[test]
fn validate_waits_for_its_phase() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.write_in(&worktree, "work.txt", "the work\n");
    assert_snapshot!(follow(&world, &worktree, "git orch validate"), @"
    $ git orch validate
    refused: validating issue 81
        why: it is in EXECUTE: every task done or dropped, work tree clean, a commit at least
        fix: git orch next 81
    $ git orch next 81
    refused: moving issue 81 from EXECUTE to VALIDATE
        why: the work tree has uncommitted changes: work.txt
        fix: git -C [TOP]/repo.worktrees/81 add -A && git -C [TOP]/repo.worktrees/81 commit
    $ git -C [TOP]/repo.worktrees/81 add -A && git -C [TOP]/repo.worktrees/81 commit
    $ git orch next 81
    $ git orch validate
    ");
}

#[test]
fn compact_waits_for_green_checks_and_for_what_was_learned() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.write_in(&worktree, "work.txt", "the work\n");
    assert_snapshot!(follow(&world, &worktree, "git orch compact"), @"
    $ git orch compact
    refused: compacting issue 81
        why: it is in EXECUTE: every task done or dropped, work tree clean, a commit at least
        fix: git orch next 81
    $ git orch next 81
    refused: moving issue 81 from EXECUTE to VALIDATE
        why: the work tree has uncommitted changes: work.txt
        fix: git -C [TOP]/repo.worktrees/81 add -A && git -C [TOP]/repo.worktrees/81 commit
    $ git -C [TOP]/repo.worktrees/81 add -A && git -C [TOP]/repo.worktrees/81 commit
    $ git orch next 81
    $ git orch compact
    refused: compacting issue 81
        why: criterion 1 (It holds): not run for [SHORT]
        fix: git orch validate 81
        why: nothing is written down of what was learned
        fix: git orch learn add 81 --kind pitfall --when '…' --lesson '…' --evidence '…'
    $ git orch validate 81
    $ git orch compact
    refused: compacting issue 81
        why: nothing is written down of what was learned
        fix: git orch learn add 81 --kind pitfall --when '…' --lesson '…' --evidence '…'
    $ git orch learn add 81 --kind pitfall --when '…' --lesson '…' --evidence '…'
    $ git orch compact
    ");
}

#[test]
fn out_of_compact() {
    let world = World::ready();
    let worktree = world.validated("81");
    run(&world, &worktree, "git orch next").ok();
    assert_snapshot!(follow(&world, &worktree, "git orch next"), @"
    $ git orch next
    refused: moving issue 81 from COMPACT to COMPLETE
        why: nothing is written down of what was learned
        fix: git orch learn add 81 --kind pitfall --when '…' --lesson '…' --evidence '…'
    $ git orch learn add 81 --kind pitfall --when '…' --lesson '…' --evidence '…'
    $ git orch next
    ");
}
