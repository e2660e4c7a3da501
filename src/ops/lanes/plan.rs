//! What a run takes on: each lane with its issues, assessed and ordered, and what is left out.
//! Touches nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::order::{self, WorkOrder};
use crate::context::Context;
use crate::domain::agents::AgentCommand;
use crate::domain::catalog::{Complaint, Entry, LaneName, Standing};
use crate::domain::ids::{CommitId, Digest, IssueId};
use crate::domain::lane::settings::Unlearned;
use crate::domain::lane::{self, Assessment};
use crate::domain::policy::Policy;
use crate::error::Error;
use crate::ops::catalog::{self, Listed, Place};
use crate::ops::policy;
use crate::store::catalog::{self as files, Catalog, Source};
use crate::store::lanes::{Lanes, Plan, PlannedIssue, PlannedLane};

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The page of the catalog; the usual one when missing.
    pub catalog: Option<PathBuf>,
    /// These lanes; all when empty.
    pub lanes: Vec<LaneName>,
    /// Most workers at once.
    pub jobs: Option<usize>,
    /// The agent, in place of the configured ones.
    pub agent: Option<AgentCommand>,
    /// Try again what was given up before.
    pub again: bool,
    /// Only go on with a run that did not come to its end; begin none.
    pub resume: bool,
}

/// A plan with what it was made from.
#[derive(Debug)]
pub struct Made {
    /// The plan.
    pub plan: Plan,
    /// The order of each planned issue.
    pub orders: Vec<WorkOrder>,
    /// What is malformed in the catalog.
    pub complaints: Vec<Complaint>,
    /// Where the catalog is.
    pub place: Place,
    /// The catalog.
    pub catalog: Catalog,
}

/// The tip of the base branch, when the catalog is tracked there.
fn tracked(ctx: &Context, place: &Place) -> Result<Option<CommitId>, Error> {
    let Some(base) = policy::base_branch(&ctx.repo)? else { return Ok(None) };
    let Some(tip) = ctx.repo.branch_tip(&base)? else { return Ok(None) };
    let page = place.from_top(&place.name);
    let there = place.within.is_some() && ctx.repo.objects.file(&tip, &page)?.is_some();
    Ok(there.then_some(tip))
}

/// The catalog a run goes by: as the base branch has it, or the files where it is not tracked.
pub fn read(ctx: &Context, place: &Place) -> Result<(Catalog, bool), Error> {
    match tracked(ctx, place)? {
        Some(tip) => Ok((catalog::from_commit(ctx, place, &tip)?, true)),
        None => Ok((catalog::read(place)?, false)),
    }
}

/// One issue of it, as it is there now.
pub fn entry(
    ctx: &Context,
    place: &Place,
    lane: &LaneName,
    id: &IssueId,
) -> Result<Option<Entry>, Error> {
    let source = match (tracked(ctx, place)?, &place.within) {
        (Some(tip), Some(within)) => Source::Commit(&ctx.repo, tip, within.clone()),
        _ => Source::Folder(place.folder.clone()),
    };
    match files::entry(&source, lane.as_str(), id)? {
        Some(entry) => Ok(Some(entry)),
        None => Ok(read(ctx, place)?.0.entries.remove(id)),
    }
}

/// Makes the plan of a run.
pub fn make(ctx: &Context, request: &Request) -> Result<Made, Error> {
    let policy = policy::in_force(ctx)?;
    let place = catalog::place(ctx, request.catalog.as_deref())?;
    let (catalog, tracked) = read(ctx, &place)?;
    let mut making = Making {
        ctx,
        request,
        policy: &policy,
        place: &place,
        catalog: &catalog,
        circles: circles(&catalog),
        given_up: Lanes::of(&ctx.repo.own_folder()).given_up()?,
        agent: agent_digest(ctx, request.agent.as_ref(), &policy),
        lanes: BTreeMap::new(),
        orders: Vec::new(),
        left_out: Vec::new(),
    };
    for listed in catalog::listed(&catalog) {
        making.take(&listed)?;
    }
    making.lanes.retain(|_, issues| !issues.is_empty());
    let Making { lanes, orders, left_out, .. } = making;
    let lanes = lanes.into_iter().map(|(name, issues)| PlannedLane { name, issues }).collect();
    let plan = Plan {
        run: ctx.now.compact(),
        at: ctx.now.to_string(),
        page: match &place.within {
            Some(_) => place.from_top(&place.name),
            None => place.page().display().to_string(),
        },
        tracked,
        jobs: request.jobs.unwrap_or(policy.lanes.jobs).max(1),
        agent: request.agent.as_ref().map(super::planned),
        lanes,
        left_out,
    };
    let complaints = catalog.complaints.clone();
    Ok(Made { plan, orders, complaints, place, catalog })
}

/// Issues that wait for each other.
fn circles(catalog: &Catalog) -> Vec<Vec<IssueId>> {
    let waits = catalog.entries.values().map(|e| (e.id.clone(), e.depends_on.clone()));
    lane::cycles(&waits.collect())
}

/// What the agent of a run is, for telling whether another try is any different.
fn agent_digest(ctx: &Context, agent: Option<&AgentCommand>, policy: &Policy) -> String {
    let lanes = &policy.lanes;
    let mut text = format!("{agent:?} {:?} {:?}", policy.agents.command, lanes.lanes);
    if let Some(critic) = &lanes.critic {
        text.push_str(&format!("{critic:?}"));
    }
    if lanes.unlearned != Unlearned::default() {
        text.push_str(&format!("{:?}", lanes.unlearned));
    }
    let script = match agent {
        Some(AgentCommand::Named { script: Some(script), .. }) => Some(script.clone()),
        _ => None,
    };
    if let Some(script) = script {
        let bytes = std::fs::read(ctx.around.folder.join(script)).unwrap_or_default();
        text.push_str(&String::from_utf8_lossy(&bytes));
    }
    text
}

struct Making<'a> {
    ctx: &'a Context,
    request: &'a Request,
    policy: &'a Policy,
    place: &'a Place,
    catalog: &'a Catalog,
    circles: Vec<Vec<IssueId>>,
    given_up: BTreeMap<String, crate::store::lanes::GivenUp>,
    agent: String,
    lanes: BTreeMap<String, Vec<PlannedIssue>>,
    orders: Vec<WorkOrder>,
    left_out: Vec<(String, String)>,
}

impl Making<'_> {
    /// Takes an issue on, or says why not.
    fn take(&mut self, listed: &Listed) -> Result<(), Error> {
        if listed.status.is_resolved() {
            return Ok(());
        }
        let Some(lane) = &listed.lane else {
            self.leave(&listed.id, "it names no lane");
            return Ok(());
        };
        if !self.request.lanes.is_empty() && !self.request.lanes.contains(lane) {
            return Ok(());
        }
        let Some(entry) = self.catalog.entries.get(&listed.id) else {
            self.leave(&listed.id, "it has no file that can be read");
            return Ok(());
        };
        let digest = Digest::of(format!("{entry:?}{}", self.agent).as_bytes()).to_string();
        if let Some(why) = self.obstacle(entry, &digest)? {
            self.leave(&entry.id, &why);
            return Ok(());
        }
        let text = format!("{}\n{}\n{}", entry.title, entry.problem, entry.fix);
        let assessed: Assessment = lane::assess(entry.paths.len(), &text, &self.policy.lanes.rules);
        let open = |id: &&IssueId| {
            self.catalog.entries.get(*id).is_none_or(|entry| !entry.status.is_resolved())
        };
        let waits_for = entry.depends_on.iter().filter(open).map(ToString::to_string).collect();
        let file = self.place.from_top(&entry.file);
        let known = self.policy.lanes.lanes.get(lane);
        self.orders.push(order::of(entry, &file, &assessed, known, self.policy));
        self.lanes.entry(lane.to_string()).or_default().push(PlannedIssue {
            id: entry.id.to_string(),
            complexity: assessed.complexity.word().to_owned(),
            reason: assessed.reason,
            digest,
            waits_for,
        });
        Ok(())
    }

    /// Why an issue cannot be taken on, when it cannot.
    fn obstacle(&self, entry: &Entry, digest: &str) -> Result<Option<String>, Error> {
        if entry.status.standing == Standing::Blocked {
            return Ok(Some(format!("it is {}", entry.status.word)));
        }
        if entry.checks.is_empty() {
            return Ok(Some("it has no verification commands".to_owned()));
        }
        if let Some(circle) = self.circles.iter().find(|circle| circle.contains(&entry.id)) {
            let names: Vec<&str> = circle.iter().map(IssueId::as_str).collect();
            return Ok(Some(format!("these issues wait for each other: {}", names.join(", "))));
        }
        if super::has_landed(self.ctx, &entry.id)? {
            return Ok(Some("it has landed, and its file does not say so".to_owned()));
        }
        let before = self.given_up.get(entry.id.as_str());
        Ok(before.filter(|before| before.digest == digest && !self.request.again).map(|before| {
            format!("given up in run {}: {} (--again tries it again)", before.run, before.why)
        }))
    }

    fn leave(&mut self, id: &IssueId, why: &str) {
        self.left_out.push((id.to_string(), why.to_owned()));
    }
}

/// The entries of a plan, for those who ask for consent to their commands.
pub fn entries<'a>(plan: &Plan, catalog: &'a Catalog) -> Vec<&'a Entry> {
    let planned: BTreeSet<&str> =
        plan.lanes.iter().flat_map(|lane| &lane.issues).map(|issue| issue.id.as_str()).collect();
    catalog.entries.values().filter(|entry| planned.contains(entry.id.as_str())).collect()
}
