//! Random walks of the real program, most steps killed in the middle and run again, against a model
//! of thirty lines that knows nothing of files, refs or kills.

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
    Abandon,
    Undo,
}

/// What the issue is, as a person would tell it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Issue {
    phase: &'static str,
    frozen: bool,
    /// Whether each task is done.
    tasks: Vec<bool>,
    archived: bool,
}

#[derive(Clone, Debug, Default)]
struct Model {
    issue: Option<Issue>,
    /// What `undo` goes back to, oldest first.
    before: Vec<Issue>,
    commits: usize,
    /// How many commits there were when the checks ran.
    validated: Option<usize>,
}

impl Model {
    /// Takes a step; the exit code, or nothing when the walk leaves this step out here.
    fn take(&mut self, step: Step) -> Option<i32> {
        let Some(now) = self.issue.clone() else {
            if matches!(step, Step::Open) {
                self.issue = Some(Issue { phase: "discussion", ..Issue::default() });
                (self.commits, self.validated) = (0, None);
                return Some(0);
            }
            return None;
        };
        if now.archived && !matches!(step, Step::Open | Step::Undo | Step::Abandon) {
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
            (Step::Next, _) => return Some(1),
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
        Step::Abandon => &["abandon", "81", "--reason", "the plan changed"],
        Step::Undo => &["undo", "81"],
    };
    if let Some(millis) = kill {
        let mut command = world.command(&world.repo, &binary());
        command.args(args);
        kill_after(start(command), Duration::from_millis(millis));
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
        2 => Just(Step::Validate),
        1 => Just(Step::Abandon),
        3 => Just(Step::Undo),
    ];
    let kill = prop_oneof![4 => Just(None), 6 => (0_u64..70).prop_map(Some)];
    proptest::collection::vec((step, kill), 24..32)
}

#[test]
fn the_program_does_what_the_model_does_whatever_is_killed() {
    let cases = u32::try_from(count(4, 60)).expect("a count");
    let config =
        Config { cases, failure_persistence: None, max_shrink_iters: 30, ..Config::default() };
    let walk = |steps: Vec<(Step, Option<u64>)>| {
        let world = World::ready();
        let mut model = Model::default();
        let mut told = Vec::new();
        // Every walk begins where something can happen.
        let begin = [Step::Open, Step::Freeze, Step::Next].map(|step| (step, None));
        for (at, (step, kill)) in begin.into_iter().chain(steps).enumerate() {
            let tasks = model.issue.as_ref().map_or(0, |issue| issue.tasks.len());
            let mut then = model.clone();
            let Some(code) = then.take(step) else { continue };
            // What is refused or changes nothing says so each time; killing it shows nothing.
            let kill = kill.filter(|_| code == 0 && then.issue != model.issue);
            told.push((step, kill));
            let ended = act(&world, step, tasks, at, kill, &then);
            prop_assert_eq!(ended, code, "{:?}: the last step ended otherwise", told);
            model = then;
            prop_assert_eq!(seen(&world), model.issue.clone(), "{:?}", told);
        }
        let fsck = world.git(&["fsck", "--strict", "--no-dangling"]);
        prop_assert_eq!(fsck.code, 0, "{:?}", fsck);
        Ok(())
    };
    if let Err(e) = TestRunner::new_with_rng(config, rng()).run(&steps(), walk) {
        panic!("{e}");
    }
}

/// The same walks in every run of the tests.
fn rng() -> proptest::test_runner::TestRng {
    proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha)
}
