//! `git orch trust`.

use std::os::unix::fs::PermissionsExt;

use insta::assert_snapshot;

use crate::harness::World;
use crate::scene::{Person, configure, configure_approved, data, in_validate, recorded};

const CONFIG: &str = "[[validator]]\nname = 'tests'\ncommand = 'true'\n\n\
    [[validator]]\nname = 'lint'\ncommand = \"echo it is fine\\ntrue # \\u001b[2K\\u202e\"\n";

#[test]
fn what_nobody_read_does_not_run() {
    let world = World::ready();
    configure(&world, CONFIG);
    in_validate(&world, "81", &[("It holds", Some("touch ../ran"))]);
    let ended = world.orch(&["validate", "81"]).code(1);
    assert_snapshot!(ended.stderr, @r"
    refused: validating issue 81
        why: validators tests, lint come with the repository and nobody here has read them
        fix: git orch trust
    ");
    assert!(!world.worktree("81").join("../ran").exists(), "refused before anything ran");
    // What does not come with the repository runs.
    world.orch(&["validate", "81", "--only", "criterion:1"]).ok();
    let ended = world.orch(&["trust"]).code(1);
    assert_snapshot!(ended.stderr, @r"
    refused: approving the commands of this repository
        why: a person has to read them at a terminal, and this is none
        fix: git orch trust
    ");
    assert_snapshot!(world.orch(&["trust", "--list"]).ok().stdout, @r"
    validator  approved  command
    tests      no        true
    lint       no        echo it is fine ⏎ true # \u{1b}[2K\u{202e}
    ");
}

#[test]
fn a_person_reads_and_approves_each_command() {
    let world = World::ready();
    configure(&world, CONFIG);
    let worktree = in_validate(&world, "81", &[("It holds", Some("true"))]);
    let mut person = Person::at(&world, &worktree, &["trust"]);
    let first = person.answer("Let validator tests run in the worktrees of this repository?", "y");
    assert_snapshot!(first, @r"
    .orchestration/config.toml on main names commands that git orch will run:

    validator tests
        true
    ");
    let second = person.answer("Let validator lint run", "n");
    assert!(second.contains("    true # \\u{1b}[2K\\u{202e}\n"), "{second}");
    let (said, code) = person.end();
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("why: you did not approve validator lint"), "{said}");
    world.orch(&["validate", "81", "--only", "validator:tests"]).ok();
    world.orch(&["validate", "81"]).code(1);
    // Only the one that is left is asked for.
    let mut person = Person::at(&world, &worktree, &["trust"]);
    let asked = person.answer("Let validator lint run", "y");
    assert!(!asked.contains("validator tests"), "{asked}");
    assert_eq!(person.code(), 0);
    world.orch(&["validate", "81"]).ok();
    assert_eq!(recorded(&world, "81").len(), 3);
    // Nothing is left to ask, with a terminal or without.
    world.orch(&["trust"]).ok();
}

#[test]
fn any_change_asks_again() {
    let world = World::ready();
    configure_approved(&world, "[[validator]]\nname = 'tests'\ncommand = 'true'\n");
    in_validate(&world, "81", &[("It holds", Some("true"))]);
    world.orch(&["validate", "81"]).ok();
    // A longer time is no other command.
    configure(&world, "[[validator]]\nname = 'tests'\ncommand = 'true'\ntimeout = 9\n");
    world.orch(&["validate", "81", "--again"]).ok();
    configure(&world, "[[validator]]\nname = 'tests'\ncommand = 'true && true'\n");
    let ended = world.orch(&["validate", "81"]).code(1);
    assert_snapshot!(ended.stderr, @r"
    refused: validating issue 81
        why: validator tests has another command than was approved
        fix: git orch trust
    ");
    let mut person = Person::at(&world, &world.repo, &["trust"]);
    let asked = person.answer("Let validator tests run", "y");
    assert_snapshot!(asked, @r"
    .orchestration/config.toml on main names commands that git orch will run:

    validator tests
        true && true
      in place of what you approved:
        true
    ");
    assert_eq!(person.code(), 0);
    world.orch(&["validate", "81"]).ok();
    configure(&world, "[[validator]]\nname = 'other'\ncommand = 'true && true'\n");
    world.orch(&["validate", "81"]).code(1);
}

#[test]
fn approvals_are_kept_outside_the_repository_and_can_be_taken_back() {
    let world = World::ready();
    configure_approved(&world, "[[validator]]\nname = 'tests'\ncommand = 'true'\n");
    let folder = world.state_home().join("git-orch/trust");
    let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|f| f.unwrap().path()).collect();
    assert_eq!(files.len(), 1);
    let mode = std::fs::metadata(&files[0]).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(world.git(&["status", "--porcelain"]).ok().stdout, "");
    let approved = |world: &World| {
        let list = data(&world.orch(&["trust", "--list", "--json"]).ok().stdout);
        list["commands"][0]["approved"].as_bool().unwrap()
    };
    assert!(approved(&world));
    // From every worktree it is the same repository; a copy elsewhere is another.
    world.git(&["worktree", "add", "-q", "../linked"]).ok();
    let linked = world.orch_in(&world.root().join("linked"), &["trust", "--list"]).ok();
    assert!(linked.stdout.contains("yes"), "{}", linked.stdout);
    world.sh(&world.root(), "cp -R repo copy").ok();
    let copy = world.orch_in(&world.root().join("copy"), &["trust", "--list"]).ok();
    assert!(copy.stdout.contains("no"), "{}", copy.stdout);
    world.orch(&["trust", "--revoke"]).ok();
    assert!(!approved(&world));
    world.orch(&["trust", "--revoke"]).ok();
}

#[test]
fn another_history_in_the_same_place_starts_with_nothing() {
    let world = World::ready();
    let config = "[[validator]]\nname = 'tests'\ncommand = 'true'\n";
    configure_approved(&world, config);
    world
        .sh(&world.repo, "rm -rf .git && git init -qb main && git add -A && git commit -qm Other")
        .ok();
    world.orch(&["init", "--yes"]).ok();
    let list = world.orch(&["trust", "--list"]).ok().stdout;
    assert!(list.contains("no"), "{list}");
}
