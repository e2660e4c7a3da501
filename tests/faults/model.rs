//! What an issue is and does, as a person would tell it: nothing of files of ours, refs or kills.

use std::collections::BTreeMap;

/// One thing that is done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    Open,
    Freeze,
    Next,
    Add,
    Done(usize),
    Drop(usize),
    /// A person types into a file and does not commit it.
    Type(usize),
    /// A person commits what there is, and something new.
    Commit,
    Validate,
    Learn,
    Compact,
    Waive,
    Land,
    Archive,
    Abandon,
    /// `archive restore`.
    Restore,
    /// `salvage restore`.
    Salvage,
    Undo,
    /// Whatever brings the issue on from where it is.
    Forward,
}

impl Step {
    /// Whether a person does it without git-orch.
    pub fn is_by_hand(self) -> bool {
        matches!(self, Self::Type(_) | Self::Commit)
    }

    /// Whether saying it again, after it has come to its end, means another step.
    pub fn goes_on(self) -> bool {
        matches!(self, Self::Next | Self::Undo)
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Task {
    Open,
    Done,
    Dropped,
}

/// What the issue is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Issue {
    pub phase: &'static str,
    pub frozen: bool,
    pub tasks: Vec<Task>,
    /// Whether it is on record that nothing was learned.
    pub learned: bool,
    pub archived: bool,
}

/// What is uncommitted: text by path.
pub type Files = BTreeMap<String, String>;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    pub issue: Option<Issue>,
    /// What `undo` goes back to, oldest first.
    before: Vec<Issue>,
    /// Commits on the branch.
    pub commits: usize,
    /// How many commits there were when the checks ran.
    validated: Option<usize>,
    pub landed: bool,
    pub dirty: Files,
    /// What endings kept: at how many commits, and what was uncommitted.
    pub kept: Vec<(usize, Files)>,
    /// What was uncommitted when the issue ended.
    parked: Files,
}

impl Model {
    /// Whether the issue is open: it has a worktree and a branch.
    pub fn is_open(&self) -> bool {
        self.issue.as_ref().is_some_and(|issue| !issue.archived)
    }

    /// Whether nobody can tell them apart from outside.
    pub fn looks_like(&self, other: &Self) -> bool {
        self.issue == other.issue && self.kept.len() == other.kept.len()
    }

    /// Where the issue is, in a word.
    pub fn place(&self) -> String {
        let issue = self.issue.as_ref();
        let phase = issue.map_or("none", |i| if i.archived { "archived" } else { i.phase });
        format!("{phase}{}{}", u8::from(self.dirty.is_empty()), u8::from(self.landed))
    }

    /// The step that is meant: a task that there is, and the way on.
    pub fn meant(&self, step: Step) -> Step {
        let tasks = self.issue.as_ref().map_or(0, |issue| issue.tasks.len()).max(1);
        match step {
            Step::Forward => self.forward(),
            Step::Done(n) => Step::Done(n % tasks),
            Step::Drop(n) => Step::Drop(n % tasks),
            other => other,
        }
    }

    /// The step that brings the issue on.
    fn forward(&self) -> Step {
        let Some(now) = &self.issue else { return Step::Open };
        let undone = now.tasks.iter().position(|task| *task == Task::Open);
        match (now.phase, undone) {
            _ if now.archived => Step::Restore,
            ("discussion", _) if !now.frozen => Step::Freeze,
            ("execute", Some(task)) => Step::Done(task),
            ("execute", None) if self.commits == 0 || !self.dirty.is_empty() => Step::Commit,
            ("validate", _) if self.validated != Some(self.commits) => Step::Validate,
            ("compact", _) if !now.learned => Step::Learn,
            ("compact", _) => Step::Compact,
            ("complete", _) if !self.landed => Step::Land,
            ("complete", _) => Step::Archive,
            _ => Step::Next,
        }
    }

    /// Takes a step; the exit code, or nothing when the walk leaves this step out here. `at` tells
    /// what is typed apart.
    pub fn take(&mut self, step: Step, at: usize) -> Option<i32> {
        let Some(now) = self.issue.clone() else {
            if step != Step::Open {
                return None;
            }
            let kept = std::mem::take(&mut self.kept);
            let issue = Some(Issue { phase: "discussion", ..Issue::default() });
            *self = Self { issue, kept, ..Self::default() };
            return Some(0);
        };
        let ends =
            matches!(step, Step::Open | Step::Archive | Step::Abandon | Step::Restore | Step::Undo);
        // What has ended or landed is only brought to its end, or back, from here on.
        if (now.archived && !ends || self.landed && !ends && step != Step::Land)
            || (self.landed && !now.archived && step == Step::Undo)
            || (now.archived && step == Step::Archive)
        {
            return None;
        }
        match step {
            Step::Open => return Some(i32::from(now.archived)),
            Step::Undo => return self.undo(&now),
            Step::Abandon if !now.archived => self.park(),
            Step::Archive if !self.dirty.is_empty() => return Some(1),
            Step::Type(n) if matches!(now.phase, "discussion" | "execute") => {
                self.dirty.insert(format!("typed-{}.txt", n % 3), format!("typed at {at}\n"));
            }
            Step::Salvage => return self.salvage(&now),
            _ => {}
        }
        let then = match self.changed(step, &now)? {
            Ok(then) => then,
            Err(code) => return Some(code),
        };
        if then != now {
            self.before.push(now);
            self.issue = Some(then);
        }
        Some(0)
    }

    /// The issue after a step, or the exit code of a refusal.
    fn changed(&mut self, step: Step, now: &Issue) -> Option<Result<Issue, i32>> {
        let mut then = now.clone();
        let (clean, proven) = (self.dirty.is_empty(), self.validated == Some(self.commits));
        let done = now.tasks.iter().all(|task| *task != Task::Open);
        match (step, now.phase) {
            (Step::Freeze, "discussion") => then.frozen = true,
            (Step::Next, "discussion") if now.frozen => then.phase = "execute",
            (Step::Next, "execute") if self.commits > 0 && done && clean => then.phase = "validate",
            (Step::Next, "validate") if proven && clean => then.phase = "compact",
            (Step::Next | Step::Waive, "complete") => return None,
            (Step::Learn, "compact") => then.learned = true,
            (Step::Next | Step::Compact, "compact") if now.learned => then.phase = "complete",
            (Step::Waive, "validate" | "compact") if proven && clean => then.phase = "complete",
            (Step::Land, "complete") => self.landed = true,
            (Step::Archive, "complete") if self.landed => then.archived = true,
            (Step::Next | Step::Land | Step::Archive | Step::Waive, _)
            | (Step::Compact, "compact") => return Some(Err(1)),
            (Step::Add, "execute") => then.tasks.push(Task::Open),
            (Step::Done(n) | Step::Drop(n), "execute") if !now.tasks.is_empty() => {
                let Some(task) = then.tasks.get_mut(n) else { return Some(Err(2)) };
                match (step, *task) {
                    (Step::Done(_), Task::Dropped) | (Step::Drop(_), Task::Done) => {
                        return Some(Err(1));
                    }
                    (Step::Done(_), _) => *task = Task::Done,
                    _ => *task = Task::Dropped,
                }
            }
            (Step::Commit, "execute" | "validate") => {
                self.commits += 1;
                self.dirty.clear();
            }
            (Step::Type(_), "discussion" | "execute") => {}
            (Step::Validate, "validate") if self.commits > 0 && clean => {
                self.validated = Some(self.commits);
            }
            (Step::Abandon, _) => then.archived = true,
            (Step::Restore, _) => then.archived = false,
            _ => return None,
        }
        Some(Ok(then))
    }

    /// An ending that gives the work up keeps all of it, the same once.
    fn park(&mut self) {
        self.parked = std::mem::take(&mut self.dirty);
        let all = (self.commits, self.parked.clone());
        if !self.kept.contains(&all) {
            self.kept.push(all);
        }
    }

    fn salvage(&mut self, now: &Issue) -> Option<i32> {
        let ([(commits, files)], "discussion" | "execute") = (&self.kept[..], now.phase) else {
            return None;
        };
        if *commits == self.commits && *files == self.dirty {
            return Some(0);
        }
        if *commits != self.commits || !self.dirty.is_empty() {
            return Some(1);
        }
        self.dirty.clone_from(files);
        Some(0)
    }

    fn undo(&mut self, now: &Issue) -> Option<i32> {
        let code = match self.before.last() {
            Some(earlier) if now.frozen && !earlier.frozen => 1,
            // To end it again is no going back.
            Some(earlier) if earlier.archived => return None,
            Some(_) => {
                self.issue = self.before.pop();
                if now.archived {
                    self.dirty = std::mem::take(&mut self.parked);
                }
                0
            }
            None if self.commits > 0 || !self.dirty.is_empty() => 1,
            None => {
                self.issue = None;
                0
            }
        };
        Some(code)
    }
}
