//! `archive` and `abandon`: the two honest ends, and what keeps them from being reached.

use std::path::PathBuf;

use insta::assert_snapshot;

use crate::harness::World;

#[test]
fn dirty_and_unlanded_work_is_not_archived_and_each_remedy_works() {
    let world = World::ready();
    let worktree = world.sealed("81");
    let unlanded = world.orch(&["archive", "81"]).code(1);
    assert_snapshot!(world.plain(unlanded.stderr.trim_end()), @"
    refused: archiving issue 81
        why: 1 of its commits is not in main: [SHORT]
        fix: git orch land 81
    ");
    let fix = unlanded.stderr.lines().find_map(|l| l.trim().strip_prefix("fix: ")).expect("a fix");
    world.sh(&world.repo, fix).ok();
    world.write_in(&worktree, "late.txt", "an afterthought\n");
    let dirty = world.orch(&["archive", "81"]).code(1);
    assert_snapshot!(world.plain(dirty.stderr.trim_end()), @"
    refused: archiving issue 81
        why: [TOP]/repo.worktrees/81 holds uncommitted work: late.txt
        fix: git -C [TOP]/repo.worktrees/81 add -A && git -C [TOP]/repo.worktrees/81 commit
    ");
    assert!(worktree.join("late.txt").exists());
}

#[test]
fn squashed_and_rebased_work_counts_as_landed() {
    for how in ["squash", "rebase"] {
        let world = World::ready();
        let worktree = world.sealed("81");
        world.write("other.txt", "main went on\n");
        world.commit(&world.repo, "Go on");
        if how == "squash" {
            world.git(&["merge", "-q", "--squash", "issue/81"]).ok();
            world.git(&["commit", "-qm", "Land 81 in one commit"]).ok();
        } else {
            world.git(&["cherry-pick", "issue/81"]).ok();
        }
        world.orch(&["archive", "81"]).ok();
        assert!(!worktree.exists(), "{how}");
        world.git(&["rev-parse", "-q", "--verify", "issue/81"]).code(1);
    }
}

#[test]
fn the_archive_holds_everything_and_the_record_stays() {
    let world = World::ready();
    world.sealed("81");
    world.git(&["merge", "-q", "issue/81"]).ok();
    let folder = PathBuf::from(world.orch(&["archive", "81"]).ok().line());
    for name in [
        "session-log.xml",
        "spec.md",
        "receipt.xml",
        "learnings.xml",
        "summary.md",
        "commits.txt",
        "diffstat.txt",
        "SHA256SUMS",
    ] {
        assert!(folder.join(name).exists(), "{name}");
    }
    world.sh(&folder, "sha256sum --quiet -c SHA256SUMS").ok();
    assert_eq!(
        world.git(&["for-each-ref", "--format=%(refname)", "refs/git-orch"]).ok().line(),
        "refs/git-orch/archive/81"
    );
    let again = world.orch(&["new-issue", "81", "--yes"]).code(1);
    assert!(again.stderr.contains("it is finished and archived"), "{}", again.stderr);
    std::fs::remove_dir_all(&folder).expect("removed");
    world.orch(&["archive", "81"]).ok();
    assert!(
        folder.join("summary.md").exists(),
        "the readable archive is made again from the record"
    );
}

#[test]
fn abandoned_work_is_kept_and_can_be_brought_back() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.write_in(&worktree, "done.txt", "committed\n");
    world.commit(&worktree, "Half of it");
    world.write_in(&worktree, "half.txt", "not committed\n");
    let ended = world.orch(&["abandon", "81", "--reason", "it is not needed any more"]).ok();
    assert!(!worktree.exists());
    let fix = ended
        .stderr
        .lines()
        .find_map(|l| l.trim().strip_prefix("its work is kept: "))
        .expect("a way back");
    world.sh(&world.repo, fix).ok();
    assert!(world.repo.join("done.txt").exists());
    assert!(world.repo.join("half.txt").exists());
}

#[test]
fn an_issue_whose_branch_was_deleted_can_still_end() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.git_in(&worktree, &["switch", "-q", "--detach"]).ok();
    // Deleting it through git is refused while hooks stand; somebody did it without them.
    world.git(&["-c", "core.hooksPath=/dev/null", "branch", "-qD", "issue/81"]).ok();
    let ended = world.orch(&["new-issue", "81"]).code(1);
    let fix = ended.stderr.lines().find_map(|l| l.trim().strip_prefix("fix: ")).expect("a fix");
    world.sh(&world.repo, fix).ok();
    assert!(world.orch(&["show", "81"]).ok().stdout.contains("abandoned"));
}
