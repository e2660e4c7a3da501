//! What GitHub asks of a workflow: which commits, onto which branch.

use serde::Deserialize;

use super::{Ground, Move, Report, Wall};
use crate::context::Context;
use crate::domain::ids::CommitId;
use crate::domain::names::HEADS;
use crate::error::Error;
use crate::ops::policy;

#[derive(Deserialize)]
struct Event {
    pull_request: Option<PullRequest>,
    merge_group: Option<MergeGroup>,
    #[serde(rename = "ref")]
    name: Option<String>,
    before: Option<String>,
    after: Option<String>,
    repository: Option<Repository>,
}

#[derive(Deserialize)]
struct Repository {
    default_branch: Option<String>,
}

#[derive(Deserialize)]
struct PullRequest {
    base: End,
    head: End,
}

#[derive(Deserialize)]
struct End {
    #[serde(rename = "ref")]
    name: String,
    sha: String,
}

#[derive(Deserialize)]
struct MergeGroup {
    base_ref: String,
    base_sha: String,
    head_sha: String,
}

/// Judges what the event that started this workflow brings; `None` when it brings nothing onto a
/// protected branch.
pub fn run(ctx: Context, strict: bool) -> Result<Option<(Report, Wall)>, Error> {
    let path = ctx.around.event_file.clone().ok_or_else(|| {
        Error::surroundings(
            "GITHUB_EVENT_PATH is not set: this is no workflow of GitHub",
            "git orch check --range origin/main..HEAD",
        )
    })?;
    let wrong = |why: String| {
        Error::surroundings(format!("{}: {why}", path.display()), "git orch check --range A..B")
    };
    let bytes = std::fs::read(&path).map_err(|e| wrong(e.to_string()))?;
    let event: Event = serde_json::from_slice(&bytes).map_err(|e| wrong(e.to_string()))?;
    let home = event.repository.as_ref().and_then(|repository| repository.default_branch.clone());
    let Some((onto, from, to)) = ends(event) else { return Ok(None) };
    let onto = onto.strip_prefix(HEADS).unwrap_or(&onto).to_owned();
    let known = |text: &str| -> Result<Option<CommitId>, Error> {
        match text.parse::<CommitId>() {
            Ok(id) if id.is_zero() => Ok(None),
            Ok(id) => ctx.repo.objects.resolve(id.as_str())?.map(Some).ok_or_else(|| {
                Error::surroundings(
                    format!("commit {} is not here", id.short()),
                    "let actions/checkout fetch everything: fetch-depth: 0",
                )
            }),
            Err(e) => Err(wrong(e.to_string())),
        }
    };
    let Some(new) = known(&to)? else { return Ok(None) };
    let from = match known(&from)? {
        Some(from) => Some(from),
        None => default_branch(&ctx)?,
    };
    // What a branch says once the commits are in, or what a pull request brings along, has no say.
    let ground = Ground {
        base: home.unwrap_or_else(|| onto.clone()),
        policy: from.clone(),
        strict,
        copies: true,
        now: Some(ctx.now),
        ..Ground::default()
    };
    let wall = Wall::build(ctx.repo, ground)?;
    if !wall.gate().rules()?.protects(&onto) {
        return Ok(None);
    }
    let report = wall.judge(&Move { onto, there: from.into_iter().collect(), new })?;
    Ok(Some((report, wall)))
}

/// Onto which branch, from where, to where; `None` for events that bring nothing.
fn ends(event: Event) -> Option<(String, String, String)> {
    if let Some(request) = event.pull_request {
        return Some((request.base.name, request.base.sha, request.head.sha));
    }
    if let Some(group) = event.merge_group {
        return Some((group.base_ref, group.base_sha, group.head_sha));
    }
    let name = event.name.filter(|name| name.starts_with(HEADS))?;
    Some((name, event.before?, event.after?))
}

/// A branch that is new on the other side began somewhere on the default one.
fn default_branch(ctx: &Context) -> Result<Option<CommitId>, Error> {
    match policy::base_branch(&ctx.repo)? {
        Some(base) => policy::team_commit(&ctx.repo, &base),
        None => Ok(None),
    }
}
