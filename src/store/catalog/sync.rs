//! Brings the page of a catalog up to what its issue files say.
//!
//! Three things are computed and nothing else is touched: the counts and shares in the summary
//! tables, the status of a row, and which table a row stands in. Every other byte stays where it
//! is; a page that is up to date comes back as it was.

use std::collections::BTreeMap;

use super::page::{self, Heading, Kind, above, is_for_resolved, kind, lane_in, lane_of};
use super::table::{self, Table, cells, said, with_cell};
use crate::domain::catalog::tally::{Tally, redrawn};
use crate::domain::catalog::{LaneName, Status};
use crate::domain::ids::IssueId;

/// What is to be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The status of each issue that has a file.
    pub statuses: BTreeMap<IssueId, Status>,
    /// The counts of each lane.
    pub lanes: BTreeMap<LaneName, Tally>,
}

/// A page that was brought up to date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Synced {
    /// The page.
    pub text: String,
    /// Issues whose row went to the resolved ones.
    pub resolved: Vec<IssueId>,
    /// Issues whose row came back from them.
    pub reopened: Vec<IssueId>,
    /// Issues whose row got another status.
    pub restated: Vec<IssueId>,
}

/// The counts over every issue, by lane: those with a file by what that says, those with a row
/// alone by their row.
pub fn facts(catalog: &super::Catalog) -> Facts {
    let mut facts = Facts::default();
    for entry in catalog.entries.values() {
        facts.statuses.insert(entry.id.clone(), entry.status.clone());
        facts.lanes.entry(entry.lane.clone()).or_default().add(entry.status.is_resolved());
    }
    for row in catalog.page.rows.iter().filter(|row| !catalog.entries.contains_key(&row.id)) {
        if let Some(lane) = &row.lane {
            facts.lanes.entry(lane.clone()).or_default().add(row.status.is_resolved());
        }
    }
    facts
}

/// The page `text`, brought up to `facts`.
pub fn sync(text: &str, facts: &Facts) -> Synced {
    let mut synced = Synced {
        text: text.to_owned(),
        resolved: Vec::new(),
        reopened: Vec::new(),
        restated: Vec::new(),
    };
    move_rows(&mut synced, facts);
    let lines: Vec<&str> = synced.text.split_inclusive('\n').collect();
    let mut changed: BTreeMap<usize, String> = BTreeMap::new();
    for table in table::tables(&lines) {
        match kind(&table) {
            Kind::Summary => summary(&lines, &table, facts, &mut changed),
            Kind::Lanes => by_lane(&lines, &table, facts, &mut changed),
            Kind::Issues | Kind::Other => {}
        }
    }
    synced.text = rebuilt(&lines, &changed, &BTreeMap::new(), &[]);
    synced
}

/// The lines with some replaced, some taken out, and texts put in before others.
fn rebuilt(
    lines: &[&str],
    changed: &BTreeMap<usize, String>,
    before: &BTreeMap<usize, String>,
    gone: &[usize],
) -> String {
    let mut text = String::new();
    for at in 0..=lines.len() {
        if let Some(added) = before.get(&at) {
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
            text.push_str(added);
        }
        if at < lines.len() && !gone.contains(&at) {
            text.push_str(changed.get(&at).map_or(lines[at], String::as_str));
        }
    }
    text
}

fn summary(lines: &[&str], table: &Table, facts: &Facts, changed: &mut BTreeMap<usize, String>) {
    let mut all = Tally::default();
    for tally in facts.lanes.values() {
        all.total += tally.total;
        all.resolved += tally.resolved;
    }
    if let Some(at) = table.rows.clone().next() {
        counted(lines, table, at, all, changed);
    }
}

fn by_lane(lines: &[&str], table: &Table, facts: &Facts, changed: &mut BTreeMap<usize, String>) {
    let mut shown = Vec::new();
    for at in table.rows.clone() {
        let Some(first) = cells(lines[at]).first().map(|cell| said(lines[at], cell)) else {
            continue;
        };
        let name = first.trim_matches(['*', '`']);
        let name = name.strip_prefix("Lane ").unwrap_or(name);
        let Ok(lane) = name.parse::<LaneName>() else { continue };
        let tally = facts.lanes.get(&lane).copied().unwrap_or_default();
        counted(lines, table, at, tally, changed);
        shown.push(lane);
    }
    // A lane that has issues and no row gets one, in the form of the last.
    let Some(last) = table.rows.clone().last() else { return };
    let model = changed.get(&last).map_or(lines[last], String::as_str).to_owned();
    let mut added = String::new();
    for (lane, tally) in facts.lanes.iter().filter(|(lane, _)| !shown.contains(lane)) {
        let ended = if model.ends_with('\n') { model.clone() } else { format!("{model}\n") };
        let Some(first) = cells(&ended).first().cloned() else { return };
        let row = with_cell(&ended, &first, lane.as_str());
        let mut one = BTreeMap::new();
        counted(&[row.as_str()], table, 0, *tally, &mut one);
        added.push_str(one.get(&0).unwrap_or(&row));
    }
    if !added.is_empty() {
        let model = if model.ends_with('\n') { model } else { format!("{model}\n") };
        changed.insert(last, format!("{model}{added}"));
    }
}

/// Sets the counts and shares in one row.
fn counted(
    lines: &[&str],
    table: &Table,
    at: usize,
    tally: Tally,
    changed: &mut BTreeMap<usize, String>,
) {
    let mut line = lines[at].to_owned();
    for (column, head) in table.heads.iter().enumerate() {
        let Some(cell) = cells(&line).get(column).cloned() else { continue };
        let found = said(&line, &cell);
        let count = match head.to_ascii_lowercase().as_str() {
            "total" => Some(tally.total),
            "resolved" => Some(tally.resolved),
            "open" => Some(tally.open()),
            _ => None,
        };
        let content = match count {
            Some(count) => numbered(&found, count),
            None if is_share(head) => redrawn(&found, tally),
            None => None,
        };
        if let Some(content) = content.filter(|content| *content != found) {
            line = with_cell(&line, &cell, &content);
        }
    }
    if line != lines[at] {
        changed.insert(at, line);
    }
}

fn is_share(head: &str) -> bool {
    ["%", "progress", "done", "resolution", "complete"]
        .iter()
        .any(|name| head.eq_ignore_ascii_case(name))
}

/// The number in a cell replaced, with what surrounds it (`**5**`) kept; a cell without a number
/// gets one when it is empty or a dash.
fn numbered(found: &str, count: usize) -> Option<String> {
    if found.is_empty() || found == "-" {
        return Some(count.to_string());
    }
    let start = found.find(|c: char| c.is_ascii_digit())?;
    let end = found[start..].find(|c: char| !c.is_ascii_digit()).map_or(found.len(), |n| start + n);
    Some(format!("{}{count}{}", &found[..start], &found[end..]))
}

/// A row that has to leave its table.
struct Moving {
    at: usize,
    id: IssueId,
    lane: Option<LaneName>,
    heads: Vec<String>,
    table: usize,
}

/// Sets the status of each row, and moves rows between the open and the resolved tables.
fn move_rows(synced: &mut Synced, facts: &Facts) {
    let text = synced.text.clone();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let headings = page::headings(&lines);
    let tables: Vec<Table> =
        table::tables(&lines).into_iter().filter(|t| kind(t) == Kind::Issues).collect();
    let mut changed = BTreeMap::new();
    let (mut done, mut back) = (Vec::new(), Vec::new());
    for (index, table) in tables.iter().enumerate() {
        let above = above(&headings, table.first);
        let closed = is_for_resolved(&above);
        let lane = above.iter().find_map(|h| lane_in(&h.text)).map(|(name, _)| name);
        for at in table.rows.clone() {
            let Some(id) = id_of(lines[at]) else { continue };
            let Some(status) = facts.statuses.get(&id) else { continue };
            if let Some(line) = restated(lines[at], table, status) {
                changed.insert(at, line);
                synced.restated.push(id.clone());
            }
            let lane = lane.clone().or_else(|| lane_of(&id));
            let moving = Moving { at, id, lane, heads: table.heads.clone(), table: index };
            match (closed, status.is_resolved()) {
                (false, true) => done.push(moving),
                (true, false) => back.push(moving),
                _ => {}
            }
        }
    }
    let place = Places { lines: &lines, headings: &headings, tables: &tables };
    let mut before: BTreeMap<usize, String> = BTreeMap::new();
    let mut gone = Vec::new();
    let row = |moving: &Moving| {
        let line = changed.get(&moving.at).map_or(lines[moving.at], String::as_str);
        if line.ends_with('\n') { line.to_owned() } else { format!("{line}\n") }
    };
    for moving in &back {
        let Some(target) = place.open_table(moving.lane.as_ref()) else { continue };
        let line = fitted(&row(moving), &moving.heads, &tables[target].heads);
        before.entry(tables[target].rows.end).or_default().push_str(&line);
        gone.push(moving.at);
        synced.reopened.push(moving.id.clone());
    }
    if let Some(target) = place.resolved_table() {
        for moving in &done {
            let line = fitted(&row(moving), &moving.heads, &tables[target].heads);
            before.entry(tables[target].rows.end).or_default().push_str(&line);
        }
    } else if let Some(first) = done.first() {
        let rows: String = done.iter().map(|m| fitted(&row(m), &m.heads, &first.heads)).collect();
        let (at, section) = place.new_section(first.table, &rows);
        before.entry(at).or_default().push_str(&section);
    }
    gone.extend(done.iter().map(|moving| moving.at));
    synced.resolved.extend(done.into_iter().map(|moving| moving.id));
    synced.text = rebuilt(&lines, &changed, &before, &gone);
}

fn id_of(line: &str) -> Option<IssueId> {
    let text = said(line, cells(line).first()?);
    text.trim_start_matches(['[', '*', '`']).split([']', '*', '`']).next()?.parse().ok()
}

/// The row with another status; `None` when what it says means the same.
fn restated(line: &str, table: &Table, status: &Status) -> Option<String> {
    let column = table.column(&["Status", "State"])?;
    let cell = cells(line).get(column)?.clone();
    let found = Status::read(&said(line, &cell));
    (found.standing != status.standing).then(|| with_cell(line, &cell, &status.word))
}

/// A row of a table with other columns: by the names of the headings, a dash where there is none.
fn fitted(line: &str, from: &[String], to: &[String]) -> String {
    if from == to {
        return line.to_owned();
    }
    let cells = cells(line);
    let content = |head: &String| {
        let column = from.iter().position(|own| own.eq_ignore_ascii_case(head));
        let cell = column.and_then(|column| cells.get(column));
        cell.map_or("-", |cell| line[cell.clone()].trim())
    };
    let all: Vec<&str> = to.iter().map(content).collect();
    format!("| {} |\n", all.join(" | "))
}

/// Where rows can go.
struct Places<'a> {
    lines: &'a [&'a str],
    headings: &'a [Heading],
    tables: &'a [Table],
}

impl Places<'_> {
    fn resolved_table(&self) -> Option<usize> {
        self.tables.iter().position(|t| is_for_resolved(&above(self.headings, t.first)))
    }

    /// The table of open issues of this lane.
    fn open_table(&self, lane: Option<&LaneName>) -> Option<usize> {
        self.tables.iter().position(|t| {
            let above = above(self.headings, t.first);
            let here = above.iter().find_map(|h| lane_in(&h.text)).map(|(name, _)| name);
            !is_for_resolved(&above) && here.as_ref() == lane
        })
    }

    /// A section for resolved issues, and the line it goes before: where the section of the open
    /// ones ends.
    fn new_section(&self, table: usize, rows: &str) -> (usize, String) {
        let table = &self.tables[table];
        let top = above(self.headings, table.first).into_iter().rfind(|h| h.level > 1);
        let level = top.map_or(2, |h| h.level);
        let from = top.map_or(table.rows.end, |h| h.at + 1);
        let next = self.headings.iter().find(|h| h.at >= from && h.level <= level);
        let mut at = next.map_or(self.lines.len(), |h| h.at);
        // A rule above the next heading belongs to that one.
        while at > table.rows.end && matches!(self.lines[at - 1].trim(), "" | "---" | "***") {
            at -= 1;
        }
        let ending = if self.lines[table.first].ends_with("\r\n") { "\r\n" } else { "\n" };
        let head = self.lines[table.first].trim_end();
        let rule = self.lines[table.first + 1].trim_end();
        let marks = "#".repeat(level);
        let section = format!(
            "{ending}{marks} Resolved Issues{ending}{ending}{head}{ending}{rule}{ending}{rows}"
        );
        (at, section)
    }
}

#[cfg(test)]
mod tests;
