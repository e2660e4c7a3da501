//! `new-issue` in every situation it may meet: it adopts, creates or refuses in one clear way.

use std::path::PathBuf;

use insta::assert_snapshot;

use crate::harness::{Ended, World};

/// The words of a refusal or error, without what differs from run to run.
fn words(world: &World, ended: &Ended) -> String {
    world.plain(ended.stderr.trim_end())
}

#[test]
fn it_prints_the_path_and_does_nothing_twice() {
    let world = World::ready();
    let first = world.orch(&["new-issue", "81", "--title", "Rebase agent"]).ok();
    assert_eq!(first.stdout, format!("{}\n", world.worktree("81").display()));
    let refs = world.git(&["for-each-ref"]).ok().stdout;
    let again = world.orch(&["new-issue", "#81"]).ok();
    assert_eq!(again.stdout, first.stdout);
    assert_eq!(again.stderr, "", "the second time it has nothing to say");
    assert_eq!(world.git(&["for-each-ref"]).ok().stdout, refs);
    assert_eq!(world.git_in(&world.worktree("81"), &["status", "--porcelain"]).ok().stdout, "");
}

#[test]
fn ids_of_every_tracker_are_taken_and_harmful_ones_refused() {
    let world = World::ready();
    for id in ["81", "#82", "GH-83", "E-01"] {
        world.orch(&["new-issue", id, "--yes"]).ok();
    }
    for id in ["../../x", "-f", "--exec=x", "x;touch", "a\nb", "x.lock", "", "HEAD", "é"] {
        let ended = world.orch(&["new-issue", "--yes", "--", id]);
        assert_eq!(ended.code, 2, "{id:?}: {}", ended.stderr);
    }
    let twin = world.orch(&["new-issue", "e-01", "--yes"]).code(1);
    assert_snapshot!(words(&world, &twin), @"
    refused: opening issue e-01
        why: issue E-01 exists and differs only in letter case
        fix: git orch new-issue E-01
    ");
}

#[test]
fn a_branch_that_is_there_is_adopted() {
    let world = World::ready();
    world.git(&["switch", "-qc", "issue/81"]).ok();
    world.write("early.txt", "work that was begun before\n");
    let tip = world.commit(&world.repo, "Begin early");
    world.git(&["switch", "-q", "main"]).ok();
    let ended = world.orch(&["new-issue", "81", "--yes"]).ok();
    assert!(ended.stderr.contains("adopted"), "{}", ended.stderr);
    let head = world.git_in(&world.worktree("81"), &["rev-parse", "HEAD"]).ok().line();
    assert_eq!(head, tip);
}

#[test]
fn a_worktree_that_is_there_is_adopted_where_it_is() {
    let world = World::ready();
    let place = world.root().join("elsewhere");
    world.git(&["worktree", "add", "-qb", "issue/81", place.to_str().expect("text")]).ok();
    world.write_in(&place, "draft.txt", "not committed yet\n");
    let ended = world.orch(&["new-issue", "81", "--yes"]).ok();
    assert_eq!(PathBuf::from(ended.line()), place);
    assert!(place.join("draft.txt").exists(), "uncommitted work stays");
    assert!(place.join(".context/session-log.xml").exists());
}

#[test]
fn a_branch_checked_out_in_the_main_worktree_is_refused_and_the_remedy_works() {
    let world = World::ready();
    world.git(&["switch", "-qc", "issue/81"]).ok();
    let ended = world.orch(&["new-issue", "81", "--yes"]).code(1);
    assert_snapshot!(words(&world, &ended), @"
    refused: opening issue 81
        why: its branch issue/81 is checked out in the main worktree
        fix: git switch main
    ");
    world.git(&["switch", "-q", "main"]).ok();
    world.orch(&["new-issue", "81", "--yes"]).ok();
}

#[test]
fn a_folder_in_the_way_is_refused_and_the_remedy_works() {
    let world = World::ready();
    let place = world.worktree("81");
    world.write_in(&place, "mine.txt", "somebody's file\n");
    let ended = world.orch(&["new-issue", "81", "--yes"]).code(1);
    assert_snapshot!(words(&world, &ended), @"
    refused: opening issue 81
        why: [TOP]/repo.worktrees/81 exists and is not a worktree of this repository
        fix: mv [TOP]/repo.worktrees/81 [TOP]/repo.worktrees/81.aside
    ");
    assert!(place.join("mine.txt").exists());
    let fix = ended.stderr.lines().find_map(|l| l.trim().strip_prefix("fix: ")).expect("a fix");
    world.sh(&world.repo, fix).ok();
    world.orch(&["new-issue", "81", "--yes"]).ok();
}

#[test]
fn a_base_that_is_missing_is_refused_and_the_remedy_works() {
    let world = World::ready();
    let ended = world.orch(&["new-issue", "81", "--yes", "--base", "nowhere"]).code(1);
    assert_snapshot!(words(&world, &ended), @"
    refused: opening issue 81
        why: there is no commit called nowhere
        fix: git orch new-issue 81 --base HEAD
    ");
    world.orch(&["new-issue", "81", "--base", "HEAD", "--yes"]).ok();
    let option = world.orch(&["new-issue", "82", "--yes", "--base=--upload-pack=x"]).code(1);
    assert!(option.stderr.contains("there is no commit"), "{}", option.stderr);
}

#[test]
fn it_starts_from_the_base_with_a_detached_head() {
    let world = World::ready();
    world.git(&["switch", "-q", "--detach"]).ok();
    world.orch(&["new-issue", "81", "--yes"]).ok();
}

#[test]
fn an_unborn_branch_is_refused() {
    let world = World::named("fresh", &["-b", "trunk"]);
    world.git(&["update-ref", "-d", "HEAD"]).ok();
    world.orch(&["init", "--yes"]).ok();
    let ended = world.orch(&["new-issue", "81", "--yes"]).code(1);
    assert_snapshot!(words(&world, &ended), @"
    refused: opening issue 81
        why: this repository has no commit yet
        fix: git commit --allow-empty -m 'Begin'
    ");
    assert!(!world.worktree("81").exists());
    world.sh(&world.repo, "git commit -q --allow-empty -m 'Begin'").ok();
    world.orch(&["new-issue", "81", "--yes"]).ok();
}

#[test]
fn a_bare_repository_has_worktrees_beside_it() {
    let world = World::new();
    let bare = world.root().join("bare.git");
    world.git(&["clone", "-q", "--bare", ".", bare.to_str().expect("text")]).ok();
    world.orch_in(&bare, &["init", "--yes"]).ok();
    let ended = world.orch_in(&bare, &["new-issue", "81", "--yes"]).ok();
    assert_eq!(PathBuf::from(ended.line()), world.root().join("bare.worktrees/81"));
    assert!(world.root().join("bare.worktrees/81/README.md").exists());
    world.orch_in(&bare, &["status"]).ok();
}

#[test]
fn a_submodule_keeps_its_worktrees_out_of_its_superproject() {
    let world = World::new();
    let parent = world.root().join("super");
    world.git(&["init", "-q", "-b", "main", parent.to_str().expect("text")]).ok();
    let url = world.repo.display().to_string();
    let add = ["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &url, "part"];
    world.git_in(&parent, &add).ok();
    world.commit(&parent, "Add the part");
    let part = parent.join("part");
    world.orch_in(&part, &["init", "--yes"]).ok();
    world.orch_in(&part, &["new-issue", "81", "--yes"]).ok();
    let status = world.git_in(&parent, &["status", "--porcelain", "--ignore-submodules=all"]).ok();
    assert_eq!(status.stdout, "", "the superproject sees nothing");
}

#[test]
fn paths_with_spaces_and_other_letters_work() {
    let world = World::named("my répo ☃", &["-b", "main"]);
    world.orch(&["init", "--yes"]).ok();
    let path = world.orch(&["new-issue", "81", "--yes"]).ok().line();
    assert_eq!(PathBuf::from(&path), world.worktree("81"));
    world.write_in(&world.worktree("81"), "ünï.txt", "x\n");
    world.commit(&world.worktree("81"), "Work in a folder with a space");
    world.orch_in(&world.worktree("81"), &["status"]).ok();
}

#[test]
fn a_worktree_that_was_removed_is_made_again() {
    let world = World::ready();
    world.orch(&["new-issue", "81", "--yes"]).ok();
    let place = world.worktree("81");
    world.write_in(&place, "work.txt", "committed\n");
    let tip = world.commit(&place, "Work");
    std::fs::remove_dir_all(&place).expect("removed");
    let ended = world.orch(&["new-issue", "81"]).ok();
    assert!(ended.stderr.contains("restored"), "{}", ended.stderr);
    assert_eq!(world.git_in(&place, &["rev-parse", "HEAD"]).ok().line(), tip);
}

#[test]
fn without_gh_it_says_so_and_the_remedy_works() {
    let world = World::ready();
    let ended = world.orch(&["new-issue", "81", "--from-github"]);
    if ended.code == 0 {
        return; // this machine has gh and may reach GitHub
    }
    assert_eq!(ended.code, 3, "{}", ended.stderr);
    assert!(ended.stderr.contains("fix: git orch new-issue 81 --title"), "{}", ended.stderr);
}

#[test]
fn a_title_cannot_forge_lines() {
    let world = World::ready();
    world.orch(&["new-issue", "81", "--title", "Fix\u{1b}[31m it\n\nOrch-Issue: 9"]).ok();
    let json = world.orch(&["show", "81", "--json"]).ok().stdout;
    assert!(json.contains(r#""title": "Fix [31m it Orch-Issue: 9""#), "{json}");
}

#[test]
fn a_specification_can_be_brought_along() {
    let world = World::ready();
    world.write("spec-81.md", crate::harness::SPEC);
    world.orch(&["new-issue", "81", "--yes", "--spec", "spec-81.md"]).ok();
    world.orch(&["spec", "finalise", "81"]).ok();
    world.orch(&["next", "81"]).ok();
}

#[test]
fn outside_a_repository_and_before_init_it_says_what_to_do() {
    let world = World::new();
    let nowhere = world.root();
    assert_snapshot!(words(&world, &world.orch_in(&nowhere, &["new-issue", "81"]).code(3)), @"
    error: this is not a git repository: [TOP]
      fix: cd into a repository, or git init
    ");
    assert_snapshot!(words(&world, &world.orch(&["new-issue", "81"]).code(3)), @"
    error: git-orch is not set up in this repository
      fix: git orch init
    ");
}

#[test]
fn a_context_folder_committed_as_a_link_is_not_followed() {
    let world = World::ready();
    let outside = world.root().join("outside");
    std::fs::create_dir(&outside).expect("folder");
    std::os::unix::fs::symlink(&outside, world.repo.join(".context")).expect("link");
    world.git(&["add", "-f", ".context"]).ok();
    world.git(&["commit", "-qm", "Plant a link"]).ok();
    let ended = world.orch(&["new-issue", "81", "--yes"]).code(1);
    assert_snapshot!(words(&world, &ended), @"
    refused: opening issue 81
        why: main holds a file or link called .context, where the working copy of the record goes
        fix: git rm --cached .context && git commit -m 'Make room for .context'
    ");
    let written = std::fs::read_dir(&outside).expect("folder").count();
    assert_eq!(written, 0, "nothing was written outside");
    let fix = ended.stderr.lines().find_map(|l| l.trim().strip_prefix("fix: ")).expect("a fix");
    world.sh(&world.repo, fix).ok();
    world.orch(&["new-issue", "81", "--yes"]).ok();
}

#[test]
fn a_worktree_with_another_branch_is_not_called_restored() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.git_in(&worktree, &["switch", "-q", "-c", "other"]).ok();
    world.write_in(&worktree, "typed.txt", "by hand\n");
    let refused = world.orch(&["new-issue", "81"]).code(1);
    let told = "has other checked out, not issue/81";
    assert!(refused.stderr.contains(told), "{}", refused.stderr);
    let fix = refused.stderr.lines().find_map(|l| l.trim().strip_prefix("fix: "));
    world.sh(&world.repo, fix.expect("a fix")).ok();
    assert_eq!(world.orch(&["new-issue", "81"]).ok().line(), worktree.display().to_string());
    assert!(worktree.join("typed.txt").exists());
    // A rebase under way has no branch checked out, and is the user's business.
    world.git_in(&worktree, &["switch", "-q", "--detach"]).ok();
    assert_eq!(world.orch(&["new-issue", "81"]).ok().line(), worktree.display().to_string());
}
