//! The learnings of other issues that apply to one: by what it is about and by what it touches.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::draft;
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::learning::rank::weighed;
use crate::domain::learning::standing::Standing;
use crate::domain::learning::{Learning, telling_words};
use crate::domain::session::Session;
use crate::domain::spec::{Check, Spec};
use crate::error::Error;
use crate::ops::recall::{Ground, index, known};
use crate::ops::record;
use crate::store::ledger;
use crate::store::recall::{Found, Wanted};
use crate::store::shown;

/// Of so many words of a trigger one must occur in what the issue is about.
const SHARE: usize = 3;
/// What a path that is touched counts, in words that are shared.
const PATH: f64 = 6.0;

/// A learning as a brief tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Its name, such as `81.2`.
    pub id: String,
    /// What sort of thing it is.
    pub kind: &'static str,
    /// When it applies.
    pub when: String,
    /// The lesson.
    pub lesson: String,
}

/// The reviewed learnings that apply, the best first, as many as the policy allows.
pub fn that_apply(ctx: &Context, session: &Session, spec: &Spec) -> Result<Vec<Told>, Error> {
    let most = crate::ops::policy::in_force(ctx)?.learning.lines;
    // Reviewed are only those that somebody said something of: before that no index is needed.
    if most == 0 || ledger::tip(&ctx.repo)?.is_none() {
        return Ok(Vec::new());
    }
    let text = about(session, spec);
    let words = telling_words(&text);
    let index = index(ctx, false)?;
    let wanted =
        Wanted { words: words.iter().cloned().collect(), reviewed: true, ..Wanted::default() };
    let mut found: BTreeMap<(String, u32), (f64, Found)> = BTreeMap::new();
    for one in index.about_paths(&paths(ctx, session, &text), &wanted)? {
        found.insert((one.issue.to_string(), one.learning.number), (PATH, one));
    }
    for one in index.learnings(&wanted)? {
        let shared = shared(&one.learning, &words);
        if shared > 0.0 {
            let key = (one.issue.to_string(), one.learning.number);
            found.entry(key).or_insert((0.0, one)).0 += shared;
        }
    }
    let weight = |score: f64, one: &Found| {
        weighed(score, one.learning.at, ctx.now, one.tally.confirmed, Standing::Reviewed)
    };
    let others = found.into_values().filter(|(_, one)| one.issue != session.issue);
    let mut likely: Vec<(f64, Found)> =
        others.map(|(score, one)| (weight(score, &one), one)).collect();
    likely.sort_by(|a, b| b.0.total_cmp(&a.0));
    let ground = Ground::find(ctx)?;
    let mut told = Vec::new();
    for (_, one) in likely {
        if told.len() == most {
            break;
        }
        let known = known(ctx, &ground, one)?;
        if known.tally.standing == Standing::Reviewed {
            told.push(Told {
                id: known.name(),
                kind: known.learning.kind.name(),
                when: known.learning.when(),
                lesson: known.learning.lesson,
            });
        }
    }
    Ok(told)
}

/// What applies to an issue that was just opened, noted as told.
pub fn for_issue(ctx: &Context, id: &IssueId) -> Result<Vec<Told>, Error> {
    let session = record::require(ctx, id)?.session;
    let spec = match &session.spec {
        Some(frozen) => frozen.spec.clone(),
        None => draft::read(&session)?,
    };
    let told = that_apply(ctx, &session, &spec)?;
    note(ctx, &session, &told);
    Ok(told)
}

/// Notes that these were told to the issue. A count is not worth failing for.
pub fn note(ctx: &Context, session: &Session, told: &[Told]) {
    let names: Vec<String> = told.iter().map(|one| one.id.clone()).collect();
    let _ = shown::note(&ctx.repo.own_folder(), &session.issue, &names);
}

/// Everything the issue says of itself.
fn about(session: &Session, spec: &Spec) -> String {
    let mut text = format!("{} {}", session.title, spec.goal);
    for criterion in &spec.criteria {
        text.push_str(&format!(" {}", criterion.text));
        if let Check::Command(command) = &criterion.check {
            text.push_str(&format!(" {command}"));
        }
    }
    for task in &session.tasks {
        text.push_str(&format!(" {} {}", task.text, task.verify.as_deref().unwrap_or_default()));
    }
    text
}

/// The paths that the branch touches, and those that the issue speaks of.
fn paths(ctx: &Context, session: &Session, text: &str) -> Vec<String> {
    let edge = |c: char| !(c.is_alphanumeric() || matches!(c, '_' | '/'));
    let mut paths: BTreeSet<String> = text
        .split_whitespace()
        .map(|word| word.trim_matches(edge))
        .filter(|word| word.contains('/') || word.contains('.'))
        .map(str::to_owned)
        .collect();
    // What cannot be told of the branch is no reason to tell nothing.
    let tip = ctx.repo.branch_tip(session.branch.as_str()).ok().flatten();
    let fork = std::slice::from_ref(&session.fork);
    let commits = tip.and_then(|tip| ctx.repo.objects.history(&[tip], fork).ok());
    if let Some(commits) = commits
        && let Ok(touched) = crate::git::changes::touched(&ctx.repo, &commits)
    {
        paths.extend(touched.into_values().flatten().map(|(path, _)| path));
    }
    paths.into_iter().collect()
}

/// How many words of the trigger occur; 0 when that is too small a part of it.
fn shared(learning: &Learning, about: &BTreeSet<String>) -> f64 {
    let trigger = telling_words(&learning.when());
    let shared = trigger.intersection(about).count();
    if shared > 0 && shared * SHARE >= trigger.len() {
        f64::from(u32::try_from(shared).unwrap_or(u32::MAX))
    } else {
        0.0
    }
}
