//! Openings that were begun and not ended, by us or by somebody else's git: nothing that anybody may
//! have typed is thrown away, and nothing half-made is taken for a worktree.

use std::fs;
use std::path::Path;

use crate::harness::World;

/// A repository whose refs are files, and one whose refs are tables where git knows those.
fn worlds() -> Vec<World> {
    let mut all = vec![World::ready()];
    let probe = World::new();
    if probe.sh(&probe.root(), "git init -q --ref-format=reftable probe").code == 0 {
        let world = World::named("repo", &["-b", "main", "--ref-format=reftable"]);
        world.orch(&["init", "--yes"]).ok();
        all.push(world);
    } else {
        eprintln!("skipped: this git knows no tables of refs");
    }
    all
}

/// The intent of an opening, as it lies there while the worktree is filled.
fn open(world: &World, filling: bool) {
    let at = world.git(&["rev-parse", "main"]).ok().line();
    let text = format!(
        r#"{{"id":"81","session":"s","title":"t","body":"","source":null,"base":"main","fork":"{at}",
        "start":"{at}","branch":"issue/81","worktree":"{}","at":1700000000,"spec":null,
        "adopt_worktree":false,"filling":{filling},"done":"created"}}"#,
        world.worktree("81").display()
    );
    let folder = world.repo.join(".git/git-orch/intents");
    fs::create_dir_all(&folder).expect("folder");
    fs::write(folder.join("open-81.json"), text).expect("intent");
}

/// Every file below the place of worktrees with that content.
fn kept(world: &World, text: &str) -> bool {
    let place = world.root().join("repo.worktrees");
    world.sh(&place, &format!("grep -rqsF '{text}' .")).code == 0
}

fn clean(world: &World, worktree: &Path) {
    let left = world.git_in(worktree, &["status", "--porcelain"]).ok().stdout;
    assert_eq!(left, "", "the new worktree is whole");
    assert!(!world.git(&["worktree", "list", "--porcelain"]).ok().stdout.contains("locked"));
}

#[test]
fn what_was_typed_since_an_opening_was_killed_is_not_lost() {
    for world in worlds() {
        let worktree = world.in_execute("81");
        for typed in ["README.md", "new.txt"] {
            world.write_in(&worktree, typed, &format!("typed into {typed}\n"));
        }
        world.write_in(&worktree, "committed.txt", "committed\n");
        world.git_in(&worktree, &["add", "committed.txt"]).ok();
        world.git_in(&worktree, &["commit", "-qm", "Work"]).ok();
        open(&world, true);
        world.orch(&["new-issue", "81"]).ok();
        for typed in ["README.md", "new.txt"] {
            assert!(kept(&world, &format!("typed into {typed}")), "{typed}");
        }
        assert!(worktree.join("committed.txt").exists());
        world.git(&["fsck"]).ok();
    }
}

#[test]
fn what_was_typed_stays_where_git_lost_its_entry_and_the_opening_goes_on() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    world.write_in(&worktree, "README.md", "typed into it\n");
    world.write_in(&worktree, "new.txt", "typed anew\n");
    fs::remove_dir_all(world.repo.join(".git/worktrees/81")).expect("entry");
    open(&world, true);
    let said = world.orch(&["new-issue", "81"]).ok();
    assert!(said.stderr.contains("are kept in"), "{}", said.stderr);
    assert!(kept(&world, "typed into it") && kept(&world, "typed anew"));
    clean(&world, &worktree);
}

#[test]
fn a_half_filled_folder_of_ours_is_filled_anew_without_a_word() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    // Cut short, as a kill in the middle of the filling leaves it, before `.context/` is there.
    fs::remove_dir_all(worktree.join(".context")).expect("the copy");
    fs::write(worktree.join("README.md"), "# A pro").expect("a part");
    fs::remove_dir_all(world.repo.join(".git/worktrees/81")).expect("entry");
    open(&world, true);
    let said = world.orch(&["new-issue", "81"]).ok();
    assert!(!said.stderr.contains("are kept in"), "{}", said.stderr);
    let place = fs::read_dir(world.root().join("repo.worktrees")).expect("place");
    assert_eq!(place.count(), 1);
    clean(&world, &worktree);
}

/// As a killed `git worktree add` leaves a worktree.
fn half_made(world: &World) {
    world.git(&["branch", "issue/81"]).ok();
    let place = world.worktree("81").display().to_string();
    world.git(&["worktree", "add", "-q", "--no-checkout", &place, "issue/81"]).ok();
    fs::write(world.repo.join(".git/worktrees/81/locked"), "initializing\n").expect("lock");
}

#[test]
fn a_half_made_worktree_is_made_again_when_it_is_ours_and_refused_when_it_is_not() {
    for ours in [true, false] {
        let world = World::ready();
        half_made(&world);
        if ours {
            open(&world, true);
        } else {
            let refused = world.orch(&["new-issue", "81"]).code(1);
            assert!(refused.stderr.contains("git worktree add"), "{}", refused.stderr);
            let fix = refused.stderr.lines().find_map(|line| line.trim().strip_prefix("fix: "));
            let binary = crate::harness::binary();
            let fix = fix.expect("a step").replace("git orch", &format!("'{binary}'"));
            world.sh(&world.repo, &fix).ok();
        }
        world.orch(&["new-issue", "81"]).ok();
        clean(&world, &world.worktree("81"));
    }
}

#[test]
fn an_entry_of_somebody_elses_is_left_alone() {
    let world = World::ready();
    let entry = world.repo.join(".git/worktrees/81");
    fs::create_dir_all(&entry).expect("folder");
    for name in ["gitdir", "HEAD", "theirs"] {
        fs::write(entry.join(name), "").expect("file");
    }
    fs::write(entry.join("commondir"), "../..\n").expect("file");
    world.orch(&["new-issue", "81"]).ok();
    assert!(entry.join("theirs").exists(), "a foreign entry was thrown away");
    assert!(world.worktree("81").join("README.md").exists());
}
