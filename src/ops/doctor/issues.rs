//! Is each open issue whole: record, branch, worktree, copy?

use super::finding::{Finding, Level, Mend};
use super::{broken, intents, rebuild, worktree};
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::error::Error;
use crate::store::chain::{self, Chain};
use crate::store::{manifest, working_copy};

/// Everything about the open issues that is not as it should be.
pub fn examine(ctx: &Context) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    findings.extend(intents::examine(ctx)?);
    let server = manifest::read(&ctx.repo.own_folder())?.is_some_and(|m| m.server.is_some());
    let open = chain::all_open(&ctx.repo)?;
    findings.extend(chain::lost(&ctx.repo, &open)?.iter().map(rebuild::finding));
    for (id, _) in open {
        match chain::open(&ctx.repo, &id) {
            // Where nobody works, branch and worktree are somebody's elsewhere.
            Ok(Some(_)) if server => {}
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
    if let Some(finding) = worktree::examine(ctx, session)? {
        let away = finding.code != "worktree-branch";
        findings.push(finding);
        if away {
            return Ok(findings);
        }
    }
    let differing = working_copy::differing(&ctx.repo, chain)?;
    if !differing.is_empty() {
        findings.push(Finding {
            code: "copy",
            level: Level::Care,
            what: format!(
                ".context/ of issue {id} is not what the record says: {}",
                differing.join(", ")
            ),
            why: "whoever reads it is misled; the record itself is not affected".to_owned(),
            step: "git orch doctor --fix".to_owned(),
            mend: Mend::Copy(id.to_string()),
        });
    }
    Ok(findings)
}
