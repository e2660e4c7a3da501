//! One issue in the index: its learnings, what its record tells of, and where it was hard.

use rusqlite::{Transaction, params};

use super::trouble::{Source, Trouble};
use crate::domain::evidence::Subject;
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::learning::Learning;
use crate::domain::learning::rank::signature;
use crate::domain::learning::standing::tally;
use crate::domain::pattern;
use crate::domain::session::{End, Ending, Session};
use crate::domain::task::TaskState;
use crate::git::Repo;
use crate::store::{chain, layout, ledger, xml};

/// Takes an issue out.
pub fn remove(change: &Transaction<'_>, id: i64, issue: &str) -> Result<(), Trouble> {
    let learnings = "SELECT id FROM learning WHERE issue = ?1";
    change.execute(&format!("DELETE FROM words WHERE rowid IN ({learnings})"), [issue])?;
    change.execute(&format!("DELETE FROM path WHERE learning IN ({learnings})"), [issue])?;
    change.execute("DELETE FROM learning WHERE issue = ?1", [issue])?;
    change.execute("DELETE FROM story WHERE rowid = ?1", [id])?;
    for table in ["phase", "red", "again", "first_red"] {
        change.execute(&format!("DELETE FROM {table} WHERE session = ?1"), [id])?;
    }
    change.execute("DELETE FROM session WHERE id = ?1", [id])?;
    Ok(())
}

/// Puts an issue in. One that cannot be read is kept as such, so that it is not tried again
/// until it changes.
pub fn insert(
    change: &Transaction<'_>,
    repo: &Repo,
    issue: &IssueId,
    source: &Source,
    ledger_tip: Option<&CommitId>,
) -> Result<(), Trouble> {
    let session = match chain::session_at(repo, &source.name, &source.tip) {
        Ok(session) => session,
        Err(e) => {
            change.execute(
                "INSERT INTO session (issue, tip, title, ended, at, archived, none, dropped, \
                 reopened, unreadable) VALUES (?1, ?2, '', '', 0, ?3, 0, 0, 0, ?4)",
                params![issue.as_str(), source.tip.as_str(), source.archived, e.to_string()],
            )?;
            return Ok(());
        }
    };
    let ended = session.end.as_ref().map_or(String::new(), |end| match &end.how {
        Ending::Landed { into } => format!("landed in {into}"),
        Ending::Abandoned { reason, .. } => format!("abandoned: {reason}"),
    });
    let dropped = session.tasks.iter().filter(|t| matches!(t.state, TaskState::Dropped { .. }));
    let at = session.end.as_ref().map_or(session.created, |end| end.at);
    change.execute(
        "INSERT INTO session (issue, tip, title, ended, at, archived, none, first_pass, dropped, \
         reopened) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            issue.as_str(),
            source.tip.as_str(),
            session.title,
            ended,
            at.seconds(),
            source.archived,
            session.learnings.is_empty(),
            pattern::first_pass(&session),
            count(dropped.count()),
            session.tasks.iter().map(|task| task.reopened).sum::<u32>(),
        ],
    )?;
    let id = change.last_insert_rowid();
    story(change, id, &session)?;
    hard(change, repo, id, source, &session)?;
    let marks = if session.learnings.is_empty() {
        Vec::new()
    } else {
        ledger::marks(repo, ledger_tip, issue)?
    };
    let landed = matches!(&session.end, Some(end) if matches!(end.how, Ending::Landed { .. }));
    for learning in &session.learnings {
        let tally = tally(issue, learning.number, &marks);
        let document = xml::learnings::write(issue, std::slice::from_ref(learning));
        change.execute(
            "INSERT INTO learning (issue, number, signature, kind, at, area, landed, standing, \
             confirmed, disputed, why, document) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            params![
                issue.as_str(),
                learning.number,
                learning.error.as_deref().map(signature).unwrap_or_default(),
                learning.kind.name(),
                learning.at.seconds(),
                learning.area(),
                landed,
                tally.standing.name(),
                count(tally.confirmed),
                count(tally.disputed),
                tally.why,
                document,
            ],
        )?;
        words(change, change.last_insert_rowid(), learning)?;
    }
    Ok(())
}

/// The words of a learning that are searched.
fn words(change: &Transaction<'_>, id: i64, learning: &Learning) -> Result<(), Trouble> {
    let mut paths = learning.paths.clone();
    paths.extend(learning.anchor.file.clone());
    paths.sort();
    paths.dedup();
    change.execute(
        "INSERT INTO words (rowid, trigger, error, paths, lesson) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            id,
            learning.trigger,
            learning.error.as_deref().unwrap_or_default(),
            paths.join(" "),
            learning.lesson
        ],
    )?;
    for path in &paths {
        change.execute(
            "INSERT INTO path (learning, path, glob) VALUES (?1, ?2, ?3)",
            params![id, path.trim_end_matches('/'), path.contains(['*', '?', '[', '{'])],
        )?;
    }
    Ok(())
}

/// The words of the session that are searched.
fn story(change: &Transaction<'_>, id: i64, session: &Session) -> Result<(), Trouble> {
    let spec = session.spec.as_ref().map(|frozen| &frozen.spec);
    let mut rest: Vec<&str> = Vec::new();
    rest.extend(spec.into_iter().flat_map(|s| s.criteria.iter().map(|c| c.text.as_str())));
    rest.extend(session.tasks.iter().map(|task| task.text.as_str()));
    rest.extend(session.none_learned.as_deref());
    if let Some(End { how: Ending::Abandoned { reason, .. }, .. }) = &session.end {
        rest.push(reason);
    }
    rest.extend(session.moves.iter().filter_map(|step| step.reason.as_deref()));
    change.execute(
        "INSERT INTO story (rowid, title, goal, rest) VALUES (?1, ?2, ?3, ?4)",
        params![
            id,
            session.title,
            spec.map(|s| s.goal.as_str()).unwrap_or_default(),
            rest.join("\n")
        ],
    )?;
    Ok(())
}

/// Where the issue was hard: how long each phase took, what was red, what was changed again.
fn hard(
    change: &Transaction<'_>,
    repo: &Repo,
    id: i64,
    source: &Source,
    session: &Session,
) -> Result<(), Trouble> {
    for (phase, seconds) in pattern::phase_seconds(session) {
        change.execute(
            "INSERT INTO phase VALUES (?1, ?2, ?3)",
            params![id, phase.name(), i64::try_from(seconds).unwrap_or(i64::MAX)],
        )?;
    }
    for evidence in session.evidence.iter().filter(|e| !e.outcome.is_green()) {
        let file = layout::evidence_file(evidence.number);
        // What was printed may be gone; that it was red is not.
        let output = chain::companion(repo, &source.tip, &file).ok().flatten().unwrap_or_default();
        let text = String::from_utf8_lossy(&output);
        let sample =
            pattern::telling_line(&text).map_or_else(|| evidence.outcome.words(), str::to_owned);
        change.execute(
            "INSERT INTO red VALUES (?1, ?2, ?3, ?4, ?5)",
            params![id, evidence.number, evidence.subject.to_string(), signature(&sample), sample],
        )?;
    }
    for path in changed_again(repo, session) {
        change.execute("INSERT INTO again VALUES (?1, ?2)", params![id, path])?;
    }
    let first = session.evidence.iter().find_map(|e| match &e.subject {
        Subject::Criterion(number) if !e.outcome.is_green() => Some(*number),
        _ => None,
    });
    let criteria = session.spec.iter().flat_map(|frozen| &frozen.spec.criteria);
    for criterion in criteria.filter(|c| Some(c.number) == first) {
        change.execute("INSERT INTO first_red VALUES (?1, ?2)", params![id, criterion.text])?;
    }
    Ok(())
}

/// The files that were changed after the issue had to go back: by the commits between where it
/// stood then and where it stood when it went on.
fn changed_again(repo: &Repo, session: &Session) -> Vec<String> {
    let mut paths = Vec::new();
    for (from, to) in pattern::repairs(session) {
        // Commits of an issue that was squashed or abandoned may be collected as garbage.
        let Ok(commits) = repo.objects.history(&[to], &[from]) else { continue };
        let Ok(touched) = crate::git::changes::touched(repo, &commits) else { continue };
        paths.extend(touched.into_values().flatten().map(|(path, _)| path));
    }
    paths.retain(|path| !path.starts_with(layout::SESSIONS) && !path.starts_with(layout::RECEIPTS));
    paths.sort();
    paths.dedup();
    paths
}

/// A count as the database keeps it.
pub fn count(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
