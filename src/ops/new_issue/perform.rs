//! The steps of an opening: each looks at the world and does only what is missing.
//!
//! Order: intent, record, branch, worktree, `.context/`, intent gone. Until the worktree is whole
//! it holds nobody's work, so a half-made one is put aside and made again.

use std::path::{Path, PathBuf};

use super::entry::{self, Head};
use super::opening::{Intent, Report, kind};
use crate::context::Context;
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::phase::Phase;
use crate::domain::session::Session;
use crate::domain::time::Moment;
use crate::error::Error;
use crate::git::{RefChange, config};
use crate::ops::{Narrator, checkout, heal, hooks, record, templates};
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
    let branch = format!("refs/heads/{}", intent.branch);
    heal::branch_in_the_way(ctx, kind(id), &branch)?;
    intent::write(&ctx.repo.own_folder(), kind(id), &intent)?;
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
    heal::own_refs(ctx, id)?;
    let worktree = PathBuf::from(&intent.worktree);
    // What is made before a new worktree becomes durable with it, before it is shown.
    let made_here = !intent.adopt_worktree && !entry::is_whole(ctx, &worktree, intent.filling);
    record_first_state(ctx, id, &intent, made_here)?;
    ensure_branch(ctx, id, &intent, made_here, narrator)?;
    hooks::notice_branch(ctx, &record::require_installed(ctx)?.base, &intent.branch)?;
    if made_here {
        make_worktree(ctx, id, &worktree, &intent, lock, narrator)?;
        intent.filling = false;
        if !entry::by_files(ctx) {
            // From here on somebody may work in it; it is not ours to fill again.
            intent::write(&own, kind(id), &intent)?;
        }
    }
    let chain = record::require(ctx, id)?;
    working_copy::sync(&ctx.repo, &chain, ctx.now)?;
    seed_spec(ctx, &chain.session, &intent, |folder, name, bytes| {
        folder.write(name, bytes).map(drop)
    })?;
    intent::clear(&own, kind(id))?;
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
fn record_first_state(
    ctx: &Context,
    id: &IssueId,
    intent: &Intent,
    synced_later: bool,
) -> Result<(), Error> {
    if let Some(chain) = chain::open(&ctx.repo, id)? {
        if chain.session.worktree != intent.worktree {
            let session = Session { worktree: intent.worktree.clone(), ..chain.session.clone() };
            let subject = "Move the worktree";
            append(ctx, Some(&chain.tip), (&session, Vec::new()), intent, (subject, false))?;
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
    let subject = format!("Open issue {id}: {}", intent.title);
    append(ctx, None, (&session, found(intent)), intent, (&subject, synced_later))
}

/// What is the user's of what the issue has: an undoing leaves it.
fn found(intent: &Intent) -> Vec<(String, Vec<u8>)> {
    let what = match (intent.done.as_str(), intent.adopt_worktree) {
        ("adopted", true) => "worktree\n",
        ("adopted", false) => "branch\n",
        _ => return Vec::new(),
    };
    vec![(layout::FOUND.to_owned(), what.into())]
}

fn append(
    ctx: &Context,
    parent: Option<&CommitId>,
    (session, files): (&Session, Vec<(String, Vec<u8>)>),
    intent: &Intent,
    (subject, synced_later): (&str, bool),
) -> Result<(), Error> {
    let author = config::identity(&ctx.repo, &ctx.around.committer);
    let at = Moment::from_seconds(intent.at);
    let change = Change { session, files, subject, author: &author, at };
    if synced_later {
        chain::begin(&ctx.repo, change)?;
    } else {
        chain::append(&ctx.repo, parent, change)?;
    }
    Ok(())
}

fn ensure_branch(
    ctx: &Context,
    id: &IssueId,
    intent: &Intent,
    synced_later: bool,
    narrator: &mut dyn Narrator,
) -> Result<(), Error> {
    let _repository = record::lock_repository(ctx, narrator)?;
    let name = format!("refs/heads/{}", intent.branch);
    let shared = [name.as_str(), "packed-refs", "reftable/tables.list"];
    heal::shared(ctx, kind(id), &shared)?;
    if ctx.repo.branch_tip(&intent.branch)?.is_none() {
        let new = Some(commit(&intent.start)?);
        let change = RefChange { name: name.clone(), old: None, new };
        if synced_later {
            ctx.repo.objects.draft_ref(&change)?;
        } else {
            ctx.repo.objects.move_ref(&change)?;
        }
        // A lock that could not be removed would stay in the way of everybody.
        heal::shared(ctx, kind(id), &shared)?;
    }
    Ok(())
}

/// Makes the worktree: what an earlier try left is put aside, the new one is shown when whole.
fn make_worktree(
    ctx: &Context,
    id: &IssueId,
    worktree: &Path,
    intent: &Intent,
    lock: &Lock,
    narrator: &mut dyn Narrator,
) -> Result<(), Error> {
    let git = ctx.repo.git.holding(&lock.file);
    let repository = record::lock_repository(ctx, narrator)?;
    // Somebody may have gone on with the branch since.
    let start = match ctx.repo.branch_tip(&intent.branch)? {
        Some(tip) => tip,
        None => commit(&intent.start)?,
    };
    let since = heal::begun(&ctx.repo.own_folder(), kind(id));
    if let Some(aside) = entry::clear(ctx, worktree, id.as_str(), &start, since)? {
        narrator.say(&format!(
            "{} held files that git-orch did not put there; they are kept in {}",
            worktree.display(),
            aside.display()
        ));
    }
    let head = Head::Branch(&intent.branch);
    // Not kept in a name of its own: what holds the lock would hold it to the end.
    let entry = entry::begin(ctx, &git.holding(&repository.file), worktree, head, id.as_str())?;
    // Filling may take long, and nobody sees it: others need not wait for it.
    drop(repository);
    checkout::fill(ctx, &git, worktree, &entry.git_dir, &start)?;
    let session = record::require(ctx, id)?.session;
    working_copy::draft(&session)?;
    seed_spec(ctx, &session, intent, Folder::replace)?;
    entry.sync(ctx)?;
    let _repository = record::lock_repository(ctx, narrator)?;
    entry.show(ctx).map(drop)
}

/// Writes the draft specification where there is none yet.
fn seed_spec(
    ctx: &Context,
    session: &Session,
    intent: &Intent,
    write: impl Fn(&Folder, &str, &[u8]) -> Result<(), StoreError>,
) -> Result<(), Error> {
    let folder = Folder::create(Path::new(&session.worktree), layout::CONTEXT)?;
    if session.spec.is_some() || folder.has(layout::SPEC) {
        return Ok(());
    }
    let text = match &intent.spec {
        Some(text) => text.clone(),
        None => templates::spec(ctx.repo.main_worktree.as_deref(), session, &intent.body)?,
    };
    Ok(write(&folder, layout::SPEC, text.as_bytes())?)
}
