//! What recurs: where an issue was hard, read from its record.

use super::evidence::Subject;
use super::ids::CommitId;
use super::phase::Phase;
use super::session::Session;

/// Longest line that is kept of an output, in characters.
const LINE_LIMIT: usize = 240;

/// Words that mark the line of an output which says what was wrong, the most telling first.
const TELLING: [&str; 8] =
    ["error", "panicked", "exception", "fatal", "failed", "failure", "cannot", "not found"];

/// The line of a red check's output that says what was wrong; the last one when none does.
pub fn telling_line(output: &str) -> Option<&str> {
    let lines = || output.lines().map(str::trim).filter(|line| !line.is_empty());
    let is_sum = |line: &str| {
        line.contains("0 error") || line.contains("0 failed") || line.starts_with("test result")
    };
    let telling = TELLING
        .iter()
        .find_map(|word| lines().find(|line| line.to_lowercase().contains(word) && !is_sum(line)));
    let line = telling.or_else(|| lines().next_back())?;
    let end = line.char_indices().nth(LINE_LIMIT).map_or(line.len(), |(at, _)| at);
    Some(&line[..end])
}

/// Whether every criterion and validator was green the first time it ran; `None` when none ran.
pub fn first_pass(session: &Session) -> Option<bool> {
    let mut seen: Vec<&Subject> = Vec::new();
    let mut all_green = true;
    for evidence in &session.evidence {
        if matches!(evidence.subject, Subject::Task(_)) || seen.contains(&&evidence.subject) {
            continue;
        }
        seen.push(&evidence.subject);
        all_green &= evidence.outcome.is_green();
    }
    (!seen.is_empty()).then_some(all_green)
}

/// How many seconds the issue was in each phase, every stay added up.
pub fn phase_seconds(session: &Session) -> Vec<(Phase, u64)> {
    let mut sums: Vec<(Phase, u64)> = Vec::new();
    let mut add = |phase: Phase, seconds: u64| match sums.iter_mut().find(|(p, _)| *p == phase) {
        Some((_, sum)) => *sum += seconds,
        None => sums.push((phase, seconds)),
    };
    let mut since = session.created;
    for step in &session.moves {
        add(step.from, step.at.since(since));
        since = step.at;
    }
    if let Some(end) = &session.end {
        add(session.phase, end.at.since(since));
    }
    sums
}

/// Where the branch stood each time something had to be mended, and where when it was: from going
/// back until going on, and from the first red run of a check until its next green one.
pub fn repairs(session: &Session) -> Vec<(CommitId, CommitId)> {
    let mut pairs = Vec::new();
    let mut stood: Option<&CommitId> = None;
    let mut back: Option<&CommitId> = None;
    for step in &session.moves {
        if step.to < step.from {
            // A new commit is what makes an issue go back, so what was changed begins before it.
            back = back.or(stood);
            continue;
        }
        if let Some(from) = back.take().filter(|from| **from != step.tip) {
            pairs.push((from.clone(), step.tip.clone()));
        }
        stood = Some(&step.tip);
    }
    for red in session.evidence.iter().filter(|e| !e.outcome.is_green()) {
        let green = session
            .evidence
            .iter()
            .find(|e| e.number > red.number && e.subject == red.subject && e.outcome.is_green());
        let pair = green.map(|green| (red.commit.clone(), green.commit.clone()));
        pairs.extend(pair.filter(|(from, to)| from != to));
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_telling_line_is_the_one_that_says_what_was_wrong() {
        let output = "Compiling a\nwarning: unused\nerror[E0382]: borrow of moved value\n  --> x\n";
        assert_eq!(telling_line(output), Some("error[E0382]: borrow of moved value"));
        assert_eq!(telling_line("0 errors\nthe answer is 41\n\n"), Some("the answer is 41"));
        assert_eq!(telling_line("\n \n"), None);
    }
}
