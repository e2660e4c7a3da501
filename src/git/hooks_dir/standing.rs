//! Whose file stands under the name of a hook.

use std::path::Path;

use super::error::HooksDirError;
use super::files;
use super::manager::Manager;
use super::names;
use super::shim;

/// Whose a hook is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stands {
    /// A shim.
    Ours,
    /// A hook whose manager keeps our shim as `<hook>.legacy` and runs it.
    RunsOurs(Manager),
    /// Somebody else's.
    Theirs(Manager),
}

/// Whose the hook `file` is; `None` when there is none.
pub(super) fn stands(file: &Path) -> Result<Option<Stands>, HooksDirError> {
    let Some(found) = files::look(file)? else { return Ok(None) };
    if !found.link && shim::is_ours(&found.content) {
        return Ok(Some(Stands::Ours));
    }
    let manager = Manager::of(file, &found.content);
    let kept = manager.runs_legacy() && is_ours(&names::legacy(file))?;
    Ok(Some(if kept { Stands::RunsOurs(manager) } else { Stands::Theirs(manager) }))
}

/// Whether `file` is a shim.
pub(super) fn is_ours(file: &Path) -> Result<bool, HooksDirError> {
    Ok(files::look(file)?.is_some_and(|found| !found.link && shim::is_ours(&found.content)))
}

/// Whether `file` is exactly `content`, and git would run it.
pub(super) fn is_current(file: &Path, content: &[u8]) -> Result<bool, HooksDirError> {
    let current = |found: files::Found| found.content == content && found.runs && !found.link;
    Ok(files::look(file)?.is_some_and(current))
}

/// Whether `file` is what a killed run left of a shim it was writing.
pub(super) fn is_left_over(file: &Path) -> Result<bool, HooksDirError> {
    Ok(files::look(file)?.is_some_and(|found| !found.link && shim::begins_ours(&found.content)))
}
