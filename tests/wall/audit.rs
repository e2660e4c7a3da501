//! What came onto a protected branch and how, and taking it under an issue.

use insta::assert_snapshot;
use serde_json::Value;

use crate::harness::World;
use crate::scene::{configure, origin, refusal};

const OFF: [&str; 2] = ["-c", "core.hooksPath=/dev/null"];

/// How each commit came, oldest first: subject and word.
fn told(world: &World, args: &[&str]) -> Vec<(String, String)> {
    let ended = world.orch(&[&["audit", "--json"], args].concat()).ok();
    let document: Value = serde_json::from_str(&ended.stdout).expect("one document");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let commits = document["data"]["commits"].as_array().expect("commits").clone();
    commits.iter().rev().map(|c| (text(&c["subject"]), text(&c["how"]))).collect()
}

fn unseen(world: &World, name: &str) -> String {
    world.write(name, &format!("what came onto main past the gate, in {name}\n"));
    world.git(&["add", name]).ok();
    world.git(&[&OFF[..], &["commit", "-qm", &format!("Add {name}")]].concat()).ok();
    world.git(&["rev-parse", "HEAD"]).ok().line()
}

#[test]
fn every_commit_is_told_with_how_it_came() {
    let world = World::ready();
    configure(&world, "[waive]\nby = 'anyone'\n[gate]\nauthors = ['bot@example.org']\n");
    let start = world.git(&["rev-parse", "main"]).ok().line();
    let bare = origin(&world);
    let mate = world.root().join("mate");
    world.git(&["clone", "-q", bare.to_str().unwrap(), mate.to_str().unwrap()]).ok();
    world.write_in(&mate, "theirs.txt", "a colleague's change\n");
    world.commit(&mate, "Theirs");
    world.git_in(&mate, &["push", "-q"]).ok();
    world.git(&["pull", "-q", "--ff-only"]).ok();
    world.write("own.txt", "a person's change\n");
    world.commit(&world.repo, "Own");
    world.write("typo.txt", "a person's other change\n");
    world.commit(&world.repo, "Typo\n\nOrch-No-Issue: a typo");
    world
        .git(&["commit", "-q", "--allow-empty", "--author=Bot <bot@example.org>", "-m", "Bump"])
        .ok();
    world.sealed("81");
    world.git(&["merge", "-q", "--no-ff", "-m", "Land 81", "issue/81"]).ok();
    world.orch(&["archive", "81"]).ok();
    world.validated("82");
    world.orch(&["waive", "82", "--reason", "the shop is down now"]).ok();
    world.git(&["merge", "-q", "--ff-only", "issue/82"]).ok();
    unseen(&world, "evil.txt");
    let lines = told(&world, &["--since", &start]);
    let lines: Vec<String> =
        lines.iter().map(|(subject, how)| format!("{how}: {subject}")).collect();
    assert_snapshot!(lines.join("\n"), @r"
    upstream: Theirs
    direct: Own
    stated: Typo
    merge: Bump
    issue: Do the work of 81
    merge: Land 81
    waived: Do the work of 82
    unseen: Add evil.txt
    ");
    let ended = world.orch(&["audit", "--since", &start]).ok();
    assert!(ended.stderr.contains("1 of them came onto main unseen"), "{}", ended.stderr);
    world.orch(&["audit", "--since", "nowhere"]).code(2);
}

#[test]
fn an_unseen_commit_is_adopted_compacted_and_leaves() {
    let world = World::ready();
    origin(&world);
    world.write("seen.txt", "a person's change\n");
    world.commit(&world.repo, "Seen");
    let commit = unseen(&world, "evil.txt");
    assert_eq!(told(&world, &["--since", "main~1"])[0].1, "unseen");
    let push = ["push", "-q", "origin", "main"];
    let said = world.orch(&["adopt", &commit[..10], "--issue", "81"]).ok();
    assert!(said.stderr.contains("belongs now to issue 81"), "{}", said.stderr);
    let said = world.orch(&["adopt", &commit, "--issue", "81"]).ok();
    assert!(said.stderr.contains("belongs already to issue 81"), "{}", said.stderr);
    // It is work of an issue now, and leaves as such.
    let ended = world.git(&push).code(1);
    assert!(refusal(&world, &ended).contains("issue 81 is in DISCUSSION"), "{}", ended.stderr);
    let worktree = world.worktree("81");
    world.write_in(&worktree, ".context/spec.md", crate::harness::SPEC);
    world.orch(&["spec", "finalise", "81"]).ok();
    for args in [&["next", "81"][..], &["next", "81"], &["validate", "81"]] {
        world.orch(args).ok();
    }
    let reason = "somebody had switched the hooks off, and was told";
    world.orch(&["learn", "none", "81", "--reason", reason]).ok();
    world.orch(&["compact", "81"]).ok();
    world.git(&push).ok();
    assert_eq!(told(&world, &["--since", "main~1"])[0].1, "issue");
    world.orch(&["archive", "81"]).ok();
    assert_eq!(told(&world, &["--since", "main~1"])[0].1, "issue");
    let status = world.orch(&["doctor"]).stdout;
    assert!(!status.contains("without being judged"), "{status}");
}

#[test]
fn a_worktree_that_somebody_made_becomes_an_issues() {
    let world = World::ready();
    let path = world.root().join("theirs");
    let text = path.to_str().unwrap();
    world.git(&["worktree", "add", "-q", "-b", "feature", text]).ok();
    world.write_in(&path, "work.txt", "work that somebody began\nwithout any issue\n");
    world.commit(&path, "Begin");
    let said = world.orch(&["adopt", text, "--issue", "81"]).ok();
    assert_eq!(said.line(), text);
    world.orch(&["adopt", text, "--issue", "81"]).ok();
    let shown = world.orch(&["show", "81", "--json"]).ok().stdout;
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["data"]["branch"], "feature");
    assert_eq!(shown["data"]["worktree"], text);
    // What was begun there is the issue's, and the gate knows it.
    let ended = world.git(&["merge", "-q", "feature"]).code(128);
    assert!(refusal(&world, &ended).contains("issue 81 is in DISCUSSION"), "{}", ended.stderr);
    world.orch(&["adopt", text, "--issue", "82"]).code(1);
    let ended = world.orch(&["adopt", ".", "--issue", "83"]).code(1);
    assert_snapshot!(refusal(&world, &ended), @r"
    refused: adopting [TOP]/repo
        why: main is protected: no issue is worked on there
        fix: git -C [TOP]/repo switch -c issue/83
    ");
    world.orch(&["adopt", "nowhere", "--issue", "83"]).code(2);
}
