//! `git orch validate --confirm`.

use insta::assert_snapshot;

use crate::harness::World;
use crate::scene::{Person, configure, in_execute, in_validate, recorded, shown, state};

const CONFIRM: [&str; 6] = ["validate", "81", "--confirm", "1", "--note", "it shines"];

#[test]
fn a_person_at_a_terminal_confirms_for_the_tree_that_was_looked_at() {
    let world = World::ready();
    let worktree = in_validate(&world, "81", &[("It shines", None)]);
    world.orch(&["next", "81"]).code(1);
    let mut person = Person::at(&world, &worktree, &CONFIRM);
    let before = person.answer("Did you look, and does it hold?", "y");
    assert_snapshot!(world.plain(&before), @r"
    criterion 1 at [SHORT]:
        It shines
    ");
    assert_eq!(person.code(), 0);
    assert_eq!(recorded(&world, "81"), [("criterion 1".into(), "passed".into())]);
    assert_eq!(world.orch(&["show", "81", "--evidence", "1"]).ok().stdout, "it shines\n");
    let log = std::fs::read_to_string(worktree.join(".context/session-log.xml")).unwrap();
    assert!(log.contains("at a terminal: it shines"), "{log}");
    // Again is the same answer, and needs nobody.
    let before = state(&world, "81");
    world.orch(&CONFIRM).ok();
    assert_eq!(state(&world, "81"), before);
    world.orch(&["validate", "81"]).ok();
    // Another tree has to be looked at again.
    world.write_in(&worktree, "work.txt", "the work was done in another way after all\n");
    world.commit(&worktree, "Rework");
    world.orch(&CONFIRM).code(1);
    world.orch(&["next", "81"]).code(1);
}

#[test]
fn no_is_an_answer_and_leaves_no_trace() {
    let world = World::ready();
    let worktree = in_validate(&world, "81", &[("It shines", None)]);
    let before = state(&world, "81");
    let mut person = Person::at(&world, &worktree, &CONFIRM);
    person.answer("does it hold?", "n");
    let (said, code) = person.end();
    assert_eq!(code, 1);
    assert!(said.contains("why: you answered no"), "{said}");
    assert_eq!(state(&world, "81"), before);
}

#[test]
fn without_a_terminal_nobody_is_believed() {
    let world = World::ready();
    in_validate(&world, "81", &[("It shines", None)]);
    let ended = world.orch(&CONFIRM).code(1);
    assert_snapshot!(ended.stderr, @r"
    refused: confirming criterion 1 of issue 81
        why: it is manual: a person has to look and say so at a terminal, and this is none
        fix: git orch validate 81 --confirm 1 --note 'what you saw'
    ");
    assert!(recorded(&world, "81").is_empty());
}

#[test]
fn a_team_may_trust_anyone_with_it_and_that_is_on_record() {
    let world = World::ready();
    configure(&world, "[validate]\nmanual = 'anyone'\n");
    let worktree = in_validate(&world, "81", &[("It shines", None)]);
    world.orch(&CONFIRM).ok();
    let log = std::fs::read_to_string(worktree.join(".context/session-log.xml")).unwrap();
    assert!(log.contains("Ada &lt;ada@example.org&gt;, without a terminal: it shines"), "{log}");
    world.orch(&["next", "81"]).ok();
}

#[test]
fn a_branch_cannot_give_itself_that_trust() {
    let world = World::ready();
    let worktree = in_validate(&world, "81", &[("It shines", None)]);
    world.write_in(&worktree, ".orchestration/config.toml", "[validate]\nmanual = 'anyone'\n");
    world.commit(&worktree, "Trust me");
    world.orch(&CONFIRM).code(1);
}

#[test]
fn what_a_command_checks_cannot_be_confirmed() {
    let world = World::ready();
    configure(&world, "[validate]\nmanual = 'anyone'\n");
    in_validate(&world, "81", &[("It holds", Some("false"))]);
    let ended = world.orch(&CONFIRM).code(1);
    assert_snapshot!(ended.stderr, @r"
    refused: confirming criterion 1 of issue 81
        why: it has a command: only running that shows it
        fix: git orch validate 81
    ");
    let ended = world.orch(&["validate", "81", "--confirm", "7", "--note", "x"]).code(2);
    assert_snapshot!(ended.stderr, @r"
    error: issue 81 has no criterion 7
      fix: git orch show 81
    ");
    world.orch(&["validate", "81", "--confirm", "1", "--note", " \u{200b}"]).code(1);
    world.orch(&["validate", "81", "--confirm", "1"]).code(2);
    assert!(recorded(&world, "81").is_empty());
    assert_eq!(shown(&world, "81")["recorded_phase"], "validate");
}

#[test]
fn what_stands_in_the_way_is_said_before_anybody_is_asked() {
    let world = World::ready();
    let worktree = in_execute(&world, "81", &[("It shines", None)]);
    let (said, code) = Person::at(&world, &worktree, &CONFIRM).end();
    assert_eq!(code, 1);
    assert!(said.contains("fix: git orch next 81"), "{said}");
}
