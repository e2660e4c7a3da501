//! Takes the shims away and gives every hook its name back.
//!
//! `core.hooksPath` first, so that git is led back before anything is taken away. What somebody
//! else has written in the meantime stays as it is.

use std::path::Path;

use super::change::{self, Change, SetHooksPath};
use super::error::HooksDirError;
use super::files;
use super::lookup::Lookup;
use super::names;
use super::record::{self, Record};
use super::shim::Hook;
use super::standing::{self, Stands};

/// What [`uninstall`] would change; empty when nothing of ours is there.
pub fn plan_removal(lookup: &Lookup) -> Result<Vec<Change>, HooksDirError> {
    let record = Record::load(&lookup.common_dir)?;
    let mut changes = own_folder(lookup, &record)?;
    changes.extend(common_folder(lookup, &record)?);
    let file = record::file(&lookup.common_dir);
    for file in [files::beside(&file), file.clone()] {
        if files::taken(&file) {
            changes.push(Change::Remove(file));
        }
    }
    if let Some(folder) = file.parent() {
        // Our other files live there too; it goes with the last of them.
        let touched = changes.iter().any(|change| change.is_in(folder));
        if touched || files::is_empty_folder(folder) {
            changes.push(Change::RemoveFolder(folder.to_owned()));
        }
    }
    Ok(changes)
}

/// Removes the shims and returns what was changed: afterwards every hook and `core.hooksPath` are
/// as they were before [`super::install`]. `set` sets or removes `core.hooksPath` in the
/// repository's own config.
pub fn uninstall(
    lookup: &Lookup,
    set: &mut SetHooksPath<'_>,
) -> Result<Vec<Change>, HooksDirError> {
    let changes = plan_removal(lookup)?;
    change::perform(&changes, set)?;
    Ok(changes)
}

/// Leads git away from the folder of our own and takes it away.
pub(super) fn own_folder(lookup: &Lookup, record: &Record) -> Result<Vec<Change>, HooksDirError> {
    let mut changes = Vec::new();
    if lookup.points_to_us() {
        let from = lookup.local().map(|setting| setting.raw.clone());
        let to = record.previous.as_ref().map(|previous| previous.raw.clone());
        changes.push(Change::SetHooksPath { from, to });
    }
    let own = lookup.own();
    let there = names::WHERE_THERE.into_iter().map(|(name, _)| name);
    for name in names::QUIET.into_iter().chain(there) {
        take_back(&own.join(name), &mut changes)?;
    }
    if own.is_dir() {
        changes.push(Change::RemoveFolder(own));
    }
    Ok(changes)
}

/// Takes our shims out of the common directory's `hooks/`.
pub(super) fn common_folder(
    lookup: &Lookup,
    record: &Record,
) -> Result<Vec<Change>, HooksDirError> {
    let common = lookup.common();
    let mut changes = Vec::new();
    for hook in Hook::ALL {
        take_back(&common.join(hook.name()), &mut changes)?;
    }
    if record.made_hooks && common.is_dir() {
        changes.push(Change::RemoveFolder(common));
    }
    Ok(changes)
}

/// Takes our shim away from `file`, wherever a manager may have put it, and gives the hook from
/// before its name back.
pub(super) fn take_back(file: &Path, changes: &mut Vec<Change>) -> Result<(), HooksDirError> {
    let (kept, legacy) = (names::kept(file), names::legacy(file));
    let put_back = |hook: &Path| Change::PutBack { kept: kept.clone(), hook: hook.to_owned() };
    let keeping = files::taken(&kept);
    let twice = keeping && files::taken(file) && files::same(file, &kept)?;
    match standing::stands(file)? {
        Some(Stands::Ours) | None if keeping => changes.push(put_back(file)),
        Some(Stands::Ours) => changes.push(Change::Remove(file.to_owned())),
        Some(Stands::RunsOurs(_)) if keeping && !twice => {
            changes.push(put_back(&legacy));
            return remove_strays(file, false, changes);
        }
        Some(_) if twice => changes.push(Change::Remove(kept.clone())),
        Some(_) | None => {}
    }
    remove_strays(file, true, changes)
}

/// Shims that a manager moved aside, and files that a killed run left half written.
fn remove_strays(
    file: &Path,
    legacy: bool,
    changes: &mut Vec<Change>,
) -> Result<(), HooksDirError> {
    for (aside, ours) in [(names::old(file), true), (names::legacy(file), legacy)] {
        if ours && standing::is_ours(&aside)? {
            changes.push(Change::Remove(aside));
        }
    }
    let part = files::beside(file);
    if standing::is_left_over(&part)? {
        changes.push(Change::Remove(part));
    }
    let part = files::beside(&names::kept(file));
    if files::taken(&part) {
        changes.push(Change::Remove(part));
    }
    Ok(())
}
