//! The report of a run, for people: what landed, what did not and why, how long it took, and what
//! was read of it.

use std::collections::BTreeMap;

use crate::domain::time::{Moment, span};
use crate::store::lanes::{Event, Plan, Progress, Taken};

/// What was read, and what was not, in bytes. Both were measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Signals that the orchestrator read.
    pub read: u64,
    /// What agents printed.
    pub unread: u64,
}

/// What a report is made from.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// What was planned.
    pub plan: &'a Plan,
    /// How far each lane came, in the order of the plan.
    pub progress: &'a [Progress],
    /// What happened.
    pub events: &'a [Event],
    /// What was read.
    pub cost: Cost,
}

/// An issue and why.
pub type Reason = (String, String);

/// The issues that landed, those that were given up and those that are left, with the reason.
pub fn ends(facts: &Facts<'_>) -> (Vec<String>, Vec<Reason>, Vec<Reason>) {
    let mut landed = Vec::new();
    let mut skipped = Vec::new();
    let mut left = facts.plan.left_out.clone();
    for (lane, progress) in facts.plan.lanes.iter().zip(facts.progress) {
        for issue in &lane.issues {
            let taken = progress.taken.iter().find(|taken| taken.issue == issue.id);
            match taken.and_then(|taken| Some((taken, taken.end.as_deref()?))) {
                Some((_, "landed")) => landed.push(issue.id.clone()),
                Some((taken, _)) => skipped.push((issue.id.clone(), taken.detail.clone())),
                None => left.push((issue.id.clone(), why_left(facts, &lane.name))),
            }
        }
    }
    (landed, skipped, left)
}

/// Why a lane did not come to an issue.
fn why_left(facts: &Facts<'_>, lane: &str) -> String {
    let told = facts.events.iter().rev().filter(|event| event.lane.as_deref() == Some(lane));
    let mut told = told.filter(|event| matches!(event.kind.as_str(), "blocked" | "given-up"));
    match told.next() {
        Some(event) => event.text.clone(),
        None => "the lane's run took on as many as it may".to_owned(),
    }
}

/// The report as Markdown.
pub fn markdown(facts: &Facts<'_>, now: Moment) -> String {
    let Facts { plan, progress, events, cost } = facts;
    let (landed, skipped, left) = ends(facts);
    let mut text = format!("# Lanes, run {}\n\n", plan.run);
    let found: usize = plan.lanes.iter().map(|lane| lane.issues.len()).sum();
    text.push_str(&format!(
        "Planned {}, ended {now}: {} lanes, {found} issues taken up, {} landed, {} skipped, {} \
         left. At most {} lanes at once.\n",
        plan.at,
        plan.lanes.len(),
        landed.len(),
        skipped.len(),
        left.len(),
        plan.jobs
    ));
    text.push_str("\n| lane | issues | landed | skipped | attempts | worked |\n");
    text.push_str("|---|---|---|---|---|---|\n");
    for (lane, progress) in plan.lanes.iter().zip(*progress) {
        let ended = |word: &str| count(progress, word);
        text.push_str(&format!(
            "| {} | {} | {} | {} | {} | {} |\n",
            lane.name,
            lane.issues.len(),
            ended("landed"),
            ended("skipped"),
            progress.attempt,
            span(progress.taken.iter().filter_map(seconds).sum())
        ));
    }
    if !landed.is_empty() {
        section(&mut text, "Landed");
    }
    for taken in all(progress).filter(|taken| taken.end.as_deref() == Some("landed")) {
        text.push_str(&format!("- **{}** {}, {}", taken.issue, taken.complexity, took(taken)));
        if let Some((word, score, _)) = &taken.verdict {
            text.push_str(&format!(", {word} {score}"));
        }
        if !taken.detail.is_empty() {
            text.push_str(&format!(", base at {}", taken.detail));
        }
        text.push('\n');
        for line in taken.verdict.iter().flat_map(|(_, _, lines)| lines) {
            text.push_str(&format!("  - {line}\n"));
        }
    }
    if !skipped.is_empty() {
        section(&mut text, "Skipped");
    }
    for taken in all(progress).filter(|taken| taken.end.as_deref() == Some("skipped")) {
        text.push_str(&format!("- **{}**: {}", taken.issue, taken.detail));
        if let Some(salvage) = &taken.salvage {
            text.push_str(&format!("; its work is kept under `{salvage}`"));
        }
        text.push('\n');
    }
    if !left.is_empty() {
        section(&mut text, "Left for another run");
    }
    for (id, why) in &left {
        text.push_str(&format!("- **{id}**: {why}\n"));
    }
    signals(&mut text, events);
    text.push_str(&format!(
        "\n## What was read\n\nSignals: {} bytes, about {} tokens. Transcripts of agents, which \
         were not read: {} bytes, about {} tokens. Bytes were counted in this run, over every \
         orchestrator and worker it had; tokens are an estimate, bytes / 4.\n",
        cost.read,
        cost.read / 4,
        cost.unread,
        cost.unread / 4
    ));
    text
}

fn section(text: &mut String, title: &str) {
    text.push_str(&format!("\n## {title}\n\n"));
}

fn all(progress: &[Progress]) -> impl Iterator<Item = &Taken> {
    progress.iter().flat_map(|one| &one.taken)
}

/// How many issues of a lane ended so.
pub fn count(progress: &Progress, word: &str) -> usize {
    progress.taken.iter().filter(|taken| taken.end.as_deref() == Some(word)).count()
}

fn seconds(taken: &Taken) -> Option<u64> {
    let started: Moment = taken.started.parse().ok()?;
    let ended: Moment = taken.ended.as_deref()?.parse().ok()?;
    Some(ended.since(started))
}

fn took(taken: &Taken) -> String {
    seconds(taken).map_or_else(|| "unknown time".to_owned(), span)
}

/// How many events of each kind there were, and those worth a look.
fn signals(text: &mut String, events: &[Event]) {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for event in events {
        *kinds.entry(event.kind.as_str()).or_default() += 1;
    }
    section(text, "Signals");
    let counts: Vec<String> = kinds.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
    text.push_str(&format!("{}\n", counts.join(", ")));
    let odd = ["died", "retried", "given-up", "blocked", "silent", "odd", "unverified"];
    let worth = events.iter().filter(|event| odd.contains(&event.kind.as_str())).take(50);
    let lines: Vec<String> = worth
        .map(|event| {
            let lane = event.lane.as_deref().unwrap_or("-");
            format!("- {lane} {}: {}\n", event.kind, event.text)
        })
        .collect();
    if !lines.is_empty() {
        text.push('\n');
        text.push_str(&lines.concat());
    }
}
