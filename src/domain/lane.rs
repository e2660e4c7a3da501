//! Lanes: what a run of one takes on, how hard each issue is, and what waits for what.
//!
//! Before an issue is started it is assessed, and the run adapts: a few easy ones, fewer after a
//! hard one, an extreme one alone. `depends_on` orders the work.

pub mod likeness;
pub mod placeholder;
pub mod settings;
pub mod verdict;

use std::collections::{BTreeMap, BTreeSet};

use super::ids::IssueId;
use super::names::counted;

/// How much an issue is expected to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Complexity {
    /// One or two files.
    Low,
    /// Three to five.
    Medium,
    /// Six to ten.
    High,
    /// More, or a change of the architecture.
    Extreme,
}

impl Complexity {
    /// The word in signals and reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "LOW",
            Self::Medium => "MEDIUM",
            Self::High => "HIGH",
            Self::Extreme => "EXTREME",
        }
    }

    /// Whether a status signal calls it COMPLEX.
    pub fn is_complex(self) -> bool {
        self >= Self::High
    }
}

/// How issues are assessed, and how many a lane takes on in one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Fewest files of a MEDIUM issue.
    pub medium: usize,
    /// Fewest files of a HIGH one.
    pub high: usize,
    /// Fewest files of an EXTREME one.
    pub extreme: usize,
    /// Words in the text that make an issue EXTREME, in lower case; matched from their beginning,
    /// so that `refactor` finds `refactoring`.
    pub words: Vec<String>,
    /// Most issues in one run.
    pub most: usize,
    /// Most issues after a HIGH one.
    pub after_high: usize,
}

impl Default for Rules {
    fn default() -> Self {
        let words = ["architectural", "architecture", "refactor", "migrat", "redesign", "rewrite"];
        Self {
            medium: 3,
            high: 6,
            extreme: 11,
            words: words.map(str::to_owned).to_vec(),
            most: 5,
            after_high: 2,
        }
    }
}

/// How hard an issue is, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// How hard.
    pub complexity: Complexity,
    /// Why, in a few words: `15 files`, `2 files, migrate`.
    pub reason: String,
}

/// Assesses an issue by the number of files it affects and by what it says.
pub fn assess(files: usize, text: &str, rules: &Rules) -> Assessment {
    let counted = counted(files, "file", "files");
    let by_count = match files {
        n if n >= rules.extreme => Complexity::Extreme,
        n if n >= rules.high => Complexity::High,
        n if n >= rules.medium => Complexity::Medium,
        _ => Complexity::Low,
    };
    let lower = text.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric());
    match words.find(|word| rules.words.iter().any(|rule| word.starts_with(rule.as_str()))) {
        Some(word) => {
            Assessment { complexity: Complexity::Extreme, reason: format!("{counted}, {word}") }
        }
        None => Assessment { complexity: by_count, reason: counted },
    }
}

/// An issue that a lane could take on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The issue.
    pub id: IssueId,
    /// How hard it is.
    pub complexity: Complexity,
    /// Issues that must be resolved before it.
    pub waits_for: Vec<IssueId>,
}

/// What a lane does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// It takes this issue on: position in the list of candidates.
    Take(usize),
    /// Every issue left waits for one of these.
    Wait(Vec<IssueId>),
    /// It is through; these positions are left for another run, with the reason.
    Through(Vec<(usize, Left)>),
}

/// Why an issue is left for another run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// The run has taken on as many as it may.
    Enough,
    /// A hard issue leaves room for no more.
    AfterHigh,
    /// An extreme issue is a run of its own.
    AfterExtreme,
    /// It is extreme, and the run has begun with another.
    NeedsOwnRun,
}

impl Left {
    /// The reason in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Enough => "this run took on as many issues as it may",
            Self::AfterHigh => "a HIGH issue left no room for more",
            Self::AfterExtreme => "an EXTREME issue is a run of its own",
            Self::NeedsOwnRun => "it is EXTREME and needs a run of its own",
        }
    }
}

/// The next step of a lane: `candidates` oldest first, `taken` what it took on so far in this
/// run, `open` says whether an issue is still to be resolved by somebody.
pub fn step(
    candidates: &[Candidate],
    taken: &[Complexity],
    open: &dyn Fn(&IssueId) -> bool,
    rules: &Rules,
) -> Step {
    let why = room(taken, rules);
    let mut left = Vec::new();
    let mut waits = Vec::new();
    for (at, candidate) in candidates.iter().enumerate() {
        if let Some(why) = why {
            left.push((at, why));
            continue;
        }
        if candidate.complexity == Complexity::Extreme && !taken.is_empty() {
            left.push((at, Left::NeedsOwnRun));
            continue;
        }
        let blocking: Vec<IssueId> =
            candidate.waits_for.iter().filter(|id| open(id)).cloned().collect();
        if blocking.is_empty() {
            return Step::Take(at);
        }
        waits.extend(blocking);
    }
    if waits.is_empty() {
        return Step::Through(left);
    }
    waits.sort();
    waits.dedup();
    Step::Wait(waits)
}

/// Why no more issue may be taken on after these.
fn room(taken: &[Complexity], rules: &Rules) -> Option<Left> {
    if taken.contains(&Complexity::Extreme) {
        return Some(Left::AfterExtreme);
    }
    if let Some(at) = taken.iter().position(|c| *c == Complexity::High)
        && taken.len() - at > rules.after_high
    {
        return Some(Left::AfterHigh);
    }
    (taken.len() >= rules.most).then_some(Left::Enough)
}

/// Every circle of issues that wait for each other, each with its members sorted.
pub fn cycles(waits_for: &BTreeMap<IssueId, Vec<IssueId>>) -> Vec<Vec<IssueId>> {
    // An issue is in a circle with another when each is reachable from the other. The graphs are
    // small and nearly empty, so plain reachability does.
    let mut reached: BTreeMap<&IssueId, BTreeSet<&IssueId>> = BTreeMap::new();
    for (id, next) in waits_for.iter().filter(|(_, next)| !next.is_empty()) {
        let mut seen: BTreeSet<&IssueId> = BTreeSet::new();
        let mut todo: Vec<&IssueId> = next.iter().collect();
        while let Some(one) = todo.pop() {
            if seen.insert(one) {
                todo.extend(waits_for.get(one).into_iter().flatten());
            }
        }
        reached.insert(id, seen);
    }
    let mut found: Vec<Vec<IssueId>> = Vec::new();
    for (id, seen) in reached.iter().filter(|(id, seen)| seen.contains(**id)) {
        if found.iter().any(|circle| circle.contains(id)) {
            continue;
        }
        let together = |other: &&&IssueId| reached.get(**other).is_some_and(|r| r.contains(*id));
        let mut circle: Vec<IssueId> =
            seen.iter().filter(together).map(|other| (*other).clone()).collect();
        circle.sort();
        found.push(circle);
    }
    found
}

#[cfg(test)]
mod tests;
