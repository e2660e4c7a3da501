//! The rules of the house, kept by the sources themselves: layers, cycles, sizes, names, homes of
//! side effects. `docs/architecture.md` says why; `architecture/proofs.rs` shows that each rule
//! can fail.

#[path = "architecture/graph.rs"]
mod graph;
#[path = "architecture/paths.rs"]
mod paths;
#[path = "architecture/proofs.rs"]
mod proofs;
#[path = "architecture/shape.rs"]
mod shape;
#[path = "architecture/source.rs"]
mod source;

use std::path::Path;

use graph::Row;
use source::{Reached, Source};

/// Who may use whom, among the modules right below the crate root.
const LAYERS: &[Row] = &[
    ("main", &["cli"]),
    ("lib", &[]),
    (
        "cli",
        &[
            "hook", "ui", "ops", "store", "agent", "git", "domain", "context", "error", "assets",
            "clock",
        ],
    ),
    ("hook", &["ui", "ops", "store", "git", "domain", "context", "error"]),
    ("ui", &["ops", "domain", "error"]),
    ("ops", &["store", "agent", "git", "domain", "context", "error", "assets", "clock"]),
    ("context", &["store", "git", "domain", "error", "clock"]),
    ("error", &["store", "git", "domain"]),
    ("store", &["git", "domain"]),
    ("agent", &["domain"]),
    ("git", &["domain", "assets"]),
    ("clock", &["domain"]),
    ("domain", &[]),
    // Texts that are compiled in, nothing computed: the hooks for git, the templates for ops.
    ("assets", &[]),
];

/// The files that may opt out of clippy's fence around side effects, and what each is home of.
const HOMES: &[(&str, &str)] = &[
    ("src/agent/group.rs", "process groups that end with us"),
    ("src/agent/scripted/play.rs", "the files that a scripted agent works on"),
    ("src/agent/spawn.rs", "starting checks"),
    ("src/agent/supervise.rs", "starting agents"),
    ("src/agent/tool.rs", "starting tools that are not git: gh, glab, an editor"),
    ("src/agent/worker.rs", "starting workers of lanes, which outlive us"),
    ("src/clock.rs", "the clock"),
    ("src/context.rs", "the environment and the working directory"),
    ("src/git/exec.rs", "starting git"),
    ("src/git/hooks_dir/files.rs", "hooks folders, which are git's and not our store's"),
    ("src/git/objects/tips.rs", "the notes of where records stand, which go with their refs"),
    ("src/store/trash.rs", "emptying the trash"),
];

/// Files that hold the marks of unfinished work as data: they look for them in the work of agents.
const SPEAKING_OF_MARKS: [&str; 3] =
    ["src/domain/lane/placeholder.rs", "tests/lanes/broken.rs", "tests/lanes/plan.rs"];

/// Files of the tests that may allow a lint, and why.
const ALLOWING: &[(&str, &str)] = &[(
    "tests/harness/mod.rs",
    "each test binary uses another part of it, so dead code comes and goes",
)];

/// What `domain` may use beside the standard library: error types, digests, glob patterns.
const DOMAIN_CRATES: [&str; 3] = ["thiserror", "sha2", "globset"];
/// What of the standard library it may not: the world, the clock, the machine.
const IMPURE: [&str; 9] = [
    "std::fs",
    "std::env",
    "std::process",
    "std::net",
    "std::io",
    "std::os",
    "std::thread",
    "std::time::SystemTime",
    "std::time::Instant",
];

/// Ways of speaking to people, which are for `ui`, `cli` and `hook`.
const PRINTING: [&str; 5] = ["print", "println", "eprint", "eprintln", "dbg"];
const SPEAKING: [&str; 7] = [
    "anstream::stdout",
    "anstream::stderr",
    "dialoguer",
    "indicatif",
    "comfy_table",
    "std::io::stdout",
    "std::io::stderr",
];
const SPEAKERS: [&str; 4] = ["ui", "cli", "hook", "main"];

const FILE_LINES: usize = 400;
const FUNCTION_LINES: usize = 80;
const EMPTY_NAMES: [&str; 6] = ["util", "utils", "helper", "helpers", "common", "misc"];
/// Marks of work that is not done; `concat!`, so that this line is none.
const UNFINISHED: [&str; 4] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("to", "do!"),
    concat!("unimple", "mented!"),
];

struct House {
    /// `src/`.
    sources: Vec<Source>,
    /// `tests/` and `benches/`.
    around: Vec<Source>,
    reached: Reached,
}

/// The house as it stands. Syntax trees cannot be shared between threads, so each test reads it.
fn house() -> House {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources = source::load(root, "src");
    assert!(sources.len() > 20, "the sources are not at {}", root.display());
    let around = [source::load(root, "tests"), source::load(root, "benches")]
        .into_iter()
        .flatten()
        .collect();
    let reached = source::reach(&sources, &["src/lib.rs", "src/main.rs"]);
    House { sources, around, reached }
}

impl House {
    /// The files of the program, without those for tests.
    fn production(&self) -> Vec<&Source> {
        let part = |source: &&Source| !self.reached.tests.contains(&source.path);
        self.sources.iter().filter(part).collect()
    }

    fn everything(&self) -> impl Iterator<Item = &Source> {
        self.sources.iter().chain(&self.around)
    }
}

#[track_caller]
fn holds(rule: &str, broken: &[String]) {
    assert!(broken.is_empty(), "\n{rule}\n  {}\n", broken.join("\n  "));
}

#[test]
fn every_file_says_what_it_owns() {
    let house = house();
    let broken: Vec<_> = house.everything().filter_map(shape::missing_opening).collect();
    holds("A file opens with `//!`: what it owns, what it must not do.", &broken);
}

#[test]
fn files_are_short() {
    let house = house();
    let broken: Vec<_> =
        house.everything().filter_map(|file| shape::too_long(file, FILE_LINES)).collect();
    holds("A file that grows past the limit holds two things: part them.", &broken);
}

#[test]
fn functions_are_short() {
    let house = house();
    let files = house.production();
    let broken: Vec<_> =
        files.iter().flat_map(|file| shape::long_functions(file, FUNCTION_LINES)).collect();
    holds("A function past the limit does several things: name them.", &broken);
}

#[test]
fn no_file_is_named_for_leftovers() {
    let house = house();
    let broken: Vec<_> =
        house.everything().flat_map(|file| shape::empty_names(file, &EMPTY_NAMES)).collect();
    holds("A file is named for what is in it.", &broken);
}

#[test]
fn every_file_is_part_of_the_build() {
    let house = house();
    let known = &house.reached;
    let mut broken = Vec::new();
    for file in &house.sources {
        if !known.production.contains(&file.path) && !known.tests.contains(&file.path) {
            broken.push(format!("{}:1: no `mod` declares it", file.path));
        }
    }
    // What cargo builds a binary from: tests/x.rs and tests/x/main.rs.
    let is_root = |path: &str| path.matches('/').count() == 1 || path.ends_with("/main.rs");
    let roots: Vec<&str> =
        house.around.iter().map(|file| file.path.as_str()).filter(|path| is_root(path)).collect();
    let built = source::reach(&house.around, &roots);
    let reached = &built.production | &built.tests;
    for file in house.around.iter().filter(|file| !reached.contains(&file.path)) {
        broken.push(format!("{}:1: no test binary declares it, so it never runs", file.path));
    }
    holds("Every file is declared by its parent.", &broken);
}

#[test]
fn layers_point_one_way() {
    let house = house();
    let edges = graph::edges(&house.production(), "git_orch");
    assert!(edges.len() > 100, "only {} mentions were seen: the walker is blind", edges.len());
    holds(
        "Domain decides, ops performs, cli and hook speak.",
        &graph::wrong_layers(&edges, LAYERS),
    );
}

#[test]
fn no_modules_use_each_other_in_a_circle() {
    let house = house();
    let edges = graph::edges(&house.production(), "git_orch");
    holds("Modules form no cycle, siblings and parents included.", &graph::cycles(&edges));
}

#[test]
fn the_domain_is_pure() {
    let house = house();
    let manifest =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
            .expect("Cargo.toml");
    let manifest: toml::Table = manifest.parse().expect("Cargo.toml");
    let crates = manifest["dependencies"].as_table().expect("dependencies").keys();
    let crates: Vec<String> = crates.map(|name| name.replace('-', "_")).collect();
    let mut broken = Vec::new();
    for file in house.production() {
        if file.module().split("::").next() != Some("domain") {
            continue;
        }
        let time = file.path == "src/domain/time.rs";
        let allowed = |name: &str| DOMAIN_CRATES.contains(&name) || (time && name == "jiff");
        let mut fences: Vec<&str> = IMPURE.to_vec();
        fences.extend(crates.iter().map(String::as_str).filter(|name| !allowed(name)));
        broken.extend(shape::beyond_fence(file, &fences, "domain gets facts as values"));
    }
    holds("The domain does no I/O, reads no clock and knows no format.", &broken);
}

#[test]
fn only_cli_hook_and_ui_speak() {
    let house = house();
    let mut broken = Vec::new();
    for file in house.production() {
        let module = file.module();
        if SPEAKERS.contains(&module.split("::").next().unwrap_or_default()) {
            continue;
        }
        let why = "an operation returns a report; its caller speaks";
        broken.extend(shape::called(file, &PRINTING, why));
        broken.extend(shape::beyond_fence(file, &SPEAKING, why));
    }
    holds("Only ui, cli and hook print or ask.", &broken);
}

#[test]
fn side_effects_stay_at_home() {
    let house = house();
    let mut broken = Vec::new();
    for file in house.production() {
        let line = shape::expects(file, "clippy::disallowed_methods");
        let home = HOMES.iter().any(|(path, _)| *path == file.path);
        match (line, home) {
            (Some(line), false) => broken.push(format!(
                "{}:{line}: opts out of clippy's fence; use the home of the effect, or enter the \
                 file in HOMES with what it is home of",
                file.path
            )),
            (None, true) => broken.push(format!("{}:1: in HOMES for nothing", file.path)),
            _ => {}
        }
    }
    for (path, what) in HOMES.iter().filter(|(path, _)| !house.reached.production.contains(*path)) {
        broken.push(format!("{path}: in HOMES for {what}, but it is not there"));
    }
    holds("Each side effect has one home.", &broken);
}

#[test]
fn nothing_is_left_unfinished() {
    let house = house();
    let others = |file: &&Source| !SPEAKING_OF_MARKS.contains(&file.path.as_str());
    let broken: Vec<_> = house
        .everything()
        .filter(others)
        .flat_map(|file| shape::words(file, &UNFINISHED))
        .collect();
    holds("Finish it, or open an issue and leave no mark.", &broken);
}

#[test]
fn lints_are_expected_and_never_allowed() {
    let house = house();
    let exempt = |file: &&Source| ALLOWING.iter().all(|(path, _)| *path != file.path);
    let broken: Vec<_> = house.everything().filter(exempt).flat_map(shape::allows).collect();
    holds("Write #[expect(lint, reason = \"…\")]: it tells when it is no longer needed.", &broken);
}
