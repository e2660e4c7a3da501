//! What recurs over the finished issues, counted by the index.

use std::collections::BTreeMap;

use rusqlite::Row;

use super::index::Recall;
use crate::domain::time::Moment;
use crate::store::StoreError;

/// How many rows of each sort are told.
const MOST: u32 = 10;
/// How many issues are named for each.
const NAMED: usize = 6;

/// Something that happened in several issues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recurring {
    /// What, as it was in one of them.
    pub what: String,
    /// In how many issues.
    pub issues: u64,
    /// How often altogether.
    pub times: u64,
    /// The newest of these issues.
    pub named: Vec<String>,
    /// The newest state of the newest of them, which shows it.
    pub shown_by: String,
}

/// How long issues are in a phase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhaseTime {
    /// The phase.
    pub phase: String,
    /// In how many issues.
    pub issues: u64,
    /// Half of them were in it for no longer than this, in seconds.
    pub median: u64,
    /// All of them together, in seconds.
    pub total: u64,
    /// The issues that were in it longest.
    pub named: Vec<String>,
}

/// What the issues of a lane left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneSkips {
    /// The lane: what comes before the last hyphen of an id; empty for ids without one.
    pub lane: String,
    /// How many issues.
    pub issues: u64,
    /// How many tasks were dropped.
    pub dropped: u64,
    /// How many issues taught nothing.
    pub none: u64,
    /// How many were given up.
    pub abandoned: u64,
}

/// A finished issue, a line of `archive list`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Which.
    pub issue: String,
    /// One line.
    pub title: String,
    /// How it ended.
    pub ended: String,
    /// When.
    pub at: Moment,
    /// How many learnings it gave.
    pub learnings: u64,
    /// Why the record cannot be read, when it cannot.
    pub unreadable: Option<String>,
}

impl Recall {
    /// The same error in several issues.
    pub fn same_errors(&self) -> Result<Vec<Recurring>, StoreError> {
        self.recurring("red", "signature", "sample", "r.signature != ''")
    }

    /// The same file changed again after several issues had to go back.
    pub fn same_files(&self) -> Result<Vec<Recurring>, StoreError> {
        self.recurring("again", "path", "path", "1")
    }

    /// The same criterion red first in several issues.
    pub fn same_criteria(&self) -> Result<Vec<Recurring>, StoreError> {
        self.recurring("first_red", "lower(criterion)", "criterion", "1")
    }

    fn recurring(
        &self,
        table: &str,
        key: &str,
        sample: &str,
        only: &str,
    ) -> Result<Vec<Recurring>, StoreError> {
        let key = match key.strip_prefix("lower(") {
            Some(rest) => format!("lower(r.{rest}"),
            None => format!("r.{key}"),
        };
        let sql = format!(
            "SELECT max(r.{sample}), count(DISTINCT r.session) AS issues, count(*), {key} \
             FROM {table} r WHERE {only} GROUP BY {key} HAVING issues > 1 \
             ORDER BY issues DESC, count(*) DESC, {key} LIMIT {MOST}"
        );
        let names = format!(
            "SELECT DISTINCT s.issue, s.tip FROM {table} r JOIN session s ON s.id = r.session \
             WHERE {key} = ?1 ORDER BY s.at DESC, s.id DESC LIMIT {NAMED}"
        );
        let read = || -> rusqlite::Result<Vec<Recurring>> {
            let mut all = self.db.prepare(&sql)?;
            let mut issues = self.db.prepare(&names)?;
            let mut list = Vec::new();
            let mut rows = all.query([])?;
            while let Some(row) = rows.next()? {
                let key: String = row.get(3)?;
                let named: Vec<(String, String)> = issues
                    .query_map([&key], |row| Ok((row.get(0)?, row.get(1)?)))?
                    .collect::<rusqlite::Result<_>>()?;
                list.push(Recurring {
                    what: row.get(0)?,
                    issues: count(row, 1)?,
                    times: count(row, 2)?,
                    shown_by: named.first().map(|(_, tip)| tip.clone()).unwrap_or_default(),
                    named: named.into_iter().map(|(issue, _)| issue).collect(),
                });
            }
            Ok(list)
        };
        read().map_err(|e| self.wrong(&e))
    }

    /// How long issues are in each phase, that first which took longest altogether.
    pub fn phase_times(&self) -> Result<Vec<PhaseTime>, StoreError> {
        let read = || -> rusqlite::Result<Vec<PhaseTime>> {
            let mut all = self.db.prepare(
                "SELECT p.name, p.seconds, s.issue FROM phase p JOIN session s ON s.id = p.session \
                 ORDER BY p.name, p.seconds DESC",
            )?;
            let mut list: Vec<(PhaseTime, Vec<u64>)> = Vec::new();
            let mut rows = all.query([])?;
            while let Some(row) = rows.next()? {
                let (name, seconds, issue): (String, u64, String) =
                    (row.get(0)?, count(row, 1)?, row.get(2)?);
                if list.last().is_none_or(|(last, _)| last.phase != name) {
                    let (issues, median, total, named) = (0, 0, 0, Vec::new());
                    list.push((
                        PhaseTime { phase: name, issues, median, total, named },
                        Vec::new(),
                    ));
                }
                if let Some((phase, all)) = list.last_mut() {
                    phase.issues += 1;
                    phase.total += seconds;
                    all.push(seconds);
                    if phase.named.len() < 3 {
                        phase.named.push(issue);
                    }
                }
            }
            let mut phases: Vec<PhaseTime> = list
                .into_iter()
                .map(|(phase, all)| PhaseTime { median: all[all.len() / 2], ..phase })
                .collect();
            phases.sort_by_key(|phase| std::cmp::Reverse(phase.total));
            Ok(phases)
        };
        read().map_err(|e| self.wrong(&e))
    }

    /// What each lane's issues left out, that first which left out most for each issue.
    pub fn lane_skips(&self) -> Result<Vec<LaneSkips>, StoreError> {
        let read = || -> rusqlite::Result<Vec<LaneSkips>> {
            let mut all = self.db.prepare(
                "SELECT issue, dropped, none, ended LIKE 'abandoned%' FROM session \
                 WHERE unreadable IS NULL",
            )?;
            let mut lanes: BTreeMap<String, LaneSkips> = BTreeMap::new();
            let mut rows = all.query([])?;
            while let Some(row) = rows.next()? {
                let issue: String = row.get(0)?;
                let lane = issue.rsplit_once('-').map_or("", |(lane, _)| lane).to_owned();
                let skips = lanes.entry(lane.clone()).or_insert(LaneSkips {
                    lane,
                    issues: 0,
                    dropped: 0,
                    none: 0,
                    abandoned: 0,
                });
                skips.issues += 1;
                skips.dropped += count(row, 1)?;
                skips.none += count(row, 2)?;
                skips.abandoned += count(row, 3)?;
            }
            let mut list: Vec<LaneSkips> = lanes.into_values().collect();
            let share = |lane: &LaneSkips| {
                (lane.dropped + lane.none + lane.abandoned) * 1_000 / lane.issues.max(1)
            };
            list.sort_by_key(|lane| std::cmp::Reverse(share(lane)));
            Ok(list)
        };
        read().map_err(|e| self.wrong(&e))
    }

    /// Every finished issue, the one that ended last first.
    pub fn kept(&self) -> Result<Vec<Kept>, StoreError> {
        let sql = "SELECT s.issue, s.title, s.ended, s.at, s.unreadable, \
                   (SELECT count(*) FROM learning l WHERE l.issue = s.issue) \
                   FROM session s WHERE s.archived ORDER BY s.at DESC, s.id DESC";
        let read = || -> rusqlite::Result<Vec<Kept>> {
            let mut all = self.db.prepare(sql)?;
            let rows = all.query_map([], |row| {
                Ok(Kept {
                    issue: row.get(0)?,
                    title: row.get(1)?,
                    ended: row.get(2)?,
                    at: Moment::from_seconds(row.get(3)?),
                    unreadable: row.get(4)?,
                    learnings: count(row, 5)?,
                })
            })?;
            rows.collect()
        };
        read().map_err(|e| self.wrong(&e))
    }
}

fn count(row: &Row<'_>, at: usize) -> rusqlite::Result<u64> {
    Ok(u64::try_from(row.get::<_, i64>(at)?).unwrap_or(0))
}
