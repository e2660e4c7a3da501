//! Drafts of learnings, from what really happened in a session. They say what is on record and
//! leave open what only somebody who was there can tell; with that gap they are not accepted.

use super::Kind;
use super::accept::GAP;
use super::rank::signature;

/// How many drafts are worth reading.
const MOST: usize = 10;
/// How many paths a draft names.
const PATHS: usize = 4;
/// From how many red runs on it was hard, and not just red before it was green.
const HARD: usize = 3;

/// What happened in a session, as far as its record and its commits tell.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Checks that were red.
    pub reds: Vec<Red>,
    /// Tasks that were dropped: number, text, reason.
    pub dropped: Vec<(u32, String, String)>,
    /// Tasks that were taken up again: number, text, how often.
    pub reopened: Vec<(u32, String, u32)>,
    /// Paths that the specification and the tasks speak of.
    pub spoken_of: Vec<String>,
    /// Paths that were changed and are not among them.
    pub outside: Vec<String>,
    /// Questions that were assumed to be answered: question, assumption.
    pub assumed: Vec<(String, String)>,
    /// Criteria that somebody wanted otherwise after they were frozen: number, frozen, wanted.
    pub otherwise: Vec<(u32, String, String)>,
    /// Commits that were reverted: id, subject.
    pub reverted: Vec<(String, String)>,
    /// Learnings that were told and disputed by this issue: name, lesson, what was found.
    pub contradicted: Vec<(String, String, String)>,
}

/// A check that was red, and what became of it.
#[derive(Clone, Debug)]
pub struct Red {
    /// What it speaks of, such as `task 2`.
    pub subject: String,
    /// Numbers of its red runs.
    pub runs: Vec<u32>,
    /// The line of the first red output that says what was wrong.
    pub line: String,
    /// The run that was green at last.
    pub green: Option<u32>,
    /// What was changed between the first red run and the green one.
    pub changed: Vec<String>,
}

/// A learning that may be worth giving.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Why it is proposed.
    pub because: String,
    /// What sort of thing it is.
    pub kind: Kind,
    /// When it applies, in words.
    pub trigger: String,
    /// The error text it explains.
    pub error: Option<String>,
    /// The paths it applies to.
    pub paths: Vec<String>,
    /// What is known of the lesson; holds [`GAP`] where something is missing.
    pub lesson: String,
    /// What shows it.
    pub evidence: String,
}

/// The drafts, those first that cost most.
pub fn drafts(seen: &Seen) -> Vec<Draft> {
    let mut list = Vec::new();
    list.extend(seen.contradicted.iter().map(contradicted));
    list.extend(by_error(&seen.reds).into_iter().map(|red| red_then_green(&red)));
    list.extend(seen.reverted.iter().map(reverted));
    list.extend(seen.reopened.iter().map(reopened));
    list.extend(seen.otherwise.iter().map(otherwise));
    list.extend(outside(seen));
    list.extend(seen.dropped.iter().map(dropped));
    list.extend(seen.assumed.iter().map(assumed));
    list.truncate(MOST);
    list
}

/// The red checks, those with the same error as one; the most often red first.
fn by_error(reds: &[Red]) -> Vec<Red> {
    let mut merged: Vec<(String, Red)> = Vec::new();
    for red in reds {
        let sign = signature(&red.line);
        match merged.iter_mut().find(|(other, _)| *other == sign && !sign.is_empty()) {
            Some((_, first)) => {
                first.runs.extend(&red.runs);
                first.green = first.green.or(red.green);
                for path in &red.changed {
                    if !first.changed.contains(path) {
                        first.changed.push(path.clone());
                    }
                }
                if !first.subject.contains(&red.subject) {
                    first.subject = format!("{}, {}", first.subject, red.subject);
                }
            }
            None => merged.push((sign, red.clone())),
        }
    }
    let mut list: Vec<Red> = merged.into_iter().map(|(_, red)| red).collect();
    list.sort_by_key(|red| std::cmp::Reverse(red.runs.len()));
    list
}

fn red_then_green(red: &Red) -> Draft {
    let times = match red.runs.len() {
        1 => "once".to_owned(),
        n => format!("{n} times"),
    };
    let changed = some(&red.changed);
    let then = match (red.green, changed.as_str()) {
        (Some(_), "") => ", then green".to_owned(),
        (Some(_), files) => format!(", then green after {files} changed"),
        (None, _) => ", and is still".to_owned(),
    };
    let hard = red.runs.len() >= HARD;
    let lesson = if hard {
        format!(
            "It took {} attempts until {} passed: [what failed first, {GAP}].",
            red.runs.len() + 1,
            red.subject
        )
    } else if changed.is_empty() {
        format!("It means [what], {GAP}].")
            .replace(&format!("[what], {GAP}]"), &format!("[what; {GAP}]"))
    } else {
        format!("It means [what]; what helped was in {changed}: [{GAP}].")
    };
    let mut runs: Vec<String> = red.runs.iter().take(3).map(|n| format!("evidence {n}")).collect();
    runs.extend(red.green.map(|n| format!("green: evidence {n}")));
    Draft {
        because: format!("{} was red {times}{then}", red.subject),
        kind: if hard { Kind::Pitfall } else { Kind::ErrorPattern },
        trigger: String::new(),
        error: Some(red.line.clone()).filter(|line| !line.is_empty()),
        paths: red.changed.iter().take(PATHS).cloned().collect(),
        lesson,
        evidence: runs.join(", "),
    }
}

fn contradicted((name, lesson, found): &(String, String, String)) -> Draft {
    Draft {
        because: format!("{name} was told and disputed"),
        kind: Kind::Pitfall,
        trigger: format!("{name} says: {lesson}"),
        error: None,
        paths: Vec::new(),
        lesson: format!("{name} does not hold here: {found} [{GAP}]"),
        evidence: String::new(),
    }
}

fn reverted((commit, subject): &(String, String)) -> Draft {
    Draft {
        because: format!("{subject:?} was committed and reverted"),
        kind: Kind::DeadEnd,
        trigger: subject.clone(),
        error: None,
        paths: Vec::new(),
        lesson: format!("{subject} was tried and taken back: [{GAP}]."),
        evidence: format!("commit {commit}"),
    }
}

fn reopened((number, text, times): &(u32, String, u32)) -> Draft {
    Draft {
        because: format!("task {number} was done and taken up again {times}×"),
        kind: Kind::Pitfall,
        trigger: text.clone(),
        error: None,
        paths: Vec::new(),
        lesson: format!("{text} looked done and was not: [what was missed, {GAP}]."),
        evidence: format!("task {number}"),
    }
}

fn otherwise((number, frozen, wanted): &(u32, String, String)) -> Draft {
    Draft {
        because: format!("criterion {number} was wanted otherwise after it was frozen"),
        kind: Kind::SpecDivergence,
        trigger: frozen.clone(),
        error: None,
        paths: Vec::new(),
        lesson: format!("The criterion {frozen:?} would better have been {wanted:?}: [{GAP}]."),
        evidence: format!("criterion {number}"),
    }
}

fn outside(seen: &Seen) -> Option<Draft> {
    if seen.outside.is_empty() || seen.spoken_of.is_empty() {
        return None;
    }
    let (outside, spoken) = (some(&seen.outside), some(&seen.spoken_of));
    Some(Draft {
        because: format!("{outside} changed, of which the specification says nothing"),
        kind: Kind::SpecDivergence,
        trigger: format!("changing {spoken}"),
        error: None,
        paths: seen.outside.iter().take(PATHS).cloned().collect(),
        lesson: format!("A change of {spoken} needs one of {outside} too: [{GAP}]."),
        evidence: seen.outside.first().cloned().unwrap_or_default(),
    })
}

fn dropped((number, text, reason): &(u32, String, String)) -> Draft {
    Draft {
        because: format!("task {number} was dropped"),
        kind: Kind::Decision,
        trigger: text.clone(),
        error: None,
        paths: Vec::new(),
        lesson: format!("{text} was not done: {reason} [{GAP}]"),
        evidence: format!("task {number}"),
    }
}

fn assumed((question, assumption): &(String, String)) -> Draft {
    Draft {
        because: "an open question was assumed to be answered".to_owned(),
        kind: Kind::Decision,
        trigger: question.clone(),
        error: None,
        paths: Vec::new(),
        lesson: format!("{question} It was assumed: {assumption} [whether that held, {GAP}]"),
        evidence: String::new(),
    }
}

/// The first few of a list, and how many more there are.
fn some(list: &[String]) -> String {
    let shown = list.iter().take(PATHS).cloned().collect::<Vec<_>>().join(", ");
    match list.len().saturating_sub(PATHS) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn red(subject: &str, runs: &[u32], line: &str, green: Option<u32>) -> Red {
        Red {
            subject: subject.to_owned(),
            runs: runs.to_vec(),
            line: line.to_owned(),
            green,
            changed: vec!["src/parser.rs".to_owned()],
        }
    }

    #[test]
    fn the_same_error_in_two_checks_is_one_draft() {
        let reds = vec![
            red("task 1", &[1], "error: no field `a` at src/x.rs:12", Some(2)),
            red("criterion 1", &[3, 4], "error: no field `a` at src/x.rs:99", Some(5)),
        ];
        let list = drafts(&Seen { reds, ..Seen::default() });
        assert_eq!(list.len(), 1);
        assert_eq!(
            list[0].because,
            "task 1, criterion 1 was red 3 times, then green after src/parser.rs changed"
        );
        assert_eq!(list[0].evidence, "evidence 1, evidence 3, evidence 4, green: evidence 2");
        assert!(list[0].lesson.contains(GAP), "{}", list[0].lesson);
    }

    #[test]
    fn every_draft_has_a_gap_that_somebody_must_fill() {
        let pair = || ("Cache the index".to_owned(), "it is small".to_owned());
        let seen = Seen {
            reds: vec![red("task 1", &[1], "", None), red("task 2", &[2, 3, 4], "x", Some(5))],
            dropped: vec![(1, pair().0, pair().1)],
            reopened: vec![(2, pair().0, 1)],
            spoken_of: vec!["src/a.rs".to_owned()],
            outside: vec!["build.rs".to_owned()],
            assumed: vec![pair()],
            otherwise: vec![(1, pair().0, pair().1)],
            reverted: vec![pair()],
            contradicted: vec![("80.1".to_owned(), pair().0, pair().1)],
        };
        let list = drafts(&seen);
        assert_eq!(list.len(), 9);
        for draft in list {
            assert!(draft.lesson.contains(GAP), "{draft:?}");
        }
    }
}
