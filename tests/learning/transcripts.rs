//! What agents printed is kept beside the archive, compressed, where a team wants that.

use crate::harness::World;
use crate::scene::data;

const LOG: &str = ".context/logs/0001-implement.log";

#[test]
fn transcripts_are_kept_here_alone_and_only_when_wanted() {
    let world = World::ready();
    let token = format!("ghp_{}", "a1B2c3".repeat(6));
    let land = |id: &str| {
        let worktree = world.sealed(id);
        let text = format!("the agent thought about {token}\n{}", "and went on\n".repeat(9_000));
        world.write_in(&worktree, LOG, &text);
        std::os::unix::fs::symlink("/etc/hostname", worktree.join(".context/logs/link.log"))
            .expect("a link");
        world.git(&["merge", "-q", "--no-edit", &format!("issue/{id}")]).ok();
        std::path::PathBuf::from(world.orch(&["archive", id]).ok().line())
    };
    let without = land("80");
    assert!(!without.join("transcripts").exists(), "only when configured");
    world.write(".orchestration/config.toml", "[archive]\ntranscripts = true\n");
    world.commit(&world.repo, "Keep transcripts");
    let folder = land("81");
    let kept = std::fs::read_dir(folder.join("transcripts")).expect("kept").count();
    assert_eq!(kept, 1, "no link is followed");
    let packed = folder.join("transcripts/0001-implement.log.gz");
    assert!(packed.metadata().expect("kept").len() < 4_000, "compressed");
    let text = world.sh(&folder, "zcat transcripts/0001-implement.log.gz").ok().stdout;
    assert!(text.starts_with("the agent thought about [redacted: GitHub token]\n"), "{text}");
    let objects = world.git(&["rev-list", "--all", "--objects"]).ok().stdout;
    assert!(!objects.contains("implement.log"), "never in a ref");
    assert_eq!(world.git(&["status", "--porcelain"]).ok().stdout, "");
    let shown = world.orch(&["archive", "show", "81"]).ok();
    assert!(shown.stderr.contains("transcripts/0001-implement.log.gz"), "{}", shown.stderr);
    let files = data(&world.orch(&["archive", "show", "81", "--json"]).ok())["files"].clone();
    let files = files.as_array().expect("files").clone();
    assert!(files.iter().any(|name| name == "transcripts/0001-implement.log.gz"));
    world.orch(&["archive", "verify", "81"]).ok();
    world.orch(&["archive", "purge", "81", "--yes"]).ok();
    assert!(!folder.exists());
}

#[test]
fn of_very_much_the_newest_is_kept_and_the_rest_is_named() {
    let world = World::ready();
    world.write(".orchestration/config.toml", "[archive]\ntranscripts = true\n");
    world.commit(&world.repo, "Keep transcripts");
    let worktree = world.sealed("81");
    let logs = worktree.join(".context/logs");
    std::fs::create_dir_all(&logs).expect("logs");
    std::fs::write(logs.join("0001-implement.log"), vec![b'x'; 9 * 1024 * 1024]).expect("a log");
    std::fs::write(logs.join("0002-validator.log"), "short\n").expect("a log");
    world.git(&["merge", "-q", "--no-edit", "issue/81"]).ok();
    let done = world.orch(&["archive", "81"]).ok();
    assert!(done.stderr.contains("0001-implement.log"), "{}", done.stderr);
    let folder = std::path::PathBuf::from(done.line()).join("transcripts");
    assert!(folder.join("0002-validator.log.gz").exists());
    assert!(!folder.join("0001-implement.log.gz").exists());
}
