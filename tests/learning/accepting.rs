//! What is accepted as a learning, what is refused, and that each refusal says what would be.

use insta::assert_snapshot;

use crate::harness::World;
use crate::scene::{data, fixes, with_input};

const LESSON: &str = "The parser keeps the case of names, so compare them in lower case.";

#[test]
fn a_learning_is_given_by_options_changed_and_taken_back() {
    let world = World::ready();
    let worktree = world.validated("81");
    let add = [
        "learn",
        "add",
        "--kind",
        "error-pattern",
        "--error",
        "error: unknown name 'Foo'",
        "--path",
        "work-81.txt",
        "--lesson",
        LESSON,
        "--evidence",
        "work-81.txt fn first, evidence 1",
    ];
    world.orch_in(&worktree, &add).ok();
    world.orch_in(&worktree, &add).ok();
    let list = data(&world.orch(&["learn", "list", "81", "--json"]).ok());
    assert_eq!(list.as_array().expect("a list").len(), 1, "word for word the same is there once");
    assert_eq!(list[0]["id"], "81.1");
    assert_eq!(list[0]["error"], "error: unknown name 'Foo'");
    assert_eq!(list[0]["paths"], serde_json::json!(["work-81.txt"]));
    assert_eq!(list[0]["anchor"]["file"], "work-81.txt");
    assert_eq!(list[0]["anchor"]["symbol"], "first");
    assert_eq!(list[0]["anchor"]["check"], 1);

    world.orch(&["learn", "edit", "81.1", "--when", "names in mixed case", "--error", ""]).ok();
    let list = data(&world.orch(&["learn", "list", "81", "--json"]).ok());
    assert_eq!(list[0]["error"], serde_json::Value::Null);
    assert_eq!(list[0]["when"], "names in mixed case, work-81.txt");
    let worse = world.orch(&["learn", "edit", "81.1", "--lesson", "All good!"]).code(1);
    assert!(worse.stderr.contains("says nothing"), "{}", worse.stderr);
    world.orch(&["learn", "edit", "81.7", "--when", "something else"]).code(2);

    world.orch(&["learn", "drop", "81.1"]).ok();
    let list = data(&world.orch(&["learn", "list", "81", "--json"]).ok());
    assert_eq!(list, serde_json::json!([]));
}

#[test]
fn several_come_as_json_and_all_or_none_are_taken() {
    let world = World::ready();
    let worktree = world.validated("81");
    let good = serde_json::json!({
        "kind": "pitfall", "when": "names in mixed case", "lesson": LESSON,
        "evidence": "work-81.txt", "role": "compact-agent",
    });
    let bad = serde_json::json!({
        "kind": "rule", "paths": ["src/"], "lesson": "Follow best practices.",
        "evidence": "work-81.txt",
    });
    let both = serde_json::json!([good, bad]).to_string();
    let refused = with_input(&world, &worktree, &["learn", "add", "--stdin"], &both).code(1);
    assert!(refused.stderr.contains("Follow best practices."), "{}", refused.stderr);
    assert_eq!(world.orch(&["learn", "list", "81"]).ok().stdout, "");
    let one = serde_json::json!([good]).to_string();
    with_input(&world, &worktree, &["learn", "add", "--stdin"], &one).ok();
    let list = data(&world.orch(&["learn", "list", "81", "--json"]).ok());
    assert_eq!(list[0]["role"], "compact-agent");
    let misspelt = one.replace("lesson", "leson");
    with_input(&world, &worktree, &["learn", "add", "--stdin"], &misspelt).code(2);
}

#[test]
fn each_refusal_says_what_would_be_accepted() {
    let world = World::ready();
    let worktree = world.validated("81");
    let vague = world
        .orch_in(
            &worktree,
            &["learn", "add", "--when", "?", "--lesson", "ok", "--evidence", "none"],
        )
        .code(1);
    assert_snapshot!(world.plain(vague.stderr.trim_end()), @r#"
    refused: adding a learning to issue 81
        why: "ok" says nothing that the next agent could act on
        fix: git orch learn add 81 --kind pitfall --when '?' --lesson 'what goes wrong, and what to do instead' --evidence none
        why: it does not say when it applies: words, --error TEXT or --path FILE
        fix: git orch learn add 81 --kind pitfall --when 'words that say when it applies' --lesson ok --evidence none
        why: "none" names nothing that is there: a commit, a file of the branch, an evidence number, a criterion or a task of issue 81
        fix: git orch learn add 81 --kind pitfall --when '?' --lesson ok --evidence 'src/file.rs fn name'
    "#);
    // The placeholders themselves are no learning.
    for fix in fixes(&vague) {
        world.sh(&worktree, &fix).code(1);
    }
    let fact = ["learn", "add", "--kind", "fact", "--when", "mixed case", "--lesson", LESSON];
    let fact = [&fact[..], &["--evidence", "evidence 1"]].concat();
    let refused = world.orch_in(&worktree, &fact).code(1);
    assert!(refused.stderr.contains("a fact holds only for a time"), "{}", refused.stderr);
    world.sh(&worktree, &fixes(&refused)[0]).ok();
    let list = data(&world.orch(&["learn", "list", "81", "--json"]).ok());
    assert_eq!(list[0]["kind"], "fact");

    let again = "Names keep their case in the parser, so compare names in lower case.";
    let twin = ["learn", "add", "--when", "names", "--lesson", again, "--evidence", "work-81.txt"];
    let refused = world.orch_in(&worktree, &twin).code(1);
    assert!(refused.stderr.contains("81.1 says the same"), "{}", refused.stderr);
    world.sh(&worktree, &fixes(&refused)[0]).ok();
    let list = data(&world.orch(&["learn", "list", "81", "--json"]).ok());
    assert_eq!((list[0]["lesson"].as_str(), list.as_array().map(Vec::len)), (Some(again), Some(1)));
}
