//! How a run of a lane goes, told by its rules alone.

use super::*;
use proptest::prelude::*;

fn id(n: usize) -> IssueId {
    format!("E-{n}").parse().unwrap()
}

fn candidate(n: usize, complexity: Complexity, waits_for: &[usize]) -> Candidate {
    Candidate { id: id(n), complexity, waits_for: waits_for.iter().map(|n| id(*n)).collect() }
}

/// Runs a lane whose every issue gets resolved; what it took on, in order, and how it ended.
fn run(mut candidates: Vec<Candidate>, open: &mut BTreeSet<IssueId>) -> (Vec<IssueId>, Step) {
    let mut taken = Vec::new();
    let mut ids = Vec::new();
    loop {
        match step(&candidates, &taken, &|id| open.contains(id), &Rules::default()) {
            Step::Take(at) => {
                let one = candidates.remove(at);
                open.remove(&one.id);
                taken.push(one.complexity);
                ids.push(one.id);
            }
            end => return (ids, end),
        }
    }
}

#[test]
fn files_and_words_tell_how_hard_it_is() {
    let rules = Rules::default();
    for (files, text, complexity) in [
        (0, "", Complexity::Low),
        (2, "a typo", Complexity::Low),
        (3, "", Complexity::Medium),
        (5, "", Complexity::Medium),
        (6, "", Complexity::High),
        (10, "", Complexity::High),
        (11, "", Complexity::Extreme),
        (1, "Refactoring of the loader", Complexity::Extreme),
        (1, "needs migration", Complexity::Extreme),
        (1, "prefactored", Complexity::Low),
    ] {
        assert_eq!(assess(files, text, &rules).complexity, complexity, "{files} {text}");
    }
    assert_eq!(assess(15, "an Architectural change", &rules).reason, "15 files, architectural");
}

#[test]
fn five_easy_ones_two_after_a_hard_one_an_extreme_one_alone() {
    use Complexity::{Extreme, High, Low};
    let lane = |all: &[Complexity]| {
        let all: Vec<Candidate> =
            all.iter().enumerate().map(|(n, c)| candidate(n, *c, &[])).collect();
        run(all, &mut BTreeSet::new())
    };
    assert_eq!(lane(&[Low; 7]).0.len(), 5);
    assert_eq!(lane(&[Low, High, Low, Low, Low]).0.len(), 4);
    assert_eq!(lane(&[Extreme, Low, Low]).0, [id(0)]);
    let (ids, end) = lane(&[Low, Extreme, Low]);
    assert_eq!(ids, [id(0), id(2)]);
    assert_eq!(end, Step::Through(vec![(0, Left::NeedsOwnRun)]));
}

#[test]
fn an_issue_waits_for_what_it_depends_on() {
    let mut open: BTreeSet<IssueId> = [id(0), id(1), id(9)].into();
    let all = vec![
        candidate(0, Complexity::Low, &[1]),
        candidate(1, Complexity::Low, &[]),
        candidate(2, Complexity::Low, &[9]),
    ];
    let (ids, end) = run(all, &mut open);
    assert_eq!(ids, [id(1), id(0)]);
    assert_eq!(end, Step::Wait(vec![id(9)]));
}

#[test]
fn circles_are_found_whole() {
    let graph = |edges: &[(usize, &[usize])]| -> BTreeMap<IssueId, Vec<IssueId>> {
        edges.iter().map(|(n, to)| (id(*n), to.iter().map(|n| id(*n)).collect())).collect()
    };
    let found = cycles(&graph(&[(1, &[2]), (2, &[3]), (3, &[1]), (4, &[1]), (5, &[6]), (6, &[5])]));
    assert_eq!(found, [vec![id(1), id(2), id(3)], vec![id(5), id(6)]]);
    assert_eq!(cycles(&graph(&[(1, &[2, 3]), (2, &[3]), (3, &[])])), [[id(0); 0]; 0]);
}

proptest! {
    /// Whatever the lane holds: never more than five, never more than two after a HIGH, nothing
    /// beside an EXTREME, nothing before what it waits for.
    #[test]
    fn a_run_keeps_its_limits(
        kinds in prop::collection::vec(0..4usize, 0..9),
        edges in prop::collection::vec((0..9usize, 0..9usize), 0..6),
    ) {
        use Complexity::{Extreme, High, Low, Medium};
        let all: Vec<Candidate> = kinds.iter().enumerate().map(|(n, kind)| {
            let waits: Vec<usize> =
                edges.iter().filter(|(from, to)| *from == n && to != from).map(|(_, to)| *to).collect();
            candidate(n, [Low, Medium, High, Extreme][*kind], &waits)
        }).collect();
        let mut open: BTreeSet<IssueId> = all.iter().map(|c| c.id.clone()).collect();
        let (ids, _) = run(all.clone(), &mut open);
        let of = |id: &IssueId| all.iter().find(|c| c.id == *id).unwrap();
        let taken: Vec<Complexity> = ids.iter().map(|id| of(id).complexity).collect();
        prop_assert!(taken.len() <= 5);
        if taken.contains(&Extreme) {
            prop_assert_eq!(taken.len(), 1);
        }
        if let Some(at) = taken.iter().position(|c| *c == High) {
            prop_assert!(taken.len() - at - 1 <= 2);
        }
        for (at, one) in ids.iter().enumerate() {
            for before in &of(one).waits_for {
                let exists = all.iter().any(|c| c.id == *before);
                prop_assert!(!exists || ids[..at].contains(before), "{one} before {before}");
            }
        }
    }
}
