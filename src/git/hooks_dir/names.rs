//! The hooks git knows, and the names hooks are kept under.

use std::path::{Path, PathBuf};

/// Every hook that git runs from its hooks folder and that may stand there doing nothing
/// (`githooks(5)`; `fsmonitor-watchman` is found by another setting).
pub(super) const QUIET: [&str; 24] = [
    "applypatch-msg",
    "commit-msg",
    "p4-changelist",
    "p4-post-changelist",
    "p4-pre-submit",
    "p4-prepare-changelist",
    "post-applypatch",
    "post-checkout",
    "post-commit",
    "post-merge",
    "post-receive",
    "post-rewrite",
    "post-update",
    "pre-applypatch",
    "pre-auto-gc",
    "pre-commit",
    "pre-merge-commit",
    "pre-push",
    "pre-rebase",
    "pre-receive",
    "prepare-commit-msg",
    "reference-transaction",
    "sendemail-validate",
    "update",
];

/// Hooks that get a file of ours only where one is there to stand for, with the exit code when it
/// is gone later: the first runs at every write of the index, too often for nothing, and the
/// others replace what git would do itself.
pub(super) const WHERE_THERE: [(&str, u8); 3] =
    [("post-index-change", 0), ("proc-receive", 1), ("push-to-checkout", 1)];

/// The name a hook of somebody else is kept under.
pub(super) fn kept(hook: &Path) -> PathBuf {
    named(hook, "before-orch")
}

/// The name under which pre-commit and prek keep a hook they replace.
pub(super) fn legacy(hook: &Path) -> PathBuf {
    named(hook, "legacy")
}

/// The name under which lefthook puts a hook it replaces aside.
pub(super) fn old(hook: &Path) -> PathBuf {
    named(hook, "old")
}

fn named(hook: &Path, ending: &str) -> PathBuf {
    let mut name = hook.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}
