//! Finished work comes in, however it lands and wherever its receipt travels.

use crate::harness::World;
use crate::scene::{configure, origin, push, there, unfinished, walled};

/// Ways to land finished work.
const LANDINGS: [(&str, &str); 8] = [
    ("land", "git orch land 81"),
    ("fast-forward", "git merge -q --ff-only issue/81"),
    ("merge", "git merge -q --no-ff -m Land issue/81"),
    ("merge after own work", "git commit -q --allow-empty -m Own && git merge -q -m Land issue/81"),
    ("squash", "git merge -q --squash issue/81 && git commit -q --no-edit"),
    (
        "squash onto a base that moved",
        "sed -i 's/^line 9 .*/line 9 of another person/' text.txt && git commit -qam Own && \
         git merge -q --squash issue/81 && git commit -q --no-edit",
    ),
    (
        "cherry-pick",
        "git commit -q --allow-empty -m Own && git cherry-pick main..issue/81 >/dev/null",
    ),
    ("rebase", "git commit -q --allow-empty -m Own && git rebase -q issue/81"),
];

fn finished_work_lands(policy: &str, carried: bool) {
    for (name, script) in LANDINGS {
        let world = World::ready();
        let text: String = (1..30).map(|n| format!("line {n} of the text\n")).collect();
        world.write("text.txt", &text);
        world.commit(&world.repo, "Write");
        if !policy.is_empty() {
            configure(&world, policy);
        }
        let bare = origin(&world);
        world.orch(&["init", "--server", bare.to_str().expect("text")]).ok();
        let worktree = world.in_execute("81");
        world.write_in(&worktree, "text.txt", &text.replace("line 12 of", "the twelfth line of"));
        world.commit(&worktree, "Rewrite the twelfth line");
        world.write_in(&worktree, "new.txt", "a whole new file\nof several lines, all new\n");
        world.commit(&worktree, "Add a file");
        for args in [&["next", "81"][..], &["validate", "81"], &["next", "81"]] {
            world.orch(args).ok();
        }
        let reason = "the change was mechanical and met no surprise";
        world.orch(&["learn", "none", "81", "--reason", reason]).ok();
        world.orch(&["compact", "81"]).ok();
        let ended = world.sh(&world.repo, script);
        assert_eq!(ended.code, 0, "{name}: {}", ended.stderr);
        if !carried {
            world.orch(&["compact", "81", "--push"]).ok();
        }
        // On the server is neither the branch nor, with the tree, any record.
        let ended = world.git(&["push", "-q", "origin", "main"]);
        assert_eq!(ended.code, 0, "{name}: {}", ended.stderr);
        assert_eq!(
            there(&world, &bare, "main"),
            world.git(&["rev-parse", "main"]).ok().line(),
            "{name}"
        );
        world.orch(&["archive", "81"]).ok();
    }
}

#[test]
fn finished_work_lands_with_its_record() {
    finished_work_lands("", false);
}

#[test]
fn finished_work_lands_with_a_receipt_in_the_tree() {
    finished_work_lands("[receipt]\ncarrier = 'tree'\n", true);
}

#[test]
fn compacting_again_carries_what_is_not_carried_yet() {
    let world = World::ready();
    let worktree = world.sealed("81");
    let sealed = world.git_in(&worktree, &["rev-parse", "HEAD"]).ok().line();
    configure(&world, "[receipt]\ncarrier = 'tree'\n");
    world.orch(&["compact", "81"]).ok();
    let parent = world.git_in(&worktree, &["rev-parse", "HEAD~1"]).ok().line();
    assert_eq!(parent, sealed);
    let receipt = world.git(&["show", "issue/81:.orchestration/receipts/81.xml"]).ok().stdout;
    assert_eq!(receipt, world.git(&["show", "refs/git-orch/issues/81:receipt.xml"]).ok().stdout);
    let left = world.git_in(&worktree, &["status", "--porcelain"]).ok().stdout;
    assert_eq!(left, "");
    // Again it is there, and nothing about the issue is stale.
    world.orch(&["compact", "81"]).ok();
    assert_eq!(world.git_in(&worktree, &["rev-parse", "HEAD~1"]).ok().line(), sealed);
    let status = world.orch(&["status"]).ok();
    assert!(!status.stderr.contains("moved after it was sealed"), "{}", status.stderr);
    // Without its worktree the branch still gets it.
    world.sealed("82");
    let receipts = world.git(&["ls-tree", "--name-only", "issue/82", ".orchestration/receipts/"]);
    assert_eq!(receipts.ok().line(), ".orchestration/receipts/82.xml");
}

/// `push.issue_branches` is asked where a push begins: a server cannot tell a receipt that comes
/// later from one that is missing.
#[test]
fn branches_of_issues_are_taken_whatever_the_policy_and_land_nowhere() {
    for policy in ["sealed", "wip", "any"] {
        let (world, bare) = walled(&format!("[push]\nissue_branches = '{policy}'\n"));
        let open = unfinished(&world, "81");
        push(&world, &open, &["issue/81", "HEAD:wip/81", "HEAD:refs/heads/mine"]).ok();
        let before = there(&world, &bare, "main");
        push(&world, &open, &["HEAD:main"]).code(1);
        assert_eq!(there(&world, &bare, "main"), before);
        // Sealed, and pushed by git: the receipt comes after the branch, and before the landing.
        let sealed = world.sealed("82");
        world.git_in(&sealed, &["push", "-q", "origin", "issue/82"]).ok();
        push(&world, &sealed, &["issue/82:main"]).code(1);
        world.orch(&["compact", "82", "--push"]).ok();
        push(&world, &sealed, &["issue/82:main"]).ok();
    }
}
