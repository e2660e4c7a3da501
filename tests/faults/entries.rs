//! What a killed `git worktree add`, or a power cut, makes of git's entries and refs: what `doctor`
//! says of it, and that its steps lead out.

use std::path::Path;
use std::time::Duration;

use crate::harness::World;
use crate::killed::tracer;
use crate::leftovers::{findings, harmless};
use crate::{count, start};

/// Runs every step that doctor prints for what is wrong, as it stands.
#[track_caller]
pub fn follow(world: &World) -> String {
    let said = world.orch(&["doctor"]).stdout;
    let said = said.split("\n note: ").next().expect("a part").to_owned();
    harmless(&said);
    for step in said.lines().filter_map(|line| line.trim().strip_prefix("fix: ")) {
        world.sh(&world.repo, step).ok();
    }
    said
}

/// The repository is whole: for git, and for doctor.
#[track_caller]
fn sound(world: &World) {
    world.git(&["fsck", "--no-dangling"]).ok();
    world.git(&["gc", "-q"]).ok();
    let said = findings(world);
    assert!(said.is_empty(), "{said}");
}

/// git adds the worktree again, with its branch or without.
#[track_caller]
fn add_again(world: &World) {
    let there = world.git(&["worktree", "list", "--porcelain"]).ok().stdout;
    if there.contains("branch refs/heads/f") && world.root().join("w/README.md").exists() {
        return;
    }
    let made = world.git(&["rev-parse", "-q", "--verify", "refs/heads/f"]).code == 0;
    let args: &[&str] = if made { &["../w", "f"] } else { &["-b", "f", "../w"] };
    world.git(&[&["worktree", "add", "-q"], args].concat()).ok();
}

#[test]
fn wherever_a_worktree_add_of_others_is_killed_the_steps_of_doctor_lead_out() {
    let Some(tracer) = tracer() else { return };
    let points = count(9, 84);
    for at in 0..points {
        let world = World::ready();
        let call = (1 + at * 84 / points).to_string();
        let mut command = world.command(&world.repo, tracer.to_str().expect("a path"));
        command.args(["-n", &call, "--", "git", "worktree", "add", "-q", "-b", "f", "../w"]);
        start(command).wait().expect("its end");
        follow(&world);
        add_again(&world);
        let w = world.root().join("w");
        assert_eq!(world.git_in(&w, &["status", "--porcelain"]).ok().stdout, "", "point {call}");
        sound(&world);
    }
}

#[test]
fn an_entry_of_others_that_lost_a_file_is_named_and_the_step_leads_out() {
    let files = ["commondir", "HEAD", "gitdir"];
    let states: [(&str, Option<&str>); 4] =
        [("gone", None), ("empty", Some("")), ("NULs", Some("\0\0\0\0\0\0\0\0")), ("begun", None)];
    for file in files {
        for (state, content) in states {
            let world = World::ready();
            world.git(&["worktree", "add", "-q", "-b", "f", "../w"]).ok();
            let entry = world.repo.join(".git/worktrees/w");
            match content {
                Some(text) => std::fs::write(entry.join(file), text).expect("file"),
                None => std::fs::remove_file(entry.join(file)).expect("file"),
            }
            if state == "begun" {
                std::fs::write(entry.join("locked"), "initializing\n").expect("file");
            }
            let said = follow(&world);
            assert!(said.contains("half-made"), "{file} {state}: {said}");
            let w = world.root().join("w");
            if w.exists() {
                // Nothing says whose it is any more.
                std::fs::rename(&w, world.root().join("w.kept")).expect("renamed");
            }
            add_again(&world);
            sound(&world);
        }
    }
}

#[test]
fn nul_for_a_commit_in_an_entry_is_told() {
    let world = World::ready();
    world.git(&["worktree", "add", "-q", "-b", "f", "../w"]).ok();
    let head = world.repo.join(".git/worktrees/w/HEAD");
    // What git writes first.
    std::fs::write(head, format!("{}\n", "0".repeat(40))).expect("file");
    assert!(follow(&world).contains("half-made"));
    add_again(&world);
    sound(&world);
}

#[test]
fn an_empty_index_is_made_again_and_no_file_is_touched() {
    let world = World::ready();
    world.git(&["worktree", "add", "-q", "-b", "f", "../w"]).ok();
    let w = world.root().join("w");
    for (folder, index) in [(&w, ".git/worktrees/w/index"), (&world.repo, ".git/index")] {
        world.write_in(folder, "README.md", "typed by hand\n");
        std::fs::write(world.repo.join(index), "").expect("file");
        world.git_in(folder, &["status"]).code(128);
        let said = follow(&world);
        assert!(said.contains("the index of "), "{said}");
        let text = std::fs::read_to_string(folder.join("README.md")).expect("file");
        assert_eq!(text, "typed by hand\n");
        let status = world.git_in(folder, &["status", "--porcelain", "-uno"]).ok().stdout;
        assert_eq!(status, " M README.md\n");
        sound(&world);
    }
}

#[test]
fn an_empty_ref_goes_back_to_where_it_stood() {
    for log in [true, false] {
        let world = World::ready();
        world.git(&["switch", "-qc", "f"]).ok();
        let tip = world.commit(&world.repo, "Work");
        world.git(&["switch", "-q", "main"]).ok();
        std::fs::write(world.repo.join(".git/refs/heads/f"), "").expect("file");
        if !log {
            std::fs::remove_file(world.repo.join(".git/logs/refs/heads/f")).expect("log");
        }
        assert_ne!(world.git(&["fsck"]).code, 0);
        let said = follow(&world);
        assert!(said.contains("the file of refs/heads/f is broken"), "{said}");
        sound(&world);
        let now = world.git(&["rev-parse", "-q", "--verify", "refs/heads/f"]);
        assert_eq!(now.line(), if log { tip.as_str() } else { "" });
    }
}

#[test]
fn a_step_holds_only_the_words_that_are_meant() {
    for place in ["a;id>owned;b", "a b", "a$(id>owned)b", "it's"] {
        let world = World::ready();
        world.git(&["worktree", "add", "-q", "-b", "f", &format!("../{place}")]).ok();
        let entries = std::fs::read_dir(world.repo.join(".git/worktrees")).expect("entries");
        let entry = entries.flatten().next().expect("an entry").path();
        std::fs::write(entry.join("commondir"), "").expect("file");
        follow(&world);
        assert!(!world.repo.join("owned").exists(), "{place}");
        world.git(&["worktree", "add", "-q", &format!("../{place}"), "f"]).ok();
        sound(&world);
    }
    // The same for the name of a lock and of a ref.
    let world = World::ready();
    std::fs::write(world.repo.join(".git/refs/heads/a;id>owned;b.lock"), "").expect("lock");
    std::fs::write(world.repo.join(".git/refs/heads/c$(id>owned)d"), "").expect("ref");
    follow(&world);
    assert!(!world.repo.join("owned").exists());
    sound(&world);
}

#[test]
fn a_worktree_that_git_is_making_just_now_is_left_alone() {
    let world = World::ready();
    world.git(&["config", "filter.slow.smudge", "sleep 5; cat"]).ok();
    world.write(".gitattributes", "*.slow filter=slow\n");
    world.write("a.slow", "content\n");
    world.commit(&world.repo, "Slow");
    let mut command = world.command(&world.repo, "git");
    command.args(["worktree", "add", "-q", "-b", "f", "../w"]);
    let mut child = start(command);
    let locked = world.repo.join(".git/worktrees/w/locked");
    while !locked.exists() && child.try_wait().expect("its state").is_none() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let said = findings(&world);
    // Slow as it is here, it may have come to its end meanwhile.
    if child.try_wait().expect("its state").is_none() {
        assert!(!said.contains("half-made"), "{said}");
    }
    assert!(child.wait().expect("its end").success());
    sound(&world);
}

/// An opening of ours whose intent is there and whose worktree git made in part.
fn begun(world: &World, spoil: &dyn Fn(&Path)) {
    let tip = world.git(&["rev-parse", "main"]).ok().line();
    let w = world.worktree("81").display().to_string();
    world.git(&["worktree", "add", "-q", "-b", "issue/81", &w, "main"]).ok();
    let intent = format!(
        r#"{{"id":"81","session":"20200101T000000Z-00000a","title":"T","body":"","source":null,
        "base":"main","fork":"{tip}","start":"{tip}","branch":"issue/81","worktree":"{w}",
        "at":1577836800,"spec":null,"adopt_worktree":false,"filling":true,"done":"created"}}"#
    );
    world.write(".git/git-orch/intents/open-81.json", &intent);
    spoil(&world.repo.join(".git/worktrees/81"));
}

#[test]
fn an_entry_of_an_opening_of_ours_is_finished_by_fix() {
    let spoils: [&dyn Fn(&Path); 3] = [
        &|entry| std::fs::write(entry.join("commondir"), "").expect("file"),
        &|entry| {
            std::fs::write(entry.join("HEAD"), format!("{}\n", "0".repeat(40))).expect("file");
            std::fs::write(entry.join("locked"), "initializing\n").expect("file");
        },
        &|entry| std::fs::remove_file(entry.join("gitdir")).expect("file"),
    ];
    for spoil in spoils {
        let world = World::ready();
        begun(&world, spoil);
        let said = findings(&world);
        assert!(said.contains("fix: git orch new-issue 81"), "{said}");
        assert!(said.contains("with --fix: finishes opening issue 81"), "{said}");
        world.orch(&["doctor", "--fix"]).ok();
        assert!(world.worktree("81").join("README.md").exists());
        assert!(world.orch(&["show", "81"]).ok().stdout.contains("DISCUSSION"));
        sound(&world);
    }
}
