#![expect(clippy::disallowed_methods, reason = "tests run the shims in each shell of the machine")]
//! The lines `reference-transaction` hands over and those it lets pass, one table for every shell
//! that is installed.

use std::process::Command;

use super::world::{World, finish};

const A: &str = "3a1f3a1f3a1f3a1f3a1f3a1f3a1f3a1f3a1f3a1f";
const B: &str = "0b220b220b220b220b220b220b220b220b220b22";
const Z: &str = "0000000000000000000000000000000000000000";
const Z64: &str = "0000000000000000000000000000000000000000000000000000000000000000";
const A64: &str = "3a1f3a1f3a1f3a1f3a1f3a1f3a1f3a1f3a1f3a1f3a1f3a1f3a1f3a1f3a1f3a1f";

/// The shells of this machine, as the words that start them.
fn shells() -> Vec<Vec<&'static str>> {
    let known = [vec!["dash"], vec!["bash", "--posix"], vec!["busybox", "ash"], vec!["mksh"]];
    let found: Vec<_> = known.into_iter().filter(|s| which::which(s[0]).is_ok()).collect();
    assert!(!found.is_empty());
    found
}

/// Whether the line reaches the program, and if so that it does whole.
fn reaches(world: &World, shell: &[&str], state: &str, input: &str, action: &str) -> bool {
    let mut command = world.command(&which::which(shell[0]).unwrap());
    command.args(&shell[1..]).arg(world.hooks().join("reference-transaction"));
    command.arg(state).env("GIT_REFLOG_ACTION", action).current_dir(world.repo());
    // Left over from a hook around this one: must not be taken for what was read here.
    command.env("GIT_ORCH_SEEN", "left over\n");
    let outcome = finish(&mut command, input);
    assert_eq!((outcome.code, outcome.err.as_str()), (0, ""), "{shell:?} {state} {input}");
    let calls = world.calls();
    let Some(call) = calls.first() else { return false };
    let mut lines = call.lines();
    assert_eq!(lines.next().unwrap(), format!("hook reference-transaction {state}"));
    let got: String = lines.flat_map(|line| [&line[5..], "\n"]).collect();
    assert_eq!(got, input, "{shell:?} {state}");
    true
}

#[test]
fn each_line_is_handed_over_or_passes() {
    let world = World::new();
    world.install();
    let zeros = (Z, Z64);
    let table: &[(bool, &str, String)] = &[
        // A protected or unknown branch, whatever happens to it.
        (true, "prepared", format!("{A} {B} refs/heads/main\n")),
        (true, "prepared", format!("{} {A} refs/heads/main\n", zeros.0)),
        (true, "prepared", format!("{} {A64} refs/heads/main\n", zeros.1)),
        (true, "prepared", format!("{A} {Z} refs/heads/main\n")),
        (true, "prepared", format!("{A} {A} refs/heads/main\n")),
        (true, "prepared", format!("{Z} {Z} refs/heads/main\n")),
        (true, "prepared", format!("{A} {B} refs/heads/feature/x\n")),
        (true, "prepared", format!("{A} {B} Refs/Heads/main\n")),
        (true, "prepared", format!("{Z} ref:refs/heads/issue/1 refs/heads/main\n")),
        // An issue branch moves; it does not disappear, nor become a name for another.
        (false, "prepared", format!("{A} {B} refs/heads/issue/81\n")),
        (false, "prepared", format!("{Z} {B} refs/heads/issue/81\n")),
        (false, "prepared", format!("{Z64} {A64} refs/heads/issue/81\n")),
        (true, "prepared", format!("{A} {Z} refs/heads/issue/81\n")),
        (true, "prepared", format!("{A64} {Z64} refs/heads/issue/81\n")),
        (true, "prepared", format!("{A} ref:refs/heads/main refs/heads/issue/81\n")),
        // What was born, and where a branch came to stand; of a protected one that is known.
        (true, "committed", format!("{A} {B} refs/heads/issue/81\n")),
        (true, "committed", format!("{A} {B} refs/heads/feature/x\n")),
        (false, "committed", format!("{A} {B} refs/heads/main\n")),
        (false, "committed", format!("{Z64} {A64} refs/heads/release/1\n")),
        (true, "committed", format!("{A} ref:refs/heads/x refs/heads/main\n")),
        (true, "committed", format!("{Z} {Z} refs/heads/main\n")),
        (true, "committed", format!("{A} {Z} refs/heads/main\n")),
        (false, "committed", format!("{A} {A} refs/heads/main\n")),
        (false, "committed", format!("{A} {B} refs/replace/{A}\n")),
        (true, "prepared", format!("{Z} {B} refs/replace/{A}\n")),
        // All the rest.
        (false, "prepared", String::new()),
        (false, "committed", String::new()),
        (false, "prepared", format!("{A} {B} HEAD\n{A} {B} refs/remotes/origin/main\n")),
        (false, "prepared", format!("{Z} {B} refs/tags/v1\n{Z} {B} refs/stash\n")),
        (false, "prepared", format!("{Z} {B} refs/notes/commits\n{Z} {B} refs/bisect/bad\n")),
        (true, "prepared", format!("{Z} {B} refs/git-orch/issues/81\n")),
        (false, "committed", format!("{Z} {B} refs/git-orch/issues/81\n")),
        (false, "prepared", format!("{Z} {B} refs/worktree/x\n{Z} {B} refs/headsman\n")),
        (false, "prepared", "ref:refs/heads/main ref:refs/heads/x HEAD\n".to_owned()),
        (false, "committed", format!("{A} {B} HEAD\n{A} {B} refs/remotes/origin/heads/main\n")),
        (false, "preparing", format!("{A} {B} refs/heads/main\n")),
        (false, "aborted", format!("{A} {B} refs/heads/main\n")),
        (false, "unheard-of", format!("{A} {B} refs/heads/main\n")),
        // The line that matters stands between others, and the last has no end.
        (true, "prepared", format!("{A} {B} HEAD\n{A} {B} refs/heads/main\n{A} {B} refs/tags/x\n")),
    ];
    for shell in shells() {
        for (expected, state, input) in table {
            let got = reaches(&world, &shell, state, input, "");
            assert_eq!(got, *expected, "{shell:?} {state} {input}");
        }
    }
}

#[test]
fn a_file_that_is_called_like_a_protected_branch_changes_nothing() {
    let world = World::new();
    world.install();
    std::fs::create_dir_all(world.repo().join("refs/heads/release/old")).unwrap();
    for shell in shells() {
        let line = format!("{A} {B} refs/heads/release/new\n");
        assert!(!reaches(&world, &shell, "committed", &line, ""), "{shell:?}");
    }
}

#[test]
fn a_merge_is_handed_over_where_it_begins() {
    let world = World::new();
    world.install();
    let line = format!("{Z} {A} ORIG_HEAD\n");
    for shell in shells() {
        for (action, expected) in [
            ("merge issue/81", true),
            ("pull", true),
            ("pull --ff origin", true),
            ("rebase", false),
            ("", false),
        ] {
            assert_eq!(reaches(&world, &shell, "prepared", &line, action), expected, "{action}");
            assert!(!reaches(&world, &shell, "committed", &line, action));
        }
    }
}

#[test]
fn a_long_list_arrives_whole() {
    let world = World::new();
    world.install();
    for shell in shells() {
        for state in ["prepared", "committed"] {
            for (count, expected) in [(9, false), (10, true), (5000, true)] {
                let line = |i: usize| format!("{Z} {A} refs/remotes/origin/wört-{i}\n");
                let input: String = (0..count).map(line).collect();
                assert_eq!(reaches(&world, &shell, state, &input, ""), expected, "{count}");
            }
        }
    }
}

#[test]
fn another_prefix_costs_speed_and_changes_nothing_else() {
    let world = World::new();
    let mut settings = world.settings();
    settings.issue_prefix = "work/it's-".to_owned();
    world.try_install(&settings).unwrap();
    let moves = |branch: &str| format!("{A} {B} refs/heads/{branch}\n");
    assert!(!reaches(&world, &["dash"], "prepared", &moves("work/it's-81"), ""));
    assert!(reaches(&world, &["dash"], "prepared", &moves("issue/81"), ""));
    // A glob of protected branches that may mean an issue branch.
    for glob in ["*", "**/8?", "work/it's-81", "w{ork,all}/**"] {
        settings.protected = vec!["main".to_owned(), glob.to_owned()];
        world.try_install(&settings).unwrap();
        assert!(reaches(&world, &["dash"], "prepared", &moves("work/it's-81"), ""), "{glob}");
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "a skip is to be seen")]
fn shellcheck_is_content() {
    let Ok(shellcheck) = which::which("shellcheck") else {
        eprintln!("skipped: shellcheck is not installed");
        return;
    };
    let world = World::new();
    world.ok(&["config", "core.hooksPath", ".husky/_"]);
    world.install();
    let mut command = Command::new(shellcheck);
    // The path of the program holds a `$` that is meant.
    command.args(["-s", "sh", "-e", "SC2016"]);
    let own = world.repo().join(".git/git-orch/hooks");
    for file in ["reference-transaction", "pre-push", "prepare-commit-msg", "pre-rebase", "update"]
    {
        command.arg(own.join(file));
    }
    let outcome = finish(&mut command, "");
    assert_eq!(outcome.code, 0, "{}", outcome.out);
}
