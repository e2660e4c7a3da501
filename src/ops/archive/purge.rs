//! `archive purge`: an issue's archive removed from disk and refs, and what could not be reached.

use serde::Serialize;

use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::names::{SALVAGE, archive_ref, issue_ref};
use crate::error::Error;
use crate::git::RefChange;
use crate::ops::{Narrator, place, record};
use crate::store::{shown, trash};

/// What was removed, and what remains.
#[derive(Clone, Debug, Serialize)]
pub struct Purged {
    /// What is gone.
    pub removed: Vec<String>,
    /// What is out of reach, each with the command that says more or removes it.
    pub remains: Vec<String>,
}

/// Removes the archive of a finished issue. Purging again removes what is left.
pub fn run(ctx: &Context, id: &IssueId, narrator: &mut dyn Narrator) -> Result<Purged, Error> {
    let lock = record::lock_issue(ctx, id, narrator)?;
    if ctx.repo.objects.read_ref(&issue_ref(id))?.is_some() {
        return Err(Error::usage(
            format!("issue {id} is open, so nothing of it is archived"),
            format!("git orch abandon {id} --reason '…'"),
        ));
    }
    let mut removed = Vec::new();
    let own = ctx.repo.own_folder();
    let (root, relative) = place::archive(ctx, id);
    let folder = root.join(&relative);
    if folder.exists() {
        trash::put(&own, &folder, &ctx.now.compact())?;
        trash::empty(&own);
        removed.push(folder.display().to_string());
    }
    let name = archive_ref(id);
    let tip = ctx.repo.objects.read_ref(&name)?;
    if let Some(tip) = &tip {
        let repository = record::lock_repository(ctx, narrator)?;
        let change = RefChange { name: name.clone(), old: Some(tip.clone()), new: None };
        let git = ctx.repo.git.holding(&lock.file).holding(&repository.file);
        ctx.repo.move_refs(&git, &[change])?;
        removed.push(name.clone());
    }
    if shown::forget(&own, id)? {
        removed.push(format!("what issue {id} was told"));
    }
    Ok(Purged { removed, remains: remains(ctx, id, tip.is_some())? })
}

/// What of the issue is still somewhere.
fn remains(ctx: &Context, id: &IssueId, objects: bool) -> Result<Vec<String>, Error> {
    let mut list = Vec::new();
    if objects {
        list.push("its objects, until git collects them: git gc --prune=now".to_owned());
    }
    for (name, _) in ctx.repo.objects.refs(&format!("{SALVAGE}{id}/"))? {
        list.push(format!("work that was given up: git update-ref -d {name}"));
    }
    let remotes = ctx.repo.git.at(ctx.repo.home()).arg("remote").text()?;
    for remote in remotes.lines() {
        let name = archive_ref(id);
        list.push(format!("a copy at {remote}, if it was pushed: git push {remote} :{name}"));
    }
    list.push(format!(
        "what others said of its learnings: git log --grep='^Learning: {id}\\.' refs/git-orch/learnings"
    ));
    Ok(list)
}
