//! `git orch validate`.

use insta::assert_snapshot;

use crate::harness::World;
use crate::scene::{
    configure, configure_approved, data, in_execute, in_validate, recorded, shown, state,
};

#[test]
fn every_check_has_its_line_and_red_ones_show_what_they_said() {
    let world = World::ready();
    in_validate(
        &world,
        "81",
        &[
            ("It compiles", Some("echo 'running 3 tests'")),
            ("It is fast", Some("echo out; echo err >&2; exit 3")),
            ("It looks right", None),
            ("It is tested", Some("echo 'Ran 0 tests in 0.001s'")),
        ],
    );
    let ended = world.orch(&["validate", "81"]).code(5);
    assert_snapshot!(world.plain(&ended.stdout), @r"
    ✓ criterion 1 (It compiles): passed in [MS], 3 tests
    ✗ criterion 2 (It is fast): exit code 3 after [MS]
    ? criterion 3 (It looks right): a person has to look
    ✗ criterion 4 (It is tested): ran no test in [MS]
    ");
    assert_snapshot!(world.plain(&ended.stderr), @r"
    criterion 2 (It is fast): exit code 3 after [MS]
        | out
        | err
      all of it: git orch show 81 --evidence 2
    criterion 4 (It is tested): ran no test in [MS]
        | Ran 0 tests in 0.001s
      all of it: git orch show 81 --evidence 3
    red: issue 81 at [SHORT]: 1 of 4 checks green
    ");
    assert_eq!(
        world.orch(&["show", "81", "--evidence", "2"]).ok().stdout,
        "out\nerr\n",
        "the whole output is kept"
    );
    let shown = shown(&world, "81");
    let evidence = &shown["evidence"][0];
    assert_eq!(evidence["command"], "echo 'running 3 tests'");
    assert_eq!(evidence["tests"], 3);
    let tip = world.git(&["rev-parse", "issue/81"]).ok().line();
    let tree = world.git(&["rev-parse", "issue/81^{tree}"]).ok().line();
    assert_eq!((&evidence["commit"], &evidence["tree"]), (&tip.into(), &tree.into()));
}

#[test]
fn all_green_is_said_and_what_waits_is_named() {
    let world = World::ready();
    in_validate(&world, "81", &[("It holds", Some("true"))]);
    let ended = world.orch(&["validate", "81"]).ok();
    assert_snapshot!(world.plain(&(ended.stdout + &ended.stderr)), @r"
    ✓ criterion 1 (It holds): passed in [MS]
    ✓ issue 81 at [SHORT]: 1 check green
      next: git orch next 81
    ");
    in_validate(&world, "82", &[("It holds", Some("true")), ("It shines", None)]);
    let ended = world.orch(&["validate", "82"]).ok();
    assert_snapshot!(world.plain(&(ended.stdout + &ended.stderr)), @r"
    ✓ criterion 1 (It holds): passed in [MS]
    ? criterion 2 (It shines): a person has to look
      next: git orch validate 82 --confirm 2 --note 'what you saw'
    ");
}

#[test]
fn the_answer_as_json_is_one_document_whatever_comes_out() {
    let world = World::ready();
    in_validate(&world, "81", &[("Good", Some("true")), ("Bad", Some("false"))]);
    let answer = data(&world.orch(&["validate", "81", "--json"]).code(5).stdout);
    assert_eq!(answer["green"], false);
    assert_eq!(answer["checks"][0]["green"], true);
    assert_eq!(answer["checks"][1]["outcome"], "exit code 1");
    assert_eq!(answer["checks"][1]["evidence"], 2);
}

#[test]
fn before_its_phase_nothing_runs() {
    let world = World::ready();
    let worktree = in_execute(&world, "81", &[("It holds", Some("touch ran"))]);
    let ended = world.orch(&["validate", "81"]).code(1);
    assert_snapshot!(ended.stderr, @r"
    refused: validating issue 81
        why: it is in EXECUTE: every task done or dropped, work tree clean, a commit at least
        fix: git orch next 81
    ");
    assert!(!worktree.join("ran").exists());
}

#[test]
fn what_is_green_for_this_tree_and_command_is_not_run_again() {
    let world = World::ready();
    let worktree = in_validate(
        &world,
        "81",
        &[("Good", Some("echo x >> ../good")), ("Bad", Some("echo x >> ../bad; false"))],
    );
    let runs = |name: &str| {
        let file = worktree.parent().unwrap().join(name);
        std::fs::read_to_string(file).unwrap().lines().count()
    };
    world.orch(&["validate", "81"]).code(5);
    let ended = world.orch(&["validate", "81"]).code(5);
    assert!(ended.stdout.contains("criterion 1 (Good): passed before (evidence 1)"));
    assert_eq!((runs("good"), runs("bad")), (1, 2));
    world.orch(&["validate", "81", "--again"]).code(5);
    assert_eq!((runs("good"), runs("bad")), (2, 3));
    // The same files under another commit are the same tree.
    world.git_in(&worktree, &["commit", "-q", "--amend", "-m", "In other words"]).ok();
    world.orch(&["validate", "81"]).code(5);
    assert_eq!((runs("good"), runs("bad")), (2, 4));
    world.write_in(&worktree, "work.txt", "the work is done in quite another way now\n");
    world.commit(&worktree, "Rework");
    world.orch(&["validate", "81"]).code(5);
    assert_eq!((runs("good"), runs("bad")), (3, 5));
}

#[test]
fn only_what_is_asked_for_runs() {
    let world = World::ready();
    in_validate(&world, "81", &[("One", Some("true")), ("Two", Some("true"))]);
    world.orch(&["validate", "81", "--only", "criterion:2"]).ok();
    assert_eq!(recorded(&world, "81"), [("criterion 2".into(), "passed".into())]);
    let ended = world.orch(&["validate", "81", "--only", "criterion:9"]).code(2);
    assert_snapshot!(ended.stderr, @r"
    error: issue 81 has no criterion 9
      fix: git orch validate 81
    ");
    world.orch(&["validate", "81", "--only", "criterion"]).code(2);
    world.orch(&["validate", "81", "--only", "validator:x"]).code(2);
}

#[test]
fn validators_come_from_the_protected_branch_and_criteria_from_the_frozen_text() {
    let world = World::ready();
    let strict = "[[validator]]\nname = 'tests'\ncommand = 'test -e proof.txt'\n";
    configure_approved(&world, strict);
    let worktree = in_validate(&world, "81", &[("It holds", Some("test -e proof.txt"))]);
    world.write_in(
        &worktree,
        ".orchestration/config.toml",
        &strict.replace("test -e proof.txt", "true"),
    );
    world.commit(&worktree, "Make it easier");
    let spec = std::fs::read_to_string(worktree.join(".context/spec.md")).unwrap();
    world.write_in(&worktree, ".context/spec.md", &spec.replace("test -e proof.txt", "true"));
    world.orch(&["validate", "81"]).code(5);
    assert_eq!(
        recorded(&world, "81"),
        [
            ("criterion 1".into(), "exit code 1".into()),
            ("validator tests".into(), "exit code 1".into())
        ]
    );
    world.write_in(&worktree, "proof.txt", "here is the proof that was asked for\n");
    world.commit(&worktree, "Prove it");
    world.orch(&["validate", "81"]).ok();
    world.orch(&["next", "81"]).ok();
}

#[test]
fn a_check_sees_its_issue_and_nothing_of_a_hook_around_us() {
    let world = World::ready();
    let worktree = in_validate(
        &world,
        "81",
        &[(
            "It sees",
            Some("env | grep -E '^(GIT_(DIR|INDEX_FILE|WORK_TREE|PREFIX)|ORCH_)' | sort; pwd"),
        )],
    );
    let mut command = world.command(&worktree, &crate::harness::binary());
    let index = world.root().join("no-index");
    command.args(["validate"]).env("GIT_INDEX_FILE", index).env("GIT_PREFIX", "x/");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let said = world.orch(&["show", "81", "--evidence", "1"]).ok().stdout;
    assert_snapshot!(world.plain(&said), @r"
    ORCH_CONTEXT=[TOP]/repo.worktrees/81/.context
    ORCH_ISSUE=81
    ORCH_PHASE=validate
    [TOP]/repo.worktrees/81
    ");
}

#[test]
fn a_check_that_takes_too_long_is_ended_and_red() {
    let world = World::ready();
    configure(&world, "[validate]\ntimeout = 1\n");
    in_validate(&world, "81", &[("It ends", Some("echo begun; sleep 300"))]);
    world.orch(&["validate", "81"]).code(5);
    let outcome = "still running after 1 s".to_owned();
    assert_eq!(recorded(&world, "81"), [("criterion 1".into(), outcome)]);
    assert_eq!(world.orch(&["show", "81", "--evidence", "1"]).ok().stdout, "begun\n");
}

#[test]
fn what_a_terminal_would_act_on_is_not_passed_on() {
    let world = World::ready();
    in_validate(
        &world,
        "81",
        &[("It is quiet", Some(r"printf '\033[31mred\033[0m\a\n50%%\r99%%\n'; exit 1"))],
    );
    let ended = world.orch(&["validate", "81"]).code(5);
    assert!(ended.stderr.contains("    | red\n    | 99%\n"), "{}", ended.stderr);
}

#[test]
fn validating_leaves_the_phase_as_it_is() {
    let world = World::ready();
    in_validate(&world, "81", &[("It holds", Some("true"))]);
    world.orch(&["validate", "81"]).ok();
    assert_eq!(shown(&world, "81")["recorded_phase"], "validate");
    let before = state(&world, "81");
    world.orch(&["validate", "81"]).ok();
    assert_eq!(state(&world, "81"), before, "nothing new, nothing recorded");
}
