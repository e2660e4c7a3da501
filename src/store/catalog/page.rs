//! What the page of a catalog says: its lanes, and a row for each issue.

use std::collections::BTreeMap;
use std::ops::Range;

use super::table::{self, Fences, Table};
use crate::domain::catalog::{Complaint, LaneName, Severity, Standing, Status};
use crate::domain::ids::IssueId;

/// A page that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// A row for each issue, in the order of the page; the first of several for the same issue.
    pub rows: Vec<Row>,
    /// The lanes that the page speaks of, in its order.
    pub lanes: Vec<LaneWords>,
}

/// What the page says of a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneWords {
    /// Its name.
    pub name: LaneName,
    /// The rest of its heading.
    pub title: String,
    /// Its description.
    pub description: String,
}

/// An issue in a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its id.
    pub id: IssueId,
    /// Its lane, by the heading above the table or by its id.
    pub lane: Option<LaneName>,
    /// One line.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// What kind of thing it is.
    pub tags: Vec<String>,
    /// Where it stands.
    pub status: Status,
    /// Its line, from 1.
    pub line: usize,
}

/// What a table is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The counts over all lanes.
    Summary,
    /// The counts by lane.
    Lanes,
    /// The issues of a lane, or of several.
    Issues,
    /// Something else.
    Other,
}

/// What a table is for, by its headings.
pub fn kind(table: &Table) -> Kind {
    let has = |name: &str| table.column(&[name]).is_some();
    let counts = has("Total") && (has("Resolved") || has("Open"));
    let first = table.heads.first().map_or("", String::as_str);
    if first.eq_ignore_ascii_case("ID") || first.eq_ignore_ascii_case("Issue") {
        Kind::Issues
    } else if first.eq_ignore_ascii_case("Lane") && counts {
        Kind::Lanes
    } else if counts {
        Kind::Summary
    } else {
        Kind::Other
    }
}

/// A heading of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// Index of its line.
    pub at: usize,
    /// How many `#` it has.
    pub level: usize,
    /// Its words.
    pub text: String,
}

/// The headings of a page, given its lines.
pub fn headings(lines: &[&str]) -> Vec<Heading> {
    let mut fences = Fences::default();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if fences.holds(line) {
            continue;
        }
        let level = line.bytes().take_while(|b| *b == b'#').count();
        if (1..=6).contains(&level)
            && let Some(text) = line[level..].strip_prefix([' ', '\t'])
        {
            let text = text.trim().trim_end_matches('#').trim_end().to_owned();
            found.push(Heading { at, level, text });
        }
    }
    found
}

/// The lane that a heading names: `Lane E - Customer Services`, with what follows the name.
/// `Lane Descriptions` names none: without anything behind it, a name is written in capitals.
pub fn lane_in(text: &str) -> Option<(LaneName, String)> {
    let at = text.to_ascii_lowercase().find("lane ")?;
    let rest = text[at + 5..].trim_start();
    let bytes = rest.as_bytes();
    let belongs = |at: usize| match bytes[at] {
        b'-' => bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric),
        byte => byte.is_ascii_alphanumeric() || byte == b'_',
    };
    let end = (0..bytes.len()).find(|at| !belongs(*at)).unwrap_or(bytes.len());
    let (name, after) = rest.split_at(end);
    let named = after.trim_start().starts_with(['-', '–', '—', ':', '*', ']']);
    let capitals = after.trim().is_empty() && !name.bytes().any(|b| b.is_ascii_lowercase());
    if !named && !capitals {
        return None;
    }
    let title = after.trim_start_matches([' ', '-', '–', '—', ':', '*', ']']).trim();
    Some((name.parse().ok()?, title.to_owned()))
}

/// The lane in an id such as `E-01`: what comes before the last hyphen.
pub fn lane_of(id: &IssueId) -> Option<LaneName> {
    id.as_str().rsplit_once('-').and_then(|(lane, _)| lane.parse().ok())
}

/// The headings above line `at`, innermost first, one of each level.
pub fn above(headings: &[Heading], at: usize) -> Vec<&Heading> {
    let mut level = usize::MAX;
    let mut found = Vec::new();
    for heading in headings.iter().rev().filter(|h| h.at < at) {
        if heading.level < level {
            level = heading.level;
            found.push(heading);
        }
    }
    found
}

/// Whether a table under these headings is for what is done.
pub fn is_for_resolved(above: &[&Heading]) -> bool {
    above.iter().any(|h| {
        let text = h.text.to_ascii_lowercase();
        let done = ["resolved", "closed", "completed", "archive"];
        done.iter().any(|word| text.contains(word)) && !text.contains("unresolved")
    })
}

/// Reads a page called `name`; what is malformed is added to `complaints`.
pub fn read(text: &str, name: &str, complaints: &mut Vec<Complaint>) -> Page {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let headings = headings(&lines);
    let mut page = Page { rows: Vec::new(), lanes: lanes(&lines, &headings) };
    let mut seen: BTreeMap<IssueId, usize> = BTreeMap::new();
    let tables = table::tables(&lines);
    for table in tables.iter().filter(|table| kind(table) == Kind::Issues) {
        let above = above(&headings, table.first);
        let lane = above.iter().find_map(|h| lane_in(&h.text)).map(|(name, _)| name);
        for at in table.rows.clone() {
            let mut reader = RowReader { line: lines[at], at, name, table, complaints };
            let Some(row) = reader.row(lane.as_ref()) else { continue };
            if let Some(first) = seen.get(&row.id) {
                let what = format!("issue {} stands in line {first} already", row.id);
                complaints.push(Complaint::wrong(name, at + 1, what));
            } else {
                seen.insert(row.id.clone(), at + 1);
                page.rows.push(row);
            }
        }
    }
    stray_rows(&lines, &tables, name, complaints);
    page
}

/// Rows of issues that belong to no table: one that lacks its headings, or was broken in two.
fn stray_rows(lines: &[&str], tables: &[Table], name: &str, complaints: &mut Vec<Complaint>) {
    let mut fences = Fences::default();
    for (at, line) in lines.iter().enumerate() {
        if fences.holds(line) || tables.iter().any(|t| (t.first..t.rows.end).contains(&at)) {
            continue;
        }
        let cells = table::cells(line);
        let Some(first) = cells.first().map(|cell| table::said(line, cell)) else { continue };
        let is_id = first.contains('-') && first.parse::<IssueId>().is_ok();
        if is_id && first.bytes().any(|b| b.is_ascii_digit()) && cells.len() > 2 {
            let what = format!("the row of issue {first} belongs to no table");
            complaints.push(Complaint::wrong(name, at + 1, what));
        }
    }
}

struct RowReader<'a> {
    line: &'a str,
    at: usize,
    name: &'a str,
    table: &'a Table,
    complaints: &'a mut Vec<Complaint>,
}

impl RowReader<'_> {
    fn row(&mut self, lane: Option<&LaneName>) -> Option<Row> {
        let cells = table::cells(self.line);
        let text = |reader: &Self, names: &[&str]| {
            let cell: Option<&Range<usize>> = reader.table.column(names).and_then(|n| cells.get(n));
            cell.map(|cell| table::said(reader.line, cell)).unwrap_or_default()
        };
        let whole = cells.len() == self.table.heads.len();
        if !whole {
            self.wrong(format!(
                "the row has {} cells, the table {} columns (a | within a cell is written \\|)",
                cells.len(),
                self.table.heads.len()
            ));
        }
        let id = text(self, &["ID", "Issue"]);
        // A link to the file, or emphasis, around the id.
        let bare = id.trim_start_matches(['[', '*', '`']);
        let bare = bare.split([']', '*', '`']).next().unwrap_or_default();
        let id: IssueId = match bare.parse() {
            Ok(id) => id,
            Err(e) => {
                self.wrong(format!("{e}"));
                return None;
            }
        };
        // Behind a bar too many or too few no cell is what its column says.
        let (severity, status) = if whole {
            (
                self.severity(&text(self, &["Severity", "Priority"])),
                self.status(&text(self, &["Status", "State"]), &id),
            )
        } else {
            (Severity::default(), Status::read("?"))
        };
        let own = lane_of(&id);
        if let (Some(lane), Some(own)) = (lane, &own)
            && lane != own
            && !lane.as_str().eq_ignore_ascii_case(own.as_str())
        {
            self.odd(format!("issue {id} stands among those of lane {lane}"));
        }
        let tags = text(self, &["Type Tags", "Tags", "Type"]);
        Some(Row {
            lane: lane.cloned().or(own),
            title: text(self, &["Title", "Summary", "Description"]),
            tags: tags.split(',').map(|t| t.trim().to_owned()).filter(|t| !t.is_empty()).collect(),
            severity,
            status,
            line: self.at + 1,
            id,
        })
    }

    fn severity(&mut self, text: &str) -> Severity {
        if text.is_empty() || text == "-" || self.table.column(&["Severity", "Priority"]).is_none()
        {
            return Severity::default();
        }
        Severity::read(text).unwrap_or_else(|| {
            self.wrong(format!("{text:?} is no severity such as 7/10 HIGH"));
            Severity::default()
        })
    }

    fn status(&mut self, text: &str, id: &IssueId) -> Status {
        let status = Status::read(if text.is_empty() { "OPEN" } else { text });
        if self.table.column(&["Status", "State"]).is_some() {
            if text.is_empty() {
                self.wrong(format!("issue {id} has no status"));
            } else if status.standing == Standing::Unknown {
                self.wrong(format!("{text:?} is no status such as OPEN or RESOLVED"));
            }
        }
        status
    }

    fn wrong(&mut self, what: String) {
        self.complaints.push(Complaint::wrong(self.name, self.at + 1, what));
    }

    fn odd(&mut self, what: String) {
        self.complaints.push(Complaint::odd(self.name, self.at + 1, what));
    }
}

/// The lanes by the headings of their tables and by the list of descriptions.
fn lanes(lines: &[&str], headings: &[Heading]) -> Vec<LaneWords> {
    let mut lanes: Vec<LaneWords> = Vec::new();
    let mut put = |name: LaneName, title: &str, description: &str| {
        let known = lanes.iter().position(|lane| lane.name == name);
        let at = known.unwrap_or_else(|| {
            lanes.push(LaneWords { name, title: String::new(), description: String::new() });
            lanes.len() - 1
        });
        let lane = &mut lanes[at];
        if lane.title.is_empty() {
            title.clone_into(&mut lane.title);
        }
        if lane.description.is_empty() {
            description.clone_into(&mut lane.description);
        }
    };
    for heading in headings.iter().filter(|h| h.text.to_ascii_lowercase().starts_with("lane ")) {
        if let Some((name, title)) = lane_in(&heading.text)
            && !title.eq_ignore_ascii_case("status")
        {
            put(name, &title, "");
        }
    }
    let mut fences = Fences::default();
    for line in lines {
        if fences.holds(line) {
            continue;
        }
        let item = line.trim_start();
        if let Some(item) =
            item.strip_prefix("- **Lane ").or_else(|| item.strip_prefix("* **Lane "))
            && let Some((name, description)) = lane_in(&format!("Lane {}", item.trim_end()))
        {
            put(name, "", &description);
        }
    }
    lanes
}
