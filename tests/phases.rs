//! The rules of the five phases, as properties: whatever is done in whatever order, no issue
//! reaches COMPLETE without every gate, and the log tells how it got where it is.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use git_orch::domain::diagram;
use git_orch::domain::evidence::{Evidence, Outcome, Subject, latest};
use git_orch::domain::ids::{CommitId, Digest, TreeId};
use git_orch::domain::learning::anchor::Anchor;
use git_orch::domain::learning::{Kind, Learning};
use git_orch::domain::phase::Phase;
use git_orch::domain::session::{Seal, Session};
use git_orch::domain::spec::{Check, Criterion, FrozenSpec, Problem, Spec};
use git_orch::domain::task::{Task, TaskState};
use git_orch::domain::time::Moment;
use git_orch::domain::transition::{Facts, advanced, settled};
use proptest::prelude::*;

fn oid<T: std::str::FromStr>(n: u32) -> T
where
    T::Err: std::fmt::Debug,
{
    format!("{n:040x}").parse().unwrap()
}

fn fresh() -> Session {
    Session {
        issue: "81".parse().unwrap(),
        id: "s".to_owned(),
        title: "t".to_owned(),
        source: None,
        created: Moment::from_seconds(0),
        branch: "issue/81".parse().unwrap(),
        base: "main".to_owned(),
        fork: oid(1),
        worktree: "/w".to_owned(),
        phase: Phase::Discussion,
        end: None,
        spec: None,
        tasks: Vec::new(),
        evidence: Vec::new(),
        learnings: Vec::new(),
        none_learned: None,
        seal: None,
        births: Vec::new(),
        moves: Vec::new(),
    }
}

/// The world around a session: how many commits the branch has, and whether it is dirty.
struct World {
    session: Session,
    commits: u32,
    dirty: bool,
    draft: bool,
    sealed_at: Option<u32>,
    clock: i64,
}

#[derive(Clone, Debug)]
enum Step {
    WriteSpec,
    Freeze,
    AddTask,
    TickTask,
    Edit,
    Commit,
    Run { green: bool },
    Learn,
    Seal,
    Next,
}

impl World {
    fn facts(&self) -> Facts {
        Facts {
            draft: (self.session.spec.is_none() && self.draft).then(Vec::<Problem>::new),
            tip: oid::<CommitId>(self.commits + 1),
            tree: oid::<TreeId>(self.commits + 1),
            commits: self.commits as usize,
            dirty: if self.dirty { vec!["x".to_owned()] } else { Vec::new() },
            operation: None,
            validators: vec![("tests".to_owned(), "true".to_owned())],
            sealed: self.sealed_at == Some(self.commits) && self.session.seal.is_some(),
            landed: None,
        }
    }

    fn settle(&mut self) {
        if let Some((back, _)) =
            settled(&self.session, &self.facts(), Moment::from_seconds(self.clock))
        {
            assert!(back.phase < self.session.phase, "falling back never moves forward");
            self.session = back;
        }
    }

    fn run_checks(&mut self, green: bool) {
        for subject in [Subject::Criterion(1), Subject::Validator("tests".to_owned())] {
            self.session.evidence.push(Evidence {
                number: self.session.next_evidence(),
                subject,
                command: "true".to_owned(),
                commit: oid(self.commits + 1),
                tree: oid(self.commits + 1),
                started: Moment::from_seconds(self.clock),
                millis: 1,
                outcome: if green { Outcome::Green } else { Outcome::Exit(1) },
                tests: None,
                output: Digest::of(b""),
                confirmed: None,
            });
        }
    }

    fn freeze(&mut self) {
        let criterion =
            Criterion { number: 1, text: "c".to_owned(), check: Check::Command("true".to_owned()) };
        self.session.spec = Some(FrozenSpec {
            digest: Digest::of(b"spec"),
            at: Moment::from_seconds(self.clock),
            spec: Spec { goal: "g".to_owned(), criteria: vec![criterion], questions: Vec::new() },
        });
    }

    fn seal(&mut self) {
        if self.session.phase == Phase::Compact && self.session.speaks_of_learning() && !self.dirty
        {
            self.session.seal = Some(Seal {
                receipt: Digest::of(b"r"),
                tip: oid(self.commits + 1),
                at: Moment::from_seconds(self.clock),
            });
            self.sealed_at = Some(self.commits);
        }
    }

    fn take(&mut self, step: &Step) {
        self.clock += 1;
        let session = &mut self.session;
        match step {
            Step::WriteSpec => self.draft = true,
            Step::Freeze if self.draft && session.phase == Phase::Discussion => self.freeze(),
            Step::AddTask => {
                let number = session.next_task();
                session.tasks.push(Task::new(number, "do".to_owned(), None));
            }
            Step::TickTask => {
                let at = Moment::from_seconds(self.clock);
                let tip = oid(self.commits + 1);
                if let Some(task) = session.tasks.iter_mut().find(|task| task.is_open()) {
                    task.state = TaskState::Done { at, tip };
                }
            }
            Step::Edit => self.dirty = true,
            Step::Commit => {
                self.commits += 1;
                self.dirty = false;
            }
            Step::Run { green } if !self.dirty => self.run_checks(*green),
            Step::Learn => session.none_learned = Some("nothing new in this one".to_owned()),
            Step::Seal => {
                self.settle();
                self.seal();
            }
            Step::Next => {
                self.settle();
                let at = Moment::from_seconds(self.clock);
                if let Ok(next) = advanced(&self.session, &self.facts(), at) {
                    self.session = next;
                }
            }
            Step::Freeze | Step::Run { .. } => {}
        }
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        1 => Just(Step::WriteSpec),
        1 => Just(Step::Freeze),
        1 => Just(Step::AddTask),
        2 => Just(Step::TickTask),
        1 => Just(Step::Edit),
        2 => Just(Step::Commit),
        3 => any::<bool>().prop_map(|green| Step::Run { green }),
        2 => Just(Step::Learn),
        2 => Just(Step::Seal),
        6 => Just(Step::Next),
    ];
    prop::collection::vec(step, 0..80)
}

/// Everything that must hold of an issue that stands in COMPLETE.
fn assert_every_gate_was_passed(world: &World) {
    let session = &world.session;
    let facts = world.facts();
    assert!(session.spec.is_some(), "the specification is frozen");
    assert!(session.tasks.iter().all(|task| !task.is_open()), "no task is open");
    assert!(facts.commits > 0, "there is a commit");
    for subject in [Subject::Criterion(1), Subject::Validator("tests".to_owned())] {
        let run = latest(&session.evidence, &subject, &facts.tree).expect("it was run");
        assert!(run.outcome.is_green(), "{subject} is green for the tip");
    }
    assert!(session.speaks_of_learning(), "something was said of what was learned");
    assert!(facts.sealed, "the receipt is sealed to the tip");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn no_path_reaches_complete_without_every_gate(steps in steps()) {
        let mut world = World {
            session: fresh(), commits: 0, dirty: false, draft: false, sealed_at: None, clock: 0,
        };
        for step in &steps {
            world.take(step);
            prop_assert_eq!(world.session.replay(), Ok(world.session.phase), "the log gives the state");
        }
        world.settle();
        if world.session.phase == Phase::Complete {
            assert_every_gate_was_passed(&world);
        }
    }
}

/// An issue for which everything is in order.
fn in_order() -> (Session, Facts) {
    let mut world = World {
        session: fresh(),
        commits: 1,
        dirty: false,
        draft: true,
        sealed_at: Some(1),
        clock: 0,
    };
    world.freeze();
    world.run_checks(true);
    world.session.learnings.push(Learning {
        number: 1,
        kind: Kind::Rule,
        trigger: "always".to_owned(),
        error: None,
        paths: Vec::new(),
        lesson: "Write the test first, then the code.".to_owned(),
        evidence: "tests/phases.rs".to_owned(),
        anchor: Anchor { file: Some("tests/phases.rs".to_owned()), ..Anchor::default() },
        author: "person".to_owned(),
        at: Moment::from_seconds(0),
        expires: None,
    });
    world.session.seal =
        Some(Seal { receipt: Digest::of(b"r"), tip: oid(2), at: Moment::from_seconds(0) });
    let facts = world.facts();
    (world.session, facts)
}

#[test]
fn the_shortest_walk_reaches_complete() {
    let mut world = World {
        session: fresh(),
        commits: 0,
        dirty: false,
        draft: false,
        sealed_at: None,
        clock: 0,
    };
    for step in [
        Step::WriteSpec,
        Step::Freeze,
        Step::Next,
        Step::Commit,
        Step::Next,
        Step::Run { green: true },
        Step::Next,
        Step::Learn,
        Step::Seal,
        Step::Next,
    ] {
        world.take(&step);
    }
    assert_eq!(world.session.phase, Phase::Complete);
    assert_every_gate_was_passed(&world);
}

#[test]
fn the_diagram_in_the_documentation_is_what_the_rules_say() {
    let (session, facts) = in_order();
    let drawn = format!("```mermaid\n{}```\n", diagram::mermaid(&session, &facts));
    let page = include_str!("../docs/phases.md");
    assert!(page.contains(&drawn), "docs/phases.md should hold:\n{drawn}");
}
