//! The steps of an opening: each looks at the world and does only what is missing.
//!
//! Order: intent, record, branch, worktree, `.context/`, intent gone. Until the worktree is whole
//! it holds nobody's work, so a half-made one is put aside and made again.

use std::path::{Path, PathBuf};

use super::opening::{INTENT, Intent, Report};
use crate::context::Context;
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::phase::Phase;
use crate::domain::session::Session;
use crate::domain::time::Moment;
use crate::error::Error;
use crate::git::{RefChange, config, worktrees};
use crate::ops::{Narrator, checkout, record, templates};
use crate::store::chain::{self, Change};
use crate::store::lock::Lock;
use crate::store::{StoreError, atomic::Folder, intent, layout, trash, working_copy};

/// Records the intent, then carries it out.
pub fn begin(
    ctx: &Context,
    id: &IssueId,
    intent: Intent,
    lock: &Lock,
    narrator: &mut dyn Narrator,
) -> Result<Report, Error> {
    intent::write(&ctx.repo.own_folder(), INTENT, id, &intent)?;
    carry_out(ctx, id, intent, lock, narrator)
}

/// Does what of the intent is missing.
pub fn carry_out(
    ctx: &Context,
    id: &IssueId,
    mut intent: Intent,
    lock: &Lock,
    narrator: &mut dyn Narrator,
) -> Result<Report, Error> {
    let own = ctx.repo.own_folder();
    record_first_state(ctx, id, &intent)?;
    let repository = record::lock_repository(ctx, narrator)?;
    let git = ctx.repo.git.holding(&lock.file).holding(&repository.file);
    ensure_branch(ctx, &intent)?;
    let worktree = PathBuf::from(&intent.worktree);
    if !intent.adopt_worktree && intent.filling {
        clear_half_made(ctx, &worktree)?;
        if let Some(parent) = worktree.parent() {
            Folder::create(parent, "")?;
        }
        worktrees::register(&git, &ctx.repo.common_dir, &worktree, &intent.branch)?;
        checkout::fill(ctx, &git, &worktree, &commit(&intent.start)?)?;
        intent.filling = false;
        intent::write(&own, INTENT, id, &intent)?;
    }
    drop(repository);
    let chain = record::require(ctx, id)?;
    working_copy::sync(&ctx.repo, &chain, ctx.now)?;
    seed_spec(ctx, &chain.session, &intent)?;
    intent::clear(&own, INTENT, id)?;
    trash::empty(&own);
    Ok(Report {
        issue: id.to_string(),
        worktree,
        branch: intent.branch,
        done: match intent.done.as_str() {
            "restored" => "restored",
            "adopted" => "adopted",
            _ => "created",
        },
    })
}

fn commit(text: &str) -> Result<CommitId, Error> {
    text.parse().map_err(|_| {
        StoreError::Damaged { name: "intent".to_owned(), reason: format!("{text:?} is no commit") }
            .into()
    })
}

/// The commit point: from here on the issue exists.
fn record_first_state(ctx: &Context, id: &IssueId, intent: &Intent) -> Result<(), Error> {
    if let Some(chain) = chain::open(&ctx.repo, id)? {
        if chain.session.worktree != intent.worktree {
            let session = Session { worktree: intent.worktree.clone(), ..chain.session.clone() };
            append(ctx, Some(&chain.tip), &session, intent, "Move the worktree")?;
        }
        return Ok(());
    }
    let session = Session {
        issue: id.clone(),
        id: intent.session.clone(),
        title: intent.title.clone(),
        source: intent.source.clone(),
        created: Moment::from_seconds(intent.at),
        branch: intent
            .branch
            .parse()
            .map_err(|e| Error::usage(format!("{e}"), "git orch config"))?,
        base: intent.base.clone(),
        fork: commit(&intent.fork)?,
        worktree: intent.worktree.clone(),
        phase: Phase::Discussion,
        end: None,
        spec: None,
        tasks: Vec::new(),
        evidence: Vec::new(),
        learnings: Vec::new(),
        none_learned: None,
        seal: None,
        births: Vec::new(),
        moves: Vec::new(),
    };
    append(ctx, None, &session, intent, &format!("Open issue {id}: {}", intent.title))
}

fn append(
    ctx: &Context,
    parent: Option<&CommitId>,
    session: &Session,
    intent: &Intent,
    subject: &str,
) -> Result<(), Error> {
    let author = config::identity(&ctx.repo);
    let at = Moment::from_seconds(intent.at);
    let change = Change { session, files: Vec::new(), subject, author: &author, at };
    chain::append(&ctx.repo, parent, change)?;
    Ok(())
}

fn ensure_branch(ctx: &Context, intent: &Intent) -> Result<(), Error> {
    if ctx.repo.branch_tip(&intent.branch)?.is_some() {
        return Ok(());
    }
    ctx.repo.move_refs(&[RefChange {
        name: format!("refs/heads/{}", intent.branch),
        old: None,
        new: Some(commit(&intent.start)?),
    }])?;
    Ok(())
}

/// Puts aside what an earlier try left: the folder, and git's entry for it. An empty `commondir`
/// of a killed `git worktree add` stops every git command in the repository, so the entry goes
/// before git is asked anything.
fn clear_half_made(ctx: &Context, worktree: &Path) -> Result<(), Error> {
    let own = ctx.repo.own_folder();
    let stamp = ctx.now.compact();
    trash::put(&own, worktree, &stamp)?;
    let dot_git = worktree.join(".git");
    let Ok(entries) = std::fs::read_dir(ctx.repo.common_dir.join("worktrees")) else {
        return Ok(());
    };
    for entry in entries.flatten() {
        let link = std::fs::read_to_string(entry.path().join("gitdir")).unwrap_or_default();
        let empty = link.is_empty() && worktree.file_name() == Some(&entry.file_name());
        if empty || Path::new(link.trim_end()) == dot_git {
            trash::put(&own, &entry.path(), &stamp)?;
        }
    }
    Ok(())
}

/// Writes the draft specification where there is none yet.
fn seed_spec(ctx: &Context, session: &Session, intent: &Intent) -> Result<(), Error> {
    let folder = Folder::create(Path::new(&session.worktree), layout::CONTEXT)?;
    if session.spec.is_some() || folder.has(layout::SPEC) {
        return Ok(());
    }
    let text = match &intent.spec {
        Some(text) => text.clone(),
        None => templates::spec(ctx.repo.main_worktree.as_deref(), session, &intent.body)?,
    };
    folder.write(layout::SPEC, text.as_bytes())?;
    Ok(())
}
