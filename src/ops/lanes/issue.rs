//! One issue of a lane: landed with green checks, or untouched.
//!
//! Every step looks at where the walk stands and does what is missing, so that a worker that was
//! killed anywhere is followed by one that goes on. What cannot be completed is given up: the work
//! is kept under a salvage ref, worktree and branch are gone, nothing has landed.

use std::collections::BTreeMap;

use super::critic::{self, Opinion};
use super::job::Job;
use super::verdict::{self, Added};
use super::{ending, resolve};
use crate::context::Context;
use crate::domain::catalog::Entry;
use crate::domain::catalog::check::Check;
use crate::domain::ids::IssueId;
use crate::domain::lane::settings::Unlearned;
use crate::domain::lane::verdict::{Dimension, Verdict, judge};
use crate::domain::phase::Phase;
use crate::domain::refusal::Refusal;
use crate::domain::session::{Ending, Session};
use crate::error::Error;
use crate::git::landing;
use crate::ops::run::{self, End as RunEnd, Options};
use crate::ops::{Narrator, archive, learn, new_issue, next, record, spec, survey, task};
use crate::store::lanes::Taken;
use crate::store::runs;

/// How an issue ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It landed; the base stands there now.
    Landed(String),
    /// It was given up.
    Skipped {
        /// Why.
        why: String,
        /// Where its work is kept.
        salvage: Option<String>,
    },
    /// We were told to stop; the next worker goes on.
    Stopped,
}

/// Works on an issue to one of its ends.
pub fn go(
    job: &Job<'_>,
    entry: &Entry,
    taken: &mut Taken,
    narrator: &mut dyn Narrator,
) -> Result<End, Error> {
    let walk: IssueId = taken.walk.parse().map_err(|e| Error::usage(format!("{e}"), "git orch"))?;
    // One that was being archived when it was killed is not begun again.
    match archive::go_on(job.ctx, &walk, narrator) {
        // When something stands in its way, the walk meets that and says so.
        Ok(()) | Err(Error::Refused(_)) => {}
        Err(other) => return Err(other),
    }
    if let Some(how) = ending(job.ctx, &walk)? {
        return told(job, entry, &how);
    }
    let why = match walk_it(job, entry, &walk, taken, narrator) {
        Ok(Came::Landed(to)) => return Ok(End::Landed(to)),
        Ok(Came::Stopped) => return Ok(End::Stopped),
        Ok(Came::Fails(why)) => why,
        Err(Error::Refused(refusal)) if FOR_A_PERSON.contains(&refusal.code) => {
            return Err(Error::Refused(refusal));
        }
        Err(Error::Refused(refusal)) => reason(&refusal),
        Err(Error::Red(words)) => words,
        Err(other) => return Err(other),
    };
    give_up(job.ctx, &walk, &why, narrator)
}

/// What no other issue of the lane would be spared either.
const FOR_A_PERSON: [&str; 2] = ["untrusted", "running"];

fn reason(refusal: &Refusal) -> String {
    refusal.unmet.first().map_or_else(|| refusal.what.clone(), |unmet| unmet.why.clone())
}

/// Ends the walk of an issue without landing it; its work is kept.
pub fn give_up(
    ctx: &Context,
    walk: &IssueId,
    why: &str,
    narrator: &mut dyn Narrator,
) -> Result<End, Error> {
    let why = crate::domain::names::one_line(why);
    let ctx = &ctx.again()?;
    if ctx.repo.objects.read_ref(&crate::domain::names::issue_ref(walk))?.is_none()
        && ending(ctx, walk)?.is_none()
    {
        return Ok(End::Skipped { why, salvage: None });
    }
    match archive::abandon(ctx, walk, &why, true, narrator) {
        Ok(report) => Ok(skipped(&report.end, why)),
        // Nothing is removed, a person can look.
        Err(Error::Refused(refusal)) => {
            let why = format!("{why}; it stays as it is: {}", reason(&refusal));
            Ok(End::Skipped { why, salvage: None })
        }
        Err(other) => Err(other),
    }
}

fn skipped(how: &Ending, why: String) -> End {
    let salvage = match how {
        Ending::Abandoned { salvage, .. } if salvage != "none" => Some(salvage.clone()),
        _ => None,
    };
    End::Skipped { why, salvage }
}

/// The end of a walk that had one already.
fn told(job: &Job<'_>, entry: &Entry, how: &Ending) -> Result<End, Error> {
    match how {
        Ending::Landed { into } => {
            if !job.tracked {
                resolve::in_place(job.place, entry, &[])?;
            }
            Ok(End::Landed(into.clone()))
        }
        Ending::Abandoned { reason, .. } => Ok(skipped(how, reason.clone())),
    }
}

/// What a walk came to.
enum Came {
    Landed(String),
    Stopped,
    /// It cannot be completed, for this reason.
    Fails(String),
}

fn walk_it(
    job: &Job<'_>,
    entry: &Entry,
    walk: &IssueId,
    taken: &mut Taken,
    narrator: &mut dyn Narrator,
) -> Result<Came, Error> {
    open(job, entry, walk, narrator)?;
    if stopped(run_until(job, walk, Some(Phase::Validate), false, narrator)?) {
        return Ok(Came::Stopped);
    }
    let ctx = &job.ctx.again()?;
    let added = added(ctx, job, entry, walk)?;
    if let Some(found) = added.iter().find_map(|(path, lines)| {
        job.policy.lanes.placeholders.find(path, lines.iter().map(String::as_str))
    }) {
        let why =
            format!("a placeholder was added: {} in {} ({})", found.word, found.path, found.line);
        return Ok(Came::Fails(why));
    }
    let changed: Vec<String> = added.iter().map(|(path, _)| path.clone()).collect();
    let session = record::require(ctx, walk)?.session;
    if job.tracked && session.phase <= Phase::Validate {
        resolve::in_worktree(ctx, job.place, entry, &session, &changed)?;
    }
    if stopped(run_until(job, walk, Some(Phase::Compact), false, narrator)?) {
        return Ok(Came::Stopped);
    }
    let verdict = judged(job, entry, walk, &added)?;
    if let Some(end) = criticised(job, entry, walk, verdict, taken, narrator)? {
        return Ok(end);
    }
    match compacted(job, entry, walk, narrator)? {
        Compacted::Sealed => {}
        Compacted::Stopped => return Ok(Came::Stopped),
        Compacted::Silent(why) => return Ok(Came::Fails(why)),
    }
    if stopped(run_until(job, walk, None, false, narrator)?) {
        return Ok(Came::Stopped);
    }
    if !job.tracked {
        resolve::in_place(job.place, entry, &changed)?;
    }
    let tip = match &session.base {
        base if !base.is_empty() => job.ctx.again()?.repo.branch_tip(base)?,
        _ => None,
    };
    Ok(Came::Landed(tip.map_or_else(String::new, |tip| tip.short().to_owned())))
}

/// Opens the walk with everything its agents need: a final specification and a task.
fn open(
    job: &Job<'_>,
    entry: &Entry,
    walk: &IssueId,
    narrator: &mut dyn Narrator,
) -> Result<(), Error> {
    let ctx = &job.ctx.again()?;
    let request = new_issue::Request {
        title: Some(entry.title.clone()),
        source: Some(format!("{} of {}", entry.id, job.place.from_top(&job.place.name))),
        spec: Some(specification(entry, about(job, entry).as_deref()).into_bytes()),
        ..new_issue::Request::default()
    };
    new_issue::run(ctx, walk, &request, narrator)?;
    let session = record::require(ctx, walk)?.session;
    if session.phase == Phase::Discussion {
        spec::finalise(ctx, walk, narrator)?;
        next::run(ctx, walk, narrator)?;
    }
    if session.phase <= Phase::Execute && session.tasks.is_empty() {
        let all: Vec<String> = entry.checks.iter().map(Check::command).collect();
        task::add(
            ctx,
            walk,
            std::slice::from_ref(&entry.title),
            Some(&all.join(" && ")),
            narrator,
        )?;
    }
    Ok(())
}

/// What the lane is for and where it may work, in the words of the configuration.
fn about(job: &Job<'_>, entry: &Entry) -> Option<String> {
    let lane = job.policy.lanes.lanes.get(&entry.lane)?;
    let paths = match lane.paths.as_slice() {
        [] => String::new(),
        paths => format!("Stay within {}.", paths.join(", ")),
    };
    Some(format!("{}\n{paths}", lane.description))
}

/// The specification: what the issue's file says, each of its checks a criterion.
fn specification(entry: &Entry, about: Option<&str>) -> String {
    let mut text = format!("# {}\n\n## Goal\n", entry.title);
    let parts = [&entry.problem, &entry.evidence, &entry.fix].map(String::as_str);
    for part in parts.into_iter().chain(about) {
        for line in part.lines() {
            // A heading would end the section.
            text.push_str(line.trim_start_matches('#').trim_end());
            text.push('\n');
        }
    }
    if entry.problem.trim().is_empty() && entry.fix.trim().is_empty() {
        text.push_str(&format!("{}\n", entry.title));
    }
    text.push_str("\n## Acceptance criteria\n");
    for check in &entry.checks {
        text.push_str(&format!("- [ ] {}\n  verify: {}\n", check.name, check.command()));
    }
    text
}

fn run_until(
    job: &Job<'_>,
    walk: &IssueId,
    until: Option<Phase>,
    once: bool,
    narrator: &mut dyn Narrator,
) -> Result<RunEnd, Error> {
    let options = Options {
        until,
        agent: job.agent.clone(),
        once,
        printed: job.printed.clone(),
        ..Options::default()
    };
    Ok(run::run(&job.ctx.again()?, walk, &options, job.stop, narrator)?.end)
}

fn stopped(end: RunEnd) -> bool {
    matches!(end, RunEnd::Interrupted(_))
}

/// What the work adds to the base, the issue's own file left out.
fn added(ctx: &Context, job: &Job<'_>, entry: &Entry, walk: &IssueId) -> Result<Added, Error> {
    let whole = survey::show(ctx, walk)?;
    let Session { base, fork, .. } = &whole.chain.session;
    let from = ctx.repo.branch_tip(base)?.unwrap_or_else(|| fork.clone());
    let Some(tip) = whole.tip else { return Ok(Vec::new()) };
    let own = job.place.from_top(&entry.file);
    let mut added = landing::added_lines(&ctx.repo, &from, &tip)?;
    added.retain(|(path, _)| *path != own);
    Ok(added)
}

fn judged(job: &Job<'_>, entry: &Entry, walk: &IssueId, added: &Added) -> Result<Verdict, Error> {
    let ctx = &job.ctx.again()?;
    // Nothing but dependencies is looked up in it, and most issues have none.
    let entries = match entry.depends_on.as_slice() {
        [] => BTreeMap::new(),
        _ => super::plan::read(ctx, job.place)?.0.entries,
    };
    let open = |id: &IssueId| -> Result<bool, Error> {
        let resolved = entries.get(id).is_some_and(|entry| entry.status.is_resolved());
        Ok(!resolved && !super::has_landed(ctx, id)?)
    };
    Ok(judge(&verdict::gather(ctx, walk, entry, job.policy, added, &open)?))
}

/// Asks the critic, when there is one and what was computed lets the work pass, and notes the
/// verdict. Returns how the walk ends when it ends here.
fn criticised(
    job: &Job<'_>,
    entry: &Entry,
    walk: &IssueId,
    mut verdict: Verdict,
    taken: &mut Taken,
    narrator: &mut dyn Narrator,
) -> Result<Option<Came>, Error> {
    let mut missing = None;
    if verdict.approved {
        match critic::ask(job, entry, walk, narrator)? {
            Opinion::Unasked => {}
            Opinion::Said(dimension) => verdict = verdict.with(dimension),
            Opinion::None(why) => missing = Some(format!("the critic gave no opinion: {why}")),
            Opinion::Stopped => return Ok(Some(Came::Stopped)),
        }
    }
    let told = |one: &Dimension| format!("{} {}: {}", one.name, one.score, one.evidence);
    let lines = verdict.dimensions.iter().map(told).chain(missing.clone()).collect();
    taken.verdict = Some((verdict.word().to_owned(), verdict.score, lines));
    // Who asks for a score does not land work that has none.
    let asks = job.policy.lanes.critic.as_ref().is_some_and(|critic| critic.least > 0);
    Ok(match missing {
        Some(why) if asks => Some(Came::Fails(why)),
        _ if verdict.approved => None,
        _ => Some(Came::Fails(format!("rejected: {}", verdict.why()))),
    })
}

/// What came of compaction.
enum Compacted {
    Sealed,
    Stopped,
    /// The compact-agent said nothing, and that is no answer.
    Silent(String),
}

/// Brings the walk to its sealed receipt. The compact-agent is asked as often as any other; when it
/// says nothing all the same, the team's configuration may take that for an answer.
fn compacted(
    job: &Job<'_>,
    entry: &Entry,
    walk: &IssueId,
    narrator: &mut dyn Narrator,
) -> Result<Compacted, Error> {
    let records = job.policy.lanes.unlearned == Unlearned::Record;
    let why = match run_until(job, walk, Some(Phase::Complete), records, narrator) {
        Ok(end) if stopped(end) => return Ok(Compacted::Stopped),
        Ok(_) => return Ok(Compacted::Sealed),
        Err(Error::Refused(refusal)) if refusal.code == "parked" => reason(&refusal),
        Err(other) => return Err(other),
    };
    let ctx = &job.ctx.again()?;
    let whole = survey::show(ctx, walk)?;
    if whole.phase != Phase::Compact || whole.chain.session.speaks_of_learning() {
        return Ok(Compacted::Silent(why));
    }
    let parked = runs::read(&ctx.repo.own_folder(), walk)?.and_then(|runs| runs.parked);
    if !parked.is_some_and(|parked| records && parked.code == run::IDLE) {
        let why = format!("its compact-agent named no lesson and no reason for having none: {why}");
        return Ok(Compacted::Silent(why));
    }
    let reason = format!(
        "the compact-agent of lane {} was asked and said nothing, which lanes.unlearned takes for \
         an answer",
        entry.lane
    );
    learn::none(ctx, walk, &reason, narrator)?;
    let end = run_until(job, walk, Some(Phase::Complete), false, narrator)?;
    Ok(if stopped(end) { Compacted::Stopped } else { Compacted::Sealed })
}
