//! The ground checks run on: the issue's worktree, with its branch checked out.
//!
//! What a check says holds for one tree. So the worktree is looked at before, and again after:
//! a check that changed it, or a branch that moved meanwhile, leaves nothing that counts.

use std::path::PathBuf;

use super::facts;
use crate::context::Context;
use crate::domain::evidence::Subject;
use crate::domain::ids::{CommitId, TreeId};
use crate::domain::refusal::{Refusal, Unmet};
use crate::domain::session::Session;
use crate::domain::tidy;
use crate::domain::tidy::quoted;
use crate::error::Error;
use crate::git::{snapshot, status, worktrees};

/// Where checks of an issue run.
#[derive(Clone, Debug)]
pub struct Ground {
    /// Its worktree.
    pub worktree: PathBuf,
    /// git's directory for that.
    pub git_dir: PathBuf,
    /// The tip of its branch, which is checked out there.
    pub tip: CommitId,
}

/// Where the checks of an issue run, or why they cannot; `what` says what they are run for.
pub fn find(ctx: &Context, session: &Session, what: &str) -> Result<Ground, Error> {
    let tip = facts::require_tip(ctx, session)?;
    let refuse = |code, why: String, fix: String| Err(Refusal::one(code, what, why, fix).into());
    let Some(git_dir) = facts::worktree_git_dir(ctx, session) else {
        return refuse(
            "worktree-gone",
            format!("its worktree {} is gone", session.worktree),
            format!("git orch new-issue {}", session.issue),
        );
    };
    let branch = session.branch.as_str();
    match worktrees::checked_out(&ctx.repo, &git_dir)? {
        Some(there) if there == branch => {}
        there => {
            if let Some(word) = status::operation(&ctx.repo.git, &git_dir) {
                let unmet = under_way(word, session);
                return Err(Refusal::many(unmet.code, what, vec![unmet]).into());
            }
            let there = there.unwrap_or_else(|| "a commit of no branch".to_owned());
            return refuse(
                "elsewhere",
                format!("its worktree has {there} checked out, not {branch}"),
                format!("git -C {} switch {}", quoted(&session.worktree), quoted(branch)),
            );
        }
    }
    Ok(Ground { worktree: PathBuf::from(&session.worktree), git_dir, tip })
}

/// What keeps the worktree from being exactly the branch tip; empty when it is.
pub fn untidy(ctx: &Context, session: &Session, ground: &Ground) -> Result<Vec<Unmet>, Error> {
    let mut unmet = Vec::new();
    if let Some(word) = status::operation(&ctx.repo.git, &ground.git_dir) {
        unmet.push(under_way(word, session));
    }
    let dirty = status::dirty(&ctx.repo.git, &ground.worktree, &ground.git_dir)?;
    if !dirty.is_empty() {
        unmet.push(Unmet::new(
            "dirty",
            format!("the work tree has uncommitted changes: {}", some_of(&dirty)),
            tidy::committing(&session.worktree, &dirty),
        ));
    }
    Ok(unmet)
}

fn under_way(word: &str, session: &Session) -> Unmet {
    let why = format!("a {word} is under way in the worktree");
    Unmet::new("operation", why, tidy::going_on(&session.worktree, word))
}

/// The first few names of a list, and how many more there are.
pub fn some_of(names: &[String]) -> String {
    let shown = names.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(5) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// The tree of the worktree as it lies there, uncommitted changes included.
pub fn tree_now(ctx: &Context, ground: &Ground) -> Result<TreeId, Error> {
    let Ground { worktree, git_dir, tip } = ground;
    if status::dirty(&ctx.repo.git, worktree, git_dir)?.is_empty() {
        return Ok(ctx.repo.objects.commit(tip)?.tree);
    }
    Ok(snapshot::tree_id(&ctx.repo.git, worktree, git_dir, &ctx.repo.common_dir)?)
}

/// Whether the worktree and its branch are as they were before the check, or what is not.
pub fn changed(
    ctx: &Context,
    session: &Session,
    ground: &Ground,
    subject: &Subject,
) -> Result<Option<Unmet>, Error> {
    let branch = session.branch.as_str();
    let tip = ctx.repo.branch_tip(branch)?;
    let there = worktrees::checked_out(&ctx.repo, &ground.git_dir)?;
    if tip.as_ref() != Some(&ground.tip) || there.as_deref() != Some(branch) {
        return Ok(Some(Unmet::new(
            "moved",
            format!("{branch} was moved while {subject} ran"),
            format!("git orch validate {}", session.issue),
        )));
    }
    let dirty = status::dirty(&ctx.repo.git, &ground.worktree, &ground.git_dir)?;
    if dirty.is_empty() {
        return Ok(None);
    }
    let why = format!("{subject} changed the work tree while it ran: {}", some_of(&dirty));
    Ok(Some(Unmet::new("left-behind", why, remedy(ctx, session, ground, &dirty)?)))
}

/// How to keep what a check writes out of the next run's way: ignored when it made new files,
/// committed when it changed what is tracked, as a formatter does.
fn remedy(
    ctx: &Context,
    session: &Session,
    ground: &Ground,
    dirty: &[String],
) -> Result<String, Error> {
    let place = quoted(&session.worktree);
    let new = status::untracked(&ctx.repo.git, &ground.worktree, &ground.git_dir)?;
    if !dirty.iter().all(|path| new.contains(path) && !path.contains('\n')) {
        return Ok(tidy::committing(&session.worktree, dirty));
    }
    if dirty.len() > 5 {
        return Ok(format!("git -C {place} status --short   # and list them in .gitignore"));
    }
    let patterns: Vec<String> = dirty.iter().map(|path| quoted(&ignoring(path))).collect();
    let file = ground.worktree.join(".gitignore");
    let unended = std::fs::read(&file).is_ok_and(|t| t.last().is_some_and(|&byte| byte != b'\n'));
    let form = if unended { r"'\n%s\n'" } else { r"'%s\n'" };
    Ok(format!(
        "printf {form} {} >> {} && git -C {place} add .gitignore && \
         git -C {place} commit -m 'Ignore what the checks write'",
        patterns.join(" "),
        quoted(&file.to_string_lossy()),
    ))
}

/// The line of a `.gitignore` that means exactly `path`.
fn ignoring(path: &str) -> String {
    let mut line = String::from("/");
    for c in path.chars() {
        if matches!(c, '*' | '?' | '[' | '\\' | ' ') {
            line.push('\\');
        }
        line.push(c);
    }
    line
}
