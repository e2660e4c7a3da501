//! The values that `docs/examples` shows: one issue that went the whole way.

use crate::domain::evidence::{Evidence, Outcome, Subject};
use crate::domain::ids::Digest;
use crate::domain::learning::anchor::Anchor;
use crate::domain::learning::standing::{Act, Mark};
use crate::domain::learning::{Kind, Learning};
use crate::domain::phase::Phase;
use crate::domain::receipt::{Birth, Receipt};
use crate::domain::session::{End, Ending, Move, Seal, Session};
use crate::domain::spec::{Answer, Check, Criterion, FrozenSpec, Question, Spec};
use crate::domain::task::{Task, TaskState};
use crate::domain::time::Moment;

fn at(text: &str) -> Moment {
    format!("2025-10-20T{text}Z").parse().unwrap()
}

fn object<T: std::str::FromStr<Err: std::fmt::Debug>>(digit: char) -> T {
    digit.to_string().repeat(40).parse().unwrap()
}

pub(super) fn learnings() -> Vec<Learning> {
    vec![
        Learning {
            number: 1,
            kind: Kind::Pitfall,
            trigger: "rebase with a dirty index".into(),
            error: Some("error: cannot rebase: your index contains uncommitted changes".into()),
            paths: vec!["src/rebase.rs".into()],
            lesson: "Rebase refuses a dirty index. Commit or drop the changes first.".into(),
            evidence: "src/rebase.rs fn start, cccccccccc".into(),
            anchor: Anchor {
                commit: Some(object('c')),
                file: Some("src/rebase.rs".into()),
                symbol: Some("start".into()),
                ..Anchor::default()
            },
            author: "compact-agent".into(),
            at: at("15:21:10"),
            expires: None,
        },
        Learning {
            number: 2,
            kind: Kind::Fact,
            trigger: "make lint runs into its time limit".into(),
            error: None,
            paths: Vec::new(),
            lesson: "The lint cache is rebuilt until November; the first run takes minutes.".into(),
            evidence: "check 4 of criterion 1, task 2".into(),
            anchor: Anchor {
                check: Some(4),
                criterion: Some(1),
                task: Some(2),
                ..Anchor::default()
            },
            author: "person".into(),
            at: at("15:25:00"),
            expires: Some("2025-11-01T00:00:00Z".parse().unwrap()),
        },
    ]
}

pub(super) fn marks() -> Vec<Mark> {
    let mark = Mark {
        learning: 1,
        act: Act::Confirmed,
        at: at("15:50:00"),
        by: "Ada <ada@example.org>".into(),
        issue: Some("82".parse().unwrap()),
        reason: Some("the same refusal, and committing first helped".into()),
        successor: None,
    };
    let retired = Mark {
        act: Act::Retired,
        issue: None,
        reason: None,
        successor: Some("90.1".into()),
        ..mark.clone()
    };
    vec![mark, retired]
}

pub(super) fn receipt() -> Receipt {
    Receipt {
        issue: "81".parse().unwrap(),
        session: "20251020T120000Z-81".into(),
        base: object('a'),
        tip: object('c'),
        tree: object('e'),
        whole: Some(object('2')),
        waiver: None,
        covered: births(),
        learnings: Digest::of(b"learnings"),
        evidence: Digest::of(b"evidence"),
        sealed: at("15:30:40"),
        tool: "0.1.0".into(),
    }
}

fn births() -> Vec<Birth> {
    vec![
        Birth { commit: object('b'), patch: Some(object('1')) },
        Birth { commit: object('c'), patch: None },
    ]
}

fn spec() -> FrozenSpec {
    FrozenSpec {
        digest: Digest::of(b"spec"),
        at: at("12:20:00"),
        spec: Spec {
            goal: "Branches are rebased before they land.\n\nA conflict stops, and says <where>."
                .into(),
            criteria: vec![
                Criterion {
                    number: 1,
                    text: "a clean branch is rebased".into(),
                    check: Check::Command("cargo test --test rebase && echo 'done'".into()),
                },
                Criterion {
                    number: 2,
                    text: "the message reads well".into(),
                    check: Check::Manual,
                },
            ],
            questions: vec![
                Question {
                    text: "Are merge commits kept?".into(),
                    must: true,
                    answer: Some(Answer::Answered("No.".into())),
                },
                Question {
                    text: "Is there a time limit?".into(),
                    must: false,
                    answer: Some(Answer::Assumed("None: a rebase is short.".into())),
                },
            ],
        },
    }
}

fn tasks() -> Vec<Task> {
    vec![
        Task {
            number: 1,
            text: "call git rebase".into(),
            verify: Some("cargo test rebase".into()),
            state: TaskState::Done { at: at("13:50:00"), tip: object('c') },
            reopened: 1,
        },
        Task {
            number: 2,
            text: "keep merge commits".into(),
            verify: None,
            state: TaskState::Dropped { at: at("13:10:00"), reason: "not asked for".into() },
            reopened: 0,
        },
    ]
}

fn evidence() -> Vec<Evidence> {
    let run = |number, time, tip, subject, command: &str, outcome| Evidence {
        number,
        subject,
        command: command.into(),
        commit: object(tip),
        tree: object(if tip == 'b' { 'd' } else { 'e' }),
        started: at(time),
        millis: 5_120,
        outcome,
        tests: None,
        output: Digest::of(command.as_bytes()),
        confirmed: None,
    };
    let validator = |name: &str| Subject::Validator(name.into());
    let rebase = "cargo test --test rebase && echo 'done'";
    let (deny, lint) = ("cargo deny check", "make lint");
    let missing = Outcome::NotStarted("cargo-deny is not installed".into());
    let green = || Outcome::Green;
    let counted = |run| Evidence { tests: Some(4), ..run };
    vec![
        counted(run(1, "13:04:00", 'b', Subject::Task(1), "cargo test rebase", green())),
        counted(run(2, "13:31:00", 'b', Subject::Criterion(1), rebase, Outcome::Exit(101))),
        run(3, "13:32:00", 'b', validator("licences"), deny, missing),
        run(4, "13:33:00", 'b', validator("lint"), lint, Outcome::TimedOut(600)),
        counted(run(5, "14:01:00", 'c', Subject::Criterion(1), rebase, green())),
        run(6, "14:02:00", 'c', validator("licences"), deny, green()),
        run(7, "14:03:00", 'c', validator("lint"), lint, green()),
        Evidence {
            millis: 0,
            confirmed: Some("person: read on a terminal of 80 columns".into()),
            ..run(8, "14:30:00", 'c', Subject::Criterion(2), "", green())
        },
    ]
}

fn moves() -> Vec<Move> {
    let step = |from, to, time, tip, reason: Option<&str>| Move {
        from,
        to,
        at: at(time),
        tip: object(tip),
        reason: reason.map(str::to_owned),
    };
    vec![
        step(Phase::Discussion, Phase::Execute, "12:21:00", 'a', None),
        step(Phase::Execute, Phase::Validate, "13:30:00", 'b', None),
        step(Phase::Validate, Phase::Execute, "13:40:00", 'b', Some("task 1 was reopened")),
        step(Phase::Execute, Phase::Validate, "13:55:00", 'c', None),
        step(Phase::Validate, Phase::Compact, "15:00:00", 'c', None),
        step(Phase::Compact, Phase::Complete, "15:30:45", 'c', None),
    ]
}

pub(super) fn session() -> Session {
    let receipt = super::receipt::write(&receipt());
    Session {
        issue: "81".parse().unwrap(),
        id: "20251020T120000Z-81".into(),
        title: "Rebase agent".into(),
        source: Some("https://github.com/example/project/issues/81".into()),
        created: at("12:00:00"),
        branch: "issue/81".parse().unwrap(),
        base: "main".into(),
        fork: object('a'),
        worktree: "/home/me/project.worktrees/81".into(),
        phase: Phase::Complete,
        end: Some(End { how: Ending::Landed { into: "main".into() }, at: at("15:40:00") }),
        spec: Some(spec()),
        tasks: tasks(),
        evidence: evidence(),
        learnings: learnings(),
        none_learned: None,
        seal: Some(Seal {
            receipt: Digest::of(receipt.as_bytes()),
            tip: object('c'),
            at: at("15:30:40"),
        }),
        births: births(),
        moves: moves(),
    }
}

/// An issue that was just opened.
pub(super) fn fresh() -> Session {
    Session {
        source: None,
        phase: Phase::Discussion,
        end: None,
        spec: None,
        tasks: Vec::new(),
        evidence: Vec::new(),
        learnings: Vec::new(),
        seal: None,
        births: Vec::new(),
        moves: Vec::new(),
        ..session()
    }
}
