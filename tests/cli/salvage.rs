//! Work is never lost: what a removal takes away is kept first, and comes back as it was.

use crate::harness::World;

fn refs(world: &World, below: &str) -> Vec<String> {
    let said = world.git(&["for-each-ref", "--format=%(refname)", below]).ok().line();
    said.lines().map(str::to_owned).collect()
}

#[test]
fn an_archive_with_force_keeps_what_lay_in_the_worktree_and_says_how_it_comes_back() {
    let world = World::ready();
    let worktree = world.sealed("81");
    world.git(&["merge", "-q", "issue/81"]).ok();
    world.write_in(&worktree, "late.txt", "an afterthought\n");
    world.write_in(&worktree, "README.md", "changed\n");
    world.write_in(&worktree, "staged.txt", "staged\n");
    world.git_in(&worktree, &["add", "staged.txt"]).ok();
    world.orch(&["archive", "81"]).code(1);
    let ended = world.orch(&["archive", "81", "--force"]).ok();
    assert!(!worktree.exists());
    let line = ended.stderr.lines().find_map(|l| l.trim().strip_prefix("next: "));
    world.sh(&world.repo, line.expect("a way back")).ok();
    assert_eq!(world.git(&["show", "81-again:late.txt"]).ok().line(), "an afterthought");
    assert_eq!(world.git(&["show", "81-again:README.md"]).ok().line(), "changed");
    assert_eq!(world.git(&["show", "81-again^2:staged.txt"]).ok().line(), "staged");
    // The same again changes nothing.
    world.sh(&world.repo, line.expect("a way back")).ok();
}

#[test]
fn a_clean_archive_with_force_keeps_nothing() {
    let world = World::ready();
    world.sealed("81");
    world.git(&["merge", "-q", "issue/81"]).ok();
    world.orch(&["archive", "81", "--force"]).ok();
    assert_eq!(refs(&world, "refs/git-orch/salvage/"), Vec::<String>::new());
}

#[test]
fn a_worktree_with_a_rebase_or_loose_commits_is_not_removed_without_force() {
    let world = World::ready();
    let worktree = world.sealed("81");
    world.git(&["merge", "-q", "issue/81"]).ok();
    world.git_in(&worktree, &["switch", "-q", "--detach"]).ok();
    world.write_in(&worktree, "loose.txt", "only here\n");
    let loose = world.commit(&worktree, "Loose");
    let refused = world.orch(&["archive", "81"]).code(1);
    assert!(refused.stderr.contains("no branch holds: 1"), "{}", refused.stderr);
    let fix = refused.stderr.lines().find_map(|l| l.trim().strip_prefix("fix: ")).expect("a fix");
    world.sh(&world.repo, fix).ok();
    world.git(&["branch", "-q", "-D", "81-loose"]).ok();
    world.orch(&["archive", "81", "--force"]).ok();
    let kept = refs(&world, "refs/git-orch/salvage/81/");
    assert_eq!(kept.len(), 1, "{kept:?}");
    world.git(&["merge-base", "--is-ancestor", &loose, &kept[0]]).ok();
}

#[test]
fn abandoning_waits_for_a_merge_under_way_and_with_force_keeps_its_files() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.write_in(&worktree, "README.md", "ours\n");
    world.commit(&worktree, "Ours");
    world.write("README.md", "theirs\n");
    world.commit(&world.repo, "Theirs");
    world.git_in(&worktree, &["merge", "-q", "main"]).code(1);
    let refused = world.orch(&["abandon", "81", "--reason", "not needed"]).code(1);
    assert!(refused.stderr.contains("a merge is under way"), "{}", refused.stderr);
    let fix = refused.stderr.lines().find_map(|l| l.trim().strip_prefix("fix: ")).expect("a fix");
    world.sh(&world.repo, fix).ok();
    let kept = refs(&world, "refs/git-orch/salvage/81/");
    let readme = world.git(&["show", &format!("{}:README.md", kept[0])]).ok().stdout;
    assert!(readme.contains("<<<<<<<") && readme.contains("ours"), "{readme}");
}

#[test]
fn a_worktree_that_was_deleted_comes_back_with_what_was_typed_up_to_the_last_step() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.orch(&["task", "add", "--issue", "81", "one"]).ok();
    world.write_in(&worktree, "half.txt", "half of it\n");
    world.write_in(&worktree, "staged.txt", "staged\n");
    world.git_in(&worktree, &["add", "staged.txt"]).ok();
    world.write_in(&worktree, "README.md", "changed\n");
    world.orch(&["task", "done", "--issue", "81", "1"]).ok();
    let before = world.git_in(&worktree, &["status", "--porcelain"]).ok().stdout;
    std::fs::remove_dir_all(&worktree).expect("removed");
    world.orch(&["new-issue", "81", "--yes"]).ok();
    let list = world.orch(&["salvage", "list"]).ok().stdout;
    assert!(list.contains("checkpoints/81/0"), "{list}");
    world.orch(&["salvage", "restore", "81"]).ok();
    assert_eq!(world.git_in(&worktree, &["status", "--porcelain"]).ok().stdout, before);
    // Again: it is there already.
    world.orch(&["salvage", "restore", "81"]).ok();
    // Something else lies there now: nothing is written over it.
    world.write_in(&worktree, "half.txt", "typed since\n");
    let refused = world.orch(&["salvage", "restore", "81"]).code(1);
    assert!(refused.stderr.contains("uncommitted work"), "{}", refused.stderr);
    let text = std::fs::read_to_string(worktree.join("half.txt")).expect("file");
    assert_eq!(text, "typed since\n");
}

#[test]
fn checkpoints_are_few_and_are_made_only_of_changes() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    for n in 1..=14 {
        world.orch(&["task", "add", "--issue", "81", &format!("step {n}")]).ok();
    }
    world.orch(&["task", "done", "--issue", "81", "1"]).ok();
    assert_eq!(refs(&world, "refs/git-orch/checkpoints/"), Vec::<String>::new());
    for n in 2..=14 {
        world.write_in(&worktree, "half.txt", &format!("{n}\n"));
        world.orch(&["task", "done", "--issue", "81", &n.to_string()]).ok();
    }
    assert_eq!(refs(&world, "refs/git-orch/checkpoints/81/").len(), 10);
    let newest = world.orch(&["salvage", "list", "81", "--json"]).ok().stdout;
    let parsed: serde_json::Value = serde_json::from_str(&newest).expect("json");
    assert_eq!(parsed["data"].as_array().expect("a list").len(), 10);
}

#[test]
fn what_is_dropped_is_gone_from_the_list_and_can_be_named_until_git_collects_it() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.write_in(&worktree, "half.txt", "half\n");
    world.orch(&["abandon", "81", "--reason", "not needed"]).ok();
    let show = world.orch(&["salvage", "show", "81"]).ok().stdout;
    assert!(show.contains("half.txt"), "{show}");
    let name = refs(&world, "refs/git-orch/salvage/81/")[0].clone();
    world.orch(&["salvage", "drop", "81"]).code(2);
    let dropped = world.orch(&["salvage", "drop", &name]).ok();
    assert_eq!(refs(&world, "refs/git-orch/salvage/"), Vec::<String>::new());
    let hint =
        dropped.stderr.lines().find_map(|l| l.trim().strip_prefix("until git collects it: "));
    world.sh(&world.repo, hint.expect("a hint")).ok();
    assert_eq!(world.git(&["show", "81-again:half.txt"]).ok().line(), "half");
}
