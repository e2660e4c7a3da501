//! The critic: an agent that gives an opinion on work whose checks are green. Its opinion is one
//! more dimension of the verdict; what it does to files is done in a throw-away worktree.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use minijinja::context;

use super::job::Job;
use crate::agent::supervise::{self, Ended};
use crate::context::Context;
use crate::domain::catalog::Entry;
use crate::domain::ids::{CommitId, IssueId};
use crate::domain::lane::settings::{Critic, Lane};
use crate::domain::lane::verdict::{Dimension, opinion};
use crate::domain::session::Session;
use crate::domain::spec::Check;
use crate::error::Error;
use crate::git::exec::local_variables;
use crate::ops::agents::{self, By, Chosen, Filling, Ready};
use crate::ops::land::bench::Bench;
use crate::ops::run::log::Log;
use crate::ops::{Mark, Narrator, survey, templates, trust};
use crate::store::runs;

/// Its role, for templates and logs.
const ROLE: &str = "critic";
/// How much of the end of what it prints is looked at for its opinion, in bytes.
const LAST_WORDS: usize = 64 * 1024;

/// What came of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opinion {
    /// Nobody is to be asked.
    Unasked,
    /// Its opinion.
    Said(Dimension),
    /// It gave none, for this reason.
    None(String),
    /// We were told to stop.
    Stopped,
}

/// Asks the configured critic for its opinion on the tip of the issue's branch.
pub fn ask(
    job: &Job<'_>,
    entry: &Entry,
    walk: &IssueId,
    narrator: &mut dyn Narrator,
) -> Result<Opinion, Error> {
    let Some(critic) = &job.policy.lanes.critic else { return Ok(Opinion::Unasked) };
    let ctx = &job.ctx.again()?;
    trust::require_named(ctx, ROLE, &format!("asking the critic about issue {walk}"))?;
    let whole = survey::show(ctx, walk)?;
    let Some(tip) = &whole.tip else { return Ok(Opinion::Unasked) };
    let session = &whole.chain.session;
    let name = format!("{ROLE}-{walk}");
    let bench = Bench::set_up(ctx, &ctx.repo.git, &name, tip, narrator)?;
    let lane = job.policy.lanes.lanes.get(&entry.lane);
    let prompt = brief(ctx, session, tip, entry, lane, &bench.folder)?;
    let chosen = Chosen { command: critic.command.clone(), by: By::Team };
    let filling = Filling { id: walk, role: ROLE, worktree: &bench.folder, prompt: &prompt };
    let ready = agents::ready(ctx, &chosen, &filling)?;
    let name = format!("critic of {walk} ({})", ready.name);
    narrator.begin(&name);
    let number = runs::read(&ctx.repo.own_folder(), walk)?.map_or(1, |runs| runs.next_number());
    let mut log = Log::begin(Path::new(&session.worktree), number, ROLE)?;
    let ended = start(job, walk, &ready, &bench.folder, &mut log);
    job.printed.set(job.printed.get().saturating_add(log.total()));
    let said = opinion(&log.last_words(LAST_WORDS));
    let path = log.path();
    if let Some(error) = log.end() {
        narrator.say(&format!("its log could not be written: {error}"));
    }
    let given = judged(critic, ended, said, &path);
    let (how, mark) = match &given {
        Opinion::Said(one) => (format!("{}: {}", one.score, one.evidence), Mark::Good),
        Opinion::None(why) => (format!("no opinion: {why}"), Mark::Bad),
        Opinion::Unasked | Opinion::Stopped => ("stopped".to_owned(), Mark::Open),
    };
    narrator.end(&name, &how, mark);
    Ok(given)
}

fn judged(critic: &Critic, ended: Ended, said: Option<(u32, String)>, log: &str) -> Opinion {
    let why = match ended {
        Ended::Exited(0) => match said {
            Some((score, evidence)) => {
                let (name, least) = ("Critic", critic.least);
                return Opinion::Said(Dimension { name, score, least, evidence });
            }
            None => "no line of what it printed begins with CRITIC: and a score".to_owned(),
        },
        Ended::Exited(code) => format!("it ended with exit code {code}"),
        Ended::TimedOut => "it was ended at its time limit".to_owned(),
        Ended::Stopped => return Opinion::Stopped,
        Ended::NotStarted(error) => format!("it could not start: {error}"),
    };
    Opinion::None(format!("{why} (log: {log})"))
}

fn start(job: &Job<'_>, walk: &IssueId, ready: &Ready, folder: &Path, log: &mut Log) -> Ended {
    let with: [(&str, OsString); 3] = [
        ("ORCH_ISSUE", walk.as_str().into()),
        ("ORCH_PHASE", ROLE.into()),
        ("GIT_TERMINAL_PROMPT", "0".into()),
    ];
    let mut without = local_variables().to_vec();
    without.extend(["ORCH_TASK", "ORCH_CONTEXT", "ORCH_ATTEMPT"]);
    let work = supervise::Job {
        program: &ready.program,
        args: &ready.args,
        input: ready.input.as_deref(),
        folder,
        without: &without,
        with: &with,
        limit: Duration::from_secs(job.policy.agents.timeout(ROLE)),
        held: None,
    };
    let attending = job.stop.attend();
    let outcome = supervise::run(&work, job.stop, &mut |bytes| log.take(bytes));
    drop(attending);
    outcome.ended
}

/// What a critic is told.
fn brief(
    ctx: &Context,
    session: &Session,
    tip: &CommitId,
    entry: &Entry,
    lane: Option<&Lane>,
    folder: &Path,
) -> Result<String, Error> {
    let spec = session.spec.as_ref().map(|frozen| &frozen.spec);
    let criteria: Vec<_> = spec
        .iter()
        .flat_map(|spec| &spec.criteria)
        .map(|one| {
            let command = match &one.check {
                Check::Command(command) => Some(command.as_str()),
                Check::Manual | Check::Missing => None,
            };
            context! { number => one.number, text => one.text, command }
        })
        .collect();
    let values = context! {
        role => ROLE,
        issue => session.issue.as_str(),
        title => session.title,
        goal => spec.map(|spec| spec.goal.as_str()).unwrap_or_default(),
        criteria,
        base => session.base,
        tip => tip.as_str(),
        worktree => folder.display().to_string(),
        lane => templates::lane(entry.lane.as_str(), lane),
    };
    let main = ctx.repo.main_worktree.as_deref();
    templates::agent(main, ROLE, Some(entry.lane.as_str()), values)
}
