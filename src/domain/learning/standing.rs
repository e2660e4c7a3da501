//! What becomes of a learning: proposed, reviewed, doubted, retired.
//!
//! What was done with a learning is kept as marks, oldest first, and never changed; where it
//! stands follows from them, from its expiry, and from whether what it is anchored to is there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use super::super::ids::IssueId;
use super::super::time::Moment;
use super::Learning;

/// How many disputes make a learning suspect: one may be a mistake of the one who disputes.
pub const DOUBTS: usize = 2;

/// What was done with a learning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// A person took it as right.
    Accepted,
    /// A person took it as wrong or of no use.
    Rejected,
    /// It was found right again.
    Confirmed,
    /// It was found wrong.
    Disputed,
    /// It is not to be used any more.
    Retired,
}

/// A text that names no act.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not accepted, rejected, confirmed, disputed or retired")]
pub struct UnknownAct(pub String);

impl Act {
    /// All acts.
    pub const ALL: [Self; 5] =
        [Self::Accepted, Self::Rejected, Self::Confirmed, Self::Disputed, Self::Retired];

    /// The word in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Confirmed => "confirmed",
            Self::Disputed => "disputed",
            Self::Retired => "retired",
        }
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Act {
    type Err = UnknownAct;

    fn from_str(text: &str) -> Result<Self, UnknownAct> {
        let found = Self::ALL.into_iter().find(|act| act.name() == text);
        found.ok_or_else(|| UnknownAct(text.to_owned()))
    }
}

/// That something was done with a learning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The number of the learning within its issue.
    pub learning: u32,
    /// What was done.
    pub act: Act,
    /// When.
    pub at: Moment,
    /// Who did it, `Name <address>`.
    pub by: String,
    /// The issue whose work showed it, if it was one.
    pub issue: Option<IssueId>,
    /// Why, in words.
    pub reason: Option<String>,
    /// The learning that holds instead, such as `90.1`.
    pub successor: Option<String>,
}

impl Mark {
    /// Who speaks: an issue speaks once, whoever works on it.
    pub fn voice(&self) -> String {
        self.issue.as_ref().map_or_else(|| self.by.clone(), |issue| format!("issue {issue}"))
    }
}

/// Where a learning stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// A person or a second issue agreed; it is told to others.
    Reviewed,
    /// Given, and not looked at yet.
    Proposed,
    /// It may not hold any more; not told to others until a person accepts it again.
    Suspect,
    /// Something else holds instead, or nothing.
    Retired,
    /// A person took it as wrong or of no use.
    Rejected,
}

impl Standing {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reviewed => "reviewed",
            Self::Proposed => "proposed",
            Self::Suspect => "suspect",
            Self::Retired => "retired",
            Self::Rejected => "rejected",
        }
    }

    /// Whether it is still to be looked at: everything but what was put aside.
    pub const fn is_alive(self) -> bool {
        matches!(self, Self::Reviewed | Self::Proposed | Self::Suspect)
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Standing {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Reviewed, Self::Proposed, Self::Suspect, Self::Retired, Self::Rejected]
            .into_iter()
            .find(|standing| standing.name() == text)
            .ok_or_else(|| format!("{text:?} is no standing of a learning"))
    }
}

/// Where a learning stands, and what speaks for and against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Where it stands.
    pub standing: Standing,
    /// How many found it right again.
    pub confirmed: usize,
    /// How many found it wrong since it was last accepted.
    pub disputed: usize,
    /// Why it stands there, when that is not as expected.
    pub why: Option<String>,
}

/// Where the learning `number` of issue `origin` stands by what was done with it; expiry and
/// anchor are a matter of the moment, see [`doubted`].
pub fn tally(origin: &IssueId, number: u32, marks: &[Mark]) -> Tally {
    let mut standing = Standing::Proposed;
    let mut why = None;
    let mut confirmed = BTreeSet::new();
    let mut disputed = BTreeMap::new();
    for mark in marks.iter().filter(|mark| mark.learning == number) {
        let voice = mark.voice();
        match mark.act {
            Act::Accepted => {
                standing = Standing::Reviewed;
                why = None;
                disputed.clear();
            }
            Act::Rejected => {
                standing = Standing::Rejected;
                why.clone_from(&mark.reason);
            }
            Act::Retired => {
                standing = Standing::Retired;
                why = match &mark.successor {
                    Some(successor) => Some(format!("superseded by {successor}")),
                    None => mark.reason.clone(),
                };
            }
            Act::Confirmed => {
                disputed.remove(&voice);
                confirmed.insert(voice);
                let second = mark.issue.as_ref().is_some_and(|issue| issue != origin);
                if second && standing == Standing::Proposed {
                    standing = Standing::Reviewed;
                }
            }
            Act::Disputed => {
                confirmed.remove(&voice);
                disputed.insert(voice, mark.reason.clone());
            }
        }
    }
    if disputed.len() >= DOUBTS && standing.is_alive() {
        standing = Standing::Suspect;
        let reasons: Vec<&str> = disputed.values().filter_map(Option::as_deref).collect();
        why = Some(format!("disputed {} times: {}", disputed.len(), reasons.join("; ")));
    }
    Tally { standing, confirmed: confirmed.len(), disputed: disputed.len(), why }
}

/// What the repository says today of the thing a learning is anchored to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Anchored {
    /// It is there, or nothing is known of it.
    There,
    /// The file is gone.
    FileGone,
    /// The file is there, the symbol is not.
    SymbolGone,
}

/// The standing at `now`: alive, but suspect when it expired or what it speaks of is gone.
pub fn doubted(tally: Tally, learning: &Learning, anchored: &Anchored, now: Moment) -> Tally {
    if !matches!(tally.standing, Standing::Reviewed | Standing::Proposed) {
        return tally;
    }
    let file = learning.anchor.file.as_deref().unwrap_or_default();
    let why = match (learning.expires, anchored) {
        (Some(until), _) if until <= now => format!("it expired on {until}"),
        (_, Anchored::FileGone) => format!("{file} is gone"),
        (_, Anchored::SymbolGone) => {
            let symbol = learning.anchor.symbol.as_deref().unwrap_or_default();
            format!("{symbol} is gone from {file}")
        }
        _ => return tally,
    };
    Tally { standing: Standing::Suspect, why: Some(why), ..tally }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(act: Act, issue: Option<&str>, by: &str) -> Mark {
        Mark {
            learning: 1,
            act,
            at: Moment::from_seconds(0),
            by: by.to_owned(),
            issue: issue.map(|id| id.parse().unwrap()),
            reason: Some("seen".to_owned()),
            successor: None,
        }
    }

    fn stands(marks: &[Mark]) -> (Standing, usize, usize) {
        let tally = tally(&"81".parse().unwrap(), 1, marks);
        (tally.standing, tally.confirmed, tally.disputed)
    }

    #[test]
    fn a_person_or_a_second_issue_promotes_and_nobody_else() {
        assert_eq!(stands(&[]), (Standing::Proposed, 0, 0));
        assert_eq!(stands(&[mark(Act::Confirmed, Some("82"), "a")]), (Standing::Reviewed, 1, 0));
        assert_eq!(stands(&[mark(Act::Confirmed, Some("81"), "a")]), (Standing::Proposed, 1, 0));
        assert_eq!(stands(&[mark(Act::Accepted, None, "a")]), (Standing::Reviewed, 0, 0));
        assert_eq!(stands(&[mark(Act::Rejected, None, "a")]).0, Standing::Rejected);
        let other = Mark { learning: 2, ..mark(Act::Accepted, None, "a") };
        assert_eq!(stands(&[other]).0, Standing::Proposed, "a mark speaks of one learning");
    }

    #[test]
    fn two_disputes_make_it_suspect_and_one_voice_counts_once() {
        let accepted = mark(Act::Accepted, None, "a");
        let by = |issue| mark(Act::Disputed, Some(issue), "a");
        let all = [accepted.clone(), by("82"), by("82")];
        assert_eq!(stands(&all), (Standing::Reviewed, 0, 1));
        let all = [accepted.clone(), by("82"), by("83")];
        assert_eq!(stands(&all), (Standing::Suspect, 0, 2));
        let all = [by("82"), by("83"), accepted];
        assert_eq!(stands(&all), (Standing::Reviewed, 0, 0), "a person looked at the doubts");
        let all = [mark(Act::Confirmed, Some("82"), "a"), by("82")];
        assert_eq!(stands(&all), (Standing::Reviewed, 0, 1), "the later word of a voice counts");
    }

    #[test]
    fn what_is_retired_stays_so_until_a_person_accepts_it_again() {
        let retired = mark(Act::Retired, None, "a");
        let confirmed = mark(Act::Confirmed, Some("82"), "a");
        assert_eq!(stands(&[retired.clone(), confirmed]).0, Standing::Retired);
        assert_eq!(stands(&[retired, mark(Act::Accepted, None, "a")]).0, Standing::Reviewed);
    }
}
