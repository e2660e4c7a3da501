//! `git orch lanes`.

mod show;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::json;

use self::show::Lines;
use super::run::named_agent;
use super::speech::Speech;
use crate::agent::stop::{self, Stop};
use crate::context::Context;
use crate::domain::catalog::LaneName;
use crate::error::Error;
use crate::ops::lanes::follow::Follow;
use crate::ops::lanes::hunt::{self, Fate};
use crate::ops::lanes::orchestrate::{self, Ended};
use crate::ops::lanes::plan::{self, Request};
use crate::ops::lanes::{survey, tend, work};
use crate::ui::progress::Progress;

/// How often a log that is followed is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// Run the issues of the catalog in parallel lanes, each to its landing
#[derive(Debug, Args)]
pub struct Lanes {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run lanes, or go on with a run that did not come to its end
    Run(Box<Run>),
    /// Say how the newest run stands: counts, and at most twenty lanes that want a look
    Status {
        /// Only what changed since an earlier look, by the cursor that it gave
        #[arg(long, value_name = "CURSOR")]
        since: Option<u64>,
    },
    /// Ask the run to stop; `resume` goes on
    Stop,
    /// Go on with a run that did not come to its end
    Resume,
    /// Print the logs of a lane: those of its worker and of the agent it runs
    Logs {
        /// The lane
        lane: LaneName,
        /// Go on printing what is new until the lane ends
        #[arg(short, long)]
        follow: bool,
    },
    /// Let an agent a lane look for new issues; what fails now and is new gets into the catalog
    Hunt(Hunt),
    /// Find what an ended run left behind
    Doctor,
    /// What works on a lane; `run` starts it
    #[command(hide = true)]
    Work {
        /// The lane
        lane: LaneName,
        /// The run
        #[arg(long)]
        run: String,
    },
}

#[derive(Debug, Args)]
struct Run {
    #[command(flatten)]
    what: What,
    #[command(flatten)]
    look: Look,
    #[command(flatten)]
    agent: Agent,
}

/// What a run takes on.
#[derive(Debug, Args)]
struct What {
    /// The catalog [default: .orchestration/catalog.md]
    #[arg(long, value_name = "FILE")]
    catalog: Option<PathBuf>,
    /// Only these lanes, such as E,M
    #[arg(long, value_delimiter = ',', value_name = "LANES", conflicts_with = "all")]
    lanes: Vec<LaneName>,
    /// Every lane, which is the default
    #[arg(long)]
    all: bool,
    /// Most lanes at work at once [default: 4, or lanes.jobs of the configuration]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    /// Try again what was given up before, also when nothing about it changed
    #[arg(long)]
    again: bool,
}

#[derive(Debug, Args)]
struct Hunt {
    /// The catalog [default: .orchestration/catalog.md]
    #[arg(long, value_name = "FILE")]
    catalog: Option<PathBuf>,
    /// Only these lanes, such as E,M
    #[arg(long, value_delimiter = ',', value_name = "LANES")]
    lanes: Vec<LaneName>,
    #[command(flatten)]
    agent: Agent,
}

/// Looking at what would be done.
#[derive(Debug, Args)]
struct Look {
    /// Print the plan and the order of each issue; touch nothing
    #[arg(long = "dry-run")]
    only: bool,
    /// With --dry-run: print the orders as YAML
    #[arg(long, requires = "only")]
    yaml: bool,
}

/// Who does it.
#[derive(Debug, Args)]
struct Agent {
    /// The agent, by name: claude, codex, gemini, aider, opencode, copilot, scripted
    #[arg(long = "agent", value_name = "NAME", conflicts_with = "command")]
    name: Option<String>,
    /// The script of the scripted agent
    #[arg(long, value_name = "FILE", conflicts_with = "command")]
    script: Option<PathBuf>,
    /// The agent, as a command
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

/// Runs the verb.
pub fn run(args: Lanes, speech: &mut Speech) -> Result<(), Error> {
    match args.verb {
        Verb::Run(args) => lanes(*args, speech),
        Verb::Resume => {
            let request = Request { resume: true, ..Request::default() };
            go(&Context::open("lanes resume")?, &request, speech)
        }
        Verb::Status { since } => status(since, speech),
        Verb::Stop => {
            let ctx = Context::open("lanes stop")?;
            let asked = tend::stop(&ctx)?;
            speech.out.done(if asked == 0 {
                "nothing was running"
            } else {
                "the lanes have stopped"
            });
            speech.out.next("git orch lanes resume");
            Ok(())
        }
        Verb::Logs { lane, follow } => logs(&lane, follow, speech),
        Verb::Hunt(args) => hunt(args, speech),
        Verb::Doctor => doctor(speech),
        Verb::Work { lane, run } => {
            let ctx = Context::open(&format!("lanes work {lane}"))?;
            let stop = listen()?;
            let mut progress = Progress::new(&speech.out, true);
            work::run(&ctx, &run, &lane, &stop, &mut progress).map(drop)
        }
    }
}

fn logs(lane: &LaneName, follow: bool, speech: &Speech) -> Result<(), Error> {
    let ctx = Context::open("lanes logs")?;
    let mut logs = Follow::new(&ctx, lane);
    let mut last: Option<PathBuf> = None;
    loop {
        let over = logs.look(&mut |path, bytes| {
            if last.as_deref() != Some(path) {
                speech.out.note(&format!("── {}", path.display()));
                last = Some(path.to_owned());
            }
            speech.out.answer(String::from_utf8_lossy(bytes).trim_end());
        })?;
        if over || !follow {
            return Ok(());
        }
        std::thread::sleep(LOOK);
    }
}

fn listen() -> Result<Stop, Error> {
    Stop::listen()
        .map_err(|e| Error::surroundings(format!("signals cannot be heard: {e}"), "ulimit -n"))
}

fn lanes(args: Run, speech: &mut Speech) -> Result<(), Error> {
    let ctx = Context::open("lanes run")?;
    let Run { what, look, agent } = args;
    // A worker is started elsewhere, so a script is named in full.
    let script = agent.script.map(|path| ctx.around.folder.join(path));
    let request = Request {
        catalog: what.catalog,
        lanes: what.lanes,
        jobs: what.jobs.map(usize::from),
        agent: named_agent(agent.name, script.as_deref(), agent.command, "lanes run")?,
        again: what.again,
        resume: false,
    };
    if look.only {
        return dry_run(&ctx, &request, look.yaml, speech);
    }
    go(&ctx, &request, speech)
}

fn dry_run(ctx: &Context, request: &Request, yaml: bool, speech: &Speech) -> Result<(), Error> {
    let made = plan::make(ctx, request)?;
    if speech.json {
        let complaints: Vec<String> = made.complaints.iter().map(ToString::to_string).collect();
        let value = json!({
            "plan": made.plan, "orders": made.orders, "complaints": complaints,
        });
        speech.out.json("lanes-plan", &value);
        return Ok(());
    }
    for complaint in &made.complaints {
        speech.out.note(&complaint.to_string());
    }
    if yaml {
        let text = serde_saphyr::to_string(&made.orders)
            .map_err(|e| Error::usage(format!("the orders cannot be written: {e}"), "--json"))?;
        speech.out.answer(text.trim_end());
        return Ok(());
    }
    show::plan(&made, speech);
    Ok(())
}

fn go(ctx: &Context, request: &Request, speech: &mut Speech) -> Result<(), Error> {
    let stop = listen()?;
    let mut lines = Lines::new(speech);
    let ended = orchestrate::run(ctx, request, &stop, &mut lines);
    lines.still();
    drop(lines);
    match ended? {
        Ended::Nothing(left_out) => {
            for (id, why) in &left_out {
                speech.out.note(&format!("{id}: {why}"));
            }
            if speech.json {
                let value = json!({ "end": "nothing", "left": left_out });
                speech.out.json_line("lanes", &value);
            } else {
                speech.out.done(if request.resume {
                    "nothing to do: no run was left before its end"
                } else {
                    "nothing to do: no lane has an open issue that can be taken on"
                });
            }
        }
        Ended::Finished(report) => {
            if speech.json {
                let value = json!({
                    "end": "finished", "landed": report.landed, "skipped": report.skipped,
                    "left": report.left, "report": report.file, "unsynced": report.unsynced,
                });
                speech.out.json_line("lanes", &value);
            } else {
                show::ended(&report, speech);
            }
        }
        Ended::Interrupted(signal) => {
            speech.out.alert(&format!("ended by {}", stop::name(signal)));
            speech.out.next("git orch lanes resume");
            stop.obey();
        }
    }
    Ok(())
}

fn status(since: Option<u64>, speech: &Speech) -> Result<(), Error> {
    let ctx = Context::open("lanes status")?;
    let Some(survey) = survey::look(&ctx, since)? else {
        speech.out.note("no lanes were run here");
        speech.out.next("git orch lanes run --dry-run");
        return Ok(());
    };
    if speech.json {
        speech.out.json("lanes-status", &survey);
        return Ok(());
    }
    show::status(&survey, speech);
    Ok(())
}

fn hunt(args: Hunt, speech: &mut Speech) -> Result<(), Error> {
    let ctx = Context::open("lanes hunt")?;
    let Hunt { catalog, lanes, agent } = args;
    let script = agent.script.map(|path| ctx.around.folder.join(path));
    let agent = named_agent(agent.name, script.as_deref(), agent.command, "lanes hunt")?;
    let stop = listen()?;
    let mut progress = Progress::new(&speech.out, !speech.json);
    let request = hunt::Request { catalog, lanes, agent };
    let found = hunt::run(&ctx, &request, &stop, &mut progress);
    drop(progress);
    let found = found?;
    let fate = |fate: &Fate| match fate {
        Fate::Added(id) => ("added", id.to_string()),
        Fate::Known(id) => ("known", id.to_string()),
        Fate::Rejected(why) => ("rejected", why.clone()),
    };
    if speech.json {
        let list: Vec<_> = found
            .iter()
            .map(|one| {
                let (word, detail) = fate(&one.fate);
                json!({ "lane": one.lane.as_str(), "file": one.file, "fate": word, "detail": detail })
            })
            .collect();
        speech.out.json("lanes-hunt", &list);
        return Ok(());
    }
    let added = found.iter().filter(|one| matches!(one.fate, Fate::Added(_))).count();
    speech.out.done(&format!("{} proposed, {added} added to the catalog", found.len()));
    if added > 0 {
        speech.out.next("git orch trust --catalog FILE, once you have read and committed them");
    }
    Ok(())
}

fn doctor(speech: &Speech) -> Result<(), Error> {
    let ctx = Context::open("lanes doctor")?;
    let found = tend::doctor(&ctx)?;
    if speech.json {
        let list: Vec<_> =
            found.iter().map(|one| json!({ "what": one.what, "fix": one.fix })).collect();
        speech.out.json("lanes-doctor", &list);
        return Ok(());
    }
    if found.is_empty() {
        speech.out.done("nothing is left behind");
    }
    for one in &found {
        speech.out.answer(&one.what);
        speech.out.next(&one.fix);
    }
    Ok(())
}
