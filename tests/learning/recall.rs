//! Finding again: by words, by an error, by files; and an index that is never in the way.

use std::path::PathBuf;

use insta::assert_snapshot;

use crate::harness::World;
use crate::scene::data;

/// An archived issue that learned these things: kind, when, error, path, lesson.
fn taught(world: &World, id: &str, things: &[[&str; 5]]) {
    world.validated(id);
    let file = format!("work-{id}.txt");
    for [kind, when, error, path, lesson] in things {
        let mut args = vec!["learn", "add", id, "--kind", kind, "--lesson", lesson];
        args.extend(["--evidence", &file, "--when", when]);
        for (option, value) in [("--error", error), ("--path", path)] {
            if !value.is_empty() {
                args.extend([option, value]);
            }
        }
        world.orch(&args).ok();
    }
    world.orch(&["compact", id]).ok();
    world.git(&["merge", "-q", "--no-edit", &format!("issue/{id}")]).ok();
    world.orch(&["archive", id]).ok();
}

fn stocked() -> World {
    let world = World::ready();
    taught(
        &world,
        "81",
        &[
            [
                "error-pattern",
                "linking with a second copy of zlib",
                "error: symbol 'inflate' multiply defined in libz.a(inflate.o) at 0x7f00de12",
                "build.rs",
                "Set ZLIB_STATIC to 0; the vendored copy is linked by the crate already.",
            ],
            [
                "decision",
                "cache invalidation",
                "",
                "src/cache/",
                "Entries are dropped by generation and not by time, since clocks of build hosts differ.",
            ],
        ],
    );
    taught(
        &world,
        "82",
        &[[
            "dead-end",
            "speeding up start-up",
            "",
            "src/main.rs",
            "Lazy loading of plugins was tried; every command loads all of them anyway.",
        ]],
    );
    world
}

fn ids(world: &World, args: &[&str]) -> Vec<String> {
    let found = data(&world.orch(&[&["recall", "--json"], args].concat()).ok());
    let hits = found["hits"].as_array().expect("hits").clone();
    hits.iter().filter_map(|hit| hit["id"].as_str().map(str::to_owned)).collect()
}

fn index(world: &World) -> PathBuf {
    world.repo.join(".git/git-orch/recall/recall.db")
}

#[test]
fn what_was_learned_is_found_by_words_errors_files_and_kind() {
    let world = stocked();
    assert_eq!(ids(&world, &["invalidate the cache"]), ["81.2"]);
    assert_eq!(ids(&world, &["plugins", "loading", "start"]), ["82.1"]);
    assert_eq!(ids(&world, &["--files", "src/cache/entry.rs"]), ["81.2"]);
    assert_eq!(ids(&world, &["--files", "src/main.rs", "--kind", "decision"]), [""; 0]);
    // Another address, another folder: the same error.
    let error =
        "error: symbol 'inflate' multiply defined in /tmp/x/libz.a(inflate.o) at 0x1200aa99";
    let found = data(&world.orch(&["recall", "--json", "--error", error]).ok());
    assert_eq!(
        (&found["hits"][0]["id"], &found["hits"][0]["exact"]),
        (&"81.1".into(), &true.into())
    );
    assert_eq!(ids(&world, &["--error", "symbol multiply defined"]), ["81.1"], "else by its words");
    world.orch(&["recall"]).code(2);
    assert_eq!(world.orch(&["recall", "\" OR NEAR( *"]).ok().stdout, "", "nothing is an operator");
    let said = world.orch(&["recall", "cache", "invalidation"]).ok().stdout;
    let dated = regex::Regex::new(r"\d{4}-\d\d-\d\d").expect("a pattern");
    assert_snapshot!(dated.replace_all(said.trim_end(), "[DAY]"), @"
    81.2 decision, proposed, [DAY]
      cache invalidation, src/cache/
      Entries are dropped by generation and not by time, since clocks of build hosts differ.
    ");
}

#[test]
fn a_finished_issue_is_found_by_what_it_was_about() {
    let world = World::ready();
    world.orch(&["new-issue", "81", "--title", "Rotate the signing keys", "--yes"]).ok();
    world.orch(&["abandon", "81", "--reason", "the vendor does it now"]).ok();
    let found = data(&world.orch(&["recall", "signing", "keys", "--json"]).ok());
    assert_eq!(found["hits"][0]["issue"], "81");
    assert_eq!(found["hits"][0]["ended"], "abandoned: the vendor does it now");
}

#[test]
fn the_index_is_made_again_when_it_is_gone_old_or_damaged() {
    let world = stocked();
    let right = vec!["81.2".to_owned()];
    let ask = || ids(&world, &["invalidate the cache"]);
    assert_eq!(ask(), right);
    let whole = std::fs::read(index(&world)).expect("the index");
    std::fs::remove_file(index(&world)).expect("removed");
    assert_eq!(ask(), right, "gone");
    for (what, bytes) in [
        ("no database", b"not a database at all, but long enough to be looked at".to_vec()),
        ("empty", Vec::new()),
        ("cut off", whole[..whole.len() / 2].to_vec()),
        ("zeroes inside", [&whole[..4096], &vec![0; whole.len() - 4096][..]].concat()),
    ] {
        std::fs::write(index(&world), bytes).expect("damaged");
        assert_eq!(ask(), right, "{what}");
    }
    // One that cannot be written is no reason for no answer.
    std::fs::remove_file(index(&world)).expect("removed");
    std::fs::create_dir(index(&world)).expect("a folder in its place");
    assert_eq!(ask(), right, "a folder stands there");
}

#[test]
fn many_at_once_get_the_answer_while_issues_come_and_go() {
    let world = stocked();
    let _ = std::fs::remove_file(index(&world));
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                for _ in 0..4 {
                    assert_eq!(ids(&world, &["invalidate the cache"]), ["81.2"]);
                }
            });
        }
        for reader in 0..3 {
            let world = &world;
            scope.spawn(move || {
                let issue = format!("9{reader}");
                world.orch(&["learn", "confirm", "81.2", "--issue", &issue]).ok();
            });
        }
        scope.spawn(|| {
            world.orch(&["new-issue", "84", "--title", "Another thing", "--yes"]).ok();
            world.orch(&["abandon", "84", "--reason", "it is not needed"]).ok();
        });
    });
    let found = data(&world.orch(&["recall", "invalidate the cache", "--json"]).ok());
    assert_eq!(found["hits"][0]["confirmed"], 3, "three at once, and none was lost");
    assert_eq!(found["sessions"], 3);
}
