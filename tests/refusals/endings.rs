//! Landing, archiving, giving up.

use insta::assert_snapshot;

use crate::harness::World;
use crate::harness::follow::follow;

#[test]
fn a_merge_is_refused_until_it_is_compacted() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.write_in(&worktree, "work.txt", "the work\n");
    world.commit(&worktree, "Work");
    assert_snapshot!(follow(&world, &world.repo, "git merge -q issue/81"), @"
    $ git merge -q issue/81
    refused: bringing issue 81 onto main
        why: issue 81 is in EXECUTE, compaction is missing; commit [SHORT] is its work
        fix: git orch next 81
    $ git orch next 81
    $ git merge -q issue/81
    refused: bringing issue 81 onto main
        why: issue 81 is in VALIDATE, compaction is missing; commit [SHORT] is its work
        fix: git orch next 81
    $ git orch next 81
    refused: moving issue 81 from VALIDATE to COMPACT
        why: criterion 1 (It holds): not run for [SHORT]
        fix: git orch validate 81
    $ git orch validate 81
    $ git orch next 81
    $ git merge -q issue/81
    refused: bringing issue 81 onto main
        why: issue 81 is in COMPACT, compaction is missing; commit [SHORT] is its work
        fix: git orch compact 81
    $ git orch compact 81
    refused: compacting issue 81
        why: nothing is written down of what was learned
        fix: git orch learn add 81 --kind pitfall --when '…' --lesson '…' --evidence '…'
    $ git orch learn add 81 --kind pitfall --when '…' --lesson '…' --evidence '…'
    $ git orch compact 81
    $ git merge -q issue/81
    ");
}

#[test]
fn an_issue_is_archived_once_it_landed() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.write_in(&worktree, "work.txt", "the work\n");
    world.commit(&worktree, "Work");
    assert_snapshot!(follow(&world, &world.repo, "git orch archive 81"), @"
    $ git orch archive 81
    refused: archiving issue 81
        why: it is in EXECUTE, compaction is missing
        fix: git orch next 81
    $ git orch next 81
    $ git orch archive 81
    refused: archiving issue 81
        why: it is in VALIDATE, compaction is missing
        fix: git orch next 81
    $ git orch next 81
    refused: moving issue 81 from VALIDATE to COMPACT
        why: criterion 1 (It holds): not run for [SHORT]
        fix: git orch validate 81
    $ git orch validate 81
    $ git orch next 81
    $ git orch archive 81
    refused: archiving issue 81
        why: it is in COMPACT, compaction is missing
        fix: git orch compact 81
    $ git orch compact 81
    refused: compacting issue 81
        why: nothing is written down of what was learned
        fix: git orch learn add 81 --kind pitfall --when '…' --lesson '…' --evidence '…'
    $ git orch learn add 81 --kind pitfall --when '…' --lesson '…' --evidence '…'
    $ git orch compact 81
    $ git orch archive 81
    refused: archiving issue 81
        why: 1 of its commits is not in main: [SHORT]
        fix: git orch land 81
    $ git orch land 81
    $ git orch archive 81
    ");
    assert!(!worktree.exists());
}

#[test]
fn work_is_given_up_with_a_reason_and_nothing_uncommitted() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.write_in(&worktree, "work.txt", "the work\n");
    assert_snapshot!(follow(&world, &world.repo, "git orch abandon 81 --reason ''"), @"
    $ git orch abandon 81 --reason ''
    refused: abandoning issue 81
        why: no reason is given
        fix: git orch abandon 81 --reason 'why it is given up'
    $ git orch abandon 81 --reason 'why it is given up'
    $ git orch abandon 81 --reason ''
    ");
    assert!(!worktree.exists());
}
