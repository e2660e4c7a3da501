//! The five phases of an issue, in their order, and who works in each.

use std::fmt;
use std::str::FromStr;

/// One of the five phases. An unknown text is an error, never a default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// What is to be done is written down and frozen.
    Discussion,
    /// The work is done, task by task.
    Execute,
    /// git-orch itself runs every check.
    Validate,
    /// What was learned is written down and sealed to the commit.
    Compact,
    /// The branch lands and the session is archived.
    Complete,
}

/// A text that names no phase.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a phase (discussion, execute, validate, compact, complete)")]
pub struct UnknownPhase {
    /// The text as given.
    pub text: String,
}

impl Phase {
    /// All phases, in order.
    pub const ALL: [Self; 5] =
        [Self::Discussion, Self::Execute, Self::Validate, Self::Compact, Self::Complete];

    /// The name used in files and on the command line: lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Discussion => "discussion",
            Self::Execute => "execute",
            Self::Validate => "validate",
            Self::Compact => "compact",
            Self::Complete => "complete",
        }
    }

    /// The name shown to people: upper case.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Discussion => "DISCUSSION",
            Self::Execute => "EXECUTE",
            Self::Validate => "VALIDATE",
            Self::Compact => "COMPACT",
            Self::Complete => "COMPLETE",
        }
    }

    /// The agent role that works in this phase.
    pub const fn role(self) -> &'static str {
        match self {
            Self::Discussion => "spec-agent",
            Self::Execute => "implement",
            Self::Validate => "validator",
            Self::Compact => "compact-agent",
            Self::Complete => "merge",
        }
    }

    /// What must be true to leave this phase, in one line.
    pub const fn exit_condition(self) -> &'static str {
        match self {
            Self::Discussion => "spec finalised: a criterion at least, no must-ask question open",
            Self::Execute => "every task done or dropped, work tree clean, a commit at least",
            Self::Validate => "every criterion and validator green for the branch tip",
            Self::Compact => "learnings accepted and the receipt sealed to the branch tip",
            Self::Complete => "landed or abandoned, and archived",
        }
    }

    /// The phase after this one; none after COMPLETE.
    pub const fn next(self) -> Option<Self> {
        match self {
            Self::Discussion => Some(Self::Execute),
            Self::Execute => Some(Self::Validate),
            Self::Validate => Some(Self::Compact),
            Self::Compact => Some(Self::Complete),
            Self::Complete => None,
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.title())
    }
}

impl FromStr for Phase {
    type Err = UnknownPhase;

    fn from_str(text: &str) -> Result<Self, UnknownPhase> {
        Self::ALL
            .into_iter()
            .find(|phase| phase.name().eq_ignore_ascii_case(text))
            .ok_or_else(|| UnknownPhase { text: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_unknown_text_is_an_error() {
        for phase in Phase::ALL {
            assert_eq!(phase.name().parse(), Ok(phase));
            assert_eq!(phase.title().parse(), Ok(phase));
        }
        assert!("idle".parse::<Phase>().is_err());
        assert!("".parse::<Phase>().is_err());
    }

    #[test]
    fn next_walks_all_five_in_order() {
        let walk: Vec<_> = std::iter::successors(Some(Phase::Discussion), |p| p.next()).collect();
        assert_eq!(walk, Phase::ALL);
    }
}
