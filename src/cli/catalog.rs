//! `git orch catalog`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::speech::Speech;
use crate::context::Context;
use crate::domain::catalog::{Complaint, LaneName, Level, Severity};
use crate::domain::ids::IssueId;
use crate::error::Error;
use crate::ops::catalog::{self, Listed, Place, add, verify};
use crate::ui::progress::Progress;
use crate::ui::style::{self, paint};
use crate::ui::table;

/// The issues that wait in lanes: list, check, bring up to date, add, verify
#[derive(Debug, Args)]
pub struct Catalog {
    /// The catalog [default: .orchestration/catalog.md]
    #[arg(long, global = true, value_name = "FILE")]
    catalog: Option<PathBuf>,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the open issues, oldest first
    List(List),
    /// Report every malformed row and file, with its line
    Check,
    /// Recompute the counts and move resolved issues; nothing else in the page changes
    Sync,
    /// Add an issue: its file and its row; prints the file
    Add(Box<Add>),
    /// Run the verification commands of issues and keep what they said; prints the evidence file
    Verify {
        /// The issues
        #[arg(required = true)]
        issues: Vec<IssueId>,
    },
}

#[derive(Debug, Args)]
struct List {
    /// Only this lane; may be given several times
    #[arg(long)]
    lane: Vec<LaneName>,
    /// Resolved issues too
    #[arg(long)]
    all: bool,
}

#[derive(Debug, Args)]
struct Add {
    /// The lane it belongs to
    #[arg(long)]
    lane: LaneName,
    /// What is wrong, one line
    #[arg(long)]
    title: String,
    /// A command that says PASS or FAIL, or whose exit code tells; may be given several times
    #[arg(long, required = true, value_name = "COMMAND")]
    verify: Vec<String>,
    /// How bad it is, from 1 to 10
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=10))]
    severity: Option<u8>,
    /// The same in a word: TRIVIAL, LOW, MEDIUM, HIGH or CRITICAL
    #[arg(long, value_parser = level)]
    level: Option<Level>,
    /// What kind of thing it is; may be given several times
    #[arg(long, value_name = "WORD")]
    tag: Vec<String>,
    /// A file that is to be changed; may be given several times
    #[arg(long)]
    path: Vec<String>,
    /// An issue that must be resolved first; may be given several times
    #[arg(long, value_name = "ISSUE")]
    depends_on: Vec<IssueId>,
    /// What is wrong, at length
    #[arg(long, default_value = "", hide_default_value = true, value_name = "TEXT")]
    problem: String,
    /// What shows it
    #[arg(long, default_value = "", hide_default_value = true, value_name = "TEXT")]
    evidence: String,
    /// What must be done
    #[arg(long, default_value = "", hide_default_value = true, value_name = "TEXT")]
    fix: String,
}

fn level(text: &str) -> Result<Level, String> {
    text.parse().map_err(|()| format!("one of {}", Level::ALL.map(Level::word).join(", ")))
}

/// Runs the verb.
pub fn run(args: Catalog, speech: &mut Speech) -> Result<(), Error> {
    let ctx = Context::open("catalog")?;
    let place = catalog::place(&ctx, args.catalog.as_deref())?;
    match args.verb {
        Verb::List(args) => list(&place, &args, speech),
        Verb::Check => check(&place, speech),
        Verb::Sync => sync(&ctx, &place, speech),
        Verb::Add(args) => add_one(&ctx, &place, *args, speech),
        Verb::Verify { issues } => verify_all(&ctx, &place, &issues, speech),
    }
}

fn list(place: &Place, args: &List, speech: &Speech) -> Result<(), Error> {
    let read = catalog::read(place)?;
    let mut list = catalog::listed(&read);
    list.retain(|one| args.all || !one.status.is_resolved());
    list.retain(|one| {
        args.lane.is_empty() || one.lane.as_ref().is_some_and(|lane| args.lane.contains(lane))
    });
    if speech.json {
        let issues: Vec<Value> = list.iter().map(|one| listed_json(place, one)).collect();
        speech.out.json("catalog", &json!({ "catalog": place.page(), "issues": issues }));
        return Ok(());
    }
    let mut table = table::table(&["issue", "lane", "severity", "status", "title"]);
    for one in &list {
        table.add_row([
            one.id.to_string(),
            one.lane.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string),
            one.severity.to_string(),
            one.status.word.clone(),
            one.title.clone(),
        ]);
    }
    if list.is_empty() {
        speech.out.note("no open issue");
    } else {
        speech.out.answer(&table::lines(&table));
    }
    let grave = read.complaints.iter().filter(|c| c.grave).count();
    if grave > 0 {
        speech.out.note(&format!("  {} (git orch catalog check)", places(grave)));
    }
    Ok(())
}

fn places(count: usize) -> String {
    if count == 1 {
        "1 place is malformed".to_owned()
    } else {
        format!("{count} places are malformed")
    }
}

fn listed_json(place: &Place, one: &Listed) -> Value {
    json!({
        "issue": one.id.as_str(),
        "lane": one.lane.as_ref().map(LaneName::as_str),
        "title": one.title,
        "severity": one.severity.score,
        "severity_level": one.severity.level.map(Level::word),
        "type_tags": one.tags,
        "status": one.status.word,
        "resolved": one.status.is_resolved(),
        "depends_on": one.depends_on.iter().map(IssueId::as_str).collect::<Vec<_>>(),
        "file": one.file.as_deref().map(|file| place.from_top(file)),
    })
}

fn check(place: &Place, speech: &Speech) -> Result<(), Error> {
    let (read, complaints) = catalog::check(place)?;
    let grave = complaints.iter().filter(|c| c.grave).count();
    if speech.json {
        let list: Vec<Value> = complaints.iter().map(|c| complaint_json(place, c)).collect();
        let value = json!({ "issues": read.entries.len(), "wrong": grave, "complaints": list });
        speech.out.json("catalog-check", &value);
    } else {
        for complaint in &complaints {
            let shown = Complaint { file: place.from_top(&complaint.file), ..complaint.clone() };
            let style = if complaint.grave { style::BAD } else { style::CARE };
            let word = paint(style, if complaint.grave { "wrong" } else { "look" });
            speech.out.answer(&format!("{word} {shown}"));
        }
    }
    let issues = read.entries.len();
    if grave > 0 {
        return Err(Error::Red(format!("{} in a catalog of {issues} issues", places(grave))));
    }
    let looks = complaints.len();
    let rest = if looks == 0 { String::new() } else { format!(", {looks} worth a look") };
    speech.out.done(&format!("{issues} issues, none malformed{rest}"));
    Ok(())
}

fn complaint_json(place: &Place, complaint: &Complaint) -> Value {
    json!({
        "file": place.from_top(&complaint.file), "line": complaint.line,
        "what": complaint.what, "wrong": complaint.grave,
    })
}

fn sync(ctx: &Context, place: &Place, speech: &mut Speech) -> Result<(), Error> {
    let synced = catalog::sync(ctx, place, &mut speech.out)?;
    let names = |ids: &[IssueId]| ids.iter().map(IssueId::as_str).collect::<Vec<_>>().join(", ");
    if speech.json {
        let empty = Vec::new();
        let (resolved, reopened) =
            synced.as_ref().map_or((&empty, &empty), |s| (&s.resolved, &s.reopened));
        let ids = |ids: &[IssueId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
        let value = json!({
            "changed": synced.is_some(), "resolved": ids(resolved), "reopened": ids(reopened),
        });
        speech.out.json("catalog-sync", &value);
        return Ok(());
    }
    match synced {
        None => speech.out.done("the page says what the files say"),
        Some(synced) => {
            speech.out.done(&format!("brought {} up to date", place.from_top(&place.name)));
            if !synced.resolved.is_empty() {
                speech.out.note(&format!("  resolved: {}", names(&synced.resolved)));
            }
            if !synced.reopened.is_empty() {
                speech.out.note(&format!("  open again: {}", names(&synced.reopened)));
            }
        }
    }
    Ok(())
}

fn add_one(ctx: &Context, place: &Place, args: Add, speech: &mut Speech) -> Result<(), Error> {
    let request = add::Request {
        lane: args.lane,
        title: args.title,
        severity: Severity { score: args.severity, level: args.level },
        tags: args.tag,
        paths: args.path,
        depends_on: args.depends_on,
        problem: args.problem,
        evidence: args.evidence,
        fix: args.fix,
        verify: args.verify,
    };
    let report = add::run(ctx, place, &request, &mut speech.out)?;
    let file = place.from_top(&report.entry.file);
    if speech.json {
        let value = json!({
            "issue": report.entry.id.as_str(), "file": report.file, "already": report.already,
        });
        speech.out.json("catalog-add", &value);
        return Ok(());
    }
    let verb = if report.already { "is there" } else { "added" };
    speech.out.done(&format!("issue {} {verb}: {}", report.entry.id, report.entry.title));
    speech.out.answer(&file);
    Ok(())
}

fn verify_all(
    ctx: &Context,
    place: &Place,
    issues: &[IssueId],
    speech: &mut Speech,
) -> Result<(), Error> {
    let read = catalog::read(place)?;
    let entries = issues
        .iter()
        .map(|id| verify::find(&read, place, id))
        .collect::<Result<Vec<_>, Error>>()?;
    verify::require_trust(ctx, place, &entries, &format!("verifying {}", some(issues)))?;
    let mut red = Vec::new();
    let mut values = Vec::new();
    for entry in entries {
        let mut progress = Progress::new(&speech.out, false);
        let report = verify::run(ctx, place, entry, &mut progress)?;
        drop(progress);
        let verification = &report.verification;
        let (passed, total) = (verification.passed(), verification.checks.len());
        for check in &verification.checks {
            let sign =
                if check.passed { paint(style::GOOD, "✓") } else { paint(style::BAD, "✗") };
            speech.out.note(&format!("{sign} {} {}: {}", entry.id, check.name, check.actual));
        }
        if !verification.all_passed() {
            red.push(format!("{} ({passed} of {total})", entry.id));
        }
        if speech.json {
            let mut value = verification.value();
            value["evidence_file"] = json!(report.file);
            values.push(value);
        } else {
            speech.out.answer(&report.file.display().to_string());
        }
    }
    if speech.json {
        speech.out.json("verification", &values);
    }
    if red.is_empty() {
        return Ok(());
    }
    Err(Error::Red(format!("not verified: {}", red.join(", "))))
}

fn some(issues: &[IssueId]) -> String {
    match issues {
        [one] => format!("issue {one}"),
        all => format!("{} issues", all.len()),
    }
}
