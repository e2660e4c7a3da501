//! `git orch learn stats`.

use super::super::speech::Speech;
use crate::context::Context;
use crate::error::Error;
use crate::ops::learn::stats::{self, Rate};

/// How many of the least useful learnings of an area are shown.
const SHOWN: usize = 5;

/// Runs `stats`.
pub fn run(ctx: &Context, speech: &Speech) -> Result<(), Error> {
    let stats = stats::run(ctx)?;
    if speech.json {
        speech.out.json("learning-stats", &stats);
        return Ok(());
    }
    let line = |name: &str, value: String| speech.out.answer(&format!("{name:<18} {value}"));
    line("issues", format!("{}, {} of them taught nothing", stats.issues, stats.none));
    let by: Vec<String> = stats.standing.iter().map(|(word, n)| format!("{n} {word}")).collect();
    line("learnings", if by.is_empty() { "none".to_owned() } else { by.join(", ") });
    line(
        "told to issues",
        format!("{}×, confirmed {}×, disputed {}×", stats.shown, stats.confirmed, stats.disputed),
    );
    line("first pass with", rate(stats.with));
    line("first pass without", rate(stats.without));
    for area in &stats.crowded {
        let name = if area.area.is_empty() { "(no path)" } else { &area.area };
        line("crowded", format!("{name} has {}; the least useful:", area.learnings));
        for name in area.least.iter().take(SHOWN) {
            speech.out.answer(&format!("  git orch learn retire {name}"));
        }
        if area.least.len() > SHOWN {
            let more = area.least.len() - SHOWN;
            speech.out.note(&format!("  and {more} more: git orch learn stats --json"));
        }
    }
    Ok(())
}

fn rate(rate: Rate) -> String {
    match rate.issues {
        0 => "no issue yet".to_owned(),
        issues => format!("{} of {issues} issues", rate.passed),
    }
}
