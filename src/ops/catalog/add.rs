//! `catalog add`: a new issue, numbered, with a file of its own and a row on the page.
//!
//! The file is written first and the page after it. Asked for the same title in the same lane
//! again, it answers with what is there, and adds the row if only that is missing.

use std::path::PathBuf;

use super::Place;
use crate::context::Context;
use crate::domain::catalog::check::{Shell, checks};
use crate::domain::catalog::{Entry, LaneName, Level, Severity, Status, plain_path};
use crate::domain::ids::IssueId;
use crate::domain::names::one_line;
use crate::error::Error;
use crate::ops::{Narrator, record};
use crate::store::atomic::Folder;
use crate::store::catalog::page::lane_of;
use crate::store::catalog::sync::{facts, sync};
use crate::store::catalog::{self, Catalog, ISSUES, Source, write};

/// What is to be added.
#[derive(Clone, Debug)]
pub struct Request {
    /// The lane.
    pub lane: LaneName,
    /// One line.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// What kind of thing it is.
    pub tags: Vec<String>,
    /// Files that are to be changed.
    pub paths: Vec<String>,
    /// Issues that must be resolved first.
    pub depends_on: Vec<IssueId>,
    /// What is wrong.
    pub problem: String,
    /// What shows that.
    pub evidence: String,
    /// What must be done.
    pub fix: String,
    /// The verification commands, a line each or several.
    pub verify: Vec<String>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Report {
    /// The issue.
    pub entry: Entry,
    /// Its file.
    pub file: PathBuf,
    /// Whether it was there already.
    pub already: bool,
}

/// Adds an issue.
pub fn run(
    ctx: &Context,
    place: &Place,
    request: &Request,
    narrator: &mut dyn Narrator,
) -> Result<Report, Error> {
    let (entry, commands) = entry(request)?;
    let _lock = record::lock_repository(ctx, narrator)?;
    let source = Source::Folder(place.folder.clone());
    let catalog = match catalog::read(&source, &place.name)? {
        Some(catalog) => catalog,
        None => catalog::without_page(&source)?,
    };
    let same = catalog.entries.values().find(|known| {
        known.lane == entry.lane
            && !known.status.is_resolved()
            && known.title.eq_ignore_ascii_case(&entry.title)
    });
    let already = same.is_some();
    let entry = if let Some(known) = same {
        known.clone()
    } else {
        let id = next_id(&catalog, &entry.lane)?;
        let file = format!("{ISSUES}/{}/{id}.md", entry.lane);
        let entry = Entry { id, file, ..entry };
        let folder = Folder::create(&place.folder, &format!("{ISSUES}/{}", entry.lane))?;
        let text = write::issue(&entry, &commands);
        folder.write(&format!("{}.md", entry.id), text.as_bytes())?;
        entry
    };
    let listed = catalog.page.rows.iter().any(|row| row.id == entry.id);
    let page = if listed { catalog.text.clone() } else { write::with_row(&catalog.text, &entry) };
    let mut after = catalog;
    after.entries.insert(entry.id.clone(), entry.clone());
    super::write_page(place, &sync(&page, &facts(&after)).text)?;
    Ok(Report { file: place.folder.join(&entry.file), entry, already })
}

/// The issue that is asked for, without its number, and its commands as one block.
fn entry(request: &Request) -> Result<(Entry, String), Error> {
    let wrong = |what: String| Error::usage(what, "git orch catalog add -h");
    let title = one_line(&request.title);
    if title.is_empty() {
        return Err(wrong("the issue has no title".to_owned()));
    }
    let commands = request.verify.join("\n\n");
    let checks = checks(&commands, Shell::Bash, 1, 0);
    if checks.is_empty() {
        return Err(wrong("an issue needs a command that shows when it is fixed".to_owned()));
    }
    let mut paths = Vec::new();
    for path in &request.paths {
        let bad = || wrong(format!("{path:?} is no path within the repository"));
        paths.push(plain_path(path).ok_or_else(bad)?);
    }
    let mut severity = request.severity;
    severity.level = severity.level.or(severity.score.map(Level::of_score));
    let entry = Entry {
        // Numbered once the catalog is locked.
        id: "0".parse().map_err(|e| wrong(format!("{e}")))?,
        lane: request.lane.clone(),
        title,
        severity,
        tags: request.tags.iter().map(|tag| one_line(tag)).collect(),
        status: Status::read("OPEN"),
        paths,
        depends_on: request.depends_on.clone(),
        blocks: Vec::new(),
        related: Vec::new(),
        pattern: None,
        problem: request.problem.trim().to_owned(),
        evidence: request.evidence.trim().to_owned(),
        fix: request.fix.trim().to_owned(),
        checks,
        file: String::new(),
    };
    Ok((entry, commands))
}

/// The number after the highest that the lane has, on the page or as a file, with as many digits.
fn next_id(catalog: &Catalog, lane: &LaneName) -> Result<IssueId, Error> {
    let ids = catalog.entries.keys().chain(catalog.page.rows.iter().map(|row| &row.id));
    let mut highest = 0;
    let mut digits = 2;
    for id in ids.filter(|id| lane_of(id).as_ref() == Some(lane)) {
        let end = id.as_str().rsplit('-').next().unwrap_or_default();
        if let Ok(number) = end.parse::<u64>() {
            highest = highest.max(number);
            digits = digits.max(end.len());
        }
    }
    format!("{lane}-{:0digits$}", highest + 1).parse().map_err(|e| {
        Error::usage(format!("{e}"), "git orch catalog add -h   # with a shorter lane name")
    })
}
