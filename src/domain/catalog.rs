//! The catalog: issues that wait in lanes, as people wrote them down in Markdown.
//!
//! Only the words and their meaning are here. `store::catalog` reads and writes the files;
//! [`script`] tells the verification commands of an issue apart, [`check`] says how one decides,
//! [`tally`] counts.

pub mod check;
pub mod script;
pub mod tally;

use std::fmt;
use std::str::FromStr;

use super::ids::IssueId;
use check::Check;

/// The name of a lane: `E`, `DOCS`, `api-2`.
///
/// One to forty letters, digits, hyphens and underscores, beginning with a letter or digit: safe
/// as the name of a file, a folder and a ref component.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LaneName(String);

/// Why a text is no lane name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{shown:?} is not a lane: use letters, digits, - and _, at most 40, such as E or DOCS")]
pub struct BadLaneName {
    /// The text as given, cut to sixty characters.
    pub shown: String,
}

impl LaneName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LaneName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for LaneName {
    type Err = BadLaneName;

    fn from_str(text: &str) -> Result<Self, BadLaneName> {
        let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        let begins = text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
        if begins && text.len() <= 40 && text.bytes().all(fits) {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadLaneName { shown: text.chars().take(60).collect() })
        }
    }
}

/// How bad an issue is, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Only cosmetic.
    Trivial,
    /// An inconvenience.
    Low,
    /// Something is degraded and there is a way round.
    Medium,
    /// Something is broken.
    High,
    /// Data or people are at risk.
    Critical,
}

impl Level {
    /// Every level, lowest first.
    pub const ALL: [Self; 5] = [Self::Trivial, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The word in the files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Trivial => "TRIVIAL",
            Self::Low => "LOW",
            Self::Medium => "MEDIUM",
            Self::High => "HIGH",
            Self::Critical => "CRITICAL",
        }
    }

    /// The level that a score of 1 to 10 stands for: 9 and up CRITICAL, 7 HIGH, 5 MEDIUM, 3 LOW.
    pub fn of_score(score: u8) -> Self {
        match score {
            9.. => Self::Critical,
            7..=8 => Self::High,
            5..=6 => Self::Medium,
            3..=4 => Self::Low,
            _ => Self::Trivial,
        }
    }
}

impl FromStr for Level {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|level| level.word().eq_ignore_ascii_case(text.trim())).ok_or(())
    }
}

/// How bad an issue is: `7/10 HIGH`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Severity {
    /// From 1 to 10.
    pub score: Option<u8>,
    /// In words.
    pub level: Option<Level>,
}

impl Severity {
    /// Reads `7/10 HIGH`, `7/10`, `7`, `HIGH` and `7/10 (HIGH)`; `None` when it is none of them.
    pub fn read(text: &str) -> Option<Self> {
        let mut severity = Self::default();
        for word in text.split([' ', '(', ')', ',']).filter(|word| !word.is_empty()) {
            let score = word.strip_suffix("/10").unwrap_or(word);
            if let Ok(score @ 1..=10) = score.parse::<u8>() {
                severity.score = Some(score);
            } else {
                severity.level = Some(word.parse().ok()?);
            }
        }
        (severity != Self::default()).then_some(severity)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = self.level.map(Level::word);
        match (self.score, level) {
            (Some(score), Some(level)) => f.pad(&format!("{score}/10 {level}")),
            (Some(score), None) => f.pad(&format!("{score}/10")),
            (None, level) => f.pad(level.unwrap_or("-")),
        }
    }
}

/// What the status of an issue means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It waits for somebody.
    Open,
    /// Somebody is on it.
    Taken,
    /// It waits for something.
    Blocked,
    /// It is done.
    Resolved,
    /// A word that nobody agreed on.
    Unknown,
}

/// The status of an issue, as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The word in the file.
    pub word: String,
    /// What it means.
    pub standing: Standing,
}

impl Status {
    /// Reads a status; words that people write for the same thing mean the same.
    pub fn read(text: &str) -> Self {
        let word = text.trim().trim_matches(['*', '`', '"', '\'']).to_owned();
        let plain = word.to_ascii_uppercase().replace([' ', '-'], "_");
        let standing = match plain.as_str() {
            "OPEN" | "NEW" | "PENDING" | "REOPENED" => Standing::Open,
            "IN_PROGRESS" | "WIP" | "ASSIGNED" | "TAKEN" => Standing::Taken,
            "RESOLVED" | "CLOSED" | "FIXED" | "DONE" | "WONTFIX" | "DUPLICATE" => {
                Standing::Resolved
            }
            _ if plain.starts_with("BLOCKED") || plain == "DEFERRED" => Standing::Blocked,
            _ => Standing::Unknown,
        };
        Self { word, standing }
    }

    /// Whether the issue is done.
    pub fn is_resolved(&self) -> bool {
        self.standing == Standing::Resolved
    }
}

/// An issue of the catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: IssueId,
    /// Its lane.
    pub lane: LaneName,
    /// One line.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// What kind of thing it is.
    pub tags: Vec<String>,
    /// Where it stands.
    pub status: Status,
    /// Files that are to be changed, as written: paths, folders or globs.
    pub paths: Vec<String>,
    /// Issues that must be resolved first.
    pub depends_on: Vec<IssueId>,
    /// Issues that wait for this one.
    pub blocks: Vec<IssueId>,
    /// Issues that have to do with it.
    pub related: Vec<IssueId>,
    /// The kind of verification, as named in the file.
    pub pattern: Option<String>,
    /// What is wrong.
    pub problem: String,
    /// What shows that.
    pub evidence: String,
    /// What must be done.
    pub fix: String,
    /// What shows that it is done.
    pub checks: Vec<Check>,
    /// The file, relative to the folder of the catalog.
    pub file: String,
}

/// Something about a catalog that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// The file, relative to the folder of the catalog.
    pub file: String,
    /// The line, from 1; 0 when it is about the whole file.
    pub line: usize,
    /// What is wrong.
    pub what: String,
    /// Whether something cannot be used because of it; otherwise it is only worth a look.
    pub grave: bool,
}

impl Complaint {
    /// Something that cannot be used as it is.
    pub fn wrong(file: &str, line: usize, what: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, what: what.into(), grave: true }
    }

    /// Something that is worth a look.
    pub fn odd(file: &str, line: usize, what: impl Into<String>) -> Self {
        Self { grave: false, ..Self::wrong(file, line, what) }
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.what),
            line => write!(f, "{}:{line}: {}", self.file, self.what),
        }
    }
}

/// A path of the files as it is meant: without `./`, line numbers (`a.py:12-14`), backticks and
/// remarks behind it. `None` when it leads out of the repository or is no path at all.
pub fn plain_path(text: &str) -> Option<String> {
    let text = text.trim();
    let text = match text.strip_prefix('`') {
        Some(rest) => rest.split('`').next().unwrap_or_default(),
        None => text.split(" (").next().unwrap_or_default().split(" - ").next().unwrap_or_default(),
    };
    let text = text.trim().trim_matches(['"', '\'']);
    let text = match text.rsplit_once(':') {
        Some((path, lines)) if lines.starts_with(|c: char| c.is_ascii_digit()) => path,
        _ => text,
    };
    let text = text.strip_prefix("./").unwrap_or(text);
    let leads_out = text.starts_with('/') || text.split('/').any(|part| part == "..");
    let odd = text.is_empty() || text.chars().any(char::is_control);
    (!leads_out && !odd).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_are_safe_names() {
        for good in ["E", "DOCS", "api-2", "a_b"] {
            assert!(good.parse::<LaneName>().is_ok(), "{good}");
        }
        for bad in ["", "-x", "../x", "a b", "a/b", ".E", "É", &"x".repeat(41)] {
            assert!(bad.parse::<LaneName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn severities_are_read_as_people_write_them() {
        for (text, shown) in [
            ("7/10 HIGH", "7/10 HIGH"),
            ("2/10 (LOW)", "2/10 LOW"),
            ("5", "5/10"),
            ("critical", "CRITICAL"),
        ] {
            assert_eq!(Severity::read(text).unwrap().to_string(), shown);
        }
        for bad in ["", "11/10", "0", "very", "7/10 HUGE"] {
            assert_eq!(Severity::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn statuses_are_told() {
        assert!(Status::read(" **resolved** ").is_resolved());
        assert_eq!(Status::read("In Progress").standing, Standing::Taken);
        assert_eq!(Status::read("BLOCKED_ON_PERMISSION").standing, Standing::Blocked);
        assert_eq!(Status::read("maybe").standing, Standing::Unknown);
    }

    #[test]
    fn paths_are_taken_as_meant() {
        for (text, path) in [
            ("`tools/a.py:12-14`", "tools/a.py"),
            ("./a.md", "a.md"),
            ("src/a.rs (new)", "src/a.rs"),
            ("docs/", "docs/"),
            ("a b.md", "a b.md"),
        ] {
            assert_eq!(plain_path(text).as_deref(), Some(path));
        }
        for bad in ["", "/etc/passwd", "../x", "a/../../b", "a\u{1b}b"] {
            assert_eq!(plain_path(bad), None, "{bad:?}");
        }
    }
}
