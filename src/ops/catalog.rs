//! `catalog`: the issues that wait in lanes, listed, checked and kept in step with their files.
//!
//! Works on the files of the work tree around us; what runs unattended reads the protected branch
//! instead (see [`from_commit`]).

pub mod add;
pub mod verify;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::{Narrator, record};
use crate::context::Context;
use crate::domain::catalog::{Complaint, LaneName, Severity, Standing, Status};
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::lane;
use crate::domain::tidy::quoted;
use crate::error::Error;
use crate::git::open::real;
use crate::store::StoreError;
use crate::store::atomic::Folder;
use crate::store::catalog::sync::{self, Synced};
use crate::store::catalog::{self, Catalog, Source, page::lane_of};

/// The page of a catalog when none is named, from the top of the work tree.
pub const DEFAULT: &str = ".orchestration/catalog.md";

/// Where a catalog is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The folder of the page, absolute.
    pub folder: PathBuf,
    /// The name of the page.
    pub name: String,
    /// The folder from the top of the work tree, with `/`, when it lies within.
    pub within: Option<String>,
}

impl Place {
    /// The page.
    pub fn page(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    /// A file of the catalog as seen from the top of the work tree.
    pub fn from_top(&self, file: &str) -> String {
        match self.within.as_deref() {
            Some("") => file.to_owned(),
            Some(folder) => format!("{folder}/{file}"),
            None => self.folder.join(file).display().to_string(),
        }
    }
}

/// The place of the catalog that `given` names, or of the usual one.
pub fn place(ctx: &Context, given: Option<&Path>) -> Result<Place, Error> {
    let top = ctx.repo.worktree.as_deref();
    let page = match (given, top) {
        (Some(path), _) => ctx.around.folder.join(path),
        (None, Some(top)) => top.join(DEFAULT),
        (None, None) => {
            return Err(Error::usage(
                "there is no work tree here, so no catalog either",
                "git orch catalog list --catalog FILE",
            ));
        }
    };
    let missing = || Error::usage(format!("{} is no file", page.display()), "git orch catalog -h");
    let name = page.file_name().and_then(|name| name.to_str()).ok_or_else(missing)?.to_owned();
    let folder = real(page.parent().ok_or_else(missing)?);
    let within = top.and_then(|top| folder.strip_prefix(top).ok()).map(|path| {
        path.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
    });
    Ok(Place { folder, name, within })
}

/// Reads the catalog of the work tree.
pub fn read(place: &Place) -> Result<Catalog, Error> {
    catalog::read(&Source::Folder(place.folder.clone()), &place.name)?.ok_or_else(|| missing(place))
}

/// Reads the catalog as a commit has it.
pub fn from_commit(ctx: &Context, place: &Place, commit: &CommitId) -> Result<Catalog, Error> {
    let folder = place.within.clone().ok_or_else(|| {
        Error::usage(
            format!("{} lies outside this repository", place.page().display()),
            "git orch lanes -h",
        )
    })?;
    let source = Source::Commit(&ctx.repo, commit.clone(), folder);
    catalog::read(&source, &place.name)?.ok_or_else(|| {
        let page = place.from_top(&place.name);
        Error::usage(
            format!("{page} is not in commit {}", commit.short()),
            format!("git add {} && git commit", quoted(&page)),
        )
    })
}

fn missing(place: &Place) -> Error {
    Error::usage(
        format!("there is no catalog at {}", place.page().display()),
        "git orch catalog add --lane E --title 'what is wrong' --verify 'command'",
    )
}

/// An issue as it is listed: what its file says, or its row where it has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The issue.
    pub id: IssueId,
    /// Its lane.
    pub lane: Option<LaneName>,
    /// One line.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// What kind of thing it is.
    pub tags: Vec<String>,
    /// Where it stands.
    pub status: Status,
    /// Its file, relative to the folder of the catalog.
    pub file: Option<String>,
    /// Issues that must be resolved first.
    pub depends_on: Vec<IssueId>,
}

/// Every issue of a catalog, oldest first: in the order of the page, then those without a row by
/// their number.
pub fn listed(catalog: &Catalog) -> Vec<Listed> {
    let mut list = Vec::new();
    let mut seen = BTreeSet::new();
    for row in &catalog.page.rows {
        seen.insert(&row.id);
        list.push(match catalog.entries.get(&row.id) {
            Some(entry) => of_entry(entry),
            None => Listed {
                id: row.id.clone(),
                lane: row.lane.clone(),
                title: row.title.clone(),
                severity: row.severity,
                tags: row.tags.clone(),
                status: row.status.clone(),
                file: None,
                depends_on: Vec::new(),
            },
        });
    }
    let mut rest: Vec<Listed> =
        catalog.entries.values().filter(|entry| !seen.contains(&entry.id)).map(of_entry).collect();
    rest.sort_by_key(|one| (one.lane.clone(), number(&one.id)));
    list.extend(rest);
    list
}

fn of_entry(entry: &crate::domain::catalog::Entry) -> Listed {
    Listed {
        id: entry.id.clone(),
        lane: Some(entry.lane.clone()),
        title: entry.title.clone(),
        severity: entry.severity,
        tags: entry.tags.clone(),
        status: entry.status.clone(),
        file: Some(entry.file.clone()),
        depends_on: entry.depends_on.clone(),
    }
}

/// The number at the end of an id such as `E-01`.
fn number(id: &IssueId) -> u64 {
    id.as_str().rsplit('-').next().and_then(|digits| digits.parse().ok()).unwrap_or(u64::MAX)
}

/// Everything about a catalog that is not as it should be, in the order of files and lines.
pub fn check(place: &Place) -> Result<(Catalog, Vec<Complaint>), Error> {
    let catalog = read(place)?;
    let mut all = catalog.complaints.clone();
    rows(&catalog, &place.name, &mut all);
    files(&catalog, &mut all);
    let synced = sync::sync(&catalog.text, &sync::facts(&catalog));
    let moving = [&synced.resolved, &synced.reopened].into_iter().flatten();
    for id in moving {
        let line = catalog.page.rows.iter().find(|row| row.id == *id).map_or(0, |row| row.line);
        let what =
            format!("the row of issue {id} stands in the wrong table (catalog sync moves it)");
        all.push(Complaint::odd(&place.name, line, what));
    }
    let counts_differ = synced.text != catalog.text
        && synced.resolved.is_empty()
        && synced.reopened.is_empty()
        && synced.restated.is_empty();
    if counts_differ {
        let what = "its counts are out of date (catalog sync recomputes them)";
        all.push(Complaint::odd(&place.name, 0, what));
    }
    all.sort_by(|a, b| {
        (a.file != place.name, &a.file, a.line).cmp(&(b.file != place.name, &b.file, b.line))
    });
    Ok((catalog, all))
}

/// Rows against the files they speak of.
fn rows(catalog: &Catalog, page: &str, all: &mut Vec<Complaint>) {
    for row in &catalog.page.rows {
        let Some(entry) = catalog.entries.get(&row.id) else {
            let folder = row.lane.as_ref().map_or("?", LaneName::as_str);
            let file = format!("issues/{folder}/{}.md", row.id);
            // A file that cannot be read has complaints of its own.
            if !catalog.files.contains(&file) {
                let what = format!("issue {} has no file {file}", row.id);
                all.push(Complaint::wrong(page, row.line, what));
            }
            continue;
        };
        let known = row.status.standing != Standing::Unknown;
        if known && row.status.standing != entry.status.standing {
            let what = format!(
                "issue {} is {} here and {} in its file (catalog sync sets it)",
                row.id, row.status.word, entry.status.word
            );
            all.push(Complaint::odd(page, row.line, what));
        }
        let both = row.severity.score.is_some() && entry.severity.score.is_some();
        if both && row.severity.score != entry.severity.score {
            let what = format!(
                "issue {} has severity {} here and {} in its file",
                row.id, row.severity, entry.severity
            );
            all.push(Complaint::odd(page, row.line, what));
        }
    }
}

/// Files against each other and against the page.
fn files(catalog: &Catalog, all: &mut Vec<Complaint>) {
    let rows: BTreeSet<&IssueId> = catalog.page.rows.iter().map(|row| &row.id).collect();
    let known = |id: &IssueId| catalog.entries.contains_key(id) || rows.contains(id);
    let mut waits_for: BTreeMap<IssueId, Vec<IssueId>> = BTreeMap::new();
    for entry in catalog.entries.values() {
        if !rows.contains(&entry.id) && !entry.status.is_resolved() {
            let what = format!("open issue {} stands in no table of the page", entry.id);
            all.push(Complaint::odd(&entry.file, 0, what));
        }
        if lane_of(&entry.id).is_some_and(|lane| lane != entry.lane) {
            let what = format!("issue {} says it is of lane {}", entry.id, entry.lane);
            all.push(Complaint::odd(&entry.file, 0, what));
        }
        for (field, ids) in [
            ("depends_on", &entry.depends_on),
            ("blocks", &entry.blocks),
            ("related", &entry.related),
        ] {
            for id in ids.iter().filter(|id| !known(id)) {
                let what = format!("{field} names {id}, and there is no such issue");
                let grave = field == "depends_on";
                all.push(Complaint { grave, ..Complaint::wrong(&entry.file, 0, what) });
            }
        }
        if !entry.depends_on.is_empty() {
            waits_for.insert(entry.id.clone(), entry.depends_on.clone());
        }
    }
    for circle in lane::cycles(&waits_for) {
        let names: Vec<&str> = circle.iter().map(IssueId::as_str).collect();
        let what = format!("these issues wait for each other: {}", names.join(", "));
        let file = circle.first().and_then(|id| catalog.entries.get(id)).map(|e| e.file.as_str());
        all.push(Complaint::wrong(file.unwrap_or_default(), 0, what));
    }
}

/// Brings the page up to what the files say. Returns what changed.
pub fn sync(
    ctx: &Context,
    place: &Place,
    narrator: &mut dyn Narrator,
) -> Result<Option<Synced>, Error> {
    let _lock = record::lock_repository(ctx, narrator)?;
    let catalog = read(place)?;
    let synced = sync::sync(&catalog.text, &sync::facts(&catalog));
    let changed = write_page(place, &synced.text)?;
    Ok(changed.then_some(synced))
}

/// Writes the page when it is to say something else. Returns whether it was.
fn write_page(place: &Place, text: &str) -> Result<bool, StoreError> {
    let folder = Folder::create(&place.folder, "")?;
    if folder.read(&place.name)?.as_deref() == Some(text.as_bytes()) {
        return Ok(false);
    }
    folder.write(&place.name, text.as_bytes())
}
