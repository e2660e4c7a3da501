//! Says what stands where git looks for hooks now, for `doctor` and `status`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::error::HooksDirError;
use super::files;
use super::install;
use super::lookup::{Lookup, Place};
use super::manager::Manager;
use super::record::Record;
use super::shim::{self, Earlier, Hook, ShimSettings};
use super::standing::{self, Stands};

/// How one hook stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing is there.
    Missing,
    /// Our shim is there and git runs it.
    Ours {
        /// Whether it is what [`super::install`] would write today.
        current: bool,
    },
    /// Another manager's hook is there, which keeps our shim as `<hook>.legacy` and runs it.
    Behind {
        /// The manager.
        manager: Manager,
        /// Whether the shim is what [`super::install`] would write today.
        current: bool,
    },
    /// Somebody else's hook is there, and ours is not run.
    Foreign(Manager),
    /// Our shim is there, but without the permission to be run: git passes it over.
    NotExecutable,
    /// Our shim stands in another folder than the one git looks in.
    Shadowed {
        /// The `core.hooksPath` that leads git there; `None` when it is unset.
        by: Option<OsString>,
    },
}

impl State {
    /// Whether git runs our shim.
    pub fn runs(&self) -> bool {
        matches!(self, Self::Ours { .. } | Self::Behind { .. })
    }
}

/// What [`inspect`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// The folder git looks in, seen from this worktree.
    pub folder: PathBuf,
    /// The folder whose hooks ours stand before, relative if its setting is.
    pub before: Option<PathBuf>,
    /// Each wanted hook.
    pub hooks: Vec<(Hook, State)>,
    /// Files of our own folder, for hooks that are none of ours, that are missing or outdated: the
    /// hook they stand for may not run.
    pub outdated: Vec<PathBuf>,
}

/// Looks at every wanted hook; changes nothing.
pub fn inspect(lookup: &Lookup, settings: &ShimSettings) -> Result<Inspection, HooksDirError> {
    let record = Record::load(&lookup.common_dir)?;
    let folder = lookup.effective();
    let before = match lookup.place(&record) {
        Ok(Place::Own { previous }) if folder == lookup.own() => Some(previous),
        Ok(_) | Err(HooksDirError::OneWorktree { .. }) => None,
        Err(e) => return Err(e),
    };
    let belonging = if let Some(previous) = &before {
        install::own_files(lookup, settings, previous)?
    } else {
        let beside = |hook: &Hook| shim::shim(*hook, settings, Earlier::Beside);
        let shims = settings.hooks.iter().map(|hook| (folder.join(hook.name()), beside(hook)));
        shims.collect()
    };
    let mut hooks = Vec::new();
    let mut outdated = Vec::new();
    for (file, content) in &belonging {
        match settings.hooks.iter().find(|hook| file.ends_with(hook.name())) {
            Some(hook) => hooks.push((*hook, state(lookup, &folder, file, content)?)),
            None if standing::is_current(file, content)? => {}
            None => outdated.push(file.clone()),
        }
    }
    hooks.sort_by_key(|(hook, _)| Hook::ALL.iter().position(|each| each == hook));
    Ok(Inspection { folder, before, hooks, outdated })
}

fn state(
    lookup: &Lookup,
    folder: &Path,
    file: &Path,
    content: &[u8],
) -> Result<State, HooksDirError> {
    let stands = standing::stands(file)?;
    match stands {
        Some(Stands::Ours) if !files::look(file)?.is_some_and(|found| found.runs) => {
            return Ok(State::NotExecutable);
        }
        Some(Stands::Ours) => {
            return Ok(State::Ours { current: standing::is_current(file, content)? });
        }
        Some(Stands::RunsOurs(manager)) => {
            let current = standing::is_current(&super::names::legacy(file), content)?;
            return Ok(State::Behind { manager, current });
        }
        Some(Stands::Theirs(_)) | None => {}
    }
    for other in [lookup.common(), lookup.own()] {
        let other = file.file_name().filter(|_| other != folder).map(|name| other.join(name));
        if other.is_some_and(|other| standing::is_ours(&other).unwrap_or(false)) {
            let by = lookup.settings.last().map(|setting| setting.raw.clone());
            return Ok(State::Shadowed { by });
        }
    }
    Ok(match stands {
        Some(Stands::Theirs(manager)) => State::Foreign(manager),
        _ => State::Missing,
    })
}
