//! `patterns`: what recurs over the finished issues, and drafts of rules from it.

pub mod section;

use super::recall::index;
use crate::context::Context;
use crate::domain::learning::Kind;
use crate::domain::learning::accept::GAP;
use crate::domain::learning::draft::Draft;
use crate::error::Error;
use crate::store::recall::{LaneSkips, PhaseTime, Recurring};

/// What recurs.
#[derive(Clone, Debug)]
pub struct Patterns {
    /// The same error, told apart from others by its signature.
    pub errors: Vec<Recurring>,
    /// The same file, changed again after an issue had to go back.
    pub files: Vec<Recurring>,
    /// The same criterion, red first.
    pub criteria: Vec<Recurring>,
    /// Phases, that first which took longest altogether.
    pub phases: Vec<PhaseTime>,
    /// Lanes, that first which left out most.
    pub lanes: Vec<LaneSkips>,
}

/// Looks over every finished issue.
pub fn run(ctx: &Context) -> Result<Patterns, Error> {
    let index = index(ctx, false)?;
    Ok(Patterns {
        errors: index.same_errors()?,
        files: index.same_files()?,
        criteria: index.same_criteria()?,
        phases: index.phase_times()?,
        lanes: index.lane_skips()?,
    })
}

/// Rules that may follow from what recurs; what to do is left open.
pub fn propose(patterns: &Patterns) -> Vec<Draft> {
    let mut list = Vec::new();
    for one in &patterns.errors {
        list.push(Draft {
            error: Some(one.what.clone()),
            lesson: format!(
                "It came up in {} issues. [What to do before it does: {GAP}]",
                one.issues
            ),
            ..draft("the same error", one)
        });
    }
    for one in &patterns.files {
        list.push(Draft {
            paths: vec![one.what.clone()],
            lesson: format!(
                "{} was changed again in {} issues after they had to go back. [What to look at \
                 first: {GAP}]",
                one.what, one.issues
            ),
            ..draft("the same file", one)
        });
    }
    for one in &patterns.criteria {
        list.push(Draft {
            trigger: one.what.clone(),
            lesson: format!("This criterion was red first in {} issues. [{GAP}]", one.issues),
            ..draft("the same criterion", one)
        });
    }
    list
}

fn draft(what: &str, one: &Recurring) -> Draft {
    Draft {
        because: format!("{what} in {} issues: {}", one.issues, one.named.join(", ")),
        kind: Kind::Rule,
        trigger: String::new(),
        error: None,
        paths: Vec::new(),
        lesson: String::new(),
        evidence: format!("commit {}, the record of issue {}", one.shown_by, one.named.join(", ")),
    }
}
