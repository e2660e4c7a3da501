//! `lanes hunt`: an agent a lane looks for new issues and writes each as a file into an inbox.
//!
//! What an agent proposes is looked at before it gets into the catalog: its form; that its
//! verification commands fail *now*, since an issue whose check already passes is none; and that
//! no issue there is, open or resolved, says the same. The agent works in a throw-away worktree of
//! the base, so that whatever it does to files there is without effect.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::agent::stop::Stop;
use crate::agent::supervise::{self, Ended, Job};
use crate::agent::{self, Check as Command, End};
use crate::context::Context;
use crate::domain::agents::AgentCommand;
use crate::domain::catalog::{Entry, LaneName, Level, Severity};
use crate::domain::ids::IssueId;
use crate::domain::lane::likeness::Likeness;
use crate::error::Error;
use crate::git::exec::local_variables;
use crate::ops::agents::{self, By, Chosen, Filling};
use crate::ops::catalog::{self, Place, add};
use crate::ops::land::bench::Bench;
use crate::ops::{Mark, Narrator, policy, trust};
use crate::store::atomic::Folder;
use crate::store::catalog::{Catalog, issue_file};
use crate::store::layout;

/// The issue that a hunter's environment names.
const NOBODY: &str = "hunt";

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The page of the catalog.
    pub catalog: Option<PathBuf>,
    /// These lanes; all that the catalog or the configuration names when empty.
    pub lanes: Vec<LaneName>,
    /// The agent, in place of the configured hunters.
    pub agent: Option<AgentCommand>,
}

/// What became of a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is in the catalog now, under this number.
    Added(IssueId),
    /// It was there already, under this number.
    Known(IssueId),
    /// It is none, for this reason.
    Rejected(String),
}

/// A proposal and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The lane.
    pub lane: LaneName,
    /// The file in the inbox.
    pub file: PathBuf,
    /// What became of it.
    pub fate: Fate,
}

/// Starts each lane's hunter and looks at what it proposes.
pub fn run(
    ctx: &Context,
    request: &Request,
    stop: &Stop,
    narrator: &mut dyn Narrator,
) -> Result<Vec<Proposal>, Error> {
    let place = catalog::place(ctx, request.catalog.as_deref())?;
    let lanes = lanes(ctx, request, &place)?;
    if lanes.is_empty() {
        return Err(Error::usage("no lane is known", "git orch lanes hunt --lanes E"));
    }
    let mut found = Vec::new();
    for lane in lanes {
        if stop.caught().is_some() {
            break;
        }
        let hunt = Hunt { ctx, request, place: &place, lane: &lane };
        found.extend(hunt.go(stop, narrator)?);
    }
    Ok(found)
}

/// The lanes to hunt in.
fn lanes(ctx: &Context, request: &Request, place: &Place) -> Result<Vec<LaneName>, Error> {
    if !request.lanes.is_empty() {
        return Ok(request.lanes.clone());
    }
    let mut lanes: Vec<LaneName> = policy::in_force(ctx)?.lanes.lanes.into_keys().collect();
    if place.page().is_file() {
        lanes.extend(catalog::read(place)?.entries.into_values().map(|entry| entry.lane));
    }
    lanes.sort();
    lanes.dedup();
    Ok(lanes)
}

struct Hunt<'a> {
    ctx: &'a Context,
    request: &'a Request,
    place: &'a Place,
    lane: &'a LaneName,
}

impl Hunt<'_> {
    fn go(&self, stop: &Stop, narrator: &mut dyn Narrator) -> Result<Vec<Proposal>, Error> {
        let base = policy::base_branch(&self.ctx.repo)?.unwrap_or_default();
        let tip = self.ctx.repo.branch_tip(&base)?.ok_or_else(|| {
            Error::usage("there is no base branch to look at", "git commit --allow-empty -m Begin")
        })?;
        let chosen = self.hunter()?;
        let name = format!("hunt-{}", self.lane);
        let bench = Bench::set_up(self.ctx, &self.ctx.repo.git, &name, &tip, narrator)?;
        let below = format!("{}/hunt-{}/{}", layout::REPORTS, self.ctx.now.compact(), self.lane);
        let inbox = Folder::create(self.ctx.repo.home(), &below)?;
        self.start(&chosen, &bench, inbox.path(), stop, narrator)?;
        let mut found = Vec::new();
        for file in inbox.names()?.into_iter().filter(|name| is_markdown(name)) {
            let bytes = inbox.read(&file)?.unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let fate = self.judge(&text, &bench, narrator)?;
            let (how, mark) = match &fate {
                Fate::Added(id) => (format!("added as {id}"), Mark::Good),
                Fate::Known(id) => (format!("there already, as {id}"), Mark::Open),
                Fate::Rejected(why) => (format!("no issue: {why}"), Mark::Bad),
            };
            narrator.end(&format!("lane {}, {file}", self.lane), &how, mark);
            let file = inbox.path().join(file);
            found.push(Proposal { lane: self.lane.clone(), file, fate });
        }
        Ok(found)
    }

    /// The agent that looks: of the command line, or the lane's own.
    fn hunter(&self) -> Result<Chosen, Error> {
        if let Some(command) = &self.request.agent {
            return Ok(Chosen { command: command.clone(), by: By::User });
        }
        let policy = policy::in_force(self.ctx)?;
        let own = policy.lanes.lanes.get(self.lane).and_then(|lane| lane.hunter.clone());
        let Some(command) = own else {
            return Err(Error::surroundings(
                format!("no hunter is configured for lane {}", self.lane),
                "git orch lanes hunt -- my-hunter   # or [lanes.lane.E] hunter in the configuration",
            ));
        };
        let what = format!("starting the hunter of lane {}", self.lane);
        trust::require_named(self.ctx, &format!("hunter {}", self.lane), &what)?;
        Ok(Chosen { command, by: By::Team })
    }

    fn start(
        &self,
        chosen: &Chosen,
        bench: &Bench,
        inbox: &Path,
        stop: &Stop,
        narrator: &mut dyn Narrator,
    ) -> Result<(), Error> {
        let policy = policy::in_force(self.ctx)?;
        let nobody: IssueId =
            NOBODY.parse().map_err(|e| Error::usage(format!("{e}"), "git orch lanes hunt"))?;
        let prompt = self.brief(inbox)?;
        let filling =
            Filling { id: &nobody, role: "hunter", worktree: &bench.folder, prompt: &prompt };
        let ready = agents::ready(self.ctx, chosen, &filling)?;
        let with: [(&str, OsString); 5] = [
            ("ORCH_LANE", self.lane.as_str().into()),
            ("ORCH_INBOX", inbox.as_os_str().to_owned()),
            ("ORCH_ISSUE", NOBODY.into()),
            ("ORCH_PHASE", "hunt".into()),
            ("GIT_TERMINAL_PROMPT", "0".into()),
        ];
        let name = format!("hunter of lane {} ({})", self.lane, ready.name);
        narrator.begin(&name);
        let attending = stop.attend();
        let mut printed = 0;
        let job = Job {
            program: &ready.program,
            args: &ready.args,
            input: ready.input.as_deref(),
            folder: &bench.folder,
            without: local_variables(),
            with: &with,
            limit: Duration::from_secs(policy.agents.timeout),
            held: None,
        };
        let outcome = supervise::run(&job, stop, &mut |bytes| printed += bytes.len());
        drop(attending);
        let (how, mark) = match outcome.ended {
            Ended::Exited(0) => (format!("ended, {printed} bytes printed"), Mark::Good),
            Ended::Exited(code) => (format!("exit code {code}"), Mark::Bad),
            Ended::TimedOut => ("ended at its time limit".to_owned(), Mark::Bad),
            Ended::Stopped => ("stopped".to_owned(), Mark::Open),
            Ended::NotStarted(error) => (format!("could not start: {error}"), Mark::Bad),
        };
        narrator.end(&name, &how, mark);
        Ok(())
    }

    /// What a hunter is told.
    fn brief(&self, inbox: &Path) -> Result<String, Error> {
        let policy = policy::in_force(self.ctx)?;
        let lane = policy.lanes.lanes.get(self.lane);
        let about = lane.map(|lane| lane.description.clone()).unwrap_or_default();
        let paths = lane.map(|lane| lane.paths.join(", ")).unwrap_or_default();
        let mut text = format!("You hunt issues of lane {} in this worktree. ", self.lane);
        text.push_str(&format!("{about}\n"));
        if !paths.is_empty() {
            text.push_str(&format!("Look at {paths}.\n"));
        }
        text.push_str(&format!(
            "Write each issue as a Markdown file of its own into {}:\n\n---\nlane: \"{}\"\n\
             severity: 5\naffected_paths: [\"path/of/a/file\"]\n---\n\n# What is wrong, in one \
             line\n\n## Problem Description\n\n## Evidence\n\n## Fix Requirements\n\n## \
             Verification Commands\n\n```sh\na command that fails now and passes once it is \
             fixed\n```\n\nChange nothing else. An issue whose command passes already is none.\n",
            inbox.display(),
            self.lane
        ));
        Ok(text)
    }

    /// Looks at a proposal.
    fn judge(&self, text: &str, bench: &Bench, narrator: &mut dyn Narrator) -> Result<Fate, Error> {
        let entry = match self.form(text) {
            Ok(entry) => entry,
            Err(why) => return Ok(Fate::Rejected(why)),
        };
        let limit = policy::in_force(self.ctx)?.check_timeout;
        if entry.checks.iter().all(|check| passes(&check.command(), &bench.folder, limit)) {
            return Ok(Fate::Rejected("its verification commands pass already".to_owned()));
        }
        if self.place.page().is_file() {
            let known = catalog::read(self.place)?;
            if !half_added(&entry, &known)
                && let Some(why) = twin(&entry, &known)
            {
                return Ok(Fate::Rejected(why));
            }
        }
        let request = add::Request {
            lane: self.lane.clone(),
            title: entry.title.clone(),
            severity: Severity {
                level: entry.severity.level.or(Some(Level::Medium)),
                ..entry.severity
            },
            tags: entry.tags.clone(),
            paths: entry.paths.clone(),
            depends_on: entry.depends_on.clone(),
            problem: entry.problem.clone(),
            evidence: entry.evidence.clone(),
            fix: entry.fix.clone(),
            verify: entry.checks.iter().map(|c| format!("{}{}", c.setup, c.text)).collect(),
        };
        let report = add::run(self.ctx, self.place, &request, narrator)?;
        let id = report.entry.id;
        Ok(if report.already { Fate::Known(id) } else { Fate::Added(id) })
    }

    /// The issue in a proposal. It has no number yet, whatever it says, and it is open.
    fn form(&self, text: &str) -> Result<Entry, String> {
        let mut in_front = false;
        let named = |line: &str| ["issue_id:", "status:"].iter().any(|key| line.starts_with(key));
        let mut kept = String::new();
        for (number, line) in text.split_inclusive('\n').enumerate() {
            if line.trim_end() == "---" {
                if in_front {
                    kept.push_str("status: \"OPEN\"\n");
                }
                in_front = number == 0;
            } else if in_front && named(line) {
                continue;
            }
            kept.push_str(line);
        }
        let file = format!("issues/{lane}/{lane}-0.md", lane = self.lane);
        let mut complaints = Vec::new();
        let entry = issue_file::read(&kept, &file, &mut complaints);
        if let Some(grave) = complaints.iter().find(|complaint| complaint.grave) {
            return Err(match grave.line {
                0 => grave.what.clone(),
                line => format!("line {line}: {}", grave.what),
            });
        }
        let entry = entry.ok_or_else(|| "it is no issue file".to_owned())?;
        if entry.checks.is_empty() {
            return Err("it has no verification commands".to_owned());
        }
        Ok(entry)
    }
}

/// Whether a run that was killed wrote the file of this issue and not its row; adding it again does
/// what is missing.
fn half_added(entry: &Entry, known: &Catalog) -> bool {
    let listed = |id| known.page.rows.iter().any(|row| row.id == id);
    known.entries.values().any(|there| {
        there.lane == entry.lane
            && there.title.eq_ignore_ascii_case(&entry.title)
            && !listed(there.id.clone())
    })
}

fn is_markdown(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("md"))
}

/// The issue that says the same, and how alike they are.
fn twin(entry: &Entry, known: &Catalog) -> Option<String> {
    let likeness =
        |other: &Entry| Likeness::of((&entry.title, &entry.paths), (&other.title, &other.paths));
    let closest = known.entries.values().max_by_key(|other| likeness(other).weight())?;
    let how = likeness(closest);
    how.is_same().then(|| {
        format!(
            "{} says the same ({} % of the words of both titles, {} % of the paths): {}",
            closest.id, how.title, how.paths, closest.title
        )
    })
}

fn passes(command: &str, folder: &Path, limit: u64) -> bool {
    let ran = agent::check(
        &Command {
            command,
            folder,
            without: local_variables(),
            with: &[("GIT_TERMINAL_PROMPT", "0".into())],
            limit: Duration::from_secs(limit),
            held: None,
        },
        &mut |_| {},
    );
    matches!(ran.end, End::Exited(0))
}
