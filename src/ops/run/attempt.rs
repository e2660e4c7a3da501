//! One run of an agent, from the brief to what git-orch makes of it.

use std::cell::Cell;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::claim::Runner;
use super::instead;
use super::log::Log;
use super::park::{IDLE, Person};
use super::progress::Progress;
use crate::agent::backoff::{Backoff, luck};
use crate::agent::stop::{self, Stop};
use crate::agent::supervise::{self, Ended, Job, Outcome};
use crate::agent::tool;
use crate::clock;
use crate::context::Context;
use crate::domain::agents::{
    AgentCommand, Agents, Judgement, Retry, RunEnd, judge, turns_reported,
};
use crate::domain::ids::IssueId;
use crate::domain::phase::Phase;
use crate::error::Error;
use crate::git::exec::local_variables;
use crate::ops::agents::{self, By, Filling, Ready};
use crate::ops::prime::{self, Brief};
use crate::ops::{Mark, Narrator, heal, survey, trust};
use crate::store::layout;
use crate::store::runs::Run;

/// How much of the end of an agent's output is looked at when it failed, in bytes.
const LAST_WORDS: usize = 8 * 1024;

/// What is to be done.
pub(super) struct Work<'a> {
    /// For this issue.
    pub id: &'a IssueId,
    /// In this phase.
    pub phase: Phase,
    /// With this agent, in place of the configured one.
    pub agent: Option<&'a AgentCommand>,
    /// As configured.
    pub agents: &'a Agents,
    /// Bytes that agents printed are added here.
    pub printed: &'a Cell<u64>,
    /// An agent that ends well and has changed nothing is not asked again.
    pub once: bool,
}

/// What came of a run.
pub(super) enum Came {
    /// It ended; the issue is to be looked at again.
    Ended,
    /// It was ended because this signal came.
    Interrupted(i32),
    /// Another run would end the same way.
    Hopeless(Person),
}

/// An agent about to run.
struct Start {
    brief: Brief,
    ready: Ready,
    worktree: PathBuf,
    attempt: u32,
    before: Progress,
}

/// Runs the agent of a phase once.
pub(super) fn run(
    ctx: &Context,
    work: &Work<'_>,
    runner: &mut Runner,
    stop: &Stop,
    narrator: &mut dyn Narrator,
) -> Result<Came, Error> {
    let start = prepare(ctx, work, runner)?;
    let number = runner.runs.next_number();
    let mut log = Log::begin(&start.worktree, number, start.brief.role)?;
    runner.runs.not_before = None;
    runner.runs.spent.runs += 1;
    runner.runs.push(Run {
        number,
        role: start.brief.role.to_owned(),
        task: start.brief.task,
        attempt: start.attempt,
        started: ctx.now.to_string(),
        ended: None,
        log: log.path(),
    });
    runner.save()?;
    let name = name(&start);
    narrator.begin(&format!("{name}, log {}", log.path()));
    // From here until the end is on record, a signal ends the agent and not us.
    let attending = stop.attend();
    let limit = limit(work, runner);
    let outcome = supervise(ctx, work, &start, limit, runner, stop, &mut log);
    let words = log.last_words(LAST_WORDS);
    work.printed.set(work.printed.get().saturating_add(log.total()));
    runner.runs.printed = runner.runs.printed.saturating_add(log.total());
    if let Some(error) = log.end() {
        narrator.say(&format!("its log could not be written: {error}"));
    }
    if outcome.left_running {
        narrator.say(&format!("{name} left processes running; they were ended"));
    }
    let millis = u64::try_from(outcome.took.as_millis()).unwrap_or(u64::MAX);
    runner.runs.spent.millis = runner.runs.spent.millis.saturating_add(millis);
    runner.runs.spent.turns += words.lines().filter_map(turns_reported).next_back().unwrap_or(0);
    if let (Ended::Stopped, Some(signal)) = (&outcome.ended, stop.caught()) {
        let words = format!("ended by {}", stop::name(signal));
        narrator.end(&name, &words, Mark::Open);
        finish(runner, words)?;
        return Ok(Came::Interrupted(signal));
    }
    let fresh = ctx.again()?;
    instead::all(&fresh, work.id, &start.brief, &start.worktree, narrator);
    let after = Progress::of(&survey::show(&fresh, work.id)?);
    let further = after.is_beyond(&start.before);
    let end = run_end(&outcome, limit);
    let judgement = judge(&end, &words, further, &work.agents.retry);
    count(runner, &judgement, further, &work.agents.retry);
    let mark = if judgement == Judgement::Good { Mark::Good } else { Mark::Bad };
    narrator.end(&name, &judgement.words(), mark);
    finish(runner, judgement.words())?;
    drop(attending);
    let log = runner.runs.runs.last().map(|run| run.log.clone()).unwrap_or_default();
    let role = start.brief.role;
    let (code, why) = match judgement {
        Judgement::Hopeless(why) => {
            ("hopeless", format!("the {role} cannot work: {why} (log: {log})"))
        }
        Judgement::Idle if work.once => (IDLE, format!("the {role} changed nothing (log: {log})")),
        _ => return Ok(Came::Ended),
    };
    Ok(Came::Hopeless(Person { code, why, fix: format!("git orch run {}", work.id) }))
}

/// Chooses the agent and writes its brief; everything that can be refused is refused here.
fn prepare(ctx: &Context, work: &Work<'_>, runner: &Runner) -> Result<Start, Error> {
    let role = work.phase.role();
    let chosen = agents::choose(ctx, work.agent, work.agents, role)?;
    if chosen.by == By::Team {
        trust::require_agent(ctx, role, &format!("starting the {role} of issue {}", work.id))?;
    }
    let whole = survey::show(ctx, work.id)?;
    let worktree = PathBuf::from(&whole.chain.session.worktree);
    if let Some(last) = runner.runs.runs.last().and_then(|run| run.started.parse().ok()) {
        heal::after_agent(ctx, &whole.chain.session, last);
    }
    let before = Progress::of(&whole);
    let brief = prime::brief(ctx, work.id, Some(work.phase), prime::LIMIT)?;
    let filling = Filling { id: work.id, role, worktree: &worktree, prompt: &brief.text };
    let ready = agents::ready(ctx, &chosen, &filling)?;
    Ok(Start { brief, ready, worktree, attempt: runner.runs.failures + 1, before })
}

fn name(start: &Start) -> String {
    let Start { brief, ready, attempt, .. } = start;
    let task = brief.task.map(|task| format!(", task {task}")).unwrap_or_default();
    let again = if *attempt > 1 { format!(", attempt {attempt}") } else { String::new() };
    format!("{}{task} ({}{again})", brief.role, ready.name)
}

/// Longest time of this run: what one run may take, or what is left of the whole.
fn limit(work: &Work<'_>, runner: &Runner) -> Duration {
    let all = Duration::from_secs(work.agents.budget.minutes.saturating_mul(60));
    let left = all.saturating_sub(Duration::from_millis(runner.runs.spent.millis));
    Duration::from_secs(work.agents.timeout(work.phase.role())).min(left)
}

fn supervise(
    ctx: &Context,
    work: &Work<'_>,
    start: &Start,
    limit: Duration,
    runner: &Runner,
    stop: &Stop,
    log: &mut Log,
) -> Outcome {
    let with = variables(ctx, work, start);
    let mut without = local_variables().to_vec();
    without.push("ORCH_TASK");
    let job = Job {
        program: &start.ready.program,
        args: &start.ready.args,
        input: start.ready.input.as_deref(),
        folder: &start.worktree,
        without: &without,
        with: &with,
        limit,
        held: Some(&runner.lock.file),
    };
    supervise::run(&job, stop, &mut |bytes| log.take(bytes))
}

/// What the agent finds in its environment.
fn variables(ctx: &Context, work: &Work<'_>, start: &Start) -> Vec<(&'static str, OsString)> {
    let mut with: Vec<(&'static str, OsString)> = vec![
        ("ORCH_ISSUE", work.id.as_str().into()),
        ("ORCH_PHASE", work.phase.name().into()),
        ("ORCH_CONTEXT", start.worktree.join(layout::CONTEXT).into()),
        ("ORCH_ATTEMPT", start.attempt.to_string().into()),
        // A question on the terminal would wait for the time limit.
        ("GIT_TERMINAL_PROMPT", "0".into()),
    ];
    if let Some(task) = start.brief.task {
        with.push(("ORCH_TASK", task.to_string().into()));
    }
    with.extend(path_with_us(ctx).map(|path| ("PATH", path)));
    with
}

/// PATH with the folder of this program, where `git orch` would not be found otherwise.
fn path_with_us(ctx: &Context) -> Option<OsString> {
    if tool::find("git-orch").is_some() {
        return None;
    }
    let program = ctx.around.program.as_deref()?;
    if program.file_name()? != "git-orch" {
        return None;
    }
    let mut path = ctx.around.search_path.clone().unwrap_or_default();
    path.push(":");
    path.push(program.parent().unwrap_or(Path::new("/")));
    Some(path)
}

fn run_end(outcome: &Outcome, limit: Duration) -> RunEnd {
    match &outcome.ended {
        Ended::Exited(code) => RunEnd::Exit(*code),
        // Stopped without a signal does not happen; it would be as good as the limit.
        Ended::TimedOut | Ended::Stopped => RunEnd::TimedOut(limit.as_secs()),
        Ended::NotStarted(error) => RunEnd::NotStarted(error.to_string()),
    }
}

/// Counts the run, and says when the next may begin.
fn count(runner: &mut Runner, judgement: &Judgement, further: bool, retry: &Retry) {
    let runs = &mut runner.runs;
    runs.failures = if further { 0 } else { runs.failures + 1 };
    runs.not_before = judgement.wait(retry).map(|first| {
        let backoff = Backoff {
            first: Duration::from_secs_f64(first),
            longest: Duration::from_secs_f64(retry.longest_wait),
        };
        let wait = backoff.wait(runs.failures.max(1), luck());
        clock::now_millis() + i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)
    });
}

fn finish(runner: &mut Runner, words: String) -> Result<(), Error> {
    if let Some(run) = runner.runs.runs.last_mut() {
        run.ended = Some(words);
    }
    runner.save()
}
