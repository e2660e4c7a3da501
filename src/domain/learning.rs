//! What was learned: its form, and what is refused as saying nothing.

use std::fmt;
use std::str::FromStr;

use super::ids::IssueId;
use super::refusal::Unmet;
use super::time::Moment;

/// Longest lesson, in characters: three sentences.
pub const LESSON_LIMIT: usize = 480;
/// Shortest lesson, in characters: below this nothing can be acted on.
pub const LESSON_MINIMUM: usize = 20;

/// What sort of thing was learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Something that goes wrong and how to keep clear of it.
    Pitfall,
    /// What is always to be done here.
    Rule,
    /// What was chosen, and why.
    Decision,
    /// Where what was built differs from what was specified.
    SpecDivergence,
    /// An error and what it means.
    ErrorPattern,
    /// Tried and failed; not to be tried again.
    DeadEnd,
    /// True now, until its expiry.
    Fact,
}

/// A text that names no kind of learning.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a kind of learning ({kinds})", kinds = Kind::list())]
pub struct UnknownKind(pub String);

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::Pitfall,
        Self::Rule,
        Self::Decision,
        Self::SpecDivergence,
        Self::ErrorPattern,
        Self::DeadEnd,
        Self::Fact,
    ];

    /// The name in files and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pitfall => "pitfall",
            Self::Rule => "rule",
            Self::Decision => "decision",
            Self::SpecDivergence => "spec-divergence",
            Self::ErrorPattern => "error-pattern",
            Self::DeadEnd => "dead-end",
            Self::Fact => "fact",
        }
    }

    fn list() -> String {
        Self::ALL.map(Self::name).join(", ")
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == text)
            .ok_or_else(|| UnknownKind(text.to_owned()))
    }
}

/// One thing learned in one issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Learning {
    /// Number within the issue, from 1; `81.2` names it across issues.
    pub number: u32,
    /// What sort of thing it is.
    pub kind: Kind,
    /// When it applies: words, an error text, or paths.
    pub trigger: String,
    /// One to three sentences.
    pub lesson: String,
    /// What shows it: a commit, a file and symbol, or an evidence number.
    pub evidence: String,
    /// Who gave it: an agent role, or `person`.
    pub author: String,
    /// When it was given.
    pub at: Moment,
    /// Until when it holds, for a fact.
    pub expires: Option<Moment>,
}

/// The name of a learning across issues: `81.2`.
pub fn learning_id(issue: &IssueId, number: u32) -> String {
    format!("{issue}.{number}")
}

/// What keeps `candidate` from being accepted beside `others`; empty when it is acceptable.
pub fn objections(candidate: &Learning, others: &[Learning], now: Moment) -> Vec<Unmet> {
    let mut unmet = Vec::new();
    let mut object = |code, why: String, fix: &str| unmet.push(Unmet::new(code, why, fix));
    let lesson = candidate.lesson.trim();
    let length = lesson.chars().count();
    if length < LESSON_MINIMUM || is_boilerplate(lesson) {
        object(
            "learning-empty",
            format!("{lesson:?} says nothing that the next agent could act on"),
            "git orch learn add --lesson 'what goes wrong, and what to do instead' …",
        );
    }
    if length > LESSON_LIMIT {
        object(
            "learning-long",
            format!("the lesson has {length} characters; {LESSON_LIMIT} is the limit"),
            "git orch learn add --lesson 'one to three sentences' …   (give two learnings for two lessons)",
        );
    }
    if candidate.trigger.trim().len() < 3 {
        object(
            "learning-trigger",
            "it does not say when it applies".to_owned(),
            "git orch learn add --when 'words, an error text or paths' …",
        );
    }
    if candidate.evidence.trim().len() < 3 {
        object(
            "learning-evidence",
            "it names nothing that shows it".to_owned(),
            "git orch learn add --evidence 'a commit, a file and symbol, or an evidence number' …",
        );
    }
    match (candidate.kind, candidate.expires) {
        (Kind::Fact, None) => object(
            "learning-expiry",
            "a fact holds only for a time, and none is given".to_owned(),
            "git orch learn add --kind fact --expires 2027-01-31 …",
        ),
        (_, Some(expires)) if expires <= now => object(
            "learning-expired",
            format!("it expired on {expires}"),
            "git orch learn add --kind fact --expires 2027-01-31 …",
        ),
        _ => {}
    }
    if let Some(twin) = others.iter().find(|other| similarity(&other.lesson, lesson) >= 0.8) {
        object(
            "learning-twin",
            format!("learning {} says the same: {:?}", twin.number, twin.lesson),
            "git orch learn list",
        );
    }
    unmet
}

/// Phrases that fill the field without saying anything.
fn is_boilerplate(lesson: &str) -> bool {
    const EMPTY: [&str; 12] = [
        "n/a",
        "none",
        "nothing",
        "no learnings",
        "nothing learned",
        "todo",
        "tbd",
        "all good",
        "everything worked",
        "it works",
        "works as expected",
        "always test your code",
    ];
    let plain: String = lesson
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || c.is_whitespace() || *c == '/')
        .collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    EMPTY.contains(&plain.as_str())
}

/// Share of words two texts have in common (Jaccard index over lower-cased words), 0 to 1.
pub fn similarity(a: &str, b: &str) -> f64 {
    let words = |text: &str| -> std::collections::BTreeSet<String> {
        text.to_lowercase()
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let (a, b) = (words(a), words(b));
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    let count = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    count(a.intersection(&b).count()) / count(a.union(&b).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learning(lesson: &str) -> Learning {
        Learning {
            number: 1,
            kind: Kind::Pitfall,
            trigger: "rebase with a dirty index".to_owned(),
            lesson: lesson.to_owned(),
            evidence: "src/rebase.rs fn start".to_owned(),
            author: "person".to_owned(),
            at: Moment::from_seconds(0),
            expires: None,
        }
    }

    #[test]
    fn a_useful_lesson_is_accepted() {
        let candidate = learning("Rebase refuses a dirty index; commit or drop changes first.");
        assert_eq!(objections(&candidate, &[], Moment::from_seconds(0)), []);
    }

    #[test]
    fn emptiness_length_and_twins_are_objected_to() {
        let now = Moment::from_seconds(0);
        let code = |l: &Learning, o: &[Learning]| objections(l, o, now).first().map(|u| u.code);
        assert_eq!(code(&learning("Everything worked."), &[]), Some("learning-empty"));
        assert_eq!(code(&learning(&"word ".repeat(200)), &[]), Some("learning-long"));
        let first = learning("Rebase refuses a dirty index; commit or drop changes first.");
        let second = learning("rebase refuses a dirty index: commit, or drop changes first");
        assert_eq!(code(&second, &[first]), Some("learning-twin"));
        let mut fact = learning("The build server has only one core this month.");
        fact.kind = Kind::Fact;
        assert_eq!(code(&fact, &[]), Some("learning-expiry"));
    }
}
