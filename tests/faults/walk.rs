//! Random walks of the real program from the opening to the archive, most steps killed at a random
//! system call and run again, at times with another command in between, against the model. Where the
//! crash rig's tracer cannot be had, steps are killed at a random moment instead.

use std::cell::Cell;
use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestError, TestRunner};

use super::killed::kill;
use super::model::{Files, Issue, Model, Step, Task};
use super::plan::{Planned, rng, steps};
use crate::count;
use crate::harness::{Ended, SPEC, World};

/// The world and what a person knows of it who looks at git alone.
struct Walk {
    world: World,
    model: Model,
    /// Where the branch stands.
    tip: String,
    /// Where `main` stands.
    main: String,
    /// What was said in between, and at which step.
    crossed: Vec<(usize, Step)>,
}

/// How many steps were taken by git-orch, and how many of them were killed.
#[derive(Default)]
struct Tally {
    steps: Cell<u32>,
    killed: Cell<u32>,
    crossed: Cell<u32>,
    through: Cell<u32>,
}

fn one_more(cell: &Cell<u32>) {
    cell.set(cell.get() + 1);
}

impl Walk {
    fn new() -> Self {
        let world = World::new();
        world.write(".orchestration/config.toml", "[waive]\nby = 'anyone'\n");
        world.git(&["add", "-f", ".orchestration"]).ok();
        world.git(&["commit", "-qm", "Configure"]).ok();
        world.orch(&["init", "--yes"]).ok();
        let main = world.git(&["rev-parse", "main"]).ok().line();
        Self { world, model: Model::default(), tip: main.clone(), main, crossed: Vec::new() }
    }

    /// The words of a step.
    fn words(step: Step, at: usize) -> Vec<String> {
        let (text, number) = (format!("step {at}"), |n: usize| (n + 1).to_string());
        let words: Vec<&str> = match step {
            Step::Open => vec!["new-issue", "81", "--yes"],
            Step::Freeze => vec!["spec", "finalise", "81"],
            Step::Next => vec!["next", "81"],
            Step::Add => vec!["task", "add", "--issue", "81", &text],
            Step::Done(n) => {
                return ["task", "done", "--issue", "81"]
                    .map(str::to_owned)
                    .into_iter()
                    .chain([number(n)])
                    .collect();
            }
            Step::Drop(n) => {
                let words = ["task", "drop", "--issue", "81", "--reason", "it is not needed"];
                return words.map(str::to_owned).into_iter().chain([number(n)]).collect();
            }
            Step::Validate => vec!["validate", "81"],
            Step::Learn => vec!["learn", "none", "81", "--reason", "the change was mechanical"],
            Step::Compact => vec!["compact", "81"],
            Step::Waive => vec!["waive", "81", "--reason", "the shop is down and people wait"],
            Step::Land => vec!["land", "81"],
            Step::Archive => vec!["archive", "81"],
            Step::Abandon => vec!["abandon", "81", "--reason", "the plan changed"],
            Step::Restore => vec!["archive", "restore", "81"],
            Step::Salvage => vec!["salvage", "restore", "81"],
            Step::Undo => vec!["undo", "81"],
            Step::Type(_) | Step::Commit | Step::Forward => unreachable!("not ours"),
        };
        words.into_iter().map(str::to_owned).collect()
    }

    fn run(&self, words: &[String]) -> Ended {
        self.world.orch(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// What a person does.
    fn by_hand(&mut self, step: Step, at: usize) {
        let worktree = self.world.worktree("81");
        if let Step::Type(n) = step {
            let name = format!("typed-{}.txt", n % 3);
            self.world.write_in(&worktree, &name, &format!("typed at {at}\n"));
        } else {
            self.world.write_in(
                &worktree,
                &format!("work-{at}.txt"),
                "a line of it\nand another\n",
            );
            self.tip = self.world.commit(&worktree, "Work");
        }
    }

    /// Takes a planned step and compares; what is wrong, in words.
    fn step(&mut self, at: usize, planned: Planned, tally: &Tally) -> Result<bool, String> {
        let step = self.model.meant(planned.0);
        let mut then = self.model.clone();
        let Some(code) = then.take(step, at) else { return Ok(false) };
        if step.is_by_hand() {
            self.by_hand(step, at);
            self.model = then;
            return self.compare().map(|()| true);
        }
        if step == Step::Freeze {
            self.world.write_in(&self.world.worktree("81"), ".context/spec.md", SPEC);
        }
        let words = Self::words(step, at);
        one_more(&tally.steps);
        let ran = planned.1.and_then(|share| {
            kill(&self.world, &words, &format!("{step:?}{}", self.model.place()), share)
        });
        if ran == Some(true) {
            one_more(&tally.killed);
            self.whole_meanwhile()?;
            if let Some(other) = planned.2
                && self.across(at, step, other, &then, tally)?
            {
                return self.compare().map(|()| true);
            }
        }
        // Once it has come to its end it would mean another step.
        if ran.is_some() && step.goes_on() && !self.is_begun() && seen(&self.world) == then.issue {
            self.model = then;
            return self.compare().map(|()| true);
        }
        // After another command in between it may mean something else by now.
        let mut then = self.model.clone();
        let code = then.take(step, at).unwrap_or(code);
        let ended = self.run(&words);
        if ended.code != code {
            return Err(format!("it was to end with {code}: {ended:?}"));
        }
        if code != 0 && !ended.stderr.contains("fix: ") {
            return Err(format!("a refusal without a way on: {ended:?}"));
        }
        if step == Step::Archive && code == 0 {
            one_more(&tally.through);
        }
        self.model = then;
        self.compare().map(|()| true)
    }

    /// The first of some other commands that the model has an answer to, before and after `step`.
    fn other(&self, at: usize, step: Step, first: Step, then: &Model) -> Option<Step> {
        let more = [Step::Forward, Step::Next, Step::Add, Step::Undo, Step::Archive, Step::Abandon];
        let answers = |other: &Step| {
            let (mut before, mut after) = (self.model.clone(), then.clone());
            // The other one first, and then the step: that must mean something too.
            let answers = before.take(*other, at).is_some() && after.take(*other, at).is_some();
            // And it must be told which of them came first.
            answers && !before.looks_like(&after) && before.take(step, at).is_some()
        };
        let mut all = [first].into_iter().chain(more).map(|other| self.model.meant(other));
        all.find(|o| !o.is_by_hand() && *o != Step::Freeze && *o != step && answers(o))
    }

    /// Says another command after `step` was killed. It may take its effect before that of the step
    /// or after it, or be refused; whether the step is over with that.
    fn across(
        &mut self,
        at: usize,
        step: Step,
        other: Step,
        then: &Model,
        tally: &Tally,
    ) -> Result<bool, String> {
        let Some(other) = self.other(at, step, other, then) else { return Ok(false) };
        let mut first = self.model.clone();
        let mut second = then.clone();
        let (before, after) = (first.take(other, at + 1_000), second.take(other, at + 1_000));
        let (Some(before), Some(after)) = (before, after) else { return Ok(false) };
        one_more(&tally.crossed);
        self.crossed.push((at, other));
        let ended = self.run(&Self::words(other, at + 1_000));
        let told = |what: &str| Err(format!("{other:?} in between {what}: {ended:?}"));
        if ended.code != 0 {
            if !matches!(ended.code, 1 | 2 | 4) || !ended.stderr.contains("fix: ") {
                return told("neither worked nor was refused");
            }
            if before == 0 && after == 0 && !self.is_begun() {
                return told("was refused, and nothing is under way");
            }
            return Ok(false);
        }
        let now = self.observed();
        if after == 0 && now.looks_like(&second) {
            // The step had come to its end before.
            if self.is_begun() {
                let again = self.run(&Self::words(step, at));
                if again.code != 0 {
                    return Err(format!("{step:?} is not over, and ends with {again:?}"));
                }
            }
            self.model = second;
            return Ok(!self.is_begun());
        }
        if before == 0 && now.looks_like(&first) {
            self.model = first;
            return Ok(false);
        }
        told(&format!("led elsewhere: {now:?}, not to {first:?} or {second:?}"))
    }

    /// What can be seen of the issue from outside.
    fn observed(&self) -> Model {
        let kept = self.world.git(&["for-each-ref", "refs/git-orch/salvage/"]).ok().stdout;
        let kept = vec![(0, Files::default()); kept.lines().count()];
        let mut model = Model::default();
        (model.issue, model.kept) = (seen(&self.world), kept);
        model
    }

    /// Whether an operation is under way.
    fn is_begun(&self) -> bool {
        !is_empty(&self.world.repo.join(".git/git-orch/intents"))
    }

    /// What holds at any moment: everybody can work, and nothing is lost.
    fn whole_meanwhile(&self) -> Result<(), String> {
        for args in [&["status"][..], &["branch"], &["fsck", "--strict", "--no-dangling"]] {
            let ended = self.world.git(args);
            if ended.code != 0 {
                return Err(format!("killed, and then git {args:?}: {ended:?}"));
            }
        }
        for (path, text) in &self.model.dirty {
            if !self.lies(path, text) && !self.is_kept(path, text) {
                return Err(format!("killed, and {path} is nowhere"));
            }
        }
        Ok(())
    }

    fn lies(&self, path: &str, text: &str) -> bool {
        let there = std::fs::read_to_string(self.world.worktree("81").join(path));
        there.is_ok_and(|there| there == text)
    }

    /// Whether a salvage ref holds it.
    fn is_kept(&self, path: &str, text: &str) -> bool {
        let kept = self
            .world
            .git(&["for-each-ref", "--format=%(refname)", "refs/git-orch/salvage/"])
            .stdout;
        kept.lines().any(|name| self.world.git(&["show", &format!("{name}:{path}")]).stdout == text)
    }

    /// What differs between the model and what is there.
    fn compare(&mut self) -> Result<(), String> {
        let (world, model) = (&self.world, &self.model);
        let same = |what: &str, there: &dyn std::fmt::Debug, told: &dyn std::fmt::Debug| {
            let (there, told) = (format!("{there:?}"), format!("{told:?}"));
            if there == told {
                Ok(())
            } else {
                Err(format!("{what}: {there}, the model says {told}"))
            }
        };
        same("the issue", &seen(world), &model.issue)?;
        let worktree = world.worktree("81");
        same("a worktree", &worktree.exists(), &model.is_open())?;
        let branch = world.git(&["rev-parse", "-q", "--verify", "refs/heads/issue/81"]).line();
        if model.commits == 0 && model.is_open() {
            self.tip.clone_from(&branch);
        }
        let told = if model.is_open() { self.tip.as_str() } else { "" };
        same("the branch", &branch, &told)?;
        if model.is_open() {
            let record =
                world.git(&["show", "refs/git-orch/issues/81:session-log.xml"]).ok().stdout;
            let copy = std::fs::read_to_string(worktree.join(".context/session-log.xml"));
            same("the copy", &copy.unwrap_or_default(), &record)?;
            let status =
                world.git_in(&worktree, &["status", "--porcelain", "--untracked-files=all"]);
            let paths: Vec<&str> = status.stdout.lines().filter_map(|line| line.get(3..)).collect();
            same("uncommitted", &paths, &model.dirty.keys().collect::<Vec<_>>())?;
            for (path, text) in &model.dirty {
                same(path, &self.lies(path, text), &true)?;
            }
        }
        for (_, files) in &model.kept {
            for (path, text) in files {
                same(path, &self.is_kept(path, text), &true)?;
            }
        }
        let kept = world.git(&["for-each-ref", "refs/git-orch/salvage/"]).ok().stdout;
        same("salvage", &kept.lines().count(), &model.kept.len())?;
        self.compare_main()?;
        for folder in ["intents", "trash", "staging"] {
            same(folder, &is_empty(&self.world.repo.join(".git/git-orch").join(folder)), &true)?;
        }
        let locks = "find .git -name '*.lock' -not -path '*/git-orch/locks/*'";
        same("locks", &self.world.sh(&self.world.repo, locks).ok().stdout, &"")?;
        let fsck = self.world.git(&["fsck", "--strict", "--no-dangling"]);
        same("fsck", &(fsck.code, fsck.stderr), &(0, ""))
    }

    /// `main` moves by landing alone, once, and then holds the work.
    fn compare_main(&mut self) -> Result<(), String> {
        let main = self.world.git(&["rev-parse", "main"]).ok().line();
        let merges = ["rev-list", "--first-parent", "--count", &format!("{}..main", self.main)];
        let moved = self.world.git(&merges).ok().line();
        let work = ["merge-base", "--is-ancestor", &self.tip, "main"];
        match (self.model.landed, moved.as_str()) {
            (false, "0") => {}
            (true, "0" | "1") if self.world.git(&work).code == 0 => self.main = main,
            (landed, moved) => return Err(format!("main moved by {moved}, landed: {landed}")),
        }
        Ok(())
    }
}

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).map_or(true, |mut left| left.next().is_none())
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
    let task = |task: &serde_json::Value| match task["state"].as_str() {
        Some("done") => Task::Done,
        Some("dropped") => Task::Dropped,
        _ => Task::Open,
    };
    Some(Issue {
        phase,
        frozen: !data["criteria"].as_array().expect("criteria").is_empty(),
        tasks: data["tasks"].as_array().expect("tasks").iter().map(task).collect(),
        learned: !data["none_learned"].is_null(),
        archived: data["archived"] == true,
    })
}

#[test]
fn the_program_does_what_the_model_does_whatever_is_killed() {
    let cases = u32::try_from(count(4, 60)).expect("a count");
    let config =
        Config { cases, failure_persistence: None, max_shrink_iters: 0, ..Config::default() };
    let tally = Tally::default();
    let run = |steps: Vec<Planned>| {
        let mut walk = Walk::new();
        let mut told = Vec::new();
        // Every walk begins where something can happen.
        let begin = [Step::Open, Step::Freeze, Step::Next];
        for (at, (step, kill, other)) in steps.into_iter().enumerate() {
            let step = begin.get(at).copied().unwrap_or(step);
            // What the model leaves out here gives way, each second time, to what leads on.
            let left_out = walk.model.clone().take(walk.model.meant(step), at).is_none();
            let planned = (if left_out && at % 2 == 0 { Step::Forward } else { step }, kill, other);
            let meant = (walk.model.meant(planned.0), planned.1, planned.2);
            match walk.step(at, planned, &tally) {
                Ok(taken) => told.extend(taken.then_some((at, meant))),
                Err(e) => {
                    told.push((at, meant));
                    return Err(TestCaseError::fail(format!(
                        "{told:?}\nin between: {:?}\nthe last step: {e}",
                        walk.crossed
                    )));
                }
            }
        }
        Ok(())
    };
    match TestRunner::new_with_rng(config, rng()).run(&steps(), run) {
        Ok(()) => {}
        Err(TestError::Fail(why, _)) => panic!("{why}"),
        Err(e) => panic!("{e}"),
    }
    let [steps, killed, crossed] = [&tally.steps, &tally.killed, &tally.crossed].map(Cell::get);
    eprintln!("{steps} steps, {killed} of them killed, {crossed} with another one in between");
    assert!(tally.through.get() > 0, "no walk came to the archive");
    assert!(killed * 100 >= steps * 55, "{killed} of {steps} steps were killed");
    assert!(crossed > 0, "nothing was said in between");
}
