//! The archive: what it holds, that nothing secret enters it, and the way back.

use crate::harness::World;
use crate::scene::{data, fixes};

const REASON: &str = "the change was mechanical and met no surprise";

fn archived(world: &World, id: &str) -> std::path::PathBuf {
    world.sealed(id);
    world.git(&["merge", "-q", "--no-edit", &format!("issue/{id}")]).ok();
    std::path::PathBuf::from(world.orch(&["archive", id]).ok().line())
}

#[test]
fn a_changed_byte_is_found_and_mended_from_the_record() {
    let world = World::ready();
    let folder = archived(&world, "81");
    archived(&world, "82");
    world.orch(&["archive", "verify"]).ok();
    let summary = std::fs::read(folder.join("summary.md")).expect("the summary");
    let mut changed = summary.clone();
    changed[3] ^= 1;
    std::fs::write(folder.join("summary.md"), changed).expect("a changed byte");
    let wrong = world.orch(&["archive", "verify"]).code(4);
    assert!(wrong.stderr.contains("summary.md"), "{}", wrong.stderr);
    let all = data(&world.orch(&["archive", "verify", "82", "--json"]).ok());
    assert_eq!(all[0]["wrong"], serde_json::Value::Null);
    world.sh(&world.repo, &fixes(&wrong)[0]).ok();
    assert_eq!(std::fs::read(folder.join("summary.md")).expect("the summary"), summary);
    world.orch(&["archive", "verify", "81"]).ok();
    std::fs::remove_file(folder.join("spec.md")).expect("removed");
    world.orch(&["archive", "verify", "81"]).code(4);
    world.orch(&["archive", "verify", "99"]).code(2);
}

#[test]
fn an_issue_is_archived_from_within_its_worktree() {
    let world = World::ready();
    let worktree = world.sealed("81");
    world.git(&["merge", "-q", "--no-edit", "issue/81"]).ok();
    let done = world.orch_in(&worktree, &["archive"]).ok();
    assert!(done.stderr.contains("this folder is gone now"), "{}", done.stderr);
    assert_eq!(world.git(&["for-each-ref", "refs/git-orch/issues"]).ok().stdout, "");
    world.orch(&["archive", "verify", "81"]).ok();
}

#[test]
fn archives_are_listed_shown_and_searched() {
    let world = World::ready();
    world.orch(&["new-issue", "80", "--title", "Rotate the signing keys", "--yes"]).ok();
    world.orch(&["abandon", "80", "--reason", "the vendor does it now"]).ok();
    archived(&world, "81");
    let list = data(&world.orch(&["archive", "list", "--json"]).ok());
    let issues: Vec<&str> =
        list.as_array().expect("list").iter().filter_map(|k| k["issue"].as_str()).collect();
    assert_eq!(issues.len(), 2, "{issues:?}");
    let shown = world.orch(&["archive", "show", "80"]).ok().stdout;
    assert!(shown.contains("# 80: Rotate the signing keys"), "{shown}");
    assert!(shown.contains("the vendor does it now"), "{shown}");
    assert!(world.orch(&["archive", "search", "signing", "keys"]).ok().stdout.starts_with("80 "));
    world.orch(&["archive", "show", "99"]).code(2);
    // A verb is never an issue.
    for verb in ["list", "show", "search", "verify", "restore", "purge"] {
        let refused = world.orch(&["new-issue", verb, "--yes"]).code(2);
        assert!(refused.stderr.contains("reserved"), "{}", refused.stderr);
    }
}

#[test]
fn a_restored_issue_goes_on_where_it_stopped() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.orch(&["task", "add", "Write the rest", "--issue", "81"]).ok();
    world.write_in(&worktree, "half.txt", "the first half of the work\n");
    let tip = world.commit(&worktree, "Do half of it");
    world.write_in(&worktree, "loose.txt", "not committed\n");
    world.orch(&["abandon", "81", "--reason", "no time for it now"]).ok();
    assert!(!worktree.exists());
    let restored = world.orch(&["archive", "restore", "81"]).ok();
    assert_eq!(restored.line(), worktree.display().to_string());
    assert_eq!(world.git_in(&worktree, &["rev-parse", "HEAD"]).ok().line(), tip);
    let shown = data(&world.orch(&["show", "81", "--json"]).ok());
    assert_eq!((&shown["phase"], &shown["archived"]), (&"execute".into(), &false.into()));
    assert_eq!(shown["tasks"][0]["text"], "Write the rest");
    let kept = restored
        .stderr
        .lines()
        .find_map(|l| l.trim().strip_prefix("what was not committed is kept: "));
    world.sh(&world.repo, kept.expect("a way to the rest")).ok();
    assert!(worktree.join("loose.txt").exists());
    world.commit(&worktree, "Do the rest");
    assert_eq!(
        world.orch(&["archive", "restore", "81"]).ok().line(),
        restored.line(),
        "open already"
    );
    world.orch(&["task", "done", "1", "--issue", "81"]).ok();
    world.orch(&["next", "81"]).ok();
    world.orch(&["validate", "81"]).ok();
    world.orch(&["learn", "none", "81", "--reason", REASON]).ok();
    world.orch(&["compact", "81"]).ok();
    world.git(&["merge", "-q", "--no-edit", "issue/81"]).ok();
    world.orch(&["archive", "81"]).ok();
    world.orch(&["archive", "verify", "81"]).ok();
}

#[test]
fn a_landed_issue_is_restored_and_more_work_is_judged_anew() {
    let world = World::ready();
    archived(&world, "81");
    let worktree = std::path::PathBuf::from(world.orch(&["archive", "restore", "81"]).ok().line());
    world.write_in(&worktree, "more.txt", "an afterthought that was forgotten\n");
    world.commit(&worktree, "Add what was forgotten");
    let refused = world.git(&["merge", "--no-edit", "issue/81"]);
    assert_ne!(refused.code, 0, "the receipt does not cover it");
    assert_eq!(data(&world.orch(&["show", "81", "--json"]).ok())["archived"], false);
}

#[test]
fn purging_removes_what_it_can_reach_and_says_what_not() {
    let world = World::ready();
    let folder = archived(&world, "81");
    world.orch(&["archive", "purge", "81"]).code(1);
    assert!(folder.exists(), "nobody was there to be asked");
    let purged = data(&world.orch(&["archive", "purge", "81", "--yes", "--json"]).ok());
    assert!(!folder.exists());
    assert_eq!(world.git(&["for-each-ref", "refs/git-orch/archive"]).ok().stdout, "");
    assert!(purged["remains"].as_array().expect("list").len() >= 2, "{purged}");
    assert_eq!(world.orch(&["archive", "list"]).ok().stdout, "");
    world.orch(&["archive", "purge", "81", "--yes"]).ok();
    world.in_execute("82");
    world.orch(&["archive", "purge", "82", "--yes"]).code(2);
}

#[test]
fn all_finished_issues_are_archived_and_the_others_are_left() {
    let world = World::ready();
    for id in ["81", "82"] {
        world.sealed(id);
        world.git(&["merge", "-q", "--no-edit", &format!("issue/{id}")]).ok();
    }
    world.in_execute("83");
    let done = data(&world.orch(&["archive", "--all-finished", "--json"]).ok());
    assert_eq!(done["archived"], serde_json::json!(["81", "82"]));
    assert!(world.worktree("83").exists());
    world.orch(&["archive", "81", "--all-finished"]).code(2);
}

#[test]
fn the_record_is_pushed_where_the_team_wants_it_and_no_remote_keeps_an_issue_open() {
    let world = World::ready();
    let other = world.root().join("other.git");
    world.sh(&world.root(), "git init -q --bare other.git").ok();
    world.git(&["remote", "add", "origin", other.to_str().expect("a path")]).ok();
    world.write(".orchestration/config.toml", "[archive]\npush = true\n");
    world.commit(&world.repo, "Push archives");
    archived(&world, "81");
    let there = world.git_in(&other, &["for-each-ref", "--format=%(refname)"]).ok().line();
    assert_eq!(there, "refs/git-orch/archive/81");
    std::fs::rename(&other, world.root().join("away.git")).expect("moved");
    world.sealed("82");
    world.git(&["merge", "-q", "--no-edit", "issue/82"]).ok();
    let alone = world.orch(&["archive", "82"]).ok();
    assert!(alone.stderr.contains("its record was not pushed"), "{}", alone.stderr);
    let again = alone.stderr.split("again: ").nth(1).and_then(|rest| rest.lines().next());
    std::fs::rename(world.root().join("away.git"), &other).expect("moved back");
    world.sh(&world.repo, again.expect("a command")).ok();
    let there = world.git_in(&other, &["for-each-ref", "--format=%(refname)"]).ok().stdout;
    assert_eq!(there.lines().count(), 2, "{there}");
}
