//! `pre-receive` of a server: the one hook that a bare repository gets for the wall.

use std::path::Path;

use super::change::{self, Change};
use super::error::HooksDirError;
use super::shim::{self, ShimSettings};
use super::{files, install, uninstall};

/// The name git calls it by.
const HOOK: &str = "pre-receive";

/// What putting the hook into the folder `hooks` would change; nothing when it is there already.
/// `strict` makes it judge every commit.
pub fn plan(
    hooks: &Path,
    settings: &ShimSettings,
    strict: bool,
) -> Result<Vec<Change>, HooksDirError> {
    let mut changes = Vec::new();
    if !hooks.is_dir() {
        changes.push(Change::MakeFolder(hooks.to_owned()));
    }
    install::put(&hooks.join(HOOK), shim::pre_receive(settings, strict), &mut changes)?;
    Ok(changes)
}

/// What taking it out would change.
pub fn plan_removal(hooks: &Path) -> Result<Vec<Change>, HooksDirError> {
    let mut changes = Vec::new();
    uninstall::take_back(&hooks.join(HOOK), &mut changes)?;
    Ok(changes)
}

/// Performs what was planned.
pub fn perform(changes: &[Change], hooks: &Path) -> Result<(), HooksDirError> {
    change::perform(changes, &mut |_| Ok(()))?;
    // A run before this one may have been stopped between a rename and its sync.
    if hooks.is_dir() { files::sync_folder(hooks) } else { Ok(()) }
}
