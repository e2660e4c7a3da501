//! `recall`: what was learned, found again by words, by an error text, by files.

mod anchored;
mod known;

pub use anchored::Ground;
pub use known::{Known, known};

use std::collections::BTreeMap;
use std::path::Path;

use crate::context::Context;
use crate::domain::learning::Kind;
use crate::domain::learning::rank::{signature, weighed};
use crate::domain::learning::standing::Tally;
use crate::domain::learning::telling_words;
use crate::error::Error;
use crate::store::recall::{Asker, Counts, Found, FoundSession, Recall, Wanted};

/// How many hits are shown when nobody says.
pub const HITS: usize = 5;
/// Shortest signature of an error that is compared, in characters: less is in every text.
const SIGNATURE_MINIMUM: usize = 8;
/// What a hit by an exact error text, or by a path, counts more than any words.
const EXACT: f64 = 100.0;
const PATH: f64 = 6.0;
/// A session's story is longer than a lesson, so a word in it says less.
const STORY: f64 = 0.6;

/// What is looked for; at least one of words, error and files.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Words.
    pub words: String,
    /// An error text, as it was printed.
    pub error: Option<String>,
    /// Files that are worked on.
    pub files: Vec<String>,
    /// Only learnings of these kinds.
    pub kinds: Vec<Kind>,
    /// Also what was retired or rejected.
    pub put_aside: bool,
    /// How many hits.
    pub most: usize,
}

/// One answer.
#[derive(Clone, Debug)]
pub enum Hit {
    /// A learning, and whether the error text it explains is the one that was asked for.
    Learning(Box<Known>, bool),
    /// A finished issue.
    Session(FoundSession),
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Report {
    /// The best first.
    pub hits: Vec<Hit>,
    /// How much was searched.
    pub counts: Counts,
}

/// Opens the index, brought up to date; `anew` builds it from nothing.
pub fn index(ctx: &Context, anew: bool) -> Result<Recall, Error> {
    let owner = ctx.owner();
    let asker = Asker { owner: &owner, now: ctx.now };
    Ok(if anew { Recall::rebuilt(&ctx.repo, asker)? } else { Recall::open(&ctx.repo, asker)? })
}

/// Looks for learnings and finished issues.
pub fn run(ctx: &Context, query: &Query) -> Result<Report, Error> {
    let nothing = query.words.trim().is_empty();
    if nothing && query.error.is_none() && query.files.is_empty() {
        return Err(Error::usage(
            "nothing is looked for",
            "git orch recall 'words'   # or --error TEXT, or --files PATH",
        ));
    }
    let most = if query.most == 0 { HITS } else { query.most };
    let query = &Query { most, ..query.clone() };
    let index = index(ctx, false)?;
    let mut scored = learnings(ctx, &index, query)?;
    if query.kinds.is_empty() && !nothing {
        let words: Vec<String> = telling_words(&query.words).into_iter().collect();
        for session in index.sessions(&words, 20)? {
            let age = weighed(
                session.relevance,
                session.at,
                ctx.now,
                0,
                crate::domain::learning::standing::Standing::Proposed,
            );
            scored.push((age * STORY, Hit::Session(session)));
        }
    }
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    let hits = scored.into_iter().take(most).map(|(_, hit)| hit).collect();
    Ok(Report { hits, counts: index.counts()? })
}

fn learnings(ctx: &Context, index: &Recall, query: &Query) -> Result<Vec<(f64, Hit)>, Error> {
    let mut wanted =
        Wanted { kinds: query.kinds.clone(), put_aside: query.put_aside, ..Wanted::default() };
    let mut found: BTreeMap<(String, u32), (Found, bool)> = BTreeMap::new();
    let mut put = |one: Found, more: f64, exact: bool| {
        let key = (one.issue.to_string(), one.learning.number);
        let entry =
            found.entry(key).or_insert_with(|| (Found { relevance: 0.0, ..one.clone() }, false));
        entry.0.relevance += one.relevance + more;
        entry.1 |= exact;
    };
    if let Some(error) = &query.error {
        let mut signatures: Vec<String> =
            error.lines().map(signature).filter(|s| s.len() >= SIGNATURE_MINIMUM).collect();
        signatures.push(signature(error));
        signatures.retain(|one| !one.is_empty());
        let exact = index.of_error(&signatures, &wanted)?;
        let none = exact.is_empty();
        for one in exact {
            put(one, EXACT, true);
        }
        if none {
            wanted.words = telling_words(error).into_iter().collect();
            for one in index.learnings(&wanted)? {
                put(one, 0.0, false);
            }
        }
    }
    wanted.words = telling_words(&query.words).into_iter().collect();
    for one in index.learnings(&wanted)? {
        put(one, 0.0, false);
    }
    let files: Vec<String> = query.files.iter().map(|file| in_repository(ctx, file)).collect();
    for one in index.about_paths(&files, &wanted)? {
        put(one, PATH, false);
    }
    best(ctx, found.into_values().collect(), query.most)
}

/// The best of what was found, as it stands today. Doubt only takes weight away: what would not be
/// among the best without it is not looked at.
fn best(ctx: &Context, found: Vec<(Found, bool)>, most: usize) -> Result<Vec<(f64, Hit)>, Error> {
    let weight = |one: &Found, tally: &Tally| {
        weighed(one.relevance, one.learning.at, ctx.now, tally.confirmed, tally.standing)
    };
    let mut likely: Vec<(f64, Found, bool)> =
        found.into_iter().map(|(one, exact)| (weight(&one, &one.tally), one, exact)).collect();
    likely.sort_by(|a, b| b.0.total_cmp(&a.0));
    let ground = Ground::find(ctx)?;
    let mut scored: Vec<(f64, Hit)> = Vec::new();
    for (possible, one, exact) in likely {
        if scored.iter().filter(|(score, _)| *score >= possible).count() >= most {
            break;
        }
        let relevance = one.relevance;
        let known = known(ctx, &ground, one)?;
        let (at, tally) = (known.learning.at, &known.tally);
        let score = weighed(relevance, at, ctx.now, tally.confirmed, tally.standing);
        scored.push((score, Hit::Learning(Box::new(known), exact)));
    }
    Ok(scored)
}

/// A path as the repository names it, given from where we stand.
pub fn in_repository(ctx: &Context, file: &str) -> String {
    let path = ctx.around.folder.join(file);
    let tops = ctx.repo.worktree.iter().chain(&ctx.repo.main_worktree);
    for top in tops {
        let real = crate::git::open::real(&path);
        let below = real.strip_prefix(top).or_else(|_| path.strip_prefix(top));
        if let Ok(below) = below.map(Path::to_string_lossy) {
            return below.into_owned();
        }
    }
    file.trim_start_matches("./").to_owned()
}
