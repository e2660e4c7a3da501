//! Every reason that hooks, pushes and the wall print, each in the states it is printed in, and what
//! its remedy leads to there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

pub use crate::harness::World;
use crate::harness::follow::{fixes, follow, run, undo};

/// Where a remedy leads to.
#[derive(Clone, Copy, Debug)]
pub enum End {
    /// The same command passes.
    Passes,
    /// The command never passes; what it was for is reached in another way, which this looks for.
    Instead(&'static str),
    /// Another command stands beside the remedy, behind these words, and this looks for what it did.
    Beside(&'static str, &'static str),
}

/// A reason in one shape.
pub struct Row {
    code: &'static str,
    ready: fn(&World),
    attempt: &'static str,
    end: End,
}

/// One row.
pub const fn row(code: &'static str, ready: fn(&World), attempt: &'static str, end: End) -> Row {
    Row { code, ready, attempt, end }
}

/// Words that tell a reason.
const WORDS: &[(&str, &str)] = &[
    ("uncompacted", "compaction is missing|whose receipt is not here"),
    ("stale", "its compaction is stale|does not cover commit"),
    ("damaged", "the record of issue 81 cannot be read"),
    ("waiver-expired", "its waiver has ended|the waiver of issue 81 held until"),
    ("unsigned", "has signed its receipt|bears no signature"),
    ("no-issue", "belongs to no issue"),
    ("issue-branch", "deleting or renaming issue/81"),
    ("record", "only git-orch writes"),
    ("alias", "making main another name for"),
    ("replacement", "showing another object in place of"),
    ("policy-unreadable", "the policy cannot be read"),
    ("unjudged", "could not judge it"),
    ("unsealed-push", "refused: pushing issue"),
    ("receipt-unusable", "cannot be used"),
    ("record-rewritten", "may only grow"),
];

/// Puts a configuration on the protected branch.
pub fn configure(world: &World, text: &str) {
    world.write(".orchestration/config.toml", text);
    world.git(&["add", "-A"]).ok();
    world.sh(&world.repo, "git -c core.hooksPath= commit -qm Configure").ok();
}

/// A bare repository on the other side.
pub fn origin(world: &World) -> PathBuf {
    let bare = world.root().join("origin.git");
    let path = bare.to_str().expect("text");
    world.git(&["init", "-q", "--bare", "-b", "main", path]).ok();
    world.git(&["remote", "add", "origin", path]).ok();
    world.git(&["push", "-q", "-u", "origin", "main"]).ok();
    bare
}

/// Follows the remedy of one row.
pub fn followed(row: &Row) {
    let world = World::ready();
    (row.ready)(&world);
    let at: &Path = &world.repo;
    let ended = run(&world, at, row.attempt);
    assert_ne!(ended.code, 0, "{}: {} passed\n{}", row.code, row.attempt, ended.stderr);
    let words = WORDS.iter().find(|(code, _)| *code == row.code).expect("a code with words").1;
    let told = words.split('|').any(|words| ended.stderr.contains(words));
    assert!(told, "{}: {}\n{}", row.code, row.attempt, ended.stderr);
    if let Some(undo) = undo(&ended) {
        run(&world, at, &undo).ok();
    }
    let fix = fixes(&ended).into_iter().next().expect("a remedy");
    let told = match row.end {
        End::Passes => follow(&world, at, row.attempt),
        End::Instead(_) => follow(&world, at, &fix),
        End::Beside(words, _) => {
            let beside = fix.split_once(words).expect(&fix).1;
            run(&world, at, beside).ok();
            fix.clone()
        }
    };
    if let End::Instead(check) | End::Beside(_, check) = row.end {
        let ended = run(&world, at, check);
        assert_eq!(ended.code, 0, "{}: {check}\n{told}\n{}", row.code, ended.stderr);
    }
}

/// The codes that `docs/reason-codes.md` lists for the gate.
fn listed() -> BTreeSet<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reason-codes.md");
    let text = std::fs::read_to_string(page).expect("the page");
    let table = text.split("| code of the gate").nth(1).expect("the table");
    let table = table.split("\n\n").next().expect("the table");
    let code = regex::Regex::new("`([a-z][a-z-]+)`").expect("a pattern");
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    rows.filter_map(|row| row.split('|').nth(1))
        .flat_map(|cell| code.captures_iter(cell).map(|c| c[1].to_owned()).collect::<Vec<_>>())
        .collect()
}

fn sources(place: &Path, found: &mut String) {
    if place.is_dir() {
        for entry in std::fs::read_dir(place).expect("a folder of sources").flatten() {
            sources(&entry.path(), found);
        }
    } else {
        found.push_str(&std::fs::read_to_string(place).expect("source"));
    }
}

/// The codes that the sources of the hooks, the gate and the wall say.
fn said() -> BTreeSet<String> {
    let mut text = String::new();
    for place in [
        "hook",
        "ops/gate",
        "ops/gate.rs",
        "ops/check",
        "ops/check.rs",
        "domain/gate",
        "domain/gate.rs",
        "domain/wall.rs",
        "cli/check.rs",
    ] {
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(place), &mut text);
    }
    let says = r#"(?:Refusal::(?:one|many)\(\s*|Unmet::new\(\s*|code = |=> \(|Self::\w+(?:\(_\))? => )"([a-z][a-z-]+)""#;
    let says = regex::Regex::new(says).expect("a pattern");
    let other = ["waived", "issue", "merge", "stated", "author", "direct"];
    let found = says.captures_iter(&text).map(|c| c[1].to_owned());
    found.filter(|code| !other.contains(&code.as_str())).collect()
}

#[test]
fn every_reason_is_followed() {
    let rows = super::gate::ROWS.iter().chain(super::wall::ROWS);
    let followed: BTreeSet<String> = rows.map(|row| row.code.to_owned()).collect();
    assert_eq!(followed, listed(), "docs/reason-codes.md lists other codes of the gate");
    let said = said();
    assert!(said.len() > 10, "the pattern finds no codes any more: {said:?}");
    let missing: Vec<_> = said.difference(&followed).collect();
    assert!(missing.is_empty(), "no row follows the remedies of {missing:?}");
}

fn all(rows: &'static [Row], part: usize) {
    let part = rows.iter().enumerate().filter(|(at, _)| at % 4 == part);
    let failed = part.filter(|(_, row)| std::panic::catch_unwind(|| followed(row)).is_err());
    let failed: Vec<String> = failed.map(|(_, r)| format!("{}: {}", r.code, r.attempt)).collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

macro_rules! parts {
    ($($name:ident: $rows:expr, $part:expr;)*) => {
        $(#[test] fn $name() { all($rows, $part); })*
    };
}

parts! {
    hooks_first: super::gate::ROWS, 0;
    hooks_second: super::gate::ROWS, 1;
    hooks_third: super::gate::ROWS, 2;
    hooks_fourth: super::gate::ROWS, 3;
    wall_first: super::wall::ROWS, 0;
    wall_second: super::wall::ROWS, 1;
    wall_third: super::wall::ROWS, 2;
    wall_fourth: super::wall::ROWS, 3;
}
