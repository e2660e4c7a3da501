//! The text of each shim, filled in for one repository.
//!
//! Values go in as quoted shell words, byte for byte, so that a path may hold spaces, quotes and
//! bytes of any encoding. Nothing here touches a file.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::assets;

/// The hooks that git-orch answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hook {
    /// The lock.
    ReferenceTransaction,
    /// The boundary.
    PrePush,
    /// Earlier words about a merge.
    PreMergeCommit,
    /// Earlier words about a rebase.
    PreRebase,
    /// The trailer.
    PrepareCommitMsg,
}

impl Hook {
    /// All of them, the lock first.
    pub const ALL: [Self; 5] = [
        Self::ReferenceTransaction,
        Self::PrePush,
        Self::PreMergeCommit,
        Self::PreRebase,
        Self::PrepareCommitMsg,
    ];

    /// The name git calls it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::ReferenceTransaction => "reference-transaction",
            Self::PrePush => "pre-push",
            Self::PreMergeCommit => "pre-merge-commit",
            Self::PreRebase => "pre-rebase",
            Self::PrepareCommitMsg => "prepare-commit-msg",
        }
    }

    fn template(self) -> &'static str {
        match self {
            Self::ReferenceTransaction => assets::REFERENCE_TRANSACTION,
            Self::PrePush => assets::PRE_PUSH,
            Self::PreMergeCommit => assets::PRE_MERGE_COMMIT,
            Self::PreRebase => assets::PRE_REBASE,
            Self::PrepareCommitMsg => assets::PREPARE_COMMIT_MSG,
        }
    }
}

/// What the shims of one repository are to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShimSettings {
    /// Absolute path of the program.
    pub program: PathBuf,
    /// How the names of issue branches begin, without `refs/heads/`; `issue/` by default. Only
    /// speed depends on it.
    pub issue_prefix: String,
    /// Globs of protected branches, without `refs/heads/`: after a move of one the program need not
    /// be started, and while it is gone they stay where they are.
    pub protected: Vec<String>,
    /// Whether names that differ only in case are one branch here (`core.ignoreCase`).
    pub ignore_case: bool,
    /// Which hooks to install.
    pub hooks: Vec<Hook>,
}

/// Where a shim finds the hook that is to run before it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Earlier<'a> {
    /// Beside it, as `<hook>.before-orch`.
    Beside,
    /// Under its own name in this folder.
    In(&'a Path),
}

/// The shim of `hook`.
pub(super) fn shim(hook: Hook, settings: &ShimSettings, earlier: Earlier<'_>) -> Vec<u8> {
    fill(hook.template(), |name| match name {
        "GIT_ORCH" => Some(quoted(settings.program.as_os_str().as_bytes())),
        "EARLIER" => Some(earlier_word(hook.name(), earlier)),
        "ISSUE_PREFIX" => Some(quoted(prefix(hook, settings).as_bytes())),
        "PROTECTED" => Some(quoted(patterns(settings).as_bytes())),
        _ => None,
    })
}

/// The hook of a server; `strict` makes it judge every commit.
pub(super) fn pre_receive(settings: &ShimSettings, strict: bool) -> Vec<u8> {
    fill(assets::PRE_RECEIVE, |name| match name {
        "GIT_ORCH" => Some(quoted(settings.program.as_os_str().as_bytes())),
        "EARLIER" => Some(earlier_word("pre-receive", Earlier::Beside)),
        "PROTECTED" => Some(quoted(patterns(settings).as_bytes())),
        "STRICT" => Some(if strict { b"--strict".to_vec() } else { Vec::new() }),
        _ => None,
    })
}

/// The guard of `hook`, which runs from the configuration.
pub(super) fn guard(hook: Hook) -> Vec<u8> {
    fill(assets::GUARD, |word| (word == "HOOK").then(|| hook.name().as_bytes().to_vec()))
}

/// The file that stands for the hook `name`, none of ours. `absent` is its exit code where the
/// hook it stands for does not exist.
pub(super) fn dispatch(name: &str, earlier: Earlier<'_>, absent: u8) -> Vec<u8> {
    fill(assets::DISPATCH, |word| match word {
        "EARLIER" => Some(earlier_word(name, earlier)),
        "ABSENT" => Some(absent.to_string().into_bytes()),
        _ => None,
    })
}

/// Whether a file is one of our shims, of this version or another: its second line says so.
pub(super) fn is_ours(content: &[u8]) -> bool {
    content.split(|&b| b == b'\n').nth(1).is_some_and(|l| l.starts_with(b"# git-orch shim v"))
}

/// Whether a file can be the beginning of a shim, as a run that was killed leaves it.
pub(super) fn begins_ours(content: &[u8]) -> bool {
    is_ours(content) || b"#!/bin/sh\n# git-orch shim v".starts_with(content)
}

/// Replaces each `@NAME@` that `value` knows, in one pass: what was filled in is not read again.
fn fill(template: &str, value: impl Fn(&str) -> Option<Vec<u8>>) -> Vec<u8> {
    let mut text = Vec::with_capacity(template.len() + 256);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('@') {
        text.extend_from_slice(before.as_bytes());
        let known = after.split_once('@').and_then(|(name, tail)| Some((value(name)?, tail)));
        if let Some((filled, tail)) = known {
            text.extend_from_slice(&filled);
            rest = tail;
        } else {
            text.push(b'@');
            rest = after;
        }
    }
    text.extend_from_slice(rest.as_bytes());
    text
}

/// One word of the shell, whatever the bytes.
pub(super) fn quoted(bytes: &[u8]) -> Vec<u8> {
    let mut word = vec![b'\''];
    for &byte in bytes {
        match byte {
            b'\'' => word.extend_from_slice(br"'\''"),
            _ => word.push(byte),
        }
    }
    word.push(b'\'');
    word
}

fn earlier_word(name: &str, earlier: Earlier<'_>) -> Vec<u8> {
    match earlier {
        // Not `$0.before-orch`: pre-commit runs this file under another name.
        Earlier::Beside => format!(r#""${{0%/*}}/{name}.before-orch""#).into_bytes(),
        Earlier::In(folder) => {
            // git takes an empty core.hooksPath for the root.
            let root = folder.as_os_str().is_empty().then_some(Path::new("/"));
            quoted(root.unwrap_or(folder).join(name).as_os_str().as_bytes())
        }
    }
}

/// The refs that `reference-transaction` may let pass unseen: issue branches, unless a glob of
/// protected branches may mean one of them.
fn prefix(hook: Hook, settings: &ShimSettings) -> String {
    let whole = format!("refs/heads/{}", settings.issue_prefix);
    let folded = |text: &str| if settings.ignore_case { text.to_lowercase() } else { text.into() };
    let prefix = folded(&settings.issue_prefix);
    let overlaps = |glob: &String| {
        let glob = folded(glob);
        let meta = glob.find(['*', '?', '[', '{', '\\']);
        let literal = &glob[..meta.unwrap_or(glob.len())];
        literal.starts_with(&prefix) || (meta.is_some() && prefix.starts_with(literal))
    };
    let unsafe_here = prefix.is_empty() || settings.protected.iter().any(overlaps);
    if hook == Hook::ReferenceTransaction && unsafe_here { "-".to_owned() } else { whole }
}

/// The globs as patterns of the shell, separated by spaces. Where the two languages differ the
/// pattern means more branches, never fewer.
fn patterns(settings: &ShimSettings) -> String {
    let each = settings.protected.iter().map(|glob| {
        let pattern = format!("refs/heads/{}", pattern(glob));
        if settings.ignore_case { any_case(&pattern) } else { pattern }
    });
    each.collect::<Vec<_>>().join(" ")
}

fn pattern(glob: &str) -> String {
    let mut out = String::new();
    let mut rest = glob.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '*' => {
                let deep = rest.next_if_eq(&'*').is_some();
                // `**/x` means `x` too.
                if deep {
                    rest.next_if_eq(&'/');
                }
                out.push('*');
            }
            '[' | '{' => {
                let end = if c == '[' { ']' } else { '}' };
                while rest.next().is_some_and(|c| c != end) {}
                out.push('*');
            }
            '\\' => {
                rest.next();
                out.push('?');
            }
            _ if c.is_ascii_alphanumeric() || !c.is_ascii() || "-_./".contains(c) => out.push(c),
            _ => out.push('?'),
        }
    }
    out
}

fn any_case(pattern: &str) -> String {
    let mut out = String::new();
    for c in pattern.chars() {
        if c.is_ascii_alphabetic() {
            out.extend(['[', c.to_ascii_uppercase(), c.to_ascii_lowercase(), ']']);
        } else {
            out.push(c);
        }
    }
    out
}
