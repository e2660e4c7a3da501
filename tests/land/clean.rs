//! Landings that go in.

use crate::harness::World;

fn subjects(world: &World) -> Vec<String> {
    let log = world.git(&["log", "--first-parent", "--format=%s", "main"]).ok().stdout;
    log.lines().map(str::to_owned).collect()
}

/// Nothing of the throw-away worktree is left.
pub fn no_bench(world: &World) {
    let list = world.git(&["worktree", "list"]).ok().stdout;
    assert!(!list.contains("_landing"), "{list}");
    let folder = world.worktree("81").parent().expect("parent").join("_landing-81");
    assert!(!folder.exists());
}

#[test]
fn a_sealed_issue_lands_and_the_main_worktree_follows() {
    let world = World::ready();
    world.sealed("81");
    let said = world.orch(&["land", "81"]).ok();
    assert!(said.stderr.contains("issue 81 landed: main is at"), "{}", said.stderr);
    assert_eq!(subjects(&world)[0], "Merge issue 81 into main: Issue 81");
    assert!(world.repo.join("work-81.txt").exists());
    assert_eq!(world.git(&["status", "--porcelain", "--untracked-files=no"]).ok().stdout, "");
    no_bench(&world);
    let tip = world.git(&["rev-parse", "main"]).ok().line();
    let again = world.orch(&["land", "81"]).ok();
    assert!(again.stderr.contains("issue 81 landed before, in main"), "{}", again.stderr);
    assert_eq!(world.git(&["rev-parse", "main"]).ok().line(), tip);
    world.orch(&["archive", "81"]).ok();
}

#[test]
fn a_base_that_went_on_is_merged_with_and_checked_together() {
    let world = World::ready();
    world.sealed("81");
    world.write("other.txt", "main went on\n");
    world.commit(&world.repo, "Go on");
    let said = world.orch(&["land", "81"]).ok();
    assert!(said.stdout.contains("criterion 1 (It holds): passed in"), "{}", said.stdout);
    assert!(world.repo.join("other.txt").exists() && world.repo.join("work-81.txt").exists());
    world.orch(&["archive", "81"]).ok();
}

#[test]
fn a_team_may_want_a_straight_line() {
    let world = World::ready();
    world.write(".orchestration/config.toml", "[land]\nmethod = 'rebase'\n");
    world.commit(&world.repo, "Configure");
    world.sealed("81");
    world.write("other.txt", "main went on\n");
    world.commit(&world.repo, "Go on");
    world.orch(&["land", "81"]).ok();
    assert_eq!(subjects(&world), ["Do the work of 81", "Go on", "Configure", "Begin"]);
    assert_eq!(world.git(&["rev-list", "--merges", "--count", "main"]).ok().line(), "0");
    world.orch(&["archive", "81"]).ok();
}

#[test]
fn uncommitted_work_elsewhere_stays_as_it_is() {
    let world = World::ready();
    world.sealed("81");
    world.write("README.md", "# Edited, not committed\n");
    world.write("notes.txt", "nobody's business\n");
    world.orch(&["land", "81"]).ok();
    let status = world.git(&["status", "--porcelain"]).ok().stdout;
    assert!(status.contains(" M README.md") && status.contains("?? notes.txt"), "{status}");
    assert!(!status.contains("work-81.txt"), "{status}");
    assert!(world.repo.join("work-81.txt").exists());
    assert_eq!(world.git(&["stash", "list"]).ok().stdout, "");
}

#[test]
fn it_lands_from_any_worktree_while_another_branch_is_checked_out() {
    let world = World::ready();
    let worktree = world.sealed("81");
    world.git(&["switch", "-qc", "side"]).ok();
    world.orch_in(&worktree, &["land"]).ok();
    assert!(!world.repo.join("work-81.txt").exists(), "side is not main");
    assert_eq!(world.git(&["show", "main:work-81.txt"]).ok().stdout.lines().count(), 2);
}

#[test]
fn a_policy_that_wants_an_issue_for_every_commit_lets_landings_in() {
    let world = World::ready();
    world.write(".orchestration/config.toml", "[gate]\ndirect = 'refuse'\n");
    world.commit(&world.repo, "Configure");
    world.sealed("81");
    world.orch(&["land", "81"]).ok();
    world.orch(&["archive", "81"]).ok();
}

#[test]
fn two_at_once_land_one_after_the_other() {
    let world = World::ready();
    world.sealed("81");
    world.sealed("82");
    let both = world
        .sh(
            &world.repo,
            "git orch land 81 & one=$!; git orch land 82; two=$?; wait $one && exit $two",
        )
        .ok();
    assert!(both.stderr.contains("issue 81 landed"), "{}", both.stderr);
    assert!(world.repo.join("work-81.txt").exists() && world.repo.join("work-82.txt").exists());
    assert_eq!(world.git(&["status", "--porcelain", "--untracked-files=no"]).ok().stdout, "");
}

#[test]
fn the_answer_as_json() {
    let world = World::ready();
    world.sealed("81");
    let json = world.orch(&["land", "81", "--json"]).ok().stdout;
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&value["kind"], &value["data"]["into"]), (&"land".into(), &"main".into()));
    assert_eq!(value["data"]["to"], world.git(&["rev-parse", "main"]).ok().line());
}

#[test]
fn a_sha256_repository_lands_too() {
    let world = World::named("big", &["-b", "main", "--object-format=sha256"]);
    world.orch(&["init", "--yes"]).ok();
    world.sealed("81");
    world.orch(&["land", "81"]).ok();
    assert!(world.repo.join("work-81.txt").exists());
}
