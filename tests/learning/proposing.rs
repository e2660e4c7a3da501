//! `compact --propose`: drafts from what really happened, which nobody is made to accept.

use crate::harness::World;
use crate::scene::{data, fixes, with_input};

/// An issue that had it hard: a red task, a red criterion, a dropped and a reopened task, a file
/// that the specification does not speak of, a reverted commit, an assumption.
fn hard(world: &World) -> std::path::PathBuf {
    let worktree = world.worktree("81");
    world.orch(&["new-issue", "81", "--title", "Greeting", "--yes"]).ok();
    let spec = "# Greeting\n\n## Goal\n\nsrc/greeting.txt greets.\n\n## Acceptance criteria\n\n\
        - [ ] It says hello\n  verify: grep -q hello src/greeting.txt || { echo 'error: no hello in \
        line 12'; exit 3; }\n\n## Open questions\n\n- Which language is it in?\n  assumed: English, because \
        the rest is\n";
    world.write_in(&worktree, ".context/spec.md", spec);
    world.orch(&["spec", "finalise", "81"]).ok();
    world.orch(&["next", "81"]).ok();
    let task = |words: &str, verify: &str| {
        world.orch(&["task", "add", words, "--verify", verify, "--issue", "81"]).ok();
    };
    task("Write the greeting", "test -s src/greeting.txt || { echo 'fatal: it is empty'; false; }");
    task("Translate it", "true");
    world.orch(&["task", "done", "1", "--issue", "81"]).code(5);
    world.write_in(&worktree, "src/greeting.txt", "good bye, all of you out there\n");
    world.commit(&worktree, "Say good bye");
    world.orch(&["task", "done", "1", "--issue", "81"]).ok();
    let why = "nobody reads it in another language";
    world.orch(&["task", "drop", "2", "--reason", why, "--issue", "81"]).ok();
    world.write_in(&worktree, "loud.txt", "HELLO TO EVERYBODY OUT THERE\n");
    world.commit(&worktree, "Greet loudly");
    world.git_in(&worktree, &["revert", "--no-edit", "HEAD"]).ok();
    world.write_in(&worktree, "locale/en.ini", "language = en, used by the greeting\n");
    world.commit(&worktree, "Set the locale");
    world.orch(&["next", "81"]).ok();
    world.orch(&["validate", "81"]).code(5);
    world.write_in(&worktree, "src/greeting.txt", "hello, all of you out there\n");
    world.commit(&worktree, "Say hello");
    world.orch(&["validate", "81"]).ok();
    worktree
}

#[test]
fn drafts_come_from_what_happened_and_need_somebody_who_was_there() {
    let world = World::ready();
    let worktree = hard(&world);
    let drafts = data(&world.orch(&["compact", "81", "--propose", "--json"]).ok());
    let drafts = drafts.as_array().expect("drafts");
    let because: Vec<&str> = drafts.iter().filter_map(|d| d["because"].as_str()).collect();
    for wanted in [
        "task 1 was red once, then green after src/greeting.txt changed",
        "criterion 1 was red once, then green after src/greeting.txt changed",
        "\"Greet loudly\" was committed and reverted",
        "locale/en.ini, loud.txt changed, of which the specification says nothing",
        "task 2 was dropped",
        "an open question was assumed to be answered",
    ] {
        assert!(because.contains(&wanted), "{wanted} in {because:#?}");
    }
    let red =
        drafts.iter().find(|d| d["error"] == "error: no hello in line 12").expect("the red one");
    assert_eq!(red["kind"], "error-pattern");
    assert_eq!(red["paths"], serde_json::json!(["src/greeting.txt"]));

    // As they stand they are not accepted: the gap is for somebody who was there.
    let all = serde_json::to_string(drafts).expect("JSON");
    let refused = with_input(&world, &worktree, &["learn", "add", "--stdin"], &all).code(1);
    assert!(refused.stderr.contains("[why"), "{}", refused.stderr);
    assert_eq!(world.orch(&["learn", "list", "81"]).ok().stdout, "", "nothing accepted by itself");
    assert!(!fixes(&refused).is_empty());

    let mut filled = red.clone();
    filled["lesson"] = "It means that the greeting says good bye; say hello in it.".into();
    let one = serde_json::json!([filled]).to_string();
    with_input(&world, &worktree, &["learn", "add", "--stdin"], &one).ok();
    let left = data(&world.orch(&["compact", "81", "--propose", "--json"]).ok());
    assert_eq!(
        left.as_array().expect("drafts").len(),
        drafts.len() - 1,
        "what was given is not proposed"
    );
    let log = std::fs::read_to_string(worktree.join(".context/session-log.xml")).expect("log");
    assert!(log.contains("<patterns-extracted>1</patterns-extracted>"), "computed, never typed");
}

#[test]
fn people_get_commands_and_the_compact_agent_is_told() {
    let world = World::ready();
    hard(&world);
    let said = world.orch(&["compact", "81", "--propose"]).ok().stdout;
    assert!(said.contains("git orch learn add 81 --kind dead-end --when 'Greet loudly'"), "{said}");
    let brief =
        world.orch(&["prime", "81", "--role", "compact-agent", "--limit", "4000"]).ok().stdout;
    assert!(brief.contains("\"Greet loudly\" was committed and reverted"), "{brief}");
    world.sealed("82");
    let none = world.orch(&["compact", "82", "--propose"]).ok();
    assert_eq!(none.stdout, "", "{}", none.stderr);
}

#[test]
fn what_was_contradicted_or_wanted_otherwise_is_drafted() {
    let world = World::ready();
    world.validated("81");
    let lesson = "The parser keeps the case of names, so compare them in lower case.";
    let add = ["learn", "add", "81", "--when", "names in mixed case", "--lesson", lesson];
    world.orch(&[&add[..], &["--evidence", "work-81.txt"]].concat()).ok();
    world.orch(&["compact", "81"]).ok();
    world.orch(&["learn", "review", "--accept", "81.1"]).ok();

    let told = world.orch(&["new-issue", "82", "--title", "Names in mixed case", "--yes"]).ok();
    assert!(told.stderr.contains("(81.1)"), "{}", told.stderr);
    let worktree = world.worktree("82");
    let draft = "# Work\n\n## Goal\n\nNames in mixed case.\n\n## Acceptance criteria\n\n\
                 - [ ] It warns of each name\n  verify: true\n";
    world.write_in(&worktree, ".context/spec.md", draft);
    world.orch(&["spec", "finalise", "82"]).ok();
    world.orch(&["next", "82"]).ok();
    let because = || -> Vec<String> {
        let drafts = data(&world.orch(&["compact", "82", "--propose", "--json"]).ok());
        let list = drafts.as_array().expect("drafts").clone();
        list.iter().filter_map(|d| d["because"].as_str().map(str::to_owned)).collect()
    };
    assert_eq!(because(), [""; 0], "nothing happened yet");
    let reason = "names are lower case since the parser was changed";
    world.orch_in(&worktree, &["learn", "dispute", "81.1", "--reason", reason]).ok();
    // Somebody edits what is frozen: it is set aside, and says what would have been better.
    let edited = draft.replace("warns of each name", "refuses the second such name");
    world.write_in(&worktree, ".context/spec.md", &edited);
    world.orch(&["task", "add", "Warn", "--issue", "82"]).ok();
    let frozen = std::fs::read_to_string(worktree.join(".context/spec.md")).expect("the spec");
    assert_eq!(frozen, draft, "it has no effect");
    assert_eq!(
        because(),
        ["81.1 was told and disputed", "criterion 1 was wanted otherwise after it was frozen"]
    );
    let said = world.orch(&["compact", "82", "--propose"]).ok().stdout;
    assert!(said.contains(reason) && said.contains("refuses the second such name"), "{said}");
}

#[test]
fn in_a_shallow_clone_all_of_it_works_from_the_worktree_too() {
    let world = World::ready();
    for n in 0..3 {
        world.write("more.txt", &format!("line {n}\n"));
        world.commit(&world.repo, "Add more");
    }
    let line = format!("git clone -q --depth 1 file://{} shallow", world.repo.display());
    world.sh(&world.root(), &line).ok();
    let clone = world.root().join("shallow");
    world.orch_in(&clone, &["init", "--yes"]).ok();
    let worktree = world.orch_in(&clone, &["new-issue", "81", "--yes"]).ok().line();
    let worktree = std::path::PathBuf::from(worktree);
    let spec = "# Work\n\n## Goal\n\nIt greets.\n\n## Acceptance criteria\n\n- [ ] It says hello\n  \
                verify: grep -q hello hello.txt\n";
    world.write_in(&worktree, ".context/spec.md", spec);
    for verb in [&["spec", "finalise"][..], &["next"]] {
        world.orch_in(&worktree, verb).ok();
    }
    world.write_in(&worktree, "hello.txt", "good bye\n");
    world.commit(&worktree, "Say good bye");
    world.orch_in(&worktree, &["next"]).ok();
    world.orch_in(&worktree, &["validate"]).code(5);
    world.write_in(&worktree, "hello.txt", "hello\n");
    world.commit(&worktree, "Say hello");
    world.orch_in(&worktree, &["validate"]).ok();
    let said = world.orch_in(&worktree, &["compact", "--propose"]).ok().stdout;
    assert!(said.contains("criterion 1 was red once"), "{said}");
    world.orch_in(&worktree, &["learn", "none", "--reason", "a greeting teaches nothing"]).ok();
    world.orch_in(&worktree, &["compact"]).ok();
    world.orch_in(&worktree, &["land"]).ok();
    world.orch_in(&worktree, &["archive"]).ok();
}
