//! `archive purge`: an issue's archive removed from disk and refs, and what could not be reached.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{files, finish};
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::names::{SALVAGE, archive_ref, issue_ref};
use crate::domain::tidy::quoted;
use crate::error::Error;
use crate::git::RefChange;
use crate::ops::{Narrator, heal, place, record, refs};
use crate::store::atomic::Folder;
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
    finish::finish_ended(ctx, id, narrator)?;
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
    let tracked = tracked(ctx, &relative)?;
    if folder.exists() && tracked.is_empty() {
        trash::put(&own, &folder, &ctx.now.compact())?;
        removed.push(folder.display().to_string());
    } else if folder.exists() {
        removed.extend(clear(&root, &relative, &tracked)?);
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
    // Everywhere else the trash may wait; what is purged is to be gone when that is said.
    let named = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.strip_prefix(id.as_str()).is_some_and(|rest| rest.starts_with('-'))
    };
    if let Some(left) = trash::waiting(&own).into_iter().find(|path| named(path)) {
        return Err(Error::surroundings(
            format!("{} could not be removed", left.display()),
            format!("git orch archive purge {id} --yes"),
        ));
    }
    let mut remains = remains(ctx, id, intent.tip.is_some())?;
    if !tracked.is_empty() {
        let place = quoted(&root.display().to_string());
        remains.push(format!(
            "what was committed with its work: git -C {place} rm -r --cached {}   # then commit \
             that, and purge again",
            quoted(&relative)
        ));
    }
    intent::forget(&own, kind)?;
    Ok(Purged { removed, remains })
}

/// The files of the archive that git tracks, by their path from the root.
fn tracked(ctx: &Context, relative: &str) -> Result<Vec<String>, Error> {
    let Some(main) = &ctx.repo.main_worktree else { return Ok(Vec::new()) };
    let args = ["--literal-pathspecs", "ls-files", "-z", "--", relative];
    let text = ctx.repo.git.at(main).args(args).text()?;
    Ok(text.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect())
}

/// Removes the files of an archive but those that are `kept`; returns what is gone.
fn clear(root: &Path, relative: &str, kept: &[String]) -> Result<Vec<String>, Error> {
    let mut removed = Vec::new();
    for name in files::names(&root.join(relative))? {
        let path = format!("{relative}/{name}");
        if kept.contains(&path) {
            continue;
        }
        let (folder, file) = path.rsplit_once('/').unwrap_or((relative, &name));
        if let Some(there) = Folder::open(root, folder)? {
            there.remove(file)?;
            removed.push(root.join(&path).display().to_string());
        }
    }
    Ok(removed)
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
        list.push(format!(
            "a copy at {remote}, if it was pushed: git ls-remote {} {name}",
            quoted(remote)
        ));
    }
    list.push(format!(
        "what others said of its learnings: git log --grep='^Learning: {id}\\.' refs/git-orch/learnings"
    ));
    Ok(list)
}
