//! `learn stats`: whether learning pays, and what there is too much of.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::vote::everything;
use crate::context::Context;
use crate::domain::learning::standing::Standing;
use crate::error::Error;
use crate::ops::policy;
use crate::ops::recall::{Known, index};
use crate::store::recall::Wanted;
use crate::store::shown;

/// What the numbers say.
#[derive(Clone, Debug, Serialize)]
pub struct Stats {
    /// Issues whose receipt is sealed, finished ones included.
    pub issues: u64,
    /// Of these, those that taught nothing.
    pub none: u64,
    /// Learnings by standing.
    pub standing: BTreeMap<&'static str, usize>,
    /// How often a learning was told to an issue.
    pub shown: usize,
    /// How often one was confirmed.
    pub confirmed: usize,
    /// How often one was disputed since it was last accepted.
    pub disputed: usize,
    /// Issues that were told something, and how many of them passed every check the first time.
    pub with: Rate,
    /// The same for issues that were told nothing.
    pub without: Rate,
    /// Areas with more reviewed learnings than the policy keeps.
    pub crowded: Vec<Area>,
}

/// How many of how many.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Rate {
    /// Issues whose checks ran.
    pub issues: usize,
    /// Of these, those where all were green the first time.
    pub passed: usize,
}

/// A part of the project with many learnings.
#[derive(Clone, Debug, Serialize)]
pub struct Area {
    /// Its folder; empty for learnings that name no path.
    pub area: String,
    /// How many reviewed learnings it has.
    pub learnings: usize,
    /// The least useful of them, so many that the rest is within the cap.
    pub least: Vec<String>,
}

/// Counts.
pub fn run(ctx: &Context) -> Result<Stats, Error> {
    let index = index(ctx, false)?;
    let counts = index.counts()?;
    let told: BTreeMap<String, BTreeSet<String>> =
        shown::all(&ctx.repo.own_folder())?.into_iter().collect();
    let all = everything(ctx, &Wanted { put_aside: true, ..Wanted::default() })?;
    let mut standing = BTreeMap::new();
    for known in &all {
        *standing.entry(known.tally.standing.name()).or_insert(0) += 1;
    }
    let (mut with, mut without) = (Rate::default(), Rate::default());
    for (issue, passed) in index.first_passes()? {
        let rate = if told.contains_key(&issue) { &mut with } else { &mut without };
        rate.issues += 1;
        rate.passed += usize::from(passed);
    }
    Ok(Stats {
        issues: counts.sessions - counts.unreadable,
        none: counts.none,
        standing,
        shown: told.values().map(BTreeSet::len).sum(),
        confirmed: all.iter().map(|known| known.tally.confirmed).sum(),
        disputed: all.iter().map(|known| known.tally.disputed).sum(),
        with,
        without,
        crowded: crowded(&all, policy::in_force(ctx)?.learning.cap, &told),
    })
}

/// The areas above the cap; least useful is what was told and confirmed least, and is oldest.
fn crowded(all: &[Known], cap: usize, told: &BTreeMap<String, BTreeSet<String>>) -> Vec<Area> {
    let mut areas: BTreeMap<&str, Vec<&Known>> = BTreeMap::new();
    for known in all.iter().filter(|known| known.tally.standing == Standing::Reviewed) {
        areas.entry(known.learning.area()).or_default().push(known);
    }
    let mut crowded = Vec::new();
    for (area, mut list) in areas.into_iter().filter(|(_, list)| list.len() > cap) {
        let times = |known: &Known| {
            let name = known.name();
            told.values().filter(|names| names.contains(&name)).count()
        };
        list.sort_by_cached_key(|known| (known.tally.confirmed, times(known), known.learning.at));
        crowded.push(Area {
            area: area.to_owned(),
            learnings: list.len(),
            least: list[..list.len() - cap].iter().map(|known| known.name()).collect(),
        });
    }
    crowded
}
