//! Does the worktree of an issue stand where its record says, and is it what it was?
//!
//! The files in it are somebody's work: no step that is named moves or changes one of them without
//! keeping it.

use std::path::{Path, PathBuf};

use super::aside::{free, word};
use super::finding::{Finding, Level, Mend};
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::names::{HEADS, one_line};
use crate::domain::session::Session;
use crate::domain::tidy::quoted;
use crate::error::Error;
use crate::git::entry::{Entry, named_by};
use crate::git::open::real;
use crate::git::status;
use crate::git::worktrees::{self, Worktree};
use crate::store::chain;
use crate::store::intent::{self, Kind};

/// What is wrong with the worktree of an issue whose branch is there.
pub(super) fn examine(ctx: &Context, session: &Session) -> Result<Option<Finding>, Error> {
    // What lies there half-made or half-removed is its own to finish, and is told with it.
    if is_under_way(ctx, &session.issue) {
        return Ok(None);
    }
    let place = Path::new(&session.worktree);
    if let Some(git_dir) = worktrees::git_dir_of(&ctx.repo, place) {
        return elsewhere(ctx, session, &git_dir);
    }
    if let Some(holder) = holder(ctx, session)? {
        return Ok(Some(moved(ctx, session, &holder)));
    }
    let entry = Entry::all(&ctx.repo.common_dir)
        .into_iter()
        .find(|entry| entry.worktree.as_ref().is_some_and(|w| real(w) == real(place)));
    let occupied = std::fs::read_dir(place).is_ok_and(|mut files| files.next().is_some());
    let dot_git = place.join(".git").symlink_metadata().is_ok();
    let named = own_place(ctx, place);
    Ok(match (&entry, &named) {
        _ if !occupied && !dot_git => Some(gone(session)),
        // What is wrong with the entry is told with the others.
        (Some(entry), Some(named)) if real(&entry.path) == real(named) => None,
        (_, Some(named)) if named.is_dir() => {
            let broken = Entry::read(named.clone()).broken().is_some();
            (!broken).then(|| led_away(ctx, session, entry.as_ref()))
        }
        (_, Some(_)) => Some(lost(ctx, session)),
        (Some(_), None) if !dot_git => Some(lost(ctx, session)),
        _ => Some(led_away(ctx, session, entry.as_ref())),
    })
}

/// Whether an operation that makes or removes the worktree was begun and has not ended.
pub(super) fn is_under_way(ctx: &Context, id: &IssueId) -> bool {
    use intent::operation::{ENDING, OPENING, RESTORING, UNDOING};
    let own = ctx.repo.own_folder();
    [OPENING, ENDING, RESTORING, UNDOING]
        .iter()
        .any(|operation| intent::is_open(&own, Kind::of_issue(operation, id)))
}

/// The open issue whose worktree an entry of git's is for.
pub(super) fn issue_at(ctx: &Context, entry: &Entry) -> Result<Option<IssueId>, Error> {
    for (id, _) in chain::all_open(&ctx.repo)? {
        let Ok(Some(chain)) = chain::open(&ctx.repo, &id) else { continue };
        let place = Path::new(&chain.session.worktree);
        let its = match &entry.worktree {
            Some(worktree) => real(worktree) == real(place),
            None => own_place(ctx, place).is_some_and(|named| real(&named) == real(&entry.path)),
        };
        if its && by_files(ctx) {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// Whether an entry can be made of files: where refs are kept in tables, git alone can.
pub(super) fn by_files(ctx: &Context) -> bool {
    !ctx.repo.common_dir.join("reftable").exists()
}

/// The place among the entries of this repository that the `.git` file of a worktree names, whether
/// or not something is there.
pub(super) fn own_place(ctx: &Context, worktree: &Path) -> Option<PathBuf> {
    let named = named_by(worktree)?;
    let all = ctx.repo.common_dir.join("worktrees");
    let below = named.parent().is_some_and(|above| above == all || real(above) == real(&all));
    let name = named.file_name()?.to_str()?;
    (below && name != "." && name != "..").then(|| all.join(name))
}

/// The worktree that has the issue's branch checked out, when it is another than that on record.
pub(super) fn holder(ctx: &Context, session: &Session) -> Result<Option<Worktree>, Error> {
    let branch = Some(session.branch.as_str());
    let place = real(Path::new(&session.worktree));
    let mut all = worktrees::list(&ctx.repo)?.into_iter();
    Ok(all.find(|w| {
        w.present
            && w.branch.as_deref() == branch
            && w.path != place
            && worktrees::git_dir_of(&ctx.repo, &w.path).is_some()
    }))
}

pub(super) fn shown(path: &Path) -> String {
    one_line(&path.display().to_string())
}

fn gone(session: &Session) -> Finding {
    let id = &session.issue;
    Finding {
        code: "worktree-gone",
        level: Level::Care,
        what: format!("the worktree of issue {id} is gone: {}", session.worktree),
        why: "there is no place to work on it; its branch and record are whole".to_owned(),
        step: format!("git orch new-issue {id}"),
        mend: Mend::Open(id.to_string()),
    }
}

fn moved(ctx: &Context, session: &Session, holder: &Worktree) -> Finding {
    let id = &session.issue;
    let there = shown(&holder.path);
    let main = ctx.repo.main_worktree.as_deref() == Some(&holder.path);
    let (what, step, mend) = if main {
        let back = format!("git -C {} switch {}", word(&holder.path), quoted(&session.base));
        let what = format!("the branch of issue {id} is checked out in the main worktree {there}");
        (what, format!("{back} && git orch new-issue {id}"), Mend::Person)
    } else {
        let what = format!(
            "the worktree of issue {id} is at {there}, and its record says {}",
            one_line(&session.worktree)
        );
        (what, "git orch doctor --fix".to_owned(), Mend::Moved(id.to_string()))
    };
    Finding {
        code: "worktree-moved",
        level: Level::Care,
        what,
        why: "what works in the place on record finds nothing there".to_owned(),
        step,
        mend,
    }
}

fn broken(session: &Session, what: &str, step: String, mend: Mend) -> Finding {
    let why = "git works there no more, and no checkpoint is kept of what is typed in it";
    Finding {
        code: "worktree-broken",
        level: Level::Bad,
        what: format!("the worktree of issue {} {what}", session.issue),
        why: why.to_owned(),
        step,
        mend,
    }
}

/// Its files are there, and git knows nothing of it any more.
fn lost(ctx: &Context, session: &Session) -> Finding {
    let what = format!("has lost git's entry for it: {}", one_line(&session.worktree));
    if by_files(ctx) {
        let mend = Mend::Entry(session.issue.to_string());
        return broken(session, &what, "git orch doctor --fix".to_owned(), mend);
    }
    broken(session, &what, made_anew(session), Mend::Person)
}

/// Its files are kept beside, and the worktree is made again.
pub(super) fn made_anew(session: &Session) -> String {
    let place = Path::new(&session.worktree);
    let mut aside = place.as_os_str().to_owned();
    aside.push(".set-aside");
    let aside = free(Path::new(&aside));
    format!(
        "mv {} {} && git orch new-issue {}   # then bring over what you miss",
        word(place),
        word(&aside),
        session.issue
    )
}

/// Its `.git` leads to something that is none of ours.
fn led_away(ctx: &Context, session: &Session, entry: Option<&Entry>) -> Finding {
    let place = Path::new(&session.worktree);
    let dot_git = place.join(".git");
    if let Some(theirs) = named_by(place).map(Entry::read).filter(Entry::leads_back) {
        // The record came from there: it is theirs, and nothing of it is to be moved.
        let what = format!("is one of another repository: {}", shown(&theirs.path));
        let step = format!("git -C {} worktree list", word(place));
        return Finding { level: Level::Care, ..broken(session, &what, step, Mend::Person) };
    }
    let what = format!("leads to another repository: {}", shown(&dot_git));
    let step = match entry {
        Some(entry) if entry.broken().is_none() => format!(
            "mv {} {} && git -C {} worktree repair",
            word(&dot_git),
            word(&free(&place.join(".git.set-aside"))),
            word(ctx.repo.home()),
        ),
        _ => made_anew(session),
    };
    broken(session, &what, step, Mend::Person)
}

/// Another branch, or none, is checked out in it.
fn elsewhere(ctx: &Context, session: &Session, git_dir: &Path) -> Result<Option<Finding>, Error> {
    let there = worktrees::checked_out(&ctx.repo, git_dir)?;
    let broken =
        git_dir != ctx.repo.common_dir && Entry::read(git_dir.to_owned()).broken().is_some();
    if there.as_deref() == Some(session.branch.as_str())
        || status::operation(&ctx.repo.git, git_dir).is_some()
        || broken
    {
        return Ok(None);
    }
    let (id, place) = (&session.issue, quoted(&session.worktree));
    let back = format!("git -C {place} switch {}", quoted(session.branch.as_str()));
    let (there, step) = match there {
        Some(there) => (format!("branch {}", one_line(&there)), back),
        None if loose(ctx, git_dir)? => {
            let name = free_branch(ctx, &format!("{id}-loose"))?;
            (
                "a commit that no branch holds".to_owned(),
                format!("git -C {place} branch {name} && {back}"),
            )
        }
        None => ("a commit".to_owned(), back),
    };
    Ok(Some(Finding {
        code: "worktree-branch",
        level: Level::Care,
        what: format!("the worktree of issue {id} has {there} checked out, not {}", session.branch),
        why: "what is committed there is no work of the issue, and its checks do not run"
            .to_owned(),
        step,
        mend: Mend::Person,
    }))
}

/// Whether the commit checked out has no branch, tag or copy of one to hold it.
fn loose(ctx: &Context, git_dir: &Path) -> Result<bool, Error> {
    let head = std::fs::read_to_string(git_dir.join("HEAD")).unwrap_or_default();
    let Ok(head) = head.trim().parse() else { return Ok(false) };
    let mut named = Vec::new();
    for prefix in [HEADS, "refs/remotes/", "refs/tags/"] {
        named.extend(ctx.repo.objects.refs(prefix)?.into_iter().map(|(_, commit)| commit));
    }
    Ok(!ctx.repo.objects.history(&[head], &named)?.is_empty())
}

fn free_branch(ctx: &Context, stem: &str) -> Result<String, Error> {
    let mut name = stem.to_owned();
    for count in 2.. {
        if ctx.repo.branch_tip(&name)?.is_none() {
            break;
        }
        name = format!("{stem}-{count}");
    }
    Ok(name)
}
