//! How a run stands: counts, and a ranked list of the lanes that want a look. What is read for a
//! look since the last one is what happened since, however many lanes there are.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::context::Context;
use crate::error::Error;
use crate::ops::claims;
use crate::store::lanes::{Event, Lanes};

/// Most lanes that are listed.
pub const LISTED: usize = 20;

/// How a run stands.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Survey {
    /// The run.
    pub run: String,
    /// Whether it came to its end.
    pub finished: bool,
    /// Whether its orchestrator is there.
    pub orchestrated: bool,
    /// Lanes that were planned.
    pub lanes: usize,
    /// How many lanes stand where, by the word; of those that changed, when asked since a cursor.
    pub counts: BTreeMap<&'static str, usize>,
    /// Those that want a look, worst first, twenty at most.
    pub attention: Vec<Line>,
    /// How many more there are.
    pub more: usize,
    /// What to ask with next time.
    pub cursor: u64,
}

/// A lane that wants a look.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// The lane.
    pub lane: String,
    /// Where it stands.
    pub stands: &'static str,
    /// What it said or what happened.
    pub words: String,
}

/// Where a lane stands, by what happened to it.
#[derive(Clone, Debug)]
struct Stands {
    word: &'static str,
    words: String,
    /// How much it wants a look; 0 does not.
    rank: u8,
}

/// How the newest run stands; `since` is the cursor of an earlier look.
pub fn look(ctx: &Context, since: Option<u64>) -> Result<Option<Survey>, Error> {
    let lanes = Lanes::of(&ctx.repo.own_folder());
    let Some(current) = lanes.current()? else { return Ok(None) };
    let (events, cursor) = lanes.events(&current.run, since.unwrap_or(0))?;
    let mut stands: BTreeMap<String, Stands> = BTreeMap::new();
    for event in &events {
        if let Some(lane) = &event.lane {
            let before = stands.get(lane);
            if let Some(now) = after(before, event) {
                stands.insert(lane.clone(), now);
            }
        }
    }
    let planned = match since {
        // Everything that did not begin yet.
        None => lanes.plan(&current.run)?.map_or(0, |plan| plan.lanes.len()),
        Some(_) => stands.len(),
    };
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    for one in stands.values() {
        *counts.entry(one.word).or_default() += 1;
    }
    if planned > stands.len() {
        counts.insert("queued", planned - stands.len());
    }
    let mut wanting: Vec<(&String, &Stands)> =
        stands.iter().filter(|(_, one)| one.rank > 0).collect();
    wanting.sort_by_key(|(lane, one)| (std::cmp::Reverse(one.rank), (*lane).clone()));
    let more = wanting.len().saturating_sub(LISTED);
    let attention = wanting
        .into_iter()
        .take(LISTED)
        .map(|(lane, one)| Line {
            lane: lane.clone(),
            stands: one.word,
            words: one.words.chars().take(100).collect(),
        })
        .collect();
    let alive = |claim: &_| claims::owner(claim).presence() != crate::agent::owner::Presence::Gone;
    Ok(Some(Survey {
        orchestrated: current.claim.as_ref().is_some_and(alive),
        run: current.run,
        finished: current.finished,
        lanes: planned,
        counts,
        attention,
        more,
        cursor,
    }))
}

/// Whether a completion speaks of issues that were given up.
fn skips(text: &str) -> bool {
    text.contains(" skipped") && !text.contains(" 0 skipped")
}

/// Where a lane stands after an event; nothing when that does not change it.
fn after(before: Option<&Stands>, event: &Event) -> Option<Stands> {
    let (word, rank) = match event.kind.as_str() {
        "started" | "found" | "retried" => ("working", 0),
        "status" if event.text.contains(" skipped (") => ("working", 2),
        "status" => ("working", before.map_or(0, |before| before.rank.min(2))),
        "complete" if skips(&event.text) => ("through", 2),
        "complete" => ("through", before.map_or(0, |before| before.rank.min(2))),
        "waiting" => ("waiting", 1),
        "died" => ("died", 5),
        "silent" => ("silent", 4),
        "given-up" => ("given up", 6),
        "blocked" => ("blocked", 3),
        "odd" | "unverified" => (before.map_or("working", |before| before.word), 2),
        _ => return None,
    };
    let keeps = rank == 2 && !event.text.contains(" skipped (") && !skips(&event.text);
    let words = match before {
        // What wanted a look stays to be read.
        Some(before) if keeps && before.rank == 2 => before.words.clone(),
        _ => event.text.clone(),
    };
    Some(Stands { word, words, rank })
}
