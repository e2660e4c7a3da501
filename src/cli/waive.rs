//! `git orch waive`.

use clap::Args;

use super::speech::{Speech, agreed};
use crate::context::Context;
use crate::domain::ids::IssueId;
use crate::error::Error;
use crate::ops::waive::{self, Given};
use crate::ui::Out;

/// Let an issue land without what was learned: a person, for this one tip, for a time
///
/// It is recorded with the reason, and shown wherever the issue is. Checks that are red, tasks that
/// are open and changes that are not committed stay in the way. How long it holds and who may do it
/// stands in the policy: waive.hours, waive.by.
#[derive(Debug, Args)]
pub struct Waive {
    /// The issue
    issue: IssueId,
    /// Why it cannot wait
    #[arg(long)]
    reason: String,
}

/// Runs the verb.
pub fn run(args: &Waive, speech: &mut Speech) -> Result<(), Error> {
    let ctx = Context::open("waive")?;
    let id = &args.issue;
    let asked = waive::question(&ctx, id, &args.reason)?;
    let mut given = Given { reason: args.reason.clone(), person: false, seen: None };
    if let Some(question) = asked.filter(|question| question.person) {
        // An agent may have been given a terminal; it is no person all the same.
        if !Out::has_person() || ctx.around.called.issue.is_some() {
            return Err(waive::needs_person(id).into());
        }
        let (tip, until) = (question.tip.short(), question.until);
        let words = format!("Let issue {id} land at {tip} until {until}, with nothing learned?");
        if !agreed(&words)? {
            return Err(waive::declined(id).into());
        }
        given.person = true;
        given.seen = Some(question.tip);
    }
    let report = waive::run(&ctx, id, &given, &mut speech.out)?;
    let waiver = &report.waiver;
    if speech.json {
        let value = serde_json::json!({
            "issue": id.as_str(), "tip": report.tip.as_str(), "reason": waiver.reason,
            "by": waiver.by, "expires": waiver.expires.to_string(), "already": report.already,
        });
        speech.out.json("waiver", &value);
        return Ok(());
    }
    let verb = if report.already { "was waived" } else { "waived" };
    speech.out.done(&format!(
        "compaction of issue {id} {verb} at {} until {}: {}",
        report.tip.short(),
        waiver.expires,
        waiver.reason
    ));
    speech.out.next(&super::next::first_step(id, crate::domain::phase::Phase::Complete));
    Ok(())
}
