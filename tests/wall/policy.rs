//! The policy of the protected branch, and what leaves by it.

use insta::assert_snapshot;

use crate::harness::World;
use crate::scene::{commit_unseen, configure, origin, refusal, unfinished};

const PUSH: [&str; 4] = ["push", "-q", "origin", "issue/81"];

#[test]
fn an_issue_branch_leaves_sealed_and_not_before() {
    let world = World::ready();
    origin(&world);
    unfinished(&world, "81");
    let ended = world.git(&PUSH).code(1);
    assert_snapshot!(refusal(&world, &ended), @r"
    refused: pushing issue 81 to issue/81 of origin
        why: issue 81 is in EXECUTE, compaction is missing; commit [SHORT] is its work
        fix: git orch next 81
    ");
    world.git(&["push", "-q", "origin", "issue/81:refs/heads/other"]).code(1);
    world.git(&["push", "-q", "origin", "issue/81:wip/81"]).code(1);
    world.git(&["push", "-q", "origin", "issue/81:refs/pull/1/head"]).code(1);
    world.git(&["push", "-q", "--all", "origin"]).code(1);
    let there = world.git(&["ls-remote", "--heads", "origin"]).ok().stdout;
    assert_eq!(there.lines().count(), 1, "{there}");
    world.sealed("82");
    world.git(&["push", "-q", "origin", "issue/82"]).ok();
}

#[test]
fn backups_leave_where_the_team_wants_them() {
    let world = World::ready();
    configure(&world, "[push]\nissue_branches = 'wip'\n");
    origin(&world);
    let worktree = unfinished(&world, "81");
    let ended = world.git(&PUSH).code(1);
    assert_snapshot!(refusal(&world, &ended), @"
    refused: pushing issue 81 to issue/81 of origin
        why: issue 81 is in EXECUTE, compaction is missing; commit [SHORT] is its work
        fix: git orch next 81   # or, as a backup: git push origin issue/81:refs/heads/wip/81
    ");
    // The remedy for a backup, as it is printed.
    world.git_in(&worktree, &["push", "-q", "origin", "HEAD:refs/heads/wip/81"]).ok();
    configure(&world, "[push]\nissue_branches = 'any'\n");
    world.git(&PUSH).ok();
}

#[test]
fn a_branch_cannot_loosen_the_policy_it_is_judged_by() {
    let world = World::ready();
    origin(&world);
    let worktree = unfinished(&world, "81");
    let loose = "[push]\nissue_branches = 'any'\n[gate]\nprotected = ['none']\n";
    world.write_in(&worktree, ".orchestration/config.toml", loose);
    world.commit(&worktree, "Loosen");
    world.write(".orchestration/config.toml", loose);
    world.git(&PUSH).code(1);
    world.git_in(&worktree, &["push", "-q", "origin", "HEAD:main"]).code(1);
}

#[test]
fn a_mistake_names_its_place_and_protects_what_was_protected() {
    let world = World::ready();
    configure(&world, "[gate]\nprotected = ['main', 'release/*']\n");
    world.git(&["branch", "release/1"]).ok();
    configure(&world, "[gate]\nprotected = ['main', 'release/*']\ndirect = 'perhaps'\n");
    let ended = world.orch(&["new-issue", "81"]).code(4);
    assert_snapshot!(world.plain(&ended.stderr), @r"
    error: .orchestration/config.toml on main ([SHORT]): line 3, column 10: unknown variant `perhaps`, expected one of `pass`, `warn`, `refuse`
      fix: git config -f .orchestration/config.toml --edit   # on the branch that it names, and commit it
    ");
    world.git(&["switch", "-q", "release/1"]).ok();
    let commit = ["commit", "-q", "--allow-empty", "-m", "Mine"];
    let ended = world.git(&commit).code(128);
    assert_snapshot!(refusal(&world, &ended), @r#"
    refused: bringing a commit onto release/1
        why: the policy cannot be read, so only its repair may land: .orchestration/config.toml on main ([SHORT]): line 3, column 10: unknown variant `perhaps`, expected one of `pass`, `warn`, `refuse`
        fix: cd "$(git rev-parse --show-toplevel)" && git switch main && git config -f .orchestration/config.toml --edit && git commit -m 'Mend the policy' -- .orchestration/config.toml
    "#);
    // Branches of people go on, and the repair lands.
    world.git(&["switch", "-q", "-c", "mine"]).ok();
    world.git(&commit).ok();
    world.git(&["switch", "-q", "main"]).ok();
    configure(&world, "[gate]\nprotected = ['main', 'release/*']\ndirect = 'pass'\n");
    world.git(&["switch", "-q", "release/1"]).ok();
    world.git(&commit).ok();
}

#[test]
fn a_team_that_lands_only_issues_takes_a_reason_or_a_known_author() {
    let world = World::ready();
    configure(&world, "[gate]\ndirect = 'refuse'\nauthors = ['*@bots.example.org']\n");
    let commit = |args: &[&str]| world.git(&[&["commit", "-q", "--allow-empty"], args].concat());
    commit(&["-m", "Mine"]).code(128);
    commit(&["-m", "Mine\n\nOrch-No-Issue:"]).code(128);
    commit(&["-m", "Mine\n\nOrch-No-Issue: a typo"]).ok();
    commit(&["-m", "Bump", "--author=Bot <bump@bots.example.org>"]).ok();
}

#[test]
fn a_strict_team_asks_here_as_it_asks_at_the_wall() {
    let world = World::ready();
    let bare = world.root().join("empty.git");
    let path = bare.to_str().expect("text");
    world.git(&["init", "-q", "--bare", "-b", "main", path]).ok();
    configure(&world, "[gate]\nscope = 'strict'\nprotected = ['main', 'release/*']\n");
    // What was there before anybody asked founds the other side, and other protected branches.
    world.git(&["push", "-q", path, "main"]).ok();
    world.git(&["branch", "release/1"]).ok();
    world.write("own.txt", "a change of a person\n");
    world.git(&["add", "-A"]).ok();
    world.git(&["commit", "-qm", "Own"]).code(128);
    world.git(&["commit", "-qm", "Own\n\nOrch-No-Issue: a note for whoever reads it"]).ok();
    world.git(&["push", "-q", path, "main"]).ok();
    // A receipt answers for a squash under any message, and for what is picked.
    world.sealed("81");
    world.git(&["merge", "-q", "--squash", "issue/81"]).ok();
    world.git(&["commit", "-qm", "Land it"]).ok();
    world.git(&["push", "-q", path, "main"]).ok();
    world.sealed("82");
    world.git(&["cherry-pick", "issue/82"]).ok();
    world.git(&["push", "-q", path, "main"]).ok();
    // What came onto one protected branch comes onto another.
    world.git(&["switch", "-q", "release/1"]).ok();
    world.git(&["merge", "-q", "main"]).ok();
    world.git(&["push", "-q", path, "main:release/2"]).code(0);
    // What came unseen is asked when it leaves.
    world.git(&["switch", "-q", "main"]).ok();
    world.write("more.txt", "another change of a person\n");
    commit_unseen(&world, "More");
    let said = world.git(&["push", "-q", path, "main"]).code(1).stderr;
    assert!(said.contains("belongs to no issue"), "{said}");
}
