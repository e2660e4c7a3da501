//! A bare repository with the wall, and every hook of the one who pushes switched off.

use std::path::Path;

use insta::assert_snapshot;

use crate::harness::{Ended, World};
use crate::scene::{
    OFF, commit_unseen, configure, files, origin, push, refusal, there, unfinished, walled,
};

#[test]
fn building_it_twice_changes_nothing_and_taking_it_out_leaves_nothing() {
    let world = World::ready();
    let bare = origin(&world);
    let path = bare.to_str().expect("text");
    world.write_in(&bare, "hooks/pre-receive", "#!/bin/sh\necho earlier >&2\n");
    world.sh(&bare, "chmod +x hooks/pre-receive").ok();
    let before = files(&bare);
    let plan = world.orch(&["init", "--dry-run", "--server", path]).ok().stdout;
    assert_snapshot!(world.plain(&plan), @r"
    would write [TOP]/origin.git/git-orch/install.json
    would keep [TOP]/origin.git/hooks/pre-receive as [TOP]/origin.git/hooks/pre-receive.before-orch, to be run first
    would write [TOP]/origin.git/hooks/pre-receive
    ");
    assert_eq!(files(&bare), before);
    world.orch(&["init", "--server", path]).ok();
    let built = files(&bare);
    let again = world.orch(&["init", "--server", path]).ok();
    assert_eq!(again.stderr, "nothing to change\n");
    assert_eq!(files(&bare), built);
    // The hook that was there speaks first, and its no is a no.
    world.write("own.txt", "own work of a person\n");
    world.commit(&world.repo, "Own");
    let ended = push(&world, &world.repo, &["main"]).ok();
    assert!(ended.stderr.contains("remote: earlier"), "{}", ended.stderr);
    world.write_in(&bare, "hooks/pre-receive.before-orch", "#!/bin/sh\nexit 1\n");
    world.sh(&bare, "chmod +x hooks/pre-receive.before-orch").ok();
    push(&world, &world.repo, &["main:refs/heads/x"]).code(1);
    world.write_in(&bare, "hooks/pre-receive.before-orch", "#!/bin/sh\necho earlier >&2\n");
    world.orch(&["uninit", "--server", path]).ok();
    let mut after = files(&bare);
    after.retain(|name, _| !name.starts_with("objects/") && !name.starts_with("refs/"));
    let mut before = before;
    before.retain(|name, _| !name.starts_with("objects/") && !name.starts_with("refs/"));
    assert_eq!(after, before);
    let none = world.orch(&["uninit", "--server", path]).ok();
    assert_eq!(none.stderr, "nothing to change\n");
}

#[test]
fn it_wants_a_bare_repository_of_its_own() {
    let world = World::ready();
    let ended = world.orch(&["init", "--server", "."]).code(2);
    assert_snapshot!(ended.stderr, @"
    error: . is no bare repository: people work in it
      fix: git -C . orch init
    ");
}

/// Ways to bring unfinished work onto a protected branch of the server. Each is a script in the
/// repository, `$ISSUE` being the issue's worktree, and ends with a push that is refused.
const ROUTES: [(&str, &str); 14] = [
    ("fast-forward", "$PUSH issue/81:main"),
    ("by object id", "$PUSH $(git rev-parse issue/81):refs/heads/main"),
    ("from its worktree", "cd \"$ISSUE\" && $PUSH HEAD:main"),
    ("forced", "$PUSH --force issue/81:main"),
    ("one commit of it", "$PUSH issue/81~1:main"),
    ("another protected branch", "$PUSH issue/81:release/2"),
    ("with others at once", "$PUSH main:refs/heads/x issue/81:main issue/81:refs/heads/y"),
    ("through another branch", "$PUSH issue/81:refs/heads/x && $PUSH issue/81:main"),
    ("mirror", "git update-ref refs/heads/main issue/81 && $PUSH --mirror"),
    ("merge", "$MERGE --no-ff -m Land issue/81 && $PUSH main"),
    ("squash", "$MERGE --squash issue/81 && $COMMIT -q --no-edit && $PUSH main"),
    ("cherry-pick", "$OFF cherry-pick main..issue/81 >/dev/null && $PUSH main"),
    ("rebase", "$OFF commit -q --allow-empty -m Own && $OFF rebase -q issue/81 && $PUSH main"),
    ("am", "git format-patch -q --stdout main..issue/81 | $OFF am -q && $PUSH main"),
];

#[test]
fn unfinished_work_comes_in_by_no_route() {
    for (name, script) in ROUTES {
        let (world, bare) = walled("[gate]\nprotected = ['main', 'release/*']\n");
        let issue = unfinished(&world, "81");
        world.write_in(&issue, "work-81.txt", "work of 81, rewritten in a second commit of it\n");
        world.commit(&issue, "Do more of the work of 81");
        let before = (there(&world, &bare, "main"), there(&world, &bare, "release/2"));
        let ended = routed(&world, &issue, script);
        assert_ne!(ended.code, 0, "{name} landed:\n{}", ended.stderr);
        assert!(
            ended.stderr.contains("refused: bringing issue 81 onto"),
            "{name}:\n{}",
            ended.stderr
        );
        let after = (there(&world, &bare, "main"), there(&world, &bare, "release/2"));
        assert_eq!(after, before, "{name}");
    }
}

fn routed(world: &World, issue: &Path, script: &str) -> Ended {
    let off = "git -c core.hooksPath=/dev/null";
    let output = world
        .command(&world.repo, "sh")
        .args(["-c", script])
        .env("ISSUE", issue)
        .env("OFF", off)
        .env("PUSH", format!("{off} push -q origin"))
        .env("MERGE", format!("{off} merge -q"))
        .env("COMMIT", format!("{off} commit"))
        .output()
        .expect("sh");
    Ended {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

#[test]
fn the_refusal_is_three_lines_and_its_remedy_works() {
    let (world, bare) = walled("");
    world.sealed("81");
    world.git(&["merge", "-q", "--ff-only", "issue/81"]).ok();
    let ended = push(&world, &world.repo, &["main"]).code(1);
    assert_snapshot!(refusal(&world, &ended), @r"
    refused: bringing issue 81 onto main
        why: commit [SHORT] is of issue 81, whose receipt is not here
        fix: git orch compact 81 --push
    ");
    world.orch(&["compact", "81", "--push"]).ok();
    push(&world, &world.repo, &["main"]).ok();
    assert_eq!(there(&world, &bare, "main"), world.git(&["rev-parse", "main"]).ok().line());
    // The same when the issue is finished and archived by the time somebody pushes.
    world.sealed("82");
    world.git(&["merge", "-q", "--no-edit", "issue/82"]).ok();
    world.orch(&["archive", "82"]).ok();
    push(&world, &world.repo, &["main"]).code(1);
    world.orch(&["compact", "82", "--push"]).ok();
    push(&world, &world.repo, &["main"]).ok();
    // An archived record takes the place of the open one.
    world.orch(&["archive", "81"]).ok();
    world.orch(&["compact", "81", "--push"]).ok();
    let records = world.git(&["ls-remote", "origin", "refs/git-orch/*"]).ok().stdout;
    assert!(!records.contains("issues/"), "{records}");
}

#[test]
fn people_land_what_belongs_to_no_issue() {
    let (world, _) = walled("");
    unfinished(&world, "81");
    world.write("fix.txt", "a hotfix of a person\n");
    world.commit(&world.repo, "Hotfix");
    push(&world, &world.repo, &["main"]).ok();
    push(&world, &world.repo, &["issue/81:refs/heads/backup", "main:refs/heads/mine"]).ok();
    world.git(&["tag", "v1"]).ok();
    push(&world, &world.repo, &["--tags"]).ok();
    push(&world, &world.repo, &[":backup"]).ok();
}

#[test]
fn a_strict_team_wants_an_answer_of_every_commit() {
    let (world, _) =
        walled("[gate]\nscope = 'strict'\nauthors = ['*[bot]@users.noreply.github.com']\n");
    world.write("a.txt", "a typo of a person\n");
    let before = world.git(&["rev-parse", "HEAD"]).ok().line();
    commit_unseen(&world, "Fix a typo");
    let ended = push(&world, &world.repo, &["main"]).code(1);
    assert_snapshot!(refusal(&world, &ended), @"
    refused: bringing a commit onto main
        why: commit [SHORT] belongs to no issue, and this team lands only issues
        fix: git orch adopt [SHORT] --issue ID && git orch compact ID --push   # the issue that it is to land with
    ");
    world.git(&["reset", "-q", "--soft", &before]).ok();
    world.git(&["commit", "-qm", "Fix a typo\n\nOrch-No-Issue: a typo in a comment"]).ok();
    push(&world, &world.repo, &["main"]).ok();
    let bot = "--author=bot <dependabot[bot]@users.noreply.github.com>";
    world.git(&["commit", "-q", "--allow-empty", "-m", "Bump", bot]).ok();
    push(&world, &world.repo, &["main"]).ok();
    // A merge that only joins two sides needs no answer of its own, one that adds something does.
    world.git(&["switch", "-q", "-c", "side", "main~1"]).ok();
    world.git(&["commit", "-q", "--allow-empty", "-m", "Side\n\nOrch-No-Issue: a side"]).ok();
    world.git(&["switch", "-q", "main"]).ok();
    world.git(&["merge", "-q", "--no-ff", "-m", "Join", "side"]).ok();
    push(&world, &world.repo, &["main"]).ok();
    world.git(&["switch", "-q", "side"]).ok();
    world.git(&["commit", "-q", "--allow-empty", "-m", "Side\n\nOrch-No-Issue: a side"]).ok();
    world.git(&["switch", "-q", "main"]).ok();
    world.git(&["merge", "-q", "--no-ff", "--no-commit", "side"]).ok();
    world.write("evil.txt", "what neither side had\n");
    commit_unseen(&world, "Join and more");
    push(&world, &world.repo, &["main"]).code(1);
}

#[test]
fn the_server_may_be_stricter_than_the_team() {
    let world = World::ready();
    let bare = origin(&world);
    world.orch(&["init", "--strict", "--server", bare.to_str().expect("text")]).ok();
    world.git(&["commit", "-q", "--allow-empty", "-m", "Mine"]).ok();
    // Nothing is changed by it, so there is nothing to answer for.
    push(&world, &world.repo, &["main"]).ok();
    world.write("a.txt", "a change of a person\n");
    world.commit(&world.repo, "Change");
    push(&world, &world.repo, &["main"]).code(1);
}

#[test]
fn forged_receipts_open_nothing() {
    let (world, _) = walled("[receipt]\ncarrier = 'tree'\n");
    let issue = unfinished(&world, "81");
    world.sealed("82");
    let other = world.git(&["show", "issue/82:.orchestration/receipts/82.xml"]).ok().stdout;
    let refused = |name: &str, text: &str| {
        world.write_in(&issue, ".orchestration/receipts/81.xml", text);
        world.commit(&issue, "Carry a receipt");
        let ended = push(&world, &issue, &["HEAD:main"]);
        assert_eq!(ended.code, 1, "{name}: {}", ended.stderr);
        refusal(&world, &ended)
    };
    assert_snapshot!(refused("an empty one", ""), @r"
    refused: bringing issue 81 onto main
        why: the receipt of issue 81 cannot be used: line 1, column 1: the file is empty
        fix: git orch compact 81
    ");
    assert_snapshot!(refused("another's", &other), @r"
    refused: bringing issue 81 onto main
        why: the receipt of issue 81 cannot be used: it is that of issue 82
        fix: git orch compact 81
    ");
    let renamed = other.replace("issue=\"82\"", "issue=\"81\"");
    assert_snapshot!(refused("another's under its name", &renamed), @"
    refused: bringing issue 81 onto main
        why: the receipt of issue 81 does not cover commit [SHORT]
        fix: git orch adopt [SHORT] --issue 81 && git orch compact 81
    ");
}

#[test]
fn a_receipt_does_not_cover_what_came_after_it() {
    for policy in ["", "[receipt]\ncarrier = 'tree'\n"] {
        let (world, _) = walled(policy);
        let worktree = world.sealed("81");
        world.orch(&["compact", "81", "--push"]).ok();
        world.write_in(&worktree, "more.txt", "more of the work, after it was sealed\n");
        world.commit(&worktree, "More");
        let ended = push(&world, &worktree, &["HEAD:main"]).code(1);
        let said = refusal(&world, &ended);
        assert!(said.contains("the receipt of issue 81 does not cover commit"), "{said}");
        push(&world, &worktree, &["HEAD~1:main"]).ok();
    }
}

#[test]
fn a_record_may_only_grow() {
    let (world, bare) = walled("");
    world.sealed("81");
    world.orch(&["compact", "81", "--push"]).ok();
    let record = "refs/git-orch/issues/81";
    let before = there(&world, &bare, record);
    let older = format!("+{record}~1:{record}");
    let ended = push(&world, &world.repo, &[&older]).code(1);
    assert_snapshot!(refusal(&world, &ended), @"
    refused: moving refs/git-orch/issues/81 away from [SHORT]
        why: the record of an issue may only grow: states of it would be lost here
        fix: git fetch origin refs/git-orch/issues/81   # what stands there counts; git log FETCH_HEAD
    ");
    push(&world, &world.repo, &[&format!(":{record}")]).code(1);
    assert_eq!(there(&world, &bare, record), before);
}

#[test]
fn a_replacement_of_protected_history_stays_out() {
    let (world, _) = walled("");
    let tip = world.git(&["rev-parse", "main"]).ok().line();
    world.git(&["commit", "-q", "--allow-empty", "-m", "Other"]).ok();
    let ended = push(&world, &world.repo, &[&format!("main:refs/replace/{tip}")]).code(1);
    assert!(ended.stderr.contains("refused: showing another object"), "{}", ended.stderr);
}

#[test]
fn the_policy_is_that_of_the_server_before_the_push() {
    let (world, bare) = walled("");
    let issue = unfinished(&world, "81");
    world.write_in(&issue, ".orchestration/config.toml", "[gate]\nprotected = ['none']\n");
    world.commit(&issue, "Loosen");
    push(&world, &issue, &["HEAD:main"]).code(1);
    // A policy that cannot be read lets in its repair and nothing else.
    configure(&world, "[gate]\nscope = 'perhaps'\n");
    push(&world, &world.repo, &["main"]).ok();
    world.write("a.txt", "a change of a person\n");
    let commit = "git add -A && git -c core.hooksPath=/dev/null commit -qm Change";
    world.sh(&world.repo, commit).ok();
    let ended = push(&world, &world.repo, &["main"]).code(1);
    let said = refusal(&world, &ended);
    assert!(said.contains("why: the policy cannot be read, so only its repair may land"), "{said}");
    configure(&world, "[gate]\nscope = 'issues'\n");
    push(&world, &world.repo, &["main"]).ok();
    assert_eq!(there(&world, &bare, "main"), world.git(&["rev-parse", "main"]).ok().line());
}

#[test]
fn without_its_program_it_keeps_protected_branches_as_they_are() {
    let (world, bare) = walled("");
    let hook = bare.join("hooks/pre-receive");
    let text = std::fs::read_to_string(&hook).expect("hook");
    let gone = text.replace(&crate::harness::binary(), "/nowhere/git-orch");
    world.write_in(&bare, "hooks/pre-receive", &gone);
    world.write("a.txt", "a change of a person\n");
    world.commit(&world.repo, "Change");
    // PATH as a server may have it: git and nothing of ours.
    let run = |refs: &str| {
        world
            .command(&world.repo, "git")
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .args(OFF)
            .args(["origin", refs])
            .output()
            .expect("git")
    };
    let ended = run("main");
    assert_eq!(ended.status.code(), Some(1));
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(said.contains("remote: refused: pushing to main"), "{said}");
    assert_eq!(run("main:refs/heads/mine").status.code(), Some(0));
}

#[test]
fn work_that_names_no_issue_is_known_by_its_record() {
    let (world, _) = walled("[push]\nissue_branches = 'any'\n");
    let issue = unfinished(&world, "81");
    let text: String = (0..12).map(|n| format!("let part_{n} = work_of_81(part_{n});\n")).collect();
    world.write_in(&issue, "large.txt", &text);
    world.commit(&issue, "Do the larger part of 81");
    let record = "refs/git-orch/issues/81:refs/git-orch/issues/81";
    push(&world, &world.repo, &["issue/81", record]).ok();
    world.write("copy.txt", &text);
    world.git(&["add", "copy.txt"]).ok();
    world.git(&["-c", "core.hooksPath=/dev/null", "commit", "-qm", "My own idea"]).ok();
    let ended = push(&world, &world.repo, &["main"]).code(1);
    assert_snapshot!(refusal(&world, &ended), @"
    refused: bringing issue 81 onto main
        why: issue 81 is in EXECUTE, compaction is missing; commit [SHORT] brings most of the lines it added
        fix: git orch compact 81 --push
    ");
}

#[test]
fn a_server_is_no_place_for_work() {
    let (world, bare) = walled("");
    let told = world.orch_in(&bare, &["doctor"]).ok();
    assert!(told.stdout.contains("lands on   main"), "{}", told.stdout);
    world.orch_in(&bare, &["uninit"]).code(1);
    let ended = world.orch_in(&bare, &["init"]).code(1);
    assert_snapshot!(refusal(&world, &ended), @r"
    refused: setting up or taking out hooks in [TOP]/origin.git
        why: it is a server with the wall, and nobody works in it
        fix: git orch uninit --server [TOP]/origin.git
    ");
    world.write_in(&bare, "hooks/pre-receive", "#!/bin/sh\n");
    let told = world.orch_in(&bare, &["doctor"]).code(4);
    assert!(told.stdout.contains("the wall of this server does not stand"), "{}", told.stdout);
    let fix = format!("git orch init --server {}", bare.display());
    world.sh(&world.root(), &fix).ok();
    world.orch_in(&bare, &["doctor"]).ok();
}

#[test]
fn a_commit_of_two_issues_answers_to_both() {
    let (world, _) = walled("[push]\nissue_branches = 'any'\n");
    world.sealed("81");
    unfinished(&world, "82");
    let squash = "for i in 81 82; do git -c core.hooksPath=/dev/null merge -q --squash issue/$i; done; \
        git -c core.hooksPath=/dev/null commit -qm \"$(printf 'Both\\n\\nOrch-Issue: 81\\nOrch-Issue: 82\\n')\"";
    world.sh(&world.repo, squash).ok();
    world.orch(&["compact", "81", "--push"]).ok();
    let ended = push(&world, &world.repo, &["main", "issue/81"]).code(1);
    assert_snapshot!(refusal(&world, &ended), @r"
    refused: bringing issue 82 onto main
        why: commit [SHORT] is of issue 82, whose receipt is not here
        fix: git orch compact 82 --push
    ");
}

#[test]
fn two_issues_squashed_into_one_commit_are_covered_together() {
    let (world, _) = walled("");
    world.sealed("81");
    world.sealed("82");
    let squash = "git merge -q --squash issue/81 && git merge -q --squash issue/82; \
        git commit -qm \"$(printf 'Both\\n\\nOrch-Issue: 81\\nOrch-Issue: 82\\n')\"";
    world.sh(&world.repo, squash).ok();
    world.orch(&["compact", "81", "--push"]).ok();
    world.orch(&["compact", "82", "--push"]).ok();
    // The branches are there, as they are with a forge: what the issues change can be told.
    push(&world, &world.repo, &["issue/81", "issue/82"]).ok();
    push(&world, &world.repo, &["main"]).ok();
}
