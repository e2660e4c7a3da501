//! What keeps checks from running, and checks that change what they run on. Each remedy that is
//! printed is carried out in the state it is printed in.

use insta::assert_snapshot;

use crate::harness::{Ended, World};
use crate::scene::{in_validate, recorded};

/// The commands that a refusal prints, in order.
fn fixes(ended: &Ended) -> Vec<String> {
    ended.stderr.lines().filter_map(|l| l.strip_prefix("    fix: ")).map(str::to_owned).collect()
}

/// Carries out the only remedy that a refusal prints.
fn follow(world: &World, ended: &Ended) {
    let fixes = fixes(ended);
    assert_eq!(fixes.len(), 1, "{}", ended.stderr);
    // An editor that leaves a message, as a person would.
    let line = format!("export GIT_EDITOR='sh -c \"echo Work > \\$1\" -'; {}", fixes[0]);
    world.sh(&world.repo, &line).ok();
}

#[test]
fn uncommitted_changes_are_refused() {
    let world = World::named("a repo", &["-b", "main"]);
    world.orch(&["init", "--yes"]).ok();
    let worktree = in_validate(&world, "81", &[("It holds", Some("true"))]);
    world.write_in(&worktree, "work.txt", "changed\n");
    world.write_in(&worktree, "new.txt", "new\n");
    let ended = world.orch(&["validate", "81"]).code(1);
    assert_snapshot!(world.plain(&ended.stderr), @r"
    refused: validating issue 81
        why: the work tree has uncommitted changes: work.txt, new.txt
        fix: git -C '[TOP]/a repo.worktrees/81' add -A && git -C '[TOP]/a repo.worktrees/81' commit
    ");
    assert!(recorded(&world, "81").is_empty());
    follow(&world, &ended);
    world.orch(&["validate", "81"]).ok();
}

#[test]
fn another_branch_in_the_worktree_is_refused() {
    let world = World::ready();
    let worktree = in_validate(&world, "81", &[("It holds", Some("true"))]);
    world.git_in(&worktree, &["switch", "-qc", "other"]).ok();
    let ended = world.orch(&["validate", "81"]).code(1);
    assert_snapshot!(world.plain(&ended.stderr), @r"
    refused: validating issue 81
        why: its worktree has other checked out, not issue/81
        fix: git -C [TOP]/repo.worktrees/81 switch issue/81
    ");
    follow(&world, &ended);
    world.orch(&["validate", "81"]).ok();
}

#[test]
fn a_worktree_that_is_gone_is_refused() {
    let world = World::ready();
    let worktree = in_validate(&world, "81", &[("It holds", Some("true"))]);
    world
        .sh(
            &world.repo,
            &format!("mv {} {}", worktree.display(), world.root().join("gone").display()),
        )
        .ok();
    let ended = world.orch(&["validate", "81"]).code(1);
    assert_snapshot!(world.plain(&ended.stderr), @r"
    refused: validating issue 81
        why: its worktree [TOP]/repo.worktrees/81 is gone
        fix: git orch new-issue 81
    ");
    follow(&world, &ended);
    world.orch(&["validate", "81"]).ok();
}

#[test]
fn an_operation_under_way_is_refused() {
    let world = World::ready();
    let worktree = in_validate(&world, "81", &[("It holds", Some("true"))]);
    world.git_in(&worktree, &["-c", "sequence.editor=echo break >", "rebase", "-i", "HEAD~1"]).ok();
    let ended = world.orch(&["validate", "81"]).code(1);
    assert_snapshot!(world.plain(&ended.stderr), @r"
    refused: validating issue 81
        why: a rebase is under way in the worktree
        fix: git -C [TOP]/repo.worktrees/81 rebase --continue
    ");
    follow(&world, &ended);
}

#[test]
fn a_check_that_writes_files_shows_nothing_until_they_are_ignored() {
    let world = World::ready();
    let worktree = in_validate(
        &world,
        "81",
        &[
            ("First", Some("true")),
            ("It builds", Some("echo > 'a [log].txt'; mkdir -p out; echo > out/b")),
            ("Third", Some("true")),
        ],
    );
    world.write_in(&worktree, ".gitignore", "*.tmp");
    world.commit(&worktree, "Ignore, without a line break at the end");
    let ended = world.orch(&["validate", "81"]).code(5);
    assert_snapshot!(world.plain(&(ended.stdout.clone() + &ended.stderr)), @r"
    ✓ criterion 1 (First): passed in [MS]
    ✗ criterion 2 (It builds): does not count: it changed the work tree
    ? criterion 3 (Third): not run
    refused: validating issue 81
        why: criterion 2 changed the work tree while it ran: a [log].txt, out/
        fix: printf '\n%s\n' '/a\ \[log].txt' /out/ >> [TOP]/repo.worktrees/81/.gitignore && git -C [TOP]/repo.worktrees/81 add .gitignore && git -C [TOP]/repo.worktrees/81 commit -m 'Ignore what the checks write'
    red: issue 81 at [SHORT]: 1 of 3 checks green
    ");
    assert_eq!(recorded(&world, "81"), [("criterion 1".into(), "passed".into())]);
    assert!(worktree.join("out/b").exists(), "nothing of the user's is removed");
    follow(&world, &ended);
    world.orch(&["validate", "81"]).ok();
    assert_eq!(recorded(&world, "81").len(), 4);
}

#[test]
fn a_check_that_changes_tracked_files_shows_nothing_until_that_is_committed() {
    let world = World::ready();
    in_validate(&world, "81", &[("It is formatted", Some("echo formatted > work.txt"))]);
    let ended = world.orch(&["validate", "81"]).code(5);
    assert_snapshot!(world.plain(&ended.stderr), @r"
    refused: validating issue 81
        why: criterion 1 changed the work tree while it ran: work.txt
        fix: git -C [TOP]/repo.worktrees/81 add -A && git -C [TOP]/repo.worktrees/81 commit
    red: issue 81 at [SHORT]: 0 of 1 check green
    ");
    follow(&world, &ended);
    world.orch(&["validate", "81"]).ok();
}

#[test]
fn a_red_check_that_writes_files_is_red_on_record() {
    let world = World::ready();
    in_validate(
        &world,
        "81",
        &[("It builds", Some("echo > core; exit 2")), ("Next", Some("true"))],
    );
    let ended = world.orch(&["validate", "81"]).code(5);
    assert!(ended.stdout.contains("? criterion 2 (Next): not run"), "{}", ended.stdout);
    assert_eq!(recorded(&world, "81"), [("criterion 1".into(), "exit code 2".into())]);
}

#[test]
fn a_check_that_commits_shows_nothing() {
    let world = World::ready();
    in_validate(&world, "81", &[("It holds", Some("git commit -q --allow-empty -m sneaky"))]);
    let ended = world.orch(&["validate", "81"]).code(5);
    assert_snapshot!(world.plain(&ended.stderr), @r"
    refused: validating issue 81
        why: issue/81 was moved while criterion 1 ran
        fix: git orch validate 81
    red: issue 81 at [SHORT]: 0 of 1 check green
    ");
    assert!(recorded(&world, "81").is_empty());
}
