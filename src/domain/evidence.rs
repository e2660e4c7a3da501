//! What git-orch saw when it ran a check, and when that counts.

use super::ids::{CommitId, Digest, TreeId};
use super::time::Moment;

/// What a piece of evidence speaks of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// An acceptance criterion, by number.
    Criterion(u32),
    /// A task, by number.
    Task(u32),
    /// A validator of the project's configuration, by name.
    Validator(String),
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Criterion(number) => write!(f, "criterion {number}"),
            Self::Task(number) => write!(f, "task {number}"),
            Self::Validator(name) => write!(f, "validator {name}"),
        }
    }
}

/// How a check ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It passed.
    Green,
    /// It ended with this exit code; codes above 128 mean a signal.
    Exit(i32),
    /// It ran past its time limit, in seconds, and was ended.
    TimedOut(u64),
    /// It passed but its own output says that it ran no test.
    NoTests,
    /// It could not be started.
    NotStarted(String),
}

impl Outcome {
    /// Whether the check counts as passed.
    pub fn is_green(&self) -> bool {
        *self == Self::Green
    }

    /// The outcome in a few words.
    pub fn words(&self) -> String {
        match self {
            Self::Green => "passed".to_owned(),
            Self::Exit(code) => format!("exit code {code}"),
            Self::TimedOut(limit) => format!("still running after {limit} s"),
            Self::NoTests => "ran no test".to_owned(),
            Self::NotStarted(reason) => format!("could not start: {reason}"),
        }
    }
}

/// One run of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Number within the issue, from 1.
    pub number: u32,
    /// What it speaks of.
    pub subject: Subject,
    /// The command that ran; empty for a criterion that a person confirmed.
    pub command: String,
    /// Branch tip when it ran.
    pub commit: CommitId,
    /// Tree of the worktree when it ran: of the tip, or of the tip with uncommitted changes.
    pub tree: TreeId,
    /// When it began.
    pub started: Moment,
    /// How long it took, in milliseconds.
    pub millis: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// Number of tests its output speaks of, when it speaks of any.
    pub tests: Option<u64>,
    /// Digest of the kept output.
    pub output: Digest,
    /// Who confirmed it and with what words, for a manual criterion.
    pub confirmed: Option<String>,
}

/// The newest evidence for `subject` at `tree`, if it was taken there at all.
pub fn latest<'a>(all: &'a [Evidence], subject: &Subject, tree: &TreeId) -> Option<&'a Evidence> {
    all.iter().rev().find(|e| e.subject == *subject && e.tree == *tree)
}

/// How many tests a check's output says it ran, over the runners people use most; `None` when it
/// speaks of none of them. Zero means the runner found nothing to run, which proves nothing.
pub fn tests_collected(output: &str) -> Option<u64> {
    let mut total = None;
    for line in output.lines() {
        if let Some(count) = count_in(line.trim()) {
            total = Some(total.unwrap_or(0) + count);
        }
    }
    total
}

/// The number of tests one line of a runner's output speaks of.
fn count_in(line: &str) -> Option<u64> {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        // In this order: cargo test, unittest, cargo nextest, pytest, mocha, jest and vitest.
        ["running", n, "test" | "tests"]
        | ["Ran", n, "test" | "tests", "in", ..]
        | ["Starting", n, "test" | "tests", ..]
        | ["collected", n, "item" | "items", ..]
        | [n, "passing", ..]
        | ["Tests:" | "Tests", .., n, "total"] => n.parse().ok(),
        // go test: a package that has no tests says so, one that has says ok and the time
        ["?", _, "[no", "test", "files]"] | ["ok", _, .., "[no", "tests", "to", "run]"] => Some(0),
        ["ok", package, time, ..] if package.contains('/') && time.ends_with('s') => Some(1),
        _ if line.contains("no tests ran") || line.contains("No tests found") => Some(0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_tests_of_the_common_runners() {
        for (output, count) in [
            ("running 3 tests\n...\nrunning 0 tests\n", Some(3)),
            ("running 0 tests\n", Some(0)),
            ("collected 0 items\n\n=== no tests ran in 0.01s ===", Some(0)),
            ("collected 12 items", Some(12)),
            ("Ran 0 tests in 0.000s", Some(0)),
            ("  4 passing (20ms)", Some(4)),
            ("Tests:       2 failed, 5 passed, 7 total", Some(7)),
            ("ok  \texample.com/x\t0.003s [no tests to run]", Some(0)),
            ("?   \texample.com/x\t[no test files]", Some(0)),
            ("ok  \texample.com/x\t0.003s", Some(1)),
            ("all good", None),
        ] {
            assert_eq!(tests_collected(output), count, "{output:?}");
        }
    }
}
