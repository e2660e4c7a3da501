//! What recurs, and the section for people and agents.

use crate::harness::World;
use crate::scene::data;

/// A finished issue whose one criterion was red first, with this in its output.
fn with_trouble(world: &World, id: &str, line: &str) {
    let worktree = world.worktree(id);
    world.orch(&["new-issue", id, "--yes"]).ok();
    let spec = format!(
        "# Work\n\n## Goal\n\nThe work is done.\n\n## Acceptance criteria\n\n- [ ] The parser holds\n  \
         verify: test -s done-{id}.txt || {{ echo \"{line}\"; exit 1; }}\n"
    );
    world.write_in(&worktree, ".context/spec.md", &spec);
    world.orch(&["spec", "finalise", id]).ok();
    world.orch(&["next", id]).ok();
    world.write_in(
        &worktree,
        "shared/parser.txt",
        &format!("the parser as {id} wanted it at first\n"),
    );
    world.commit(&worktree, "Begin");
    world.orch(&["next", id]).ok();
    world.orch(&["validate", id]).code(5);
    world.write_in(
        &worktree,
        "shared/parser.txt",
        &format!("the parser as {id} mended it later\n"),
    );
    world.write_in(&worktree, &format!("done-{id}.txt"), "done in the end\n");
    world.commit(&worktree, "Mend");
    world.orch(&["validate", id]).ok();
    let reason = "it was the same as last time, nothing new";
    world.orch(&["learn", "none", id, "--reason", reason]).ok();
    world.orch(&["compact", id]).ok();
    world.orch(&["abandon", id, "--reason", "only its record is wanted"]).ok();
}

#[test]
fn what_recurs_is_told_with_the_issues_behind_it() {
    let world = World::ready();
    with_trouble(&world, "P-1", "error: cannot open /tmp/a1/cache at line 12");
    with_trouble(&world, "P-2", "error: cannot open /tmp/b2/cache at line 340");
    with_trouble(&world, "P-3", "error: something else entirely");
    let found = data(&world.orch(&["patterns", "--json"]).ok());
    assert_eq!(found["errors"].as_array().map(Vec::len), Some(1), "{found}");
    assert_eq!(found["errors"][0]["named"], serde_json::json!(["P-2", "P-1"]));
    assert_eq!(found["criteria"][0]["what"], "The parser holds");
    assert_eq!(found["criteria"][0]["issues"], 3);
    assert_eq!((&found["lanes"][0]["lane"], &found["lanes"][0]["none"]), (&"P".into(), &3.into()));
    assert_eq!(found["files"][0]["what"], "shared/parser.txt", "{found}");
    let said = world.orch(&["patterns"]).ok().stdout;
    assert!(said.contains("the same error") && said.contains("P-2, P-1"), "{said}");

    // A draft is taken up by an open issue, once somebody filled its gap.
    let drafts = data(&world.orch(&["patterns", "--propose", "--json"]).ok());
    let worktree = world.in_execute("90");
    let mut rule = drafts[0].clone();
    let give = |rule: &serde_json::Value| {
        let text = serde_json::json!([rule]).to_string();
        crate::scene::with_input(&world, &worktree, &["learn", "add", "--stdin"], &text)
    };
    give(&rule).code(1);
    rule["lesson"] = "Make the cache folder before the parser runs; nothing else does.".into();
    give(&rule).ok();
}

#[test]
fn reviewed_learnings_are_exported_as_one_section_that_is_written_anew() {
    let world = World::ready();
    world.validated("81");
    for (when, lesson) in [
        (
            "names in mixed case",
            "The parser keeps the case of names, so compare them in lower case.",
        ),
        ("the cache", "Entries are dropped by generation and not by time; clocks of hosts differ."),
    ] {
        let add =
            ["learn", "add", "81", "--when", when, "--lesson", lesson, "--evidence", "work-81.txt"];
        world.orch(&add).ok();
    }
    world.orch(&["compact", "81"]).ok();
    world.orch(&["learn", "review", "--accept", "81.1"]).ok();
    let text = world.orch(&["export", "--format", "md"]).ok().stdout;
    assert!(text.contains("in lower case. (81.1)") && !text.contains("81.2"), "{text}");
    assert!(!world.repo.join("AGENTS.md").exists(), "only when asked");

    world.write("AGENTS.md", "# Rules\n\nBe kind.\n");
    world.orch(&["export", "--into", "AGENTS.md"]).ok();
    let first = std::fs::read_to_string(world.repo.join("AGENTS.md")).expect("AGENTS.md");
    assert!(first.starts_with("# Rules\n\nBe kind.\n\n<!-- git orch export: begin"), "{first}");
    world.write("AGENTS.md", &format!("{first}\nAnd brief.\n"));
    world.orch(&["learn", "review", "--accept", "81.2"]).ok();
    world.orch(&["export", "--into", "AGENTS.md"]).ok();
    world.orch(&["export", "--into", "AGENTS.md"]).ok();
    let second = std::fs::read_to_string(world.repo.join("AGENTS.md")).expect("AGENTS.md");
    assert!(second.contains("(81.2)") && second.ends_with("\nAnd brief.\n"), "{second}");
    assert_eq!(second.matches("export: begin").count(), 1);
    world.write("AGENTS.md", &second.replace("<!-- git orch export: end -->", ""));
    world.orch(&["export", "--into", "AGENTS.md"]).code(2);
}
