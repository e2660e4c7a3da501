//! A record that cannot be read, or is gone, goes back to its last whole state: each one is a commit,
//! and git keeps those for weeks although nothing names them.
//!
//! What the copy in the worktree says beyond that is set aside and not believed: anybody can write
//! it, and it opens the gate.

use std::path::Path;

use crate::context::Context;
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::names::{ISSUES, issue_ref};
use crate::domain::time::Moment;
use crate::error::Error;
use crate::git::RefChange;
use crate::ops::{Narrator, heal, record};
use crate::store::{StoreError, chain, working_copy};

/// Brings the record of an open issue back to its last whole state, and says which one that is.
pub(super) fn record(
    ctx: &Context,
    id: &IssueId,
    narrator: &mut dyn Narrator,
) -> Result<(), Error> {
    let lock = record::lock_issue(ctx, id, narrator)?;
    heal::own_refs(ctx, id)?;
    let name = issue_ref(id);
    let at = ctx.repo.objects.refs(ISSUES)?.into_iter().find(|(found, _)| *found == name);
    let at = at.map(|(_, at)| at);
    // Where the record is gone altogether, the copy says which session it was.
    let copy = match at {
        Some(_) if chain::open(&ctx.repo, id).is_ok() => return Ok(()),
        Some(_) => None,
        None => match record::bereft(ctx, id)? {
            Some(copy) => Some(copy),
            None => return Ok(()),
        },
    };
    let Some(whole) = newest(ctx, id, copy.as_ref().map(|copy| copy.id.as_str()))? else {
        if let Some(copy) = copy {
            let aside = working_copy::put_aside(Path::new(&copy.worktree), ctx.now)?;
            narrator.say(&format!(
                "no state of issue {id} is left; what the worktree says is kept as .context/{}, and \
                 git orch new-issue {id} opens it anew",
                aside.join(" and .context/")
            ));
            return Ok(());
        }
        let reason = "no earlier state of it can be read either".to_owned();
        return Err(StoreError::Damaged { name, reason }.into());
    };
    let change = RefChange { name: name.clone(), old: at, new: Some(whole.clone()) };
    ctx.repo.move_refs(&ctx.repo.git.holding(&lock.file), &[change])?;
    let subject = ctx.repo.objects.commit(&whole)?.message;
    let subject = subject.lines().next().unwrap_or_default();
    narrator.say(&format!(
        "issue {id} is back at its last whole state, {}: {subject}; do again what came after it",
        whole.short()
    ));
    if let Some(chain) = chain::open(&ctx.repo, id)? {
        for name in working_copy::sync(&ctx.repo, &chain, ctx.now)?.set_aside {
            narrator.say(&format!("what the worktree says of it is kept as .context/{name}"));
        }
    }
    Ok(())
}

/// The newest state of the open issue that can be read with everything before it, of this session
/// where one is named.
fn newest(ctx: &Context, id: &IssueId, session: Option<&str>) -> Result<Option<CommitId>, Error> {
    let call = ctx.repo.git.in_repository(&ctx.repo.common_dir, None).quiet();
    let all = call
        .args(["cat-file", "--batch-all-objects", "--unordered"])
        .arg("--batch-check=%(objecttype) %(objectname)")
        .text()?;
    let mut newest: Option<(Moment, usize, CommitId)> = None;
    for commit in all.lines().filter_map(|line| line.strip_prefix("commit ")?.parse().ok()) {
        let Some((at, length)) = state_of(ctx, id, session, &commit) else { continue };
        if newest.as_ref().is_none_or(|(then, before, _)| (*then, *before) < (at, length)) {
            newest = Some((at, length, commit));
        }
    }
    Ok(newest.map(|(_, _, commit)| commit))
}

/// When a commit was made and how many states it ends, when it is a whole state of the open issue.
fn state_of(
    ctx: &Context,
    id: &IssueId,
    named: Option<&str>,
    commit: &CommitId,
) -> Option<(Moment, usize)> {
    let objects = &ctx.repo.objects;
    let data = objects.commit(commit).ok()?;
    if !data.message.contains("\nPhase: ") || !objects.is_whole(commit) {
        return None;
    }
    let session = chain::session_at(&ctx.repo, &issue_ref(id), commit).ok()?;
    let length = chain::history(&ctx.repo, commit).ok()?.len();
    let same = named.is_none_or(|named| session.id == named);
    (session.issue == *id && session.end.is_none() && same).then_some((data.time, length))
}
