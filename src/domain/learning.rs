//! What was learned: its form, what is refused as saying nothing, and what becomes of it.

pub mod accept;
pub mod anchor;
pub mod draft;
pub mod rank;
pub mod standing;

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use self::anchor::Anchor;
use super::ids::IssueId;
use super::time::Moment;

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
    /// When it applies, in words; empty when an error text or paths say it.
    pub trigger: String,
    /// The error text it explains, as it is printed.
    pub error: Option<String>,
    /// Files, folders or globs it applies to.
    pub paths: Vec<String>,
    /// One to three sentences.
    pub lesson: String,
    /// What shows it, as it was given: a commit, a file and symbol, or an evidence number.
    pub evidence: String,
    /// What of that was found when it was given.
    pub anchor: Anchor,
    /// Who gave it: an agent role, or `person`.
    pub author: String,
    /// When it was given.
    pub at: Moment,
    /// Until when it holds, for a fact.
    pub expires: Option<Moment>,
}

impl Learning {
    /// When it applies, on one line.
    pub fn when(&self) -> String {
        let mut parts: Vec<&str> = Vec::new();
        parts.extend(Some(self.trigger.as_str()).filter(|words| !words.is_empty()));
        parts.extend(self.error.as_deref());
        parts.extend(self.paths.iter().map(String::as_str));
        parts.join(", ")
    }

    /// The part of the project it speaks of: the folder of its first path, or of its file.
    pub fn area(&self) -> &str {
        let path = self.paths.first().or(self.anchor.file.as_ref()).map_or("", String::as_str);
        path.trim_end_matches('/').rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Whether one of `paths` is one it applies to: the same, below it, or matched by its glob.
    pub fn covers(&self, paths: &[String]) -> bool {
        self.paths.iter().any(|own| {
            let own = own.trim_end_matches('/');
            let glob = globset::GlobBuilder::new(own).literal_separator(true).build();
            let glob = glob.map(|glob| glob.compile_matcher()).ok();
            paths.iter().any(|path| {
                path == own
                    || path.strip_prefix(own).is_some_and(|rest| rest.starts_with('/'))
                    || glob.as_ref().is_some_and(|glob| glob.is_match(path))
            })
        })
    }
}

/// The name of a learning across issues: `81.2`.
pub fn learning_id(issue: &IssueId, number: u32) -> String {
    format!("{issue}.{number}")
}

/// A text that is no name of a learning.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no learning; it is the issue, a dot and a number, such as 81.2")]
pub struct BadLearningId(pub String);

/// The issue and the number that `81.2` names.
pub fn parse_id(text: &str) -> Result<(IssueId, u32), BadLearningId> {
    let wrong = || BadLearningId(text.to_owned());
    let (issue, number) = text.rsplit_once('.').ok_or_else(wrong)?;
    match (issue.parse(), number.parse()) {
        (Ok(issue), Ok(number)) if number > 0 => Ok((issue, number)),
        _ => Err(wrong()),
    }
}

/// The words of a text that say what it is about: three letters and more, in lower case and
/// without the `s` of a plural, the parts of a path each a word of its own.
pub fn telling_words(text: &str) -> BTreeSet<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() >= 3 && !COMMON.contains(word))
        .map(|word| match word.strip_suffix('s') {
            Some(stem) if stem.len() >= 3 && !stem.ends_with('s') => stem.to_owned(),
            _ => word.to_owned(),
        })
        .collect()
}

/// Words that say nothing about what a text is about.
const COMMON: [&str; 30] = [
    "the", "and", "for", "with", "when", "that", "this", "not", "are", "was", "from", "into",
    "has", "have", "does", "without", "after", "before", "its", "all", "one", "any", "them",
    "their", "they", "then", "than", "but", "can", "will",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_learning_is_named_by_issue_and_number() {
        let issue: IssueId = "GH-81".parse().unwrap();
        assert_eq!(parse_id(&learning_id(&issue, 12)), Ok((issue, 12)));
        for text in ["81", "81.", "81.x", ".2", "81.0", "a b.1"] {
            assert!(parse_id(text).is_err(), "{text}");
        }
    }
}
