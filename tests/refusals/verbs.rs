//! Single verbs.

use insta::assert_snapshot;

use crate::harness::follow::{fixes, follow, opened, run};
use crate::harness::{SPEC, World};

#[test]
fn a_red_criterion_is_met_by_mending_and_validating() {
    let world = World::ready();
    let worktree = opened(&world);
    let spec = SPEC.replace("verify: true", "verify: test -s other.txt");
    world.write_in(&worktree, ".context/spec.md", &spec);
    run(&world, &worktree, "git orch spec finalise && git orch next").ok();
    world.write_in(&worktree, "work.txt", "the work\n");
    world.commit(&worktree, "Work");
    run(&world, &worktree, "git orch next").ok();
    run(&world, &worktree, "git orch validate").code(5);
    let refused = run(&world, &worktree, "git orch next").code(1);
    assert_snapshot!(world.plain(refused.stderr.trim_end()), @"
    refused: moving issue 81 from VALIDATE to COMPACT
        why: criterion 1 (It holds): exit code 1
        fix: git orch validate 81
    ");
    world.write_in(&worktree, "other.txt", "the rest of the work\n");
    world.commit(&worktree, "Mend");
    run(&world, &worktree, &fixes(&refused)[0]).ok();
    run(&world, &worktree, "git orch next").ok();
}

#[test]
fn what_is_frozen_stays() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    let refused = run(&world, &worktree, "git orch spec edit").code(1);
    assert_snapshot!(world.plain(refused.stderr.trim_end()), @"
    refused: writing the specification of issue 81
        why: it was made final on [TIME] and cannot change on the way
        fix: git orch task add 'what is to be done besides' --issue 81
    ");
    run(&world, &worktree, &fixes(&refused)[0]).ok();
}

#[test]
fn tasks_that_are_done_or_dropped() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    run(&world, &worktree, "git orch task add One && git orch task add Two").ok();
    run(&world, &worktree, "git orch task drop 1 --reason 'it was not needed after all'").ok();
    assert_snapshot!(follow(&world, &worktree, "git orch task done 1"), @"
    $ git orch task done 1
    refused: ticking task 1 of issue 81
        why: it was dropped: it was not needed after all
        fix: git orch task reopen 1 --issue 81
    $ git orch task reopen 1 --issue 81
    $ git orch task done 1
    ");
    assert_snapshot!(
        follow(&world, &worktree, "git orch task drop 1 --reason 'not needed after all'"), @"
    $ git orch task drop 1 --reason 'not needed after all'
    refused: dropping task 1 of issue 81
        why: it is done
        fix: git orch task reopen 1 --issue 81
    $ git orch task reopen 1 --issue 81
    $ git orch task drop 1 --reason 'not needed after all'
    ");
}

#[test]
fn what_was_learned_is_not_taken_back_by_saying_nothing_was() {
    let world = World::ready();
    let worktree = world.validated("81");
    let learn = "git orch learn add --kind pitfall --when '…' --lesson '…' --evidence '…'";
    run(&world, &worktree, learn).ok();
    let none = "git orch learn none --reason 'nothing was learned in all this work'";
    let refused = run(&world, &worktree, none).code(1);
    assert_snapshot!(world.plain(refused.stderr.trim_end()), @"
    refused: recording that issue 81 taught nothing
        why: learning 81.1 was given: The work file must end with a line break.
        fix: git orch compact 81
    ");
    run(&world, &worktree, &fixes(&refused)[0]).ok();
    let sealed = run(&world, &worktree, learn).code(1);
    assert_snapshot!(world.plain(sealed.stderr.trim_end()), @"
    refused: changing what issue 81 taught
        why: its receipt is sealed over the learnings
        fix: git orch show 81
    ");
    run(&world, &worktree, &fixes(&sealed)[0]).ok();
}

#[test]
fn a_reason_that_says_nothing() {
    let world = World::ready();
    let worktree = world.validated("81");
    let refused = run(&world, &worktree, "git orch learn none --reason no").code(1);
    assert_snapshot!(world.plain(refused.stderr.trim_end()), @r#"
    refused: recording that issue 81 taught nothing
        why: "no" does not say why
        fix: git orch learn none 81 --reason 'why this work taught nothing new'
    "#);
    run(&world, &worktree, &fixes(&refused)[0]).ok();
    run(&world, &worktree, "git orch compact").ok();
}
