//! What git ignores in a worktree and somebody may have typed: the draft of a specification and
//! whatever else was written into `.context/`, and small files such as `.env`.
//!
//! They are kept byte for byte in a commit of their own beside the rest, so that no branch that is
//! made of a salvage carries them; with them goes what git would convert on its way in and out. Folders that are ignored as a whole hold what programs made
//! (`target/`, `node_modules/`) and are not kept, nor are files that are large or very many.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::context::Context;
use crate::domain::ids::CommitId;
use crate::domain::session::Session;
use crate::error::Error;
use crate::git::{NewCommit, status};
use crate::ops::{facts, templates};
use crate::store::{chain, layout};

/// The first line of the message of the commit that holds ignored files, and of no other parent.
const IGNORED: &str = "ignored";
/// Larger than this nobody types, in bytes.
const LARGEST: u64 = 1 << 20;
/// How much of all of them is kept, in bytes.
const MOST: u64 = 8 << 20;
/// How many files of a worktree are kept.
const MANY: usize = 200;
/// How much is looked through for line endings, in bytes.
const SEEN: usize = 64 << 20;
/// How deep folders in `.context/` are looked into.
const DEPTH: usize = 8;
/// In `.context/`: what lay where something was brought back to.
pub(super) const BEFORE: &str = "before";

/// One ignored file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path in the worktree.
    pub path: String,
    /// What it says, or where it leads.
    pub bytes: Vec<u8>,
    /// What it is.
    pub form: Form,
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A file.
    Plain,
    /// A program.
    Executable,
    /// A symbolic link.
    Link,
}

impl Form {
    fn word(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Executable => Some("executable"),
            Self::Link => Some("link"),
        }
    }
}

/// The ignored files of a worktree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ignored {
    /// Those that are kept.
    pub files: Vec<File>,
    /// Paths that are not: folders, which end in `/`, and what is large or too many.
    pub left: Vec<String>,
}

/// The ignored files of the issue's worktree; none when that is gone.
pub fn ignored(ctx: &Context, session: &Session) -> Result<Ignored, Error> {
    let session = &facts::located(ctx, session)?;
    let Some(git_dir) = facts::worktree_git_dir(ctx, session) else {
        return Ok(Ignored::default());
    };
    let lying = status::lying(&ctx.repo.git, Path::new(&session.worktree), &git_dir)?;
    among(ctx, session, &lying.ignored)
}

/// Those of the paths that `git status` calls ignored.
pub(super) fn among(ctx: &Context, session: &Session, paths: &[String]) -> Result<Ignored, Error> {
    let top = Path::new(&session.worktree);
    let mut found = Ignored::default();
    let mut room = MOST;
    let own = format!("{}/", layout::CONTEXT);
    for path in paths {
        if *path == own {
            let mut written = Vec::new();
            context(top, layout::CONTEXT, 0, &mut written);
            for path in written {
                take(top, &path, &mut room, &mut found);
            }
        } else if path.ends_with('/') {
            if !layout::EXCLUDED.contains(&format!("/{path}").as_str()) {
                found.left.push(path.clone());
            }
        } else {
            take(top, path, &mut room, &mut found);
        }
    }
    let derived = derived_spec(ctx, session)?;
    let spec = spec();
    found.files.retain(|file| file.path != spec || !derived.contains(&file.bytes));
    found.left.sort();
    found.files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// The uncommitted files that git may not give back as they lie: those with line endings that it
/// converts. Looked for in as much as a checkpoint may hold.
pub(super) fn converted(top: &Path, dirty: &[String]) -> Vec<File> {
    let mut all = Ignored::default();
    let (mut room, mut seen) = (MOST, 0);
    for path in dirty.iter().filter(|path| !path.ends_with('/')) {
        let (before, count) = (room, all.files.len());
        take(top, path, &mut room, &mut all);
        let Some(file) = all.files.get(count) else { continue };
        seen += file.bytes.len();
        if !file.bytes.windows(2).any(|pair| pair == b"\r\n") {
            all.files.truncate(count);
            room = before;
        }
        if seen > SEEN {
            break;
        }
    }
    all.files
}

/// The files below `.context/` that are no copy of the record and no log.
fn context(top: &Path, folder: &str, depth: usize, found: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(top.join(folder)) else { return };
    for entry in entries.flatten() {
        let Ok(name) = entry.file_name().into_string() else { continue };
        let path = format!("{folder}/{name}");
        // What we are just writing.
        let half =
            name.strip_prefix('.').is_some_and(|rest| rest.rsplit('.').next() == Some("tmp"));
        let ours = depth == 0 && [layout::SESSION_LOG, layout::FLAG].contains(&name.as_str());
        if half || ours || path == layout::LOGS {
            continue;
        }
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && depth < DEPTH => context(top, &path, depth + 1, found),
            Ok(kind) if !kind.is_dir() => found.push(path),
            _ => {}
        }
    }
}

/// Reads one file, as far as there is room.
fn take(top: &Path, path: &str, room: &mut u64, found: &mut Ignored) {
    let full = top.join(path);
    let Ok(meta) = full.symlink_metadata() else { return };
    let form = match meta.file_type() {
        kind if kind.is_symlink() => Form::Link,
        kind if !kind.is_file() => return,
        _ if meta.permissions().mode() & 0o100 != 0 => Form::Executable,
        _ => Form::Plain,
    };
    if meta.len() > LARGEST.min(*room) || found.files.len() >= MANY {
        found.left.push(path.to_owned());
        return;
    }
    let read = match form {
        Form::Link => fs::read_link(&full).map(|to| to.as_os_str().as_bytes().to_vec()),
        _ => fs::read(&full),
    };
    match read {
        Ok(bytes) => {
            *room = room.saturating_sub(bytes.len() as u64);
            found.files.push(File { path: path.to_owned(), bytes, form });
        }
        Err(_) => found.left.push(path.to_owned()),
    }
}

/// Where the draft of a specification lies.
pub(super) fn spec() -> String {
    format!("{}/{}", layout::CONTEXT, layout::SPEC)
}

/// What `spec.md` says where nobody has written in it: what was frozen, or the template.
pub(super) fn derived_spec(ctx: &Context, session: &Session) -> Result<Vec<Vec<u8>>, Error> {
    if session.spec.is_some() {
        let Some(chain) = chain::open(&ctx.repo, &session.issue)? else { return Ok(Vec::new()) };
        return Ok(chain::companion(&ctx.repo, &chain.tip, layout::SPEC)?.into_iter().collect());
    }
    let template = templates::spec(ctx.repo.main_worktree.as_deref(), session, "");
    Ok(template.map(String::into_bytes).into_iter().collect())
}

/// The commit that holds them.
pub(super) fn commit(ctx: &Context, files: &[File]) -> Result<CommitId, Error> {
    let mut files = files.to_vec();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let mut message = format!("{IGNORED}\n");
    let lines = files.iter().filter_map(|file| Some((file.form.word()?, &file.path)));
    for (at, (word, path)) in lines.filter(|(_, path)| !path.contains('\n')).enumerate() {
        let gap = if at == 0 { "\n" } else { "" };
        message.push_str(&format!("{gap}{word} {path}\n"));
    }
    Ok(ctx.repo.objects.write(&NewCommit {
        files: files.iter().map(|file| (file.path.clone(), file.bytes.clone())).collect(),
        parents: Vec::new(),
        message,
        author: "git-orch <git-orch@localhost>".to_owned(),
        time: ctx.now,
    })?)
}

/// Whether a commit with this message holds ignored files.
pub(super) fn is_ignored(message: &str) -> bool {
    message.lines().next() == Some(IGNORED)
}

/// The paths in a commit of ignored files.
pub(super) fn paths(ctx: &Context, commit: &CommitId) -> Result<Vec<String>, Error> {
    let call = ctx.repo.git.in_repository(&ctx.repo.common_dir, None).quiet();
    let call = call.args(["ls-tree", "-r", "-z", "--name-only", "--full-tree", commit.as_str()]);
    let output = call.done()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(text.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect())
}

/// The commit of ignored files beside what was kept; `None` where there is none.
pub(super) fn beside(ctx: &Context, kept: &CommitId) -> Result<Option<CommitId>, Error> {
    for parent in ctx.repo.objects.commit(kept)?.parents {
        if is_ignored(&ctx.repo.objects.commit(&parent)?.message) {
            return Ok(Some(parent));
        }
    }
    Ok(None)
}

/// The files in it.
pub(super) fn read(ctx: &Context, commit: &CommitId) -> Result<Vec<File>, Error> {
    let message = ctx.repo.objects.commit(commit)?.message;
    let is = |form: Form, path: &str| {
        form.word().is_some_and(|word| message.lines().any(|l| l == format!("{word} {path}")))
    };
    let mut files = Vec::new();
    for path in paths(ctx, commit)? {
        let Some(bytes) = ctx.repo.objects.file(commit, &path)? else { continue };
        let forms = [Form::Executable, Form::Link];
        let form = forms.into_iter().find(|form| is(*form, &path)).unwrap_or(Form::Plain);
        files.push(File { path, bytes, form });
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}
