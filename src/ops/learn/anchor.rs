//! Whether what the evidence of a learning names is there: in the repository, or on record.

use std::path::Path;

use crate::context::Context;
use crate::domain::learning::anchor::{Anchor, has_symbol, read};
use crate::domain::session::Session;
use crate::error::Error;

/// What of the things that `evidence` names is there.
pub fn find(ctx: &Context, session: &Session, evidence: &str) -> Result<Anchor, Error> {
    let named = read(evidence);
    let mut anchor = Anchor {
        check: named.check.filter(|n| session.evidence.iter().any(|e| e.number == *n)),
        criterion: named.criterion.filter(|n| {
            let criteria = session.spec.iter().flat_map(|frozen| &frozen.spec.criteria);
            criteria.into_iter().any(|c| c.number == *n)
        }),
        task: named.task.filter(|n| session.tasks.iter().any(|t| t.number == *n)),
        ..Anchor::default()
    };
    for word in &named.commits {
        if anchor.commit.is_none() {
            anchor.commit = ctx.repo.objects.resolve(word)?;
        }
    }
    for file in &named.files {
        let file = within(file, &session.worktree);
        let Some(content) = content(ctx, session, file)? else { continue };
        let text = String::from_utf8_lossy(&content);
        anchor.symbol = named.symbols.iter().find(|name| has_symbol(&text, name)).cloned();
        anchor.file = Some(file.to_owned());
        break;
    }
    Ok(anchor)
}

/// The path below the worktree.
fn within<'a>(file: &'a str, worktree: &str) -> &'a str {
    file.strip_prefix(worktree).map_or(file, |rest| rest.trim_start_matches('/'))
}

/// The content of a file in the worktree, or at the tip of the branch, or where that began: what
/// was removed can show something too.
fn content(ctx: &Context, session: &Session, file: &str) -> Result<Option<Vec<u8>>, Error> {
    let path = Path::new(file);
    let plain = path.components().all(|part| matches!(part, std::path::Component::Normal(_)));
    if file.is_empty() || !plain {
        return Ok(None);
    }
    let there = Path::new(&session.worktree).join(path);
    if there.symlink_metadata().is_ok_and(|meta| meta.is_file()) {
        return Ok(std::fs::read(there).ok());
    }
    let tip = ctx.repo.branch_tip(session.branch.as_str())?;
    for commit in tip.iter().chain([&session.fork]) {
        if let Some(content) = ctx.repo.objects.file(commit, file)? {
            return Ok(Some(content));
        }
    }
    Ok(None)
}
