//! The end of a run: what was given up is remembered, the catalog is brought up to date, the
//! report is written. Doing it again changes nothing.

use std::path::PathBuf;

use super::report::{self, Cost, Facts};
use crate::clock;
use crate::context::Context;
use crate::error::Error;
use crate::git::landing;
use crate::ops::catalog::{self, Place};
use crate::ops::gate::Gate;
use crate::ops::land::base::{self, Moved};
use crate::ops::land::bench::Bench;
use crate::ops::{Silence, patterns, policy};
use crate::store::atomic::Folder;
use crate::store::catalog::{Source, read as read_catalog, sync};
use crate::store::lanes::{GivenUp, Lanes, Plan, Progress};
use crate::store::{layout, lock};

/// How a run went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Issues that landed.
    pub landed: Vec<String>,
    /// Issues that were given up, with the reason.
    pub skipped: Vec<(String, String)>,
    /// Issues that are left for another run, with the reason.
    pub left: Vec<(String, String)>,
    /// The report for people.
    pub file: PathBuf,
    /// Why the catalog could not be brought up to date, when it could not.
    pub unsynced: Option<String>,
}

impl Report {
    /// In a few words.
    pub fn words(&self) -> String {
        format!(
            "{} landed, {} skipped, {} left",
            self.landed.len(),
            self.skipped.len(),
            self.left.len()
        )
    }
}

/// Ends a run; `read` is what was read of signals since its last event.
pub fn run(ctx: &Context, plan: &Plan, lanes: &Lanes, read: u64) -> Result<Report, Error> {
    let mut progress = Vec::new();
    for lane in &plan.lanes {
        progress.push(lanes.progress(&plan.run, &lane.name)?.unwrap_or_default());
    }
    remember(plan, lanes, &progress)?;
    let page = ctx.repo.home().join(&plan.page);
    let place = catalog::place(ctx, Some(&page))?;
    let unsynced = match synced(ctx, plan, &place) {
        Ok(()) => None,
        Err(Error::Refused(refusal)) => Some(refusal.to_string()),
        Err(other) => return Err(other),
    };
    let (events, _) = lanes.events(&plan.run, 0)?;
    let read = read + events.iter().map(|event| event.read).sum::<u64>();
    let cost = Cost { read, unread: progress.iter().map(|one| one.printed).sum() };
    let facts = Facts { plan, progress: &progress, events: &events, cost };
    let (landed, skipped, left) = report::ends(&facts);
    let recurs = patterns::section::section(&ctx.again()?, &landed);
    let text = report::markdown(&facts, clock::now()) + &recurs;
    let folder = Folder::create(ctx.repo.home(), layout::REPORTS)?;
    let name = format!("lanes-{}.md", plan.run);
    folder.write(&name, text.as_bytes())?;
    Ok(Report { landed, skipped, left, file: folder.path().join(name), unsynced })
}

/// Remembers what was given up, so that the next run does not try the same again.
fn remember(plan: &Plan, lanes: &Lanes, progress: &[Progress]) -> Result<(), Error> {
    let before = lanes.given_up()?;
    let mut list = before.clone();
    for taken in progress.iter().flat_map(|one| &one.taken) {
        let planned = plan.lanes.iter().flat_map(|lane| &lane.issues);
        let digest = planned.into_iter().find(|issue| issue.id == taken.issue);
        match (taken.end.as_deref(), digest) {
            (Some("skipped"), Some(issue)) => {
                let given_up = GivenUp {
                    run: plan.run.clone(),
                    digest: issue.digest.clone(),
                    why: taken.detail.clone(),
                };
                list.insert(taken.issue.clone(), given_up);
            }
            (Some("landed"), _) => drop(list.remove(&taken.issue)),
            _ => {}
        }
    }
    if list != before {
        lanes.set_given_up(&list)?;
    }
    Ok(())
}

/// Brings the page up to date: in a commit of its own on the base, where it is tracked.
fn synced(ctx: &Context, plan: &Plan, place: &Place) -> Result<(), Error> {
    if !plan.tracked {
        catalog::sync(ctx, place, &mut Silence)?;
        return Ok(());
    }
    let own = ctx.repo.own_folder();
    let turn = lock::landing(&own, &ctx.owner(), &mut |_| {})?;
    let git = ctx.repo.git.holding(&turn.file);
    base::recover(ctx, &git)?;
    loop {
        let ctx = &ctx.again()?;
        let Some(branch) = policy::base_branch(&ctx.repo)? else { return Ok(()) };
        let Some(from) = ctx.repo.branch_tip(&branch)? else { return Ok(()) };
        let committed = catalog::from_commit(ctx, place, &from)?;
        let now = sync::sync(&committed.text, &sync::facts(&committed));
        if now.text == committed.text {
            return Ok(());
        }
        let bench = Bench::set_up(ctx, &git, "catalog", &from, &mut Silence)?;
        let within = place.within.clone().unwrap_or_default();
        let source = Source::Folder(bench.folder.join(&within));
        // The files there are those of the commit; read again, so that what is written fits them.
        if let Some(there) = read_catalog(&source, &place.name)? {
            let text = sync::sync(&there.text, &sync::facts(&there)).text;
            Folder::create(&bench.folder, &within)?.write(&place.name, text.as_bytes())?;
        }
        let message =
            format!("Bring the catalog up to date\n\nRun {} of git orch lanes.\n", plan.run);
        let Some(to) = landing::commit_all(bench.place(&git), &message)? else { return Ok(()) };
        drop(bench);
        let unmet = base::obstacles(ctx, &branch, &from, &to)?;
        if let Some(code) = unmet.first().map(|first| first.code) {
            let what = "bringing the catalog up to date";
            return Err(crate::domain::refusal::Refusal::many(code, what, unmet).into());
        }
        let permit = Gate::of(ctx.again()?.repo).permit(&branch, &from, &to)?;
        if base::bring(ctx, &git, &permit, "git orch lanes")? == Moved::Yes {
            return Ok(());
        }
    }
}
