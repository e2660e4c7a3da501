//! What is kept past its time, and what belongs to no record.

use super::finding::{Finding, Level, Mend};
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::time::span;
use crate::error::Error;
use crate::git::worktrees;
use crate::ops::{policy, record, salvage};
use crate::store::chain;

/// Old salvage, checkpoints past their time, worktrees without a record.
pub(super) fn examine(ctx: &Context) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    for item in salvage::list(ctx, None)? {
        let age = item.age(ctx.now);
        if item.kind == salvage::Kind::Salvage && age > salvage::SALVAGE_AGE {
            findings.push(Finding {
                code: "salvage-old",
                level: Level::Info,
                what: format!("{} has been kept for {}", item.short, span(age)),
                why: "it keeps its objects in the repository; --fix leaves it".to_owned(),
                step: format!("git orch salvage show {}", item.short),
                mend: Mend::Person,
            });
        }
    }
    let expired = salvage::expired(ctx)?.len();
    if expired > 0 {
        findings.push(Finding {
            code: "checkpoints-old",
            level: Level::Info,
            what: format!("{expired} checkpoints are past their two weeks"),
            why: "they only keep objects in the repository; --fix lets them go".to_owned(),
            step: "git orch doctor --fix".to_owned(),
            mend: Mend::Checkpoints,
        });
    }
    findings.extend(orphans(ctx)?);
    Ok(findings)
}

/// Worktrees on an issue's branch of which there is no record.
fn orphans(ctx: &Context) -> Result<Vec<Finding>, Error> {
    let pattern = policy::load(&ctx.repo).unwrap_or_default().branch;
    let Some((before, after)) = pattern.split_once("{id}") else { return Ok(Vec::new()) };
    let open = chain::all_open(&ctx.repo)?;
    let archived = chain::all_archived(&ctx.repo)?;
    // Those whose record is lost are told of one by one.
    let lost = chain::lost(&ctx.repo, &open)?;
    let known: Vec<&IssueId> =
        open.iter().chain(&archived).map(|(id, _)| id).chain(&lost).collect();
    let mut findings = Vec::new();
    for worktree in worktrees::list(&ctx.repo)? {
        let id = worktree.branch.as_deref().and_then(|branch| {
            branch.strip_prefix(before)?.strip_suffix(after)?.parse::<IssueId>().ok()
        });
        let Some(id) = id.filter(|id| worktree.present && !known.contains(&id)) else { continue };
        if record::bereft(ctx, &id)?.is_some() {
            findings.push(Finding {
                code: "record-gone",
                level: Level::Bad,
                what: format!("the record of issue {id} is gone, its worktree is there"),
                why: "nothing of the issue can move on; --fix brings back its last whole state"
                    .to_owned(),
                step: "git orch doctor --fix".to_owned(),
                mend: Mend::Record(id.to_string()),
            });
            continue;
        }
        findings.push(Finding {
            code: "no-record",
            level: Level::Care,
            what: format!("{} is on the branch of issue {id}, which has no record", worktree.path.display()),
            why: "nothing watches the work in it; opening the issue takes it over as it is; --fix leaves it"
                .to_owned(),
            step: format!("git orch new-issue {id}"),
            mend: Mend::Person,
        });
    }
    Ok(findings)
}
