//! What the wall of a server prints to whoever pushes with hooks switched off: each reason in each
//! shape, its remedy followed in the repository that it is pushed from.

use super::table::{End, Row, World, configure, origin, row};
use crate::harness::receipts::{expire, key};

const TREE: &str = "[receipt]\ncarrier = 'tree'\n";

fn walled(world: &World, policy: &str) {
    if !policy.is_empty() {
        configure(world, policy);
    }
    let bare = origin(world);
    world.orch(&["init", "--server", bare.to_str().expect("text")]).ok();
}

fn work(world: &World) {
    let worktree = world.in_execute("81");
    let text: String = (0..12).map(|n| format!("let part_{n} = work_of_81(part_{n});\n")).collect();
    world.write_in(&worktree, "large.txt", &text);
    world.commit(&worktree, "Do the work of 81");
}

fn unfinished(world: &World) {
    walled(world, "");
    work(world);
}

fn unfinished_in_the_tree(world: &World) {
    walled(world, TREE);
    work(world);
}

fn sealed(world: &World) {
    walled(world, "");
    world.sealed("81");
}

fn known_there(world: &World) {
    walled(world, "[push]\nissue_branches = 'any'\n");
    work(world);
    let record = "refs/git-orch/issues/81:refs/git-orch/issues/81";
    world.git(&["push", "-q", "origin", "issue/81", record]).ok();
    let copy = "cp ../repo.worktrees/81/large.txt copy.txt && git add copy.txt && \
        git -c core.hooksPath= commit -qm 'My own idea'";
    world.sh(&world.repo, copy).ok();
}

fn more(world: &World) {
    let worktree = world.sealed("81");
    world.orch(&["compact", "81", "--push"]).ok();
    world.write_in(&worktree, "more.txt", "more of the work, after it was sealed\n");
    world.commit(&worktree, "More");
}

fn more_after_the_seal(world: &World) {
    walled(world, "");
    more(world);
}

fn more_after_the_seal_in_the_tree(world: &World) {
    walled(world, TREE);
    more(world);
}

fn squashed_with_a_conflict(world: &World) {
    walled(world, "");
    world.sealed("81");
    world.orch(&["compact", "81", "--push"]).ok();
    let squash = "echo 'another line here' >work-81.txt && git add . && git commit -qm Own && \
        { git merge -q --squash issue/81 || echo 'both of the two, settled by hand' >work-81.txt; } && \
        git add . && git -c core.hooksPath= commit -qm \"$(printf 'Land\n\nOrch-Issue: 81\n')\"";
    world.sh(&world.repo, squash).ok();
}

fn unsigned(world: &World) {
    walled(world, "");
    world.sealed("81");
    world.orch(&["compact", "81", "--push"]).ok();
    let signer = key(world, "id_ed25519");
    configure(world, &format!("[receipt]\nsigned = true\nsigners = ['{signer}']\n"));
    world.git(&["push", "-q", "origin", "main"]).ok();
    world.sh(&world.repo, "git -c core.hooksPath= merge -q --no-edit issue/81").ok();
}

fn waived_long_ago(world: &World) {
    walled(world, "[waive]\nby = 'anyone'\nhours = 1\n");
    world.validated("81");
    world.orch(&["waive", "81", "--reason", "the shop is down and people wait"]).ok();
    expire(world);
    let record = "refs/git-orch/issues/81:refs/git-orch/issues/81";
    world.git(&["push", "-q", "origin", record]).ok();
}

fn forged(world: &World) {
    unfinished_in_the_tree(world);
    let worktree = world.worktree("81");
    world.write_in(&worktree, ".orchestration/receipts/81.xml", "");
    world.sh(&worktree, "git add -A && git commit -qm 'Carry a receipt'").ok();
}

fn strict(world: &World) {
    walled(world, "[gate]\nscope = 'strict'\n");
    let own = "for n in 1 2; do echo $n >own-$n.txt && git add . && \
        git -c core.hooksPath= commit -qm \"Own $n\"; done";
    world.sh(&world.repo, own).ok();
}

fn recorded(world: &World) {
    sealed(world);
    world.orch(&["compact", "81", "--push"]).ok();
}

fn another(world: &World) {
    walled(world, "");
    world.sh(&world.repo, "git -c core.hooksPath= commit -q --allow-empty -m Other").ok();
}

fn unreadable(world: &World) {
    walled(world, "");
    configure(world, "[gate]\nscope = 'perhaps'\n");
    world.sh(&world.repo, "git -c core.hooksPath= push -q origin main").ok();
    let editor = "#!/bin/sh\nsed -i s/perhaps/issues/ \"$1\"\n";
    world.write_in(&world.root(), "mend.sh", editor);
    world.write("own.txt", "a change of a person\n");
    let script = "chmod +x ../mend.sh && git add own.txt && git -c core.hooksPath= commit -qm Own";
    world.sh(&world.repo, script).ok();
}

fn broken(world: &World) {
    known_there(world);
    // Where git-orch keeps its notes on the server there is something else.
    world.sh(&world.repo, "cd ../origin.git/git-orch && rm -rf births && echo x >births").ok();
}

const PUSH: &str = "git -c \"$OFF\" push -q origin issue/81:main";
const PUSH_MAIN: &str = "git -c \"$OFF\" push -q origin main";

/// What the wall refuses.
pub const ROWS: &[Row] = &[
    row("uncompacted", sealed, PUSH, End::Passes),
    row("uncompacted", unfinished, PUSH, End::Passes),
    row("uncompacted", unfinished_in_the_tree, PUSH, End::Passes),
    row("uncompacted", known_there, PUSH_MAIN, End::Passes),
    row("stale", more_after_the_seal, PUSH, End::Passes),
    row("stale", more_after_the_seal_in_the_tree, PUSH, End::Passes),
    row("stale", squashed_with_a_conflict, PUSH_MAIN, End::Passes),
    row("unsigned", unsigned, PUSH_MAIN, End::Passes),
    row("waiver-expired", waived_long_ago, PUSH, End::Passes),
    row("receipt-unusable", forged, PUSH, End::Passes),
    row(
        "record",
        sealed,
        "git -c \"$OFF\" push -q origin main:refs/git-orch/issues/81",
        End::Instead("git ls-remote origin | grep refs/git-orch/issues/81"),
    ),
    row("no-issue", strict, PUSH_MAIN, End::Passes),
    row(
        "record-rewritten",
        recorded,
        "git -c \"$OFF\" push -q origin +refs/git-orch/issues/81~1:refs/git-orch/issues/81",
        End::Instead("git log --oneline FETCH_HEAD"),
    ),
    row(
        "record-rewritten",
        recorded,
        "git -c \"$OFF\" push -q origin :refs/git-orch/issues/81",
        End::Instead("git log --oneline FETCH_HEAD"),
    ),
    row(
        "replacement",
        another,
        "git -c \"$OFF\" push -q origin main:refs/replace/$(git rev-parse main~1)",
        End::Instead("git orch show 90"),
    ),
    row("policy-unreadable", unreadable, PUSH_MAIN, End::Passes),
    row("unjudged", broken, PUSH_MAIN, End::Passes),
];
