//! What a worktree is not removed with: work that nothing else holds, wherever git keeps it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::{Ended, World};

fn refs(world: &World, below: &str) -> Vec<String> {
    let said = world.git(&["for-each-ref", "--format=%(refname)", below]).ok().line();
    said.lines().map(str::to_owned).collect()
}

fn opened(world: &World) -> PathBuf {
    PathBuf::from(world.orch(&["new-issue", "7", "--yes"]).ok().line())
}

fn abandon(world: &World) -> Ended {
    world.orch(&["abandon", "7", "--reason", "not needed"])
}

fn fixes(ended: &Ended) -> Vec<String> {
    let lines = ended.stderr.lines().filter_map(|line| line.trim().strip_prefix("fix: "));
    lines.map(str::to_owned).collect()
}

#[test]
fn a_branch_that_is_gone_takes_neither_its_commits_nor_what_lies_in_the_worktree() {
    let world = World::ready();
    let worktree = opened(&world);
    world.write_in(&worktree, "done.txt", "committed\n");
    let tip = world.commit(&worktree, "Half of it");
    world.write_in(&worktree, "half.txt", "not committed\n");
    fs::remove_file(world.repo.join(".git/refs/heads/issue/7")).expect("removed");
    let ended = abandon(&world).ok();
    assert!(ended.stderr.contains("its work is kept"), "{}", ended.stderr);
    let kept = refs(&world, "refs/git-orch/salvage/7/")[0].clone();
    world.git(&["merge-base", "--is-ancestor", &tip, &kept]).ok();
    assert_eq!(world.git(&["show", &format!("{kept}:half.txt")]).ok().line(), "not committed");
}

#[test]
fn commits_outlive_both_their_branch_and_their_worktree() {
    let world = World::ready();
    let worktree = opened(&world);
    world.write_in(&worktree, "done.txt", "committed\n");
    let tip = world.commit(&worktree, "Half of it");
    fs::remove_file(world.repo.join(".git/refs/heads/issue/7")).expect("removed");
    fs::remove_dir_all(&worktree).expect("removed");
    abandon(&world).ok();
    let kept = refs(&world, "refs/git-orch/salvage/7/");
    assert_eq!(kept.len(), 1, "{kept:?}");
    world.git(&["merge-base", "--is-ancestor", &tip, &kept[0]]).ok();
}

/// A world whose refs are kept in tables; `None` where git knows none.
#[expect(clippy::print_stderr, reason = "what is not checked is to be seen")]
fn with_tables() -> Option<World> {
    let probe = World::ready();
    let output = probe.git(&["init", "-q", "--ref-format=reftable", "probe"]);
    if output.code != 0 {
        eprintln!("skipped: this git knows no reftable");
        return None;
    }
    let world = World::named("repo", &["-b", "main", "--ref-format=reftable"]);
    world.orch(&["init"]).ok();
    Some(world)
}

#[test]
fn loose_commits_and_a_revert_under_way_are_seen_where_refs_are_kept_in_tables() {
    let Some(world) = with_tables() else { return };
    let worktree = opened(&world);
    world.git_in(&worktree, &["switch", "-q", "--detach"]).ok();
    world.write_in(&worktree, "loose.txt", "only here\n");
    let loose = world.commit(&worktree, "Loose");
    let refused = world.orch(&["undo", "7"]).code(1);
    assert!(refused.stderr.contains("no branch holds: 1"), "{}", refused.stderr);
    abandon(&world).ok();
    let kept = refs(&world, "refs/git-orch/salvage/7/")[0].clone();
    world.git(&["merge-base", "--is-ancestor", &loose, &kept]).ok();

    world.orch(&["undo", "7"]).ok();
    world.write_in(&worktree, "README.md", "one\n");
    world.commit(&worktree, "One");
    world.write_in(&worktree, "README.md", "two\n");
    world.commit(&worktree, "Two");
    world.git_in(&worktree, &["revert", "--no-edit", "HEAD~1"]).code(1);
    let refused = abandon(&world).code(1);
    assert!(refused.stderr.contains("a revert is under way"), "{}", refused.stderr);
    world.sh(&world.repo, &fixes(&refused)[0]).ok();
    abandon(&world).ok();
}

#[test]
fn commits_that_are_still_to_be_picked_are_an_operation_under_way() {
    let world = World::ready();
    let worktree = opened(&world);
    for text in ["one\n", "two\n"] {
        world.write_in(&worktree, "README.md", text);
        world.commit(&worktree, text.trim());
    }
    world.git_in(&worktree, &["revert", "--no-edit", "HEAD~1", "HEAD"]).code(1);
    world.git_in(&worktree, &["checkout", "-q", "HEAD", "README.md"]).ok();
    world.git_in(&worktree, &["commit", "-q", "--allow-empty", "-m", "Go on by hand"]).ok();
    let refused = abandon(&world).code(1);
    assert!(refused.stderr.contains("a revert is under way"), "{}", refused.stderr);
    world.sh(&world.repo, &fixes(&refused)[0]).ok();
    abandon(&world).ok();
}

#[test]
fn a_repository_in_the_worktree_is_not_removed_with_it() {
    for (kind, commits) in [("untracked", true), ("empty", false), ("ignored", true)] {
        let world = World::ready();
        world.write(".gitignore", "ignored/\n");
        world.commit(&world.repo, "Ignore");
        let worktree = opened(&world);
        let nested = worktree.join(kind);
        world.git(&["init", "-q", &nested.display().to_string()]).ok();
        world.write_in(&nested, "inner.txt", "inner\n");
        if commits {
            world.commit(&nested, "Inner");
        }
        // What it holds is not counted either.
        let large = fs::File::create(nested.join("large.bin")).expect("file");
        large.set_len(65 << 20).expect("length");
        world.write_in(&worktree, "half.txt", "half\n");
        // Beside it everything is saved as ever.
        let said = world.orch(&["task", "add", "--issue", "7", "one"]).ok().stderr;
        assert!(!said.contains("could not be saved"), "{said}");
        let saved = refs(&world, "refs/git-orch/checkpoints/7/")[0].clone();
        assert_eq!(world.git(&["show", &format!("{saved}:half.txt")]).ok().line(), "half");
        for args in [&["--force"][..], &[]] {
            let reason = ["abandon", "7", "--reason", "not needed"];
            let refused = world.orch(&[&reason[..], args].concat()).code(1);
            assert!(refused.stderr.contains("a repository of its own"), "{}", refused.stderr);
            assert!(nested.join("inner.txt").exists(), "{kind}");
        }
        let refused = abandon(&world).code(1);
        world.sh(&world.repo, &fixes(&refused)[0]).ok();
        abandon(&world).ok();
        assert!(!worktree.exists());
        let moved = worktree.with_file_name(format!("7-{kind}"));
        assert!(moved.join("inner.txt").exists(), "{kind}");
    }
}

/// A world with a submodule, which is filled in the worktree of its issue.
fn with_submodule() -> (World, PathBuf) {
    let world = World::ready();
    let other = world.root().join("other");
    world.git(&["init", "-q", "-b", "main", &other.display().to_string()]).ok();
    world.write_in(&other, "theirs.txt", "theirs\n");
    world.commit(&other, "Theirs");
    let allow = ["-c", "protocol.file.allow=always"];
    let other = other.display().to_string();
    world.git(&[&allow[..], &["submodule", "--quiet", "add", &other, "sub"]].concat()).ok();
    world.commit(&world.repo, "Add a submodule");
    let worktree = opened(&world);
    let fill = ["submodule", "--quiet", "update", "--init"];
    world.git_in(&worktree, &[&allow[..], &fill].concat()).ok();
    (world, worktree)
}

#[test]
fn a_submodule_goes_only_when_its_commits_are_elsewhere() {
    let (world, worktree) = with_submodule();
    let sub = worktree.join("sub");
    world.write_in(&sub, "ours.txt", "typed\n");
    let refused = abandon(&world).code(1);
    assert!(refused.stderr.contains("sub holds 1 uncommitted change"), "{}", refused.stderr);
    let loose = world.commit(&sub, "Ours");
    world.git_in(&worktree, &["reset", "-q", "--hard"]).ok();
    let refused = world.orch(&["undo", "7"]).code(1);
    assert!(refused.stderr.contains("sub has 1 commit that none of"), "{}", refused.stderr);
    // Also when its files are not there: its commits lie below the worktree's git directory.
    world.git_in(&worktree, &["submodule", "--quiet", "deinit", "--force", "sub"]).ok();
    let refused = world.orch(&["undo", "7"]).code(1);
    world.sh(&world.repo, &fixes(&refused)[0]).ok();
    world.orch(&["undo", "7"]).ok();
    assert!(!worktree.exists());
    let copy = world.root().join("7-sub.git");
    world.git_in(&copy, &["rev-parse", "--verify", "-q", &format!("{loose}^{{commit}}")]).ok();
}

#[test]
fn beside_a_clean_submodule_everything_is_kept_and_comes_back() {
    let (world, worktree) = with_submodule();
    world.write_in(&worktree, "half.txt", "half\n");
    world.orch(&["task", "add", "--issue", "7", "one"]).ok();
    assert_eq!(refs(&world, "refs/git-orch/checkpoints/7/").len(), 1);
    abandon(&world).ok();
    assert!(!worktree.exists());
    world.orch(&["undo", "7"]).ok();
    assert_eq!(fs::read_to_string(worktree.join("half.txt")).expect("file"), "half\n");
}

#[test]
fn a_locked_worktree_stays_until_it_is_unlocked() {
    let world = World::ready();
    let worktree = opened(&world);
    let place = worktree.display().to_string();
    world.git(&["worktree", "lock", "--reason", "on a stick", &place]).ok();
    for args in [&["undo", "7"][..], &["abandon", "7", "--reason", "not needed", "--force"]] {
        let refused = world.orch(args).code(1);
        assert!(refused.stderr.contains("is locked: on a stick"), "{}", refused.stderr);
    }
    let refused = abandon(&world).code(1);
    world.sh(&world.repo, &fixes(&refused)[0]).ok();
    abandon(&world).ok();
    assert!(!worktree.exists());
}

#[test]
fn a_worktree_that_was_moved_is_found_where_it_is() {
    let world = World::ready();
    let worktree = opened(&world);
    let moved = world.root().join("moved");
    let names = [worktree.display().to_string(), moved.display().to_string()];
    world.git(&["worktree", "move", &names[0], &names[1]]).ok();
    world.write_in(&moved, "half.txt", "half\n");
    let refused = world.orch(&["undo", "7"]).code(1);
    assert!(
        refused.stderr.contains("moved holds uncommitted work: half.txt"),
        "{}",
        refused.stderr
    );
    abandon(&world).ok();
    assert!(!moved.exists());
    world.git(&["rev-parse", "-q", "--verify", "issue/7"]).code(1);
    let kept = refs(&world, "refs/git-orch/salvage/7/")[0].clone();
    assert_eq!(world.git(&["show", &format!("{kept}:half.txt")]).ok().line(), "half");
}

#[test]
fn a_worktree_that_somebody_made_for_the_branch_is_theirs() {
    let world = World::ready();
    let worktree = opened(&world);
    fs::remove_dir_all(&worktree).expect("removed");
    world.git(&["worktree", "prune"]).ok();
    let mine = world.root().join("mine");
    world.git(&["worktree", "add", "-q", &mine.display().to_string(), "issue/7"]).ok();
    world.write_in(&mine, "half.txt", "half\n");
    abandon(&world).ok();
    assert!(mine.join("half.txt").exists());
    world.git_in(&mine, &["rev-parse", "-q", "--verify", "issue/7"]).ok();
}

#[test]
fn an_agent_on_another_machine_is_not_taken_for_gone() {
    let world = World::ready();
    let worktree = opened(&world);
    let log = fs::read_to_string(worktree.join(".context/session-log.xml")).expect("log");
    let session = log.split("session=\"").nth(1).and_then(|rest| rest.split('"').next());
    let runs = world.repo.join(".git/git-orch/runs");
    fs::create_dir_all(&runs).expect("folder");
    let text = serde_json::json!({
        "version": 1, "session": session.expect("a session"), "generation": 1, "phase": "",
        "claim": {"host": "elsewhere", "boot": "b", "pid": 7, "started": "1", "at": "then"},
        "spent": {"runs": 0, "millis": 0, "turns": 0}, "failures": 0, "not_before": null,
        "parked": null, "runs": []
    });
    fs::write(runs.join("7.json"), text.to_string()).expect("runs");
    for args in [&["undo", "7"][..], &["abandon", "7", "--reason", "not needed", "--force"]] {
        let refused = world.orch(args).code(1);
        assert!(refused.stderr.contains("pid 7 on elsewhere runs agents"), "{}", refused.stderr);
        assert_eq!(fixes(&refused)[0], "git orch run 7 --take-over   # once nothing runs there");
    }
    assert!(worktree.exists());
}

#[test]
fn only_what_is_kept_can_be_dropped() {
    let world = World::ready();
    for name in ["refs/heads/main", "heads/main", "refs/git-orch/issues/7"] {
        let said = world.orch(&["salvage", "drop", name]).code(2).stderr;
        assert!(said.contains("is nothing that git-orch keeps"), "{said}");
    }
    // What is gone already is no error.
    world.orch(&["salvage", "drop", "salvage/7/20200101T000000Z"]).ok();
}

#[test]
fn trash_on_another_file_system_is_found_and_nothing_else_there_is_touched() {
    let world = World::ready();
    let place = |name: &str| world.root().join(name);
    let ours = place(".7.git-orch-trash-20200101T000000Z");
    for folder in [&ours, &place("theirs")] {
        world.write_in(folder, "file", "text\n");
    }
    let trash = world.repo.join(".git/git-orch/trash");
    fs::create_dir_all(&trash).expect("folder");
    let note = |name: &str, to: &Path| {
        fs::write(trash.join(name), to.display().to_string()).expect("note");
    };
    note("7-20200101T000000Z.elsewhere", &ours);
    note("8-20200101T000000Z.elsewhere", &place("theirs"));
    let found = world.orch(&["doctor"]);
    assert!(found.stdout.contains("removed things wait"), "{}{}", found.stdout, found.stderr);
    let _ = world.orch(&["doctor", "--fix"]);
    assert!(!ours.exists());
    assert!(place("theirs").join("file").exists());
    assert_eq!(fs::read_dir(&trash).expect("trash").count(), 0);
}
