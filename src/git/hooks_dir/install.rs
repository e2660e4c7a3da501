//! Puts the shims where git will find them.
//!
//! New files first, then `core.hooksPath`, then what an earlier installation left in the other
//! place: at every moment in between git runs either what it ran before or the shims.

use std::path::{Path, PathBuf};

use super::change::{self, Change, SetHooksPath};
use super::error::HooksDirError;
use super::files;
use super::lookup::{Lookup, Place};
use super::names;
use super::record::Record;
use super::shim::{self, Earlier, Hook, ShimSettings};
use super::standing::{self, Stands};
use super::uninstall;

/// What [`install`] would change; empty when everything is as it should be.
pub fn plan(lookup: &Lookup, settings: &ShimSettings) -> Result<Vec<Change>, HooksDirError> {
    for path in [&lookup.common_dir, &settings.program] {
        if !path.is_absolute() {
            return Err(HooksDirError::NotAbsolute(path.clone()));
        }
    }
    let record = Record::load(&lookup.common_dir)?;
    match lookup.place(&record)? {
        Place::Common => in_common(lookup, settings, &record),
        Place::Own { previous } => in_own(lookup, settings, &record, &previous),
    }
}

/// Installs the shims and returns what was changed; nothing when everything was as it should be.
/// `set` sets or removes `core.hooksPath` in the repository's own config.
pub fn install(
    lookup: &Lookup,
    settings: &ShimSettings,
    set: &mut SetHooksPath<'_>,
) -> Result<Vec<Change>, HooksDirError> {
    let changes = plan(lookup, settings)?;
    change::perform(&changes, set)?;
    // A run before this one may have been stopped between a rename and its sync.
    for folder in [lookup.common(), lookup.own()] {
        if folder.is_dir() {
            files::sync_folder(&folder)?;
        }
    }
    Ok(changes)
}

fn in_common(
    lookup: &Lookup,
    settings: &ShimSettings,
    record: &Record,
) -> Result<Vec<Change>, HooksDirError> {
    let folder = lookup.common();
    let mut changes = Vec::new();
    if !folder.is_dir() {
        let record = Record { made_hooks: true, ..record.clone() };
        changes.push(Change::Remember { common_dir: lookup.common_dir.clone(), record });
        changes.push(Change::MakeFolder(folder.clone()));
    }
    for hook in Hook::ALL {
        let file = folder.join(hook.name());
        if settings.hooks.contains(&hook) {
            put(&file, shim::shim(hook, settings, Earlier::Beside), &mut changes)?;
        } else {
            uninstall::take_back(&file, &mut changes)?;
        }
    }
    changes.extend(uninstall::own_folder(lookup, record)?);
    Ok(changes)
}

fn in_own(
    lookup: &Lookup,
    settings: &ShimSettings,
    record: &Record,
    previous: &Path,
) -> Result<Vec<Change>, HooksDirError> {
    let folder = lookup.own();
    let mut changes = Vec::new();
    let wanted = Record { previous: lookup.previous(record), ..record.clone() };
    if wanted != *record {
        let common_dir = lookup.common_dir.clone();
        changes.push(Change::Remember { common_dir, record: wanted });
    }
    if !folder.is_dir() {
        changes.push(Change::MakeFolder(folder.clone()));
    }
    for (file, content) in own_files(lookup, settings, previous)? {
        put(&file, content, &mut changes)?;
    }
    let from = lookup.local().map(|setting| setting.raw.clone());
    if from.as_deref() != Some(folder.as_os_str()) {
        changes.push(Change::SetHooksPath { from, to: Some(folder.into_os_string()) });
    }
    // Shims in a folder that ours stands before would run twice.
    changes.extend(uninstall::common_folder(lookup, record)?);
    Ok(changes)
}

/// What belongs into the folder of our own, before the hooks of `previous`.
pub(super) fn own_files(
    lookup: &Lookup,
    settings: &ShimSettings,
    previous: &Path,
) -> Result<Vec<(PathBuf, Vec<u8>)>, HooksDirError> {
    let folder = lookup.own();
    let seen = lookup.top.as_ref().unwrap_or(&lookup.common_dir).join(previous);
    let there = names::WHERE_THERE.into_iter().filter(|(name, _)| files::taken(&seen.join(name)));
    let all = names::QUIET.into_iter().map(|name| (name, 0)).chain(there);
    let mut belonging = Vec::new();
    for (name, absent) in all {
        let file = folder.join(name);
        // The hook of a tool that wrote into our folder is run from where it is kept.
        let theirs = standing::stands(&file)?.is_some_and(|stands| stands != Stands::Ours);
        let beside = theirs || files::taken(&names::kept(&file));
        let earlier = if beside { Earlier::Beside } else { Earlier::In(previous) };
        let content = match settings.hooks.iter().find(|hook| hook.name() == name) {
            Some(hook) => shim::shim(*hook, settings, earlier),
            None => shim::dispatch(name, earlier, absent),
        };
        belonging.push((file, content));
    }
    Ok(belonging)
}

/// Makes `file` the shim `content`, keeping what stands there.
pub(super) fn put(
    file: &Path,
    content: Vec<u8>,
    changes: &mut Vec<Change>,
) -> Result<(), HooksDirError> {
    let stands = standing::stands(file)?;
    let path = match stands {
        Some(Stands::RunsOurs(_)) => names::legacy(file),
        _ => file.to_owned(),
    };
    if let Some(Stands::Theirs(_)) = stands {
        let kept = names::kept(file);
        if !files::taken(&kept) {
            changes.push(Change::Keep { hook: file.to_owned(), kept });
        } else if !files::same(file, &kept)? {
            return Err(HooksDirError::TwoEarlier { hook: file.to_owned(), kept });
        }
    }
    if !standing::is_current(&path, &content)? {
        changes.push(Change::Write { path, content });
    }
    let aside = names::old(file);
    if standing::is_ours(&aside)? {
        changes.push(Change::Remove(aside));
    }
    Ok(())
}
