//! Random walks of the real program from the opening to the archive, most steps killed at a random
//! system call and run again, against a model of fifty lines that knows nothing of files, refs or
//! kills. Where the crash rig's tracer cannot be had, steps are killed at a random moment instead.

use std::cell::Cell;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::harness::{SPEC, World, binary};
use crate::{count, kill_after, start};

#[derive(Clone, Copy, Debug)]
enum Step {
    Open,
    Freeze,
    Next,
    Add,
    Done(usize),
    Commit,
    Validate,
    Learn,
    Compact,
    Land,
    Archive,
    Abandon,
    Undo,
    /// Whatever brings the issue on from where it is.
    Forward,
}

/// What the issue is, as a person would tell it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Issue {
    phase: &'static str,
    frozen: bool,
    /// Whether each task is done.
    tasks: Vec<bool>,
    /// Whether it is on record that nothing was learned.
    learned: bool,
    archived: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Model {
    issue: Option<Issue>,
    /// What `undo` goes back to, oldest first.
    before: Vec<Issue>,
    commits: usize,
    /// How many commits there were when the checks ran.
    validated: Option<usize>,
    landed: bool,
}

impl Model {
    /// The step that brings the issue on.
    fn forward(&self) -> Step {
        let Some(now) = &self.issue else { return Step::Open };
        let undone = now.tasks.iter().position(|done| !done);
        match (now.phase, undone) {
            ("discussion", _) if !now.frozen => Step::Freeze,
            ("execute", Some(task)) => Step::Done(task),
            ("execute", None) if self.commits == 0 => Step::Commit,
            ("validate", _) if self.validated != Some(self.commits) => Step::Validate,
            ("compact", _) if !now.learned => Step::Learn,
            ("compact", _) => Step::Compact,
            ("complete", _) if !self.landed => Step::Land,
            ("complete", _) => Step::Archive,
            _ => Step::Next,
        }
    }

    /// Takes a step; the exit code, or nothing when the walk leaves this step out here.
    fn take(&mut self, step: Step) -> Option<i32> {
        let Some(now) = self.issue.clone() else {
            if matches!(step, Step::Open) {
                self.issue = Some(Issue { phase: "discussion", ..Issue::default() });
                *self = Self { issue: self.issue.take(), ..Self::default() };
                return Some(0);
            }
            return None;
        };
        if now.archived && !matches!(step, Step::Open | Step::Undo | Step::Abandon) {
            return None;
        }
        // What has landed is only brought to its end from here on.
        if self.landed
            && !matches!(step, Step::Open | Step::Land | Step::Archive | Step::Abandon)
            && !(now.archived && matches!(step, Step::Undo))
        {
            return None;
        }
        let mut then = now.clone();
        let validated = self.validated == Some(self.commits);
        match (step, now.phase) {
            (Step::Open, _) => return Some(i32::from(now.archived)),
            (Step::Freeze, "discussion") => then.frozen = true,
            (Step::Next, "discussion") if now.frozen => then.phase = "execute",
            (Step::Next, "execute") if self.commits > 0 && now.tasks.iter().all(|done| *done) => {
                then.phase = "validate";
            }
            (Step::Next, "validate") if validated => then.phase = "compact",
            (Step::Next, "complete") => return None,
            (Step::Learn, "compact") => then.learned = true,
            (Step::Compact, "compact") if now.learned => then.phase = "complete",
            (Step::Land, "complete") => {
                self.landed = true;
                return Some(0);
            }
            (Step::Archive, "complete") if self.landed => then.archived = true,
            (Step::Next | Step::Land | Step::Archive, _) | (Step::Compact, "compact") => {
                return Some(1);
            }
            (Step::Add, "execute") => then.tasks.push(false),
            (Step::Done(n), "execute") if !now.tasks.is_empty() => {
                let n = n % now.tasks.len();
                then.tasks[n] = true;
            }
            (Step::Commit, "execute" | "validate") => {
                self.commits += 1;
                return Some(0);
            }
            (Step::Validate, "validate") if self.commits > 0 => {
                self.validated = Some(self.commits);
                return Some(0);
            }
            (Step::Abandon, _) => then.archived = true,
            (Step::Undo, _) => return Some(self.undo(&now)),
            _ => return None,
        }
        if then != now {
            self.before.push(now);
            self.issue = Some(then);
        }
        Some(0)
    }

    fn undo(&mut self, now: &Issue) -> i32 {
        match self.before.last() {
            Some(earlier) if now.frozen && !earlier.frozen => 1,
            Some(_) => {
                self.issue = self.before.pop();
                0
            }
            None if self.commits > 0 => 1,
            None => {
                self.issue = None;
                0
            }
        }
    }
}

/// What the program says of the issue.
fn seen(world: &World) -> Option<Issue> {
    let shown = world.orch(&["show", "81", "--json"]);
    if shown.code != 0 {
        return None;
    }
    let parsed: serde_json::Value = serde_json::from_str(&shown.stdout).expect("json");
    let data = &parsed["data"];
    let phases = ["discussion", "execute", "validate", "compact", "complete"];
    let phase = phases.into_iter().find(|phase| data["recorded_phase"] == *phase).expect("a phase");
    let tasks = data["tasks"].as_array().expect("tasks");
    Some(Issue {
        phase,
        frozen: !data["criteria"].as_array().expect("criteria").is_empty(),
        tasks: tasks.iter().map(|task| task["state"] == "done").collect(),
        learned: !data["none_learned"].is_null(),
        archived: data["archived"] == true,
    })
}

/// Takes the step for real; `kill` says after how long it is killed, and then run again.
fn act(world: &World, step: Step, tasks: usize, at: usize, kill: Option<u64>, then: &Model) -> i32 {
    let worktree = world.worktree("81");
    let (text, number) = (format!("step {at}"), (tasks.max(1)).to_string());
    let task = |n: usize| (n % tasks.max(1) + 1).to_string();
    let done = if let Step::Done(n) = step { task(n) } else { number };
    let args: &[&str] = match step {
        Step::Open => &["new-issue", "81", "--yes"],
        Step::Freeze => {
            if !worktree.join(".context/session-log.xml").exists() {
                return -1;
            }
            world.write_in(&worktree, ".context/spec.md", SPEC);
            &["spec", "finalise", "81"]
        }
        Step::Next => &["next", "81"],
        Step::Add => &["task", "add", "--issue", "81", &text],
        Step::Done(_) => &["task", "done", "--issue", "81", &done],
        Step::Commit => {
            world.write_in(&worktree, &format!("work-{at}.txt"), "a line of it\nand another\n");
            world.commit(&worktree, "Work");
            return 0;
        }
        Step::Validate => &["validate", "81"],
        Step::Learn => &["learn", "none", "81", "--reason", "the change was mechanical"],
        Step::Compact => &["compact", "81"],
        Step::Land => &["land", "81"],
        Step::Archive => &["archive", "81"],
        Step::Abandon => &["abandon", "81", "--reason", "the plan changed"],
        Step::Undo => &["undo", "81"],
        Step::Forward => unreachable!("it stands for another step"),
    };
    if let Some(call) = kill {
        if let Some(tracer) = tracer() {
            // Everything dies just before the n-th call that changes a file, or ends well before.
            let mut command = world.command(&world.repo, tracer.to_str().expect("a path"));
            command.args(["-n", &call.to_string(), "--", &binary()]).args(args);
            start(command).wait().expect("its end");
        } else {
            let mut command = world.command(&world.repo, &binary());
            command.args(args);
            kill_after(start(command), Duration::from_millis(call));
        }
        // These mean another step when they are said again after they had come to their end.
        let over = std::fs::read_dir(world.repo.join(".git/git-orch/intents"))
            .map_or(true, |mut left| left.next().is_none());
        if matches!(step, Step::Next | Step::Undo) && over && seen(world) == then.issue {
            return 0;
        }
    }
    world.orch(args).code
}

fn steps() -> impl Strategy<Value = Vec<(Step, Option<u64>)>> {
    let step = prop_oneof![
        2 => Just(Step::Open),
        2 => Just(Step::Freeze),
        4 => Just(Step::Next),
        4 => Just(Step::Add),
        4 => (0_usize..8).prop_map(Step::Done),
        3 => Just(Step::Commit),
        3 => Just(Step::Validate),
        2 => Just(Step::Learn),
        3 => Just(Step::Compact),
        2 => Just(Step::Land),
        2 => Just(Step::Archive),
        1 => Just(Step::Abandon),
        2 => Just(Step::Undo),
        14 => Just(Step::Forward),
    ];
    let kill = prop_oneof![4 => Just(None), 6 => (1_u64..110).prop_map(Some)];
    proptest::collection::vec((step, kill), 30..44)
}

/// The crash rig's tracer; `None` where it cannot be built.
pub fn tracer() -> Option<&'static PathBuf> {
    static TRACER: OnceLock<Option<PathBuf>> = OnceLock::new();
    let build = || {
        let rig = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/crash_every_syscall.sh");
        let said = Command::new("bash").args([rig, "--tracer"]).output().ok()?;
        let path = PathBuf::from(String::from_utf8(said.stdout).ok()?.trim());
        path.is_file().then_some(path)
    };
    let found = TRACER.get_or_init(build).as_ref();
    if found.is_none() {
        eprintln!("skipped: no tracer here; steps are killed at a random moment");
    }
    found
}

#[test]
fn the_program_does_what_the_model_does_whatever_is_killed() {
    let cases = u32::try_from(count(4, 60)).expect("a count");
    let config =
        Config { cases, failure_persistence: None, max_shrink_iters: 30, ..Config::default() };
    let through = Cell::new(0);
    let walk = |steps: Vec<(Step, Option<u64>)>| {
        let world = World::ready();
        let mut model = Model::default();
        let mut told = Vec::new();
        // Every walk begins where something can happen.
        let begin = [Step::Open, Step::Freeze, Step::Next].map(|step| (step, None));
        for (at, (step, kill)) in begin.into_iter().chain(steps).enumerate() {
            let step = if matches!(step, Step::Forward) { model.forward() } else { step };
            let tasks = model.issue.as_ref().map_or(0, |issue| issue.tasks.len());
            let mut then = model.clone();
            let Some(code) = then.take(step) else { continue };
            // What is refused or changes nothing says so each time; killing it shows nothing.
            let kill = kill.filter(|_| code == 0 && then != model);
            told.push((step, kill));
            let ended = act(&world, step, tasks, at, kill, &then);
            prop_assert_eq!(ended, code, "{:?}: the last step ended otherwise", told);
            model = then;
            prop_assert_eq!(seen(&world), model.issue.clone(), "{:?}", told);
        }
        if model.issue.as_ref().is_some_and(|issue| issue.archived) {
            through.set(through.get() + u32::from(model.landed));
            prop_assert_eq!(world.git(&["branch", "--list", "issue/*"]).line(), "", "{:?}", told);
        }
        let fsck = world.git(&["fsck", "--strict", "--no-dangling"]);
        prop_assert_eq!(fsck.code, 0, "{:?}", fsck);
        Ok(())
    };
    if let Err(e) = TestRunner::new_with_rng(config, rng()).run(&steps(), walk) {
        panic!("{e}");
    }
    assert!(through.get() > 0, "no walk came to the archive");
}

/// The same walks in every run of the tests.
fn rng() -> proptest::test_runner::TestRng {
    proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha)
}
