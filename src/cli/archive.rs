//! `git orch archive` and `git orch abandon`.

mod browse;

use clap::Args;

use super::speech::Speech;
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::domain::session::Ending;
use crate::error::Error;
use crate::ops::archive::{self, Report};
use crate::ops::target;

/// Archive a landed issue: keep its session, remove its worktree and branch; or look at archives
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Archive {
    #[command(subcommand)]
    verb: Option<browse::Verb>,
    /// The issue [default: the one of this worktree]
    issue: Option<IssueId>,
    /// Every open issue whose work has landed and whose receipt is sealed
    #[arg(long, conflicts_with_all = ["issue", "force"])]
    all_finished: bool,
    /// Remove the worktree although it holds uncommitted work or a merge or rebase under way;
    /// all of it is kept under a salvage ref first
    #[arg(long)]
    force: bool,
}

/// Give an issue up: its work stays under a salvage ref, its session is archived
#[derive(Debug, Args)]
pub struct Abandon {
    /// The issue [default: the one of this worktree]
    issue: Option<IssueId>,
    /// Why it is given up
    #[arg(long)]
    reason: String,
    /// Give up a merge or rebase that is under way in the worktree too
    #[arg(long)]
    force: bool,
}

/// Runs `archive`.
pub fn run(args: Archive, speech: &mut Speech) -> Result<(), Error> {
    let ctx = Context::open("archive")?;
    if let Some(verb) = args.verb {
        return browse::run(&ctx, verb, speech);
    }
    if args.all_finished {
        return all(&ctx, speech);
    }
    let id = target::issue(&ctx, args.issue)?;
    let report = archive::run(&ctx, &id, args.force, &mut speech.out)?;
    tell(&ctx, &id, &report, speech);
    Ok(())
}

/// Archives every issue that is ready; one that is not keeps none of the others.
fn all(ctx: &Context, speech: &mut Speech) -> Result<(), Error> {
    let (mut archived, mut left) = (Vec::new(), Vec::new());
    let mut failed = None;
    for id in archive::finished(ctx)? {
        match archive::run(ctx, &id, false, &mut speech.out) {
            Ok(_) => archived.push(id.to_string()),
            Err(e) => {
                speech.out.alert(&crate::ui::explain::error(&e));
                left.push(id.to_string());
                failed.get_or_insert(e);
            }
        }
    }
    if speech.json {
        let value = serde_json::json!({ "archived": archived, "left": left });
        speech.out.json("archived", &value);
    } else if archived.is_empty() && left.is_empty() {
        speech.out.note("no open issue is finished");
    } else {
        speech.out.done(&format!("archived {}: {}", archived.len(), archived.join(", ")));
    }
    match failed {
        // What kept each was said above.
        Some(_) => {
            Err(Error::Red(format!("{} finished issues are left: {}", left.len(), left.join(", "))))
        }
        None => Ok(()),
    }
}

/// Runs `abandon`.
pub fn abandon(args: Abandon, speech: &mut Speech) -> Result<(), Error> {
    let ctx = Context::open("abandon")?;
    let id = target::issue(&ctx, args.issue)?;
    let report = archive::abandon(&ctx, &id, &args.reason, args.force, &mut speech.out)?;
    tell(&ctx, &id, &report, speech);
    Ok(())
}

fn tell(ctx: &Context, id: &IssueId, report: &Report, speech: &Speech) {
    if speech.json {
        let (how, detail) = match &report.end {
            Ending::Landed { into } => ("landed", into),
            Ending::Abandoned { salvage, .. } => ("abandoned", salvage),
        };
        let value = serde_json::json!({
            "issue": id.as_str(), "folder": report.folder, "end": how, "detail": detail,
            "already": report.already, "salvage": report.salvage,
        });
        speech.out.json("archive", &value);
        return;
    }
    let verb = if report.already { "was archived" } else { "archived" };
    match &report.end {
        Ending::Landed { into } => {
            speech.out.done(&format!("issue {id} {verb}: landed in {into}"));
            if let Some(name) = &report.salvage {
                let name = name.trim_start_matches("refs/git-orch/");
                speech
                    .out
                    .note("  what lay uncommitted in its worktree is kept, to bring it back:");
                speech.out.next(&format!("git orch salvage restore {name}"));
            }
        }
        Ending::Abandoned { reason, salvage } => {
            speech.out.done(&format!("issue {id} {verb}: abandoned, {reason}"));
            if salvage != "none" {
                speech.out.note(&format!("  its work is kept: git switch -c {id}-again {salvage}"));
            }
        }
    }
    if !ctx.around.folder.exists() {
        speech.out.note("  this folder is gone now; go back to the main worktree");
    }
    speech.out.answer(&report.folder.display().to_string());
}
