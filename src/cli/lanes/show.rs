//! What a run of lanes looks like: a live line a lane on a terminal, a line a change elsewhere.

use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::cli::speech::Speech;
use crate::ops::lanes::finish::Report;
use crate::ops::lanes::orchestrate::Watcher;
use crate::ops::lanes::plan::Made;
use crate::ops::lanes::survey::Survey;
use crate::store::lanes::Event;
use crate::ui::Out;
use crate::ui::style::{self, paint};

/// Shows what happens.
pub(super) struct Lines<'a> {
    speech: &'a Speech,
    live: Option<MultiProgress>,
    bars: BTreeMap<String, ProgressBar>,
}

impl<'a> Lines<'a> {
    pub fn new(speech: &'a Speech) -> Self {
        let live = (Out::shows_progress() && !speech.json).then(MultiProgress::new);
        Self { speech, live, bars: BTreeMap::new() }
    }

    /// Takes the live lines away.
    pub fn still(&mut self) {
        for (_, bar) in std::mem::take(&mut self.bars) {
            bar.finish_and_clear();
        }
    }

    fn print(&self, line: &str) {
        match &self.live {
            Some(live) => live.suspend(|| self.speech.out.note(line)),
            None => self.speech.out.note(line),
        }
    }

    /// The live line of a lane that is at work.
    fn live(&mut self, lane: &str, event: &Event) {
        let Some(live) = &self.live else { return };
        let ends = ["complete", "waiting", "given-up", "blocked"].contains(&event.kind.as_str());
        if ends {
            if let Some(bar) = self.bars.remove(lane) {
                bar.finish_and_clear();
            }
            return;
        }
        let bar = self.bars.entry(lane.to_owned()).or_insert_with(|| {
            let form = ProgressStyle::with_template("{spinner} {prefix} {wide_msg}");
            let bar = live.add(ProgressBar::new_spinner());
            bar.set_style(form.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar.set_prefix(lane.to_owned());
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        bar.set_message(event.text.clone());
    }
}

impl Watcher for Lines<'_> {
    fn event(&mut self, event: &Event) {
        if self.speech.json {
            self.speech.out.json_line("event", event);
            return;
        }
        let lane = event.lane.clone().unwrap_or_default();
        if !lane.is_empty() {
            self.live(&lane, event);
        }
        let style = match event.kind.as_str() {
            "complete" | "finished" => style::GOOD,
            "died" | "given-up" | "blocked" => style::BAD,
            "odd" | "unverified" | "silent" | "retried" | "unwatched" => style::CARE,
            _ => style::FAINT,
        };
        if event.kind == "run" && !event.text.is_empty() {
            self.print(&paint(style::CARE, "going on with the run that did not come to its end"));
        }
        let quiet = self.live.is_some() && matches!(event.kind.as_str(), "started");
        if !quiet && event.kind != "run" {
            let words = match event.kind.as_str() {
                "status" => event.text.clone(),
                kind => format!("{kind} {}", event.text),
            };
            let line = format!("{lane:<4} {}", words.trim_end());
            self.print(&paint(style, line.trim_start()));
        }
    }
}

/// What a run would take on.
pub(super) fn plan(made: &Made, speech: &Speech) {
    let out = &speech.out;
    for lane in &made.plan.lanes {
        out.answer(&paint(
            style::HEAD,
            format!("lane {} ({} issues)", lane.name, lane.issues.len()),
        ));
        for issue in &lane.issues {
            out.answer(&format!("  {} {} ({})", issue.id, issue.complexity, issue.reason));
            let Some(order) = made.orders.iter().find(|order| order.issue == issue.id) else {
                continue;
            };
            out.answer(&format!("    objective: {}", order.objective));
            out.answer(&format!("    input: {}", order.inputs.issue_file));
            if !order.inputs.affected_paths.is_empty() {
                out.answer(&format!("    paths: {}", order.inputs.affected_paths.join(", ")));
            }
            for output in &order.expected_outputs {
                out.answer(&format!("    expected: {}: {}", output.criterion, output.verify));
            }
            for ban in &order.prohibited {
                out.answer(&format!("    prohibited: {ban}"));
            }
            out.answer(&format!("    time box: {} min", order.time_box_minutes));
            if !issue.waits_for.is_empty() {
                out.answer(&format!("    waits for: {}", issue.waits_for.join(", ")));
            }
        }
    }
    for (id, why) in &made.plan.left_out {
        out.answer(&format!("left out: {id}: {why}"));
    }
    if made.plan.lanes.is_empty() {
        out.done("nothing to do: no lane has an open issue that can be taken on");
    }
}

/// How a run went.
pub(super) fn ended(report: &Report, speech: &Speech) {
    let out = &speech.out;
    for (id, why) in &report.skipped {
        out.note(&format!("skipped {id}: {why}"));
    }
    for (id, why) in &report.left {
        out.note(&format!("left {id}: {why}"));
    }
    if let Some(words) = &report.unsynced {
        out.alert(words);
    }
    out.done(&format!("{}: {}", report.words(), report.landed.join(", ")));
    out.answer(&report.file.display().to_string());
}

/// How a run stands.
pub(super) fn status(survey: &Survey, speech: &Speech) {
    let out = &speech.out;
    let counts: Vec<String> =
        survey.counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
    let how = match (survey.finished, survey.orchestrated) {
        (true, _) => "finished",
        (false, true) => "running",
        (false, false) => "ended before its end",
    };
    out.answer(&format!(
        "run {}: {how}; {} lanes: {}",
        survey.run,
        survey.lanes,
        counts.join(" · ")
    ));
    for line in &survey.attention {
        out.answer(&format!("  {:<8} {:<9} {}", line.lane, line.stands, line.words));
    }
    if survey.more > 0 {
        out.answer(&format!("  +{} more", survey.more));
    }
    out.note(&paint(style::FAINT, format!("cursor {}", survey.cursor)));
    if !survey.finished && !survey.orchestrated {
        out.next("git orch lanes resume");
    }
}
