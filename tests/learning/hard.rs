//! The archive under trouble: very many files, no room, two at once, killed anywhere.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use crate::harness::{World, binary};
use crate::scene::{data, fixes};

/// An issue that is sealed and has landed.
fn landed(world: &World, id: &str) -> std::path::PathBuf {
    let worktree = world.sealed(id);
    world.git(&["merge", "-q", "--no-edit", &format!("issue/{id}")]).ok();
    worktree
}

/// The archive is whole, the record is in its place, the worktree is gone.
fn whole(world: &World, worktree: &Path, id: &str) {
    let folder = world.repo.join(".orchestration/archived-sessions").join(id);
    world.sh(&folder, "sha256sum --quiet -c SHA256SUMS").ok();
    let refs = world.git(&["for-each-ref", "--format=%(refname)", "refs/git-orch"]).ok().line();
    assert_eq!(refs, format!("refs/git-orch/archive/{id}"));
    assert!(!worktree.exists());
    world.orch(&["archive", "verify"]).ok();
    world.git(&["fsck", "--connectivity-only"]).ok();
}

#[test]
fn an_issue_of_ten_thousand_files_is_archived() {
    let world = World::ready();
    let worktree = world.in_execute("81");
    let many = "mkdir many && i=0 && while [ $i -lt 10000 ]; do echo \"line of file $i\" > \
                many/f$i.txt; i=$((i+1)); done";
    world.sh(&worktree, many).ok();
    world.commit(&worktree, "Add very many files");
    world.orch(&["next", "81"]).ok();
    world.orch(&["validate", "81"]).ok();
    let reason = "generated files, nothing surprised";
    world.orch(&["learn", "none", "81", "--reason", reason]).ok();
    world.orch(&["compact", "81"]).ok();
    world.git(&["merge", "-q", "--no-edit", "issue/81"]).ok();
    world.orch(&["archive", "81"]).ok();
    whole(&world, &worktree, "81");
    let stat = world.repo.join(".orchestration/archived-sessions/81/diffstat.txt");
    let stat = std::fs::read_to_string(stat).expect("diffstat");
    assert!(stat.contains("10000 files changed"), "{}", &stat[stat.len().saturating_sub(200)..]);
}

#[test]
fn two_at_once_and_twice_come_to_the_same_end() {
    let world = World::ready();
    let worktree = landed(&world, "81");
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| world.orch(&["archive", "81"]).ok());
        }
    });
    whole(&world, &worktree, "81");
    assert!(world.orch(&["archive", "81"]).ok().stderr.contains("was archived"));
}

#[test]
fn without_room_for_its_files_nothing_is_lost_and_later_it_goes_on() {
    let world = World::ready();
    let worktree = landed(&world, "81");
    let before = world.git(&["for-each-ref"]).ok().stdout;
    // A limit on the size of files stands for a full disk: writing fails, nothing is killed. With
    // the larger ones it fails in the middle of the archive.
    for blocks in [0, 1, 2, 3] {
        let line = format!("trap '' XFSZ; ulimit -f {blocks}; {} archive 81", binary());
        let failed = world.sh(&world.repo, &line);
        assert_ne!(failed.code, 0, "{blocks}: {}", failed.stdout);
        assert!(worktree.join(".context/session-log.xml").exists(), "{blocks}");
        assert_eq!(world.git(&["for-each-ref"]).ok().stdout, before, "{blocks}: {}", failed.stderr);
    }
    world.orch(&["archive", "81"]).ok();
    whole(&world, &worktree, "81");
}

#[test]
fn killed_anywhere_it_goes_on_from_there() {
    for after in [3, 8, 15, 25, 40, 60] {
        let world = World::ready();
        let worktree = landed(&world, "81");
        let mut command = world.command(&world.repo, &binary());
        command.args(["archive", "81"]).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("git-orch");
        std::thread::sleep(Duration::from_millis(after));
        let _ = child.kill();
        child.wait().expect("ended");
        world.orch(&["archive", "81"]).ok();
        whole(&world, &worktree, "81");
        assert_eq!(data(&world.orch(&["archive", "list", "--json"]).ok())[0]["issue"], "81");
    }
}

#[test]
fn a_dirty_worktree_stays_and_the_remedy_works() {
    let world = World::ready();
    let worktree = landed(&world, "81");
    world.write_in(&worktree, "late.txt", "an afterthought\n");
    let refused = world.orch(&["archive", "--all-finished"]).code(5);
    assert!(refused.stderr.contains("late.txt"), "{}", refused.stderr);
    assert!(worktree.join("late.txt").exists());
    world.sh(&world.repo, &format!("{} -m late", fixes(&refused)[0])).ok();
    assert_eq!(world.git_in(&worktree, &["status", "--porcelain"]).ok().stdout, "");
}
