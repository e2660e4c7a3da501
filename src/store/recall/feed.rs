//! Bringing the index up to date: only what has another state than last time is read.

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction, params};

use super::trouble::{Source, Trouble};
use super::{schema, session};
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::learning::standing::tally;
use crate::domain::phase::Phase;
use crate::git::Repo;
use crate::store::{StoreError, chain, ledger};

/// Brings the index up to date; `seen` is what the places of refs looked like before, when that
/// tells anything.
pub fn sync(db: &mut Connection, repo: &Repo, seen: Option<&str>) -> Result<(), Trouble> {
    let change = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    if seen.is_some() && schema::value(&change, "seen")?.as_deref() == seen {
        return Ok(());
    }
    let wanted = wanted(repo)?;
    let mut known: BTreeMap<String, (i64, String)> = BTreeMap::new();
    {
        let mut all = change.prepare("SELECT issue, id, tip FROM session")?;
        let mut rows = all.query([])?;
        while let Some(row) = rows.next()? {
            known.insert(row.get(0)?, (row.get(1)?, row.get(2)?));
        }
    }
    let ledger_tip = ledger::tip(repo)?;
    for (issue, source) in &wanted {
        match known.remove(issue.as_str()) {
            Some((_, tip)) if tip == source.tip.as_str() => {}
            old => {
                if let Some((id, _)) = old {
                    session::remove(&change, id, issue.as_str())?;
                }
                session::insert(&change, repo, issue, source, ledger_tip.as_ref())?;
            }
        }
    }
    for (issue, (id, _)) in &known {
        session::remove(&change, *id, issue)?;
    }
    marks(&change, repo, ledger_tip.as_ref())?;
    schema::count(&change)?;
    schema::set(&change, "seen", seen.unwrap_or_default())?;
    change.commit()?;
    Ok(())
}

/// Every finished issue, and the open ones whose receipt is sealed: what they learned is final.
fn wanted(repo: &Repo) -> Result<BTreeMap<IssueId, Source>, StoreError> {
    let mut all = BTreeMap::new();
    for (id, tip) in chain::all_open(repo)? {
        // One that cannot be read is reported when it is asked for.
        let Ok(heading) = chain::heading(repo, id.clone(), tip.clone()) else { continue };
        if heading.phase == Phase::Complete {
            let name = crate::domain::names::issue_ref(&id);
            all.insert(id, Source { name, tip, archived: false });
        }
    }
    for (id, tip) in chain::all_archived(repo)? {
        let name = crate::domain::names::archive_ref(&id);
        all.insert(id, Source { name, tip, archived: true });
    }
    Ok(all)
}

/// Takes over what was done with learnings since last time.
fn marks(change: &Transaction<'_>, repo: &Repo, tip: Option<&CommitId>) -> Result<(), Trouble> {
    let since: Option<CommitId> = schema::value(change, "ledger")?.and_then(|tip| tip.parse().ok());
    if tip == since.as_ref() {
        return Ok(());
    }
    let Some(tip) = tip else { return Ok(schema::set(change, "ledger", "")?) };
    for issue in ledger::changed(repo, tip, since.as_ref())? {
        let marks = ledger::marks(repo, Some(tip), &issue)?;
        let mut numbers: Vec<u32> = Vec::new();
        {
            let mut all = change.prepare("SELECT number FROM learning WHERE issue = ?1")?;
            let mut rows = all.query([issue.as_str()])?;
            while let Some(row) = rows.next()? {
                numbers.push(row.get(0)?);
            }
        }
        for number in numbers {
            let tally = tally(&issue, number, &marks);
            change.execute(
                "UPDATE learning SET standing = ?3, confirmed = ?4, disputed = ?5, why = ?6 \
                 WHERE issue = ?1 AND number = ?2",
                params![
                    issue.as_str(),
                    number,
                    tally.standing.name(),
                    session::count(tally.confirmed),
                    session::count(tally.disputed),
                    tally.why
                ],
            )?;
        }
    }
    schema::set(change, "ledger", tip.as_str())?;
    Ok(())
}
