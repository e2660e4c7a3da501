//! What is kept: listing it, finding it, letting it go.

use serde::Serialize;

use super::capture::SUBJECT;
use super::ignored;
use crate::context::Context;
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::names::{CHECKPOINT, SALVAGE};
use crate::domain::time::Moment;
use crate::error::Error;
use crate::git::RefChange;
use crate::ops::{Narrator, heal, record};
use crate::store::intent::{self, Kind as IntentKind};

/// How long a checkpoint is kept, in seconds: two weeks, as long as git keeps what nothing names.
const CHECKPOINT_AGE: u64 = 14 * 24 * 3600;
/// How long salvage is kept before `doctor` asks whether it is still wanted, in seconds.
pub const SALVAGE_AGE: u64 = 90 * 24 * 3600;
/// The kind of intent that letting it go leaves.
const DROP_INTENT: &str = "drop";

/// Why something is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Its place was removed.
    Salvage,
    /// The issue went on.
    Checkpoint,
}

/// Something that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    /// The full ref.
    pub name: String,
    /// Its name without `refs/git-orch/`.
    pub short: String,
    /// Why it is kept.
    pub kind: Kind,
    /// The issue.
    pub issue: String,
    /// The commit.
    pub commit: String,
    /// The branch's tip then.
    pub tip: String,
    /// When it was kept; `None` when its name does not tell.
    pub at: Option<String>,
    /// The paths that were uncommitted, those that git ignores last.
    pub files: Vec<String>,
    /// Those of them that git ignores.
    pub ignored: Vec<String>,
    /// The commit that holds those.
    pub ignored_commit: Option<String>,
    #[serde(skip)]
    since: Option<Moment>,
}

impl Item {
    /// How long it has been kept at `now`, in seconds.
    pub fn age(&self, now: Moment) -> u64 {
        self.since.map_or(0, |since| now.since(since))
    }
}

/// Everything that is kept, of one issue or of all, newest first.
pub fn list(ctx: &Context, issue: Option<&IssueId>) -> Result<Vec<Item>, Error> {
    let mut all = Vec::new();
    for (prefix, kind) in [(SALVAGE, Kind::Salvage), (CHECKPOINT, Kind::Checkpoint)] {
        let below = issue.map_or_else(|| prefix.to_owned(), |id| format!("{prefix}{id}/"));
        for (name, commit) in ctx.repo.objects.refs(&below)? {
            all.push(item(ctx, name, &commit, prefix, kind)?);
        }
    }
    all.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.name.cmp(&b.name)));
    Ok(all)
}

fn item(
    ctx: &Context,
    name: String,
    commit: &CommitId,
    prefix: &str,
    kind: Kind,
) -> Result<Item, Error> {
    let (issue, time) = name[prefix.len()..].split_once('/').unwrap_or_default();
    let issue = issue.to_owned();
    let since = match kind {
        Kind::Salvage => time.get(..16).and_then(|time| time.parse().ok()),
        Kind::Checkpoint => Some(ctx.repo.objects.commit(commit)?.time),
    };
    let tip = tip_of(ctx, commit)?;
    let mut files = if tip == *commit { Vec::new() } else { changed(ctx, &tip, commit)? };
    let beside = if tip == *commit { None } else { ignored::beside(ctx, commit)? };
    let mut ignored =
        beside.as_ref().map_or(Ok(Vec::new()), |commit| ignored::paths(ctx, commit))?;
    // What is uncommitted lies there only as git would not give it back.
    ignored.retain(|path| !files.contains(path));
    files.extend(ignored.iter().cloned());
    Ok(Item {
        short: name.trim_start_matches("refs/git-orch/").to_owned(),
        kind,
        issue,
        commit: commit.to_string(),
        tip: tip.to_string(),
        at: since.map(|at| at.to_string()),
        files,
        ignored,
        ignored_commit: beside.map(|commit| commit.to_string()),
        since,
        name,
    })
}

/// The branch's tip that a kept commit stands on; itself where nothing was uncommitted.
fn tip_of(ctx: &Context, commit: &CommitId) -> Result<CommitId, Error> {
    let data = ctx.repo.objects.commit(commit)?;
    let ours = data.message.starts_with(SUBJECT);
    Ok(data.parents.into_iter().next().filter(|_| ours).unwrap_or_else(|| commit.clone()))
}

fn changed(ctx: &Context, tip: &CommitId, commit: &CommitId) -> Result<Vec<String>, Error> {
    let call = ctx.repo.git.in_repository(&ctx.repo.common_dir, None).quiet();
    let output = call
        .args(["diff-tree", "-r", "-z", "--name-only", "--no-renames"])
        .args([tip.as_str(), commit.as_str(), "--"])
        .done()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(text.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect())
}

/// What is kept under `name`: a full ref, or that without `refs/git-orch/`, or an issue, which
/// means the newest salvage of it.
pub fn find(ctx: &Context, name: &str) -> Result<Item, Error> {
    let all = list(ctx, None)?;
    let named = |item: &&Item| item.name == name || item.short == name;
    let of_issue = |item: &&Item| item.issue == name;
    let salvage = |item: &&Item| of_issue(item) && item.kind == Kind::Salvage;
    let mut found = all.iter().find(named);
    found = found.or_else(|| all.iter().find(salvage)).or_else(|| all.iter().find(of_issue));
    found.cloned().ok_or_else(|| {
        Error::usage(format!("nothing is kept under {name:?}"), "git orch salvage list")
    })
}

pub(super) fn parsed(commit: &str) -> Result<CommitId, Error> {
    commit.parse().map_err(|e| Error::usage(format!("{e}"), "git orch salvage list"))
}

/// Lets a kept item go. Its commit stays until git collects what nothing names.
pub fn drop_item(ctx: &Context, item: &Item, narrator: &mut dyn Narrator) -> Result<(), Error> {
    let old = Some(parsed(&item.commit)?);
    discard(ctx, &[RefChange { name: item.name.clone(), old, new: None }], narrator)
}

/// Deletes refs of kept things. git locks `packed-refs` for that, so there is an intent.
pub fn discard(
    ctx: &Context,
    gone: &[RefChange],
    narrator: &mut dyn Narrator,
) -> Result<(), Error> {
    let repository = record::lock_repository(ctx, narrator)?;
    let own = ctx.repo.own_folder();
    let kind = IntentKind::of_repository(DROP_INTENT);
    // What an earlier run was killed at is healed, whatever is asked for now.
    let mut locks = intent::read::<Vec<String>>(&own, kind)?.unwrap_or_default();
    locks.extend(gone.iter().map(|change| change.name.clone()));
    locks.push("packed-refs".to_owned());
    let names: Vec<&str> = locks.iter().map(String::as_str).collect();
    heal::shared(ctx, kind, &names)?;
    if !gone.is_empty() {
        intent::write(&own, kind, &locks)?;
        ctx.repo.move_refs(&ctx.repo.git.holding(&repository.file), gone)?;
        heal::shared(ctx, kind, &names)?;
    }
    Ok(intent::clear(&own, kind)?)
}

/// Checkpoints of any issue that are too old, to be let go in a transaction.
pub fn expired(ctx: &Context) -> Result<Vec<RefChange>, Error> {
    let mut gone = Vec::new();
    for (name, commit) in ctx.repo.objects.refs(CHECKPOINT)? {
        if ctx.now.since(ctx.repo.objects.commit(&commit)?.time) > CHECKPOINT_AGE {
            gone.push(RefChange { name, old: Some(commit), new: None });
        }
    }
    Ok(gone)
}

/// What was kept of the issue under `name`, for an ending that is taken back.
pub fn kept(ctx: &Context, name: &str) -> Result<Option<Item>, Error> {
    let Some(commit) = ctx.repo.objects.read_ref(name)? else { return Ok(None) };
    item(ctx, name.to_owned(), &commit, SALVAGE, Kind::Salvage).map(Some)
}
