//! What recurs, as a section of a report in Markdown.

use super::Patterns;
use crate::context::Context;
use crate::domain::time::span;
use crate::error::Error;
use crate::ops::recall::index;
use crate::store::recall::Recurring;

/// How many rows of each sort a report tells.
const MOST: usize = 5;
/// Longest text of a row, in characters.
const LONGEST: usize = 120;

/// What recurs over the finished issues, and which of `issues` taught nothing. An index that fails
/// is told and keeps no report back.
pub fn section(ctx: &Context, issues: &[String]) -> String {
    let body = super::run(ctx).and_then(|found| {
        let learned = learned(ctx, issues)?;
        Ok(format!("{learned}\n{}", table(&found)))
    });
    match body {
        Ok(text) => format!("\n## What recurs\n\n{text}"),
        Err(e) => format!("\n## What recurs\n\nIt could not be told: {e}\n"),
    }
}

/// How many finished issues taught nothing: too many is worth a look, and so is none.
fn learned(ctx: &Context, issues: &[String]) -> Result<String, Error> {
    let index = index(ctx, false)?;
    let counts = index.counts()?;
    let kept = index.kept()?;
    let none: Vec<&str> = kept
        .iter()
        .filter(|one| one.learnings == 0 && one.unreadable.is_none() && issues.contains(&one.issue))
        .map(|one| one.issue.as_str())
        .collect();
    let mut text = format!(
        "Of {} finished issues {} taught nothing; the others gave {} learnings.\n",
        counts.sessions - counts.unreadable,
        counts.none,
        counts.learnings
    );
    if !none.is_empty() {
        text.push_str(&format!("Of this run these taught nothing: {}.\n", none.join(", ")));
    }
    Ok(text)
}

/// The tables.
fn table(found: &Patterns) -> String {
    let mut rows = String::new();
    for (what, list) in [
        ("the same error", &found.errors),
        ("changed again after going back", &found.files),
        ("the same criterion red first", &found.criteria),
    ] {
        for one in list.iter().take(MOST) {
            rows.push_str(&row(what, one));
        }
    }
    for lane in found.lanes.iter().filter(|l| l.dropped + l.none + l.abandoned > 0).take(MOST) {
        let name = if lane.lane.is_empty() { "(none)" } else { &lane.lane };
        rows.push_str(&format!(
            "| lane {name} leaves out | {} tasks dropped, {} taught nothing, {} given up | {} \
             issues |\n",
            lane.dropped, lane.none, lane.abandoned, lane.issues
        ));
    }
    for phase in &found.phases {
        rows.push_str(&format!(
            "| {} | half took {}, together {} | longest in {} |\n",
            phase.phase,
            span(phase.median),
            span(phase.total),
            phase.named.join(", ")
        ));
    }
    if rows.is_empty() {
        return "Nothing recurs in two finished issues.\n".to_owned();
    }
    format!(
        "| what | | issues |\n|---|---|---|\n{rows}\nDrafts of rules: `git orch patterns --propose`\n"
    )
}

fn row(what: &str, one: &Recurring) -> String {
    let more = if one.issues > one.named.len() as u64 { ", …" } else { "" };
    format!("| {what} | {} | {}: {}{more} |\n", code(&one.what), one.issues, one.named.join(", "))
}

/// A text as code in a cell of a table.
fn code(text: &str) -> String {
    let line: String = text.chars().take(LONGEST).collect();
    format!("`{}`", line.replace('`', "'").replace('|', "\\|"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_others_stays_in_its_cell() {
        assert_eq!(code("a `b` | c"), "`a 'b' \\| c`");
        assert_eq!(code(&"x".repeat(500)).len(), LONGEST + 2);
    }
}
