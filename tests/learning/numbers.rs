//! What time and number do to learnings: facts that expire, areas that are crowded.

use crate::harness::World;
use crate::scene::{data, with_input};

fn archived(world: &World, id: &str) {
    world.orch(&["compact", id]).ok();
    world.git(&["merge", "-q", "--no-edit", &format!("issue/{id}")]).ok();
    world.orch(&["archive", id]).ok();
}

/// Puts another text into the record of a finished issue, as if it had been given long ago.
fn rewritten(world: &World, id: &str, from: &str, to: &str) {
    let name = format!("refs/git-orch/archive/{id}");
    let log = world.git(&["show", &format!("{name}:session-log.xml")]).ok().stdout;
    assert!(log.contains(from), "{from}\n{log}");
    world.write("log.xml", &log.replace(from, to));
    let line = format!(
        "blob=$(git hash-object -w log.xml) && rm log.xml && export GIT_INDEX_FILE=.git/other && \
         git read-tree {name} && git update-index --cacheinfo 100644,$blob,session-log.xml && \
         git log -1 --format=%B {name} | git commit-tree -p {name} $(git write-tree) | \
         xargs git update-ref {name}"
    );
    world.sh(&world.repo, &line).ok();
}

#[test]
fn a_fact_that_expired_is_suspect_and_told_no_more() {
    let world = World::ready();
    world.validated("81");
    let lesson = "The mirror serves only signed packages until the old key is rotated out.";
    let add = ["learn", "add", "81", "--kind", "fact", "--when", "packages of the mirror"];
    let rest = ["--expires", "2099-12-31", "--lesson", lesson, "--evidence", "work-81.txt"];
    world.orch(&[&add[..], &rest].concat()).ok();
    archived(&world, "81");
    world.orch(&["learn", "review", "--accept", "81.1"]).ok();
    world.orch(&["new-issue", "82", "--title", "Packages of the mirror", "--yes"]).ok();
    let brief = || world.orch(&["prime", "82"]).ok().stdout;
    assert!(brief().contains("(81.1)"), "{}", brief());
    rewritten(&world, "81", "2099-12-31", "2020-12-31");
    let found = data(&world.orch(&["recall", "mirror packages", "--json"]).ok());
    assert_eq!(found["hits"][0]["standing"], "suspect", "{found}");
    let why = found["hits"][0]["why"].as_str().expect("why").to_owned();
    assert!(why.contains("it expired on 2020-12-31"), "{why}");
    assert!(!brief().contains("(81.1)"), "{}", brief());
    let waits = world.orch(&["learn", "review"]).ok().stdout;
    assert!(waits.contains("81.1 fact, suspect (it expired on 2020-12-31"), "{waits}");
}

#[test]
fn a_crowded_area_names_its_least_useful_learnings() {
    let world = World::ready();
    world.write(".orchestration/config.toml", "[learning]\ncap = 2\nlines = 2\n");
    world.commit(&world.repo, "Keep few learnings");
    world.validated("81");
    let list: Vec<_> = [
        (
            "names in mixed case",
            "src/names.rs",
            "Compare names in lower case, the parser keeps it.",
        ),
        (
            "the cache of entries",
            "src/cache.rs",
            "Entries go by generation; clocks of hosts differ.",
        ),
        ("starting the server", "src/server.rs", "Wait for the second health check before asking."),
        (
            "reading the manual",
            "docs/manual.md",
            "Links are relative to the chapter they stand in.",
        ),
    ]
    .iter()
    .map(|(when, path, lesson)| {
        serde_json::json!({
            "kind": "pitfall", "when": when, "paths": [path], "lesson": lesson,
            "evidence": "work-81.txt",
        })
    })
    .collect();
    let text = serde_json::Value::from(list).to_string();
    with_input(&world, &world.repo, &["learn", "add", "81", "--stdin"], &text).ok();
    archived(&world, "81");
    let all = ["81.1", "81.2", "81.3", "81.4"];
    world.orch(&[&["learn", "review", "--accept"][..], &all].concat()).ok();
    // Told, and confirmed: the first and the third; the second is of no use to anybody.
    world.orch(&["learn", "confirm", "81.1", "--issue", "82"]).ok();
    world.orch(&["learn", "confirm", "81.3", "--issue", "82"]).ok();
    let stats = data(&world.orch(&["learn", "stats", "--json"]).ok());
    let crowded = stats["crowded"].as_array().expect("areas").clone();
    assert_eq!(crowded.len(), 1, "one area is within the cap: {stats}");
    assert_eq!((&crowded[0]["area"], &crowded[0]["learnings"]), (&"src".into(), &3.into()));
    assert_eq!(crowded[0]["least"], serde_json::json!(["81.2"]));
    let said = world.orch(&["learn", "stats"]).ok().stdout;
    let retire = said.lines().find_map(|line| line.trim().strip_prefix("git orch learn retire "));
    world.orch(&["learn", "retire", retire.expect("a command")]).ok();
    let stats = data(&world.orch(&["learn", "stats", "--json"]).ok());
    assert_eq!(stats["crowded"], serde_json::json!([]));
    assert_eq!(stats["standing"]["retired"], 1);
}

#[test]
fn a_brief_is_given_although_the_index_cannot_be_made() {
    let world = World::ready();
    world.validated("81");
    let lesson = "The parser keeps the case of names, so compare them in lower case.";
    let add = ["learn", "add", "81", "--when", "names in mixed case", "--lesson", lesson];
    world.orch(&[&add[..], &["--evidence", "work-81.txt"]].concat()).ok();
    archived(&world, "81");
    world.orch(&["learn", "review", "--accept", "81.1"]).ok();
    world.orch(&["new-issue", "82", "--title", "Names in mixed case", "--yes"]).ok();
    assert!(world.orch(&["prime", "82"]).ok().stdout.contains("(81.1)"));
    // The chain of marks does not read: every index is built on it.
    let broken = "tree=$(git mktree </dev/null) && \
                  blob=$(echo broken | git hash-object -w --stdin) && \
                  marks=$(printf '100644 blob %s\\t81.xml\\n' $blob | git mktree) && \
                  tree=$(printf '040000 tree %s\\tmarks\\n' $marks | git mktree) && \
                  git update-ref refs/git-orch/learnings $(echo broken | git commit-tree $tree)";
    world.sh(&world.repo, broken).ok();
    assert_ne!(world.orch(&["recall", "names"]).code, 0);
    let brief = world.orch(&["prime", "82"]).ok().stdout;
    assert!(brief.contains("Names in mixed case"), "{brief}");
    world.orch(&["new-issue", "83", "--title", "Names again", "--yes"]).ok();
}
