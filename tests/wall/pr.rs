//! Pull requests: what is pushed, what it says, and what the tools of forges are asked.
#![expect(clippy::disallowed_methods, reason = "tests take files away")]

use std::path::PathBuf;

use insta::assert_snapshot;
use serde_json::Value;

use crate::harness::{Ended, World};
use crate::scene::{configure, origin, refusal, unfinished};

/// A forge's tool, which keeps what it is asked and answers like one: `view` finds a pull request
/// once `create` was asked.
const TOOL: &str = r#"#!/bin/sh
top=$(dirname "$0")
{ printf '%s' "${0##*/}"; for word; do printf ' [%s]' "$word"; done; echo; } >>"$top/asked"
case $2 in
view) [ -e "$top/there" ] && echo "OPEN https://forge.example.org/1" || exit 1 ;;
create)
    [ ! -e "$top/broken" ] || { echo 'you are not logged in' >&2; exit 4; }
    : >"$top/there"
    while [ $# -gt 0 ]; do [ "$1" != --body-file ] || cp "$2" "$top/body"; shift; done
    echo https://forge.example.org/1
    ;;
esac
"#;

/// Puts a tool of this name on PATH; returns its folder.
fn tool(world: &World, name: &str) -> PathBuf {
    let folder = world.root().join("bin");
    world.write_in(&folder, name, TOOL);
    world.sh(&folder, &format!("chmod +x {name}")).ok();
    folder
}

/// git-orch with the folder of tools in front of PATH, and neither `gh` nor `glab` behind it.
fn orch(world: &World, args: &[&str]) -> Ended {
    let mut command = world.command(&world.repo, &crate::harness::binary());
    let own = std::path::Path::new(env!("CARGO_BIN_EXE_git-orch")).parent().expect("folder");
    let path = format!(
        "{}:{}:/usr/local/bin:/usr/bin:/bin",
        world.root().join("bin").display(),
        own.display()
    );
    let output = command.env("PATH", path).args(args).output().expect("git-orch");
    Ended {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

fn asked(world: &World) -> String {
    let text = std::fs::read_to_string(world.root().join("bin/asked")).unwrap_or_default();
    let file = regex::Regex::new(r"\[[^\]]*/body\.md\]").expect("pattern");
    file.replace_all(&world.plain(&text), "[BODY]").into_owned()
}

fn heads(world: &World) -> String {
    world.git(&["ls-remote", "origin"]).ok().stdout
}

#[test]
fn without_a_receipt_nothing_leaves() {
    let world = World::ready();
    origin(&world);
    tool(&world, "gh");
    unfinished(&world, "81");
    let before = heads(&world);
    let ended = orch(&world, &["pr", "81"]).code(1);
    assert_snapshot!(refusal(&world, &ended), @r"
    refused: opening a pull request for issue 81
        why: it is in EXECUTE, and no receipt of it holds
        fix: git orch next 81
    ");
    orch(&world, &["pr", "81", "--draft"]).code(1);
    assert_eq!((heads(&world), asked(&world)), (before, String::new()));
}

#[test]
fn branch_and_record_are_pushed_and_the_tool_is_asked_once() {
    let world = World::ready();
    origin(&world);
    tool(&world, "gh");
    let worktree = world.sealed("81");
    let ended = orch(&world, &["pr", "81"]).ok();
    assert_eq!(ended.stdout, "https://forge.example.org/1\n");
    let tip = world.git_in(&worktree, &["rev-parse", "HEAD"]).ok().line();
    assert!(heads(&world).contains(&format!("{tip}\trefs/heads/issue/81")), "{}", heads(&world));
    assert!(heads(&world).contains("refs/git-orch/issues/81"), "{}", heads(&world));
    assert_snapshot!(asked(&world), @r#"
    gh [pr] [view] [issue/81] [--json] [url,state] [--jq] [.state+" "+.url]
    gh [pr] [create] [--base] [main] [--head] [issue/81] [--title] [Issue 81 (#81)] [--body-file] [BODY]
    "#);
    let body = std::fs::read_to_string(world.root().join("bin/body")).unwrap();
    assert_snapshot!(world.plain(&body), @r"
    The work is done.

    ## Criteria

    - [x] It holds: `true` (passed)

    ## Learned

    Nothing: the change was mechanical and met no surprise

    Issue 81 at [COMMIT], receipt `sha256:[DIGEST]`.
    ");
    // Again, after more work: the pull request is brought up to date.
    world.write_in(&worktree, "more.txt", "more of the work of the issue\n");
    world.commit(&worktree, "More");
    orch(&world, &["pr", "81"]).code(1);
    world.orch(&["validate", "81"]).ok();
    world.orch(&["compact", "81"]).ok();
    let ended = orch(&world, &["pr", "81"]).ok();
    assert_eq!(ended.stdout, "https://forge.example.org/1\n");
    let last = asked(&world).lines().last().unwrap_or_default().to_owned();
    assert!(last.starts_with("gh [pr] [edit] [issue/81]"), "{last}");
}

#[test]
fn a_rebased_branch_takes_the_place_of_its_own_work_only() {
    let world = World::ready();
    origin(&world);
    let worktree = world.sealed("81");
    orch(&world, &["pr", "81"]).ok();
    world.git_in(&worktree, &["commit", "-q", "--amend", "-m", "Do the work in other words"]).ok();
    world.orch(&["compact", "81"]).ok();
    orch(&world, &["pr", "81"]).ok();
    let tip = world.git_in(&worktree, &["rev-parse", "HEAD"]).ok().line();
    assert!(heads(&world).contains(&format!("{tip}\trefs/heads/issue/81")));
    // Somebody else's commit on it is not ours to throw away.
    let mate = world.root().join("mate");
    let (from, to) = (world.root().join("origin.git"), mate.to_str().unwrap().to_owned());
    world.git(&["clone", "-q", "-b", "issue/81", from.to_str().unwrap(), &to]).ok();
    world.write_in(&mate, "theirs.txt", "a colleague's change\n");
    world.commit(&mate, "Theirs");
    world.git_in(&mate, &["push", "-q"]).ok();
    world
        .git_in(&worktree, &["commit", "-q", "--amend", "-m", "Do the work in yet other words"])
        .ok();
    world.orch(&["compact", "81"]).ok();
    orch(&world, &["pr", "81"]).code(3);
}

#[test]
fn options_go_to_the_tool_and_gitlab_has_its_own() {
    let world = World::ready();
    origin(&world);
    tool(&world, "gh");
    tool(&world, "glab");
    world.sealed("81");
    orch(&world, &["pr", "81", "--draft", "--web"]).ok();
    assert!(asked(&world).trim_end().ends_with("[BODY] [--draft] [--web]"), "{}", asked(&world));
    let bare = world.root().join("origin.git");
    let rule = format!("url.{}.insteadOf", bare.display());
    world.git(&["config", &rule, "git@gitlab.example.org:g/r.git"]).ok();
    world.git(&["remote", "set-url", "origin", "git@gitlab.example.org:g/r.git"]).ok();
    std::fs::remove_file(world.root().join("bin/asked")).unwrap();
    std::fs::remove_file(world.root().join("bin/there")).unwrap();
    orch(&world, &["pr", "81"]).ok();
    let lines = asked(&world);
    assert!(
        lines.starts_with("glab [mr] [view] [issue/81]\nglab [mr] [create] [--yes]"),
        "{lines}"
    );
}

#[test]
fn without_a_tool_a_person_gets_the_address_and_the_text() {
    let world = World::ready();
    let bare = origin(&world);
    let rule = format!("url.{}.insteadOf", bare.display());
    world.git(&["config", &rule, "git@github.com:o/r.git"]).ok();
    world.git(&["remote", "set-url", "origin", "git@github.com:o/r.git"]).ok();
    world.sealed("81");
    let ended = orch(&world, &["pr", "81"]).ok();
    assert_snapshot!(world.plain(&ended.stdout), @r"
    https://github.com/o/r/compare/main...issue/81?expand=1

    Issue 81 (#81)

    The work is done.

    ## Criteria

    - [x] It holds: `true` (passed)

    ## Learned

    Nothing: the change was mechanical and met no surprise

    Issue 81 at [COMMIT], receipt `sha256:[DIGEST]`.
    ");
    // A tool that cannot do it says why, and nothing is lost.
    let folder = tool(&world, "gh");
    world.write_in(&folder, "broken", "");
    let ended = orch(&world, &["pr", "81", "--json"]).ok();
    let data: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(data["data"]["trouble"], "you are not logged in");
    assert_eq!(data["data"]["opened"], Value::Null);
}

#[test]
fn backups_may_be_drafts_and_a_team_has_its_own_words() {
    let world = World::ready();
    configure(&world, "[push]\nissue_branches = 'wip'\n");
    origin(&world);
    tool(&world, "gh");
    unfinished(&world, "81");
    world.write(
        ".orchestration/templates/pr.md",
        "Our form: {{ goal }}\n{% if not sealed %}not finished{% endif %}\n",
    );
    orch(&world, &["pr", "81"]).code(1);
    orch(&world, &["pr", "81", "--draft"]).ok();
    assert!(heads(&world).contains("refs/heads/wip/81"), "{}", heads(&world));
    assert!(!heads(&world).contains("refs/git-orch/"), "{}", heads(&world));
    let body = std::fs::read_to_string(world.root().join("bin/body")).unwrap();
    assert_eq!(body, "Our form: The work is done.\nnot finished");
}

#[test]
fn a_waiver_is_told_to_whoever_reviews() {
    let world = World::ready();
    configure(&world, "[waive]\nby = 'anyone'\n");
    origin(&world);
    tool(&world, "gh");
    world.validated("81");
    world.orch(&["waive", "81", "--reason", "the shop is down and people wait"]).ok();
    orch(&world, &["pr", "81"]).ok();
    let body = std::fs::read_to_string(world.root().join("bin/body")).unwrap();
    let line = body.lines().find(|line| line.starts_with("**Waived:**")).unwrap_or_default();
    assert_snapshot!(world.plain(line), @"**Waived:** the shop is down and people wait (Ada <ada@example.org>, without a terminal; until [TIME])");
}
