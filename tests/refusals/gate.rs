//! What the hooks print: each reason in each shape, its remedy followed in the state it is printed
//! in. Every way that is refused by the first reason alone is followed in `tests/hooks/routes.rs`.

use super::table::{End, Row, World, configure, origin, row};
use crate::harness::receipts::{expire, key};

const DIRECT: &str = "[gate]\ndirect = 'refuse'\n";

fn working(world: &World) {
    let worktree = world.in_execute("81");
    let text: String = (0..12).map(|n| format!("let part_{n} = work_of_81(part_{n});\n")).collect();
    world.write_in(&worktree, "large.txt", &text);
    world.commit(&worktree, "Do the work of 81");
}

fn two_working(world: &World) {
    working(world);
    let worktree = world.in_execute("82");
    world.write_in(&worktree, "other.txt", "the work of 82\nand some more of it\n");
    world.commit(&worktree, "Do the work of 82");
}

fn more_after_the_seal(world: &World) {
    let worktree = world.sealed("81");
    world.write_in(&worktree, "more.txt", "what came after the receipt was sealed\n");
    world.commit(&worktree, "More");
}

fn amended_after_the_seal(world: &World) {
    let worktree = world.sealed("81");
    world.write_in(&worktree, "more.txt", "what came after the receipt was sealed\n");
    world.sh(&worktree, "git add -A && git commit -q --amend --no-edit").ok();
}

fn damaged(world: &World) {
    working(world);
    world.sh(&world.repo, "git -c core.hooksPath= update-ref refs/git-orch/issues/81 main").ok();
}

fn waived_long_ago(world: &World) {
    configure(world, "[waive]\nby = 'anyone'\nhours = 1\n");
    world.validated("81");
    world.orch(&["waive", "81", "--reason", "the shop is down and people wait"]).ok();
    expire(world);
}

fn sealed_before_the_team_signed(world: &World) {
    world.sealed("81");
    let signer = key(world, "id_ed25519");
    configure(world, &format!("[receipt]\nsigned = true\nsigners = ['{signer}']\n"));
}

fn only_issues(world: &World) {
    configure(world, DIRECT);
    world.write("own.txt", "a change of a person\n");
    world.git(&["add", "own.txt"]).ok();
}

fn strict(world: &World) {
    configure(world, "[gate]\nscope = 'strict'\n");
    world.write("own.txt", "a change of a person\n");
    world.git(&["add", "own.txt"]).ok();
}

fn somebodys_branch(world: &World) {
    configure(world, DIRECT);
    let script = "git switch -q -c human && for n in 1 2 3; do echo $n >own-$n.txt && git add . && \
        git commit -qm \"Own $n\"; done && git switch -q main";
    world.sh(&world.repo, script).ok();
}

fn committed_and_never_pushed(world: &World) {
    origin(world);
    let script =
        "for n in 1 2; do echo $n >own-$n.txt && git add . && git commit -qm \"Own $n\"; done";
    world.sh(&world.repo, script).ok();
    configure(world, "[gate]\ndirect = 'refuse'\nauthors = []\n");
}

fn on_no_branch(world: &World) {
    working(world);
    let script = "git -C ../repo.worktrees/81 checkout -q --detach";
    world.sh(&world.repo, script).ok();
}

fn damaged_on_no_branch(world: &World) {
    damaged(world);
    world.sh(&world.repo, "git -C ../repo.worktrees/81 checkout -q --detach").ok();
}

fn elsewhere(world: &World) {
    working(world);
    world.git(&["switch", "-q", "-c", "elsewhere"]).ok();
}

fn main_in_another_worktree(world: &World) {
    elsewhere(world);
    world.sh(&world.repo, "git worktree add -q ../landing main").ok();
}

fn unreadable(world: &World) {
    configure(world, "[gate]\nprotected = ['main', 'release/*']\n");
    world.git(&["branch", "release/1"]).ok();
    configure(world, "[gate]\nprotected = ['main', 'release/*']\ndirect = 'perhaps'\n");
    let editor = "#!/bin/sh\nsed -i s/perhaps/pass/ \"$1\"\n";
    world.write_in(&world.root(), "mend.sh", editor);
    world.sh(&world.root(), "chmod +x mend.sh").ok();
    world.write("own.txt", "a change of a person\n");
    world.write("docs/own.txt", "a change of a person\n");
    world.git(&["add", "own.txt", "docs"]).ok();
}

fn unreadable_from_elsewhere(world: &World) {
    unreadable(world);
    world.sh(&world.repo, "git stash -q && git switch -q release/1 && git stash pop -q").ok();
}

fn unreadable_in_another_worktree(world: &World) {
    unreadable_from_elsewhere(world);
    world.sh(&world.repo, "git worktree add -q '../landing place' main").ok();
}

fn with_origin(world: &World) {
    origin(world);
    working(world);
}

fn with_backups(world: &World) {
    configure(world, "[push]\nissue_branches = 'wip'\n");
    origin(world);
    two_working(world);
}

fn landed_unseen(world: &World) {
    with_origin(world);
    world.sh(&world.repo, "git -c core.hooksPath= merge -q issue/81").ok();
}

fn broken(world: &World) {
    origin(world);
    working(world);
    // Where notes of births are kept there is something else.
    world.sh(&world.repo, "rm -rf .git/git-orch/births && echo x >.git/git-orch/births").ok();
}

/// What the hooks refuse.
pub const ROWS: &[Row] = &[
    row("uncompacted", working, "git merge -q issue/81", End::Passes),
    row("uncompacted", working, "git reset -q --hard issue/81", End::Passes),
    row("uncompacted", working, "git cherry-pick issue/81", End::Passes),
    row("uncompacted", two_working, "git merge -q -m Both issue/81 issue/82", End::Passes),
    row("uncompacted", landed_unseen, "git push -q origin main", End::Passes),
    row("uncompacted", with_origin, "git push -q origin issue/81:main", End::Passes),
    row("stale", more_after_the_seal, "git merge -q issue/81", End::Passes),
    row("stale", amended_after_the_seal, "git merge -q issue/81", End::Passes),
    row("damaged", damaged, "git merge -q issue/81", End::Passes),
    row("damaged", damaged, "git cherry-pick issue/81", End::Passes),
    row("waiver-expired", waived_long_ago, "git merge -q issue/81", End::Passes),
    row("unsigned", sealed_before_the_team_signed, "git merge -q --no-edit issue/81", End::Passes),
    row("no-issue", only_issues, "git commit -qm Own", End::Passes),
    row("no-issue", strict, "git commit -qm Own", End::Passes),
    row("no-issue", somebodys_branch, "git merge -q human", End::Passes),
    row("no-issue", somebodys_branch, "git merge -q --no-ff -m Land human", End::Passes),
    row("no-issue", committed_and_never_pushed, "git push -q origin main", End::Passes),
    row(
        "issue-branch",
        on_no_branch,
        "git branch -q -D issue/81",
        End::Instead(
            "! git rev-parse -q --verify refs/heads/issue/81 && git for-each-ref | grep -q salvage",
        ),
    ),
    row(
        "issue-branch",
        on_no_branch,
        "git branch -m issue/81 mine",
        End::Instead("git for-each-ref | grep -q salvage"),
    ),
    row(
        "issue-branch",
        damaged_on_no_branch,
        "git branch -q -D issue/81",
        End::Instead("git orch show 81"),
    ),
    row("record", working, "git update-ref -d refs/git-orch/issues/81", End::Passes),
    row(
        "record",
        damaged,
        "git update-ref refs/git-orch/issues/81 refs/git-orch/issues/81~1 || \
        git update-ref -d refs/git-orch/issues/81",
        End::Instead("git orch show 81"),
    ),
    row(
        "record",
        working,
        "git update-ref refs/git-orch/issues/81 main",
        End::Instead("git orch show 81 | grep VALIDATE"),
    ),
    row(
        "record",
        working,
        "git update-ref refs/git-orch/issues/7 refs/git-orch/issues/81",
        End::Instead("git orch show 7"),
    ),
    row(
        "alias",
        elsewhere,
        "git symbolic-ref refs/heads/main refs/heads/issue/81",
        End::Instead("git merge-base --is-ancestor issue/81 main"),
    ),
    row(
        "alias",
        main_in_another_worktree,
        "git symbolic-ref refs/heads/main refs/heads/issue/81",
        End::Instead("git merge-base --is-ancestor issue/81 main"),
    ),
    row(
        "alias",
        working,
        "git symbolic-ref refs/heads/main refs/heads/issue/81",
        End::Instead("git merge-base --is-ancestor issue/81 main"),
    ),
    row(
        "alias",
        elsewhere,
        "git symbolic-ref refs/heads/main refs/heads/trunk",
        End::Instead("test $(git rev-parse trunk) = $(git rev-parse main)"),
    ),
    row("replacement", working, "git replace main issue/81", End::Instead("git orch show 90")),
    row(
        "replacement",
        working,
        "git replace main:README.md issue/81:large.txt",
        End::Instead("git orch show 90"),
    ),
    row("policy-unreadable", unreadable, "git commit -qm Own", End::Passes),
    row("policy-unreadable", unreadable_from_elsewhere, "git commit -qm Own", End::Passes),
    row(
        "policy-unreadable",
        unreadable_from_elsewhere,
        "cd docs && git commit -qm Own",
        End::Passes,
    ),
    row("policy-unreadable", unreadable_in_another_worktree, "git commit -qm Own", End::Passes),
    row("unjudged", broken, "git merge -q --no-edit issue/81", End::Passes),
    row("unjudged", broken, "git push -q origin issue/81", End::Passes),
    row("unsealed-push", with_origin, "git push -q origin issue/81", End::Passes),
    row("unsealed-push", with_backups, "git push -q origin issue/81 issue/82", End::Passes),
    row(
        "unsealed-push",
        with_backups,
        "git push -q origin issue/82",
        End::Beside("or, as a backup: ", "git ls-remote origin | grep -q refs/heads/wip/82"),
    ),
];
