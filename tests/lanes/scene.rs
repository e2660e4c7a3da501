//! The real catalogue with a scripted agent that fixes its five issues.

use std::process::{Child, Stdio};

use serde_json::Value;

use crate::harness::seed::{PAGE, approve, seeded};
use crate::harness::{Ended, World, binary};

const GUIDELINES: &str = "examples/minimal_demo/config/guidelines.yaml";
const SCHEMA: &str = "examples/minimal_demo/config/schema.yaml";

/// The catalogue in a repository, read and approved, with waits that do not make a test slow.
pub fn ready() -> World {
    let world = seeded();
    let config = "[agent]\nattempts = 2\n[agent.retry]\ncrash_wait = 0.05\nlongest_wait = 0.1\n";
    world.write(".orchestration/config.toml", config);
    world.commit(&world.repo.clone(), "Configure");
    approve(&world, PAGE);
    world
}

/// The step that fixes an issue, as an agent would.
pub fn fix(id: &str) -> String {
    let (file, line) = match id {
        "E-01" => (GUIDELINES, "data_retention:\\n  retention_days: 365\\n"),
        "E-02" => (GUIDELINES, "third_party_sharing: documented\\n"),
        "E-03" => (GUIDELINES, "response_time_hours: 24\\n"),
        "M-01" => (SCHEMA, "schema_version: \"1.0.0\"\\n"),
        "M-02" => (SCHEMA, "strict_mode: true\\n"),
        other => panic!("{other}"),
    };
    step(id, &format!("printf '{line}' >>{file} && git commit -qam 'Fix {id}'"))
}

/// A step of the implement worker of an issue.
pub fn step(id: &str, line: &str) -> String {
    let line = line.replace('\\', "\\\\").replace('"', "\\\"");
    format!("[[step]]\nissue = \"{id}\"\nrole = \"implement\"\nrun = \"{line}\"\n")
}

/// The step of a compact-agent that has nothing to tell, and says why.
pub const NONE: &str = "[[step]]\nrole = \"compact-agent\"\nrun = \"git orch learn none \
    --reason 'one line of configuration, as its file asked'\"\n";

/// A script that fixes these issues, each as given, or as [`fix`] does.
pub fn script(world: &World, other: &[(&str, String)]) -> String {
    let mut text = format!("version = 1\n{NONE}");
    for id in ["E-01", "E-02", "E-03", "M-01", "M-02"] {
        match other.iter().find(|(known, _)| *known == id) {
            Some((_, steps)) => text.push_str(steps),
            None => text.push_str(&fix(id)),
        }
    }
    let path = world.root().join("script.toml");
    std::fs::write(&path, text).expect("script");
    path.to_str().expect("text").to_owned()
}

/// Runs lanes with a script.
pub fn run(world: &World, script: &str, more: &[&str]) -> Ended {
    let args = ["lanes", "run", "--catalog", PAGE, "--script", script];
    world.orch(&[&args[..], more].concat())
}

/// Starts lanes with a script, and does not wait.
pub fn start(world: &World, script: &str) -> Child {
    world
        .command(&world.repo, &binary())
        .args(["lanes", "run", "--catalog", PAGE, "--script", script, "--jobs", "2"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("lanes")
}

/// The issues whose file on main says that they are resolved.
pub fn resolved(world: &World) -> Vec<String> {
    let list = world.orch(&["catalog", "--catalog", PAGE, "list", "--all", "--json"]).ok().stdout;
    let value: Value = serde_json::from_str(&list).expect("json");
    let issues = value["data"]["issues"].as_array().expect("issues").iter();
    let done = issues.filter(|issue| issue["status"] == "RESOLVED");
    done.map(|issue| issue["issue"].as_str().expect("id").to_owned()).collect()
}

/// How often an issue landed.
pub fn landings(world: &World, id: &str) -> usize {
    let log = world.git(&["log", "--merges", "--format=%s", "main"]).ok().stdout;
    log.lines().filter(|line| line.starts_with(&format!("Merge issue {id} "))).count()
}

/// Everything of an ended run that must be gone: worktrees, branches, open issues, dirt.
pub fn tidy(world: &World) {
    let worktrees = world.git(&["worktree", "list"]).ok().stdout;
    assert_eq!(worktrees.lines().count(), 1, "{worktrees}");
    assert_eq!(world.git(&["branch", "--list", "issue/*"]).ok().stdout, "");
    assert_eq!(world.git(&["status", "--porcelain"]).ok().stdout, "");
    let open = world.orch(&["status", "--json"]).ok().stdout;
    let open: Value = serde_json::from_str(&open).expect("json");
    assert_eq!(open["data"], Value::Array(Vec::new()));
}

/// The newest report.
pub fn report(world: &World) -> String {
    let folder = world.repo.join(".orchestration/reports");
    let files = std::fs::read_dir(folder).expect("reports").flatten().map(|entry| entry.path());
    let newest = files.filter(|path| path.extension().is_some_and(|e| e == "md")).max();
    std::fs::read_to_string(newest.expect("a report")).expect("report")
}

/// The folder of signals of the newest run.
pub fn signals(world: &World) -> std::path::PathBuf {
    let folder = world.repo.join(".orchestration/signals");
    let runs = std::fs::read_dir(folder).expect("signals").flatten().map(|entry| entry.path());
    runs.max().expect("a run")
}

/// Waits until `ready` says so; a minute is more than any of this takes.
pub fn until(what: &str, mut ready: impl FnMut() -> bool) {
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while !ready() {
        assert!(std::time::Instant::now() < end, "{what} did not come about");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

/// The page of the catalogue.
pub fn page() -> &'static str {
    PAGE
}
