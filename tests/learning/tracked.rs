//! `archive.tracked`: what an issue did and learned lands with its work.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use crate::harness::{World, binary};
use crate::scene::data;

const FOLDER: &str = ".orchestration/archived-sessions/81";
const REASON: &str = "the change was mechanical and met no surprise";

fn ready() -> World {
    let world = World::ready();
    world.write(".orchestration/config.toml", "[archive]\ntracked = true\n");
    world.commit(&world.repo, "Track archives");
    world
}

/// An issue whose checks passed and which said what it learned.
fn spoken(world: &World) -> PathBuf {
    let worktree = world.validated("81");
    world.orch(&["learn", "none", "81", "--reason", REASON]).ok();
    worktree
}

/// The commits of the branch, the oldest first, each with the folders it touches.
fn subjects(world: &World) -> Vec<String> {
    let log = world.git(&["log", "--format=%s", "--reverse", "main..issue/81"]).ok().stdout;
    log.lines().map(str::to_owned).collect()
}

fn clean(world: &World, folder: &Path) {
    let status = world.git_in(folder, &["status", "--porcelain"]).ok().stdout;
    assert_eq!(status, "");
}

#[test]
fn the_readable_part_is_covered_by_the_receipt_and_lands_with_the_work() {
    let world = ready();
    let worktree = spoken(&world);
    world.orch(&["compact", "81"]).ok();
    assert_eq!(subjects(&world), ["Do the work of 81", "Keep what issue 81 did and learned"]);
    let tip = world.git(&["rev-parse", "issue/81"]).ok().line();
    world.orch(&["compact", "81"]).ok();
    world.orch(&["validate", "81"]).ok();
    assert_eq!(world.git(&["rev-parse", "issue/81"]).ok().line(), tip, "once is enough");
    clean(&world, &worktree);
    let flag = std::fs::read_to_string(worktree.join(".context/compaction-complete.flag"));
    assert!(flag.expect("the flag").contains(&tip), "the receipt is sealed to what lands");
    let receipt = world.git(&["show", "refs/git-orch/issues/81:receipt.xml"]).ok().stdout;
    assert!(receipt.contains(&tip), "{receipt}");
    let changed = world.git(&["show", "--format=", "--name-only", "issue/81"]).ok().stdout;
    let names: Vec<&str> =
        changed.lines().filter_map(|path| path.strip_prefix(FOLDER)?.strip_prefix('/')).collect();
    assert_eq!(
        names,
        ["commits.txt", "conflicts.txt", "diffstat.txt", "learnings.xml", "spec.md", "summary.md"],
        "and nothing of the work\n{changed}"
    );
    let shown = data(&world.orch(&["show", "81", "--json"]).ok());
    assert_eq!(shown["phase"], "complete");

    world.git(&["merge", "-q", "--no-edit", "issue/81"]).ok();
    clean(&world, &world.repo);
    let folder = PathBuf::from(world.orch(&["archive", "81"]).ok().line());
    clean(&world, &world.repo);
    world.orch(&["archive", "verify", "81"]).ok();
    assert!(folder.join("receipt.xml").exists() && folder.join("session-log.xml").exists());
    let summary = world.git(&["show", &format!("main:{FOLDER}/summary.md")]).ok().stdout;
    assert!(summary.contains("Do the work") || summary.contains("## Phases"), "{summary}");
    assert!(summary.contains(REASON), "{summary}");

    let purged = data(&world.orch(&["archive", "purge", "81", "--yes", "--json"]).ok());
    clean(&world, &world.repo);
    assert!(!folder.join("receipt.xml").exists() && folder.join("summary.md").exists());
    let remains = purged["remains"].as_array().expect("list").clone();
    let remedy = remains
        .iter()
        .find_map(|line| Some(line.as_str()?.split_once("committed with its work: ")?.1));
    // Out of what git tracks first, where it is not lost before it is committed; then for good.
    world.sh(&world.repo, remedy.expect("a command")).ok();
    assert!(folder.join("summary.md").exists());
    world.git(&["commit", "-qm", "Let the archive of 81 go"]).ok();
    world.orch(&["archive", "purge", "81", "--yes"]).ok();
    assert!(!folder.exists());
}

#[test]
fn without_the_setting_nothing_is_committed() {
    let world = World::ready();
    spoken(&world);
    world.orch(&["compact", "81"]).ok();
    assert_eq!(subjects(&world), ["Do the work of 81"]);
}

#[test]
fn killed_anywhere_the_same_command_goes_on() {
    let world = ready();
    let worktree = spoken(&world);
    for after in [4, 9, 16, 26, 40, 60] {
        let mut command = world.command(&world.repo, &binary());
        command.args(["compact", "81"]).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("git-orch");
        std::thread::sleep(Duration::from_millis(after));
        let _ = child.kill();
        child.wait().expect("ended");
    }
    world.orch(&["compact", "81"]).ok();
    clean(&world, &worktree);
    assert_eq!(subjects(&world), ["Do the work of 81", "Keep what issue 81 did and learned"]);
    world.git(&["merge", "-q", "--no-edit", "issue/81"]).ok();
}

#[test]
fn later_work_is_checked_and_kept_anew_also_after_a_restore() {
    let world = ready();
    let worktree = spoken(&world);
    world.orch(&["compact", "81"]).ok();
    world.write_in(&worktree, "more.txt", "an afterthought that was forgotten at first\n");
    world.commit(&worktree, "Add what was forgotten");
    assert_ne!(world.git(&["merge", "--no-edit", "issue/81"]).code, 0, "it is not covered");
    // A commit that only looks like an archive hides no change of the work.
    let hidden = format!("{FOLDER}/summary.md");
    world.write_in(&worktree, &hidden, "by hand\n");
    std::fs::remove_file(worktree.join("more.txt")).expect("removed");
    world.git_in(&worktree, &["add", "-f", &hidden]).ok();
    world.commit(&worktree, "Take it out again behind an archive");
    world.orch(&["compact", "81"]).code(1);
    world.orch(&["validate", "81"]).ok();
    world.orch(&["compact", "81"]).ok();
    world.orch(&["land", "81"]).ok();
    let summary = world.git(&["show", &format!("main:{FOLDER}/summary.md")]).ok().stdout;
    assert!(summary.contains("# 81: "), "{summary}");
    world.orch(&["archive", "81"]).ok();
    clean(&world, &world.repo);
    world.orch(&["archive", "verify", "81"]).ok();

    let worktree = PathBuf::from(world.orch(&["archive", "restore", "81"]).ok().line());
    world.write_in(&worktree, "again.txt", "one more thing that came to mind later\n");
    world.commit(&worktree, "Add one more thing");
    world.orch(&["validate", "81"]).ok();
    world.orch(&["compact", "81"]).ok();
    world.orch(&["land", "81"]).ok();
    world.orch(&["archive", "81"]).ok();
    clean(&world, &world.repo);
    world.orch(&["archive", "verify", "81"]).ok();
}
