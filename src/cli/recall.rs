//! `git orch recall`.

use clap::Args;
use serde_json::{Value, json};

use super::speech::Speech;
use crate::context::Context;
use crate::domain::learning::Kind;
use crate::error::Error;
use crate::ops::recall::{self, Hit, Known, Query};
use crate::ui::style::{self, paint};

/// Find what was learned before: by words, an error text or files
#[derive(Debug, Args)]
pub struct Recall {
    /// Words; any of them, the more the better
    words: Vec<String>,
    /// An error as it was printed; what explains exactly it comes first
    #[arg(long)]
    error: Option<String>,
    /// Files that are worked on
    #[arg(long, num_args = 1..)]
    files: Vec<String>,
    /// Only learnings of this kind; may be given several times
    #[arg(long)]
    kind: Vec<Kind>,
    /// Also what was retired or rejected
    #[arg(long)]
    all: bool,
    /// How many hits
    #[arg(long, default_value_t = recall::HITS)]
    limit: usize,
    /// Build the index anew first; it is derived from the records and holds nothing else
    #[arg(long)]
    rebuild: bool,
}

/// Runs the verb.
pub fn run(args: Recall, speech: &mut Speech) -> Result<(), Error> {
    let ctx = Context::open("recall")?;
    let query = Query {
        words: args.words.join(" "),
        error: args.error,
        files: args.files,
        kinds: args.kind,
        put_aside: args.all,
        most: args.limit,
    };
    if args.rebuild {
        let counts = recall::index(&ctx, true)?.counts()?;
        let Counted { sessions, learnings } = Counted::of(counts);
        speech.out.done(&format!("the index is built anew: {learnings} of {sessions}"));
        let asked = !query.words.is_empty() || query.error.is_some() || !query.files.is_empty();
        if !asked {
            return Ok(());
        }
    }
    let report = recall::run(&ctx, &query)?;
    if speech.json {
        let hits: Vec<Value> = report.hits.iter().map(hit_json).collect();
        let value = json!({
            "hits": hits, "sessions": report.counts.sessions, "learnings": report.counts.learnings,
            "unreadable": report.counts.unreadable,
        });
        speech.out.json("recall", &value);
        return Ok(());
    }
    for hit in &report.hits {
        speech.out.answer(&lines(hit));
    }
    if report.hits.is_empty() {
        let Counted { sessions, learnings } = Counted::of(report.counts);
        speech.out.note(&format!("nothing fits, among {learnings} of {sessions}"));
    }
    if report.counts.unreadable > 0 {
        let many = report.counts.unreadable;
        speech.out.note(&format!("{many} records could not be read: git orch doctor"));
    }
    Ok(())
}

/// Counts in words.
struct Counted {
    sessions: String,
    learnings: String,
}

impl Counted {
    fn of(counts: crate::store::recall::Counts) -> Self {
        let many = |count: u64, one: &str| match count {
            1 => format!("1 {one}"),
            count => format!("{count} {one}s"),
        };
        Self {
            sessions: many(counts.sessions, "issue"),
            learnings: many(counts.learnings, "learning"),
        }
    }
}

/// Three lines: which and how it stands, when it applies, what to do.
fn lines(hit: &Hit) -> String {
    match hit {
        Hit::Learning(known, exact) => {
            let note = if *exact { ", this very error" } else { "" };
            format!(
                "{}{note}\n  {}\n  {}",
                heading(known),
                known.learning.when(),
                known.learning.lesson
            )
        }
        Hit::Session(session) => format!(
            "{} {}, {} {}\n  {}\n  {}",
            paint(style::HEAD, format!("issue {}", session.issue)),
            session.title,
            session.ended,
            day(session.at),
            first_line(&session.goal),
            paint(style::COMMAND, format!("git orch archive show {}", session.issue)),
        ),
    }
}

/// Its name, kind and standing on one line.
pub fn heading(known: &Known) -> String {
    let tally = &known.tally;
    let mut text =
        format!("{} {}, {}", paint(style::HEAD, known.name()), known.learning.kind, tally.standing);
    if let Some(why) = &tally.why {
        text.push_str(&format!(" ({why})"));
    }
    for (count, word) in [(tally.confirmed, "confirmed"), (tally.disputed, "disputed")] {
        if count > 0 {
            text.push_str(&format!(", {word} {count}×"));
        }
    }
    text.push_str(&format!(", {}", day(known.learning.at)));
    text
}

fn day(at: crate::domain::time::Moment) -> String {
    at.to_string().chars().take(10).collect()
}

fn first_line(text: &str) -> &str {
    text.lines().find(|line| !line.trim().is_empty()).unwrap_or("no goal was written")
}

fn hit_json(hit: &Hit) -> Value {
    match hit {
        Hit::Learning(known, exact) => {
            let mut value = known_json(known);
            value["what"] = json!("learning");
            value["exact"] = json!(exact);
            value
        }
        Hit::Session(session) => json!({
            "what": "issue", "issue": session.issue, "title": session.title, "goal": session.goal,
            "ended": session.ended, "at": session.at.to_string(),
        }),
    }
}

/// A learning with where it stands, as JSON.
pub fn known_json(known: &Known) -> Value {
    let mut value = super::show::learning_json(&known.issue, &known.learning);
    value["standing"] = json!(known.tally.standing.name());
    value["confirmed"] = json!(known.tally.confirmed);
    value["disputed"] = json!(known.tally.disputed);
    value["why"] = json!(known.tally.why);
    value
}
