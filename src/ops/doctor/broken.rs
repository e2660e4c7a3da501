//! Refs whose files say nothing, as a power cut leaves them. git refuses to move or delete such a
//! ref, and `git gc` and `git fsck` fail at it, in every worktree.
//!
//! Where it stood is told by the log that git keeps of it. The branch of an open issue is put back by
//! `--fix`; of any other the step is named.

use crate::context::Context;
use crate::domain::ids::CommitId;
use crate::domain::names::{HEADS, ISSUES};
use crate::domain::session::Session;
use crate::domain::tidy::quoted;
use crate::error::Error;
use crate::git::reflog;
use crate::store::atomic::Folder;
use crate::store::chain;

use super::finding::{Finding, Level, Mend};

/// Where refs may be broken; the records of issues are told of one by one.
const PLACES: [&str; 4] = [HEADS, "refs/tags/", "refs/remotes/", "refs/git-orch/"];
const WHY: &str =
    "git can neither move nor delete it, and git gc and git fsck fail in every worktree";

/// Every broken ref.
pub(super) fn examine(ctx: &Context) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    for name in PLACES.iter().flat_map(|place| ctx.repo.broken_refs(place)) {
        if name.starts_with(ISSUES) {
            continue;
        }
        if let Some(session) = whose(ctx, &name)?
            && let Some(finding) = own(ctx, &session)?
        {
            findings.push(finding);
            continue;
        }
        let aside = ctx.repo.common_dir.join(format!("{}.broken", name.replace('/', "-")));
        let from = ctx.repo.common_dir.join(&name).display().to_string();
        let away = format!("mv {} {}", quoted(&from), quoted(&aside.display().to_string()));
        findings.push(Finding {
            code: "ref-broken",
            level: Level::Bad,
            what: format!("the file of {name} is broken: it names no commit"),
            why: WHY.to_owned(),
            step: match stood(ctx, &name)? {
                Some(at) => format!("{away} && git update-ref {} {at}", quoted(&name)),
                None => format!("{away}   # then make it again where it stood; nothing says where"),
            },
            mend: Mend::Person,
        });
    }
    Ok(findings)
}

/// The open issue whose branch the ref is.
fn whose(ctx: &Context, name: &str) -> Result<Option<Session>, Error> {
    for (id, _) in chain::all_open(&ctx.repo)? {
        // One that cannot be read is told of for itself.
        let Ok(Some(chain)) = chain::open(&ctx.repo, &id) else { continue };
        if chain.session.branch.full() == name {
            return Ok(Some(chain.session));
        }
    }
    Ok(None)
}

/// That the branch of an open issue is broken or gone and can be put back.
pub(super) fn own(ctx: &Context, session: &Session) -> Result<Option<Finding>, Error> {
    let name = session.branch.full();
    let Some(at) = stood(ctx, &name)? else { return Ok(None) };
    let id = &session.issue;
    Ok(Some(Finding {
        code: "branch-broken",
        level: Level::Bad,
        what: format!(
            "branch {} of issue {id} is broken or gone; it stood at {at}",
            session.branch
        ),
        why: format!("the work of the issue hangs on it; {WHY}"),
        step: "git orch doctor --fix   # puts it back where git's log of it says it stood"
            .to_owned(),
        mend: Mend::Record(id.to_string()),
    }))
}

/// Puts the branch of an issue back where it stood, when it is broken or gone. The issue's lock is
/// held. Returns where that is.
pub(super) fn put_back(ctx: &Context, session: &Session) -> Result<Option<CommitId>, Error> {
    let name = session.branch.full();
    if ctx.repo.branch_tip(session.branch.as_str())?.is_some() {
        return Ok(None);
    }
    let Some(at) = stood(ctx, &name)? else { return Ok(None) };
    // git moves no ref that is broken, and without its file what is packed would show, which is
    // older. So the file is put in the place of the other, whole.
    let (above, last) = name.rsplit_once('/').unwrap_or(("refs/heads", &name));
    let folder = Folder::create(&ctx.repo.common_dir, above)?;
    folder.replace(last, format!("{at}\n").as_bytes())?;
    folder.sync()?;
    Ok(Some(at))
}

/// Where git's log says that the ref stood last, when that commit is there.
fn stood(ctx: &Context, name: &str) -> Result<Option<CommitId>, Error> {
    // Refs in tables are not broken one by one.
    if ctx.repo.common_dir.join("reftable").exists() {
        return Ok(None);
    }
    let last = reflog::entries(&ctx.repo, name)?.and_then(|mut list| list.pop());
    let Some(at) = last.and_then(|entry| entry.new) else { return Ok(None) };
    Ok(ctx.repo.objects.commit(&at).is_ok().then_some(at))
}
