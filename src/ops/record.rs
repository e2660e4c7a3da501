//! Changing the record of an issue: lock, read, change, record, copy.

use super::{Narrator, ending, heal};
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::session::Session;
use crate::error::Error;
use crate::git::objects::durable;
use crate::git::{Git, GitError, worktrees};
use crate::store::chain::{self, Chain, Change};
use crate::store::lock::{self, Lock};
use crate::store::{StoreError, layout, manifest, redact, working_copy, xml};

/// An open issue that nobody else can change while this lives.
#[derive(Debug)]
pub struct Held {
    /// The record.
    pub chain: Chain,
    /// git, whose children keep the lock.
    pub git: Git,
    lock: Lock,
    author: String,
}

/// Fails unless `init` ran here.
pub fn require_installed(ctx: &Context) -> Result<manifest::Manifest, Error> {
    manifest::read(&ctx.repo.own_folder())?.ok_or_else(|| {
        Error::surroundings("git-orch is not set up in this repository", "git orch init")
    })
}

/// Locks an issue and reads its record. Refused while an ending of it is under way that was killed.
pub fn hold(ctx: &Context, id: &IssueId, narrator: &mut dyn Narrator) -> Result<Held, Error> {
    let held = hold_to_end(ctx, id, narrator)?;
    ending::refuse(ctx, held.session())?;
    Ok(held)
}

/// The same for the ending itself.
pub fn hold_to_end(
    ctx: &Context,
    id: &IssueId,
    narrator: &mut dyn Narrator,
) -> Result<Held, Error> {
    let lock = lock_issue(ctx, id, narrator)?;
    heal::own_refs(ctx, id)?;
    let chain = require(ctx, id)?;
    // A run that was killed may have moved the ref and not synced it: what is found here and
    // called done must stay.
    durable::reference(&ctx.repo.common_dir, &chain.name)?;
    tell_edits(&working_copy::sync(&ctx.repo, &chain, ctx.now)?, narrator);
    let git = ctx.repo.git.holding(&lock.file);
    let author = crate::git::config::identity(&ctx.repo, &ctx.around.committer);
    Ok(Held { chain, git, lock, author })
}

/// Locks an issue that need not exist yet.
pub fn lock_issue(ctx: &Context, id: &IssueId, narrator: &mut dyn Narrator) -> Result<Lock, Error> {
    Ok(lock::issue(&ctx.repo.own_folder(), id, &ctx.owner(), &mut |line| narrator.say(line))?)
}

/// Locks the worktree of an issue for a check that runs there; always before the issue's lock.
pub fn lock_checks(
    ctx: &Context,
    id: &IssueId,
    narrator: &mut dyn Narrator,
) -> Result<Lock, Error> {
    Ok(lock::checks(&ctx.repo.own_folder(), id, &ctx.owner(), &mut |line| narrator.say(line))?)
}

/// Locks what the whole repository shares; always after an issue's lock.
pub fn lock_repository(ctx: &Context, narrator: &mut dyn Narrator) -> Result<Lock, Error> {
    Ok(lock::repository(&ctx.repo.own_folder(), &ctx.owner(), &mut |line| narrator.say(line))?)
}

/// The record of an open issue, or a clear error.
pub fn require(ctx: &Context, id: &IssueId) -> Result<Chain, Error> {
    if let Some(chain) = chain::open(&ctx.repo, id)? {
        return Ok(chain);
    }
    if ctx.repo.objects.read_ref(&crate::domain::names::archive_ref(id))?.is_some() {
        return Err(Error::usage(
            format!("issue {id} is finished and archived"),
            format!("git orch show {id}"),
        ));
    }
    if bereft(ctx, id)?.is_some() {
        let name = crate::domain::names::issue_ref(id);
        let reason = "it is gone, and the worktree of the issue is there".to_owned();
        return Err(StoreError::Damaged { name, reason }.into());
    }
    Err(Error::usage(
        format!("there is no issue {id}"),
        format!("git orch new-issue {id}   # git orch status lists the open ones"),
    ))
}

/// What the copy in a worktree says of an issue whose record is gone; `None` when there is none.
pub fn bereft(ctx: &Context, id: &IssueId) -> Result<Option<Session>, Error> {
    for name in [crate::domain::names::issue_ref(id), crate::domain::names::archive_ref(id)] {
        if ctx.repo.objects.read_ref(&name).is_ok_and(|tip| tip.is_none()) {
            continue;
        }
        return Ok(None);
    }
    for worktree in worktrees::list(&ctx.repo)? {
        if !worktree.present || worktree.branch.is_none() {
            continue;
        }
        let Some(folder) = working_copy::folder(&worktree.path)? else { continue };
        let copy = folder.read(layout::SESSION_LOG)?.and_then(|b| xml::session_log::read(&b).ok());
        let worktree = worktree.path.display().to_string();
        if let Some(copy) = copy.filter(|copy| copy.issue == *id) {
            return Ok(Some(Session { worktree, ..copy }));
        }
    }
    Ok(None)
}

fn tell_edits(synced: &working_copy::Synced, narrator: &mut dyn Narrator) {
    for name in &synced.set_aside {
        narrator.say(&format!(
            "a file in .context/ was edited by hand; it is kept as .context/{name} and has no effect"
        ));
    }
}

impl Held {
    /// The record as it stands.
    pub fn session(&self) -> &Session {
        &self.chain.session
    }

    /// The lock, for an operation that goes on after this.
    pub fn lock(&self) -> &Lock {
        &self.lock
    }

    /// Who records.
    pub fn author(&self) -> &str {
        &self.author
    }

    /// Records that something happened which changes nothing of what the record says, once:
    /// nothing when the log says so since the last seal.
    pub fn note(&mut self, ctx: &Context, subject: &str) -> Result<(), Error> {
        let entries = chain::history(&ctx.repo, &self.chain.tip)?;
        let recent = entries.iter().take_while(|entry| !entry.subject.starts_with("Seal "));
        if recent.into_iter().any(|entry| entry.subject == subject) {
            return Ok(());
        }
        let session = self.chain.session.clone();
        self.append(ctx, session, Vec::new(), subject)
    }

    /// Records `session` as the new state, with companion `files`, and brings `.context/` along.
    /// Nothing happens when it is the state already and no file is given.
    pub fn record(
        &mut self,
        ctx: &Context,
        session: Session,
        files: Vec<(String, Vec<u8>)>,
        subject: &str,
    ) -> Result<(), Error> {
        // What is recorded is clean, and so is what we go on with.
        let session = redact::session(session);
        if session == self.chain.session && files.is_empty() {
            return Ok(());
        }
        self.append(ctx, session, files, subject)
    }

    fn append(
        &mut self,
        ctx: &Context,
        session: Session,
        files: Vec<(String, Vec<u8>)>,
        subject: &str,
    ) -> Result<(), Error> {
        let change =
            Change { session: &session, files, subject, author: &self.author, at: ctx.now };
        let tip = chain::append(&ctx.repo, Some(&self.chain.tip), change).map_err(|e| match e {
            // We hold the lock, so whoever moved it does not keep to it.
            StoreError::Git(GitError::Moved(name)) => StoreError::Damaged {
                name,
                reason: "something other than git-orch moved it just now".to_owned(),
            },
            other => other,
        })?;
        self.chain.tip = tip;
        self.chain.session = session;
        working_copy::sync(&ctx.repo, &self.chain, ctx.now)?;
        Ok(())
    }
}
