//! `undo` and `op log`: the newest change is taken back, and nothing of the user's with it.

use insta::assert_snapshot;

use crate::harness::World;

fn subjects(world: &World, args: &[&str]) -> String {
    let said = world.orch(&[&["op", "log"], args].concat()).ok().stdout;
    let line = |line: &str| line.splitn(3, "  ").nth(2).map(|l| l.trim().to_owned());
    said.lines().filter_map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn undoing_again_goes_further_back_and_everything_stays_in_the_log() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.orch(&["task", "add", "--issue", "81", "one"]).ok();
    world.orch(&["task", "done", "--issue", "81", "1"]).ok();
    let log =
        |world: &World| world.git(&["show", "refs/git-orch/issues/81:session-log.xml"]).ok().stdout;
    let done = log(&world);
    world.orch(&["undo", "81"]).ok();
    assert!(world.orch(&["show", "81", "--json"]).ok().stdout.contains(r#""state": "open""#));
    world.orch(&["undo", "81"]).ok();
    assert!(!world.orch(&["show", "81", "--json"]).ok().stdout.contains(r#""state""#));
    world.orch(&["undo", "81"]).ok();
    assert!(world.orch(&["show", "81", "--json"]).ok().stdout.contains(r#""phase": "discussion""#));
    let copy = std::fs::read_to_string(worktree.join(".context/session-log.xml")).expect("copy");
    assert_eq!(copy, log(&world));
    let refused = world.orch(&["undo", "81"]).code(1);
    assert!(refused.stderr.contains("was made final"), "{}", refused.stderr);
    assert_snapshot!(subjects(&world, &[]), @"
    81     Undo: Move on to EXECUTE
    81     Undo: Add task 1
    81     Undo: Finish task 1
    81     Finish task 1
    81     Add task 1
    81     Move on to EXECUTE
    81     Freeze the specification: 1 criterion
    81     Open issue 81: Issue 81
    ");
    // The way forward is open again, and comes to the same.
    world.orch(&["next", "81"]).ok();
    world.orch(&["task", "add", "--issue", "81", "one"]).ok();
    world.orch(&["task", "done", "--issue", "81", "1"]).ok();
    let tasks = |log: &str| log.matches("<task ").count();
    assert_eq!((tasks(&done), tasks(&log(&world))), (1, 1));
}

#[test]
fn what_a_check_said_is_not_taken_back() {
    let world = World::ready();
    world.validated("81");
    world.orch(&["undo", "81"]).ok();
    let shown = world.orch(&["show", "81", "--json"]).ok().stdout;
    assert!(shown.contains(r#""phase": "execute""#), "{shown}");
    assert!(shown.contains(r#""green": true"#), "{shown}");
}

#[test]
fn a_seal_that_is_undone_lands_nothing() {
    let world = World::ready();
    let worktree = world.sealed("81");
    assert!(worktree.join(".context/compaction-complete.flag").exists());
    world.orch(&["undo", "81"]).ok();
    assert!(!worktree.join(".context/compaction-complete.flag").exists());
    world.git(&["merge", "-q", "issue/81"]).code(128);
    world.orch(&["compact", "81"]).ok();
    world.git(&["merge", "-q", "issue/81"]).ok();
}

#[test]
fn an_opening_is_undone_while_nothing_was_done() {
    let world = World::ready();
    let before = world.git(&["for-each-ref", "refs/heads/"]).ok().stdout;
    let worktree = std::path::PathBuf::from(world.orch(&["new-issue", "81", "--yes"]).ok().line());
    world.write_in(&worktree, ".context/spec.md", "# My draft\n");
    world.write_in(&worktree, "typed.txt", "by hand\n");
    let refused = world.orch(&["undo", "81"]).code(1);
    assert!(refused.stderr.contains("typed.txt"), "{}", refused.stderr);
    std::fs::remove_file(worktree.join("typed.txt")).expect("removed");
    world.orch(&["undo"]).ok();
    assert!(!worktree.exists());
    assert_eq!(world.git(&["for-each-ref", "refs/heads/"]).ok().stdout, before);
    assert!(!world.orch(&["status", "--json"]).ok().stdout.contains("81"));
    assert_snapshot!(subjects(&world, &["81"]), @"
    81     Undo: Open issue 81: Issue 81
    81     Open issue 81: Issue 81
    ");
    let kept = world.git(&["for-each-ref", "--format=%(refname)", "refs/git-orch/undone/"]).ok();
    let draft = world.git(&["show", &format!("{}:spec.md", kept.line())]).ok().stdout;
    assert_eq!(draft, "# My draft\n");
    world.orch(&["new-issue", "81", "--yes"]).ok();
}

#[test]
fn an_opening_with_commits_is_not_undone_and_the_remedy_works() {
    let world = World::ready();
    let worktree = std::path::PathBuf::from(world.orch(&["new-issue", "81", "--yes"]).ok().line());
    world.write_in(&worktree, "work.txt", "work\n");
    world.commit(&worktree, "Work");
    let refused = world.orch(&["undo", "81"]).code(1);
    assert_snapshot!(refused.stderr.trim_end(), @r#"
    refused: undoing "Open issue 81: Issue 81"
        why: issue/81 holds a commit of its own
        fix: git orch abandon 81 --reason 'why it is given up'
    "#);
    let fix = refused.stderr.lines().find_map(|l| l.trim().strip_prefix("fix: ")).expect("a fix");
    world.sh(&world.repo, fix).ok();
}

#[test]
fn an_ending_is_undone_with_branch_worktree_and_what_lay_there() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.write_in(&worktree, "work.txt", "work\n");
    world.commit(&worktree, "Work");
    world.write_in(&worktree, "half.txt", "half of it\n");
    world.write_in(&worktree, "staged.txt", "staged\n");
    world.git_in(&worktree, &["add", "staged.txt"]).ok();
    let before = world.git_in(&worktree, &["status", "--porcelain"]).ok().stdout;
    world.orch(&["abandon", "81", "--reason", "a mistake"]).ok();
    world.orch(&["undo", "81"]).ok();
    assert_eq!(world.git_in(&worktree, &["status", "--porcelain"]).ok().stdout, before);
    assert!(worktree.join("work.txt").exists());
    assert!(world.orch(&["show", "81", "--json"]).ok().stdout.contains(r#""phase": "execute""#));
    assert!(!world.repo.join(".orchestration/archived-sessions/81").exists());
    // And it can end again.
    world.orch(&["abandon", "81", "--reason", "no mistake"]).ok();
}

#[test]
fn a_landed_issue_is_opened_again() {
    let world = World::ready();
    let worktree = world.sealed("81");
    world.git(&["merge", "-q", "issue/81"]).ok();
    world.orch(&["archive", "81"]).ok();
    world.orch(&["undo", "81"]).ok();
    assert!(worktree.join(".context/compaction-complete.flag").exists());
    world.orch(&["archive", "81"]).ok();
    assert!(!worktree.exists());
}

#[test]
fn undoing_an_adoption_leaves_what_was_there() {
    let world = World::ready();
    let mine = world.root().join("mine");
    let place = mine.display().to_string();
    world.git(&["worktree", "add", "-q", "-b", "issue/90", &place]).ok();
    world.write_in(&mine, ".gitignore", "secret\n");
    world.write_in(&mine, "secret", "mine\n");
    world.commit(&mine, "My own work");
    world.write_in(&mine, "typed.txt", "by hand\n");
    for open in [&["new-issue", "90", "--yes"][..], &["adopt", &place, "--issue", "90"]] {
        world.orch(open).ok();
        assert!(mine.join(".context/session-log.xml").exists());
        let said = world.orch(&["undo", "90"]).ok();
        let told = format!("left {place} as it is: it was there before");
        assert!(said.stderr.contains(&told) || said.stdout.contains(&told), "{}", said.stderr);
        assert_eq!(std::fs::read_to_string(mine.join("typed.txt")).expect("typed"), "by hand\n");
        assert!(mine.join("secret").exists());
        assert!(!mine.join(".context/session-log.xml").exists());
        world.git(&["rev-parse", "--verify", "-q", "refs/heads/issue/90"]).ok();
        assert!(world.orch(&["status", "90"]).code != 0);
    }
    // A branch alone stays too; the worktree was made for it and goes.
    world.git(&["branch", "issue/91"]).ok();
    world.orch(&["new-issue", "91", "--yes"]).ok();
    world.orch(&["undo", "91"]).ok();
    assert!(!world.worktree("91").exists());
    world.git(&["rev-parse", "--verify", "-q", "refs/heads/issue/91"]).ok();
}

#[test]
fn every_draft_of_an_issue_opened_and_undone_again_and_again_is_kept() {
    let world = World::ready();
    for draft in ["one\n", "two\n", "three\n"] {
        let worktree =
            std::path::PathBuf::from(world.orch(&["new-issue", "81", "--yes"]).ok().line());
        world.write_in(&worktree, ".context/spec.md", draft);
        world.orch(&["undo", "81"]).ok();
    }
    let kept = world.git(&["for-each-ref", "--format=%(refname)", "refs/git-orch/undone/"]).ok();
    let draft = |name: &str| world.git(&["show", &format!("{name}:spec.md")]).ok().stdout;
    let mut drafts: Vec<String> = kept.stdout.lines().map(draft).collect();
    drafts.sort();
    assert_eq!(drafts, ["one\n", "three\n", "two\n"]);
}

#[test]
fn an_issue_does_not_end_by_way_of_undoing() {
    let world = World::ready();
    world.in_execute("81");
    world.orch(&["abandon", "81", "--reason", "a mistake"]).ok();
    world.orch(&["archive", "restore", "81"]).ok();
    let refused = world.orch(&["undo", "81"]).code(1);
    assert_snapshot!(refused.stderr.trim_end(), @r#"
    refused: undoing "Open again from the archive" of issue 81
        why: the issue would be finished again, and its worktree is there
        fix: git orch abandon 81 --reason 'it was opened again by mistake'
    "#);
    assert!(world.orch(&["show", "81", "--json"]).ok().stdout.contains(r#""phase": "execute""#));
    let fix = refused.stderr.lines().find_map(|l| l.trim().strip_prefix("fix: ")).expect("a fix");
    world.sh(&world.repo, fix).ok();
    assert!(!world.worktree("81").exists());
}

#[test]
fn what_has_landed_is_not_undone() {
    let world = World::ready();
    world.sealed("81");
    world.orch(&["land", "81"]).ok();
    world.orch(&["land", "81"]).ok();
    assert_eq!(subjects(&world, &["81"]).matches("Land in main").count(), 1);
    let refused = world.orch(&["undo", "81"]).code(1);
    assert_snapshot!(world.plain(refused.stderr.trim_end()), @r#"
    refused: undoing "Seal the receipt to [SHORT]: nothing learned" of issue 81
        why: its work has landed in main
        fix: git orch archive 81
    "#);
    let fix = refused.stderr.lines().find_map(|l| l.trim().strip_prefix("fix: ")).expect("a fix");
    world.sh(&world.repo, fix).ok();
}

#[test]
fn undoing_an_archive_by_force_brings_back_what_lay_there() {
    let world = World::ready();
    let worktree = world.sealed("81");
    world.git(&["merge", "-q", "issue/81"]).ok();
    world.write_in(&worktree, "half.txt", "half of it\n");
    world.orch(&["archive", "81", "--force"]).ok();
    world.orch(&["undo", "81"]).ok();
    assert_eq!(std::fs::read_to_string(worktree.join("half.txt")).expect("back"), "half of it\n");
}

#[test]
fn an_ending_is_not_undone_where_there_is_no_room() {
    for open in [&["undo", "81"][..], &["archive", "restore", "81"]] {
        let world = World::ready();
        let worktree = world.in_execute("81");
        world.orch(&["abandon", "81", "--reason", "a mistake"]).ok();
        world.write_in(&worktree, "mine.txt", "somebody else's\n");
        let before = world.git(&["for-each-ref"]).ok().stdout;
        let refused = world.orch(open).code(1);
        assert_eq!(world.git(&["for-each-ref"]).ok().stdout, before);
        let fix = refused.stderr.lines().find_map(|l| l.trim().strip_prefix("fix: "));
        world.sh(&world.repo, fix.expect("a fix")).ok();
        world.orch(open).ok();
        assert!(worktree.join(".git").exists());
    }
}
