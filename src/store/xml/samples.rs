//! Strategies for the tests: any session, receipt and learnings that a document can hold.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::domain::evidence::{Evidence, Outcome, Subject};
use crate::domain::ids::Digest;
use crate::domain::learning::anchor::Anchor;
use crate::domain::learning::{Kind, Learning};
use crate::domain::phase::Phase;
use crate::domain::receipt::{Birth, Receipt, Waiver};
use crate::domain::session::{End, Ending, Move, Seal, Session};
use crate::domain::spec::{Answer, Check, Criterion, FrozenSpec, Question, Spec};
use crate::domain::task::{Task, TaskState};
use crate::domain::time::Moment;

/// Any text a document can hold, with a liking for what XML could get wrong.
pub(super) fn words() -> impl Strategy<Value = String> {
    let odd = prop::sample::select(vec![
        ' ',
        '\n',
        '\t',
        '\r',
        '<',
        '>',
        '&',
        '"',
        '\'',
        ';',
        '#',
        '-',
        '[',
        ']',
        '=',
        '\u{7f}',
        '\u{85}',
        '\u{a0}',
        '\u{2028}',
        '\u{fffd}',
        '\u{10ffff}',
    ]);
    let piece = prop_oneof![
        4 => odd.prop_map(String::from),
        2 => any::<char>().prop_filter("forbidden", |c| super::strict::is_allowed(*c)).prop_map(String::from),
        1 => prop::sample::select(vec![
            "]]>", "-->", "&amp;", "&#10;", "<![CDATA[", "\n<<<<<<< a\n", "\n>>>>>>> b\n",
            "\n=======\n", "\r\n", "cargo test", "<?xml ?>", "<!DOCTYPE x>",
        ]).prop_map(str::to_owned),
    ];
    vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn moment() -> impl Strategy<Value = Moment> {
    // From the year 0 to the year 9999.
    (-62_167_219_200_i64..253_402_207_200).prop_map(Moment::from_seconds)
}

fn hex(length: usize) -> impl Strategy<Value = String> {
    vec(prop::sample::select("0123456789abcdef".chars().collect::<Vec<_>>()), length)
        .prop_map(String::from_iter)
}

fn id<T: std::str::FromStr<Err: std::fmt::Debug> + std::fmt::Debug>() -> impl Strategy<Value = T> {
    prop_oneof![hex(40), hex(64)].prop_map(|text| text.parse().unwrap())
}

fn digest() -> impl Strategy<Value = Digest> {
    any::<u64>().prop_map(|seed| Digest::of(&seed.to_be_bytes()))
}

/// A list of at most `most`, with the numbers given by `number`.
fn numbered<T: std::fmt::Debug>(
    one: impl Strategy<Value = T>,
    number: fn(&mut T) -> &mut u32,
) -> impl Strategy<Value = Vec<T>> {
    (vec(one, 0..4), 1..4_u32).prop_map(move |(mut list, step)| {
        for (at, entry) in (1..).zip(&mut list) {
            *number(entry) = at * step;
        }
        list
    })
}

fn tasks() -> impl Strategy<Value = Vec<Task>> {
    let state = prop_oneof![
        Just(TaskState::Open),
        (moment(), id()).prop_map(|(at, tip)| TaskState::Done { at, tip }),
        (moment(), words()).prop_map(|(at, reason)| TaskState::Dropped { at, reason }),
    ];
    let task = (words(), option::of(words()), state, any::<u32>()).prop_map(
        |(text, verify, state, reopened)| Task { number: 0, text, verify, state, reopened },
    );
    numbered(task, |task| &mut task.number)
}

fn evidence() -> impl Strategy<Value = Vec<Evidence>> {
    let subject = prop_oneof![
        any::<u32>().prop_map(Subject::Criterion),
        any::<u32>().prop_map(Subject::Task),
        words().prop_map(Subject::Validator),
    ];
    let outcome = prop_oneof![
        Just(Outcome::Green),
        any::<i32>().prop_map(Outcome::Exit),
        any::<u64>().prop_map(Outcome::TimedOut),
        Just(Outcome::NoTests),
        words().prop_map(Outcome::NotStarted),
    ];
    let place = (id(), id(), moment(), any::<u64>(), digest());
    let rest = (option::of(any::<u64>()), option::of(words()));
    let one = (subject, words(), place, outcome, rest).prop_map(
        |(
            subject,
            command,
            (commit, tree, started, millis, output),
            outcome,
            (tests, confirmed),
        )| {
            let number = 0;
            Evidence {
                number,
                subject,
                command,
                commit,
                tree,
                started,
                millis,
                outcome,
                tests,
                output,
                confirmed,
            }
        },
    );
    numbered(one, |evidence| &mut evidence.number)
}

pub(super) fn learnings() -> impl Strategy<Value = Vec<Learning>> {
    let kind = prop::sample::select(Kind::ALL.to_vec());
    let when = (words(), option::of(words()), vec(words(), 0..3));
    let rest = (words(), words(), words(), anchor());
    let one = (kind, when, rest, moment(), option::of(moment())).prop_map(
        |(kind, (trigger, error, paths), (lesson, evidence, author, anchor), at, expires)| {
            let number = 0;
            Learning {
                number,
                kind,
                trigger,
                error,
                paths,
                lesson,
                evidence,
                anchor,
                author,
                at,
                expires,
            }
        },
    );
    numbered(one, |learning| &mut learning.number)
}

fn anchor() -> impl Strategy<Value = Anchor> {
    let numbers = (option::of(any::<u32>()), option::of(any::<u32>()), option::of(any::<u32>()));
    (option::of(id()), option::of(words()), option::of(words()), numbers).prop_map(
        |(commit, file, symbol, (check, criterion, task))| Anchor {
            commit,
            file,
            symbol,
            check,
            criterion,
            task,
        },
    )
}

fn births() -> impl Strategy<Value = Vec<Birth>> {
    let one = (id(), option::of(id())).prop_map(|(commit, patch)| Birth { commit, patch });
    vec(one, 0..4)
}

fn spec() -> impl Strategy<Value = FrozenSpec> {
    let check =
        prop_oneof![words().prop_map(Check::Command), Just(Check::Manual), Just(Check::Missing)];
    let criterion = (words(), check).prop_map(|(text, check)| Criterion { number: 0, text, check });
    let answer = prop_oneof![words().prop_map(Answer::Answered), words().prop_map(Answer::Assumed)];
    let question = (words(), any::<bool>(), option::of(answer))
        .prop_map(|(text, must, answer)| Question { text, must, answer });
    let criteria = numbered(criterion, |criterion| &mut criterion.number);
    (digest(), moment(), words(), criteria, vec(question, 0..3)).prop_map(
        |(digest, at, goal, criteria, questions)| FrozenSpec {
            digest,
            at,
            spec: Spec { goal, criteria, questions },
        },
    )
}

/// Steps that follow one another, forwards by one phase or back by any number.
fn moves() -> impl Strategy<Value = Vec<Move>> {
    vec((any::<prop::sample::Index>(), moment(), id(), option::of(words())), 0..7).prop_map(
        |steps| {
            let mut phase = Phase::Discussion;
            let mut moves = Vec::new();
            for (choice, at, tip, reason) in steps {
                let mut choices: Vec<Phase> =
                    Phase::ALL.into_iter().filter(|&to| to < phase).collect();
                choices.extend(phase.next());
                let to = *choice.get(&choices);
                moves.push(Move { from: phase, to, at, tip, reason });
                phase = to;
            }
            moves
        },
    )
}

fn end() -> impl Strategy<Value = End> {
    let how = prop_oneof![
        words().prop_map(|into| Ending::Landed { into }),
        (words(), words()).prop_map(|(reason, salvage)| Ending::Abandoned { reason, salvage }),
    ];
    (how, moment()).prop_map(|(how, at)| End { how, at })
}

pub(super) fn session() -> impl Strategy<Value = Session> {
    let names = (words(), words(), option::of(words()), words(), words(), option::of(words()));
    let places = (moment(), id());
    let seal = (digest(), id(), moment()).prop_map(|(receipt, tip, at)| Seal { receipt, tip, at });
    let ends = (option::of(end()), option::of(spec()), option::of(seal));
    let lists = (tasks(), evidence(), learnings(), births(), moves());
    (names, places, ends, lists).prop_map(
        |(
            (session, title, source, base, worktree, none_learned),
            (created, fork),
            (end, spec, seal),
            (tasks, evidence, learnings, births, moves),
        )| {
            let phase = moves.last().map_or(Phase::Discussion, |step| step.to);
            Session {
                issue: "GH-81".parse().unwrap(),
                id: session,
                title,
                source,
                created,
                branch: "issue/ü&81".parse().unwrap(),
                base,
                fork,
                worktree,
                phase,
                end,
                spec,
                tasks,
                evidence,
                learnings,
                none_learned,
                seal,
                births,
                moves,
            }
        },
    )
}

pub(super) fn receipt() -> impl Strategy<Value = Receipt> {
    let waiver = (words(), words(), moment()).prop_map(|(reason, by, expires)| Waiver {
        reason,
        by,
        expires,
    });
    let extra = (option::of(id()), option::of(waiver));
    ((words(), words()), (id(), id(), id()), births(), (digest(), digest()), moment(), extra)
        .prop_map(
            |(
                (session, tool),
                (base, tip, tree),
                covered,
                (learnings, evidence),
                sealed,
                (whole, waiver),
            )| Receipt {
                issue: "E-01".parse().unwrap(),
                session,
                base,
                tip,
                tree,
                whole,
                waiver,
                covered,
                learnings,
                evidence,
                sealed,
                tool,
            },
        )
}
