//! What keeps a worktree from being removed, or written over.

use std::path::Path;

use super::{claims, facts};
use crate::agent::owner::{Owner, Presence};
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::names::{HEADS, counted};
use crate::domain::phase::Phase;
use crate::domain::refusal::Unmet;
use crate::domain::session::Session;
use crate::domain::tidy::{self, quoted};
use crate::error::Error;
use crate::git::{hidden, nested, status, worktrees};
use crate::store::runs;

/// How a worktree is to be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Care {
    /// Only when it holds no work that is not elsewhere too.
    Clean,
    /// What it holds has been salvaged; what git has under way there would not be.
    Kept,
    /// Whatever it holds has been salvaged, and what is under way there is given up.
    Forced,
}

/// What keeps the issue's worktree from being removed.
pub fn obstacles(ctx: &Context, session: &Session, care: Care) -> Result<Vec<Unmet>, Error> {
    let session = &facts::located(ctx, session)?;
    let mut unmet: Vec<Unmet> = agent(ctx, session)?.into_iter().collect();
    unmet.extend(fixed(ctx, session)?);
    if care == Care::Forced {
        return Ok(unmet);
    }
    unmet.extend(in_worktree(ctx, session, care)?);
    Ok(unmet)
}

/// What keeps files from being written over those in the worktree.
pub fn occupied(ctx: &Context, session: &Session) -> Result<Vec<Unmet>, Error> {
    let mut unmet: Vec<Unmet> = agent(ctx, session)?.into_iter().collect();
    unmet.extend(in_worktree(ctx, session, Care::Clean)?);
    Ok(unmet)
}

fn in_worktree(ctx: &Context, session: &Session, care: Care) -> Result<Vec<Unmet>, Error> {
    let place = quoted(&session.worktree);
    let mut unmet = Vec::new();
    let (mut dirty, operation) = facts::worktree_state(ctx, session)?;
    if let Some(word) = operation {
        let why = format!("a {word} is under way in {}", session.worktree);
        unmet.push(Unmet::new("operation", why, past_operation(session, word, care)));
    }
    if care != Care::Clean {
        return Ok(unmet);
    }
    let hidden = hidden_edits(ctx, session)?;
    let top = Path::new(&session.worktree);
    // A repository of its own is named by itself: adding it would keep nothing of it.
    let by_itself = |path: &String| path.ends_with('/') && top.join(path).join(".git").exists();
    dirty.retain(|path| !hidden.contains(path) && !by_itself(path));
    if !dirty.is_empty() {
        unmet.push(Unmet::new(
            "dirty",
            format!("{} holds uncommitted work: {}", session.worktree, some_of(&dirty)),
            tidy::committing(&session.worktree, &dirty),
        ));
    }
    if !hidden.is_empty() {
        let paths: Vec<String> = hidden.iter().map(|path| quoted(path)).collect();
        let look =
            |option: &str| format!("git -C {place} update-index {option} {}", paths.join(" "));
        unmet.push(Unmet::new(
            "hidden",
            format!(
                "{} holds changes that git was told not to look at: {}",
                session.worktree,
                some_of(&hidden)
            ),
            format!("{} && {}", look("--no-assume-unchanged"), look("--no-skip-worktree")),
        ));
    }
    if operation.is_none() {
        unmet.extend(loose_commits(ctx, session)?);
    }
    Ok(unmet)
}

/// The command that gets past what git has under way, and loses nothing of it: aborting it would
/// take conflicts away that somebody has resolved.
fn past_operation(session: &Session, word: &str, care: Care) -> String {
    let id = &session.issue;
    match (care, session.phase) {
        _ if word == "bisect" => tidy::going_on(&session.worktree, word),
        // What lies there is salvaged first.
        (Care::Clean, Phase::Complete) => format!("git orch archive {id} --force"),
        (Care::Clean, _) => tidy::going_on(&session.worktree, word),
        _ => format!("git orch abandon {id} --reason 'why it is given up' --force"),
    }
}

fn some_of(names: &[String]) -> String {
    let shown: Vec<&str> = names.iter().take(5).map(String::as_str).collect();
    let more =
        if names.len() > 5 { format!(" and {} more", names.len() - 5) } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

/// Changed files of the issue's worktree that `git status` is silent about.
pub fn hidden_edits(ctx: &Context, session: &Session) -> Result<Vec<String>, Error> {
    let Some(git_dir) = facts::worktree_git_dir(ctx, session) else { return Ok(Vec::new()) };
    if ctx.repo.objects.lib().is_some() && hidden::is_plain(&git_dir.join("index")) {
        return Ok(Vec::new());
    }
    let git = &ctx.repo.git;
    let entries = hidden::entries(git, &git_dir, None)?;
    Ok(hidden::edited(git, Path::new(&session.worktree), &git_dir, &entries)?)
}

/// What no salvage holds: a lock that a person put on the worktree, and other repositories in it.
fn fixed(ctx: &Context, session: &Session) -> Result<Vec<Unmet>, Error> {
    let Some(git_dir) = facts::worktree_git_dir(ctx, session) else { return Ok(Vec::new()) };
    if git_dir == ctx.repo.common_dir {
        return Ok(Vec::new());
    }
    let worktree = Path::new(&session.worktree);
    let git = &ctx.repo.git;
    let mut unmet = Vec::new();
    if let Ok(reason) = std::fs::read_to_string(git_dir.join("locked")) {
        let reason = crate::domain::names::one_line(&reason);
        let why = if reason.is_empty() { String::new() } else { format!(": {reason}") };
        let fix = format!("git worktree unlock {}", quoted(&session.worktree));
        unmet.push(Unmet::new("locked", format!("{} is locked{why}", session.worktree), fix));
    }
    let lying = status::lying(git, worktree, &git_dir)?;
    let entries = hidden::entries(git, &git_dir, None)?;
    let gitlinks = entries.iter().filter(|entry| entry.is_gitlink()).map(|entry| &entry.path);
    let folders = lying.dirty.iter().chain(&lying.ignored).filter(|path| path.ends_with('/'));
    for path in nested::repositories(worktree, &git_dir, folders.chain(gitlinks)) {
        unmet.push(repository(
            session,
            &path,
            entries.iter().any(|e| e.is_gitlink() && e.path == path),
        ));
    }
    for module in nested::modules(git, &git_dir)? {
        unmet.extend(submodule(ctx, &session.issue, worktree, &module));
    }
    Ok(unmet)
}

/// A repository that lies in the worktree by itself: nothing of ours holds its commits.
fn repository(session: &Session, path: &str, tracked: bool) -> Unmet {
    let from = format!("{}/{path}", session.worktree);
    let to = free(&format!("{}-{}", session.worktree, path.replace('/', "-")));
    let mut fix = format!("mv {} {}", quoted(&from), quoted(&to));
    if tracked {
        fix = format!("{fix} && mkdir {}", quoted(&from));
    }
    Unmet::new("repository", format!("{from} is a repository of its own, which would go too"), fix)
}

/// A submodule with work that is nowhere else.
fn submodule(ctx: &Context, id: &IssueId, top: &Path, module: &nested::Module) -> Option<Unmet> {
    if module.is_elsewhere() {
        return None;
    }
    let place = module.worktree.as_deref().unwrap_or(&module.git_dir);
    let shown = place.strip_prefix(top).unwrap_or(place).display().to_string();
    let shell = |path: &Path| quoted(&path.display().to_string());
    let bare = || {
        let dir = shell(&module.git_dir);
        format!("{dir} --git-dir={dir} --work-tree={dir}")
    };
    let at = module.worktree.as_deref().map_or_else(bare, shell);
    if module.dirty > 0 {
        let what = counted(module.dirty, "uncommitted change", "uncommitted changes");
        let fix = format!("git -C {at} add -A && git -C {at} commit");
        return Some(Unmet::new("submodule", format!("the submodule {shown} holds {what}"), fix));
    }
    if module.stashed {
        let why = format!("something is stashed in the submodule {shown}, which would go too");
        return Some(Unmet::new("submodule", why, format!("git -C {at} stash pop")));
    }
    let what = match module.loose {
        Some(count) => counted(count, "commit", "commits"),
        None => "commits".to_owned(),
    };
    let name = module.git_dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let copy = free(&ctx.repo.home().with_file_name(format!("{id}-{name}.git")).to_string_lossy());
    let to = quoted(&copy);
    let remote = Path::new(&copy).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let remote = format!("kept-{}", quoted(&remote).trim_matches('\''));
    Some(Unmet::new(
        "submodule",
        format!("the submodule {shown} has {what} that none of its remotes is known to have"),
        format!(
            "git init -q --bare {to} && git -C {at} remote add {remote} {to} && git -C {at} push -q \
             {remote} HEAD:refs/heads/{id}-head 'refs/heads/*:refs/heads/*'   # or push it where it \
             belongs"
        ),
    ))
}

/// `path`, or with a number where something is called that.
fn free(path: &str) -> String {
    let there = |path: &str| Path::new(path).symlink_metadata().is_ok();
    if !there(path) {
        return path.to_owned();
    }
    (2..u32::MAX).map(|n| format!("{path}-{n}")).find(|path| !there(path)).unwrap_or_default()
}

/// Commits that only the detached `HEAD` of the worktree leads to.
fn loose_commits(ctx: &Context, session: &Session) -> Result<Option<Unmet>, Error> {
    let Some(git_dir) = facts::worktree_git_dir(ctx, session) else { return Ok(None) };
    let Some(head) = worktrees::detached(&ctx.repo, &git_dir)? else { return Ok(None) };
    let mut named = Vec::new();
    for prefix in [HEADS, "refs/remotes/", "refs/tags/"] {
        named.extend(ctx.repo.objects.refs(prefix)?.into_iter().map(|(_, commit)| commit));
    }
    let count = ctx.repo.objects.history(std::slice::from_ref(&head), &named)?.len();
    Ok((count > 0).then(|| {
        let place = quoted(&session.worktree);
        Unmet::new(
            "loose-commits",
            format!("{} has commits checked out that no branch holds: {count}", session.worktree),
            format!("git -C {place} branch {}-loose HEAD", session.issue),
        )
    }))
}

/// An agent that somebody else runs there. One that git-orch runs may end its own issue.
fn agent(ctx: &Context, session: &Session) -> Result<Option<Unmet>, Error> {
    let id = &session.issue;
    if ctx.around.called.issue.as_deref() == Some(id.as_str()) {
        return Ok(None);
    }
    let runs = runs::read(&ctx.repo.own_folder(), id)?.filter(|runs| runs.session == session.id);
    let Some(claim) = runs.and_then(|runs| runs.claim) else { return Ok(None) };
    let owner = claims::owner(&claim);
    Ok(match owner.presence() {
        Presence::Alive if owner != Owner::me() => {
            let why = format!("pid {} runs agents there since {}", claim.pid, claim.at);
            let fix = format!("git orch show {id}   # and end that first");
            Some(Unmet::new("running", why, fix))
        }
        Presence::Elsewhere => {
            let why = format!(
                "pid {} on {} runs agents there since {}, as far as can be told from here",
                claim.pid, claim.host, claim.at
            );
            let fix = format!("git orch run {id} --take-over   # once nothing runs there");
            Some(Unmet::new("running", why, fix))
        }
        _ => None,
    })
}
