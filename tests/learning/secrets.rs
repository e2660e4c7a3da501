//! The canary: a secret typed or printed anywhere reaches neither the archive nor the record.

use crate::harness::World;
use crate::scene::fixes;

const PASSWORD: &str = "hunter2hunter2";

/// Everything that the states of these refs hold: messages, and every file of every state. The
/// work itself, which is a second parent, is the person's and stays as it is.
fn records(world: &World) -> String {
    let line = "for ref in $(git for-each-ref --format='%(refname)' refs/git-orch/archive \
                refs/git-orch/learnings); do for state in $(git rev-list --first-parent $ref); do \
                git show -s --format=%B $state; \
                git ls-tree -r --format='%(objectname)' $state | git cat-file --batch; done; done";
    world.sh(&world.repo, line).ok().stdout
}

#[test]
fn no_secret_that_was_typed_or_printed_is_kept() {
    let world = World::ready();
    world.write(".orchestration/config.toml", "[validate]\nmanual = 'anyone'\n");
    world.commit(&world.repo, "Let agents confirm");
    let token = format!("ghp_{}", "a1B2c3".repeat(6));
    let with = |words: &str| format!("{words} {token} as it seems");
    let worktree = world.worktree("81");
    world.orch(&["new-issue", "81", "--title", &with("Call it by"), "--yes"]).ok();
    let spec = format!(
        "# Work\n\n## Goal\n\nThe work is done with {token}.\n\n## Acceptance criteria\n\n- [ ] It \
         takes {token}\n  verify: cat said.txt\n- [ ] It looks well\n  manual\n\n## Open questions\n\n\
         - Is {token} right?\n  answer: yes, {token} is\n"
    );
    world.write_in(&worktree, ".context/spec.md", &spec);
    let said = world.orch(&["spec", "finalise", "81"]).ok().stderr;
    assert!(said.contains("a secret in the specification is not put on record"), "{said}");
    world.orch(&["next", "81"]).ok();
    world.orch(&["task", "add", &with("Ask with"), "--issue", "81"]).ok();
    world.orch(&["task", "add", &with("Ask with"), "--issue", "81"]).ok();
    world.orch(&["task", "drop", "1", "--reason", &with("not by"), "--issue", "81"]).ok();
    let said =
        format!("token {token}\npostgres://ada:{PASSWORD}@db.example.org/x\nplain words stay\n");
    world.write_in(&worktree, "said.txt", &said);
    world.commit(&worktree, &with("Say it with"));
    world.orch(&["next", "81"]).ok();
    let validated = world.orch(&["validate", "81"]);
    assert!(!validated.stderr.contains(&token), "{}", validated.stderr);
    let note = with("it showed");
    world.orch(&["validate", "81", "--confirm", "2", "--note", &note]).ok();
    let lesson =
        format!("The service wants {token} in its header, else it answers nothing at all.");
    let add = ["learn", "add", "81", "--when", "asking the service", "--lesson", &lesson];
    world.orch(&[&add[..], &["--path", &token, "--evidence", "said.txt"]].concat()).ok();
    world.orch(&["compact", "81"]).ok();
    world.orch(&["compact", "81"]).ok();
    let dispute = ["learn", "dispute", "81.1", "--issue", "82", "--reason", &with("it wants")];
    world.orch(&dispute).ok();
    world.git(&["merge", "-q", "--no-edit", "issue/81"]).ok();
    world.orch(&["archive", "81"]).ok();
    world.orch(&["new-issue", "83", "--title", "Another", "--yes"]).ok();
    world.orch(&["abandon", "83", "--reason", &with("nobody may use")]).ok();

    let folder = world.repo.join(".orchestration/archived-sessions");
    let files = world.sh(&folder, "cat $(find . -type f)").ok().stdout;
    assert!(files.contains("plain words stay"), "{files}");
    for (place, text) in [("files", files), ("records", records(&world))] {
        assert!(text.contains("[redacted: GitHub token]"), "{place}: {text}");
        assert!(text.contains("Call it by") && text.contains("nobody may use"), "{place}: {text}");
        for secret in [token.as_str(), PASSWORD] {
            let at = text.lines().find(|line| line.contains(secret));
            assert_eq!(at, None, "{place}");
        }
    }
    world.orch(&["archive", "verify"]).ok();
    let edited = worktree.join(".context");
    assert!(!edited.exists(), "the worktree is gone, and with it what was typed");
}

#[test]
fn a_command_with_a_secret_is_not_taken_and_stays_where_it_was_typed() {
    let world = World::ready();
    let token = format!("ghp_{}", "a1B2c3".repeat(6));
    let worktree = world.worktree("81");
    world.orch(&["new-issue", "81", "--yes"]).ok();
    let spec = format!(
        "# Work\n\n## Goal\n\nIt answers.\n\n## Acceptance criteria\n\n- [ ] It answers\n  verify: \
         ask --token {token}\n"
    );
    world.write_in(&worktree, ".context/spec.md", &spec);
    let refused = world.orch(&["spec", "finalise", "81"]).code(1);
    assert!(refused.stderr.contains("holds a secret (GitHub token)"), "{}", refused.stderr);
    assert!(!refused.stderr.contains(&token), "{}", refused.stderr);
    world.sh(&world.repo, &fixes(&refused)[0]).ok();
    let text = std::fs::read_to_string(worktree.join(".context/spec.md")).expect("the draft");
    assert_eq!(text, spec);
    world.write_in(&worktree, ".context/spec.md", &spec.replace(&token, "\"$TOKEN\""));
    world.orch(&["spec", "finalise", "81"]).ok();
    world.orch(&["next", "81"]).ok();
    let verify = format!("ask --token {token}");
    let refused = world.orch(&["task", "add", "Ask", "--verify", &verify, "--issue", "81"]).code(1);
    world.sh(&world.repo, &fixes(&refused)[0]).ok();
}
