//! What is known of each commit on its way in: whose it is, what it changes, which receipt covers
//! it.

use std::collections::{BTreeMap, BTreeSet};

use super::receipts::{self, Known, Place, Valid};
use crate::domain::gate::trailer::{named_issues, stated_reason};
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::names::issue_ref;
use crate::domain::policy::Carrier;
use crate::domain::wall::{Arrival, Cover, Lack};
use crate::error::Error;
use crate::git::changes::{self, Change};
use crate::git::walk::Met;
use crate::store::{chain, layout};

/// The receipts that were asked for, each looked up once.
struct Shelf<'a> {
    place: Place<'a>,
    known: BTreeMap<IssueId, Known>,
}

impl Shelf<'_> {
    /// The receipts of an issue.
    fn of(&mut self, issue: &IssueId) -> Result<&Known, Error> {
        if !self.known.contains_key(issue) {
            let known = receipts::of(self.place, issue)?;
            self.known.insert(issue.clone(), known);
        }
        Ok(self.known.entry(issue.clone()).or_default())
    }

    /// The receipt that covers the commit by its id or, once asked for, its change.
    fn cover(
        &mut self,
        issue: &IssueId,
        met: &Met,
        change: Option<&Change>,
    ) -> Result<Option<Cover>, Error> {
        let place = self.place;
        for valid in &self.of(issue)?.valid {
            let covers = match change {
                None => valid.names(&met.id),
                Some(change) => {
                    valid.knows(change)
                        || valid.is_whole(place, met)?
                        || receipts::hold(place, &[valid], change)?
                }
            };
            if covers {
                let waived = valid.receipt.waiver.is_some();
                return Ok(Some(Cover { issue: issue.clone(), waived }));
            }
        }
        Ok(None)
    }

    /// The same for a commit of several issues, squashed into one, that their receipts cover
    /// together.
    fn cover_together(
        &mut self,
        issues: &BTreeSet<IssueId>,
        change: &Change,
    ) -> Result<Option<Cover>, Error> {
        for issue in issues {
            self.of(issue)?;
        }
        let known = || issues.iter().filter_map(|issue| self.known.get(issue));
        let valid: Vec<&Valid> = known().flat_map(|known| &known.valid).collect();
        let whole = known().all(|known| !known.valid.is_empty());
        let Some(first) = issues.first().filter(|_| whole) else { return Ok(None) };
        let waived = valid.iter().any(|valid| valid.receipt.waiver.is_some());
        let covers = receipts::hold(self.place, &valid, change)?;
        Ok(covers.then(|| Cover { issue: first.clone(), waived }))
    }
}

/// Everything that is known of the commits `met`; `strict` says that those of no issue have to
/// answer too.
pub fn gather(place: Place<'_>, met: &[Met], strict: bool) -> Result<Vec<Arrival>, Error> {
    let open = receipts::open(place.repo, place.pushed)?;
    let born = births(place, &open);
    let mut shelf = Shelf { place, known: BTreeMap::new() };
    let mut arrivals: Vec<(Arrival, BTreeSet<IssueId>)> = Vec::new();
    let mut unclear = Vec::new();
    for commit in met {
        let mut issues: BTreeSet<IssueId> = named_issues(&commit.message).into_iter().collect();
        issues.extend(born.get(&commit.id).cloned());
        let mut arrival = bare(place, commit);
        let mut named = 0;
        for issue in &issues {
            if let Some(cover) = shelf.cover(issue, commit, None)? {
                arrival.cover = Some(cover);
                named += 1;
            }
        }
        // What a change is costs a diff: asked only of those that nothing else tells of.
        if named < issues.len() || (issues.is_empty() && strict) {
            unclear.push(commit.id.clone());
        }
        arrivals.push((arrival, issues));
    }
    let changed = changes::changes(place.repo, &unclear)?;
    let mut others = Others::default();
    for ((arrival, issues), met) in arrivals.iter_mut().zip(met) {
        let Some(change) = changed.get(&arrival.id) else { continue };
        arrival.plain = change.files.iter().all(|file| changes::is_receipt(&file.path));
        if issues.is_empty() && !arrival.plain {
            arrival.cover = others.cover(&mut shelf, &open, met, change)?;
        }
        answer(&mut shelf, arrival, issues, met, change)?;
    }
    Ok(arrivals.into_iter().map(|(arrival, _)| arrival).collect())
}

/// Lets a commit answer to each issue it belongs to: one of them covers it, or all of them together,
/// and none is without a receipt.
fn answer(
    shelf: &mut Shelf<'_>,
    arrival: &mut Arrival,
    issues: &BTreeSet<IssueId>,
    met: &Met,
    change: &Change,
) -> Result<(), Error> {
    for issue in issues {
        let mut cover = shelf.cover(issue, met, None)?;
        if cover.is_none() {
            cover = shelf.cover(issue, met, Some(change))?;
        }
        match cover {
            Some(cover) => arrival.cover = Some(cover),
            None => arrival.lacks.push((issue.clone(), lack(shelf.of(issue)?))),
        }
    }
    if arrival.cover.is_none() && issues.len() > 1 {
        arrival.cover = shelf.cover_together(issues, change)?;
    }
    if arrival.cover.is_some() {
        arrival.lacks.retain(|(_, lack)| *lack != Lack::Cover);
    }
    // What is missing altogether is told before what does not reach far enough.
    arrival.lacks.sort_by_key(|(_, lack)| *lack == Lack::Cover);
    Ok(())
}

fn bare(place: Place<'_>, met: &Met) -> Arrival {
    Arrival {
        id: met.id.clone(),
        subject: met.message.lines().next().unwrap_or_default().to_owned(),
        author: met.author.0.clone(),
        admitted: place.policy.admits(&met.author.0),
        stated: stated_reason(&met.message),
        plain: false,
        cover: None,
        lacks: Vec::new(),
    }
}

fn lack(known: &Known) -> Lack {
    match (&known.lack, known.valid.is_empty()) {
        (_, false) => Lack::Cover,
        (Some(lack), true) => lack.clone(),
        (None, true) => Lack::Receipt,
    }
}

/// Where each commit was born that the records of open issues speak of. A record that cannot be
/// read speaks of nothing here; what names its issue is refused all the same.
fn births(place: Place<'_>, open: &BTreeMap<IssueId, CommitId>) -> BTreeMap<CommitId, IssueId> {
    let mut born = BTreeMap::new();
    for (issue, tip) in open {
        let session = chain::session_at(place.repo, &issue_ref(issue), tip);
        for birth in session.map(|session| session.births).unwrap_or_default() {
            born.insert(birth.commit, issue.clone());
        }
    }
    born
}

/// The receipts of issues that a commit does not name: made with hooks switched off, it is covered
/// all the same. The open issues are few; the finished ones are asked only when nothing else helps.
#[derive(Default)]
struct Others {
    finished: Option<BTreeSet<IssueId>>,
}

impl Others {
    fn cover(
        &mut self,
        shelf: &mut Shelf<'_>,
        open: &BTreeMap<IssueId, CommitId>,
        met: &Met,
        change: &Change,
    ) -> Result<Option<Cover>, Error> {
        let carried = carried_issues(shelf.place)?;
        for issue in open.keys().chain(&carried) {
            if let Some(cover) = named(shelf, issue, met, change)? {
                return Ok(Some(cover));
            }
        }
        if self.finished.is_none() {
            self.finished = Some(receipts::finished(shelf.place.repo, shelf.place.pushed)?);
        }
        for issue in self.finished.iter().flatten() {
            if let Some(cover) = named(shelf, issue, met, change)? {
                return Ok(Some(cover));
            }
        }
        Ok(None)
    }
}

/// The cover of `issue` for the commit or its diff; a part of the issue's lines is no proof here.
fn named(
    shelf: &mut Shelf<'_>,
    issue: &IssueId,
    met: &Met,
    change: &Change,
) -> Result<Option<Cover>, Error> {
    let place = shelf.place;
    for valid in &shelf.of(issue)?.valid {
        if valid.names(&met.id) || valid.knows(change) || valid.is_whole(place, met)? {
            let waived = valid.receipt.waiver.is_some();
            return Ok(Some(Cover { issue: issue.clone(), waived }));
        }
    }
    Ok(None)
}

/// The issues whose receipts the tree carries.
fn carried_issues(place: Place<'_>) -> Result<Vec<IssueId>, Error> {
    if place.policy.carrier != Carrier::Tree {
        return Ok(Vec::new());
    }
    let paths = place.repo.objects.list(place.tree, layout::RECEIPTS)?;
    Ok(paths.iter().filter_map(|path| layout::carried_issue(path)).collect())
}
