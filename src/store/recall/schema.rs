//! The form of the index.

use rusqlite::{Connection, OptionalExtension, params};

/// Weight of a word in the trigger, the error text, the paths and the lesson; the same stands in the
/// form.
pub const WEIGHTS: &str = "4.0, 3.0, 3.0, 2.0";

/// The version of this form; another one means: built anew.
const VERSION: &str = "3";

/// Ranks weigh a word in the trigger, the error text, the paths and the lesson, and one in the title,
/// the goal and the rest. `porter`, so that `rebases` finds `rebase`; `_` joins words, so that names stay whole.
const FORM: &str = "
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE session (
    id INTEGER PRIMARY KEY, issue TEXT NOT NULL UNIQUE, tip TEXT NOT NULL, title TEXT NOT NULL,
    ended TEXT NOT NULL, at INTEGER NOT NULL, archived INTEGER NOT NULL, none INTEGER NOT NULL,
    first_pass INTEGER, dropped INTEGER NOT NULL, reopened INTEGER NOT NULL,
    unreadable TEXT
);
CREATE TABLE learning (
    id INTEGER PRIMARY KEY, issue TEXT NOT NULL, number INTEGER NOT NULL, signature TEXT NOT NULL,
    kind TEXT NOT NULL, at INTEGER NOT NULL, area TEXT NOT NULL, landed INTEGER NOT NULL,
    standing TEXT NOT NULL, confirmed INTEGER NOT NULL, disputed INTEGER NOT NULL, why TEXT,
    document TEXT NOT NULL, UNIQUE (issue, number)
);
CREATE INDEX learning_standing ON learning (standing, kind);
CREATE INDEX learning_signature ON learning (signature) WHERE signature != '';
CREATE TABLE path (learning INTEGER NOT NULL, path TEXT NOT NULL, glob INTEGER NOT NULL);
CREATE INDEX path_path ON path (path);
CREATE INDEX path_learning ON path (learning);
CREATE INDEX path_glob ON path (learning) WHERE glob;
CREATE VIRTUAL TABLE words USING fts5 (
    trigger, error, paths, lesson, tokenize = \"porter unicode61 remove_diacritics 2 tokenchars '_'\"
);
CREATE VIRTUAL TABLE story USING fts5 (
    title, goal, rest, tokenize = \"porter unicode61 remove_diacritics 2 tokenchars '_'\"
);
INSERT INTO words (words, rank) VALUES ('rank', 'bm25(4.0, 3.0, 3.0, 2.0)');
INSERT INTO story (story, rank) VALUES ('rank', 'bm25(4.0, 2.0, 1.0)');
CREATE TABLE phase (session INTEGER NOT NULL, name TEXT NOT NULL, seconds INTEGER NOT NULL);
CREATE TABLE red (session INTEGER NOT NULL, number INTEGER NOT NULL, subject TEXT NOT NULL,
    signature TEXT NOT NULL, sample TEXT NOT NULL);
CREATE TABLE again (session INTEGER NOT NULL, path TEXT NOT NULL);
CREATE TABLE first_red (session INTEGER NOT NULL, criterion TEXT NOT NULL);
CREATE INDEX phase_session ON phase (session);
CREATE INDEX red_session ON red (session);
CREATE INDEX again_session ON again (session);
CREATE INDEX first_red_session ON first_red (session);
";

/// Under which key the counts are kept.
pub const COUNTS: &str = "counts";

/// Counts what there is, once, so that nobody counts who only asks.
pub fn count(db: &Connection) -> rusqlite::Result<()> {
    db.execute(
        "INSERT OR REPLACE INTO meta SELECT ?1, count(*) || ' ' || \
         coalesce(sum(none AND unreadable IS NULL), 0) || ' ' || \
         (SELECT count(*) FROM learning) || ' ' || coalesce(sum(unreadable IS NOT NULL), 0) \
         FROM session",
        [COUNTS],
    )?;
    Ok(())
}

/// Whether the database has this form.
pub fn is_current(db: &Connection) -> rusqlite::Result<bool> {
    let has: Option<String> = db
        .query_row("SELECT name FROM sqlite_master WHERE name = 'meta'", [], |row| row.get(0))
        .optional()?;
    Ok(has.is_some() && value(db, "version")?.as_deref() == Some(VERSION))
}

/// Makes an empty index of this form, in place of what is there.
pub fn create(db: &Connection) -> rusqlite::Result<()> {
    let mut names = Vec::new();
    {
        let mut all = db.prepare(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
             AND name NOT LIKE 'words_%' AND name NOT LIKE 'story_%'",
        )?;
        let mut rows = all.query([])?;
        while let Some(row) = rows.next()? {
            names.push(row.get::<_, String>(0)?);
        }
    }
    for name in names {
        db.execute_batch(&format!("DROP TABLE \"{name}\""))?;
    }
    db.execute_batch(FORM)?;
    set(db, "version", VERSION)
}

/// What is kept under `key`.
pub fn value(db: &Connection, key: &str) -> rusqlite::Result<Option<String>> {
    db.query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0)).optional()
}

/// Keeps `value` under `key`.
pub fn set(db: &Connection, key: &str, value: &str) -> rusqlite::Result<()> {
    db.execute("INSERT OR REPLACE INTO meta VALUES (?1, ?2)", params![key, value])?;
    Ok(())
}
