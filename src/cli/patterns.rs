//! `git orch patterns`.

use clap::Args;
use serde_json::{Value, json};

use super::compact::{draft_json, draft_lines};
use super::speech::Speech;
use crate::context::Context;
use crate::domain::time::span;
use crate::error::Error;
use crate::ops::patterns;
use crate::store::recall::Recurring;
use crate::ui::{style, style::paint, table};

/// Find what recurs over finished issues: errors, files, criteria, slow phases, lanes that skip
#[derive(Debug, Args)]
pub struct Patterns {
    /// Print drafts of rules instead, each with the command that gives it
    #[arg(long)]
    propose: bool,
}

/// Runs the verb.
pub fn run(args: &Patterns, speech: &Speech) -> Result<(), Error> {
    let ctx = Context::open("patterns")?;
    let found = patterns::run(&ctx)?;
    if args.propose {
        let drafts = patterns::propose(&found);
        if speech.json {
            let list: Vec<Value> = drafts.iter().map(draft_json).collect();
            speech.out.json("drafts", &list);
        } else {
            for draft in &drafts {
                speech.out.answer(&draft_lines("", draft));
            }
        }
        return Ok(());
    }
    if speech.json {
        speech.out.json("patterns", &as_json(&found));
        return Ok(());
    }
    let mut nothing = true;
    for (heading, list) in [
        ("the same error", &found.errors),
        ("changed again after going back", &found.files),
        ("the same criterion red first", &found.criteria),
    ] {
        if list.is_empty() {
            continue;
        }
        nothing = false;
        let mut rows = table::table(&["issues", heading, "which"]);
        for one in list {
            let which = one.named.join(", ");
            rows.add_row([one.issues.to_string(), shortened(&one.what), which]);
        }
        speech.out.answer(&format!("{}\n", table::lines(&rows)));
    }
    if nothing {
        speech.out.note("no error, file or criterion recurs in two finished issues");
    }
    tables(&found, speech);
    if !nothing {
        speech.out.note(&paint(style::FAINT, "drafts of rules: git orch patterns --propose"));
    }
    Ok(())
}

/// Phases and lanes.
fn tables(found: &patterns::Patterns, speech: &Speech) {
    if !found.phases.is_empty() {
        let mut rows = table::table(&["phase", "half took", "together", "longest in"]);
        for phase in &found.phases {
            rows.add_row([
                phase.phase.clone(),
                span(phase.median),
                span(phase.total),
                phase.named.join(", "),
            ]);
        }
        speech.out.answer(&format!("{}\n", table::lines(&rows)));
    }
    let mut rows = table::table(&["lane", "issues", "tasks dropped", "taught nothing", "given up"]);
    for lane in &found.lanes {
        let name = if lane.lane.is_empty() { "(none)" } else { &lane.lane };
        rows.add_row([
            name.to_owned(),
            lane.issues.to_string(),
            lane.dropped.to_string(),
            lane.none.to_string(),
            lane.abandoned.to_string(),
        ]);
    }
    if !found.lanes.is_empty() {
        speech.out.answer(&table::lines(&rows));
    }
}

fn shortened(text: &str) -> String {
    let line: String = text.chars().take(80).collect();
    if line.len() < text.len() { format!("{line}…") } else { line }
}

fn as_json(found: &patterns::Patterns) -> Value {
    let recurring = |list: &[Recurring]| -> Vec<Value> {
        list.iter()
            .map(|r| json!({ "what": r.what, "issues": r.issues, "times": r.times, "named": r.named }))
            .collect()
    };
    json!({
        "errors": recurring(&found.errors),
        "files": recurring(&found.files),
        "criteria": recurring(&found.criteria),
        "phases": found.phases.iter().map(|p| json!({
            "phase": p.phase, "issues": p.issues, "median_seconds": p.median,
            "total_seconds": p.total, "named": p.named,
        })).collect::<Vec<_>>(),
        "lanes": found.lanes.iter().map(|l| json!({
            "lane": l.lane, "issues": l.issues, "dropped": l.dropped, "none": l.none,
            "abandoned": l.abandoned,
        })).collect::<Vec<_>>(),
    })
}
