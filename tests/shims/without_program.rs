#![expect(clippy::disallowed_methods, reason = "tests write files and run git themselves")]
//! What goes on and what is refused while the program is gone.

use std::fs;
use std::path::PathBuf;

use super::world::{Outcome, World, finish, script};

/// A clone of `upstream` with the shims and no program; `issue/81` holds one commit.
fn lost() -> World {
    let world = World::new();
    world.ok(&["clone", "-q", "--bare", ".", "../upstream.git"]);
    world.ok(&["remote", "add", "origin", "../upstream.git"]);
    world.ok(&["fetch", "-q", "origin"]);
    world.ok(&["branch", "-q", "-u", "origin/main"]);
    world.ok(&["switch", "-q", "-c", "issue/81"]);
    world.commit(&world.repo(), "work");
    world.ok(&["switch", "-q", "main"]);
    world.install();
    world.lose_program();
    world
}

/// A colleague publishes a commit on the upstream's `main`.
fn publish(world: &World) -> PathBuf {
    let other = world.root().join("colleague");
    world.ok(&["clone", "-q", "../upstream.git", "../colleague"]);
    world.commit(&other, "published");
    world.ok_in(&other, &["push", "-q", "origin", "HEAD:main"]);
    other
}

/// The three lines, among what git adds.
fn refused(world: &World, outcome: &Outcome, what: &str) {
    assert_ne!(outcome.code, 0, "{what}");
    let gits = |line: &str| line.contains("fatal:") || line.contains("error:");
    let ours: Vec<_> = outcome.err.lines().filter(|line| !gits(line)).collect();
    let why = format!(
        "    why: git-orch is installed in this repository but its program is gone: {}",
        world.program().display()
    );
    let fix = "    fix: install git-orch again, there or anywhere on PATH, then repeat the command";
    assert_eq!(ours, [&format!("refused: {what}"), why.as_str(), fix]);
}

#[test]
fn everyday_work_goes_on() {
    let world = lost();
    publish(&world);
    world.ok(&["fetch", "-q"]);
    world.ok(&["tag", "v1"]);
    fs::write(world.repo().join("first"), "dirty").unwrap();
    world.ok(&["stash", "-q"]);
    world.ok(&["stash", "pop", "-q"]);
    world.ok(&["reset", "-q", "--hard"]);
    world.ok(&["pull", "-q", "--ff-only"]);
    assert!(world.repo().join("published").exists());
    world.ok(&["switch", "-q", "issue/81"]);
    world.commit(&world.repo(), "more");
    world.ok(&["commit", "-q", "--amend", "-m", "again"]);
    world.ok(&["rebase", "-q", "origin/main"]);
    world.ok(&["switch", "-q", "-c", "feature", "main"]);
    world.commit(&world.repo(), "feature");
    world.ok(&["merge", "-q", "--no-edit", "issue/81"]);
    world.ok(&["worktree", "add", "-q", "-b", "issue/82", "../w"]);
    world.ok(&["switch", "-q", "main"]);
    world.ok(&["branch", "-q", "-D", "feature"]);
    world.ok(&["branch", "-q", "release/1", "main"]);
    world.ok(&["reset", "-q", "--hard", "HEAD~1"]);
    world.ok(&["pack-refs", "--all"]);
    world.ok(&["gc", "-q"]);
    world.ok(&["merge", "-q", "--ff-only", "origin/main"]);
}

#[test]
fn a_merge_of_an_issue_is_refused_before_it_touches_anything() {
    let world = lost();
    // Published as an issue branch, which makes it no part of a protected one.
    world.ok(&["push", "-q", "origin", "issue/81"]);
    world.ok(&["fetch", "-q", "origin"]);
    fs::write(world.repo().join("first"), "dirty").unwrap();
    let before = (world.ok(&["rev-parse", "HEAD"]), world.ok(&["status", "--porcelain"]));
    for options in [&["--ff-only"][..], &["--no-ff", "--no-edit"], &["--no-verify"], &["--squash"]]
    {
        let mut args = vec!["merge", "-q", "issue/81"];
        args.extend(options);
        refused(&world, &world.run(&args), "merging into main");
        let after = (world.ok(&["rev-parse", "HEAD"]), world.ok(&["status", "--porcelain"]));
        assert_eq!(before, after, "{options:?}");
    }
    let merge = world.run(&["pull", "-q", ".", "issue/81"]);
    refused(&world, &merge, "merging into main");
}

#[test]
fn other_ways_onto_a_protected_branch_are_refused() {
    let world = lost();
    let tip = world.ok(&["rev-parse", "issue/81"]);
    let moving = format!("moving main to {}", &tip[..8]);
    world.ok(&["switch", "-q", "--detach"]);
    refused(&world, &world.run(&["update-ref", "refs/heads/main", &tip]), &moving);
    refused(&world, &world.run(&["branch", "-f", "main", "issue/81"]), &moving);
    refused(&world, &world.run(&["update-ref", "-d", "refs/heads/main"]), "deleting main");
    refused(&world, &world.run(&["branch", "-D", "issue/81"]), "deleting issue/81");
    // Packed, and looking like what gc prunes but for the lock.
    world.ok(&["pack-refs", "--all"]);
    refused(&world, &world.run(&["update-ref", "-d", "refs/heads/main"]), "deleting main");
    refused(&world, &world.run(&["branch", "-D", "issue/81"]), "deleting issue/81");
    // A file that the pattern `release/*` would find.
    fs::create_dir_all(world.repo().join("refs/heads/release")).unwrap();
    fs::write(world.repo().join("refs/heads/release/x"), "").unwrap();
    let release = format!("moving release/1 to {}", &tip[..8]);
    refused(&world, &world.run(&["branch", "release/1", "issue/81"]), &release);
    // The tenth line and later ones, which the shim has not read itself.
    let lines: String = (0..12)
        .map(|i| format!("create refs/tags/t{i} {tip}\n"))
        .chain([format!("update refs/heads/main {tip}\n")])
        .collect();
    let mut command = world.command(&world.git);
    command.current_dir(world.repo()).args(["update-ref", "--stdin"]);
    refused(&world, &finish(&mut command, &lines), &moving);
    assert_eq!(world.ok(&["tag"]), "");
    // A commit by hand.
    world.ok(&["switch", "-q", "main"]);
    let commit = world.run(&["commit", "-q", "--allow-empty", "-m", "x"]);
    assert!(commit.err.starts_with("refused: moving main to "), "{}", commit.err);
    assert_eq!(commit.err.lines().filter(|line| line.contains("why:")).count(), 1);
}

#[test]
fn nothing_around_it_is_needed_for_that() {
    let world = lost();
    let tip = world.ok(&["rev-parse", "issue/81"]);
    let run = |args: &[&str]| {
        let mut command = world.command(&world.git);
        command.env_clear().env("PATH", "/nonexistent").current_dir(world.repo());
        finish(command.args(args), "")
    };
    let outcome = run(&["update-ref", "refs/heads/main", &tip]);
    refused(&world, &outcome, &format!("moving main to {}", &tip[..8]));
    assert_eq!(run(&["update-ref", "refs/heads/feature", &tip]).code, 0);
    assert_eq!(run(&["update-ref", "refs/heads/main", "origin/main"]).code, 0);
}

#[test]
fn pushes_of_what_others_protect_are_refused() {
    let world = lost();
    let tip = world.ok(&["rev-parse", "issue/81"]);
    world.ok(&["push", "-q", "origin", "issue/81", "issue/81:refs/heads/wip/81", "HEAD:other"]);
    let push = |refspec: &str| world.run(&["push", "-q", "origin", refspec]);
    let pushing = |to: &str| format!("pushing {} to {to}", &tip[..8]);
    refused(&world, &push("issue/81:main"), &pushing("main"));
    refused(&world, &push("issue/81:release/2"), &pushing("release/2"));
    refused(&world, &push(":main"), "deleting main on the other side");
    // What a protected branch of the other side holds already.
    world.ok(&["push", "-q", "origin", "origin/main:refs/heads/release/2"]);
}

#[test]
fn a_program_that_cannot_start_is_gone_too() {
    let world = lost();
    let tip = world.ok(&["rev-parse", "issue/81"]);
    script(&world.program(), "#!/no/such/interpreter\n");
    let outcome = world.run(&["update-ref", "refs/heads/main", &tip]);
    assert_ne!(outcome.code, 0);
    assert!(outcome.err.contains("refused: moving main to "), "{}", outcome.err);
    world.ok(&["update-ref", "refs/heads/feature", &tip]);
    world.ok(&["push", "-q", "origin", "issue/81"]);
    world.ok(&["switch", "-q", "issue/81"]);
    world.commit(&world.repo(), "more");
    // A folder in its place.
    fs::remove_file(world.program()).unwrap();
    fs::create_dir(world.program()).unwrap();
    refused(
        &world,
        &world.run(&["branch", "-f", "main", &tip]),
        &format!("moving main to {}", &tip[..8]),
    );
}

#[test]
fn a_program_on_the_path_takes_its_place() {
    let world = lost();
    let elsewhere = world.root().join("else where");
    fs::create_dir(&elsewhere).unwrap();
    script(&elsewhere.join("git-orch"), "#!/bin/sh\necho \"$1 $2 $3\" >&2\n");
    let path = format!("{}:{}", elsewhere.display(), std::env::var("PATH").unwrap());
    let args = ["update-ref", "refs/heads/main", "issue/81"];
    let outcome = world.run_with(&world.repo(), &args, &[("PATH", &path)]);
    assert_eq!(outcome.code, 0);
    assert!(outcome.err.starts_with("hook reference-transaction prepared\n"), "{}", outcome.err);
}

#[test]
fn names_that_differ_in_case_are_one_where_files_say_so() {
    let world = World::new();
    let mut settings = world.settings();
    settings.ignore_case = true;
    world.try_install(&settings).unwrap();
    world.lose_program();
    let tree = world.ok(&["rev-parse", "HEAD^{tree}"]);
    let commit = world.ok(&["commit-tree", "-m", "x", &tree]);
    for name in ["refs/heads/Main", "Refs/Heads/main", "refs/heads/RELEASE/x"] {
        assert_ne!(world.run(&["update-ref", name, &commit]).code, 0, "{name}");
    }
    world.ok(&["update-ref", "refs/heads/feature", &commit]);
}
