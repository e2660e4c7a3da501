//! What the index is asked.

use std::collections::BTreeSet;

use rusqlite::{Row, params, params_from_iter};

use super::index::Recall;
use super::schema::{self, WEIGHTS};
use crate::domain::ids::IssueId;
use crate::domain::learning::standing::{Standing, Tally};
use crate::domain::learning::{Kind, Learning};
use crate::domain::time::Moment;
use crate::store::{StoreError, xml};

/// How many hits of the full-text search are weighed.
const CANDIDATES: usize = 80;
/// How many of the best by their words are looked at first: what is put aside is among them.
const FIRST: i64 = 240;
/// How many words of a question are looked at; a specification has hundreds, of which the long ones
/// tell most.
const WORDS: usize = 60;
/// From how many documents on only the rare words of a question are asked for.
const MANY: u64 = 2_000;
/// How many of them.
const RAREST: usize = 12;
/// A word that stands in one of so many documents tells little and costs most.
const COMMON: u64 = 10;

/// What is wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Words, any of them.
    pub words: Vec<String>,
    /// Only of these kinds; all when empty.
    pub kinds: Vec<Kind>,
    /// Only those that are told to others.
    pub reviewed: bool,
    /// Also what was retired or rejected.
    pub put_aside: bool,
}

/// A learning that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Whose it is.
    pub issue: IssueId,
    /// The learning.
    pub learning: Learning,
    /// Where it stands, its expiry and anchor not looked at.
    pub tally: Tally,
    /// Whether the work of its issue has landed.
    pub landed: bool,
    /// How well its words fit, above 0, larger is better.
    pub relevance: f64,
}

/// A finished issue that was found.
#[derive(Clone, Debug)]
pub struct FoundSession {
    /// Which.
    pub issue: String,
    /// One line.
    pub title: String,
    /// What was to be reached.
    pub goal: String,
    /// How it ended.
    pub ended: String,
    /// When.
    pub at: Moment,
    /// How well its words fit, above 0, larger is better.
    pub relevance: f64,
}

/// How much there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Issues.
    pub sessions: u64,
    /// Of these, without a learning.
    pub none: u64,
    /// Learnings.
    pub learnings: u64,
    /// Records that could not be read.
    pub unreadable: u64,
}

const COLUMNS: &str = "l.document, l.standing, l.confirmed, l.disputed, l.why, l.landed, l.issue";

impl Recall {
    /// Learnings in which some of the wanted words stand, the best first.
    pub fn learnings(&self, wanted: &Wanted) -> Result<Vec<Found>, StoreError> {
        let all = self.counts()?.learnings;
        let Some(question) = self.question("words", &wanted.words, all)? else {
            return Ok(Vec::new());
        };
        if wanted.reviewed || !wanted.kinds.is_empty() {
            return self.few(&question, wanted);
        }
        // The best are told apart by the search alone, before anything else of them is read.
        let sql = format!(
            "SELECT {COLUMNS}, -best.rank FROM (SELECT rowid AS id, rank FROM words \
             WHERE words MATCH ?1 ORDER BY rank LIMIT ?2) best JOIN learning l ON l.id = best.id \
             WHERE 1 {} ORDER BY best.rank LIMIT {CANDIDATES}",
            limits(wanted)
        );
        let found = self.found(&sql, params![question, FIRST])?;
        if found.len() == CANDIDATES {
            return Ok(found);
        }
        self.found(&sql, params![question, -1])
    }

    /// The best of a small part of all learnings: which those are is known before any is ranked.
    fn few(&self, question: &str, wanted: &Wanted) -> Result<Vec<Found>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS}, -best.fit FROM (SELECT rowid AS id, bm25(words, {WEIGHTS}) AS fit \
             FROM words WHERE words MATCH ?1 AND +rowid IN (SELECT l.id FROM learning l WHERE 1 {}) \
             ORDER BY fit LIMIT {CANDIDATES}) best JOIN learning l ON l.id = best.id \
             ORDER BY best.fit",
            limits(wanted)
        );
        self.found(&sql, params![question])
    }

    /// Learnings that speak of one of the `paths`, of a folder above it, or by a glob.
    pub fn about_paths(&self, paths: &[String], wanted: &Wanted) -> Result<Vec<Found>, StoreError> {
        if paths.is_empty() {
            return Ok(Vec::new());
        }
        let mut places: BTreeSet<&str> = BTreeSet::new();
        for path in paths {
            let mut place = path.trim_end_matches('/');
            while !place.is_empty() {
                places.insert(place);
                place = place.rsplit_once('/').map_or("", |(above, _)| above);
            }
        }
        let places: Vec<&str> = places.into_iter().take(2_000).collect();
        let marks = vec!["?"; places.len()].join(",");
        let sql = format!(
            "SELECT DISTINCT {COLUMNS}, 1.0 FROM path p JOIN learning l ON l.id = p.learning \
             WHERE p.path IN ({marks}) {} LIMIT 400",
            limits(wanted)
        );
        let mut found = self.found(&sql, params_from_iter(places))?;
        let sql = format!(
            "SELECT DISTINCT {COLUMNS}, 1.0 FROM path p JOIN learning l ON l.id = p.learning \
             WHERE p.glob {}",
            limits(wanted)
        );
        let by_glob = self.found(&sql, params![])?;
        found.extend(by_glob.into_iter().filter(|one| one.learning.covers(paths)));
        Ok(found)
    }

    /// Learnings whose error text has one of these signatures in it, or stands in one.
    pub fn of_error(
        &self,
        signatures: &[String],
        wanted: &Wanted,
    ) -> Result<Vec<Found>, StoreError> {
        let sql =
            format!("SELECT {COLUMNS}, 1.0 FROM learning l WHERE l.id = ?1 {}", limits(wanted));
        let mut found = Vec::new();
        for (id, length) in self.signed(signatures).map_err(|e| self.wrong(&e))? {
            for mut one in self.found(&sql, params![id])? {
                // The more of the text is explained, the better.
                one.relevance = f64::from(u32::try_from(length).unwrap_or(u32::MAX));
                found.push(one);
            }
        }
        Ok(found)
    }

    /// The learnings whose signature is in one of these, or one of these in it, with its length; told
    /// by an index that holds nothing but signatures.
    fn signed(&self, signatures: &[String]) -> rusqlite::Result<Vec<(i64, usize)>> {
        let mut all =
            self.db.prepare("SELECT id, signature FROM learning WHERE signature != ''")?;
        let mut rows = all.query([])?;
        let mut list = Vec::new();
        while let Some(row) = rows.next()? {
            let signature = row.get_ref(1)?.as_str().unwrap_or_default();
            let meets = |one: &String| one.contains(signature) || signature.contains(one.as_str());
            if signatures.iter().any(meets) {
                list.push((row.get(0)?, signature.len()));
            }
        }
        // The longest say most; the rest would only be weighed away.
        list.sort_by_key(|(_, length)| std::cmp::Reverse(*length));
        list.truncate(CANDIDATES);
        Ok(list)
    }

    /// Every learning that is wanted, words not looked at; the newest first.
    pub fn all(&self, wanted: &Wanted) -> Result<Vec<Found>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS}, 1.0 FROM learning l WHERE 1 {} ORDER BY l.at DESC, l.id",
            limits(wanted)
        );
        self.found(&sql, params![])
    }

    /// One learning.
    pub fn one(&self, issue: &IssueId, number: u32) -> Result<Option<Found>, StoreError> {
        let sql =
            format!("SELECT {COLUMNS}, 1.0 FROM learning l WHERE l.issue = ?1 AND l.number = ?2");
        Ok(self.found(&sql, params![issue.as_str(), number])?.pop())
    }

    /// Finished issues in whose record some of the words stand, the best first.
    pub fn sessions(&self, words: &[String], most: u32) -> Result<Vec<FoundSession>, StoreError> {
        let all = self.counts()?.sessions;
        let Some(question) = self.question("story", words, all)? else { return Ok(Vec::new()) };
        let sql = format!(
            "SELECT s.issue, s.title, (SELECT goal FROM story WHERE rowid = s.id), s.ended, s.at, \
             -best.rank FROM (SELECT rowid AS id, rank FROM story WHERE story MATCH ?1 \
             ORDER BY rank LIMIT {}) best JOIN session s ON s.id = best.id WHERE s.archived \
             ORDER BY best.rank LIMIT {most}",
            u64::from(most) * 3 + 60
        );
        let read = || -> rusqlite::Result<Vec<FoundSession>> {
            let mut all = self.db.prepare(&sql)?;
            let rows = all.query_map([question], |row| {
                Ok(FoundSession {
                    issue: row.get(0)?,
                    title: row.get(1)?,
                    goal: row.get(2)?,
                    ended: row.get(3)?,
                    at: Moment::from_seconds(row.get(4)?),
                    relevance: row.get(5)?,
                })
            })?;
            rows.collect()
        };
        read().map_err(|e| self.wrong(&e))
    }

    /// How much there is, as it was counted when the index was brought up to date.
    pub fn counts(&self) -> Result<Counts, StoreError> {
        let text = schema::value(&self.db, schema::COUNTS).map_err(|e| self.wrong(&e))?;
        let text = text.unwrap_or_default();
        let mut numbers = text.split(' ').map(|word| word.parse().unwrap_or(0));
        let mut next = || numbers.next().unwrap_or(0);
        Ok(Counts { sessions: next(), none: next(), learnings: next(), unreadable: next() })
    }

    /// Whether each issue whose checks ran passed them all the first time.
    pub fn first_passes(&self) -> Result<Vec<(String, bool)>, StoreError> {
        let sql = "SELECT issue, first_pass FROM session WHERE first_pass IS NOT NULL";
        let read = || -> rusqlite::Result<Vec<(String, bool)>> {
            let mut all = self.db.prepare(sql)?;
            let rows = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        };
        read().map_err(|e| self.wrong(&e))
    }

    /// What `table` of `all` documents is asked: any of the words.
    fn question(
        &self,
        table: &str,
        words: &[String],
        all: u64,
    ) -> Result<Option<String>, StoreError> {
        let mut words = quoted(words);
        if all >= MANY && words.len() > 1 {
            let sql = format!("SELECT count(*) FROM {table} WHERE {table} MATCH ?1");
            let mut count = || -> rusqlite::Result<Vec<(u64, String)>> {
                let mut counting = self.db.prepare(&sql)?;
                let mut counted = Vec::new();
                for word in words.drain(..) {
                    let many: i64 = counting.query_row([&word], |row| row.get(0))?;
                    counted.push((u64::try_from(many).unwrap_or(0), word));
                }
                Ok(counted)
            };
            let mut counted = count().map_err(|e| self.wrong(&e))?;
            counted.retain(|(many, _)| *many > 0);
            counted.sort();
            let rare = counted.iter().take_while(|(many, _)| many * COMMON <= all).count();
            counted.truncate(rare.clamp(1, RAREST));
            words = counted.into_iter().map(|(_, word)| word).collect();
        }
        Ok((!words.is_empty()).then(|| words.join(" OR ")))
    }

    fn found(&self, sql: &str, values: impl rusqlite::Params) -> Result<Vec<Found>, StoreError> {
        let read = || -> rusqlite::Result<Vec<Found>> {
            let mut all = self.db.prepare(sql)?;
            let mut rows = all.query(values)?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.extend(read_found(row)?);
            }
            Ok(found)
        };
        read().map_err(|e| self.wrong(&e))
    }
}

/// The row as a learning; `None` for one that this version cannot read.
fn read_found(row: &Row<'_>) -> rusqlite::Result<Option<Found>> {
    let document = row.get_ref(0)?.as_bytes().unwrap_or_default();
    let Ok((issue, mut list)) = xml::learnings::read(document) else { return Ok(None) };
    let (Some(learning), Ok(standing)) =
        (list.pop(), row.get_ref(1)?.as_str().unwrap_or_default().parse::<Standing>())
    else {
        return Ok(None);
    };
    let count = |at| -> rusqlite::Result<usize> {
        Ok(usize::try_from(row.get::<_, i64>(at)?).unwrap_or(0))
    };
    Ok(Some(Found {
        issue,
        learning,
        tally: Tally { standing, confirmed: count(2)?, disputed: count(3)?, why: row.get(4)? },
        landed: row.get(5)?,
        relevance: row.get(7)?,
    }))
}

/// The words as FTS5 is asked, each quoted, so that none is taken for an operator.
fn quoted(words: &[String]) -> Vec<String> {
    let mut words: Vec<&String> =
        words.iter().filter(|word| word.chars().any(char::is_alphanumeric)).collect();
    if words.len() > WORDS {
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        words.truncate(WORDS);
    }
    words.into_iter().map(|word| format!("\"{}\"", word.replace('"', " "))).collect()
}

/// The conditions on kind and standing.
fn limits(wanted: &Wanted) -> String {
    let mut text = String::new();
    if !wanted.kinds.is_empty() {
        let names: Vec<String> =
            wanted.kinds.iter().map(|kind| format!("'{}'", kind.name())).collect();
        text.push_str(&format!(" AND l.kind IN ({})", names.join(",")));
    }
    if wanted.reviewed {
        text.push_str(" AND l.standing = 'reviewed'");
    } else if !wanted.put_aside {
        text.push_str(" AND l.standing IN ('reviewed', 'proposed', 'suspect')");
    }
    text
}
