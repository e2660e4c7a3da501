//! `archive purge`: an issue's archive removed from disk and refs, and what could not be reached.

use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::names::{SALVAGE, archive_ref, issue_ref};
use crate::error::Error;
use crate::git::RefChange;
use crate::ops::{Narrator, heal, place, record, refs};
use crate::store::intent::{self, Kind};
use crate::store::{shown, trash};

/// What was removed, and what remains.
#[derive(Clone, Debug, Serialize)]
pub struct Purged {
    /// What is gone.
    pub removed: Vec<String>,
    /// What is out of reach, each with the command that says more or removes it.
    pub remains: Vec<String>,
}

/// The kind of intent a purge leaves.
pub const INTENT: &str = "purge";

/// The choices of a purge, made once.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Intent {
    /// The last state of the record.
    tip: Option<String>,
}

/// Removes the archive of a finished issue. Purging again removes what is left.
pub fn run(ctx: &Context, id: &IssueId, narrator: &mut dyn Narrator) -> Result<Purged, Error> {
    let _lock = record::lock_issue(ctx, id, narrator)?;
    heal::own_refs(ctx, id)?;
    if ctx.repo.objects.read_ref(&issue_ref(id))?.is_some() {
        return Err(Error::usage(
            format!("issue {id} is open, so nothing of it is archived"),
            format!("git orch abandon {id} --reason '…'"),
        ));
    }
    let own = ctx.repo.own_folder();
    let kind = Kind::of_issue(INTENT, id);
    let name = archive_ref(id);
    let intent = match intent::read::<Intent>(&own, kind)? {
        Some(intent) => intent,
        None => Intent { tip: ctx.repo.objects.read_ref(&name)?.map(|tip| tip.to_string()) },
    };
    intent::write(&own, kind, &intent)?;
    let mut removed = Vec::new();
    let (root, relative) = place::archive(ctx, id);
    let folder = root.join(&relative);
    if folder.exists() {
        trash::put(&own, &folder, &ctx.now.compact())?;
        removed.push(folder.display().to_string());
    }
    if let Some(tip) = intent.tip.as_deref().and_then(|tip| tip.parse().ok()) {
        let change = RefChange { name: name.clone(), old: Some(tip), new: None };
        refs::bring(ctx, kind, &[change], narrator)?;
        removed.push(name);
    }
    if shown::forget(&own, id)? {
        removed.push(format!("what issue {id} was told"));
    }
    trash::empty(&own);
    let purged = Purged { removed, remains: remains(ctx, id, intent.tip.is_some())? };
    intent::forget(&own, kind)?;
    Ok(purged)
}

/// What of the issue is still somewhere.
fn remains(ctx: &Context, id: &IssueId, objects: bool) -> Result<Vec<String>, Error> {
    let mut list = Vec::new();
    if objects {
        list.push("its objects, until git collects garbage".to_owned());
    }
    for (name, _) in ctx.repo.objects.refs(&format!("{SALVAGE}{id}/"))? {
        list.push(format!("work that was given up: git orch salvage show {name}"));
    }
    let remotes = ctx.repo.git.at(ctx.repo.home()).arg("remote").text()?;
    for remote in remotes.lines() {
        let name = archive_ref(id);
        list.push(format!("a copy at {remote}, if it was pushed: git ls-remote {remote} {name}"));
    }
    list.push(format!(
        "what others said of its learnings: git log --grep='^Learning: {id}\\.' refs/git-orch/learnings"
    ));
    Ok(list)
}
