//! A refusal is a value with reasons, never an error.

use std::fmt;

/// Something git-orch declined to do because a rule says so: what, why, and the one command that
/// makes it right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Stable word for programs, listed in `docs/reason-codes.md`.
    pub code: &'static str,
    /// What was refused, with the names of the things involved.
    pub what: String,
    /// Each reason with the command that meets it. Never empty.
    pub unmet: Vec<Unmet>,
    /// The command that restores what git had already changed when the rule was asked; `None`
    /// when nothing was touched.
    pub restore: Option<String>,
}

/// One condition that does not hold, and the command that makes it hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmet {
    /// Stable word for programs.
    pub code: &'static str,
    /// The condition in words.
    pub why: String,
    /// The command that makes it right.
    pub fix: String,
}

impl Unmet {
    /// A condition and its remedy.
    pub fn new(code: &'static str, why: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { code, why: why.into(), fix: fix.into() }
    }
}

impl Refusal {
    /// A refusal with one reason.
    pub fn one(
        code: &'static str,
        what: impl Into<String>,
        why: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self { code, what: what.into(), unmet: vec![Unmet::new(code, why, fix)], restore: None }
    }

    /// A refusal with several reasons.
    pub fn many(code: &'static str, what: impl Into<String>, unmet: Vec<Unmet>) -> Self {
        Self { code, what: what.into(), unmet, restore: None }
    }

    /// The same refusal, naming the command that restores what git had already changed.
    #[must_use]
    pub fn restored_by(mut self, command: Option<String>) -> Self {
        self.restore = command;
        self
    }
}

impl fmt::Display for Refusal {
    /// The lines a person reads: `refused:`, then `why:` and `fix:` for each reason, then `undo:`
    /// when git left something behind.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused: {}", self.what)?;
        for unmet in &self.unmet {
            write!(f, "\n    why: {}\n    fix: {}", unmet.why, unmet.fix)?;
        }
        match &self.restore {
            Some(command) => write!(f, "\n   undo: {command}"),
            None => Ok(()),
        }
    }
}
