//! The life of a learning: given in one issue, told to the next, confirmed, doubted, retired.

use std::path::PathBuf;

use crate::harness::{Ended, World};
use crate::scene::{data, fixes};

const LESSON: &str = "The parser keeps the case of names, so compare them in lower case.";

/// An issue that changed the parser, met an error there, learned it, landed and is archived.
fn issue_81(world: &World) {
    let worktree = world.in_execute("81");
    let parser = "pub fn parse_names(text: &str) {\n    keep_the_case(text);\n}\n";
    world.write_in(&worktree, "src/parser.rs", parser);
    world.commit(&worktree, "Parse names");
    world.orch(&["next", "81"]).ok();
    world.orch(&["validate", "81"]).ok();
    let learn = [
        "learn",
        "add",
        "81",
        "--kind",
        "error-pattern",
        "--when",
        "names in mixed case",
        "--error",
        "error: unknown name 'Foo' at line 12",
        "--path",
        "src/parser.rs",
        "--lesson",
        LESSON,
        "--evidence",
        "src/parser.rs fn parse_names",
    ];
    world.orch(&learn).ok();
    world.orch(&["compact", "81"]).ok();
    world.git(&["merge", "-q", "issue/81"]).ok();
    world.orch(&["archive", "81"]).ok();
}

/// An issue in EXECUTE that touches the parser too.
fn touching_the_parser(world: &World, id: &str) -> PathBuf {
    let worktree = world.in_execute(id);
    let text = std::fs::read_to_string(worktree.join("src/parser.rs")).expect("the parser");
    world.write_in(&worktree, "src/parser.rs", &format!("{text}// {id} was here\n"));
    world.commit(&worktree, "Touch the parser");
    worktree
}

fn brief(world: &World, id: &str) -> String {
    world.orch(&["prime", id]).ok().stdout
}

fn standing(world: &World, name: &str) -> String {
    let found = data(&world.orch(&["recall", "names", "--all", "--json"]).ok());
    let hits = found["hits"].as_array().expect("hits").clone();
    let hit = hits.into_iter().find(|hit| hit["id"] == name).expect("the learning");
    hit["standing"].as_str().expect("a standing").to_owned()
}

#[test]
fn a_learning_is_told_confirmed_and_falls_silent_when_its_function_is_gone() {
    let world = World::ready();
    issue_81(&world);
    assert_eq!(standing(&world, "81.1"), "proposed");

    let worktree = touching_the_parser(&world, "82");
    assert!(!brief(&world, "82").contains("81.1"), "what nobody reviewed is not told");
    world.orch(&["learn", "review", "--accept", "81.1"]).ok();
    let told = brief(&world, "82");
    assert!(told.contains(LESSON) && told.contains("(81.1)"), "{told}");
    world.orch_in(&worktree, &["learn", "confirm", "81.1"]).ok();
    assert!(world.orch(&["op", "log", "81"]).ok().stdout.contains("81.1 confirmed"));
    let stats = data(&world.orch(&["learn", "stats", "--json"]).ok());
    assert_eq!((&stats["shown"], &stats["confirmed"]), (&1.into(), &1.into()));

    world.write("src/parser.rs", "// written anew\n");
    world.commit(&world.repo, "Write the parser anew");
    assert_eq!(standing(&world, "81.1"), "suspect");
    assert!(!brief(&world, "82").contains("81.1"), "what may be wrong is not told");
    let said = world.orch(&["learn", "review"]).ok().stdout;
    assert!(said.contains("suspect (parse_names is gone from src/parser.rs)"), "{said}");
}

#[test]
fn a_second_issue_that_agrees_promotes_and_two_that_disagree_make_it_suspect() {
    let world = World::ready();
    issue_81(&world);
    let own = world.orch(&["learn", "confirm", "81.1", "--issue", "81"]).code(1);
    world.sh(&world.repo, &fixes(&own)[0]).ok();
    world.orch(&["learn", "review", "--reject", "81.1", "--reason", "looked again"]).ok();
    assert_eq!(standing(&world, "81.1"), "rejected");
    world.orch(&["learn", "review", "--accept", "81.1"]).ok();

    let dispute = |issue: &str| -> Ended {
        let reason = "names are lower case since the parser was changed";
        world.orch(&["learn", "dispute", "81.1", "--issue", issue, "--reason", reason])
    };
    dispute("82").ok();
    dispute("82").ok();
    assert_eq!(standing(&world, "81.1"), "reviewed", "one voice counts once");
    dispute("83").ok();
    assert_eq!(standing(&world, "81.1"), "suspect");
    let short = world.orch(&["learn", "dispute", "81.1", "--issue", "84"]).code(1);
    world.sh(&world.repo, &fixes(&short)[0]).ok();
    let log = world.git(&["log", "--format=%s", "refs/git-orch/learnings"]).ok().stdout;
    assert_eq!(log.lines().filter(|line| line.contains("81.1 disputed")).count(), 3, "{log}");
    world.orch(&["learn", "confirm", "81.9"]).code(2);
}

#[test]
fn what_is_retired_is_found_only_when_asked_for_and_names_its_successor() {
    let world = World::ready();
    issue_81(&world);
    world.orch(&["learn", "retire", "81.1", "--superseded-by", "90.1"]).code(2);
    world.orch(&["learn", "retire", "81.1", "--reason", "the parser is gone"]).ok();
    let found = data(&world.orch(&["recall", "mixed case names", "--json"]).ok());
    let learnings =
        found["hits"].as_array().expect("hits").iter().filter(|h| h["what"] == "learning");
    assert_eq!(learnings.count(), 0);
    assert_eq!(standing(&world, "81.1"), "retired");
}

#[test]
fn the_twin_of_another_issue_is_shown_and_agreeing_with_it_counts() {
    let world = World::ready();
    issue_81(&world);
    let worktree = touching_the_parser(&world, "82");
    let again = "Names keep their case in the parser, so compare names in lower case.";
    let add = ["learn", "add", "--when", "names", "--lesson", again, "--evidence", "src/parser.rs"];
    let refused = world.orch_in(&worktree, &add).code(1);
    assert!(refused.stderr.contains("81.1 says the same"), "{}", refused.stderr);
    let fix = fixes(&refused)[0].clone();
    assert_eq!(
        fix,
        "git orch learn confirm 81.1 --issue 82 && \
         git orch learn none 82 --reason '81.1 says what it taught'"
    );
    world.sh(&worktree, &fix).ok();
    assert_eq!(standing(&world, "81.1"), "reviewed", "the second issue agreed");
    let told = world.orch(&["new-issue", "83", "--title", "Names in mixed case", "--yes"]).ok();
    assert!(told.stderr.contains("(81.1)"), "{}", told.stderr);
}

#[test]
fn a_lock_that_a_killed_run_left_on_the_chain_of_marks_is_no_obstacle() {
    let world = World::ready();
    issue_81(&world);
    world.orch(&["learn", "review", "--accept", "81.1"]).ok();
    world.write(".git/refs/git-orch/learnings.lock", "");
    world.orch(&["learn", "confirm", "81.1", "--issue", "82"]).ok();
    assert!(!world.repo.join(".git/refs/git-orch/learnings.lock").exists());
}
