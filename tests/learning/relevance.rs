//! Relevance: questions as agents ask them, each with the learning that must be among the first
//! three, over learnings of the kind that real change logs are full of.

use crate::harness::World;
use crate::scene::{data, with_input};

/// When it applies, and the lesson; the number is the position, from 1.
const LEARNINGS: [(&str, &str); 24] = [
    (
        "rebase onto a moved main",
        "Rebase drops merge commits; pass --rebase-merges or the resolution is lost.",
    ),
    (
        "index.lock left behind",
        "A killed git leaves index.lock; remove it only when no git process runs.",
    ),
    (
        "reading large pack files",
        "Memory-map the pack index; reading it whole took seconds per command.",
    ),
    (
        "Windows path separators",
        "Compare paths with forward slashes; git stores them so on every system.",
    ),
    (
        "parsing dates of commits",
        "Commit times carry a zone offset; sort by seconds and never by text.",
    ),
    (
        "flaky network tests",
        "The proxy answers 502 while it starts; wait for its health page first.",
    ),
    (
        "signing commits in CI",
        "ssh-agent is absent there, so set gpg.format and point to the key file.",
    ),
    (
        "submodules in worktrees",
        "A linked worktree has no submodule checkouts; run submodule update there.",
    ),
    (
        "terminal width in pipes",
        "Ask for the width only when stdout is a terminal; else use eighty.",
    ),
    (
        "progress bars in logs",
        "Draw progress to stderr and only on a terminal; logs filled with escapes.",
    ),
    (
        "serde untagged enums",
        "Untagged enums hide the true error; name the variant in a field instead.",
    ),
    (
        "TOML dotted keys",
        "Dotted keys define tables, and the same table twice is an error in TOML.",
    ),
    (
        "regular expressions on user input",
        "Limit the size of the pattern; a nested repeat took all memory.",
    ),
    (
        "hash maps in snapshots",
        "Iteration order differs per run; use ordered maps wherever text is compared.",
    ),
    (
        "release builds on musl",
        "The allocator of musl is slow under threads; link another one there.",
    ),
    (
        "symlinks in archives",
        "Refuse links that point outside when unpacking; they overwrote files.",
    ),
    ("file system case", "Two names that differ in case are one file on macOS; refuse the second."),
    (
        "locking over NFS",
        "flock is local on old NFS; keep locks below the repository's own folder.",
    ),
    ("retrying pushes", "A push that timed out may have arrived; fetch before you push again."),
    (
        "coverage of generated code",
        "Leave generated files out of coverage or the threshold means nothing.",
    ),
    (
        "shell quoting in hooks",
        "Quote every variable in hooks; a branch name with a space ran a command.",
    ),
    (
        "environment in child processes",
        "Remove GIT_DIR before starting git elsewhere, or it works on ours.",
    ),
    (
        "snapshot tests and colours",
        "Set NO_COLOR in tests; colours came in when run from a terminal.",
    ),
    ("upgrading clap", "Global arguments must come after the subcommand since that version."),
];

/// What is asked, and the number that must be among the first three.
const QUESTIONS: [(&str, u32); 24] = [
    ("rebasing loses merges", 1),
    ("git says index.lock exists", 2),
    ("pack index is slow to read", 3),
    ("backslash in path on Windows", 4),
    ("sort commits by date", 5),
    ("test fails with 502 from the proxy", 6),
    ("sign a commit without ssh-agent", 7),
    ("submodule is empty in the worktree", 8),
    ("how wide is the terminal", 9),
    ("escape sequences in the log from the progress bar", 10),
    ("unhelpful error from an untagged enum", 11),
    ("duplicate table in TOML", 12),
    ("regex memory", 13),
    ("order of a HashMap changes the snapshot", 14),
    ("musl is slow", 15),
    ("unpacking an archive with symlinks", 16),
    ("macOS case insensitive names", 17),
    ("flock on NFS", 18),
    ("push timed out, retry", 19),
    ("coverage threshold and generated files", 20),
    ("quote variables in a hook", 21),
    ("GIT_DIR set for a child process", 22),
    ("colour codes in test snapshots", 23),
    ("clap global argument after upgrade", 24),
];

#[test]
fn the_right_learning_is_among_the_first_three() {
    let world = World::ready();
    let worktree = world.validated("81");
    let list: Vec<_> = LEARNINGS
        .iter()
        .map(|(when, lesson)| {
            serde_json::json!({
                "kind": "pitfall", "when": when, "lesson": lesson, "evidence": "work-81.txt",
            })
        })
        .collect();
    let text = serde_json::Value::from(list).to_string();
    with_input(&world, &worktree, &["learn", "add", "--stdin"], &text).ok();
    world.orch(&["compact", "81"]).ok();
    let mut missed = Vec::new();
    for (question, number) in QUESTIONS {
        let found = data(&world.orch(&["recall", question, "--limit", "3", "--json"]).ok());
        let wanted = format!("81.{number}");
        let hits = found["hits"].as_array().expect("hits");
        if !hits.iter().any(|hit| hit["id"] == wanted.as_str()) {
            missed.push((question, wanted));
        }
    }
    assert_eq!(missed, []);
}
