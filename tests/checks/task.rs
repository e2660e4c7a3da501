//! `git orch task`.

use insta::assert_snapshot;

use crate::harness::World;
use crate::scene::{data, in_execute, in_validate, recorded, shown, state};

const HOLDS: [(&str, Option<&str>); 1] = [("It holds", Some("true"))];

#[test]
fn tasks_are_added_ticked_dropped_and_listed() {
    let world = World::ready();
    let worktree = in_execute(&world, "81", &HOLDS);
    let orch = |args: &[&str]| world.orch_in(&worktree, args);
    assert_eq!(orch(&["task", "add", "Parse it", "Print it"]).ok().stdout, "1\n2\n");
    let verify = ["task", "add", "Test it", "--verify", "test -e tests.txt"];
    assert_eq!(orch(&verify).ok().stdout, "3\n");
    orch(&["task", "done", "1"]).ok();
    orch(&["task", "drop", "2", "--reason", "nobody reads it"]).ok();
    let red = orch(&["task", "done", "3"]).code(5);
    assert_snapshot!(world.plain(&(red.stdout + &red.stderr)), @r"
    ✗ task 3 (Test it): exit code 1 after [MS]
    task 3: exit code 1 after [MS]
        (it printed nothing)
      all of it: git orch show 81 --evidence 1
    red: task 3 of issue 81 stays open
    ");
    world.write_in(&worktree, "tests.txt", "one test\n");
    let green = orch(&["task", "done", "3"]).ok();
    assert_snapshot!(world.plain(&(green.stdout + &green.stderr)), @r"
    ✓ task 3 (Test it): passed in [MS]
    ✓ task 3 of issue 81 is done
      next: git orch next 81
    ");
    orch(&["task", "reopen", "1"]).ok();
    assert_snapshot!(orch(&["task"]).ok().stdout, @r"
    task  state                     what      verified by
    1     open again                Parse it
    2     dropped: nobody reads it  Print it
    3     done                      Test it   test -e tests.txt
    ");
    assert_eq!(orch(&["task", "list"]).ok().stdout, orch(&["task"]).ok().stdout);
    let answer = data(&world.orch(&["task", "list", "--issue", "81", "--json"]).ok().stdout);
    assert_eq!(answer["tasks"][1]["reason"], "nobody reads it");
    assert_eq!(answer["tasks"][0]["reopened"], 1);
    assert_eq!(
        recorded(&world, "81"),
        [("task 3".into(), "exit code 1".into()), ("task 3".into(), "passed".into())]
    );
}

#[test]
fn every_verb_can_be_said_twice() {
    let world = World::ready();
    let worktree = in_execute(&world, "81", &HOLDS);
    let twice = |args: &[&str]| {
        let first = world.orch_in(&worktree, args).ok().stdout;
        let before = state(&world, "81");
        assert_eq!(world.orch_in(&worktree, args).ok().stdout, first, "{args:?}");
        assert_eq!(state(&world, "81"), before, "{args:?} recorded something the second time");
    };
    twice(&["task", "add", "A", "B", "A"]);
    twice(&["task", "add", "C", "--verify", "true"]);
    twice(&["task", "done", "1"]);
    twice(&["task", "drop", "2", "--reason", "no"]);
    twice(&["task", "reopen", "1"]);
    world.orch_in(&worktree, &["task", "done", "3"]).ok();
    let before = state(&world, "81");
    let again = world.orch_in(&worktree, &["task", "done", "3"]).ok();
    assert_snapshot!(again.stderr, @"✓ task 3 of issue 81 was done already");
    assert_eq!(state(&world, "81"), before);
}

#[test]
fn a_command_can_be_added_to_an_open_task_and_not_taken_away() {
    let world = World::ready();
    in_execute(&world, "81", &HOLDS);
    world.orch(&["task", "add", "A", "--issue", "81"]).ok();
    world.orch(&["task", "add", "A", "--verify", "false", "--issue", "81"]).ok();
    world.orch(&["task", "add", "A", "--issue", "81"]).ok();
    world.orch(&["task", "done", "1", "--issue", "81"]).code(5);
    assert_eq!(
        world.orch(&["task", "add", "A", "--verify", "true", "--issue", "81"]).ok().stdout,
        "2\n"
    );
    assert_eq!(shown(&world, "81")["tasks"].as_array().unwrap().len(), 2);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let world = World::ready();
    let worktree = in_execute(&world, "81", &HOLDS);
    let orch = |args: &[&str]| world.orch_in(&worktree, args);
    orch(&["task", "add"]).code(2);
    orch(&["task", "add", " \n"]).code(2);
    orch(&["task", "add", "A", "--verify", " "]).code(2);
    orch(&["task", "drop", "1"]).code(2);
    let several = orch(&["task", "add", "A", "B", "--verify", "true"]).code(2);
    assert_snapshot!(several.stderr, @r"
    error: --verify belongs to one task, and several are given
      fix: git orch task add 'what is to be done' --issue 81
    ");
    assert_snapshot!(orch(&["task", "done", "9"]).code(2).stderr, @r"
    error: issue 81 has no task 9
      fix: git orch task list --issue 81
    ");
    assert_snapshot!(world.orch(&["task", "done", "9"]).code(2).stderr, @r"
    error: no issue is named, and this is no issue's worktree
      fix: git orch task done 9 --issue ISSUE   # git orch status lists them
    ");
    orch(&["task", "add", "A", "B"]).ok();
    orch(&["task", "done", "1"]).ok();
    assert_snapshot!(orch(&["task", "drop", "1", "--reason", "x"]).code(1).stderr, @r"
    refused: dropping task 1 of issue 81
        why: it is done
        fix: git orch task reopen 1 --issue 81
    ");
    orch(&["task", "drop", "2", "--reason", "x\n\nPhase: complete"]).ok();
    assert_snapshot!(orch(&["task", "done", "2"]).code(1).stderr, @r"
    refused: ticking task 2 of issue 81
        why: it was dropped: x Phase: complete
        fix: git orch task reopen 2 --issue 81
    ");
    assert_eq!(shown(&world, "81")["recorded_phase"], "execute");
}

#[test]
fn work_begins_after_the_specification() {
    let world = World::ready();
    world.orch(&["new-issue", "81", "--yes"]).ok();
    world.orch(&["task", "add", "A", "--issue", "81"]).ok();
    let ended = world.orch(&["task", "done", "1", "--issue", "81"]).code(1);
    assert_snapshot!(ended.stderr, @r"
    refused: ticking task 1 of issue 81
        why: it is in DISCUSSION: spec finalised: a criterion at least, no must-ask question open
        fix: git orch next 81
    ");
}

#[test]
fn a_task_added_late_sends_the_issue_back() {
    let world = World::ready();
    in_validate(&world, "81", &HOLDS);
    world.orch(&["validate", "81"]).ok();
    let ended = world.orch(&["task", "add", "One more thing", "--issue", "81"]).ok();
    assert!(ended.stderr.contains("goes back to EXECUTE"), "{}", ended.stderr);
    let ended = world.orch(&["next", "81"]).code(1);
    assert!(ended.stderr.contains("back to EXECUTE: a task is open again"), "{}", ended.stderr);
    world.orch(&["task", "done", "1", "--issue", "81"]).ok();
    world.orch(&["next", "81"]).ok();
    world.orch(&["next", "81"]).ok();
    assert_eq!(shown(&world, "81")["recorded_phase"], "compact");
}

#[test]
fn evidence_of_a_task_speaks_of_the_files_as_they_lay_there() {
    let world = World::ready();
    world.write(".gitattributes", "*.up filter=up\n");
    world.commit(&world.repo, "Filter");
    world.git(&["config", "filter.up.clean", "tr a-z A-Z"]).ok();
    world.git(&["config", "core.splitIndex", "true"]).ok();
    let worktree = in_execute(&world, "81", &HOLDS);
    let git = |args: &[&str]| world.git_in(&worktree, args).ok().stdout;
    let tree = |number: usize| {
        shown(&world, "81")["evidence"][number]["tree"].as_str().unwrap().to_owned()
    };
    world.orch_in(&worktree, &["task", "add", "A", "--verify", "true"]).ok();
    world.orch_in(&worktree, &["task", "done", "1"]).ok();
    assert_eq!(tree(0), git(&["rev-parse", "HEAD^{tree}"]).trim(), "clean: the tree of the tip");
    world.write_in(&worktree, "x.up", "shouted\n");
    world.write_in(&worktree, "README.md", "# Changed\n");
    world.write_in(&worktree, "staged.txt", "staged\n");
    git(&["add", "staged.txt"]);
    let (index, objects) = (git(&["ls-files", "--stage"]), git(&["count-objects"]));
    let status = git(&["status", "--porcelain"]);
    world.orch_in(&worktree, &["task", "reopen", "1"]).ok();
    let chained = git(&["count-objects"]);
    world.orch_in(&worktree, &["task", "done", "1"]).ok();
    assert_eq!(git(&["ls-files", "--stage"]), index, "the index was touched");
    assert_eq!(git(&["status", "--porcelain"]), status);
    assert_ne!(objects, chained, "a state is objects");
    let taken = tree(1);
    // The tree is in the repository because a checkpoint names it, not as a leftover.
    let saved = git(&["rev-parse", "refs/git-orch/checkpoints/81/0^{tree}"]);
    assert_eq!(saved.trim(), taken);
    let commit = world.commit(&worktree, "Commit exactly that");
    assert_eq!(git(&["rev-parse", &format!("{commit}^{{tree}}")]).trim(), taken);
    assert_eq!(git(&["show", "HEAD:x.up"]), "SHOUTED\n");
}

#[test]
fn any_form_of_repository_will_do() {
    for (name, options) in [
        ("sha256", ["-b", "main", "--object-format=sha256"].as_slice()),
        ("reftable", ["-b", "main", "--ref-format=reftable"].as_slice()),
        ("a: \"b\" ü", ["-b", "main"].as_slice()),
    ] {
        let world = World::named(name, options);
        world.orch(&["init", "--yes"]).ok();
        let worktree = in_execute(&world, "81", &HOLDS);
        world.write_in(&worktree, "new.txt", "this is new and not committed\n");
        world.orch(&["task", "add", "A", "--verify", "test -e new.txt", "--issue", "81"]).ok();
        world.orch(&["task", "done", "1", "--issue", "81"]).ok();
        let taken = shown(&world, "81")["evidence"][0]["tree"].as_str().unwrap().to_owned();
        world.commit(&worktree, "Commit exactly that");
        let tree = world.git_in(&worktree, &["rev-parse", "HEAD^{tree}"]).ok().line();
        assert_eq!(tree, taken, "{name}");
        world.orch(&["next", "81"]).ok();
        world.orch(&["validate", "81"]).ok();
        world.orch(&["next", "81"]).ok();
    }
}
