//! Is each open issue whole: record, branch, worktree, copy?

use std::path::Path;

use super::finding::{Finding, Level, Mend};
use super::{broken, rebuild};
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::error::Error;
use crate::store::chain::{self, Chain};
use crate::store::{intent, layout, working_copy, xml};

/// Everything about the open issues that is not as it should be.
pub fn examine(ctx: &Context) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    for (kind, id) in intent::all(&ctx.repo.own_folder())? {
        let (step, mend) = match kind.as_str() {
            "archive" => (format!("git orch archive {id}"), Mend::Archive(id.to_string())),
            "open" => (format!("git orch new-issue {id}"), Mend::Open(id.to_string())),
            // What these mean when they are said again is for whoever said them.
            "next" | "undo" => (format!("git orch {kind} {id}"), Mend::Person),
            "restore" => (format!("git orch archive restore {id}"), Mend::Restore(id.to_string())),
            "purge" => (format!("git orch archive show {id}"), Mend::Person),
            "push" => (format!("git orch pr {id}"), Mend::Person),
            "publish" => (format!("git orch compact {id} --push"), Mend::Person),
            "salvage" => (format!("git orch salvage list {id}"), Mend::Person),
            _ => continue,
        };
        findings.push(Finding {
            code: "intent",
            level: Level::Care,
            what: format!("{kind} of issue {id} was interrupted"),
            why: "the next command on the issue finishes it".to_owned(),
            step,
            mend,
        });
    }
    let open = chain::all_open(&ctx.repo)?;
    findings.extend(chain::lost(&ctx.repo, &open)?.iter().map(rebuild::finding));
    for (id, _) in open {
        match chain::open(&ctx.repo, &id) {
            Ok(Some(chain)) => findings.extend(one(ctx, &id, &chain)?),
            Ok(None) => {}
            Err(e) => findings.push(Finding {
                code: "record",
                level: Level::Bad,
                what: format!("the record of issue {id} cannot be read: {e}"),
                why: "nothing of the issue can move on, and its work cannot land".to_owned(),
                step: "git orch doctor --fix   # goes back to its last whole state".to_owned(),
                mend: Mend::Record(id.to_string()),
            }),
        }
    }
    Ok(findings)
}

fn one(ctx: &Context, id: &IssueId, chain: &Chain) -> Result<Vec<Finding>, Error> {
    let session = &chain.session;
    let mut findings = Vec::new();
    if ctx.repo.is_broken(&session.branch.full()) {
        // Told of among the broken refs.
        return Ok(findings);
    }
    if ctx.repo.branch_tip(session.branch.as_str())?.is_none() {
        if let Some(finding) = broken::own(ctx, session)? {
            return Ok(vec![finding]);
        }
        findings.push(Finding {
            code: "branch-gone",
            level: Level::Bad,
            what: format!("branch {} of issue {id} is gone", session.branch),
            why: "its work can be reached only by commit ids".to_owned(),
            step: format!("git orch abandon {id} --reason 'the branch was deleted'"),
            mend: Mend::Person,
        });
        return Ok(findings);
    }
    let worktree = Path::new(&session.worktree);
    if !worktree.join(".git").exists() {
        findings.push(Finding {
            code: "worktree-gone",
            level: Level::Care,
            what: format!("the worktree of issue {id} is gone: {}", session.worktree),
            why: "there is no place to work on it; its branch and record are whole".to_owned(),
            step: format!("git orch new-issue {id}"),
            mend: Mend::Open(id.to_string()),
        });
        return Ok(findings);
    }
    let wanted = xml::session_log::write(session);
    let there = match working_copy::folder(worktree)? {
        Some(folder) => folder.read(layout::SESSION_LOG)?,
        None => None,
    };
    if there.as_deref() != Some(wanted.as_bytes()) {
        findings.push(Finding {
            code: "copy",
            level: Level::Care,
            what: format!(".context/ of issue {id} is not what the record says"),
            why: "whoever reads it is misled; the record itself is not affected".to_owned(),
            step: "git orch doctor --fix".to_owned(),
            mend: Mend::Copy(id.to_string()),
        });
    }
    Ok(findings)
}
