//! The facts of a verdict, gathered.

use crate::context::Context;
use crate::domain::catalog::{Entry, plain_path};
use crate::domain::evidence::latest;
use crate::domain::ids::IssueId;
use crate::domain::lane::settings::Lane;
use crate::domain::lane::verdict::{Work, is_secret};
use crate::domain::policy::{Policy, matcher};
use crate::error::Error;
use crate::ops::{facts, survey};
use crate::store::runs;

/// The lines that an issue adds, by file, its own file left out.
pub type Added = Vec<(String, Vec<String>)>;

/// Everything a verdict is computed from.
pub fn gather(
    ctx: &Context,
    walk: &IssueId,
    entry: &Entry,
    policy: &Policy,
    added: &Added,
    open: &dyn Fn(&IssueId) -> Result<bool, Error>,
) -> Result<Work, Error> {
    let whole = survey::show(ctx, walk)?;
    let session = &whole.chain.session;
    let mut checks = (0, 0);
    if let Some(tip) = &whole.tip {
        let tree = facts::proved_tree(&ctx.repo, session, tip)?;
        let mut subjects: Vec<_> = session.evidence.iter().map(|e| &e.subject).collect();
        subjects.dedup();
        for subject in subjects {
            if let Some(evidence) = latest(&session.evidence, subject, &tree) {
                checks.1 += 1;
                checks.0 += usize::from(evidence.outcome.is_green());
            }
        }
    }
    let mut waits_for = Vec::new();
    for id in &entry.depends_on {
        if open(id)? {
            waits_for.push(id.to_string());
        }
    }
    let changed: Vec<String> = added.iter().map(|(path, _)| path.clone()).collect();
    let affected: Vec<String> = entry.paths.iter().filter_map(|path| plain_path(path)).collect();
    let secrets = added
        .iter()
        .filter(|(_, lines)| lines.iter().any(|line| is_secret(line)))
        .map(|(path, _)| path.clone())
        .collect();
    let spent = runs::read(&ctx.repo.own_folder(), walk)?.map_or(0, |runs| runs.spent.runs);
    Ok(Work {
        within: within(&changed, &affected, policy.lanes.lanes.get(&entry.lane)),
        changed,
        affected,
        checks,
        waits_for,
        runs: (spent, policy.agents.budget.runs),
        secrets,
    })
}

/// How many of the changed files the issue names, or its lane may change.
fn within(changed: &[String], affected: &[String], lane: Option<&Lane>) -> usize {
    let mut globs: Vec<String> = Vec::new();
    for path in affected.iter().chain(lane.into_iter().flat_map(|lane| &lane.paths)) {
        let folder = path.trim_end_matches('/');
        globs.push(folder.to_owned());
        globs.push(format!("{folder}/**"));
    }
    if globs.is_empty() {
        return changed.len();
    }
    // A path that is no glob either matches nothing; the score says so.
    let set = matcher(&globs, false).unwrap_or_default();
    changed.iter().filter(|path| set.is_match(path)).count()
}
