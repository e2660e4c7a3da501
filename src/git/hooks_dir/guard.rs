//! The hooks that refuse, once more from git's configuration: git 2.54 and later run those too,
//! wherever `core.hooksPath` leads.
//!
//! Where other tools look after hooks, their next installation may lead git away from ours or put
//! them aside. A guard in the configuration is run all the same; it leaves when ours ran.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::change::{self, Change};
use super::error::HooksDirError;
use super::lookup::Lookup;
use super::shim::{self, Earlier, Hook, ShimSettings};
use super::standing::{self, Stands};
use super::{files, install, uninstall};

/// The hooks with a guard, and the name of its section in the configuration.
pub const GUARDED: [(Hook, &str); 2] =
    [(Hook::ReferenceTransaction, "git-orch-lock"), (Hook::PrePush, "git-orch-boundary")];

/// The first git that runs hooks from its configuration.
pub const SINCE: (u32, u32) = (2, 54);

/// Where the guards are.
fn folder(common_dir: &Path) -> PathBuf {
    common_dir.join("git-orch").join("guard")
}

/// Whether somebody else looks after hooks here: a `core.hooksPath` is set, or a hook of theirs
/// stands beside ours.
pub fn is_wanted(lookup: &Lookup, settings: &ShimSettings) -> Result<bool, HooksDirError> {
    if !settings.hooks.contains(&Hook::ReferenceTransaction) {
        return Ok(false);
    }
    if !lookup.settings.is_empty() {
        return Ok(true);
    }
    let common = lookup.common();
    for name in super::names::QUIET {
        let file = common.join(name);
        let theirs = standing::stands(&file)?.is_some_and(|stands| stands != Stands::Ours);
        if theirs || files::taken(&super::names::kept(&file)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What putting the guards there would change; nothing when they are there already.
pub fn plan(common_dir: &Path, settings: &ShimSettings) -> Result<Vec<Change>, HooksDirError> {
    let folder = folder(common_dir);
    let mut changes = Vec::new();
    if !folder.is_dir() {
        changes.push(Change::MakeFolder(folder.clone()));
    }
    for (hook, _) in GUARDED {
        // What stood before ours is run by whoever runs it now.
        let judge = shim::shim(hook, settings, Earlier::In(Path::new("/nonexistent")));
        install::put(&folder.join(format!("{}.shim", hook.name())), judge, &mut changes)?;
        install::put(&folder.join(hook.name()), shim::guard(hook), &mut changes)?;
    }
    Ok(changes)
}

/// What taking them away would change.
pub fn plan_removal(common_dir: &Path) -> Result<Vec<Change>, HooksDirError> {
    let folder = folder(common_dir);
    let mut changes = Vec::new();
    for (hook, _) in GUARDED {
        uninstall::take_back(&folder.join(format!("{}.shim", hook.name())), &mut changes)?;
        uninstall::take_back(&folder.join(hook.name()), &mut changes)?;
    }
    let mark = folder.join("ran");
    if files::taken(&mark) {
        changes.push(Change::Remove(mark));
    }
    if folder.is_dir() {
        changes.push(Change::RemoveFolder(folder));
    }
    Ok(changes)
}

/// Performs what was planned.
pub fn perform(changes: &[Change], common_dir: &Path) -> Result<(), HooksDirError> {
    change::perform(changes, &mut |_| Ok(()))?;
    let folder = folder(common_dir);
    if folder.is_dir() { files::sync_folder(&folder) } else { Ok(()) }
}

/// Whether the files of one guard are there, and git may run them.
pub fn stands(common_dir: &Path, hook: Hook) -> bool {
    let folder = folder(common_dir);
    [folder.join(hook.name()), folder.join(format!("{}.shim", hook.name()))].iter().all(|file| {
        file.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
    })
}

/// What the configuration says of one guard: each key with its value. A guard whose file is gone
/// does nothing: git would refuse every change of a ref for a command that it cannot run.
pub fn settings(common_dir: &Path, hook: Hook, section: &str) -> [(String, OsString); 2] {
    let file = shim::quoted(folder(common_dir).join(hook.name()).as_os_str().as_bytes());
    let file = OsString::from_vec(file);
    let mut command = OsString::from("test ! -x ");
    for part in [file.as_os_str(), OsStr::new(" || exec "), file.as_os_str()] {
        command.push(part);
    }
    [
        (format!("hook.{section}.command"), command),
        (format!("hook.{section}.event"), OsString::from(hook.name())),
    ]
}
