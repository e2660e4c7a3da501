//! A record that cannot be read, or is gone, goes back to its last whole state: each one is a commit,
//! and git keeps those for weeks although nothing names them.
//!
//! Which one was the last is told, in this order, by what was noted when the record moved, by the
//! copy in the worktree, which is written after each move, and by the newest state there is. The copy
//! only chooses between states that git-orch made: anybody can write it, and records open the gate.
//! Where none is left the record is made anew from it, as one whose specification is a draft and of
//! which no check has been run.

use std::collections::BTreeMap;

use super::broken;
use super::finding::{Finding, Level, Mend};
use crate::context::Context;
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::names::issue_ref;
use crate::domain::phase::Phase;
use crate::domain::session::Session;
use crate::domain::task::TaskState;
use crate::domain::time::Moment;
use crate::error::Error;
use crate::git::{RefChange, config, worktrees};
use crate::ops::{Narrator, heal, new_issue, record};
use crate::store::chain::{self, Change};
use crate::store::lock::Lock;
use crate::store::{layout, trash, working_copy, xml};

/// That the record of an open issue cannot be found where it belongs.
pub(super) fn finding(id: &IssueId) -> Finding {
    Finding {
        code: "record-gone",
        level: Level::Bad,
        what: format!("the record of issue {id} is gone, or its ref is broken"),
        why: "nothing of the issue can move on, and its work cannot land; --fix brings back its \
              last whole state"
            .to_owned(),
        step: "git orch doctor --fix".to_owned(),
        mend: Mend::Record(id.to_string()),
    }
}

/// The copy in a worktree of an issue.
struct Copy {
    session: Session,
    bytes: Vec<u8>,
}

/// Brings the record of an open issue back to its last whole state, and says which one that is.
pub(super) fn record(
    ctx: &Context,
    id: &IssueId,
    narrator: &mut dyn Narrator,
) -> Result<(), Error> {
    let lock = record::lock_issue(ctx, id, narrator)?;
    heal::own_refs(ctx, id)?;
    if let Ok(Some(chain)) = chain::open(&ctx.repo, id) {
        if let Some(at) = broken::put_back(ctx, &chain.session)? {
            let branch = &chain.session.branch;
            narrator.say(&format!("branch {branch} is back where it stood, at {at}"));
        }
        return Ok(());
    }
    let copy = copy_of(ctx, id)?;
    if let Some(whole) = last(ctx, id, copy.as_ref())? {
        put(ctx, id, &lock, Some(&whole))?;
        let subject = ctx.repo.objects.commit(&whole)?.message;
        let subject = subject.lines().next().unwrap_or_default();
        narrator.say(&format!(
            "issue {id} is back at its last whole state, {}: {subject}; do again what came after it",
            whole.short()
        ));
        return tell_copy(ctx, id, narrator);
    }
    if let Some(copy) = copy {
        return anew(ctx, id, &lock, copy.session, narrator);
    }
    // Only what was born on its branch tells of it: that belongs to the issue.
    put(ctx, id, &lock, None)?;
    drop(lock);
    new_issue::run(ctx, id, &new_issue::Request::default(), narrator)?;
    narrator.say(&format!("no state of issue {id} is left; it is opened anew, with its branch"));
    Ok(())
}

/// Makes the record of an issue of which no state is left from what its worktree says.
fn anew(
    ctx: &Context,
    id: &IssueId,
    lock: &Lock,
    copy: Session,
    narrator: &mut dyn Narrator,
) -> Result<(), Error> {
    let mut session = copy;
    session.seal = None;
    session.evidence.clear();
    session.spec = None;
    for task in &mut session.tasks {
        if task.verify.is_some() && matches!(task.state, TaskState::Done { .. }) {
            task.state = TaskState::Open;
        }
    }
    if session.phase != Phase::Discussion {
        let tip = ctx.repo.branch_tip(session.branch.as_str())?;
        let tip = tip.unwrap_or_else(|| session.fork.clone());
        let reason = "its record was lost and is made anew from the worktree".to_owned();
        session = session.moved(Phase::Discussion, &tip, ctx.now, Some(reason));
    }
    let author = config::identity(&ctx.repo, &ctx.around.committer);
    let subject = "Make the record anew from the worktree: no state of it was left";
    let change =
        Change { session: &session, files: Vec::new(), subject, author: &author, at: ctx.now };
    let new = chain::write_first(&ctx.repo, change)?;
    put(ctx, id, lock, Some(&new.id))?;
    chain::secure(&ctx.repo, &new)?;
    narrator.say(&format!(
        "no state of issue {id} is left; its record is made anew from the worktree: it is in \
         DISCUSSION, its specification is a draft again, and every check has to be run"
    ));
    tell_copy(ctx, id, narrator)
}

/// Lets the record stand at `to`, or be none with nothing noted of it, whatever stands there now.
/// What a broken file hides is older than the file was; it goes with it.
fn put(ctx: &Context, id: &IssueId, lock: &Lock, to: Option<&CommitId>) -> Result<(), Error> {
    let name = issue_ref(id);
    if ctx.repo.is_broken(&name) {
        let file = ctx.repo.common_dir.join(&name);
        trash::put(&ctx.repo.own_folder(), &file, &ctx.now.compact())?;
    }
    let all = ctx.repo.objects.refs(crate::domain::names::ISSUES)?;
    let old = all.into_iter().find(|(found, _)| *found == name).map(|(_, at)| at);
    let change = RefChange { name, old, new: to.cloned() };
    Ok(ctx.repo.move_refs(&ctx.repo.git.holding(&lock.file), &[change])?)
}

fn tell_copy(ctx: &Context, id: &IssueId, narrator: &mut dyn Narrator) -> Result<(), Error> {
    if let Some(chain) = chain::open(&ctx.repo, id)? {
        for name in working_copy::sync(&ctx.repo, &chain, ctx.now)?.set_aside {
            narrator.say(&format!("what the worktree says of it is kept as .context/{name}"));
        }
    }
    Ok(())
}

/// What the worktree of the issue says of it.
fn copy_of(ctx: &Context, id: &IssueId) -> Result<Option<Copy>, Error> {
    for worktree in worktrees::list(&ctx.repo)? {
        if !worktree.present || worktree.branch.is_none() {
            continue;
        }
        let Some(folder) = working_copy::folder(&worktree.path)? else { continue };
        let Ok(Some(bytes)) = folder.read(layout::SESSION_LOG) else { continue };
        let Ok(session) = xml::session_log::read(&bytes) else { continue };
        let is_its = worktree.branch.as_deref() == Some(session.branch.as_str());
        if session.issue == *id && is_its && session.end.is_none() {
            let worktree = worktree.path.display().to_string();
            return Ok(Some(Copy { session: Session { worktree, ..session }, bytes }));
        }
    }
    Ok(None)
}

/// The last state of the open issue that can be read with everything before it.
fn last(ctx: &Context, id: &IssueId, copy: Option<&Copy>) -> Result<Option<CommitId>, Error> {
    let noted = chain::noted(&ctx.repo, id);
    let noted = noted.into_iter().find(|tip| state_of(ctx, id, tip).is_some());
    let says = |commit: &CommitId| {
        let there = ctx.repo.objects.file(commit, layout::SESSION_LOG).ok().flatten();
        copy.is_some_and(|copy| there.as_ref() == Some(&copy.bytes))
    };
    if let Some(noted) = noted.as_ref().filter(|noted| says(noted)) {
        return Ok(Some(noted.clone()));
    }
    let states = states(ctx, id)?;
    // The copy is written after the record has moved, so it may be a move ahead of the note.
    let after = |commit: &CommitId| {
        noted.as_ref().is_none_or(|noted| ctx.repo.objects.reaches(commit, noted).unwrap_or(false))
    };
    let newest = |wanted: &dyn Fn(&CommitId, &str) -> bool| {
        let fit = states.iter().filter(|(commit, (_, session))| wanted(commit, session));
        fit.max_by_key(|(_, (order, _))| *order).map(|(commit, _)| commit.clone())
    };
    let copied = newest(&|commit, _| says(commit) && after(commit));
    if copied.is_some() || noted.is_some() {
        return Ok(copied.or(noted));
    }
    Ok(newest(&|_, session| copy.is_none_or(|copy| copy.session.id == session)))
}

/// When a state was recorded, and how many there are up to it: what tells the newer of two.
type Order = (Moment, usize);

/// Every whole state of the open issue, also those that nothing names, each with its session.
fn states(ctx: &Context, id: &IssueId) -> Result<BTreeMap<CommitId, (Order, String)>, Error> {
    let call = ctx.repo.git.in_repository(&ctx.repo.common_dir, None).quiet();
    let all = call
        .args(["cat-file", "--batch-all-objects", "--unordered"])
        .arg("--batch-check=%(objecttype) %(objectname)")
        .text()?;
    let commits = all.lines().filter_map(|line| line.strip_prefix("commit ")?.parse().ok());
    let state = |commit: CommitId| {
        let state = state_of(ctx, id, &commit)?;
        Some((commit, state))
    };
    Ok(commits.filter_map(state).collect())
}

/// Where a commit stands among the states and of which session it is, when it is a whole state of
/// the open issue.
fn state_of(ctx: &Context, id: &IssueId, commit: &CommitId) -> Option<(Order, String)> {
    let objects = &ctx.repo.objects;
    let data = objects.commit(commit).ok()?;
    if !data.message.contains("\nPhase: ") || !objects.is_whole(commit) {
        return None;
    }
    let session = chain::session_at(&ctx.repo, &issue_ref(id), commit).ok()?;
    let length = chain::history(&ctx.repo, commit).ok()?.len();
    (session.issue == *id && session.end.is_none()).then_some(((data.time, length), session.id))
}
